/** What each provider calls things, and where its admin finds them. The one source of these words. */

/**
 * @typedef {{name: string, labels: {sign_on_url: string, idp_entity_id: string, certificate: string}, steps: string[], note?: string}} Provider
 */

/** @type {Record<string, Provider>} */
export const PROVIDERS = {
  google: {
    name: 'Google Workspace',
    labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Application Identifier (Entity ID)', certificate: 'Certificate' },
    steps: [
      'In the Google Admin console open Apps > Web and mobile apps > Add app > Add custom SAML app.',
      'Name it Vestibule and continue to Google Identity Provider details.',
      'Copy SSO URL into Sign on URL, Entity ID into Application Identifier (Entity ID), and Certificate into Certificate below.',
      'On Service provider details paste our Callback URL into ACS URL and our Entity ID into Entity ID. Leave Start URL empty.',
      'Set Name ID format to EMAIL and Name ID to Basic Information > Primary email. Finish.',
      'Open User access and turn the app ON for everyone who should sign in. Google takes some minutes to spread it.',
    ],
  },
  okta: {
    name: 'Okta',
    labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Issuer', certificate: 'Certificate' },
    steps: [
      'In the Okta Admin Console open Applications > Create App Integration > SAML 2.0.',
      'Paste our Callback URL into Single sign-on URL (keep Use this for Recipient URL and Destination URL on), and our Entity ID into Audience URI (SP Entity ID).',
      'Set Name ID format to EmailAddress and Application username to Email. Under Advanced keep Assertion Signature on Signed and Assertion Encryption on Unencrypted.',
      'Finish, open the Sign On tab, and press View SAML setup instructions.',
      'Copy Identity Provider Single Sign-On URL into Sign on URL, Identity Provider Issuer into Issuer, and X.509 Certificate into Certificate below.',
      'On the Assignments tab assign the people who should sign in.',
    ],
  },
  entra: {
    name: 'Microsoft Entra ID',
    labels: { sign_on_url: 'Login URL', idp_entity_id: 'Microsoft Entra Identifier', certificate: 'Certificate (Base64)' },
    steps: [
      'In the Entra admin center open Enterprise applications > New application > Create your own application (non-gallery).',
      'Open Single sign-on > SAML. In Basic SAML Configuration paste our Entity ID into Identifier (Entity ID) and our Callback URL into Reply URL (Assertion Consumer Service URL).',
      'In Attributes & Claims set Unique User Identifier (Name ID) to user.mail.',
      'In SAML Certificates download Certificate (Base64) and paste its text into Certificate (Base64) below.',
      'From Set up copy Login URL and Microsoft Entra Identifier into the fields of the same name.',
      'Under Users and groups assign the people who should sign in.',
    ],
  },
  custom: {
    name: 'Other',
    labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Entity ID (Issuer)', certificate: 'Certificate' },
    steps: [
      'Make a SAML 2.0 application at your provider with our Entity ID and our Callback URL (also called ACS URL or Reply URL).',
      'Let it send the e-mail address as NameID, or as an attribute named email.',
      'Let it sign the assertion with SHA-256, and turn assertion encryption off.',
      'Copy its single sign-on URL (HTTP-Redirect), its entity ID and its signing certificate into the fields below, or drop its metadata in.',
    ],
    note: 'Keycloak: Clients > Create client > SAML, Client ID = our Entity ID, Valid redirect URIs and Assertion Consumer Service POST Binding URL = our Callback URL, Name ID format email, Sign assertions On, Client signature required Off, Encrypt assertions Off. Its metadata is at Realm settings > Endpoints > SAML 2.0 Identity Provider Metadata.',
  },
};
