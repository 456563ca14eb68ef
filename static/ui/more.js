/** Long lists, shown page by page. */

import { get } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt } from './form.js';

/** @import { State } from '../types.js' */

/**
 * The button that adds the next page to `data.items`; nothing at the end of the list.
 * @param {State<{items: any[], next: string | null}>} state
 * @param {string} path of the list, with its query
 * @param {string} [text]
 */
export function showMore(state, path, text = t('show-more')) {
  const { items, next } = state.data;
  if (!next) return nothing;
  const joint = path.includes('?') ? '&' : '?';
  const more = () => attempt(state, async () => {
    const listing = await get(`${path}${joint}cursor=${encodeURIComponent(next)}`);
    Object.assign(state.data, { items: [...items, ...listing.items], next: listing.next });
  });
  return html`<p><button aria-disabled=${state.busy ? 'true' : nothing} @click=${more}>${text}</button></p>`;
}
