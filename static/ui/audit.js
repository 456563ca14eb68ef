/** The audit log's lines in words. */

import { html, nothing } from '../vendor/lit-html.js';
import { sentence, sentenceText, valueText, words } from './audit_sentence.js';
import { moment } from './format.js';
import { table } from './table.js';

/** @import { AuditEntry } from '../types.js' */

/** @type {Record<string, string>} */
const KIND = {
  branding: 'Branding',
  connection: 'SSO connection',
  invitation: 'Invitation',
  key: 'API key',
  mail: 'Mail',
  member: 'Member',
  organisation: 'Organisation',
  person: 'Person',
  plan: 'Plan',
  security: 'Security',
  session: 'Session',
  setup_link: 'Set-up link',
  workspace: 'Workspace',
};

/** What to say before an address. @type {Record<string, string>} */
const BESIDE = { operator: 'Operator', key: 'API key', setup_link: 'Without an account' };

/** The kinds of things to choose from. @param {string[]} [kinds] @returns {[string, string][]} */
export const kindOptions = (kinds = Object.keys(KIND)) => [['', 'All kinds'], ...kinds.map((kind) => /** @type {[string, string]} */ ([kind, KIND[kind] ?? kind]))];

/** @param {AuditEntry} entry */
function detailView(entry) {
  const lines = Object.entries(entry.detail ?? {});
  if (!lines.length) return nothing;
  return html`<details class="detail"><summary>Details<span class="hidden"> of: ${sentenceText(entry)}</span></summary>
    <dl class="facts">${lines.map(([key, value]) => html`<dt>${words(key)}</dt><dd>${valueText(entry.action, key, value)}</dd>`)}</dl></details>`;
}

/** As whom and from where: what the sentence leaves out. @param {AuditEntry} entry */
function origin({ actor, address }) {
  const known = ['person', 'operator'].includes(actor.kind);
  const text = [BESIDE[actor.kind], known && actor.full_name ? actor.name : '', address && `from ${address}`].filter(Boolean).join(' ');
  return text ? html`<small>${text}</small>` : nothing;
}

/** @param {AuditEntry} entry */
function organisationCell({ organisation }) {
  return html`<td data-label="Organisation">${organisation ? organisation.name ?? 'a deleted one' : 'none'}</td>`;
}

/**
 * @param {AuditEntry[]} entries
 * @param {boolean} everywhere whether they are of several organisations
 */
export function auditTable(entries, everywhere) {
  const rows = entries.map((entry) => html`<tr>
    <td>${sentence(entry)}${origin(entry)}${detailView(entry)}</td>
    ${everywhere ? organisationCell(entry) : nothing}
    <td class="moment" data-label="When"><time datetime=${entry.at}>${moment(entry.at)}</time></td>
  </tr>`);
  return table(['What happened', ...(everywhere ? ['Organisation'] : []), 'When'], rows);
}
