/** Downloading a list as a CSV file. */

import { checkDownload } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { attempt } from './form.js';

/** @import { State } from '../types.js' */

/**
 * A link that downloads the whole of a list that the page shows in parts, with the same filters. The page itself shows a refusal, such as an ended
 * session: the browser would replace the page with the API's JSON.
 * @param {State} state
 * @param {string} path of the API
 */
export function download(state, path) {
  const begin = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    return attempt(state, async () => {
      await checkDownload(path);
      // The link is not in the document, so that this listener is not called again.
      Object.assign(document.createElement('a'), { href: `/api/v1${path}`, download: '' }).click();
    });
  };
  return html`<p><a class="button small" href="/api/v1${path}" download data-outside @click=${begin}>${t('download-csv')}</a></p>`;
}
