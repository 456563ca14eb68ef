/** Forms: labelled fields, one submit at a time, and each error beside its field. */

import { ApiError, isSignedOut } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { keepDraft, saved } from './drafts.js';
import { timed } from './format.js';

/** @import { State } from '../types.js' */

/** The hint below each field for a new password. */
export const PASSWORD_HINT = t('form-password-hint');

/**
 * The parts of a field. `called` is the subject of error messages, such as “This password”, if it is not the label; `errorOf` is the API's name of the field if it differs from `name`; `lines` makes a
 * text area, `options` a select box; `list` is the id of the list of suggestions.
 * @typedef {{name: string, label: string, type?: string, value?: string, hint?: string, required?: boolean, autocomplete?: string,
 *   lines?: number, options?: [key: string, text: string, language?: string][], list?: string, errorOf?: string, called?: string}} Field
 */

/**
 * @param {Field} field
 * @param {{describedBy: unknown, invalid: unknown}} marks
 */
function control({ name, type = 'text', value = '', required = true, autocomplete = 'off', lines, options, list }, { describedBy, invalid }) {
  if (options) {
    return html`<select id=${name} name=${name} aria-describedby=${describedBy} aria-invalid=${invalid}>
      ${options.map(([key, text, language]) => html`<option value=${key} lang=${language ?? nothing} ?selected=${key === value}>${text}</option>`)}</select>`;
  }
  if (lines) {
    return html`<textarea id=${name} name=${name} rows=${lines} .value=${value} spellcheck="false" autocomplete="off"
      ?required=${required} aria-describedby=${describedBy} aria-invalid=${invalid}></textarea>`;
  }
  return html`<input id=${name} name=${name} type=${type} .value=${value} ?required=${required} autocomplete=${autocomplete} list=${list ?? nothing}
    aria-describedby=${describedBy} aria-invalid=${invalid}>`;
}

/**
 * An error message of the API as a sentence. It is a sentence already, or it continues one that begins with the field's name: "must be at least 12 characters".
 * @param {string} label
 * @param {string} message
 * @param {string} [called] the subject of the sentence in place of the label: a label is not the subject of a sentence in every language
 */
function sentence(label, message, called) {
  if (/^\p{Lu}/u.test(message)) return ended(message);
  return ended(called ? t('form-fault-of', { subject: called, fault: message }) : t('form-fault', { field: label, fault: message }));
}

/** @param {string} whole */
function ended(whole) {
  return /[.!?)]$/.test(whole) ? whole : `${whole}.`;
}

/**
 * A labelled field with its hint and its error.
 * @param {State} state
 * @param {Field} it
 */
export function field(state, it) {
  const { name, label, hint } = it;
  const error = state.errors[it.errorOf ?? name];
  const describedBy = [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(' ') || nothing;
  return html`<div class="field" data-field=${it.errorOf ?? name}>
    <label for=${name}>${label}</label>
    ${control(it, { describedBy, invalid: error ? 'true' : nothing })}
    ${error ? html`<p class="error" id="${name}-error">${sentence(label, error, it.called)}</p>` : nothing}
    ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}
  </div>`;
}

/** The number in a field; null if it is empty. @param {string} text */
export const numberOrNull = (text) => (text.trim() ? Number(text) : null);

/** The current text of a field on the page. @param {string} name */
export const fieldText = (name) => /** @type {HTMLInputElement | null} */ (document.getElementById(name))?.value ?? '';

/**
 * A form's submit button. It is never disabled, since a disabled button loses the focus.
 * @param {State} state
 * @param {string} text
 * @param {string} [kind]
 */
export function submitButton(state, text, kind = 'primary') {
  return html`<button class=${kind} aria-disabled=${state.busy ? 'true' : nothing}>${text}</button>`;
}

/**
 * Makes a submit handler: runs `work` with the form's values, and focuses the first field with an error.
 * @param {State} state
 * @param {(values: Record<string, string>, form: HTMLFormElement) => Promise<string | void>} work resolves to the message of success
 */
export function submit(state, work) {
  return async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const values = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    const done = await attempt(state, () => work(values, form));
    // If a dialog asks for confirmation, the form is saved only after that.
    if (done && !state.dialog) saved(form);
    /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid="true"]'))?.focus();
  };
}

/**
 * @param {State} state
 * @param {unknown} error
 * @param {boolean} here whether the page that sent the request is still on the screen
 */
async function refused(state, error, here) {
  if (!(error instanceof ApiError)) throw error;
  if (isSignedOut(error)) return state.signInAgain(error);
  if (error.organisation && here) {
    // The session has lost its access to the organisation: the page says how to sign in to it, and the entries are restored afterwards.
    keepDraft(state);
    await state.reload();
    if (state.failure) {
      state.dialog = null;
      return;
    }
  }
  const faults = error.fields.map(({ field: name, message }) => ({ name, message: timed(message) }));
  const isShown = (/** @type {string} */ name) => here && !state.dialog && document.querySelector(`[data-field="${CSS.escape(name)}"]`);
  for (const { name, message } of faults) if (isShown(name)) state.errors[name] = message;
  // An error about a field that is not on the screen is shown as a message of the page.
  const others = faults.filter(({ name }) => !(name in state.errors)).map(({ name, message }) => sentence(name, message));
  const text = faults.length ? others.join(' ') : timed(error.message);
  if (text) state.notice = { kind: 'bad', text };
}

/**
 * Runs an action that may be refused, one at a time, and shows the message of its result. Resolves to whether it succeeded.
 * @param {State} state
 * @param {() => Promise<string | void>} work
 */
export async function attempt(state, work) {
  if (state.busy) return false;
  const { page } = state;
  Object.assign(state, { busy: true, errors: {}, notice: null });
  state.update();
  try {
    const text = await work();
    if (text && state.page === page) state.notice = { kind: 'good', text };
    return true;
  } catch (error) {
    await refused(state, error, state.page === page);
    return false;
  } finally {
    state.busy = false;
    state.update();
    keepFocus();
  }
}

/** The message for a field that the browser finds invalid. @param {HTMLInputElement} input */
function fault({ validity, type, validationMessage }) {
  if (validity.valueMissing) return type === 'radio' ? t('form-choose-one') : t('form-fill-in');
  if (validity.typeMismatch) return type === 'email' ? t('form-enter-email') : t('form-enter-address');
  return validationMessage;
}

/**
 * Shows all faults that the browser finds in a form beside their fields, like the faults that the server finds. The browser itself would show
 * them one after the other.
 * @param {State} state
 */
export function watchFields(state) {
  /** @type {Record<string, string> | null} */
  let found = null;
  document.addEventListener('invalid', (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const name = /** @type {HTMLElement | null} */ (input.closest('[data-field]'))?.dataset.field;
    if (!name) return;
    event.preventDefault();
    // The event is fired for each invalid field in turn: the timeout runs after the last one.
    if (!found) {
      found = {};
      setTimeout(() => {
        state.errors = found ?? {};
        found = null;
        state.update();
        /** @type {HTMLElement | null} */ (input.form?.querySelector('[aria-invalid="true"]'))?.focus();
      });
    }
    found[name] ??= fault(input);
  }, true);
}

/** Focuses the page's heading if the focused element was removed, such as the button of a deleted row. */
function keepFocus() {
  if (document.activeElement === document.body) document.querySelector('h1')?.focus({ preventScroll: true });
}
