/** What a switch does to people, by name. */

import { html, nothing } from '../vendor/lit-html.js';
import { plural } from './format.js';

/**
 * @param {string} title
 * @param {any[]} lines
 * @param {number} count
 */
function names(title, lines, count) {
  if (!count) return nothing;
  const more = count - lines.length;
  return html`<h3>${title} (${count})</h3>
    <ul class="lines">
      ${lines.map((line) => html`<li><strong>${line.email}</strong> <span class="soft">${line.reason}</span></li>`)}
      ${more > 0 ? html`<li class="soft">and ${more} more</li>` : nothing}
    </ul>`;
}

/** @param {any} it */
export function effect(it) {
  const { loses, keeps, grants, sessions } = it.counts;
  return html`<div class="stack">
    <p class="row">
      <span class="badge ${loses ? 'bad' : 'good'}">${plural(loses, 'person loses access', 'people lose access')}</span>
      <span class="badge good">${plural(keeps, 'person keeps access', 'people keep access')}</span>
      <span class="badge">${plural(sessions, 'session ends', 'sessions end')} here (${plural(grants, 'grant', 'grants')})</span>
    </p>
    ${it.warnings.map((/** @type {string} */ warning) => html`<p class="notice warn">${warning}</p>`)}
    ${names('Lose access', it.loses, loses)}
    ${names('Keep access', it.keeps, keeps)}
  </div>`;
}
