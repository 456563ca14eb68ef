/** The names and values of the audit log's details as text. */

import { t } from '../texts.js';
import { LIMITS } from './plan_limits.js';

/** @type {Record<string, string>} */
const NAMES = {
  added_by: t('detail-added-by'),
  applications: t('detail-applications'),
  assertion: t('detail-assertion'),
  auth_mode: t('detail-auth-mode'),
  backchannel_logout_uri: t('detail-backchannel-logout-uri'),
  certificates: t('detail-certificates'),
  client_type: t('detail-client-type'),
  codes_left: t('detail-codes-left'),
  counts: t('detail-counts'),
  days: t('detail-days'),
  default_level: t('detail-default-level'),
  ends: t('detail-ends'),
  expires_at: t('detail-expires-at'),
  fingerprint: t('detail-fingerprint'),
  force_authn: t('detail-force-authn'),
  from: t('detail-from'),
  grants: t('detail-grants'),
  hosts: t('detail-hosts'),
  id: t('detail-id'),
  idp_entity_id: t('detail-idp-entity-id'),
  invitation_hours: t('detail-invitation-hours'),
  keeps: t('detail-keeps'),
  keys: t('detail-keys'),
  kind: t('detail-kind'),
  levels: t('detail-levels'),
  lines: t('detail-lines'),
  logo: t('detail-logo'),
  loses: t('detail-loses'),
  metadata_url: t('detail-metadata-url'),
  methods: t('detail-methods'),
  name: t('detail-name'),
  name_id_format: t('detail-name-id-format'),
  not_after: t('detail-not-after'),
  path: t('detail-path'),
  pending: t('detail-pending'),
  people: t('detail-people'),
  pkce_optional: t('detail-pkce-optional'),
  plan: t('detail-plan'),
  post_logout_redirect_uris: t('detail-post-logout-redirect-uris'),
  provider: t('detail-provider'),
  reason: t('detail-reason'),
  redirect_uris: t('detail-redirect-uris'),
  reference: t('detail-reference'),
  require: t('detail-require'),
  role: t('detail-role'),
  rules: t('detail-rules'),
  scopes: t('detail-scopes'),
  session_days: t('detail-session-days'),
  session_idle_hours: t('detail-session-idle-hours'),
  sessions: t('detail-sessions'),
  sign_on_url: t('detail-sign-on-url'),
  sign_requests: t('detail-sign-requests'),
  signing: t('detail-signing'),
  source: t('detail-source'),
  to: t('detail-to'),
  token_auth: t('detail-token-auth'),
  url: t('detail-url'),
  ...Object.fromEntries(LIMITS.map(({ name, label }) => [name, label])),
};

/** The texts of values that are identifiers of ours. @type {Record<string, string>} */
const VALUES = {
  password: t('detail-value-password'),
  password_or_saml: t('detail-value-password-or-saml'),
  saml: t('detail-value-saml'),
  google: t('detail-value-google'),
  okta: t('detail-value-okta'),
  entra: t('detail-value-entra'),
  custom: t('detail-value-custom'),
  read: t('detail-value-read'),
  manage_members: t('detail-value-manage-members'),
  manage_sso: t('detail-value-manage-sso'),
  manage_applications: t('detail-value-manage-applications'),
  link: t('detail-value-link'),
  proxy: t('detail-value-proxy'),
  operator: t('detail-value-operator'),
};

/** An identifier without a text above, such as `sign_on_url`, as words. @param {string} name */
export function words(name) {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string} name */
export const nameText = (name) => NAMES[name] ?? words(name);

/** @param {string} value */
export const ownValueText = (value) => VALUES[value] ?? words(value);
