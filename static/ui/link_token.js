/** The secret of a link that somebody was given: it leaves the address, and stays with this tab for as long as it works. */

import { ApiError, post } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** Each page has its own. */
const name = () => `token:${location.pathname}`;

/**
 * The token leaves the address at once: it is not to be seen there, nor in the history. The tab keeps it, so that the page can be
 * loaded anew. Empty where there is none.
 * @param {URLSearchParams} query
 */
export function takeToken(query) {
  const token = query.get('token');
  if (!token) return sessionStorage.getItem(name()) ?? '';
  sessionStorage.setItem(name(), token);
  query.delete('token');
  const rest = query.toString();
  history.replaceState(null, '', location.pathname + (rest && `?${rest}`));
  return token;
}

/** The tab forgets the token: it was used, or opens nothing. */
export const dropToken = () => sessionStorage.removeItem(name());

/**
 * What the server says of a link; null where it opens nothing.
 * @param {string} path of the API
 * @param {string} token
 */
export async function inspect(path, token) {
  try {
    return token ? await post(path, { token }) : null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      dropToken();
      return null;
    }
    throw error;
  }
}

/** Where the address came without its token. @param {string} title */
export const unfinished = (title) => html`<h1 tabindex="-1">${title}</h1>
  <p class="notice warn">${t('link-incomplete')}</p>`;
