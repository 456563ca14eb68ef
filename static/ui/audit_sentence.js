/** Each line of the audit log as a sentence: who did what to whom. */

import { html } from '../vendor/lit-html.js';
import { ROLE, moment, timed } from './format.js';

/** @import { AuditEntry, Role } from '../types.js' */

/**
 * What follows the actor's name. In braces: `name` of the thing, its `workspace` or `organisation`, or one of the details.
 * @type {Record<string, string>}
 */
const DID = {
  'account.changed': 'changed their own account',
  'account.password_changed': 'changed their password',
  'account.password_reset': 'set a new password by a link',
  'account.password_ended': 'ended the password of {name}, whose link had been handed over',
  'account.reset_link': 'created a password link for {name}',
  'account.reset_requested': 'asked for a password link for {name}',
  'admin.added': 'made {name} an organisation admin',
  'admin.removed': 'removed {name} as organisation admin',
  'appliance.set_up': 'set up Vestibule, with the organisation {name}',
  'branding.changed': 'changed the name and logo on the pages of {name}',
  'branding.removed': 'removed the name and logo from the pages of {name}',
  'connection.certificate_adopted': 'adopted a certificate for {name}',
  'connection.certificate_rejected': 'rejected a certificate for {name}',
  'connection.certificate_waiting': 'added a certificate for {name}, which is waiting to be adopted',
  'connection.certificate_expiring': 'warned the admins of {name} that a certificate is about to expire',
  'connection.certificate_found': 'found a new certificate in the metadata for {name}',
  'connection.keys_retired': 'retired our SAML keys for {name}',
  'connection.keys_rotated': 'created new SAML keys for {name}',
  'connection.metadata_changed': 'found a changed value in the metadata for {name}',
  'connection.metadata_failed': 'could not load the metadata for {name}',
  'connection.reminded': 'reminded people of {name} ({people}) to sign in through SSO',
  'connection.removed': 'removed the SSO connection {name}',
  'connection.saml_only_off': 'turned SAML-only off for {name}',
  'connection.saml_only_on': 'turned SAML-only on for {name}',
  'connection.saved': 'saved the SSO settings {name}',
  'connection.tested': 'tested single sign-on of {name}',
  'invitation.accepted': 'accepted the invitation to {workspace} as {role}',
  'invitation.created': 'invited {name} to {workspace} as {role}',
  'invitation.resent': 'sent {name} the invitation to {workspace} again',
  'invitation.withdrawn': 'withdrew the invitation of {name} to {workspace}',
  'key.created': 'created the API key {name}',
  'key.deleted': 'deleted the API key {name}',
  'mail.discarded': 'discarded an e-mail to {name}',
  'mail.failed': 'gave up on an e-mail to {name}',
  'mail.tested': 'sent a test e-mail to {name}',
  'mail.retried': 'retried an e-mail to {name}',
  'member.reminded': 'reminded {name} to sign in through SSO',
  'member.removed': 'removed {name} from {organisation}',
  'member.revoked': 'revoked the access of {name} to {workspace}',
  'member.role_changed': 'changed the role of {name} in {workspace} from {from} to {to}',
  'member.sessions_ended': 'ended the sessions of {name} in {organisation}',
  'operator.added': 'added {name} as operator',
  'operator.confirmed': 'became an operator with the link',
  'operator.removed': 'removed {name} as operator',
  'organisation.created': 'created the organisation {name} on the plan {plan}',
  'organisation.deleted': 'deleted the organisation {name}',
  'organisation.lives_changed': 'changed how long invitations and sign-ins of {name} last',
  'organisation.plan_switched': 'switched {name} from the plan {from} to {to}',
  'organisation.renamed': 'renamed the organisation from {from} to {name}',
  'person.disabled': 'disabled {name}',
  'person.enabled': 'enabled {name}',
  'plan.changed': 'changed the plan {name}',
  'recovery.codes_made': 'created new recovery codes for {name}',
  'recovery.link_made': 'created a recovery link for {name}',
  'security.copy_accepted': 'accepted the copied database {name} as it is',
  'security.cross_site': 'sent a request from another site: {name}',
  'security.left_out': 'left out {lines} more security entries',
  'security.refused': 'was denied {name}',
  'security.sign_in_failed': 'tried to sign in to an account that does not exist',
  'security.throttled': 'made too many attempts at {name}',
  'security.unknown_key': 'used an unknown API key for {name}',
  'session.ended': 'ended a session of {name}',
  'session.password': 'signed in with a password',
  'session.confirmed': 'confirmed their identity',
  'session.recovery': 'signed in by recovery',
  'session.refused': 'Password sign-in of {name} refused: {reason}',
  'session.saml': 'signed in through SSO',
  'setup_link.created': 'created the {name}',
  'setup_link.metadata_read': 'loaded metadata for {organisation}',
  'setup_link.opened': 'opened the SSO set-up of {organisation}',
  'setup_link.revoked': 'revoked the {name}',
  'sso.refused': 'SSO sign-in refused: {reason}',
  'sso.verified': 'The identity provider identified {name}',
  'workspace.created': 'created the workspace {name}',
  'workspace.deleted': 'deleted the workspace {name}',
  'workspace.renamed': 'renamed the workspace from {from} to {name}',
};

/** Actions whose sentence has no actor: nobody was signed in yet. */
const WITHOUT_ACTOR = ['session.refused', 'sso.refused', 'sso.verified'];

/** The name of an actor without one. @type {Record<string, string>} */
const NAMELESS = { command_line: 'The command line', system: 'Vestibule', anonymous: 'Someone not signed in' };

/** A name out of the log, such as `sign_on_url`, as words. @param {string} name */
export function words(name) {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why a password sign-in was refused. @type {Record<string, string>} */
const REASON = {
  disabled: 'the account is disabled', no_organisation: 'the person belongs to no organisation', sso_required: 'SSO is required', wrong_password: 'wrong password', wrong_recovery_code: 'wrong recovery code',
};

/** Why a sign-in through SSO was refused, where the code alone does not say it. @type {Record<string, string>} */
const SSO_REASON = { test_of_other_person: 'it was made as another person' };

/** Details whose values are our own words. */
const OURS = ['auth_mode', 'kind', 'plan', 'provider', 'role', 'scopes'];
/** The actions whose details are all words of ours. */
const WHOLLY_OURS = ['member.role_changed', 'organisation.plan_switched', 'session.refused'];

/**
 * A detail's value in words.
 * @param {string} action
 * @param {string} name
 * @param {unknown} value
 * @returns {string}
 */
export function valueText(action, name, value) {
  if ((name.endsWith('_at') || name.startsWith('not_'))) return moment(/** @type {string | null} */ (value));
  if (value === null || value === '') return 'none';
  if (Array.isArray(value)) return value.map((one) => valueText(action, name, one)).join(', ') || 'none';
  if (typeof value === 'object') return Object.entries(value).map(([key, one]) => `${words(key)}: ${valueText(action, key, one)}`).join('; ');
  const ours = OURS.includes(name) || WHOLLY_OURS.includes(action);
  if (action === 'session.refused' && name === 'reason') return REASON[String(value)] ?? words(String(value));
  return ours ? ROLE[/** @type {Role} */ (value)] ?? words(String(value)) : timed(String(value));
}

/** @param {AuditEntry} entry */
export const who = ({ actor }) => NAMELESS[actor.kind] ?? actor.full_name ?? actor.name;

/** The actor's name at the start of a sentence. @param {AuditEntry} entry */
const actorOf = (entry) => (WITHOUT_ACTOR.includes(entry.action) ? '' : who(entry));

/** The text for one pair of braces. @param {AuditEntry} entry @param {string} slot */
function part({ action, detail, workspace, organisation, resource_name: name }, slot) {
  if (slot === 'name') return name || 'something';
  if (slot === 'workspace') return workspace ? workspace.name ?? 'a deleted workspace' : 'a workspace';
  if (slot === 'organisation') return organisation?.name ?? 'an organisation';
  // What was refused at SSO is named by the reason.
  if (action === 'sso.refused') return SSO_REASON[name] ?? words(name).toLowerCase();
  const value = detail?.[slot];
  return value === undefined ? 'something' : valueText(action, slot, value);
}

/**
 * The sentence, with its names in bold; a line of an action that is missing above is told by the log's own words.
 * @param {AuditEntry} entry
 */
export function sentence(entry) {
  const did = DID[entry.action] ?? `${words(entry.action.replace('.', ' ')).toLowerCase()}: {name}`;
  const parts = did.split(/\{(\w+)\}/).map((text, n) => (n % 2 ? html`<strong>${part(entry, text)}</strong>` : text));
  return html`<span class="sentence">${actorOf(entry) && html`<strong>${actorOf(entry)}</strong> `}${parts}.</span>`;
}

/** The same without marks. @param {AuditEntry} entry */
export function sentenceText(entry) {
  const did = DID[entry.action] ?? entry.action;
  return `${actorOf(entry) && `${actorOf(entry)} `}${did.replace(/\{(\w+)\}/g, (_, slot) => part(entry, slot))}`;
}
