/** Starts the console, and shows the page of each address: finds the page, loads its data and renders it. */

import { ApiError, get, isSignedOut, onSensitive, post, signInAddress } from './api.js';
import { missing } from './pages/missing.js';
import { match } from './router.js';
import { t } from './texts.js';
import { label } from './ui/brand.js';
import { openDialog } from './ui/dialog.js';
import { keepDraft, restoreDraft, watchDrafts } from './ui/drafts.js';
import { watchFields } from './ui/form.js';
import { closeMenus } from './ui/menu.js';
import { leave, showOnce, unkept } from './ui/once.js';
import { shell } from './ui/shell.js';
import { timeToast, watchToast } from './ui/toast.js';
import { render } from './vendor/lit-html.js';

/** @import { Me, Page, State } from './types.js' */

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const nobody = /** @type {Me} */ (/** @type {unknown} */ (null));

/** @type {State} */
const state = {
  me: nobody,
  page: missing,
  path: '',
  params: {},
  query: new URLSearchParams(),
  data: {},
  local: {},
  errors: {},
  notice: null,
  failure: null,
  dialog: null,
  busy: false,
  loading: false,
  menu: false,
  update,
  go,
  readdress,
  reload,
  signInAgain,
};

/** The number of page visits so far: a slow response must not overwrite the page of a later visit. */
let visits = 0;
/** Whether a page has been shown. Until then the document shows its own loading message. */
let arrived = false;
/** The path and query of the page that is shown or being loaded. */
let address = '';

/** Renders the state. */
function update() {
  render(shell(state), root);
  openDialog(state);
  showOnce();
  timeToast(state);
}

/**
 * Opens a page of the console.
 * @param {string} path
 */
function go(path) {
  leave(state, () => {
    history.pushState(null, '', path);
    scrollTo(0, 0);
    visit();
  });
}

/**
 * Gives the current page another address, with an entry in the browser's history, and does not load it again.
 * @param {string} path
 */
function readdress(path) {
  history.pushState(null, '', path);
  address = path;
}

/**
 * Opens the sign-in page after the session has ended; signing in returns here. Asks first if values that are shown only once were not copied yet.
 * @param {ApiError} error
 */
function signInAgain(error) {
  keepDraft(state);
  leave(state, () => location.assign(signInAddress(error, state.me, address)), {
    title: t('leave-session-over'), action: t('leave-sign-in'), lead: t('leave-session-over-lead'),
  });
}

/** Loads the signed-in person and the page's data, or returns the failure. `signedOut` is set if the person has to sign in again. */
async function gather(/** @type {Pick<State, 'page' | 'me' | 'params' | 'query' | 'local'>} */ coming) {
  const { page } = coming;
  let { me } = coming;
  try {
    if (!page.open) me = /** @type {Me} */ (await get('/me'));
    const data = (await page.load?.({ ...coming, me })) ?? {};
    return { me, data, failure: null, signedOut: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { me, data: {}, failure: error, signedOut: isSignedOut(error) && !page.open ? error : null };
  }
}

/**
 * A page in place of one whose modules could not be loaded, as after an upgrade of the server: reloads the whole document once the server answers.
 * @type {Page}
 */
const unloaded = {
  title: t('app-not-loaded'),
  view: () => '',
  load: async () => {
    location.assign(address);
    return {};
  },
};

/** @param {() => Promise<Page>} load */
async function fetched(load) {
  try {
    return await load();
  } catch (cause) {
    if (!arrived) throw cause;
    return unloaded;
  }
}

/** Loads and shows the page of the browser's address. The previous page stays on the screen until then. */
async function visit() {
  const mine = (visits += 1);
  address = location.pathname + location.search;
  const { load, params } = match(location.pathname);
  if (arrived) {
    Object.assign(state, { loading: true, menu: false });
    closeMenus();
    update();
  }
  const page = await fetched(load);
  if (mine !== visits) return;
  const coming = { page, path: location.pathname, params, query: new URLSearchParams(location.search), local: {}, me: state.me };
  const { signedOut, ...gathered } = await gather(coming);
  if (mine !== visits) return;
  if (signedOut) return location.assign(signInAddress(signedOut, state.me, address));
  const onward = gathered.me && coming.page.landing?.(gathered.me);
  if (onward) {
    history.replaceState(null, '', onward);
    return visit();
  }
  arrive({ ...coming, ...gathered });
}

/** @param {Partial<State> & {page: Page}} coming */
function arrive(coming) {
  // New elements, also for the same page of another organisation: text typed there must not stay in the fields.
  if (arrived) render(shell({ ...state, page: { ...state.page, view: () => '' }, failure: null, dialog: null }), root);
  else root.replaceChildren();
  arrived = true;
  const text = coming.page.news?.();
  Object.assign(state, coming, { errors: {}, notice: text ? { kind: 'good', text } : null, dialog: null, busy: false, loading: false });
  document.title = `${coming.page.title} · ${label()}`;
  update();
  root.querySelector('h1')?.focus({ preventScroll: true });
  jump();
  restoreDraft(state);
}

/** Scrolls to the section that the address names, which did not exist yet when the browser looked for it, and focuses its form. */
function jump() {
  const section = location.hash && root.querySelector(`section[id="${CSS.escape(location.hash.slice(1))}"]`);
  if (!section) return;
  section.scrollIntoView();
  /** @type {HTMLElement | undefined} */ (section.querySelector('form')?.elements[0])?.focus({ preventScroll: true });
}

/** Loads the data of the current page again, and renders it. */
async function reload() {
  const [mine, { page, params }] = [visits, state];
  const { signedOut, ...gathered } = await gather(state);
  // The person may have opened another page meanwhile.
  if (mine !== visits || state.page !== page || state.params !== params) return;
  if (signedOut) return signInAgain(signedOut);
  if (gathered.failure && unkept().length) {
    // Values that are shown only once stay on the screen.
    state.notice = { kind: 'bad', text: gathered.failure.message };
    return update();
  }
  Object.assign(state, gathered);
  update();
}

/**
 * Follows links to these pages without reloading the document.
 * @param {MouseEvent} event
 */
function follow(event) {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target);
  const link = target?.closest('a');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin || link.hasAttribute('data-outside')) return;
  const path = link.pathname + link.search;
  // The browser itself follows a link to a section of the current page.
  if (link.hash && path === address) {
    setTimeout(jump);
    return;
  }
  event.preventDefault();
  go(path + link.hash);
}

/** Reloads if another person has signed in in another tab: the page on the screen is not theirs. */
async function reloadForOtherPerson() {
  if (document.hidden || !state.me) return;
  const me = await get('/me').catch(() => null);
  if (me && me.person.id !== state.me.person.id) location.reload();
}

onSensitive(async (path, methods) => {
  const { confirmIdentity } = await import('./ui/reauthenticate.js');
  const password = (/** @type {string} */ typed) => post('/me/reauthenticate', { password: typed });
  return confirmIdentity({ me: state.me, path, methods, password });
});
watchToast(state);
watchFields(state);
watchDrafts();
document.addEventListener('click', follow);
document.addEventListener('visibilitychange', reloadForOtherPerson);
window.addEventListener('popstate', () => {
  // A link to a section of the current page, such as the skip link, changes only the hash.
  if (location.pathname + location.search === address) return;
  if (!unkept().length) {
    visit();
    return;
  }
  // The browser shows the other address already: put this page's address back until the person has decided.
  history.pushState(null, '', address);
  leave(state, () => history.back());
});
window.addEventListener('beforeunload', (event) => { if (unkept().length) event.preventDefault(); });
visit();
