/** The guides, each in its provider's own words and in the order of its screens. One file, since browsers fetch each for itself. */

import { put, set, take } from './screen.js';

/** @import { Guide } from './screen.js' */

/** @type {Guide} */
export const google = {
  id: 'google',
  name: 'Google Workspace',
  hint: 'Google Admin console',
  provider: 'google',
  window: 'Google Admin console',
  known: /^https?:\/\/accounts\.google\.com\/o\/saml2/,
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
      text: 'On *Google Identity Provider details* press *Download metadata* and keep it: it is the Metadata file here. Or copy *SSO URL*, *Entity ID* and *Certificate* into Sign on URL, Application Identifier (Entity ID) and Certificate. Then press *Continue*.',
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
      text: 'Open *User access*, choose *ON for everyone* or some groups, and press *Save*. It can take Google some minutes to apply this.',
      screen: { menu: ['Apps', 'Web and mobile apps', 'Vestibule', 'User access'], title: 'Service status', fields: [set('Service status', 'ON for everyone')], press: 'Save' },
    },
  ],
};

/** @type {Guide} */
export const okta = {
  id: 'okta',
  name: 'Okta',
  hint: 'Okta Admin Console',
  provider: 'okta',
  window: 'Okta Admin Console',
  known: /^https?:\/\/([^/]+\.)?(okta|oktapreview|okta-emea)\.com\//,
  metadata: 'url',
  labels: { sign_on_url: 'Sign on URL', idp_entity_id: 'Issuer', certificate: 'Certificate' },
  steps: [
    {
      text: 'In the Okta Admin Console open *Applications > Applications* and press *Create App Integration*.',
      screen: { menu: ['Applications', 'Applications'], title: 'Applications', press: 'Create App Integration' },
    },
    {
      text: 'Choose *SAML 2.0* and press *Next*.',
      screen: { title: 'Create a new app integration', fields: [set('Sign-in method', 'SAML 2.0')], press: 'Next' },
    },
    {
      text: 'Enter an *App name*, such as Vestibule, and press *Next*.',
      screen: { title: 'Create SAML Integration', tabs: ['General Settings', 'Configure SAML'], tab: 'General Settings', fields: [set('App name', 'Vestibule')], press: 'Next' },
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
      text: 'Press *Finish*. On the *Sign On* tab, under *Metadata details*, copy *Metadata URL* into Metadata URL here. Or press *More details* and copy *Sign on URL*, *Issuer* and *Signing Certificate* into Sign on URL, Issuer and Certificate.',
      screen: { title: 'Metadata details', tabs: ['General', 'Sign On', 'Assignments'], tab: 'Sign On', fields: [take('Metadata URL', 'metadata_url')], press: 'Copy' },
    },
    {
      text: 'On the *Assignments* tab press *Assign* and choose the people or groups who should sign in.',
      screen: { title: 'Vestibule', tabs: ['General', 'Sign On', 'Assignments'], tab: 'Assignments', press: 'Assign' },
    },
  ],
};

/** @type {Guide} */
export const entra = {
  id: 'entra',
  name: 'Microsoft Entra ID',
  hint: 'formerly Azure AD',
  provider: 'entra',
  window: 'Microsoft Entra admin center',
  known: /^https?:\/\/(sts\.windows\.net|login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn)\//,
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
      text: 'Open *Single sign-on* and choose *SAML*.',
      screen: { menu: ['Manage', 'Single sign-on'], title: 'Select a single sign-on method', press: 'SAML' },
    },
    {
      text: 'On the card *Basic SAML Configuration* press *Edit*, paste our values, and press *Save*.',
      screen: {
        title: 'Basic SAML Configuration',
        fields: [put('Identifier (Entity ID)', 'entity_id'), put('Reply URL (Assertion Consumer Service URL)', 'callback_url')],
        press: 'Save',
      },
    },
    {
      text: 'On the card *Attributes & Claims* keep the claim *emailaddress* on *user.mail*, and make sure that each person has an e-mail address.',
      screen: { menu: ['Manage', 'Single sign-on'], title: 'Attributes & Claims', fields: [set('emailaddress', 'user.mail')] },
    },
    {
      text: 'On the card *SAML Certificates* copy *App Federation Metadata Url* into Metadata URL here. Or download *Certificate (Base64)*, and from the card *Set up Vestibule* copy *Login URL* and *Microsoft Entra Identifier* into the fields of the same name.',
      screen: { menu: ['Manage', 'Single sign-on'], title: 'SAML Certificates', fields: [take('App Federation Metadata Url', 'metadata_url')], press: 'Copy' },
    },
    {
      text: 'Under *Users and groups* press *Add user/group* and choose who should sign in.',
      screen: { menu: ['Manage', 'Users and groups'], title: 'Users and groups', press: 'Add user/group' },
    },
  ],
};

/** @type {Guide} */
export const keycloak = {
  id: 'keycloak',
  name: 'Keycloak',
  hint: 'also Red Hat build',
  provider: 'custom',
  window: 'Keycloak Admin Console',
  known: /^https?:\/\/[^/]+\/(.+\/)?realms\//,
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
      text: 'In *Realm settings > General > Endpoints* copy the address of the link *SAML 2.0 Identity Provider Metadata* into Metadata URL here. If only your own network can reach the realm, open the link, save the page and load it as the Metadata file.',
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

/** @type {Guide} */
export const adfs = {
  id: 'adfs',
  name: 'ADFS',
  hint: 'on Windows Server',
  provider: 'custom',
  window: 'AD FS Management',
  known: /^https?:\/\/[^/]+\/(.+\/)?adfs\/(ls|services\/trust)/i,
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
      text: 'On *Configure Identifiers* paste our Entity ID as *Relying party trust identifier*, press *Add*, then *Next*. Choose an access control policy, which decides who may sign in, and press *Next* to the end.',
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
      text: 'In the trust’s *Properties*, on *Advanced*, make sure that *Secure hash algorithm* is *SHA-256*.',
      screen: { title: 'Vestibule Properties', tabs: ['Encryption', 'Endpoints', 'Advanced'], tab: 'Advanced', fields: [set('Secure hash algorithm', 'SHA-256')], press: 'OK' },
    },
    {
      text: 'Open https://YOUR-ADFS/FederationMetadata/2007-06/FederationMetadata.xml in a browser and save it: it is the Metadata file here. If your AD FS can be reached from the internet, enter that address as the Metadata URL instead.',
      screen: { title: '/FederationMetadata/2007-06/', fields: [take('FederationMetadata.xml', 'metadata_file')] },
    },
  ],
};

/** @type {Guide} */
export const jumpcloud = {
  id: 'jumpcloud',
  name: 'JumpCloud',
  hint: 'JumpCloud Admin Portal',
  provider: 'custom',
  window: 'JumpCloud Admin Portal',
  known: /^https?:\/\/sso\.([^/]+\.)?jumpcloud\.com\//,
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
      text: 'Open the application’s *SSO* tab again and press *Copy Metadata URL* into Metadata URL here. Or copy *IDP URL* and *IdP Entity ID*, and download the certificate under *IDP Certificate Valid*.',
      screen: { title: 'JumpCloud Metadata', tabs: ['General Info', 'SSO', 'User Groups'], tab: 'SSO', fields: [take('Copy Metadata URL', 'metadata_url')] },
    },
    {
      text: 'On the *User Groups* tab tick the groups whose members should sign in, and press *Save*.',
      screen: { title: 'Vestibule', tabs: ['General Info', 'SSO', 'User Groups'], tab: 'User Groups', press: 'Save' },
    },
  ],
};

/** @type {Guide} */
export const onelogin = {
  id: 'onelogin',
  name: 'OneLogin',
  hint: 'by One Identity',
  provider: 'custom',
  window: 'OneLogin Administration',
  known: /^https?:\/\/([^/]+\.)?onelogin\.com\//,
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
      text: 'Under *Parameters* make sure that *NameID value* is *Email*.',
      screen: { menu: ['Parameters'], title: 'Parameters', fields: [set('NameID value', 'Email')] },
    },
    {
      text: 'Under *SSO* set *SAML Signature Algorithm* to *SHA-256* and press *Save*: OneLogin’s default is SHA-1, which is refused here. Then copy *Issuer URL* into Metadata URL here: the provider’s metadata is at that address.',
      screen: { menu: ['SSO'], title: 'Enable SAML2.0', fields: [set('SAML Signature Algorithm', 'SHA-256'), take('Issuer URL', 'metadata_url')], press: 'Save' },
    },
    {
      text: 'Under *Access* choose the roles whose people should sign in, and press *Save*.',
      screen: { menu: ['Access'], title: 'Access', fields: [set('Roles', 'Default')], press: 'Save' },
    },
  ],
};

/** @type {Guide} */
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
      text: 'Create a SAML 2.0 application at your provider and paste our values. Many providers read both from our metadata, which is at the address of our Entity ID.',
      screen: {
        menu: ['Applications', 'New SAML 2.0 application'],
        title: 'Service provider',
        fields: [put('Entity ID, Audience or SP Entity ID', 'entity_id'), put('ACS URL, Callback URL or Reply URL', 'callback_url')],
        press: 'Save',
      },
    },
    {
      text: 'Configure it to send the e-mail address as NameID, or as an attribute named email.',
      screen: { title: 'Name and attributes', fields: [set('NameID format', 'E-mail address'), set('NameID', 'The person’s e-mail address')] },
    },
    {
      text: 'Configure it to sign the assertion with SHA-256, and turn assertion encryption off.',
      screen: { title: 'Signature', fields: [set('Sign', 'Assertion'), set('Algorithm', 'RSA-SHA256'), set('Encrypt assertion', 'Off')] },
    },
    {
      text: 'Copy the address of its metadata into Metadata URL here, or load the metadata as a file. Or copy its single sign-on URL for HTTP-Redirect, its entity ID and its signing certificate.',
      screen: { title: 'Identity provider', fields: [take('Metadata URL', 'metadata_url')] },
    },
    {
      text: 'Assign the application to the people who should sign in.',
      screen: { title: 'Assignments', press: 'Assign people or groups' },
    },
  ],
};
