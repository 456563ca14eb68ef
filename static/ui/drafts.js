/**
 * Keeps the text that a person has typed when their session ends, and restores it after they have signed in again in the same tab.
 * No secrets are kept, and no entries are shown to another person.
 */

import { t } from '../texts.js';

/** @import { State } from '../types.js' */

/** A control of a form. @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */
/**
 * `fields`: the values by name (of checkboxes and radio buttons by name and value); `local`: the other entries that the page keeps; `files`: the names
 * of files that were being read, by the id of their field, and whether their text is kept in another field.
 * @typedef {{address: string, fields: [string, string | boolean][], local: Record<string, unknown>, files: [string, string, boolean][]}} Draft
 */

/** The keys of the tab's storage: for the draft, for the entries of `typed.js`, and for the last signed-in person. */
const KEPT = 'draft';
export const TYPED = 'typed';
const PERSON = 'person';

/** Events on the window: before the sign-in page is opened, and after another person has signed in. */
export const SIGNED_OUT = 'vestibule-signed-out';
export const OTHER_PERSON = 'vestibule-other-person';

/** The controls that were changed since their form was shown or saved. @type {Set<Control>} */
const changed = new Set();

/** The files that are being read, by the id of their field: a page cannot choose a file again by itself. @type {Map<string, {name: string, isKept: boolean}>} */
const files = new Map();

/** Notes that a file is being read, until `tookFile`. @param {string} id of its field @param {string} name */
export const takingFile = (id, name) => files.set(id, { name, isKept: false });

/** @param {string} id */
export const tookFile = (id) => files.delete(id);

/** Notes that the text of the file is in a field that is kept. @param {string} id of the file's field */
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

/** Whether a control must not be kept: passwords, codes, and a private key that was pasted by mistake. @param {Control} one */
function isSecret(one) {
  return ['password', 'hidden', 'file'].includes(one.type) || /password|one-time-code/.test(one.autocomplete)
    || /password|token|secret|code/i.test(one.name) || /PRIVATE KEY|^vk_|^vcs_/.test(one.value);
}

/** @param {Control} one @returns {one is HTMLInputElement} */
const isTicked = (one) => one instanceof HTMLInputElement && ['checkbox', 'radio'].includes(one.type);

/** @param {Control} one */
const nameOf = (one) => (isTicked(one) ? `${one.name}=${one.value}` : one.name);

/** Whether the value of a control is kept. Searches are not: they are in the address. @param {Control} one */
const isKept = (one) => one.isConnected && one.name && !isSecret(one) && one.closest('main form:not([role="search"]), main section') && !one.closest('dialog, [role="search"]');

/** @returns {Draft | null} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  } catch {
    return null;
  }
}

/** Whether no other person has used this tab before. Deletes the entries of another person. @param {string} person */
function isSamePerson(person) {
  try {
    const last = sessionStorage.getItem(PERSON) ?? person;
    if (last !== person) for (const name of [KEPT, TYPED]) sessionStorage.removeItem(name);
    sessionStorage.setItem(PERSON, person);
    return last === person;
  } catch {
    // Storage is blocked: nothing was kept.
    return true;
  }
}

/** Deletes the draft of this page, which has been saved. */
function forgetHere() {
  if (read()?.address.split('?')[0] === location.pathname) sessionStorage.removeItem(KEPT);
}

/** Keeps the text that was typed on this page. Must be called before the sign-in page is opened. @param {State} state */
export function keepDraft({ me, local, page }) {
  dispatchEvent(new Event(SIGNED_OUT));
  const fields = [...changed].filter(isKept).map((one) => /** @type {[string, string | boolean]} */ ([nameOf(one), isTicked(one) ? one.checked : one.value]));
  const kept = Object.fromEntries((page.keeps ?? []).filter((name) => local[name] !== undefined).map((name) => [name, local[name]]));
  const taken = [...files].map(([id, { name, isKept: has }]) => /** @type {[string, string, boolean]} */ ([id, name, has]));
  if (!me || (!fields.length && !taken.length && !Object.keys(kept).length)) return;
  /** @type {Draft} */
  const draft = { address: location.pathname + location.search, fields, local: kept, files: taken };
  const short = fields.filter(([, value]) => String(value).length < LONG);
  // If storage is full, long texts are left out, and the person is asked to choose their files again.
  if (!put(draft)) put({ ...draft, fields: short, files: taken.map(([id, name]) => [id, name, false]) });
}

/** The length, in characters, from which a text is left out if storage is full. */
const LONG = 10_000;

/** Stores the draft; returns false if storage is blocked or full. @param {Draft} draft */
function put(draft) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/** Restores the value of a control, and opens the folded sections around it. @param {Control} one @param {string | boolean} value */
function fill(one, value) {
  for (let folded = one.closest('details'); folded; folded = folded.parentElement?.closest('details') ?? null) folded.open = true;
  if (isTicked(one)) one.checked = Boolean(value);
  else one.value = String(value);
  for (const kind of ['input', 'change']) one.dispatchEvent(new Event(kind, { bubbles: true }));
}

/**
 * Restores the entries if they belong to this page and person. Must be called after the page is rendered.
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

/** Forgets the entries of a form that was saved, or of a change that was confirmed in a dialog. @param {HTMLFormElement} [form] */
export function saved(form) {
  if (form?.role === 'search') return;
  if (form) settle(form);
  else changed.clear();
  forgetHere();
}

/** Notes each control that changes. */
export function watchDrafts() {
  for (const kind of ['input', 'change']) document.addEventListener(kind, note, true);
  document.addEventListener('reset', ({ target }) => settle(/** @type {HTMLFormElement} */ (target)), true);
}
