/** A list as a file. */

import { canBeHad } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { attempt } from './form.js';

/** @import { State } from '../types.js' */

/**
 * A link to all of what is shown in parts, with the same filters. A refusal, as after the session's end, is told by the page: the browser alone would show
 * the server's answer to programs in place of it.
 * @param {State} state
 * @param {string} path of the API
 */
export function download(state, path) {
  const begin = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    return attempt(state, async () => {
      await canBeHad(path);
      // Outside the document: not to be asked again.
      Object.assign(document.createElement('a'), { href: `/api/v1${path}`, download: '' }).click();
    });
  };
  return html`<p><a class="button small" href="/api/v1${path}" download data-outside @click=${begin}>${t('download-csv')}</a></p>`;
}
