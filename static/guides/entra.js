import { put, set, take } from './screen.js';

/** @type {import('./screen.js').Guide} */
export const entra = {
  id: 'entra',
  name: 'Microsoft Entra ID',
  hint: 'once Azure AD',
  provider: 'entra',
  window: 'Microsoft Entra admin center',
  known: /^https:\/\/(sts\.windows\.net|login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn)\//,
  metadata: 'url',
  labels: { sign_on_url: 'Login URL', idp_entity_id: 'Microsoft Entra Identifier', certificate: 'Certificate (Base64)' },
  steps: [
    {
      text: 'In the Microsoft Entra admin center open *Enterprise applications > New application* and press *Create your own application*.',
      screen: { menu: ['Enterprise applications', 'New application'], title: 'Browse Microsoft Entra Gallery', press: 'Create your own application' },
    },
    {
      text: 'Name it, such as Vestibule, choose *Integrate any other application you don’t find in the gallery (Non-gallery)* and press *Create*.',
      screen: {
        title: 'Create your own application',
        fields: [set('What’s the name of your app?', 'Vestibule'), set('What are you looking to do?', 'Integrate any other application')],
        press: 'Create',
      },
    },
    {
      text: 'Open *Single sign-on* and choose *SAML*. On the card *Basic SAML Configuration* press *Edit*, paste our values, and press *Save*.',
      screen: {
        menu: ['Manage', 'Single sign-on'],
        title: 'Basic SAML Configuration',
        fields: [put('Identifier (Entity ID)', 'entity_id'), put('Reply URL (Assertion Consumer Service URL)', 'callback_url')],
        press: 'Save',
      },
    },
    {
      text: 'On the card *Attributes & Claims* keep the claim *emailaddress* on *user.mail*, and see that each person has an e-mail address.',
      screen: { menu: ['Manage', 'Single sign-on'], title: 'Attributes & Claims', fields: [set('emailaddress', 'user.mail')] },
    },
    {
      text: 'On the card *SAML Certificates* copy *App Federation Metadata Url* for the next step here. Or download *Certificate (Base64)*, and from the card *Set up Vestibule* copy *Login URL* and *Microsoft Entra Identifier* into the fields of the same name.',
      screen: { menu: ['Manage', 'Single sign-on'], title: 'SAML Certificates', fields: [take('App Federation Metadata Url', 'metadata_url')], press: 'Copy' },
    },
    {
      text: 'Under *Users and groups* press *Add user/group* and choose who should sign in.',
      screen: { menu: ['Manage', 'Users and groups'], title: 'Users and groups', press: 'Add user/group' },
    },
  ],
};
