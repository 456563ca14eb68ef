/** The table of sign-ins through SSO, for admins. */

import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { exact } from './format.js';
import { table } from './table.js';

/** @import { Attempt } from '../types.js' */

/** @type {Record<Attempt['outcome'], [string, string]>} */
const OUTCOMES = { signed_in: ['good', t('attempt-signed-in')], verified: ['warn', t('attempt-verified')], refused: ['bad', t('attempt-refused')] };

/** @param {Attempt} attempt */
export function outcomeBadge({ outcome }) {
  const [kind, text] = OUTCOMES[outcome];
  return html`<span class="badge ${kind}">${text}</span>`;
}

/**
 * @param {Attempt[]} attempts
 * @param {string} base the path of the page of a sign-in, without its id
 */
export function attemptTable(attempts, base) {
  const rows = attempts.map((one) => html`<tr>
    <td><a href="${base}/${one.id}"><strong class="reference">${one.reference}</strong></a></td>
    <td data-label=${t('when')}>${exact(one.at)}</td>
    <td data-label=${t('who')} class="person">${one.email ?? t('attempt-nobody')}</td>
    <td data-label=${t('attempt-outcome')}><span>${outcomeBadge(one)} ${one.refusal ? html`<small>${one.refusal.message}</small>` : ''}</span></td>
  </tr>`);
  return table([t('attempt-reference'), t('when'), t('who'), t('attempt-outcome')], rows);
}
