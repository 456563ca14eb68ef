/** The way of a visit: address -> page -> what it needs -> what it shows. */

import { ApiError, get } from './api.js';
import { match } from './router.js';
import { render } from './vendor/lit-html.js';
import { openDialog } from './ui/dialog.js';
import { shell } from './ui/shell.js';

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
// What stood there until the script ran.
root.replaceChildren();

/** What is on the screen, all of it. Pages keep theirs in `data`. */
const state = {
  /** @type {any} */ me: null,
  /** @type {any} */ page: null,
  /** @type {Record<string, string>} */ params: {},
  query: new URLSearchParams(),
  /** @type {any} */ data: {},
  /** @type {any} */ errors: {},
  message: '',
  /** @type {any} */ failure: null,
  /** @type {any} */ dialog: null,
  busy: false,
  loading: true,
  update,
  go,
  reload,
};

/** Shows the state. */
function update() {
  render(shell(state), root);
  openDialog(state);
}

/** Forgets what belonged to the page before. */
function clear() {
  Object.assign(state, { data: {}, errors: {}, message: '', failure: null, dialog: null, busy: false, loading: true });
}

/**
 * Goes to a path of these pages; to any other address by the browser.
 * @param {string} path
 */
function go(path) {
  history.pushState(null, '', path);
  return visit();
}

async function visit() {
  const { page, params } = match(location.pathname);
  clear();
  Object.assign(state, { page, params, query: new URLSearchParams(location.search) });
  document.title = `${page.title} · Vestibule`;
  update();
  await reload();
  root.querySelector('h1')?.focus();
}

/** Loads again what the page needs, and shows it. */
async function reload() {
  const { page } = state;
  try {
    if (!page.open) state.me = await get('/me');
    await page.load?.(state);
    state.failure = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'unauthorized' && !page.open) return signIn();
    state.failure = error;
  }
  if (state.page !== page) return;
  state.loading = false;
  update();
}

function signIn() {
  location.assign(`/login?return=${encodeURIComponent(location.pathname + location.search)}`);
}

/** @param {MouseEvent} event */
function follow(event) {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin || link.hasAttribute('data-outside')) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

document.addEventListener('click', follow);
window.addEventListener('popstate', visit);
visit();
