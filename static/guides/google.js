import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const google = {
  id: 'google',
  name: 'Google Workspace',
  hint: 'Google Admin console',
  provider: 'google',
  window: 'Google Admin console',
  known: /^https:\/\/accounts\.google\.com\/o\/saml2/,
  metadata: 'file',
  labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Application Identifier (Entity ID)', certificate: 'Certificate' },
  steps: [
    {
      text: 'In the Google Admin console open *Apps > Web and mobile apps* and choose *Add app > Add custom SAML app*.',
      screen: { menu: ['Apps', 'Web and mobile apps'], title: 'Web and mobile apps', tabs: ['Add app', 'Settings'], tab: 'Add app', press: 'Add custom SAML app' },
    },
    {
      text: 'Enter an *App name*, such as Vestibule, and press *Continue*.',
      screen: { title: 'App details', fields: [set('App name', 'Vestibule')], press: 'Continue' },
    },
    {
      text: 'On *Google Identity Provider details* press *Download metadata* and keep the file for the next step here. Or copy *SSO URL*, *Entity ID* and *Certificate* into Sign on URL, Application Identifier (Entity ID) and Certificate. Then press *Continue*.',
      screen: { title: 'Google Identity Provider details', fields: [take('Download metadata', 'metadata_file')], press: 'Continue' },
    },
    {
      text: 'On *Service provider details* paste our values, and leave *Start URL* empty. Set *Name ID format* to *EMAIL* and *Name ID* to *Basic Information > Primary email*. Press *Continue*.',
      screen: {
        title: 'Service provider details',
        fields: [put('ACS URL', 'callback_url'), put('Entity ID', 'entity_id'), set('Name ID format', 'EMAIL'), set('Name ID', 'Basic Information > Primary email')],
        press: 'Continue',
      },
    },
    {
      text: 'No *Attribute mapping* is needed: press *Finish*.',
      screen: { title: 'Attribute mapping', press: 'Finish' },
    },
    {
      text: 'Open *User access*, choose *ON for everyone* or some groups, and press *Save*. Google takes some minutes to spread it.',
      screen: { menu: ['Apps', 'Web and mobile apps', 'Vestibule', 'User access'], title: 'Service status', fields: [set('Service status', 'ON for everyone')], press: 'Save' },
    },
  ],
};
