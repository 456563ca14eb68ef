/** A table whose rows become cards on a phone, where each cell shows the name of its column. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { METHOD, moment } from './format.js';

/** @import { OrganisationMember } from '../types.js' */

/**
 * @param {string[]} columns their names; the name of the column of buttons is for screen readers only
 * @param {unknown[]} rows
 */
export function table(columns, rows) {
  return html`<table>
    <thead><tr>${columns.map((name) => html`<th scope="col">${name === t('actions') ? html`<span class="hidden">${name}</span>` : name}</th>`)}</tr></thead>
    <tbody>${rows}</tbody>
  </table>`;
}

/**
 * The time and method of a member's last sign-in.
 * @param {Pick<OrganisationMember, 'last_sign_in_at' | 'last_method'>} member
 */
export function lastSignIn({ last_sign_in_at: at, last_method: method }) {
  return html`<span>${moment(at)} ${method ? html`<small>${t('signed-in-by', { method: METHOD[method] })}</small>` : nothing}</span>`;
}
