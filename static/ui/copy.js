/** A value that is to be pasted elsewhere. */

import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { icons } from './icons.js';

/** How long a button says that it has copied, and that the person is to copy, in milliseconds. */
const SHOWN_MS = 2500;
const ASKED_MS = 8000;

/** The keys that copy. */
const KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘C' : t('copy-keys');

/**
 * Says something to screen readers, out of sight.
 * @param {string} text
 */
function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = text;
}

/**
 * Selects the value where it stands nearest to its button; of several values their box.
 * @param {HTMLElement} button
 * @param {string} value
 */
function selectShown(button, value) {
  for (let place = button.parentElement; place; place = place.parentElement) {
    const shown = [...place.querySelectorAll('[data-value], code, pre')];
    const same = shown.find(({ textContent }) => textContent?.trim() === value.trim());
    const box = place.matches('.once') ? (shown.length > 1 ? place : shown[0]) : undefined;
    if (same ?? box) return getSelection()?.selectAllChildren(same ?? box ?? place);
  }
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
  let shown = SHOWN_MS;
  try {
    await navigator.clipboard.writeText(value);
    word.textContent = t('copied');
    button.dispatchEvent(new CustomEvent('kept', { bubbles: true, detail: value }));
    announce(t('copy-copied', { name: label }));
  } catch {
    // Browsers give the clipboard only to https and loopback, and people may deny it.
    selectShown(button, value);
    shown = ASKED_MS;
    word.textContent = t('copy-press', { keys: KEYS });
    announce(t('copy-selected', { name: label, keys: KEYS }));
  }
  setTimeout(() => { word.textContent = text; }, shown);
}

/**
 * @param {string} label what the value is, for the button's name
 * @param {string} value
 * @param {string} [text] what stands on the button
 * @param {string} [name] of the button, with that text
 */
export function copyButton(label, value, text = t('copy'), name = t('copy-named', { name: label })) {
  return html`<button type="button" class="small" aria-label=${name} @click=${(/** @type {MouseEvent} */ event) => copy(event, label, value, text)}>
    ${icons.copy}<span>${text}</span></button>`;
}

/** Copies several values together. @param {string} label what they are called @param {string} value */
export const copyAllButton = (label, value) => copyButton(label, value, t('copy-all'), t('copy-all-named', { name: label }));

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
