/**
 * What somebody has typed when their session ends under it: it is back once they have signed in again, in this tab. Nothing secret is
 * kept, and nothing of one person is shown to another.
 */

import { t } from '../texts.js';

/** @import { State } from '../types.js' */

/** A control of a form. @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */
/**
 * `fields`: by name, and for what is ticked or chosen also by value; `local`: what a page keeps besides its fields; `files`: the names of
 * files that were being taken, by the id of their field, and whether their text is kept elsewhere.
 * @typedef {{address: string, fields: [string, string | boolean][], local: Record<string, unknown>, files: [string, string, boolean][]}} Draft
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

/** Files that are being taken, by the id of their field: browsers do not put back a chosen file. @type {Map<string, {name: string, isKept: boolean}>} */
const files = new Map();

/** A file is being taken, until `tookFile`. @param {string} id of its field @param {string} name */
export const takingFile = (id, name) => files.set(id, { name, isKept: false });

/** @param {string} id */
export const tookFile = (id) => files.delete(id);

/** The text of the file stands in a field that is kept. @param {string} id of the file's field */
export function keepsText(id) {
  const file = files.get(id);
  if (file) file.isKept = true;
}

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
  const taken = [...files].map(([id, { name, isKept: has }]) => /** @type {[string, string, boolean]} */ ([id, name, has]));
  if (!me || (!fields.length && !taken.length && !Object.keys(kept).length)) return;
  /** @type {Draft} */
  const draft = { address: location.pathname + location.search, fields, local: kept, files: taken };
  const short = fields.filter(([, value]) => String(value).length < LONG);
  // Where storage is full, the long texts are left out, and their files named.
  if (!put(draft)) put({ ...draft, fields: short, files: taken.map(([id, name]) => [id, name, false]) });
}

/** In characters. */
const LONG = 10_000;

/** Gives false where storage is blocked or full. @param {Draft} draft */
function put(draft) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft));
    return true;
  } catch {
    return false;
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
  files.clear();
  if (!state.me) return;
  if (!isSamePerson(state.me.person.id)) {
    dispatchEvent(new Event(OTHER_PERSON));
    return state.update();
  }
  const draft = read();
  if (!draft || draft.address !== location.pathname + location.search || state.failure) return;
  Object.assign(state.local, draft.local);
  const again = draft.files.filter(([, , has]) => !has);
  state.local.again = Object.fromEntries(again);
  const isBack = draft.fields.length || Object.keys(draft.local).length || again.length < draft.files.length;
  const texts = [isBack ? t('drafts-back') : '', ...again.map(([, name]) => t('drafts-choose', { file: name }))];
  state.notice = { kind: again.length ? 'bad' : 'good', text: texts.join(' ').trim() };
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
