import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const keycloak = {
  id: 'keycloak',
  name: 'Keycloak',
  hint: 'also Red Hat build',
  provider: 'custom',
  window: 'Keycloak Admin Console',
  known: /^https?:\/\/[^/]+(\/auth)?\/realms\//,
  metadata: 'url',
  labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Entity ID (Issuer)', certificate: 'Certificate' },
  steps: [
    {
      text: 'In your realm open *Clients* and press *Create client*.',
      screen: { menu: ['Clients'], title: 'Clients', press: 'Create client' },
    },
    {
      text: 'Set *Client type* to *SAML*, paste our Entity ID as *Client ID*, and press *Next*.',
      screen: { title: 'General settings', fields: [set('Client type', 'SAML'), put('Client ID', 'entity_id')], press: 'Next' },
    },
    {
      text: 'Paste our Callback URL as *Valid redirect URIs* and press *Save*.',
      screen: { title: 'Login settings', fields: [put('Valid redirect URIs', 'callback_url')], press: 'Save' },
    },
    {
      text: 'On *Settings* set *Name ID format* to *email*, and *Force name ID format* and *Sign assertions* to *On*, with *Signature algorithm* *RSA_SHA256*. Press *Save*.',
      screen: {
        title: 'Client details',
        tabs: ['Settings', 'Keys', 'Advanced'],
        tab: 'Settings',
        fields: [set('Name ID format', 'email'), set('Force name ID format', 'On'), set('Sign assertions', 'On'), set('Signature algorithm', 'RSA_SHA256')],
        press: 'Save',
      },
    },
    {
      text: 'On *Keys* set *Client signature required* and *Encrypt assertions* to *Off*.',
      screen: {
        title: 'Client details',
        tabs: ['Settings', 'Keys', 'Advanced'],
        tab: 'Keys',
        fields: [set('Client signature required', 'Off'), set('Encrypt assertions', 'Off')],
      },
    },
    {
      text: 'On *Advanced*, under *Fine Grain SAML Endpoint Configuration*, paste our Callback URL as *Assertion Consumer Service POST Binding URL* and press *Save*.',
      screen: {
        title: 'Fine Grain SAML Endpoint Configuration',
        tabs: ['Settings', 'Keys', 'Advanced'],
        tab: 'Advanced',
        fields: [put('Assertion Consumer Service POST Binding URL', 'callback_url')],
        press: 'Save',
      },
    },
    {
      text: 'In *Realm settings > General > Endpoints* copy the address of the link *SAML 2.0 Identity Provider Metadata* for the next step here. A realm that only your own network reaches gives its metadata as a file: open the link and save the page.',
      screen: {
        menu: ['Realm settings'],
        title: 'Realm settings',
        tabs: ['General', 'Login', 'Keys'],
        tab: 'General',
        fields: [take('SAML 2.0 Identity Provider Metadata', 'metadata_url')],
      },
    },
  ],
};
