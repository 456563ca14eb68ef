/** The way of a visit: address -> page -> what it needs -> what it shows. */

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

/** Counts the visits, so that a slow answer does not overwrite the page that came after it. */
let visits = 0;
/** Whether a page of ours is on the screen; until then the document itself says that it loads. */
let arrived = false;
/** The address that is on the screen or on its way there. */
let address = '';

/** Shows the state. */
function update() {
  render(shell(state), root);
  openDialog(state);
  showOnce();
  timeToast(state);
}

/**
 * Goes to one of these pages.
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
 * Another address for the page that is on the screen: the way back leads to the one before.
 * @param {string} path
 */
function readdress(path) {
  history.pushState(null, '', path);
  address = path;
}

/**
 * Sends somebody whose session has ended to sign in, and back here. What is shown once, and was not copied yet, would be lost: they are told first.
 * @param {ApiError} error
 */
function signInAgain(error) {
  keepDraft(state);
  leave(state, () => location.assign(signInAddress(error, state.me, address)), {
    title: t('leave-session-over'), action: t('leave-sign-in'), lead: t('leave-session-over-lead'),
  });
}

/** The signed-in person and the page's data; or the failure, and whether the person is to sign in again. */
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
 * In place of a page whose modules do not come, as after an upgrade: reloads the whole document, once the server answers.
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

/** Shows the page of the present address; the one before stays until this one is ready. */
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
  // Fresh elements, also for the same page of another organisation: nothing typed there may stay in the fields.
  if (arrived) render(shell({ ...state, page: { ...state.page, view: () => '' }, failure: null, dialog: null }), root);
  else root.replaceChildren();
  arrived = true;
  Object.assign(state, coming, { errors: {}, notice: null, dialog: null, busy: false, loading: false });
  document.title = `${coming.page.title} · ${label()}`;
  update();
  root.querySelector('h1')?.focus({ preventScroll: true });
  jump();
  restoreDraft(state);
}

/** Goes on to the section that the address names: it was not there yet when the browser looked for it. */
function jump() {
  const section = location.hash && root.querySelector(`section[id="${CSS.escape(location.hash.slice(1))}"]`);
  if (!section) return;
  section.scrollIntoView();
  /** @type {HTMLElement | undefined} */ (section.querySelector('form')?.elements[0])?.focus({ preventScroll: true });
}

/** Loads again what the page needs, and shows it. */
async function reload() {
  const [mine, { page, params }] = [visits, state];
  const { signedOut, ...gathered } = await gather(state);
  // Somebody may be on the way to another page, or there already.
  if (mine !== visits || state.page !== page || state.params !== params) return;
  if (signedOut) return signInAgain(signedOut);
  if (gathered.failure && unkept().length) {
    // What is shown once stays on the screen.
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
  // A jump within the page is the browser's own work.
  if (link.hash && path === address) return;
  event.preventDefault();
  go(path + link.hash);
}

/** Another tab may have signed somebody else in: what is on the screen is no longer theirs to change. */
async function lookWhoIsHere() {
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
document.addEventListener('visibilitychange', lookWhoIsHere);
window.addEventListener('popstate', () => {
  // A jump within the page, such as the skip link's, is no visit.
  if (location.pathname + location.search === address) return;
  if (!unkept().length) {
    visit();
    return;
  }
  // The browser is at the other address already.
  history.pushState(null, '', address);
  leave(state, () => history.back());
});
window.addEventListener('beforeunload', (event) => { if (unkept().length) event.preventDefault(); });
visit();
