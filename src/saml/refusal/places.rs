//! Where each thing is set, in the words of each provider's own admin screens.

use super::Product;

/// One fix, and its place at each provider.
#[derive(Debug)]
pub struct Fix {
    /// The advice, for any provider.
    pub what: &'static str,
    /// Where that is set at the provider; none where the fix is here.
    there: Option<There>,
}

/// The places of one setting.
#[derive(Debug)]
struct There {
    google: &'static str,
    okta: &'static str,
    entra: &'static str,
    keycloak: &'static str,
    adfs: &'static str,
    jumpcloud: &'static str,
    onelogin: &'static str,
    other: &'static str,
}

impl Fix {
    const fn here(what: &'static str) -> Self {
        Self { what, there: None }
    }

    /// The fix at this provider, and its place.
    pub fn at(&self, product: Product) -> String {
        self.place(product).map_or_else(|| self.what.into(), |place| format!("{} {place}", self.what))
    }

    /// The advice for these products: the place if there is only one, otherwise each place after its product's name.
    pub fn at_any(&self, products: &[Product]) -> String {
        if let [one] = products {
            return self.at(*one);
        }
        let named = |product: &Product| Some(format!(" {}: {}", product.name(), self.place(*product)?));
        products.iter().filter_map(named).fold(self.what.into(), |told, place| told + &place)
    }

    /// Where that is set at this provider; none where the fix is here.
    pub fn place(&self, product: Product) -> Option<&'static str> {
        let there = self.there.as_ref()?;
        Some(match product {
            Product::Google => there.google,
            Product::Okta => there.okta,
            Product::Entra => there.entra,
            Product::Keycloak => there.keycloak,
            Product::Adfs => there.adfs,
            Product::JumpCloud => there.jumpcloud,
            Product::OneLogin => there.onelogin,
            Product::Other => there.other,
        })
    }
}

pub(super) static CALLBACK: Fix = Fix {
    what: "At the identity provider, set our Callback URL, exactly as the SSO settings show it.",
    there: Some(There {
        google: "Apps > Web and mobile apps > the application > Service provider details > ACS URL.",
        okta: "General > SAML Settings > Edit > Single sign-on URL, with “Use this for Recipient URL and Destination URL” ticked.",
        entra: "Single sign-on > Basic SAML Configuration > Reply URL (Assertion Consumer Service URL).",
        keycloak: "Clients > the client > Advanced > Fine Grain SAML Endpoint Configuration > Assertion Consumer Service POST Binding URL, and Settings > Valid redirect URIs.",
        adfs: "Relying Party Trusts > the trust > Properties > Endpoints > SAML Assertion Consumer, binding POST.",
        jumpcloud: "SSO Applications > the application > SSO > ACS URLs: Default URL.",
        onelogin: "Applications > the application > Configuration > ACS (Consumer) URL and Recipient; and ACS (Consumer) URL Validator, a pattern that it must fit.",
        other: "The field is called ACS URL, Assertion Consumer Service, Callback URL, Reply URL or Recipient.",
    }),
};

pub(super) static AUDIENCE: Fix = Fix {
    what: "At the identity provider, set our Entity ID, exactly as the SSO settings show it.",
    there: Some(There {
        google: "Apps > Web and mobile apps > the application > Service provider details > Entity ID.",
        okta: "General > SAML Settings > Edit > Audience URI (SP Entity ID).",
        entra: "Single sign-on > Basic SAML Configuration > Identifier (Entity ID).",
        keycloak: "Clients > the client > Settings > Client ID.",
        adfs: "Relying Party Trusts > the trust > Properties > Identifiers > Relying party identifiers.",
        jumpcloud: "SSO Applications > the application > SSO > SP Entity ID.",
        onelogin: "Applications > the application > Configuration > Audience (EntityID).",
        other: "The field is called Entity ID, SP Entity ID, Audience or Identifier.",
    }),
};

pub(super) static ISSUER: Fix = Fix {
    what: "In the SSO settings here, enter the provider's entity ID, exactly as the provider shows it.",
    there: Some(There {
        google: "It is shown under Apps > Web and mobile apps > the application > Download metadata > Entity ID.",
        okta: "It is shown under Sign On > Metadata details > More details > Issuer.",
        entra: "It is shown under Single sign-on > Set up > Microsoft Entra Identifier.",
        keycloak: "It is the realm's address, such as https://login.example.com/realms/acme: Realm settings > General > Endpoints > SAML 2.0 Identity Provider Metadata, entityID.",
        adfs: "It is shown under AD FS > Edit Federation Service Properties > Federation Service identifier.",
        jumpcloud: "It is what was entered there, under SSO Applications > the application > SSO > IdP Entity ID.",
        onelogin: "It is shown under Applications > the application > SSO > Issuer URL, while Configuration > SAML issuer type is Specific.",
        other: "It is the entityID in the provider's metadata.",
    }),
};

pub(super) static CLOCK: Fix = Fix {
    what: "Set both clocks by NTP. An operator can check this server's clock with vestibule doctor; if it is right, the provider's clock is wrong.",
    there: Some(There {
        google: "Google's clocks are right: check this server's clock (timedatectl).",
        okta: "Okta's clocks are right: check this server's clock (timedatectl).",
        entra: "Microsoft's clocks are right: check this server's clock (timedatectl).",
        keycloak: "On Keycloak's own server: timedatectl. If responses only take too long to arrive: Clients > the client > Advanced > Advanced settings > Assertion Lifespan.",
        adfs: "On the AD FS server: w32tm /query /status. If its clock is slightly ahead: Set-AdfsRelyingPartyTrust -NotBeforeSkew 2.",
        jumpcloud: "JumpCloud's clocks are right: check this server's clock (timedatectl).",
        onelogin: "OneLogin's clocks are right: check this server's clock (timedatectl). If responses only take too long to arrive: Applications > the application > Configuration > SAML not valid on or after, in minutes.",
        other: "On the provider's own server: timedatectl, or w32tm on Windows.",
    }),
};

pub(super) static SIGN: Fix = Fix {
    what: "Configure the provider to sign the assertion.",
    there: Some(There {
        google: "Google always signs; Service provider details > Signed response sets what. Check for a proxy that changes messages.",
        okta: "General > SAML Settings > Edit > Show Advanced Settings > Assertion Signature: Signed.",
        entra: "Single sign-on > SAML Certificates > Edit > Signing Option: Sign SAML assertion.",
        keycloak: "Clients > the client > Settings > Signature and Encryption > Sign assertions: On.",
        adfs: "In PowerShell: Set-AdfsRelyingPartyTrust -SamlResponseSignature AssertionOnly.",
        jumpcloud: "SSO Applications > the application > SSO > Sign: Assertion.",
        onelogin: "Applications > the application > Configuration > SAML signature element: Assertion.",
        other: "The setting is called Sign assertion, or WantAssertionsSigned.",
    }),
};

pub(super) static ALGORITHM: Fix = Fix {
    what: "Configure the provider to sign with RSA and SHA-256.",
    there: Some(There {
        google: "Google signs with SHA-256 by default; a certificate from before 2017 may not: Apps > Web and mobile apps > the application > Service provider details > Certificate > Manage certificates.",
        okta: "General > SAML Settings > Edit > Show Advanced Settings > Signature Algorithm: RSA-SHA256, Digest Algorithm: SHA256.",
        entra: "Single sign-on > SAML Certificates > Edit > Signing Algorithm: SHA-256.",
        keycloak: "Clients > the client > Settings > Signature and Encryption > Signature algorithm: RSA_SHA256.",
        adfs: "Relying Party Trusts > the trust > Properties > Advanced > Secure hash algorithm: SHA-256.",
        jumpcloud: "SSO Applications > the application > SSO > Signature Algorithm: RSA-SHA256.",
        onelogin: "Applications > the application > SSO > SAML Signature Algorithm: SHA-256. The default is SHA-1.",
        other: "The setting is called Signature algorithm, and Digest algorithm beside it.",
    }),
};

pub(super) static CANONICAL: Fix = Fix {
    what: "Configure the provider to use the enveloped-signature transform and exclusive canonicalisation (exc-c14n) without comments.",
    there: Some(There {
        google: "Google does this; check for a proxy that changes messages.",
        okta: "Okta does this; check for a proxy that changes messages.",
        entra: "Entra ID does this; check for a proxy that changes messages.",
        keycloak: "Clients > the client > Settings > Signature and Encryption > Canonicalization method: EXCLUSIVE.",
        adfs: "AD FS does this; check for a proxy that changes messages.",
        jumpcloud: "JumpCloud has no setting for it; check for a proxy that changes messages.",
        onelogin: "OneLogin does this; check for a proxy that changes messages.",
        other: "The setting is called Canonicalization, C14N or Transforms.",
    }),
};

pub(super) static CERTIFICATE: Fix = Fix {
    what: "In the SSO settings here, paste the certificate that the provider signs with now; keep the old one beside it until the change is complete.",
    there: Some(There {
        google: "It is shown under Apps > Web and mobile apps > the application > Download metadata > Certificate.",
        okta: "It is shown under Sign On > SAML Signing Certificates > the one with status Active > Actions > Download certificate.",
        entra: "It is shown under Single sign-on > SAML Certificates > Certificate (Base64); the one with status Active signs.",
        keycloak: "It is shown under Realm settings > Keys > the RS256 line of use SIG > Certificate.",
        adfs: "It is shown under AD FS > Service > Certificates > Token-signing, the Primary one > View Certificate > Details > Copy to File.",
        jumpcloud: "It is under SSO Applications > the application > IDP Certificate Valid > Download certificate.",
        onelogin: "It is shown under Applications > the application > SSO > X.509 Certificate > View Details.",
        other: "It is the X509Certificate for signing in the provider's metadata.",
    }),
};

pub(super) static STRONG_KEY: Fix = Fix {
    what: "Configure the provider to sign with a key of RSA 2048 bits or more, or EC P-256, P-384 or P-521; then paste its certificate here.",
    there: Some(There {
        google: "Security > Authentication > SSO with SAML applications > Add certificate creates one with 2048 bits.",
        okta: "Sign On > SAML Signing Certificates > Generate new certificate creates one with 2048 bits.",
        entra: "Single sign-on > SAML Certificates > Edit > New Certificate creates one with 2048 bits.",
        keycloak: "Realm settings > Keys > Add providers > rsa-generated, Key size 2048 or more.",
        adfs: "In PowerShell: Update-AdfsCertificate -CertificateType Token-Signing creates one with 2048 bits.",
        jumpcloud: "SSO Applications > the application > IDP Certificate Valid > Regenerate certificate; or upload a certificate and its private key there, of 2048 bits or more.",
        onelogin: "Security > Certificates > New, with Key Length 2048; then the application's SSO > X.509 Certificate > Change.",
        other: "The setting is called Signing key or Token-signing certificate.",
    }),
};

pub(super) static ENCRYPT: Fix = Fix {
    what: "Configure the provider to encrypt with AES-GCM and RSA-OAEP for the encryption certificate in our current metadata (its address is the Entity ID). Or turn encryption off: TLS still protects the message.",
    there: Some(There {
        google: "Google Workspace does not encrypt assertions; check whether something between it and Vestibule changes messages.",
        okta: "General > SAML Settings > Edit > Show Advanced Settings > Assertion Encryption, Encryption Algorithm: AES256-GCM, Key Transport Algorithm: RSA-OAEP, Encryption Certificate.",
        entra: "Security > Token encryption > Import Certificate, and activate it. It encrypts with AES-256-CBC: Single sign-on > SAML Certificates > Signing Option: Sign SAML response and assertion.",
        keycloak: "Clients > the client > Keys > Encrypt assertions, and there import the certificate; Settings > Sign documents: On where it encrypts with AES-CBC.",
        adfs: "Relying Party Trusts > the trust > Properties > Encryption > Browse. It encrypts with AES-CBC: Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion.",
        jumpcloud: "JumpCloud's SSO tab has no field that encrypts assertions; check whether something between it and Vestibule changes messages.",
        onelogin: "Applications > the application > Configuration > SAML Encryption: the key of our encryption certificate. SAML encryption method: AES-128-CBC in place of TRIPLEDES-CBC, with SAML signature element: Both. Or Encrypt assertion: not ticked.",
        other: "The settings are called Assertion encryption, Encryption certificate, and Encryption and Key transport algorithm.",
    }),
};

pub(super) static NO_ENCRYPTION: Fix = Fix {
    what: "Turn encryption off at the provider; TLS still protects the message.",
    there: Some(There {
        google: "Apps > Web and mobile apps > the application > Service provider details: remove the encryption certificate.",
        okta: "General > SAML Settings > Edit > Show Advanced Settings > Assertion Encryption: Unencrypted.",
        entra: "Security > Token encryption: deactivate or delete the certificate.",
        keycloak: "Clients > the client > Keys > Encrypt assertions: Off.",
        adfs: "Relying Party Trusts > the trust > Properties > Encryption > Remove; or in PowerShell: Set-AdfsRelyingPartyTrust -EncryptClaims $false.",
        jumpcloud: "JumpCloud's SSO tab has no field that encrypts; check whether something between it and Vestibule changes messages.",
        onelogin: "Applications > the application > Configuration > Encrypt assertion: not ticked.",
        other: "The setting is called Assertion encryption, or Encrypt NameID and Encrypt attributes.",
    }),
};

pub(super) static FRESH: Fix = Fix {
    what: "Sign in once more. If the provider cannot ask again, turn “Ask for a fresh sign-in” off in the SSO settings, under Advanced.",
    there: Some(There {
        google: "Google Workspace has no setting for it.",
        okta: "General > SAML Settings > Edit > Show Advanced Settings > Honor Force Authentication: Yes.",
        entra: "Conditional Access > Session > Sign-in frequency: Every time also asks again.",
        keycloak: "Keycloak asks again without a setting; check its server's clock.",
        adfs: "In PowerShell: Set-AdfsRelyingPartyTrust -AlwaysRequireAuthentication $true, and check its server's clock.",
        jumpcloud: "JumpCloud's SSO tab has no setting for it.",
        onelogin: "Security > Policies > an app policy with Forced Authentication; then the application's Access > Policy.",
        other: "The setting may be called ForceAuthn, or Honor Force Authentication.",
    }),
};

pub(super) static EMAIL: Fix = Fix {
    what: "Configure the provider to send the e-mail address, as NameID or as one attribute named email, and make sure that this person has one there.",
    there: Some(There {
        google: "Service provider details > Name ID format: EMAIL, Name ID: Basic Information > Primary email.",
        okta: "General > SAML Settings > Edit > Name ID format: EmailAddress, Application username: Email.",
        entra: "Single sign-on > Attributes & Claims > Unique User Identifier (Name ID): user.mail, and the claim emailaddress: user.mail.",
        keycloak: "Clients > the client > Settings > Name ID format: email, Force name ID format: On. The address is under Users > the person > Details > Email.",
        adfs: "Edit Claim Issuance Policy > Add Rule > Send LDAP Attributes as Claims: E-Mail-Addresses as E-Mail Address; then Transform an Incoming Claim: E-Mail Address to Name ID, format Email.",
        jumpcloud: "SSO Applications > the application > SSO > SAMLSubject NameID: email, SAMLSubject NameID Format: the one that ends in emailAddress. The address is under Users > the person > Details > Company Email.",
        onelogin: "Applications > the application > Configuration > SAML nameID format: Email, and Parameters > NameID value: Email. The address is under Users > Users > the person > Email.",
        other: "Map the address to NameID with format emailAddress, or to an attribute named email.",
    }),
};

pub(super) static GUEST_EMAIL: Fix = Fix {
    what: "Configure the provider to send the guest's own e-mail address in place of the internal name (with #), and invite that address here.",
    there: Some(There {
        google: "If people are imported from Entra ID: SAML attribute mapping must use Primary email.",
        okta: "If people are imported from Entra ID: Directory > Profile Editor > Mappings, with mail for email.",
        entra: "Single sign-on > Attributes & Claims > emailaddress: user.mail, and Unique User Identifier (Name ID): user.mail in place of user.userprincipalname. The address is under Users > the guest > Properties > Contact Information > Email.",
        keycloak: "If the realm signs people in through Entra ID: Identity providers > the provider > Mappers, with the claim user.mail as email.",
        adfs: "If a claims provider trust leads to Entra ID: Edit Claim Rules, and pass E-Mail Address through in place of UPN.",
        jumpcloud: "If people are imported from Entra ID: Users > the person > Details > Company Email must be their own address.",
        onelogin: "If people are imported from Entra ID: Users > Users > the person > Email must be their own address.",
        other: "Map the person's own address (at Entra ID user.mail) to the attribute email.",
    }),
};

pub(super) static ONE_EMAIL: Fix = Fix {
    what: "Configure the provider to send one e-mail address, the one that the person is invited by.",
    there: Some(There {
        google: "SAML attribute mapping: keep one line whose App attribute is email, mapped from Primary email.",
        okta: "General > SAML Settings > Edit > Attribute Statements: keep one line named email, with value user.email.",
        entra: "Single sign-on > Attributes & Claims: keep one claim with an e-mail address, emailaddress: user.mail.",
        keycloak: "Clients > the client > Client scopes > the dedicated scope: keep one mapper whose SAML Attribute Name is email.",
        adfs: "Edit Claim Issuance Policy: keep one rule that issues E-Mail Address, and not from proxyAddresses, which has several.",
        jumpcloud: "SSO Applications > the application > SSO > Attributes > User Attribute Mapping: keep one line whose Service Provider Attribute Name is email, mapped from email.",
        onelogin: "Applications > the application > Parameters: keep one field named email with value Email, marked Include in SAML assertion.",
        other: "Keep one attribute named email or mail, with one value.",
    }),
};

pub(super) static FEWER_ATTRIBUTES: Fix = Fix {
    what: "Configure the provider to send fewer attributes, for example only the groups that matter.",
    there: Some(There {
        google: "SAML attribute mapping > Group membership (optional): remove groups.",
        okta: "General > SAML Settings > Edit > Group Attribute Statements: narrow the filter.",
        entra: "Single sign-on > Attributes & Claims > the groups claim: Groups assigned to the application.",
        keycloak: "Clients > the client > Client scopes > the dedicated scope: remove the mappers for groups and roles.",
        adfs: "Edit Claim Issuance Policy: remove the rule that sends Token-Groups.",
        jumpcloud: "SSO Applications > the application > SSO > Attributes > Group Attributes: do not include the group attribute.",
        onelogin: "Applications > the application > Parameters: remove the fields for roles and groups, or do not mark them Include in SAML assertion.",
        other: "Look for mappings of groups, roles and photographs.",
    }),
};

pub(super) static ASSIGNED: Fix = Fix {
    what: "Check the provider's own log: the provider refused this person or our request. Often the person is not assigned to the application.",
    there: Some(There {
        google: "Apps > Web and mobile apps > the application > User access: ON for the person's group. Log: Reporting > Audit and investigation > SAML log events.",
        okta: "Assignments: the person or a group of theirs. Log: Reports > System Log.",
        entra: "Users and groups: the person or a group of theirs. Log: Monitoring > Sign-in logs.",
        keycloak: "Users > the person: Enabled. Settings > Client signature required: Off, where our requests are not signed. Log: Events > User events.",
        adfs: "Relying Party Trusts > the trust > Edit Access Control Policy. Log: Event Viewer > Applications and Services Logs > AD FS > Admin.",
        jumpcloud: "SSO Applications > the application > User Groups: a group of the person's. Log: Insights > Directory, the events of SSO.",
        onelogin: "Applications > the application > Access: a role of the person's. Log: Activity > Events.",
        other: "Give the application to the person, and see what the provider logged at that time.",
    }),
};

pub(super) static POST_BACK: Fix = Fix {
    what: "The provider must answer with one SAML 2.0 Response by HTTP-POST, for web browser single sign-on.",
    there: Some(There {
        google: "Create the application with Add app > Add custom SAML app.",
        okta: "Create the application with Create App Integration > SAML 2.0.",
        entra: "Under Single sign-on choose SAML.",
        keycloak: "Clients > the client: Client type SAML; Settings > SAML capabilities > Force POST binding: On, Force artifact binding: Off.",
        adfs: "Relying Party Trusts > the trust > Properties > Endpoints: a SAML Assertion Consumer with binding POST, as default.",
        jumpcloud: "Create the application with Add New Application > Custom Application > Manage Single Sign-On (SSO) > Configure SSO with SAML.",
        onelogin: "Create the application with Add App > SAML Custom Connector (Advanced).",
        other: "Choose SAML 2.0 rather than SAML 1.1 or WS-Federation, and HTTP-POST as the response binding.",
    }),
};

pub(super) static PLAIN_MESSAGE: Fix = Fix {
    what: "The message has a form that providers do not send. Check whether something between the provider and Vestibule changes it; if not, report it to the provider's vendor.",
    there: Some(There {
        google: "If Google sends it in this form, ask Google Workspace support, with the reference.",
        okta: "If Okta sends it in this form, look for an Assertion Inline Hook under General; otherwise ask Okta support.",
        entra: "If Entra ID sends it in this form, look for claims with unusual values under Attributes & Claims; otherwise ask Microsoft support.",
        keycloak: "Look for extensions of your own, such as a script mapper under Client scopes > the dedicated scope.",
        adfs: "Look for custom claim rules under Edit Claim Issuance Policy.",
        jumpcloud: "If JumpCloud sends it in this form, look for Constant Attributes with unusual values under SSO > Attributes; otherwise ask JumpCloud support.",
        onelogin: "If OneLogin sends it in this form, look for fields with macros or unusual values under Parameters; otherwise ask OneLogin support.",
        other: "Look for templates, hooks or scripts of your own that write the assertion.",
    }),
};

pub(super) static TILE: Fix = Fix {
    what: "Set the sign-on URL in the SSO settings here to the address where the provider accepts our requests (AuthnRequest), not to a launch link; and make the provider's app tile open our Portal URL.",
    there: Some(There {
        google: "The sign-on URL is SSO URL under Google Identity Provider details, https://accounts.google.com/o/saml2/idp?idpid=..., not a link with initsso in it. Leave Service provider details > Start URL empty.",
        okta: "The sign-on URL is under Sign On > View SAML setup instructions and ends in /sso/saml; it is not the App Embed Link (/home/...). Hide the application's tile (General > App Settings > Application visibility) and add a Bookmark App that opens the Portal URL.",
        entra: "The sign-on URL is Single sign-on > Set up > Login URL, https://login.microsoftonline.com/.../saml2, not the User access URL of myapps.microsoft.com. Single sign-on > Basic SAML Configuration > Sign on URL (Optional): our Portal URL.",
        keycloak: "The sign-on URL ends in /realms/REALM/protocol/saml, not in /protocol/saml/clients/NAME. Clients > the client > Settings > IDP-Initiated SSO URL name: empty, and Home URL: our Portal URL.",
        adfs: "The sign-on URL ends in /adfs/ls/, not in /adfs/ls/idpinitiatedsignon.aspx. Give people the Portal URL.",
        jumpcloud: "The sign-on URL is IDP URL under SSO Applications > the application > SSO, not a link of the User Portal. Hide the application (General Info > Show in User Portal) and add a bookmark that opens the Portal URL.",
        onelogin: "The sign-on URL is SAML 2.0 Endpoint (HTTP) under Applications > the application > SSO, not a link with /launch/ in it. Configuration > SAML initiator: Service Provider, and Login URL: our Portal URL.",
        other: "The sign-on URL is SingleSignOnService with the binding HTTP-Redirect in the provider's metadata. Turn IdP-initiated sign-in off, or make the tile a link to the Portal URL.",
    }),
};

pub(super) static TEST_AS_YOURSELF: Fix = Fix {
    what: "Sign out at the provider and test again as yourself; your address must be the same there as here.",
    there: Some(There {
        google: "Google shows the account at the top right: choose Use another account.",
        okta: "Okta's dashboard: your name > Sign out.",
        entra: "Sign out at https://myapps.microsoft.com.",
        keycloak: "Sign out at the realm's account console.",
        adfs: "Open /adfs/ls/?wa=wsignout1.0 at the provider.",
        jumpcloud: "JumpCloud's User Portal: your initials at the top right, and log out.",
        onelogin: "Sign out at your OneLogin portal, such as https://acme.onelogin.com/portal.",
        other: "Or test in a private window.",
    }),
};

pub(super) static INVITE: Fix = Fix {
    what: "Invite them under Members, or remove their access to the application at the provider. Accounts are never created automatically.",
    there: Some(There {
        google: "There: Apps > Web and mobile apps > the application > User access.",
        okta: "There: Applications > the application > Assignments.",
        entra: "There: Enterprise applications > the application > Users and groups.",
        keycloak: "There: Clients > the client > Roles, or an authentication flow that denies access.",
        adfs: "There: Relying Party Trusts > the trust > Edit Access Control Policy.",
        jumpcloud: "There: SSO Applications > the application > User Groups.",
        onelogin: "There: Applications > the application > Access, and Users > Users > the person > Applications.",
        other: "There: the setting that assigns people to the application.",
    }),
};

pub(super) static AGAIN: Fix =
    Fix::here("Sign in once more, from the Portal URL. If it happens every time, tell an operator.");

pub(super) static SAME_BROWSER: Fix = Fix::here(
    "Begin and end the sign-in in one browser, with cookies allowed for this site. If it happens to everyone, ask an operator to check the public URL with vestibule doctor.",
);

pub(super) static TEST_SIGN_IN: Fix =
    Fix::here("Sign in with your password and press Test sign-in in the SSO settings here.");

pub(super) static ENABLE: Fix =
    Fix::here("Ask an operator to enable them, or remove their access to the application at the provider.");

pub(super) static PLAN: Fix = Fix::here("Ask an operator which plan the organisation is on.");

pub(super) static COPY_MESSAGE: Fix = Fix::here(
    "Copy the value of SAMLResponse: open the browser's developer tools, then Network, turn on Preserve log, sign in, choose the POST to the \
     callback URL (it ends in /acs), and copy SAMLResponse from its payload.",
);

pub(super) static AS_SENT: Fix = Fix::here(
    "Use the value of SAMLResponse as it was sent: a copy that a tool formatted cannot be verified. If a sign-in was refused for this, \
     something between the identity provider and Vestibule formats messages: turn that off. If the provider itself formats them, \
     compare its certificate with those here.",
);
