/** A value that is to be pasted elsewhere. */

import { html } from '../vendor/lit-html.js';
import { icons } from './icons.js';

/** How long a button says that it has copied, in milliseconds. */
const SHOWN_MS = 2500;

/**
 * Says something to screen readers, out of sight.
 * @param {string} text
 */
function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = text;
}

/**
 * @param {MouseEvent} event
 * @param {string} label
 * @param {string} value
 * @param {string} text
 */
async function copy(event, label, value, text) {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  const word = /** @type {HTMLElement} */ (button.querySelector('span'));
  try {
    await navigator.clipboard.writeText(value);
    word.textContent = 'Copied';
    button.dispatchEvent(new CustomEvent('kept', { bubbles: true, detail: value }));
    announce(`${label} copied`);
  } catch {
    // Browsers give the clipboard to https and loopback alone: select the value, so that Ctrl-C takes it.
    const place = button.closest('.copy, .once') ?? button.parentElement;
    const shown = place?.querySelectorAll('[data-value]') ?? [];
    if (place && shown.length) getSelection()?.selectAllChildren(shown.length > 1 ? place : shown[0]);
    word.textContent = 'Ctrl-C';
    announce(`${label} is selected: copy it with Ctrl-C`);
  }
  setTimeout(() => { word.textContent = text; }, SHOWN_MS);
}

/**
 * @param {string} label what the value is, for the button's name
 * @param {string} value
 * @param {string} [text] what stands on the button
 */
export function copyButton(label, value, text = 'Copy') {
  return html`<button type="button" class="small" aria-label="Copy ${label}" @click=${(/** @type {MouseEvent} */ event) => copy(event, label, value, text)}>
    ${icons.copy}<span>${text}</span></button>`;
}

/**
 * A labelled value with its copy button.
 * @param {string} label
 * @param {string} value
 */
export function copyable(label, value) {
  return html`<div class="copy">
    <span class="label">${label}</span>
    <span class="value" data-value>${value}</span>
    ${copyButton(label, value)}
  </div>`;
}
