import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const adfs = {
  id: 'adfs',
  name: 'ADFS',
  hint: 'on Windows Server',
  provider: 'custom',
  window: 'AD FS Management',
  known: /\/adfs\/(ls|services\/trust)/i,
  metadata: 'file',
  labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Federation Service identifier', certificate: 'Token-signing certificate' },
  steps: [
    {
      text: 'In AD FS Management open *Relying Party Trusts* and choose *Add Relying Party Trust*. Keep *Claims aware* and press *Start*.',
      screen: { menu: ['AD FS', 'Relying Party Trusts'], title: 'Actions', press: 'Add Relying Party Trust' },
    },
    {
      text: 'Choose *Enter data about the relying party manually* and press *Next*. Enter a *Display name*, such as Vestibule, press *Next*, and choose no encryption certificate.',
      screen: {
        title: 'Select Data Source',
        fields: [set('Data source', 'Enter data about the relying party manually')],
        press: 'Next',
      },
    },
    {
      text: 'On *Configure URL* tick *Enable support for the SAML 2.0 WebSSO protocol*, paste our Callback URL below it, and press *Next*.',
      screen: {
        title: 'Configure URL',
        fields: [set('Enable support for the SAML 2.0 WebSSO protocol', 'On'), put('Relying party SAML 2.0 SSO service URL', 'callback_url')],
        press: 'Next',
      },
    },
    {
      text: 'On *Configure Identifiers* paste our Entity ID as *Relying party trust identifier*, press *Add*, then *Next*. Choose who may sign in by the access control policy, and press *Next* to the end.',
      screen: { title: 'Configure Identifiers', fields: [put('Relying party trust identifier', 'entity_id')], press: 'Add' },
    },
    {
      text: 'In *Edit Claim Issuance Policy* press *Add Rule*, choose *Send LDAP Attributes as Claims*, the store *Active Directory*, and send *E-Mail-Addresses* as *E-Mail Address*.',
      screen: {
        title: 'Edit Rule',
        fields: [set('Attribute store', 'Active Directory'), set('LDAP Attribute', 'E-Mail-Addresses'), set('Outgoing Claim Type', 'E-Mail Address')],
        press: 'OK',
      },
    },
    {
      text: 'Press *Add Rule* once more and choose *Transform an Incoming Claim*: *E-Mail Address* to *Name ID*, with the format *Email*.',
      screen: {
        title: 'Edit Rule',
        fields: [set('Incoming claim type', 'E-Mail Address'), set('Outgoing claim type', 'Name ID'), set('Outgoing name ID format', 'Email')],
        press: 'OK',
      },
    },
    {
      text: 'In the trust’s *Properties*, on *Advanced*, see that *Secure hash algorithm* is *SHA-256*.',
      screen: { title: 'Vestibule Properties', tabs: ['Encryption', 'Endpoints', 'Advanced'], tab: 'Advanced', fields: [set('Secure hash algorithm', 'SHA-256')], press: 'OK' },
    },
    {
      text: 'Open https://YOUR-ADFS/FederationMetadata/2007-06/FederationMetadata.xml in a browser and save it for the next step here. Where the internet reaches your AD FS, that address itself is better: the next step takes it as *Metadata URL*.',
      screen: { title: '/FederationMetadata/2007-06/', fields: [take('FederationMetadata.xml', 'metadata_file')] },
    },
  ],
};
