/** Light or dark, as somebody likes it in this browser; `theme.js` puts it in place at the next visit. */

import { html } from '../vendor/lit-html.js';

/** @type {[string, string][]} */
const THEMES = [['', 'As the system has it'], ['light', 'Light'], ['dark', 'Dark']];

/** @param {string} theme */
function choose(theme) {
  const root = document.documentElement.dataset;
  if (theme) root.theme = theme;
  else delete root.theme;
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // Storage is blocked here: the choice lasts for this visit.
  }
}

export function appearance() {
  const chosen = document.documentElement.dataset.theme ?? '';
  const change = (/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`<section class="card stack"><h2>Appearance</h2>
    <div class="field"><label for="theme">Colours</label>
      <select id="theme" aria-describedby="theme-hint" @change=${change}>
        ${THEMES.map(([theme, text]) => html`<option value=${theme} ?selected=${theme === chosen}>${text}</option>`)}</select>
      <p class="hint" id="theme-hint">In this browser alone.</p></div></section>`;
}
