/** The secret of a link that a person received: it is removed from the address, and the tab keeps it as long as it is valid. */

import { ApiError, post } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** The key of the tab's storage, which is different for each page. */
const name = () => `token:${location.pathname}`;

/**
 * Removes the token from the address and the history. The tab keeps it, so that the page can be
 * reloaded. Returns an empty string if there is none.
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

/** Deletes the token from the tab's storage: it was used, or is not valid. */
export const dropToken = () => sessionStorage.removeItem(name());

/**
 * The server's description of a link; null if it is not valid.
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

/** The page for an address without its token. @param {string} title */
export const unfinished = (title) => html`<h1 tabindex="-1">${title}</h1>
  <p class="notice warn">${t('link-incomplete')}</p>`;
