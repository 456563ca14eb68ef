import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const jumpcloud = {
  id: 'jumpcloud',
  name: 'JumpCloud',
  hint: 'JumpCloud Admin Portal',
  provider: 'custom',
  window: 'JumpCloud Admin Portal',
  known: /^https:\/\/sso\.jumpcloud\.com\//,
  metadata: 'url',
  labels: { sign_on_url: 'IDP URL', idp_entity_id: 'IdP Entity ID', certificate: 'IDP Certificate' },
  steps: [
    {
      text: 'In the JumpCloud Admin Portal open *SSO Applications* and press *Add New Application*.',
      screen: { menu: ['Access', 'SSO Applications'], title: 'SSO Applications', press: 'Add New Application' },
    },
    {
      text: 'Choose *Custom Application*, then *Manage Single Sign-On (SSO)* with *Configure SSO with SAML*. Enter a *Display Label*, such as Vestibule, press *Save Application*, then *Configure Application*.',
      screen: {
        title: 'Custom Application',
        fields: [set('Manage Single Sign-On (SSO)', 'Configure SSO with SAML'), set('Display Label', 'Vestibule')],
        press: 'Save Application',
      },
    },
    {
      text: 'On the *SSO* tab enter an *IdP Entity ID*, such as the address of your company’s website followed by /jumpcloud, and paste our values.',
      screen: {
        title: 'Vestibule',
        tabs: ['General Info', 'SSO', 'User Groups'],
        tab: 'SSO',
        fields: [set('IdP Entity ID', 'https://…/jumpcloud'), put('SP Entity ID', 'entity_id'), put('ACS URLs: Default URL', 'callback_url')],
      },
    },
    {
      text: 'Set *SAMLSubject NameID* to *email* and *SAMLSubject NameID Format* to the one that ends in *emailAddress*. Keep *Signature Algorithm* on *RSA-SHA256* and *Sign* on *Assertion*, tick *Declare Redirect Endpoint*, and press *Save*.',
      screen: {
        title: 'Vestibule',
        tabs: ['General Info', 'SSO', 'User Groups'],
        tab: 'SSO',
        fields: [set('SAMLSubject NameID', 'email'), set('SAMLSubject NameID Format', '…:emailAddress'), set('Signature Algorithm', 'RSA-SHA256'), set('Declare Redirect Endpoint', 'On')],
        press: 'Save',
      },
    },
    {
      text: 'Open the application’s *SSO* tab again and press *Copy Metadata URL* for the next step here. Or copy *IDP URL* and *IdP Entity ID*, and download the certificate under *IDP Certificate Valid*.',
      screen: { title: 'JumpCloud Metadata', tabs: ['General Info', 'SSO', 'User Groups'], tab: 'SSO', fields: [take('Copy Metadata URL', 'metadata_url')] },
    },
    {
      text: 'On the *User Groups* tab tick the groups who should sign in, and press *Save*.',
      screen: { title: 'Vestibule', tabs: ['General Info', 'SSO', 'User Groups'], tab: 'User Groups', press: 'Save' },
    },
  ],
};
