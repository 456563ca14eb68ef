/** The table of the audit log. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { sentence, sentenceText, valueText } from './audit_sentence.js';
import { nameText } from './audit_words.js';
import { moment } from './format.js';
import { table } from './table.js';

/** @import { AuditEntry } from '../types.js' */

/** The words before an address, by the kind of actor. @type {Record<string, string>} */
const BESIDE = { operator: t('operator'), key: t('api-key'), setup_link: t('audit-without-account') };

/** The options of the filter by kind. @param {string[]} kinds @returns {[string, string][]} */
export const kindOptions = (kinds) => [['', t('audit-all-kinds')], ...kinds.map((kind) => /** @type {[string, string]} */ ([kind, t('audit-kind-name', { kind })]))];

/** @param {AuditEntry} entry */
function detailView(entry) {
  const lines = Object.entries(entry.detail ?? {});
  if (!lines.length) return nothing;
  return html`<details class="detail"><summary aria-label=${t('audit-details-of', { sentence: sentenceText(entry) })}>${t('audit-details')}</summary>
    <dl class="facts">${lines.map(([key, value]) => html`<dt>${nameText(key)}</dt><dd>${valueText(entry.action, key, value)}</dd>`)}</dl></details>`;
}

/** The actor's e-mail address, or the kind of actor, and the IP address: the sentence has only the actor's name. @param {AuditEntry} entry */
function origin({ actor, address }) {
  const named = ['person', 'operator'].includes(actor.kind) && actor.full_name ? actor.name : '';
  const as = actor.kind === 'operator' && named ? t('audit-operator-named', { email: named }) : BESIDE[actor.kind] ?? named;
  const from = address && (as ? t('audit-origin', { as, address }) : t('from-address-only', { address }));
  const text = from || as;
  return text ? html`<small>${text}</small>` : nothing;
}

/** @param {AuditEntry} entry */
function organisationCell({ organisation }) {
  return html`<td data-label=${t('organisation')}>${organisation ? organisation.name ?? t('audit-deleted-organisation') : t('audit-no-organisation')}</td>`;
}

/**
 * @param {AuditEntry[]} entries
 * @param {boolean} everywhere whether the entries belong to several organisations
 */
export function auditTable(entries, everywhere) {
  const rows = entries.map((entry) => html`<tr>
    <td>${sentence(entry)}${origin(entry)}${detailView(entry)}</td>
    ${everywhere ? organisationCell(entry) : nothing}
    <td class="moment" data-label=${t('when')}><time datetime=${entry.at}>${moment(entry.at)}</time></td>
  </tr>`);
  return table([t('audit-what-happened'), ...(everywhere ? [t('organisation')] : []), t('when')], rows);
}
