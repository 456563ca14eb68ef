/** Buttons that copy a value. */

import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { icons } from './icons.js';

/** How long a button shows that the value was copied, or asks the person to press the keys, in milliseconds. */
const SHOWN_MS = 2500;
const ASKED_MS = 8000;

/** The keyboard shortcut for copying. */
const KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘C' : t('copy-keys');

/**
 * Announces a text to screen readers, without showing it.
 * @param {string} text
 */
function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = text;
}

/**
 * Selects the text of the value nearest to its button, or the whole box of several values.
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
    // Browsers allow writing to the clipboard only on https and loopback, and people can deny it.
    selectShown(button, value);
    shown = ASKED_MS;
    word.textContent = t('copy-press', { keys: KEYS });
    announce(t('copy-selected', { name: label, keys: KEYS }));
  }
  setTimeout(() => { word.textContent = text; }, shown);
}

/**
 * @param {string} label the name of the value, for the button's accessible name
 * @param {string} value
 * @param {string} [text] the visible text of the button
 * @param {string} [name] the accessible name of the button, which contains `text`
 */
export function copyButton(label, value, text = t('copy'), name = t('copy-named', { name: label })) {
  return html`<button type="button" class="small" aria-label=${name} @click=${(/** @type {MouseEvent} */ event) => copy(event, label, value, text)}>
    ${icons.copy}<span>${text}</span></button>`;
}

/** A button that copies several values together. @param {string} label their name @param {string} value */
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
