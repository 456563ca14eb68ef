/** The audit log's lines in words. */

import { html, nothing } from '../vendor/lit-html.js';
import { ROLE, moment } from './format.js';
import { table } from './table.js';

/** @import { AuditEntry, Role } from '../types.js' */

/**
 * What each action is called; one that is missing here is shown as the log has it.
 * @type {Record<string, string>}
 */
const ACTION = {
  'account.changed': 'Changed their own account',
  'account.password_changed': 'Changed their password',
  'account.password_reset': 'Set a new password by a link',
  'account.reset_link': 'Made a password link',
  'account.reset_requested': 'Asked for a password link',
  'admin.added': 'Made somebody an organisation admin',
  'admin.removed': 'Removed an organisation admin',
  'appliance.set_up': 'Set Vestibule up',
  'connection.certificate_adopted': 'Adopted a certificate',
  'connection.certificate_expiring': 'Told of a certificate’s end',
  'connection.certificate_found': 'Found a certificate in the metadata',
  'connection.keys_retired': 'Retired our SAML keys',
  'connection.keys_rotated': 'Rotated our SAML keys',
  'connection.metadata_changed': 'Found another value in the metadata',
  'connection.metadata_failed': 'Could not fetch the metadata',
  'connection.removed': 'Removed single sign-on',
  'connection.saml_only_off': 'Turned SAML-only off',
  'connection.saml_only_on': 'Turned SAML-only on',
  'connection.saved': 'Saved the SSO settings',
  'connection.tested': 'Tested single sign-on',
  'invitation.accepted': 'Accepted an invitation',
  'invitation.created': 'Invited somebody',
  'invitation.resent': 'Sent an invitation again',
  'invitation.withdrawn': 'Removed an invitation',
  'key.created': 'Made an API key',
  'key.deleted': 'Deleted an API key',
  'mail.discarded': 'Discarded a mail',
  'mail.failed': 'Gave a mail up',
  'mail.retried': 'Tried a mail again',
  'member.revoked': 'Revoked somebody’s access',
  'member.role_changed': 'Changed a role',
  'operator.added': 'Made somebody an operator',
  'organisation.created': 'Created an organisation',
  'organisation.deleted': 'Deleted an organisation',
  'organisation.plan_switched': 'Switched the plan',
  'organisation.renamed': 'Renamed the organisation',
  'plan.changed': 'Changed a plan',
  'recovery.codes_made': 'Made new recovery codes',
  'recovery.link_made': 'Made a recovery link',
  'session.ended': 'Ended a session',
  'session.password': 'Signed in with a password',
  'session.recovery': 'Signed in by recovery',
  'session.refused': 'Was refused: wrong password',
  'session.saml': 'Signed in through SSO',
  'setup_link.created': 'Made a set-up link',
  'setup_link.metadata_read': 'Had metadata read',
  'setup_link.opened': 'Opened the SSO set-up',
  'setup_link.revoked': 'Revoked a set-up link',
  'sso.refused': 'Was refused at SSO sign-in',
  'sso.verified': 'Verified an SSO sign-in',
  'workspace.created': 'Created a workspace',
  'workspace.deleted': 'Deleted a workspace',
  'workspace.renamed': 'Renamed a workspace',
};

/** @type {Record<string, string>} */
const KIND = {
  connection: 'SSO connection',
  invitation: 'Invitation',
  key: 'API key',
  mail: 'Mail',
  member: 'Member',
  organisation: 'Organisation',
  person: 'Person',
  plan: 'Plan',
  session: 'Session',
  setup_link: 'Set-up link',
  workspace: 'Workspace',
};

/** What to say beside a name. @type {Record<string, string>} */
const BESIDE = { operator: 'operator', key: 'API key', setup_link: 'without an account' };

/** Who has no name of their own. @type {Record<string, string>} */
const NAMELESS = { command_line: 'Command line', system: 'Vestibule itself', anonymous: 'Not signed in' };

/** @param {string} action */
export const actionText = (action) => ACTION[action] ?? action;

/** The kinds of things to choose from. @param {string[]} [kinds] @returns {[string, string][]} */
export const kindOptions = (kinds = Object.keys(KIND)) => [['', 'All kinds'], ...kinds.map((kind) => /** @type {[string, string]} */ ([kind, KIND[kind] ?? kind]))];

/** A name out of the log, such as `sign_on_url`, as words. @param {string} name */
function words(name) {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whose values are words of ours, not somebody's. */
const OURS = ['auth_mode', 'kind', 'provider', 'role', 'scopes'];

/**
 * @param {string} name
 * @param {unknown} value
 * @param {boolean} [ours] whether the value is a word of ours
 * @returns {string}
 */
function valueText(name, value, ours = OURS.includes(name)) {
  if (name.endsWith('_at')) return moment(/** @type {string | null} */ (value));
  if (value === null || value === '') return 'none';
  if (Array.isArray(value)) return value.map((one) => valueText(name, one)).join(', ') || 'none';
  if (typeof value === 'object') return Object.entries(value).map(([key, one]) => `${words(key)}: ${valueText(key, one)}`).join('; ');
  return ours ? ROLE[/** @type {Role} */ (value)] ?? words(String(value)) : String(value);
}

/** @param {AuditEntry} entry */
function detailView({ action, resource_name: name, detail }) {
  const lines = Object.entries(detail ?? {});
  const ours = action === 'member.role_changed' || undefined;
  if (!lines.length) return nothing;
  return html`<details class="detail"><summary>Details<span class="hidden"> of: ${actionText(action)}, ${name}</span></summary>
    <dl class="facts">${lines.map(([key, value]) => html`<dt>${words(key)}</dt><dd>${valueText(key, value, ours)}</dd>`)}</dl></details>`;
}

/** What it was done to, where that is not who did it. @param {AuditEntry} entry */
function thing({ actor, action, resource_type: kind, resource_name: name, workspace }) {
  const own = name === actor.name || !name;
  const place = workspace && kind !== 'workspace' ? `in ${workspace.name ?? 'a deleted workspace'}` : '';
  // What was refused is named by the reason.
  const label = action === 'sso.refused' ? words(name) : `${KIND[kind] ?? kind}: ${name}`;
  const text = [own ? '' : label, place].filter(Boolean).join(', ');
  return text ? html`<small>${text}</small>` : nothing;
}

/** @param {AuditEntry} entry */
function who({ actor, address }) {
  const from = [BESIDE[actor.kind], address && `from ${address}`].filter(Boolean).join(', ');
  return html`<span>${NAMELESS[actor.kind] ?? actor.name}${from ? html` <small>${from}</small>` : nothing}</span>`;
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
    <td><strong>${actionText(entry.action)}</strong>${thing(entry)}${detailView(entry)}</td>
    <td data-label="Who">${who(entry)}</td>
    ${everywhere ? organisationCell(entry) : nothing}
    <td data-label="When">${moment(entry.at)}</td>
  </tr>`);
  return table(['What', 'Who', ...(everywhere ? ['Organisation'] : []), 'When'], rows);
}
