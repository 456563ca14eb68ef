/** A table whose rows become cards on a phone: there each cell carries its column's name. */

import { html } from '../vendor/lit-html.js';

/**
 * @param {string[]} columns their names; that of the buttons is `Actions`, and is only heard
 * @param {unknown[]} rows
 */
export function table(columns, rows) {
  return html`<table>
    <thead><tr>${columns.map((name) => html`<th scope="col">${name === 'Actions' ? html`<span class="hidden">${name}</span>` : name}</th>`)}</tr></thead>
    <tbody>${rows}</tbody>
  </table>`;
}
