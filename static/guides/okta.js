import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const okta = {
  id: 'okta',
  name: 'Okta',
  hint: 'Okta Admin Console',
  provider: 'okta',
  window: 'Okta Admin Console',
  known: /^https?:\/\/[^/]*\.?(okta|oktapreview|okta-emea)\.com\//,
  metadata: 'url',
  labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Issuer', certificate: 'Certificate' },
  steps: [
    {
      text: 'In the Okta Admin Console open *Applications > Applications* and press *Create App Integration*.',
      screen: { menu: ['Applications', 'Applications'], title: 'Applications', press: 'Create App Integration' },
    },
    {
      text: 'Choose *SAML 2.0* and press *Next*. Enter an *App name*, such as Vestibule, and press *Next* again.',
      screen: { title: 'Create a new app integration', fields: [set('Sign-in method', 'SAML 2.0')], press: 'Next' },
    },
    {
      text: 'Under *SAML Settings* paste our values. Keep *Use this for Recipient URL and Destination URL* ticked and *Default RelayState* empty. Set *Name ID format* to *EmailAddress* and *Application username* to *Email*. Under *Show Advanced Settings* keep *Assertion Signature* on *Signed* and *Assertion Encryption* on *Unencrypted*.',
      screen: {
        title: 'SAML Settings',
        tabs: ['General Settings', 'Configure SAML'],
        tab: 'Configure SAML',
        fields: [
          put('Single sign-on URL', 'callback_url'), put('Audience URI (SP Entity ID)', 'entity_id'),
          set('Name ID format', 'EmailAddress'), set('Application username', 'Email'),
        ],
        press: 'Next',
      },
    },
    {
      text: 'Press *Finish*. On the *Sign On* tab, under *Metadata details*, copy *Metadata URL* for the next step here. Or press *More details* and copy *Sign on URL*, *Issuer* and *Signing Certificate* into Sign on URL, Issuer and Certificate.',
      screen: { title: 'Metadata details', tabs: ['General', 'Sign On', 'Assignments'], tab: 'Sign On', fields: [take('Metadata URL', 'metadata_url')], press: 'Copy' },
    },
    {
      text: 'On the *Assignments* tab press *Assign* and choose the people or groups who should sign in.',
      screen: { title: 'Vestibule', tabs: ['General', 'Sign On', 'Assignments'], tab: 'Assignments', press: 'Assign' },
    },
  ],
};
