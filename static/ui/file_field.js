/** A field for a file, which can be chosen or dropped. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { takingFile, tookFile } from './drafts.js';

/** @import { State } from '../types.js' */

/** The content of a file as a data URL. @param {File} file @returns {Promise<string>} */
export function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/**
 * @param {State} state
 * @param {{id: string, name: string, label: string, hint?: string, accept: string, take: (file: File) => Promise<unknown>}} it
 *   `name`: the API's name of the field, whose error is shown here
 */
export function fileField(state, { id, name, label, hint = t('file-hint'), accept, take }) {
  const error = state.errors[name];
  /** The name of the file that was chosen when the session ended. @type {string | undefined} */
  const again = state.local.again?.[id];
  const begin = async (/** @type {File | undefined} */ file) => {
    if (!file) return;
    if (again) delete state.local.again[id];
    takingFile(id, file.name);
    await take(file);
    tookFile(id);
  };
  const choose = async (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    await begin(input.files?.[0]);
    // Otherwise the browser would report no change if the same file were chosen again after a correction.
    input.value = '';
  };
  const mark = (/** @type {DragEvent} */ event, /** @type {boolean} */ over) => {
    event.preventDefault();
    /** @type {HTMLElement} */ (event.currentTarget).classList.toggle('over', over);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    mark(event, false);
    return begin(event.dataTransfer?.files[0]);
  };
  return html`<div class="drop" data-field=${name} @dragover=${(/** @type {DragEvent} */ event) => mark(event, true)}
      @dragleave=${(/** @type {DragEvent} */ event) => mark(event, false)} @drop=${drop}>
    <label for=${id}>${label}</label><p class="hint">${hint}</p>
    <input id=${id} type="file" accept=${accept} @change=${choose}
      aria-invalid=${error ? 'true' : nothing} aria-describedby=${error ? `${id}-error` : again ? `${id}-again` : nothing}>
    ${again ? html`<p class="hint" id="${id}-again">${parts('file-again', { file: html`<strong>${again}</strong>` })}</p>` : nothing}
    ${error ? html`<p class="error" id="${id}-error" role="alert">${error}</p>` : nothing}</div>`;
}
