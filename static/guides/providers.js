/**
 * The guides: each provider's own terms and where its admin finds the settings, in the order of the provider's screens. They are one file,
 * since a browser would request each file separately. `guides.js` finds the guide for a connection.
 */

import { t } from '../texts.js';
import { put, set, take } from './screen.js';

/** @import { Guide } from './screen.js' */

/** @type {Guide} */
const google = {
  id: 'google',
  name: 'Google Workspace',
  hint: t('google-admin-console'),
  provider: 'google',
  window: t('google-admin-console'),
  known: /^https?:\/\/accounts\.google\.com\/o\/saml2/,
  metadata: 'file',
  labels: { sign_on_url: t('google-sign-on-url'), idp_entity_id: t('google-application-identifier-entity-id'), certificate: t('google-certificate') },
  steps: [
    {
      text: t('google-step-1'),
      screen: { menu: [t('google-apps'), t('google-web-and-mobile-apps')], title: t('google-web-and-mobile-apps'), tabs: [t('google-add-app'), t('google-settings')], tab: t('google-add-app'), press: t('google-add-custom-saml-app') },
    },
    {
      text: t('google-step-2'),
      screen: { title: t('google-app-details'), fields: [set(t('google-app-name'), 'Vestibule')], press: t('google-continue') },
    },
    {
      text: t('google-step-3'),
      screen: { title: t('google-identity-provider-details'), fields: [take(t('google-download-metadata'), 'metadata_file')], press: t('google-continue') },
    },
    {
      text: t('google-step-4'),
      screen: {
        title: t('google-service-provider-details'),
        fields: [put(t('google-acs-url'), 'callback_url'), put(t('google-entity-id'), 'entity_id'), set(t('google-name-id-format'), 'EMAIL'), set(t('google-name-id'), t('google-basic-information-primary-email'))],
        press: t('google-continue'),
      },
    },
    {
      text: t('google-step-5'),
      screen: { title: t('google-attribute-mapping'), press: t('google-finish') },
    },
    {
      text: t('google-step-6'),
      screen: { menu: [t('google-apps'), t('google-web-and-mobile-apps'), 'Vestibule', t('google-user-access')], title: t('google-service-status'), fields: [set(t('google-service-status'), t('google-on-for-everyone'))], press: t('google-save') },
    },
  ],
};

/** @type {Guide} */
const okta = {
  id: 'okta',
  name: 'Okta',
  hint: t('okta-admin-console'),
  provider: 'okta',
  window: t('okta-admin-console'),
  known: /^https?:\/\/([^/]+\.)?(okta|oktapreview|okta-emea)\.com\//,
  metadata: 'url',
  labels: { sign_on_url: t('okta-sign-on-url'), idp_entity_id: t('okta-issuer'), certificate: t('okta-certificate') },
  steps: [
    {
      text: t('okta-step-1'),
      screen: { menu: [t('okta-applications'), t('okta-applications')], title: t('okta-applications'), press: t('okta-create-app-integration') },
    },
    {
      text: t('okta-step-2'),
      screen: { title: t('okta-create-a-new-app-integration'), fields: [set(t('okta-sign-in-method'), 'SAML 2.0')], press: t('okta-next') },
    },
    {
      text: t('okta-step-3'),
      screen: { title: t('okta-create-saml-integration'), tabs: [t('okta-general-settings'), t('okta-configure-saml')], tab: t('okta-general-settings'), fields: [set(t('okta-app-name'), 'Vestibule')], press: t('okta-next') },
    },
    {
      text: t('okta-step-4'),
      screen: {
        title: t('okta-saml-settings'),
        tabs: [t('okta-general-settings'), t('okta-configure-saml')],
        tab: t('okta-configure-saml'),
        fields: [
          put(t('okta-single-sign-on-url'), 'callback_url'), put(t('okta-audience-uri-sp-entity-id'), 'entity_id'),
          set(t('okta-name-id-format'), 'EmailAddress'), set(t('okta-application-username'), t('okta-email')),
        ],
        press: t('okta-next'),
      },
    },
    {
      text: t('okta-step-5'),
      screen: { title: t('okta-metadata-details'), tabs: [t('okta-general'), t('okta-sign-on'), t('okta-assignments')], tab: t('okta-sign-on'), fields: [take(t('okta-metadata-url'), 'metadata_url')], press: t('okta-copy') },
    },
    {
      text: t('okta-step-6'),
      screen: { title: 'Vestibule', tabs: [t('okta-general'), t('okta-sign-on'), t('okta-assignments')], tab: t('okta-assignments'), press: t('okta-assign') },
    },
  ],
};

/** @type {Guide} */
const entra = {
  id: 'entra',
  name: 'Microsoft Entra ID',
  hint: t('entra-formerly-azure-ad'),
  provider: 'entra',
  window: t('entra-microsoft-entra-admin-center'),
  known: /^https?:\/\/(sts\.windows\.net|login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn)\//,
  metadata: 'url',
  labels: { sign_on_url: t('entra-login-url'), idp_entity_id: t('entra-microsoft-entra-identifier'), certificate: t('entra-certificate-base64') },
  steps: [
    {
      text: t('entra-step-1'),
      screen: { menu: [t('entra-enterprise-applications'), t('entra-new-application')], title: t('entra-browse-microsoft-entra-gallery'), press: t('entra-create-your-own-application') },
    },
    {
      text: t('entra-step-2'),
      screen: {
        title: t('entra-create-your-own-application'),
        fields: [set(t('entra-whats-the-name-of-your-app'), 'Vestibule'), set(t('entra-what-are-you-looking-to-do'), t('entra-integrate-any-other-application'))],
        press: t('entra-create'),
      },
    },
    {
      text: t('entra-step-3'),
      screen: { menu: [t('entra-manage'), t('entra-single-sign-on')], title: t('entra-select-a-single-sign-on-method'), press: 'SAML' },
    },
    {
      text: t('entra-step-4'),
      screen: {
        title: t('entra-basic-saml-configuration'),
        fields: [put(t('entra-identifier-entity-id'), 'entity_id'), put(t('entra-reply-url-assertion-consumer-service-url'), 'callback_url')],
        press: t('entra-save'),
      },
    },
    {
      text: t('entra-step-5'),
      screen: { menu: [t('entra-manage'), t('entra-single-sign-on')], title: t('entra-attributes-and-claims'), fields: [set('emailaddress', 'user.mail')] },
    },
    {
      text: t('entra-step-6'),
      screen: { menu: [t('entra-manage'), t('entra-single-sign-on')], title: t('entra-saml-certificates'), fields: [take(t('entra-app-federation-metadata-url'), 'metadata_url')], press: t('entra-copy') },
    },
    {
      text: t('entra-step-7'),
      screen: { menu: [t('entra-manage'), t('entra-users-and-groups')], title: t('entra-users-and-groups'), press: t('entra-add-user-group') },
    },
  ],
};

/** @type {Guide} */
const keycloak = {
  id: 'keycloak',
  name: 'Keycloak',
  hint: t('keycloak-also-red-hat-build'),
  provider: 'custom',
  window: t('keycloak-admin-console'),
  known: /^https?:\/\/[^/]+\/(.+\/)?realms\//,
  metadata: 'url',
  labels: { sign_on_url: t('keycloak-sign-on-url'), idp_entity_id: t('keycloak-entity-id-issuer'), certificate: t('keycloak-certificate') },
  steps: [
    {
      text: t('keycloak-step-1'),
      screen: { menu: [t('keycloak-clients')], title: t('keycloak-clients'), press: t('keycloak-create-client') },
    },
    {
      text: t('keycloak-step-2'),
      screen: { title: t('keycloak-general-settings'), fields: [set(t('keycloak-client-type'), 'SAML'), put(t('keycloak-client-id'), 'entity_id')], press: t('keycloak-next') },
    },
    {
      text: t('keycloak-step-3'),
      screen: { title: t('keycloak-login-settings'), fields: [put(t('keycloak-valid-redirect-uris'), 'callback_url')], press: t('keycloak-save') },
    },
    {
      text: t('keycloak-step-4'),
      screen: {
        title: t('keycloak-client-details'),
        tabs: [t('keycloak-settings'), t('keycloak-keys'), t('keycloak-advanced')],
        tab: t('keycloak-settings'),
        fields: [set(t('keycloak-name-id-format'), 'email'), set(t('keycloak-force-name-id-format'), t('keycloak-on')), set(t('keycloak-sign-assertions'), t('keycloak-on')), set(t('keycloak-signature-algorithm'), 'RSA_SHA256')],
        press: t('keycloak-save'),
      },
    },
    {
      text: t('keycloak-step-5'),
      screen: {
        title: t('keycloak-client-details'),
        tabs: [t('keycloak-settings'), t('keycloak-keys'), t('keycloak-advanced')],
        tab: t('keycloak-keys'),
        fields: [set(t('keycloak-client-signature-required'), t('keycloak-off')), set(t('keycloak-encrypt-assertions'), t('keycloak-off'))],
      },
    },
    {
      text: t('keycloak-step-6'),
      screen: {
        title: t('keycloak-fine-grain-saml-endpoint-configuration'),
        tabs: [t('keycloak-settings'), t('keycloak-keys'), t('keycloak-advanced')],
        tab: t('keycloak-advanced'),
        fields: [put(t('keycloak-assertion-consumer-service-post-binding'), 'callback_url')],
        press: t('keycloak-save'),
      },
    },
    {
      text: t('keycloak-step-7'),
      screen: {
        menu: [t('keycloak-realm-settings')],
        title: t('keycloak-realm-settings'),
        tabs: [t('keycloak-general'), t('keycloak-login'), t('keycloak-keys')],
        tab: t('keycloak-general'),
        fields: [take(t('keycloak-saml-2-0-identity-provider-metadata'), 'metadata_url')],
      },
    },
  ],
};

/** @type {Guide} */
const adfs = {
  id: 'adfs',
  name: 'ADFS',
  hint: t('adfs-on-windows-server'),
  provider: 'custom',
  window: t('adfs-ad-fs-management'),
  known: /^https?:\/\/[^/]+\/(.+\/)?adfs\/(ls|services\/trust)/i,
  metadata: 'file',
  labels: { sign_on_url: t('adfs-sign-on-url'), idp_entity_id: t('adfs-federation-service-identifier'), certificate: t('adfs-token-signing-certificate') },
  steps: [
    {
      text: t('adfs-step-1'),
      screen: { menu: ['AD FS', t('adfs-relying-party-trusts')], title: t('adfs-actions'), press: t('adfs-add-relying-party-trust') },
    },
    {
      text: t('adfs-step-2'),
      screen: {
        title: t('adfs-select-data-source'),
        fields: [set(t('adfs-data-source'), t('adfs-enter-data-about-the-relying-party-manua'))],
        press: t('adfs-next'),
      },
    },
    {
      text: t('adfs-step-3'),
      screen: {
        title: t('adfs-configure-url'),
        fields: [set(t('adfs-enable-support-for-the-saml-2-0-websso-p'), t('adfs-on')), put(t('adfs-relying-party-saml-2-0-sso-service-url'), 'callback_url')],
        press: t('adfs-next'),
      },
    },
    {
      text: t('adfs-step-4'),
      screen: { title: t('adfs-configure-identifiers'), fields: [put(t('adfs-relying-party-trust-identifier'), 'entity_id')], press: t('adfs-add') },
    },
    {
      text: t('adfs-step-5'),
      screen: {
        title: t('adfs-edit-rule'),
        fields: [set(t('adfs-attribute-store'), t('adfs-active-directory')), set(t('adfs-ldap-attribute'), t('adfs-e-mail-addresses')), set(t('adfs-outgoing-claim-type'), t('adfs-e-mail-address'))],
        press: t('adfs-ok'),
      },
    },
    {
      text: t('adfs-step-6'),
      screen: {
        title: t('adfs-edit-rule'),
        fields: [set(t('adfs-incoming-claim-type'), t('adfs-e-mail-address')), set(t('adfs-outgoing-claim-type-2'), t('adfs-name-id')), set(t('adfs-outgoing-name-id-format'), t('adfs-email'))],
        press: t('adfs-ok'),
      },
    },
    {
      text: t('adfs-step-7'),
      screen: { title: t('adfs-vestibule-properties'), tabs: [t('adfs-encryption'), t('adfs-endpoints'), t('adfs-advanced')], tab: t('adfs-advanced'), fields: [set(t('adfs-secure-hash-algorithm'), 'SHA-256')], press: t('adfs-ok') },
    },
    {
      text: t('adfs-step-8'),
      screen: { title: '/FederationMetadata/2007-06/', fields: [take('FederationMetadata.xml', 'metadata_file')] },
    },
  ],
};

/** @type {Guide} */
const jumpcloud = {
  id: 'jumpcloud',
  name: 'JumpCloud',
  hint: t('jumpcloud-admin-portal'),
  provider: 'custom',
  window: t('jumpcloud-admin-portal'),
  known: /^https?:\/\/sso\.([^/]+\.)?jumpcloud\.com\//,
  metadata: 'url',
  labels: { sign_on_url: t('jumpcloud-idp-url'), idp_entity_id: t('jumpcloud-idp-entity-id'), certificate: t('jumpcloud-idp-certificate') },
  steps: [
    {
      text: t('jumpcloud-step-1'),
      screen: { menu: [t('jumpcloud-access'), t('jumpcloud-sso-applications')], title: t('jumpcloud-sso-applications'), press: t('jumpcloud-add-new-application') },
    },
    {
      text: t('jumpcloud-step-2'),
      screen: {
        title: t('jumpcloud-custom-application'),
        fields: [set(t('jumpcloud-manage-single-sign-on-sso'), t('jumpcloud-configure-sso-with-saml')), set(t('jumpcloud-display-label'), 'Vestibule')],
        press: t('jumpcloud-save-application'),
      },
    },
    {
      text: t('jumpcloud-step-3'),
      screen: {
        title: 'Vestibule',
        tabs: [t('jumpcloud-general-info'), t('jumpcloud-sso'), t('jumpcloud-user-groups')],
        tab: t('jumpcloud-sso'),
        fields: [set(t('jumpcloud-idp-entity-id'), 'https://…/jumpcloud'), put(t('jumpcloud-sp-entity-id'), 'entity_id'), put(t('jumpcloud-acs-urls-default-url'), 'callback_url')],
      },
    },
    {
      text: t('jumpcloud-step-4'),
      screen: {
        title: 'Vestibule',
        tabs: [t('jumpcloud-general-info'), t('jumpcloud-sso'), t('jumpcloud-user-groups')],
        tab: t('jumpcloud-sso'),
        fields: [set(t('jumpcloud-samlsubject-nameid'), 'email'), set(t('jumpcloud-samlsubject-nameid-format'), '…:emailAddress'), set(t('jumpcloud-signature-algorithm'), 'RSA-SHA256'), set(t('jumpcloud-declare-redirect-endpoint'), t('jumpcloud-on'))],
        press: t('jumpcloud-save'),
      },
    },
    {
      text: t('jumpcloud-step-5'),
      screen: { title: t('jumpcloud-metadata'), tabs: [t('jumpcloud-general-info'), t('jumpcloud-sso'), t('jumpcloud-user-groups')], tab: t('jumpcloud-sso'), fields: [take(t('jumpcloud-copy-metadata-url'), 'metadata_url')] },
    },
    {
      text: t('jumpcloud-step-6'),
      screen: { title: 'Vestibule', tabs: [t('jumpcloud-general-info'), t('jumpcloud-sso'), t('jumpcloud-user-groups')], tab: t('jumpcloud-user-groups'), press: t('jumpcloud-save') },
    },
  ],
};

/** @type {Guide} */
const onelogin = {
  id: 'onelogin',
  name: 'OneLogin',
  hint: t('onelogin-by-one-identity'),
  provider: 'custom',
  window: t('onelogin-administration'),
  known: /^https?:\/\/([^/]+\.)?onelogin\.com\//,
  metadata: 'url',
  labels: { sign_on_url: t('onelogin-saml-2-0-endpoint-http'), idp_entity_id: t('onelogin-issuer-url'), certificate: t('onelogin-x-509-certificate') },
  steps: [
    {
      text: t('onelogin-step-1'),
      screen: { menu: [t('onelogin-applications'), t('onelogin-applications')], title: t('onelogin-applications'), press: t('onelogin-add-app') },
    },
    {
      text: t('onelogin-step-2'),
      screen: { title: t('onelogin-find-applications'), fields: [set(t('onelogin-search'), t('onelogin-saml-custom-connector-advanced')), set(t('onelogin-display-name'), 'Vestibule')], press: t('onelogin-save') },
    },
    {
      text: t('onelogin-step-3'),
      screen: {
        menu: [t('onelogin-configuration')],
        title: t('onelogin-application-details'),
        fields: [
          put(t('onelogin-audience-entityid'), 'entity_id'), put(t('onelogin-recipient'), 'callback_url'), put(t('onelogin-acs-consumer-url-validator'), 'callback_url'),
          put(t('onelogin-acs-consumer-url'), 'callback_url'), set(t('onelogin-saml-nameid-format'), t('onelogin-email')), set(t('onelogin-saml-signature-element'), t('onelogin-assertion')),
        ],
        press: t('onelogin-save'),
      },
    },
    {
      text: t('onelogin-step-4'),
      screen: { menu: [t('onelogin-parameters')], title: t('onelogin-parameters'), fields: [set(t('onelogin-nameid-value'), t('onelogin-email'))] },
    },
    {
      text: t('onelogin-step-5'),
      screen: { menu: [t('onelogin-sso')], title: t('onelogin-enable-saml2-0'), fields: [set(t('onelogin-saml-signature-algorithm'), 'SHA-256'), take(t('onelogin-issuer-url'), 'metadata_url')], press: t('onelogin-save') },
    },
    {
      text: t('onelogin-step-6'),
      screen: { menu: [t('onelogin-access')], title: t('onelogin-access'), fields: [set(t('onelogin-roles'), t('onelogin-default'))], press: t('onelogin-save') },
    },
  ],
};

/** @type {Guide} */
const other = {
  id: 'other',
  name: t('other-other'),
  hint: t('other-any-that-speaks-saml-2-0'),
  provider: 'custom',
  window: t('other-your-identity-provider'),
  known: null,
  metadata: 'url',
  labels: { sign_on_url: t('other-sign-on-url'), idp_entity_id: t('other-entity-id-issuer'), certificate: t('other-certificate') },
  steps: [
    {
      text: t('other-step-1'),
      screen: {
        menu: [t('other-applications'), t('other-new-saml-2-0-application')],
        title: t('other-service-provider'),
        fields: [put(t('other-entity-id-audience-or-sp-entity-id'), 'entity_id'), put(t('other-acs-url-callback-url-or-reply-url'), 'callback_url')],
        press: t('other-save'),
      },
    },
    {
      text: t('other-step-2'),
      screen: { title: t('other-name-and-attributes'), fields: [set(t('other-nameid-format'), t('other-e-mail-address')), set(t('other-nameid'), t('other-the-persons-e-mail-address'))] },
    },
    {
      text: t('other-step-3'),
      screen: { title: t('other-signature'), fields: [set(t('other-sign'), t('other-assertion')), set(t('other-algorithm'), 'RSA-SHA256'), set(t('other-encrypt-assertion'), t('other-off'))] },
    },
    {
      text: t('other-step-4'),
      screen: { title: t('other-identity-provider'), fields: [take(t('other-metadata-url'), 'metadata_url')] },
    },
    {
      text: t('other-step-5'),
      screen: { title: t('other-assignments'), press: t('other-assign-people-or-groups') },
    },
  ],
};

/** All guides, in the order of their tiles. The last one is for any other provider. */
export const GUIDES = [google, okta, entra, keycloak, adfs, jumpcloud, onelogin, other];
