/** A value that is to be pasted elsewhere. */

import { html } from '../vendor/lit-html.js';

/**
 * @param {MouseEvent} event
 * @param {string} value
 */
async function copy(event, value) {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  try {
    await navigator.clipboard.writeText(value);
    button.textContent = 'Copied';
  } catch {
    // Browsers give the clipboard to https and loopback alone: select it, so that Ctrl-C does it.
    const text = button.parentElement?.querySelector('dd');
    if (text) getSelection()?.selectAllChildren(text);
    button.textContent = 'Press Ctrl-C';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2500);
}

/**
 * @param {string} label
 * @param {string} value
 */
export function copyable(label, value) {
  return html`<dl class="copy">
    <dt>${label}</dt>
    <dd>${value}</dd>
    <button type="button" class="small" aria-label="Copy ${label}" @click=${(/** @type {MouseEvent} */ event) => copy(event, value)}>Copy</button>
  </dl>`;
}
