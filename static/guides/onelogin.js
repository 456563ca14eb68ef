import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const onelogin = {
  id: 'onelogin',
  name: 'OneLogin',
  hint: 'by One Identity',
  provider: 'custom',
  window: 'OneLogin Administration',
  known: /^https:\/\/[^/]*onelogin\.com\//,
  metadata: 'url',
  labels: { sign_on_url: 'SAML 2.0 Endpoint (HTTP)', idp_entity_id: 'Issuer URL', certificate: 'X.509 Certificate' },
  steps: [
    {
      text: 'In OneLogin Administration open *Applications > Applications* and press *Add App*.',
      screen: { menu: ['Applications', 'Applications'], title: 'Applications', press: 'Add App' },
    },
    {
      text: 'Search for *SAML Custom Connector (Advanced)*, choose it, enter a *Display Name*, such as Vestibule, and press *Save*.',
      screen: { title: 'Find Applications', fields: [set('Search', 'SAML Custom Connector (Advanced)'), set('Display Name', 'Vestibule')], press: 'Save' },
    },
    {
      text: 'Open *Configuration* and paste our values. Set *SAML initiator* to *Service Provider*, *SAML nameID format* to *Email* and *SAML signature element* to *Assertion*, and press *Save*.',
      screen: {
        menu: ['Configuration'],
        title: 'Application details',
        fields: [
          put('Audience (EntityID)', 'entity_id'), put('Recipient', 'callback_url'), put('ACS (Consumer) URL Validator', 'callback_url'),
          put('ACS (Consumer) URL', 'callback_url'), set('SAML nameID format', 'Email'), set('SAML signature element', 'Assertion'),
        ],
        press: 'Save',
      },
    },
    {
      text: 'Under *Parameters* see that *NameID value* is *Email*.',
      screen: { menu: ['Parameters'], title: 'Parameters', fields: [set('NameID value', 'Email')] },
    },
    {
      text: 'Under *SSO* set *SAML Signature Algorithm* to *SHA-256* and press *Save*: OneLogin begins with SHA-1, which is refused here. Then copy *Issuer URL* for the next step here: the provider’s metadata is at that address.',
      screen: { menu: ['SSO'], title: 'Enable SAML2.0', fields: [set('SAML Signature Algorithm', 'SHA-256'), take('Issuer URL', 'metadata_url')], press: 'Save' },
    },
    {
      text: 'Under *Access* choose the roles whose people should sign in, and press *Save*.',
      screen: { menu: ['Access'], title: 'Access', fields: [set('Roles', 'Default')], press: 'Save' },
    },
  ],
};
