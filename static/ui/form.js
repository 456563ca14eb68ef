/** Forms: labelled fields, one submit at a time, and each error beside the field that it is about. */

import { ApiError } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';

/**
 * A labelled field with its hint and its error.
 * @param {any} state
 * @param {{name: string, label: string, type?: string, value?: string, hint?: string, required?: boolean,
 *   autocomplete?: string, lines?: number, options?: [string, string][], errorOf?: string}} options
 */
export function field(state, { name, label, type = 'text', value = '', hint, required = true, autocomplete = 'off', lines, options, errorOf }) {
  const error = state.errors[errorOf ?? name];
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  const described_by = described || nothing;
  const invalid = error ? 'true' : nothing;
  const control = options
    ? html`<select id=${name} name=${name} aria-describedby=${described_by} aria-invalid=${invalid}>
        ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${text}</option>`)}</select>`
    : lines
      ? html`<textarea id=${name} name=${name} rows=${lines} .value=${value} spellcheck="false" ?required=${required}
          aria-describedby=${described_by} aria-invalid=${invalid}></textarea>`
      : html`<input id=${name} name=${name} type=${type} .value=${value} ?required=${required} autocomplete=${autocomplete}
          aria-describedby=${described_by} aria-invalid=${invalid}>`;
  return html`<div class="field">
    <label for=${name}>${label}</label>
    ${control}
    ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}
    ${error ? html`<p class="error" id="${name}-error">${label} ${error}</p>` : nothing}
  </div>`;
}

/**
 * Makes a submit handler: runs `work` with the form's values; shows what it refuses.
 * @param {any} state
 * @param {(values: Record<string, string>, form: HTMLFormElement) => Promise<string | void>} work gives what to say when done
 */
export function submit(state, work) {
  return async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const values = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    await attempt(state, () => work(values, form));
    /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid="true"]'))?.focus();
  };
}

/**
 * Runs something that may be refused, once at a time, and says how it went.
 * @param {any} state
 * @param {() => Promise<string | void>} work
 */
export async function attempt(state, work) {
  if (state.busy) return;
  Object.assign(state, { busy: true, errors: {}, message: '', failure: null });
  state.update();
  try {
    state.message = (await work()) ?? '';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'unauthorized') return location.assign('/login');
    if (error.field) state.errors = { [error.field]: error.message };
    else state.failure = error;
  } finally {
    state.busy = false;
    state.update();
  }
}

/**
 * What was done, or why it was not, for everybody to notice.
 * @param {any} state
 */
export function outcome(state) {
  return html`<div aria-live="polite">
    ${state.message ? html`<p class="notice good">${state.message}</p>` : nothing}
    ${state.failure ? html`<p class="notice" role="alert">${state.failure.message}</p>` : nothing}
  </div>`;
}
