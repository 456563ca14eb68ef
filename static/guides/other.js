import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const other = {
  id: 'other',
  name: 'Other',
  hint: 'any that speaks SAML 2.0',
  provider: 'custom',
  window: 'Your identity provider',
  known: null,
  metadata: 'url',
  labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Entity ID (Issuer)', certificate: 'Certificate' },
  steps: [
    {
      text: 'Make a SAML 2.0 application at your provider and paste our values. Many providers read both from our metadata, which is at the address of our Entity ID.',
      screen: {
        menu: ['Applications', 'New SAML 2.0 application'],
        title: 'Service provider',
        fields: [put('Entity ID, Audience or SP Entity ID', 'entity_id'), put('ACS URL, Callback URL or Reply URL', 'callback_url')],
        press: 'Save',
      },
    },
    {
      text: 'Let it send the e-mail address as NameID, or as an attribute named email.',
      screen: { title: 'Name and attributes', fields: [set('NameID format', 'E-mail address'), set('NameID', 'The person’s e-mail address')] },
    },
    {
      text: 'Let it sign the assertion with SHA-256, and turn assertion encryption off.',
      screen: { title: 'Signature', fields: [set('Sign', 'Assertion'), set('Algorithm', 'RSA-SHA256'), set('Encrypt assertion', 'Off')] },
    },
    {
      text: 'Look for the address of its metadata, for the next step here; a file does too. Or copy its single sign-on URL for HTTP-Redirect, its entity ID and its signing certificate.',
      screen: { title: 'Identity provider', fields: [take('Metadata URL', 'metadata_url')] },
    },
    {
      text: 'Give the application to the people who should sign in.',
      screen: { title: 'Assignments', press: 'Assign people or groups' },
    },
  ],
};
