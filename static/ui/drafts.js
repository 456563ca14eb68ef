/**
 * What somebody has typed when their session ends under it: it is back once they have signed in again, in this tab. Nothing secret is
 * kept, and nothing of one person is shown to another.
 */

/** @import { State } from '../types.js' */

/** A control of a form. @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */
/**
 * `fields`: by name, and for what is ticked or chosen also by value; `local`: what a page keeps besides its fields.
 * @typedef {{address: string, fields: [string, string | boolean][], local: Record<string, unknown>}} Draft
 */

/** The tab's storage for it, for what `typed.js` keeps, and for who was here last. */
const KEPT = 'draft';
export const TYPED = 'typed';
const PERSON = 'person';

/** Said on the window before somebody is sent to sign in again, and when it is another person who has signed in. */
export const SIGNED_OUT = 'vestibule-signed-out';
export const OTHER_PERSON = 'vestibule-other-person';

/** What was changed since the form was shown or saved. @type {Set<Control>} */
const changed = new Set();

/** @param {Event} event */
function note({ target }) {
  const kinds = [HTMLInputElement, HTMLTextAreaElement, HTMLSelectElement];
  if (kinds.some((kind) => target instanceof kind)) changed.add(/** @type {Control} */ (target));
}

/** @param {HTMLFormElement} form */
function settle(form) {
  for (const one of changed) if (one.form === form || !one.isConnected) changed.delete(one);
}

/** Passwords and codes are never kept, nor a key that was pasted by mistake. @param {Control} one */
function isSecret(one) {
  return ['password', 'hidden', 'file'].includes(one.type) || /password|one-time-code/.test(one.autocomplete)
    || /password|token|secret|code/i.test(one.name) || /PRIVATE KEY|^vk_/.test(one.value);
}

/** @param {Control} one @returns {one is HTMLInputElement} */
const isTicked = (one) => one instanceof HTMLInputElement && ['checkbox', 'radio'].includes(one.type);

/** @param {Control} one */
const nameOf = (one) => (isTicked(one) ? `${one.name}=${one.value}` : one.name);

/** Searches are in the address. @param {Control} one */
const isKept = (one) => one.isConnected && one.name && !isSecret(one) && one.closest('main form:not([role="search"]), main section') && !one.closest('dialog, [role="search"]');

/** @returns {Draft | null} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  } catch {
    return null;
  }
}

/** Whether this person was here last in this tab, or nobody. What another one has typed is forgotten. @param {string} person */
function isSamePerson(person) {
  try {
    const last = sessionStorage.getItem(PERSON) ?? person;
    if (last !== person) for (const name of [KEPT, TYPED]) sessionStorage.removeItem(name);
    sessionStorage.setItem(PERSON, person);
    return last === person;
  } catch {
    // Storage is blocked here: nothing was kept.
    return true;
  }
}

/** What was kept of this page is saved. */
function forgetHere() {
  if (read()?.address.split('?')[0] === location.pathname) sessionStorage.removeItem(KEPT);
}

/** Keeps what was typed on this page. To be called before the person is sent to sign in again. @param {State} state */
export function keepDraft({ me, local, page }) {
  dispatchEvent(new Event(SIGNED_OUT));
  const fields = [...changed].filter(isKept).map((one) => /** @type {[string, string | boolean]} */ ([nameOf(one), isTicked(one) ? one.checked : one.value]));
  const kept = Object.fromEntries((page.keeps ?? []).filter((name) => local[name] !== undefined).map((name) => [name, local[name]]));
  if (!me || (!fields.length && !Object.keys(kept).length)) return;
  /** @type {Draft} */
  const draft = { address: location.pathname + location.search, fields, local: kept };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft));
  } catch {
    // Storage is blocked or full: it is lost, as the page is.
  }
}

/** Puts a value back where its field is, and opens what it is folded into. @param {Control} one @param {string | boolean} value */
function fill(one, value) {
  for (let folded = one.closest('details'); folded; folded = folded.parentElement?.closest('details') ?? null) folded.open = true;
  if (isTicked(one)) one.checked = Boolean(value);
  else one.value = String(value);
  for (const kind of ['input', 'change']) one.dispatchEvent(new Event(kind, { bubbles: true }));
}

/**
 * Puts back what was typed, where this page is the one and its person the same. To be called once the page is on the screen.
 * @param {State} state
 */
export function restoreDraft(state) {
  changed.clear();
  if (!state.me) return;
  if (!isSamePerson(state.me.person.id)) {
    dispatchEvent(new Event(OTHER_PERSON));
    return state.update();
  }
  const draft = read();
  if (!draft || draft.address !== location.pathname + location.search || state.failure) return;
  Object.assign(state.local, draft.local);
  state.notice = { kind: 'good', text: 'Your entries from before are back. They are not saved yet.' };
  state.update();
  const controls = /** @type {Control[]} */ ([...document.querySelectorAll('main :is(input, textarea, select)')]);
  for (const [name, value] of draft.fields) {
    const one = controls.find((control) => nameOf(control) === name && isKept(control));
    if (one) fill(one, value);
  }
}

/** A form was saved, or a change confirmed in a dialog: nothing of it is to come back. @param {HTMLFormElement} [form] */
export function saved(form) {
  if (form?.role === 'search') return;
  if (form) settle(form);
  else changed.clear();
  forgetHere();
}

/** Watches what is typed. */
export function watchDrafts() {
  for (const kind of ['input', 'change']) document.addEventListener(kind, note, true);
  document.addEventListener('reset', ({ target }) => settle(/** @type {HTMLFormElement} */ (target)), true);
}
