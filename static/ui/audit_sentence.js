/** Each entry of the audit log as a sentence. */

import { parts, t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { LEVEL } from './application_words.js';
import { nameText, ownValueText, words } from './audit_words.js';
import { ROLE, listed, moment, timed } from './format.js';

/** @import { AuditEntry, Level } from '../types.js' */

/**
 * The sentence for each action. Its values are the `actor`, the `name` of the resource, its `workspace` or `organisation`, and details of the entry.
 * @type {Record<string, (values: Record<string, unknown>) => unknown[]>}
 */
const DID = {
  'account.changed': ({ actor }) => parts('audit-account-changed', { actor }),
  'account.password_changed': ({ actor }) => parts('audit-account-password-changed', { actor }),
  'account.password_reset': ({ actor }) => parts('audit-account-password-reset', { actor }),
  'account.password_ended': ({ actor, name }) => parts('audit-account-password-ended', { actor, name }),
  'account.reset_link': ({ actor, name }) => parts('audit-account-reset-link', { actor, name }),
  'account.reset_requested': ({ actor, name }) => parts('audit-account-reset-requested', { actor, name }),
  'admin.added': ({ actor, name }) => parts('audit-admin-added', { actor, name }),
  'admin.removed': ({ actor, name }) => parts('audit-admin-removed', { actor, name }),
  'appliance.set_up': ({ actor, name }) => parts('audit-appliance-set-up', { actor, name }),
  'application.changed': ({ actor, name }) => parts('audit-application-changed', { actor, name }),
  'application.created': ({ actor, name }) => parts('audit-application-created', { actor, name }),
  'application.deleted': ({ actor, name }) => parts('audit-application-deleted', { actor, name }),
  'application.secret_created': ({ actor, name }) => parts('audit-application-secret-created', { actor, name }),
  'application.secret_deleted': ({ actor, name }) => parts('audit-application-secret-deleted', { actor, name }),
  'application.opened': ({ actor, name }) => parts('audit-application-opened', { actor, name }),
  'branding.changed': ({ actor, name }) => parts('audit-branding-changed', { actor, name }),
  'branding.removed': ({ actor, name }) => parts('audit-branding-removed', { actor, name }),
  'connection.certificate_adopted': ({ actor, name }) => parts('audit-connection-certificate-adopted', { actor, name }),
  'connection.certificate_rejected': ({ actor, name }) => parts('audit-connection-certificate-rejected', { actor, name }),
  'connection.certificate_waiting': ({ actor, name }) => parts('audit-connection-certificate-waiting', { actor, name }),
  'connection.certificate_expiring': ({ actor, name }) => parts('audit-connection-certificate-expiring', { actor, name }),
  'connection.certificate_found': ({ actor, name }) => parts('audit-connection-certificate-found', { actor, name }),
  'signing_key.rotated': ({ actor, name }) => parts('audit-signing-key-rotated', { actor, name }),
  'connection.keys_retired': ({ actor, name }) => parts('audit-connection-keys-retired', { actor, name }),
  'connection.keys_rotated': ({ actor, name }) => parts('audit-connection-keys-rotated', { actor, name }),
  'connection.metadata_changed': ({ actor, name }) => parts('audit-connection-metadata-changed', { actor, name }),
  'connection.metadata_failed': ({ actor, name }) => parts('audit-connection-metadata-failed', { actor, name }),
  'connection.reminded': ({ actor, name, people }) => parts('audit-connection-reminded', { actor, name, people }),
  'connection.removed': ({ actor, name }) => parts('audit-connection-removed', { actor, name }),
  'connection.saml_only_off': ({ actor, name }) => parts('audit-connection-saml-only-off', { actor, name }),
  'connection.saml_only_on': ({ actor, name }) => parts('audit-connection-saml-only-on', { actor, name }),
  'connection.saved': ({ actor, name }) => parts('audit-connection-saved', { actor, name }),
  'connection.tested': ({ actor, name }) => parts('audit-connection-tested', { actor, name }),
  'invitation.accepted': ({ actor, workspace, role }) => parts('audit-invitation-accepted', { actor, workspace, role }),
  'invitation.created': ({ actor, name, workspace, role }) => parts('audit-invitation-created', { actor, name, workspace, role }),
  'invitation.resent': ({ actor, name, workspace }) => parts('audit-invitation-resent', { actor, name, workspace }),
  'invitation.withdrawn': ({ actor, name, workspace }) => parts('audit-invitation-withdrawn', { actor, name, workspace }),
  'key.created': ({ actor, name }) => parts('audit-key-created', { actor, name }),
  'key.deleted': ({ actor, name }) => parts('audit-key-deleted', { actor, name }),
  'mail.discarded': ({ actor, name }) => parts('audit-mail-discarded', { actor, name }),
  'mail.failed': ({ actor, name }) => parts('audit-mail-failed', { actor, name }),
  'mail.tested': ({ actor, name }) => parts('audit-mail-tested', { actor, name }),
  'mail.retried': ({ actor, name }) => parts('audit-mail-retried', { actor, name }),
  'member.reminded': ({ actor, name }) => parts('audit-member-reminded', { actor, name }),
  'member.removed': ({ actor, name, organisation }) => parts('audit-member-removed', { actor, name, organisation }),
  'member.revoked': ({ actor, name, workspace }) => parts('audit-member-revoked', { actor, name, workspace }),
  'member.role_changed': ({ actor, name, workspace, from, to }) => parts('audit-member-role-changed', { actor, name, workspace, from, to }),
  'member.session_ended': ({ actor, name, organisation }) => parts('audit-member-session-ended', { actor, name, organisation }),
  'member.sessions_ended': ({ actor, name, organisation }) => parts('audit-member-sessions-ended', { actor, name, organisation }),
  'operator.added': ({ actor, name }) => parts('audit-operator-added', { actor, name }),
  'operator.wanted': ({ actor, name }) => parts('audit-operator-wanted', { actor, name }),
  'operator.confirmed': ({ actor }) => parts('audit-operator-confirmed', { actor }),
  'operator.removed': ({ actor, name }) => parts('audit-operator-removed', { actor, name }),
  'organisation.created': ({ actor, name, plan }) => parts('audit-organisation-created', { actor, name, plan }),
  'organisation.deleted': ({ actor, name }) => parts('audit-organisation-deleted', { actor, name }),
  'organisation.hosts_changed': ({ actor, name }) => parts('audit-organisation-hosts-changed', { actor, name }),
  'organisation.language_changed': ({ actor, name, from, to }) => parts('audit-organisation-language-changed', { actor, name, from, to }),
  'organisation.lives_changed': ({ actor, name }) => parts('audit-organisation-lives-changed', { actor, name }),
  'organisation.plan_switched': ({ actor, name, from, to }) => parts('audit-organisation-plan-switched', { actor, name, from, to }),
  'organisation.renamed': ({ actor, from, name }) => parts('audit-organisation-renamed', { actor, from, name }),
  'person.disabled': ({ actor, name }) => parts('audit-person-disabled', { actor, name }),
  'person.enabled': ({ actor, name }) => parts('audit-person-enabled', { actor, name }),
  'plan.changed': ({ actor, name }) => parts('audit-plan-changed', { actor, name }),
  'recovery.codes_made': ({ actor, name }) => parts('audit-recovery-codes-made', { actor, name }),
  'recovery.link_made': ({ actor, name }) => parts('audit-recovery-link-made', { actor, name }),
  'role.changed': ({ actor, name }) => parts('audit-role-changed', { actor, name }),
  'role.created': ({ actor, name }) => parts('audit-role-created', { actor, name }),
  'role.removed': ({ actor, name }) => parts('audit-role-removed', { actor, name }),
  'security.backup_late': ({ actor }) => parts('audit-security-backup-late', { actor }),
  'security.backup_made': ({ actor }) => parts('audit-security-backup-made', { actor }),
  'security.copy_accepted': ({ actor, name }) => parts('audit-security-copy-accepted', { actor, name }),
  'security.cross_site': ({ actor, name }) => parts('audit-security-cross-site', { actor, name }),
  'security.left_out': ({ actor, lines }) => parts('audit-security-left-out', { actor, lines }),
  'security.refused': ({ actor, name }) => parts('audit-security-refused', { actor, name }),
  'security.restored': ({ actor, name }) => parts('audit-security-restored', { actor, name }),
  'security.sign_in_failed': ({ actor }) => parts('audit-security-sign-in-failed', { actor }),
  'security.throttled': ({ actor, name }) => parts('audit-security-throttled', { actor, name }),
  'security.unknown_host': ({ name }) => parts('audit-security-unknown-host', { name }),
  'security.unknown_key': ({ actor, name }) => parts('audit-security-unknown-key', { actor, name }),
  'session.ended': ({ actor, name }) => parts('audit-session-ended', { actor, name }),
  'session.password': ({ actor }) => parts('audit-session-password', { actor }),
  'session.confirmed': ({ actor }) => parts('audit-session-confirmed', { actor }),
  'session.recovery': ({ actor }) => parts('audit-session-recovery', { actor }),
  'session.refused': ({ name, reason }) => parts('audit-session-refused', { name, reason }),
  'session.saml': ({ actor }) => parts('audit-session-saml', { actor }),
  'setup_link.created': ({ actor, name }) => parts('audit-setup-link-created', { actor, name }),
  'setup_link.metadata_read': ({ actor, organisation }) => parts('audit-setup-link-metadata-read', { actor, organisation }),
  'setup_link.opened': ({ actor, organisation }) => parts('audit-setup-link-opened', { actor, organisation }),
  'setup_link.revoked': ({ actor, name }) => parts('audit-setup-link-revoked', { actor, name }),
  'sso.refused': ({ reason }) => parts('audit-sso-refused', { reason }),
  'sso.verified': ({ name }) => parts('audit-sso-verified', { name }),
  'workspace.created': ({ actor, name }) => parts('audit-workspace-created', { actor, name }),
  'workspace.deleted': ({ actor, name }) => parts('audit-workspace-deleted', { actor, name }),
  'workspace.renamed': ({ actor, from, name }) => parts('audit-workspace-renamed', { actor, from, name }),
};

/** The names of actors that have none of their own, by their kind. @type {Record<string, string>} */
const NAMELESS = { command_line: t('audit-command-line'), system: t('audit-system'), anonymous: t('audit-anonymous') };

/** Why a password sign-in was refused. @type {Record<string, string>} */
const REASON = {
  disabled: t('audit-reason-disabled'), no_organisation: t('audit-reason-no-organisation'), no_password: t('audit-reason-no-password'), sso_required: t('audit-reason-sso-required'), wrong_password: t('audit-reason-wrong-password'), wrong_recovery_code: t('audit-reason-wrong-recovery-code'),
};

/** The details whose values are our own identifiers, which are translated. */
const OURS = ['auth_mode', 'kind', 'plan', 'provider', 'role', 'scopes'];
/** The actions of which all details have such values. */
const WHOLLY_OURS = ['member.role_changed', 'organisation.plan_switched', 'session.refused'];

/**
 * The value of a detail as text.
 * @param {string} action
 * @param {string} name
 * @param {unknown} value
 * @returns {string}
 */
export function valueText(action, name, value) {
  if ((name.endsWith('_at') || name.startsWith('not_'))) return moment(/** @type {string | null} */ (value));
  if (value === null || value === '' || value === 'none') return t('detail-value-none');
  if (typeof value === 'boolean') return value ? t('detail-value-true') : t('detail-value-false');
  if (Array.isArray(value)) return listed(value.map((one) => valueText(action, name, one))) || t('detail-value-none');
  if (typeof value === 'object' && name === 'levels') return Object.entries(value).map(([key, one]) => t('audit-detail', { name: key, value: levelText(one) })).join('; ');
  if (typeof value === 'object') return Object.entries(value).map(([key, one]) => t('audit-detail', { name: nameText(key), value: valueText(action, key, one) })).join('; ');
  const ours = OURS.includes(name) || WHOLLY_OURS.includes(action);
  if (name === 'default_level') return levelText(String(value));
  if (action === 'session.refused' && name === 'reason') return REASON[String(value)] ?? words(String(value));
  return ours ? ROLE[String(value)] ?? ownValueText(String(value)) : timed(String(value));
}

/** @param {string} level a level in an application, or `default_level` */
const levelText = (level) => LEVEL[/** @type {Level} */ (level)] ?? nameText(level);

/** @param {AuditEntry} entry */
export const who = ({ actor }) => NAMELESS[actor.kind] ?? actor.full_name ?? actor.name;

/** The value of a sentence that `slot` names. @param {AuditEntry} entry @param {string} slot */
function part(entry, slot) {
  const { action, detail, workspace, organisation, resource_name: name } = entry;
  if (slot === 'actor') return who(entry);
  if (slot === 'name') return name || t('audit-something');
  if (slot === 'workspace') return workspace ? workspace.name ?? t('audit-deleted-workspace') : t('audit-a-workspace');
  if (slot === 'organisation') return organisation?.name ?? t('audit-an-organisation');
  // A refused SSO sign-in has the reason for its name.
  if (action === 'sso.refused') return entry.reason ?? words(name);
  const value = detail?.[slot];
  return value === undefined ? t('audit-something') : valueText(action, slot, value);
}

/** Whether a value is a whole sentence, which is not in bold. @param {AuditEntry} entry @param {string} slot */
const isSentence = (entry, slot) => slot === 'reason' && entry.reason !== undefined;

/** The values for a sentence, each computed when the sentence reads it; `as` formats a value: bold, or plain text. @param {AuditEntry} entry @param {(text: string) => unknown} as */
const values = (entry, as) => /** @type {Record<string, unknown>} */ (new Proxy({}, {
  get: (_, slot) => (isSentence(entry, String(slot)) ? part(entry, String(slot)) : as(part(entry, String(slot)))),
}));

/** The parts of an entry's sentence. An action that is not listed above is named by the words of its identifier. @param {AuditEntry} entry @param {(text: string) => unknown} as */
function pieces(entry, as) {
  const of = values(entry, as);
  const unknown = () => parts('audit-unknown', { actor: of.actor, action: words(entry.action.replace('.', ' ')).toLowerCase(), name: of.name });
  // The person becomes an operator only when they use the link.
  const action = entry.action === 'operator.added' && entry.detail?.pending === true ? 'operator.wanted' : entry.action;
  return DID[action]?.(of) ?? unknown();
}

/** The sentence, with its names in bold. @param {AuditEntry} entry */
export const sentence = (entry) => html`<span class="sentence">${pieces(entry, (text) => html`<strong>${text}</strong>`)}</span>`;

/** The sentence as plain text. @param {AuditEntry} entry */
export const sentenceText = (entry) => pieces(entry, (text) => text).join('');
