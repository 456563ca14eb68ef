/** Settings for this browser only: light or dark, which `theme.js` applies when a document is loaded, and whether messages stay. */

import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @type {[string, string][]} */
const THEMES = [['', t('theme-system')], ['light', t('theme-light')], ['dark', t('theme-dark')]];

/** @param {string} theme */
function choose(theme) {
  const root = document.documentElement.dataset;
  if (theme) root.theme = theme;
  else delete root.theme;
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // Storage is blocked: the choice lasts until the document is loaded again.
  }
}

/** The choice of `keepsMessages` while storage is blocked. */
let keeps = false;

/** Whether messages stay until they are dismissed. */
export function keepsMessages() {
  try {
    return keeps || localStorage.getItem('messages') === 'keep';
  } catch {
    return keeps;
  }
}

/** @param {boolean} keep */
function keepMessages(keep) {
  keeps = keep;
  try {
    localStorage.setItem('messages', keep ? 'keep' : '');
  } catch {
    // Storage is blocked: the choice lasts until the document is loaded again.
  }
}

export function appearance() {
  const chosen = document.documentElement.dataset.theme ?? '';
  const keep = (/** @type {Event} */ event) => keepMessages(/** @type {HTMLInputElement} */ (event.target).checked);
  const change = (/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`<section class="card stack"><h2>${t('appearance-title')}</h2>
    <div class="field"><label for="theme">${t('appearance-colours')}</label>
      <select id="theme" aria-describedby="theme-hint" @change=${change}>
        ${THEMES.map(([theme, text]) => html`<option value=${theme} ?selected=${theme === chosen}>${text}</option>`)}</select>
      <p class="hint" id="theme-hint">${t('appearance-hint')}</p></div>
    <div class="choices single"><label><input type="checkbox" .checked=${keepsMessages()} @change=${keep}>
      <span>${t('appearance-keep')}<small>${t('appearance-keep-hint')}</small></span></label></div></section>`;
}
