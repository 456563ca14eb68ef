/**
 * What each provider calls things and where its admin finds them, in the order of its own screens: the one source of these
 * words. *Stars* stand around what is written on a screen.
 */

/** @import { Provider } from '../types.js' */

/**
 * The names of the form's fields at a provider.
 * @typedef {{name: string, hint: string, labels: {sign_on_url: string, idp_entity_id: string, certificate: string}}} Wording
 * @typedef {'entity_id' | 'callback_url'} Ours
 */

/**
 * One step; `paste` names fields of the provider's screen and which of our values belongs there.
 * @typedef {{text: string, paste?: [string, Ours][]}} Step
 * @typedef {{id: string, name: string, provider: Provider, steps: Step[]}} Guide
 */

/** @type {Record<Provider, Wording>} */
export const PROVIDERS = {
  google: {
    name: 'Google Workspace',
    hint: 'Google Admin console',
    labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Application Identifier (Entity ID)', certificate: 'Certificate' },
  },
  okta: {
    name: 'Okta',
    hint: 'Okta Admin Console',
    labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Issuer', certificate: 'Certificate' },
  },
  entra: {
    name: 'Microsoft Entra ID',
    hint: 'once Azure AD',
    labels: { sign_on_url: 'Login URL', idp_entity_id: 'Microsoft Entra Identifier', certificate: 'Certificate (Base64)' },
  },
  custom: {
    name: 'Other',
    hint: 'Keycloak, ADFS, JumpCloud …',
    labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Entity ID (Issuer)', certificate: 'Certificate' },
  },
};

/** @type {Guide[]} */
export const GUIDES = [
  {
    id: 'google',
    name: 'Google Workspace',
    provider: 'google',
    steps: [
      { text: 'In the Google Admin console open *Apps > Web and mobile apps* and choose *Add app > Add custom SAML app*. Name it Vestibule and press *Continue*.' },
      { text: 'On *Google Identity Provider details* press *Download metadata* and choose that file in the form here. Or copy *SSO URL* into Sign on URL, *Entity ID* into Application Identifier (Entity ID), and *Certificate* into Certificate. Press *Continue*.' },
      { text: 'On *Service provider details* paste our values. Leave *Start URL* empty.', paste: [['ACS URL', 'callback_url'], ['Entity ID', 'entity_id']] },
      { text: 'There, set *Name ID format* to *EMAIL* and *Name ID* to *Basic Information > Primary email*. Press *Continue*, then *Finish*; no attribute mapping is needed.' },
      { text: 'Open *User access*, choose *ON for everyone* or some groups, and *Save*. Google takes some minutes to spread it.' },
    ],
  },
  {
    id: 'okta',
    name: 'Okta',
    provider: 'okta',
    steps: [
      { text: 'In the Okta Admin Console open *Applications > Applications*, press *Create App Integration*, choose *SAML 2.0* and press *Next*. Name it Vestibule and press *Next*.' },
      { text: 'Under *SAML Settings* paste our values. Keep *Use this for Recipient URL and Destination URL* on, and *Default RelayState* empty.', paste: [['Single sign-on URL', 'callback_url'], ['Audience URI (SP Entity ID)', 'entity_id']] },
      { text: 'Set *Name ID format* to *EmailAddress* and *Application username* to *Email*. Under *Show Advanced Settings* keep *Assertion Signature* on *Signed* and *Assertion Encryption* on *Unencrypted*. Press *Next*, then *Finish*.' },
      { text: 'On the *Sign On* tab, under *Metadata details*, press *More details*. Copy *Sign on URL*, *Issuer* and *Signing Certificate* into Sign on URL, Issuer and Certificate here.' },
      { text: 'On the *Assignments* tab press *Assign* and choose the people or groups who should sign in.' },
    ],
  },
  {
    id: 'entra',
    name: 'Microsoft Entra ID',
    provider: 'entra',
    steps: [
      { text: 'In the Microsoft Entra admin center open *Enterprise applications > New application > Create your own application*. Name it Vestibule, choose *Integrate any other application you don’t find in the gallery (Non-gallery)* and press *Create*.' },
      { text: 'Open *Single sign-on*, choose *SAML*, and *Edit* the card *Basic SAML Configuration*.', paste: [['Identifier (Entity ID)', 'entity_id'], ['Reply URL (Assertion Consumer Service URL)', 'callback_url']] },
      { text: 'In *Attributes & Claims* keep the claim *emailaddress* on *user.mail*, and see that each person has an e-mail address.' },
      { text: 'In *SAML Certificates* download *Federation Metadata XML* and choose that file in the form here. Or download *Certificate (Base64)* and paste its text into Certificate (Base64).' },
      { text: 'From the card *Set up Vestibule* copy *Login URL* and *Microsoft Entra Identifier* into the fields of the same name here.' },
      { text: 'Under *Users and groups* press *Add user/group* and choose who should sign in.' },
    ],
  },
  {
    id: 'other',
    name: 'Any other provider',
    provider: 'custom',
    steps: [
      { text: 'Make a SAML 2.0 application at your provider and paste our values. Many providers read both from our metadata, which is at the address of our Entity ID.', paste: [['Entity ID, Audience or SP Entity ID', 'entity_id'], ['ACS URL, Callback URL or Reply URL', 'callback_url']] },
      { text: 'Let it send the e-mail address as NameID, or as an attribute named email.' },
      { text: 'Let it sign the assertion with SHA-256, and turn assertion encryption off.' },
      { text: 'Choose its metadata file in the form here. Or copy its single sign-on URL for HTTP-Redirect, its entity ID and its signing certificate.' },
      { text: 'Give the application to the people who should sign in.' },
    ],
  },
  {
    id: 'keycloak',
    name: 'Keycloak',
    provider: 'custom',
    steps: [
      { text: 'In your realm open *Clients > Create client*, set *Client type* to *SAML*, and press *Next*.', paste: [['Client ID', 'entity_id'], ['Valid redirect URIs', 'callback_url']] },
      { text: '*Save*. On *Settings* set *Name ID format* to *email* and *Force name ID format* to *On*. Set *Sign assertions* to *On* and *Signature algorithm* to *RSA_SHA256*.' },
      { text: 'On *Keys* set *Client signature required* to *Off* and *Encrypt assertions* to *Off*.' },
      { text: 'On *Advanced*, under *Fine Grain SAML Endpoint Configuration*:', paste: [['Assertion Consumer Service POST Binding URL', 'callback_url']] },
      { text: 'In *Realm settings > General > Endpoints* open *SAML 2.0 Identity Provider Metadata*, save it, and choose that file in the form here.' },
    ],
  },
];

/** Where Google, Okta and Entra ID are not what people have. */
export const NOT_LISTED = 'Provider not listed? Use Other: any provider that speaks SAML 2.0 works.';
