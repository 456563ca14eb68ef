# The texts of Vestibule in English. Values in { } have the same names as in the code.

## Durations and times

hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
moment =
    { $month ->
        [1] { $day } January { $year } at { $clock } UTC
        [2] { $day } February { $year } at { $clock } UTC
        [3] { $day } March { $year } at { $clock } UTC
        [4] { $day } April { $year } at { $clock } UTC
        [5] { $day } May { $year } at { $clock } UTC
        [6] { $day } June { $year } at { $clock } UTC
        [7] { $day } July { $year } at { $clock } UTC
        [8] { $day } August { $year } at { $clock } UTC
        [9] { $day } September { $year } at { $clock } UTC
        [10] { $day } October { $year } at { $clock } UTC
        [11] { $day } November { $year } at { $clock } UTC
       *[12] { $day } December { $year } at { $clock } UTC
    }

## Refusals

already-ready = { $email } has signed in through SSO already.
another-method-none = At the moment you cannot sign in to this organisation by any method. Ask one of its admins.
another-method-password = This organisation needs another sign-in method. Sign in again with your password.
another-method-sso = This organisation needs another sign-in method. Sign in through its SSO portal.
api-key-and-operators = An API key cannot give access to an operator. An operator must do this, signed in.
assertion-used = This assertion was used already.
automatic-certificates-need-organisation-admin = Only an organisation admin can let certificates be adopted automatically.
body-not-json = The body is not JSON: { $cause } (line { $line }, column { $column }).
body-not-read = The body could not be read: it is incomplete or damaged.
body-too-large = The body may have at most { $limit } KiB.
certificate-in-metadata = This certificate is in your identity provider's metadata. It is offered here until the metadata no longer contains it.
certificates-full = There are four certificates already. Remove one that is no longer used first.
confirm-through-sso = Your password gives no access here. Confirm through single sign-on.
cross-site = This request came from another site.
database-not-readable = The database cannot be read. Try again; if this continues, tell the operator.
database-not-writable = The database cannot be written. Nothing was changed; tell the operator.
database-upgraded = The database was upgraded by another version of Vestibule. Restart the server with that version.
disabled = Your account is disabled. Ask an operator to enable it.
first-run-done = This appliance is set up already: it has people. Add an operator with “vestibule operator add EMAIL”, and an organisation with “vestibule org create”.
first-run-link-used = This set-up link was used, or a newer one has been printed. Restart Vestibule for a new one.
first-run-used-before = { $path } has no people, but it has been used (organisations: { $organisations }, audit log entries: { $lines }). If people have signed in here before, this is an incomplete or wrong copy: do not open the set-up link, and copy the database again.
form-other-type = The body must be a form (Content-Type: application/x-www-form-urlencoded).
form-too-many = A form may have at most { $most } fields.
headers-too-large = The headers may have at most { $most } bytes together. If a browser sent them, delete its cookies for this host.
internal = Something went wrong on our side. Tell the operator this number: { $number }.
invitation-needs-saml = This organisation signs in through SAML. Open the invitation again.
invitation-of-organisation-admin = This invitation also makes its person an organisation admin. Ask an organisation admin or an operator to change it.
invitation-over = This invitation was used or withdrawn, or has expired. Ask an admin to send it again.
invitation-sign-in-first = This e-mail address has an account already. Sign in to it with its password, then open the invitation again. If it has no password yet, ask an operator for a password link.
invitation-sign-in-first-with-mail = This e-mail address has an account already. Sign in to it with its password, then open the invitation again. If it has no password yet, set one through “Forgot your password?” on the sign-in page.
invitation-wrong-password = This e-mail address has an account, and that is not its password.
invited-already = This person has been invited already. Send the invitation again instead.
keys-rotating = Two pairs of SAML keys are published, old and new. Retire one of them first.
inviter-admin = An admin
inviter-operator = The operator
language-name = English
last-admin-of-workspace = This is the last Admin of { $workspace }. Make someone else Admin there first.
last-keys = These are the only SAML keys. Rotate the keys first, then retire these.
last-operator = This is the last operator who can sign in. Add another operator first.
last-operator-known-passwords = Ending these passwords would leave no operator who can sign in. First have another operator set a new password with a link of vestibule user reset-link.
last-organisation-admin = This is the last organisation admin. Make someone else an organisation admin first.
last-workspace = This is the organisation's last workspace, which cannot be deleted.
last-workspace-admin = This is the workspace's last Admin. Make someone else Admin first.
late = The request took too long to arrive. Check your connection and try again.
insecure-http = Programs must use { $url }. A secret that was sent unencrypted may be known to others: replace it.
link-used-or-expired = This link was used or has expired. Ask for a new one.
lock-out-by-plan = This would lock everyone out until a new test sign-in. The plan allows only SAML. Ask an operator to allow passwords first.
lock-out-by-saml-only = This would lock everyone out until a new test sign-in. Turn SAML-only off first.
log-file-large = vestibule.db-wal has { $kib } KiB. { $advice }
logo-only-image = A logo file may contain only the image.
mail-limit-of-address = At most { $most } invitations and reminders can be sent to one address in a day.
mail-limit-of-invitation = An invitation can be sent at most { $most } times an hour.
mail-limit-of-inviter = One person or key can send at most { $most } invitations in an hour.
mail-limit-of-plan =
    { $most ->
        [one] The { $plan } plan allows { $most } invitation or reminder by mail in a day.
       *[other] The { $plan } plan allows { $most } invitations and reminders by mail in a day.
    }
mail-limit-wait = { $told } Try again in { $wait }.
mail-link-expired = The link in this message no longer works. Discard it and send a new one.
malformed = The request could not be read.
member-already = This person is a member of the workspace already.
metadata-address-needs-organisation-admin = Only an organisation admin can change the metadata address of a connection that is ready.
metadata-too-large = Metadata may hold at most 1 MiB.
no-mail-server = No mail server is set, so no mail is sent. Start Vestibule with --smtp-url.
no-mail-server-for-reminders = No mail server is set up, so no one gets an e-mail. Tell people yourself where to sign in: { $url }
no-organisation = Your password is right, but you belong to no organisation. Ask an admin of yours to invite you.
no-sso-connection = { $organisation } has no SSO connection. Save its SSO settings first.
not-organisation-admin = { $email } is not an organisation admin of { $organisation }. The list of its people shows who is one.
not-ready = The connection is not ready. Make its test sign-in first.
not-set-up = Vestibule is not set up yet. Open the set-up link that it printed when it started.
operator-already = This person is an operator already.
operators-only = Only operators who signed in with their password can do this.
organisation-admins-only = Only organisation admins can do this. Ask one of them.
other-address = You opened Vestibule at the wrong address. Use { $home } instead.
own-callback-url = our Callback URL
own-entity-id = our Entity ID
own-metadata = our own metadata
own-page = an address of this site
own-portal-url = our Portal URL
own-password-needed = Sign in with your own password to change your account.
password-changed-meanwhile = Your password was changed elsewhere just now. Sign in again.
password-set-by-api-key = Your password was set with a link that an API key received. Set a new one with “Forgot your password?” first, then open this link again.
path-too-long = The path of an address may have at most { $most } bytes.
person-disabled = { $email } is disabled. Enable them first.
person-exists = A person with this e-mail address exists already.
person-needed = An API key cannot do this: a person must sign in.
plan-full =
    { $what ->
        [max_members] { $limit ->
            [one] The { $plan } plan has room for { $limit } member. Ask the operator for a larger plan.
           *[other] The { $plan } plan has room for { $limit } members. Ask the operator for a larger plan.
        }
       *[max_workspaces] { $limit ->
            [one] The { $plan } plan has room for { $limit } workspace. Ask the operator for a larger plan.
           *[other] The { $plan } plan has room for { $limit } workspaces. Ask the operator for a larger plan.
        }
    }
plan-only-saml = The plan allows only SAML. Ask an operator to allow passwords or to switch the plan.
portal-key-taken = This SSO portal key is taken. Choose another.
query-too-long = The query of an address may have at most { $most } bytes.
query-too-many = The query of an address may have at most { $most } parameters.
reauthenticate = Confirm that it is you: sign in again, then repeat this.
recovery-link-over = This recovery link was used, is older than 15 minutes, was replaced by a newer one, or its owner is no longer an organisation admin. Ask the operator for a new one.
refused = E-mail or password is wrong. Check both and try again.
reminded-already = { $email } was reminded within the last day. Try again tomorrow, or talk to them.
removal-of-organisation-admin = This person is an organisation admin. Only an organisation admin or an operator can remove them.
sessions-of-organisation-admin = This person is an organisation admin. Only an organisation admin or an operator can end their sessions.
response-too-large = The response may hold at most 256 KiB.
saml-only-not-on = SAML-only is not on. Nothing was changed.
saml-or-recovery-sign-in-first = Sign in through SAML or with a recovery code first.
saml-sign-in-first = Sign in through SAML yourself first, to be sure that you are not locked out.
scope-needed = This key lacks the scope { $scope }. Use a key that has it.
session-over = Your session has ended. Sign in again.
set-up-link-limited = A set-up link gives access to the SSO set-up only.
set-up-link-needed = This needs the token of a set-up link.
set-up-link-named = set-up link { $link }
set-up-link-over = This set-up link is unknown, expired or revoked. Ask for a new one.
setup-done = Single sign-on is set up and tested. To change it, an organisation admin signs in.
sign-in-finished = This sign-in was completed already.
sso-needs-plan = Single sign-on comes with the Enterprise plan; { $organisation } is on { $plan }. Ask the operator to switch the plan.
sso-required = Your organisation signs in with single sign-on. Use its portal URL.
sso-required-elsewhere = Your password is right, but none of your organisations allows passwords. Ask your admin.
still-works = Meanwhile you can sign in from a browser that you have used before, or with single sign-on.
still-works-with-mail = Meanwhile you can sign in from a browser that you have used before, with single sign-on, or with a reset link by e-mail.
stopping = Vestibule is stopping. Nothing was changed; try again in a minute.
throttled = Too many attempts. Try again in { $wait }.
too-many-guesses = Too many failed sign-ins for this account. Try again in { $wait }. { $meanwhile }
too-many-set-up-links = { $most } set-up links are active already. Revoke one first.
unauthorized = Sign in first.
unknown-api-key = This API key is unknown.
waiting-certificates-full = Four certificates are waiting to be adopted already. An organisation admin must adopt or reject them first.
workspace-admins-only = Only Admins of the workspace can do this. Ask one of them.
workspace-name-taken = This organisation has a workspace of that name already. Choose another.
wrong-current-password = That is not your current password.
wrong-method = This address accepts only { $allowed }.
wrong-password = That is not your password.

## Why a body is not JSON

json-colon-missing = a colon is missing
json-comma-missing = a comma or a closing bracket is missing
json-control-character = a text contains a control character that is not escaped
json-ends-early = it ends too early
json-escape = an escape sequence is not valid
json-key-not-quoted = a name is not in double quotes
json-more-behind = there is more text after the end of the value
json-no-value = a value was expected
json-not-utf-8 = a text is not UTF-8
json-number = a number is not valid
json-too-deep = it is nested too deeply
json-trailing-comma = there is a comma before a closing bracket

## Faults of a field: the end of a sentence that begins with the field's name

field-adoption-needs-metadata-url = needs metadata_url, where new certificates are found
field-application-host = { $value } must be a host such as wiki.example.com or wiki.example.com:8443
field-application-hosts = must contain 1 to { $most } hosts
field-application-kind = must be link, proxy or oidc
field-application-url = must be an http or https URL without user name and password, of at most 2,048 characters
field-auth-mode = must be password, password_or_saml or saml
field-authn-request = must be an AuthnRequest of the HTTP-Redirect binding
field-certificate-of-several = Certificate { $number } of { $of } { $message }
field-certificates-too-many = may contain at most four certificates; remove those no longer used
field-certificates-missing = Paste the certificate that your identity provider signs with.
field-control-characters = must not contain control characters
field-cursor = must be the `next` of an earlier page
field-date-or-time = must be a date such as 2026-11-24, or a time such as 2026-11-24T09:00:00Z
field-days = must be 1 to { $most }
field-description = must be one line of at most { $most } characters
field-email = must be an e-mail address such as ann@acme.test
field-email-ascii = may contain only plain letters (ASCII); use another address
field-email-domain-ascii = may contain only plain letters (ASCII); write an international domain as punycode (xn--...)
field-empty = must not be empty
field-entity-id = must be 1 to 1,024 characters without spaces, as the provider shows it
field-give-name-to-confirm = To confirm, give the name of the organisation: { $name }.
field-host = { $value } must be a host name such as mail.example.com, or an address such as [192.0.2.7]
field-host-grant = { $value } must be a host name without a port, such as wiki.example.com, or *. and a name, such as *.apps.example.com
field-host-grant-own = must not contain { $host }, the host of this appliance
field-invitations-or-text = or text must be given, and not both
field-language = must be a language tag such as en
field-life =
    { $unit ->
        [days] must be 1 to { $most } days, the appliance's limit
       *[hours] must be 1 to { $most } hours, the appliance's limit
    }
field-limit = must be 1 or more, or empty for no limit
field-metadata-not-loaded = could not be loaded: { $why }
field-metadata-or-values = Give either the metadata or the individual values, not both.
field-metadata-own-value = contains one of our own values: { $value } { $message }
field-metadata-url-leads-elsewhere = does not lead to an identity provider's metadata: it { $message }
field-metadata-url-or-values = Give either the metadata URL or the individual values, not both.
field-missing = is missing
field-name-id-format = must be none, email, persistent, transient or unspecified
field-name-or-logo = or a logo must be given; send DELETE to remove the branding
field-name-too-long = must be at most 100 characters
field-no-address = contains no e-mail address: give at least one
field-no-dry-run = is not supported here: this request has no dry run
field-not-in-future = must be in the future
field-not-member = must be a member of this organisation
field-not-member-invite-first = must be a member of this organisation; invite them first
field-not-object = must be a JSON object
field-one-of = must be one of { $choices }
field-only-oidc = is only for OpenID Connect applications
field-only-proxy = is only for proxy applications
field-own-certificate = is our own certificate, from our metadata; paste the provider's
field-own-value =
    is { $ours }, which belongs in the provider's settings; { $field ->
        [sign_on_url] enter the provider's sign-on URL
        [idp_entity_id] enter the provider's entity ID (issuer)
        [metadata_url] enter the address of the provider's metadata
        [metadata_xml] load the provider's metadata
       *[other] enter the provider's
    }
field-page-limit = must be 1 to 200
field-password-easy = is too easy to guess; add another uncommon word.
field-password-easy-since = is too easy to guess; add another uncommon word. { $warning }
field-password-own-words = is too easy to guess; add another uncommon word. Your own name, address and organisation names add little strength.
field-password-too-long = must be at most 128 characters
field-password-too-short = must be at least 12 characters; several words work well
field-password-unchanged = This is your current password. Choose a new one.
field-pkce-public = must be false for a public client, which PKCE protects
field-plan = must be one of the plans, such as starter, business or enterprise
field-portal-key = must be 3 to 64 letters, digits, hyphens or underscores
field-portal-key-address = must be only the key, such as acme_SSO, and not an address
field-portal-key-email = must be a short word, such as acme_SSO, and not an e-mail address
field-private-key = must be a private key in PEM, without a passphrase
field-provider = must be google, okta, entra or custom
field-return-path = must be a path on this site
field-role = must be admin, power_user or the id of a custom role of this organisation
field-role-name = must not contain a comma
field-replace-by-itself = must be another role than the one that is removed
field-levels-application = names { $id }, which is not an application of this organisation
field-rule-methods = must be HTTP methods in upper case, such as GET
field-rule-path = must be a path such as /admin/ or /feed*, without a query, dot segments, // and ; and without encoded slashes
field-rule-require = must be public, signed_in, viewer, operator, editor or admin
field-rule-text = must be a rule such as /static/=public or GET,HEAD /feed*=signed_in
field-scope = must contain only read, manage_members, manage_sso and manage_applications
field-scopes-missing = must contain at least one of read, manage_members, manage_sso and manage_applications
field-search-too-long = must be at most { $most } characters
field-time = must be a time such as 2027-01-31T00:00:00Z
field-token-auth-confidential = must be client_secret_basic or client_secret_post for a confidential client
field-token-auth-public = must be none for a public client, which has no secret
field-too-many-hosts = must contain at most { $most } hosts
field-too-many-people = may contain at most { $most } people; it has { $count }. Split it
field-too-many-rules = must contain at most { $most } rules
field-true-or-false = must be true or false
field-type-name-to-confirm = Type the name of the organisation to confirm: { $name }.
field-unknown = is not a field of this request
field-uri-absolute = must contain only absolute URIs such as https://wiki.example.com/callback; { $value } is none
field-uri-characters = must contain only URIs of at most 2,048 visible ASCII characters; { $value } is none
field-uri-host = must contain only URIs with a host such as wiki.example.com, 192.0.2.1 or [2001:db8::1], spelled as browsers show it; { $value } has a host that other programs may read differently
field-uri-https = must contain only https URIs, or http on loopback; { $value } is neither
field-uri-parts = must contain no URI with a user name, a password, a #fragment, a wildcard or a character that URIs do not have; { $value } has one
field-uri-parameter = must contain no URI with the query parameter { $name }, which Vestibule adds itself; { $value } has it
field-uri-path = must contain no URI with a path that has “.” or “..” segments; { $value } has such a path
field-uri-port = must contain only URIs without a port, or with one from 1 to 65535; { $value } has another port
field-uris-least = must contain at least one URI
field-uris-most = must contain at most { $most } URIs
field-uris-bytes = must contain at most { $most } bytes in all
field-url-absolute = must be an absolute URL such as https://idp.example.com/sso
field-url-characters = must be a URL of at most 2,048 visible ASCII characters
field-url-https = must use https; http is for loopback only
field-url-parts = must have no user name, password or #fragment
field-url-scheme = must begin with https://
field-whole-number = must be a whole number
field-workspace-id = must be the id of a workspace
field-wrong-type = has the wrong type
field-xml-or-url = or metadata_url must be given, but not both

## Why a password is easy to guess

password-common = This is a very common password.
password-common-name = Common names and surnames are easy to guess.
password-date = Dates are often easy to guess.
password-keyboard-pattern = Short keyboard patterns are easy to guess.
password-like-common = This is similar to a commonly used password.
password-name-alone = Names and surnames by themselves are easy to guess.
password-one-word = A word by itself is easy to guess.
password-recent-year = Recent years are easy to guess.
password-repeated-letter = Repeats like "aaa" are easy to guess.
password-repeated-word = Repeats like "abcabcabc" are only slightly harder to guess than "abc".
password-rows-of-keys = Straight rows of keys are easy to guess.
password-sequence = Sequences like abc or 6543 are easy to guess.
password-top-10 = This is a top-10 common password.
password-top-100 = This is a top-100 common password.

## Not found

attempt-not-found = Sign-in attempt not found. Attempts are kept for a limited time: the list shows those that are left.
candidate-not-found = Waiting certificate not found. It may have been adopted or discarded already: the connection lists those that wait.
connection-not-found = Connection not found. Check the address, or save the SSO settings of the organisation first.
file-not-found = File not found. Check the address.
help-page-not-found = There is no such page in the help. Its contents are at /help.
invitation-not-found = Invitation not found. It may have been accepted or withdrawn, or replaced by a newer one: the list of invitations shows those that are open.
key-not-found = API key not found. It may have been deleted already: the list of keys shows those that exist.
keys-not-found = SAML keys not found. They may have been retired already: the list of keys shows those in use.
logo-not-found = Logo not found. It may have been replaced or removed.
mail-not-found = E-mail not found. It may have been sent or deleted already: the list shows the e-mails that wait.
member-not-found = Member not found. They may have been removed: the list of members shows everyone who belongs here.
metadata-url-not-found = Metadata URL not found. Save one in the SSO settings first.
nothing-here = There is nothing at this address. Check it for mistakes.
operator-not-found = Operator not found. They may have been removed: the list of operators shows them all.
organisation-admin-not-found = Organisation admin not found. They may have been removed: the list of admins shows them all.
organisation-not-found = Organisation not found. Check its slug or id. It may have been deleted, or you may have no access to it.
person-not-found = Person not found. Check the id: the lists of members and operators show it.
plan-not-found = Plan not found. Check its id: the list of plans shows it.
session-not-found = Session not found. It may have ended already: the list of sessions shows those that go on.
set-up-link-not-found = Set-up link not found. It may have been used or revoked already: the list of set-up links shows them all.
sign-in-not-found = Sign-in not found. Check the reference. Sign-ins are kept for a limited time: the list shows those that are left.
workspace-not-found = Workspace not found. Check its id. It may have been deleted, or you may have no access to it.
application-not-found = Application not found. Check its id. It may have been deleted, or you may have no access to it.
role-not-found = Role not found. It may have been removed: the list of roles shows them all.
role-name-taken = This organisation has a role of that name already. Choose another.
role-name-built-in = That is the name of a built-in role. Choose another.
role-in-use = { $members ->
    [0] { $invitations ->
        [one] One pending invitation gives this role.
       *[other] { $invitations } pending invitations give this role.
    }
    [one] One member has this role.
   *[other] { $members } members have this role.
} Choose the role that replaces it.
role-replaced-by-admin = An API key cannot make people Admins of workspaces by removing a role. Choose another role to replace it.
application-host-taken = Another application already uses the host { $host }. Choose another host, or remove it from that application.
application-state-lost = This sign-in has expired, or it was begun in another browser. Open the application again.
application-host-only = This address belongs to an application. The console is at the public URL.
application-insecure = Applications need https. http is accepted only on this machine itself.
application-untrusted-proxy = The sender of this request is not a trusted proxy. List your proxy in --trusted-proxies.
application-bad-request = The proxy does not describe the original request. Use the configuration that the documentation shows for this proxy.
application-two-conventions = The request has the headers of two kinds of proxy. Configure the proxy to remove those that clients send, as the documentation shows.
application-unknown-host = There is no application at { $host }.
application-sign-in = Sign in to use this application.
application-denied = You may not do this in { $application }.
application-continue-title = Signed in
application-continue = Continue to the application
denied-title = No access
denied-level = { $email } may not do this in { $application }: it needs the level { $level }.
denied-no-access = { $email } may not open { $application }.
denied-other-organisation = { $email } may not open { $application }, because it belongs to { $organisation }.
denied-ask = Ask for access: { $admins }
denied-ask-organisation = Ask an admin of { $organisation } for access.
denied-other-person = Sign in as another person
denied-back = Return to the application
again-title = Sign in and send it again
again-what = You are not signed in, so what you sent did not reach the application. Open the application in another tab and sign in there; then go back here and send it again.
echo-title = What the application receives
echo-who = The application is told that { $email } is signed in, with the level { $level }.
echo-nobody = The application is told that nobody is signed in.
echo-no-faults = The proxy passes on each header of Vestibule once.
echo-no-headers = No header of Vestibule arrived. Either the proxy does not ask Vestibule before it passes requests on, or it does not copy the headers of the answer. Compare its configuration with the one in the application’s snippets.
echo-missing = The proxy does not pass these headers on: { $names }. Add them to its configuration. Without them, an application may believe such a header from the client.
echo-repeated = These headers arrived more than once: { $names }. The proxy must replace the client’s headers, not add to them.
echo-similar = These headers arrived with an underscore: { $names }. Many applications cannot tell them from the headers of Vestibule. The proxy must remove them.
echo-differs = Remote-User and Remote-Email are not the same. One of them does not come from Vestibule.
echo-ours = Headers of Vestibule
echo-empty = empty
echo-others = Other headers
echo-decisions = Latest requests to this application, and why some were denied
client-badge = Practice application
client-home = This application signs people in through OpenID Connect, and shows the claims that it receives.
client-sign-in = Sign in with Vestibule
client-failed = Not signed in
client-id-token = Claims of the ID token
client-userinfo-answer = Answer of the userinfo endpoint
sign-out-title = Sign out?
sign-out-what = This signs you out of { $application }, all other applications and the console in this browser.
sign-out-do = Sign out
sign-out-done-title = Signed out
sign-out-done = You are signed out.
sign-out-again = Open the application again
oidc-logout-what = An application asks to sign you out. This signs { $email } out of all applications and the console in this browser.
oidc-logout-repeated = The application’s request has a parameter twice. You are still signed in.
oidc-sign-in-again = Sign in again
oidc-repeated = The application’s request has { $name } twice. Go back to the application, and tell its admins.
oidc-unknown-client = No application is registered with this client_id. Go back to the application, and tell its admins.
oidc-redirect-uri = The address to which { $application } wants to return is not among its redirect URIs. Tell its admins.
oidc-state-lost = This sign-in has expired, or it was begun in another browser. Go back to the application and sign in again.
login-application = Sign in to open { $application } of { $organisation }.
decision-sign-in = Nobody was signed in, and the request needs { $needs }.
decision-level = The request needs { $needs }, and the person has { $level }.
decision-public = The path is public.
client-no-secrets = Only confidential OpenID Connect clients have secrets.
client-secret-last = This is the only secret of the client. Create another one before you delete it.
client-secret-not-found = Secret not found. It may have been deleted already: the application lists its secrets.
client-secrets-most = A client can have at most { $most } secrets. Delete the one that is no longer used.
decision-signed-in = The person signed in.
decision-no-access = The person may not open the application.
decision-tokens = The application got tokens.
decision-tokens-refused = The application got no tokens: { $code }.
decision-logout-not-told = The application could not be told that a session has ended: { $why }.
too-many-roles = An organisation can have at most { $most } custom roles. Delete one that is no longer used.
too-many-applications = An organisation can have at most { $most } applications. Delete one that is no longer used.
host-not-granted = The host { $host } is not granted to this organisation. Ask an operator to grant it.
host-taken = { $host } overlaps with { $other }, which is granted to another organisation. Grant other hosts.

## Busy

busy-account = This account is signing in several times at once. Try again in a few seconds.
busy-bodies = Too much data is being sent just now. Try again in a few seconds.
busy-changes = Many changes are waiting to be saved. Try again in a few seconds.
busy-connections = Too many connections are open just now. Try again in a few seconds.
busy-database = The database is busy. Nothing was changed; try again.
busy-fetches = Too many requests to other servers are waiting. Try again in a few seconds.
busy-keys = SAML keys are being created just now. Try again in a few seconds.
busy-requests = You have too many requests open just now. Try again in a few seconds.
busy-requests-of-all = Many people are using Vestibule just now. Try again in a few seconds.
busy-sign-ins = Many people are signing in just now. Try again in a few seconds.
busy-unread-answers = Too many large responses are being downloaded just now. Try again in a few seconds.

## Pages of the server: sign-in page

key-is-address = This is an address. Enter only the key, such as acme_SSO, or open your organisation’s Portal URL itself. Your admin knows both.
key-is-email = This is an e-mail address. Enter your organisation’s key, such as acme_SSO. Your admin knows it.
key-unavailable = Single sign-on is not available for this key. Check how it is spelled, or ask your admin for it. If your organisation allows passwords, sign in above.
login-code = Recovery code
login-code-hint = For organisation admins when single sign-on is required: use it with e-mail and password.
login-continue = Continue
login-email = E-mail
login-forgot = Forgot your password?
login-help = Help with signing in
login-key = SSO Portal Key
login-key-hint = Your organisation’s key, such as acme_SSO. Your admin knows it.
login-or = or
login-password = Password
login-signed-in = You are signed in as { $email }. { $link }, or sign in as someone else below.
login-sso = Sign in with SSO
login-submit = Sign in
login-title = Sign in
login-unconfirmed = Nothing was changed, and you are still signed in as { $email }. Close this tab, go back to the one where you were, and confirm again there as { $plain }. Your entries there are kept.
login-use-code = Use a recovery code
portal-continue = Continue to your identity provider
portal-title = Single sign-on
wrong-address = You opened Vestibule at the wrong address. Sign in at { $link }.

## Pages of the server: why a sign-in was refused

notice-confirmed-other-person = Your identity provider signed in { $email }, but someone else is signed in here and must confirm their identity.
notice-directory-name = Your identity provider signed you in as { $email }, but { $email } is not a member of { $organisation }. If your e-mail address is another, ask an admin of your identity provider to send that (in Entra ID the claim user.mail). Otherwise ask an admin of { $organisation } to invite you.
notice-else = The sign-in did not work. Start again.
notice-expired = This sign-in took too long or was completed already. Start again.
notice-guest-name = Your identity provider signed you in as { $email }. That is the internal name of a guest account, not your e-mail address. Ask an admin of your identity provider to send your own address instead (in Entra ID the claim user.mail), and an admin of { $organisation } to invite it.
notice-help = Help
notice-not-a-member = Your identity provider signed you in as { $email }, but { $email } is not a member of { $organisation }. Ask an admin to invite you.
notice-not-verified = We could not verify the response from your identity provider.
notice-other-browser = This sign-in was started in another browser, or too many sign-ins were started in this browser after it, or cookies are blocked. Start again here.
notice-portal = Sign in with SSO
notice-portal-of = Sign in with SSO ({ $key })
notice-reference = { $told } Reference: { $reference }
notice-see-what = See what to change
notice-session-over = Your session has ended: it expired, you were signed out elsewhere, your access was removed, or your organisation changed how members sign in. Sign in again.
notice-signed-out = You are signed out.
notice-somebody = someone
notice-sso-required = Your password is right, but your organisation signs in with single sign-on.
notice-sso-unavailable = Single sign-on is not available for this key.
notice-tell-reference = Tell your admin the reference.
notice-tell-time = Sign in again. If it happens each time, tell your admin when you tried.
notice-test-other-person = The test sign-in must be made by yourself, but your identity provider signed in { $email }. Sign out there and test again as yourself.
notice-this-organisation = this organisation
notice-throttled = Too many failed sign-ins for this account. Wait a few minutes and try again. { $meanwhile }
notice-took-too-long = Your sign-in at the identity provider took longer than ten minutes. Sign in again.
notice-unsolicited = { $told } It sent a response that we did not request. Start here with your portal key, not from the provider's app tile. If you see this again, an admin must correct the sign-on URL in the SSO settings: it is probably a launch link.
notice-used = This sign-in was already used; each sign-in works once. Start again.
notice-wrong-code = E-mail, password or recovery code is wrong. Check all three and try again.

## Pages of the server: refusals

help-on-addresses = Help on public addresses
help-on-running = Help on running Vestibule
help-on-signing-in = Help on signing in
help-on-vestibule = Help on Vestibule
page-did-not-work = That did not work
page-not-available = Not available just now
page-not-set-up = Not set up yet
page-nothing-here = There is nothing here
page-open = Open { $address }
page-other-address = Another address
page-start = Go to the start page
page-too-large = That is too large
page-too-many = Too many attempts
page-went-wrong = Something went wrong

## Pages of the server: recovery and the test sign-in

recover-about = Choose a new password. You are then signed in as organisation admin, so that you can repair single sign-on or, if the plan allows passwords, turn SAML-only off.
recover-again = Your operator can create a new one on the server:
recover-dead-title = This recovery link no longer works
recover-fault = The password { $fault }.
recover-fault-ends = The password { $fault }
recover-new-password = New password
recover-submit = Set password and sign in
recover-title = Recover access
recover-to-sign-in = Go to the sign-in page
test-page-about = You are about to sign in through this identity provider as an admin of { $organisation }. If it identifies you, it can sign in every member of { $organisation }, and you.
test-page-changed = The SSO settings were changed after you saw them. Nothing was tested. Review the current settings.
test-page-check = Continue only if all of these are your own provider’s. Otherwise close this page, and correct the settings.
test-page-entity-id = Entity ID
test-page-metadata = Metadata address
test-page-sign-on-url = Sign-on URL
test-page-title = Test sign-in

## Pages of the practice identity provider

practice-answered = Signed in
practice-back = Back to the application
practice-badge = Practice identity provider
practice-continue = Continue as { $name }
practice-failed = That did not work
practice-fault-audience = Another application’s Entity ID
practice-fault-callback = An old Callback URL
practice-fault-certificate = Another certificate
practice-fault-clock = A clock ten minutes fast
practice-fault-email = No e-mail address
practice-fault-none = Nothing: a correct response
practice-faults = See how the trace explains it
practice-faults-open = Let something go wrong
practice-no-request = This is not a sign-in request
practice-no-sign-in = Nothing to sign in to yet
practice-no-sign-in-text = Begin at the application; it sends you here. My metadata:
practice-unknown = Nobody at the practice provider has this address: { $email }
practice-who = Who are you today?
practice-who-text = A real provider would ask for your password. This one signs in the person you choose.

## E-mails

mail-backup-late-link = Open Doctor
mail-backup-late-next = Open Doctor, which names the cause: a full disk, a missing folder, or missing permissions. You can also make a backup yourself with “vestibule backup FILE”.
mail-backup-late-none = The server is set to make backups, but has not made any for two periods. If its disk fails now, its data is lost.
mail-backup-late-since = The server is set to make backups, but has not made any for two periods; the last one is from { $at }. If its disk fails now, everything since then is lost.
mail-backup-late-subject = No backup is being made
mail-expiring = The signing certificate of { $organisation }'s identity provider expires on { $at }.
mail-expiring-next = Create the next certificate at the provider and add it here before the provider starts to use it. Sign-ins then continue during the change.
mail-expiring-subject =
    { $days ->
        [one] { $organisation }: your identity provider's certificate expires within a day
       *[other] { $organisation }: your identity provider's certificate expires within { $days } days
    }
mail-found = The metadata of the identity provider of { $organisation } has a new certificate, which expires on { $at }.
mail-found-next = Adopt it with one click if your provider is going to use it. Until then, responses signed with it are refused. SHA-256 { $fingerprint }
mail-found-subject = { $organisation }: your identity provider has a new certificate
mail-gathered = You have received ten messages like this within a day. Until fewer than ten are sent in a day, you get at most one an hour, which covers all events of this kind. Each event is in the audit log and on the page “Your account”.
mail-gathered-subject = More than once: { $subject }
mail-invitation = { $inviter } invited you to join { $organisation }.
mail-invitation-link = Accept the invitation
mail-invitation-subject = You are invited to { $organisation }
mail-invitation-to-workspace = { $inviter } invited you to join { $workspace } of { $organisation }.
mail-invitation-until = The link works once, until { $until }. If you did not expect an invitation, ignore this message.
mail-open-account = Open your account
mail-open-audit = Open the audit log
mail-open-keys = Open the API keys
mail-open-people = Open the list of people
mail-open-sso = Open the single sign-on settings
mail-operator = You were added as an operator of this Vestibule. Open the link and enter your current password to confirm it.
mail-operator-link = Confirm
mail-operator-subject = Confirm that you want to become an operator
mail-operator-until = The link works once, until { $until }. If you did not expect this, tell the operator and do not open it.
mail-or-address = Or open this address:
mail-password-after-sso = { $organisation } no longer signs you in through single sign-on. You need a password now.
mail-password-by-operator = An operator has sent you a link to set your password.
mail-password-link = Set your password
mail-password-of-operator = You are now an operator of Vestibule.
mail-password-subject = Set your password
mail-password-until = The link works once, until { $until }.
mail-reminder = { $organisation } is moving to single sign-on: you will sign in with your company's account, without another password.
mail-reminder-link = Sign in through single sign-on
mail-reminder-next = Please sign in that way once now. It shows that your company's sign-in works for you, so that you are not locked out later. If you are refused, tell your admin what the page says.
mail-reminder-subject = { $organisation }: sign in once through single sign-on
mail-reset = Someone asked to reset the password of your account. If it was you, set it here.
mail-reset-for-code = You need a password only to sign in with a recovery code. Set one here (the link works once, until { $until }): { $url }
mail-reset-ignore = If it was not you, ignore this message: your password stays the same.
mail-reset-link = Set a new password
mail-reset-no-password = Someone asked to reset the password of your account. You need no password: { $organisation } requires single sign-on.
mail-reset-not-enough = A password on its own does not give access to { $organisation }. If you want to set one nevertheless, use this link (it works once, until { $until }): { $url }
mail-reset-sso = { $organisation } requires single sign-on. Sign in here: { $url }
mail-reset-sso-link = Sign in with SSO
mail-reset-subject = Set a new password
mail-reset-until = The link works once, until { $until }. If it was not you, ignore this message: your password stays the same.
mail-saved = The single sign-on settings of { $organisation } were saved through a set-up link.
mail-saved-next = Check them and sign in through them once yourself. Members can use them from then on, and the link stops working. If you did not expect this, revoke the link.
mail-saved-subject = { $organisation }: test the new single sign-on settings
mail-test = An operator of the Vestibule at { $url } sent this message on { $at } to test whether its mail arrives.
mail-test-next = It did, so there is nothing to do. If it is in your spam folder, tell that operator.
mail-test-subject = Test of the mail from Vestibule
mail-waiting = The API key { $key } added a certificate to the single sign-on of { $organisation }. It expires on { $at }. SHA-256 { $fingerprint }
mail-waiting-next = It is not in use yet. Adopt it if your identity provider announced it; otherwise delete the API key.
mail-waiting-subject = { $organisation }: approve a new certificate

## Why e-mails cannot be sent, and what to do

mail-link-dead = the link in it no longer works
smtp-answers = { $server } answers
smtp-broken = the connection broke while the e-mail was sent: { $cause }
smtp-certificate = the mail server's certificate cannot be verified for { $host }: { $cause }
smtp-failure = { $reason }. { $advice }
smtp-fix-certificate = If your own certificate authority issued it, give that authority's certificate with --smtp-ca-file; otherwise the host in --smtp-url must be a name in the certificate.
smtp-fix-no-answer = Check host and port in --smtp-url, and firewalls on the way: many networks block port 25, so use 587 or 465.
smtp-fix-no-sign-in = Remove them from --smtp-url, or use the port for authenticated senders: usually 587 or 465.
smtp-fix-no-tls = Use its TLS port: smtps://, usually port 465.
smtp-fix-nothing-there = Check host and port in --smtp-url, and whether the mail server runs.
smtp-fix-password = Check both in --smtp-url, percent-encoded; some providers require an app password.
smtp-fix-place = Check host and port in --smtp-url.
smtp-fix-port = Check the port in --smtp-url: 587 is usual for smtp://, 465 for smtps://.
smtp-fix-refused = Its answer says whether the recipient, the sender (--mail-from) or the rights of the user in --smtp-url are the problem.
smtp-fix-rejected = Ask the mail server's administrator; some servers expect another name from us (--smtp-helo).
smtp-fix-scheme = Change the scheme, or the port: 587 is usual for smtp://, 465 for smtps://.
smtp-fix-sign-in-wanted = Put the user name and password into --smtp-url, percent-encoded: smtp://user:password@host:587.
smtp-fix-silent = Check host and port in --smtp-url: another program or a firewall may answer there.
smtp-fix-tls = Ask the mail server's administrator which TLS versions it supports: 1.2 or 1.3 is required.
smtp-fix-tls-wanted = Add ?tls=required to --smtp-url, or use smtps:// with the server's TLS port, usually 465.
smtp-fix-unknown-host = Check the host in --smtp-url, and this machine's DNS.
smtp-fix-unusable-letter = Discard it and send a new one.
smtp-hello-unknown = Vestibule greets the mail server as { $hello }, which some servers refuse: set a host name with --smtp-helo
smtp-no-answer = { $server } does not answer
smtp-no-sign-in = the mail server does not accept a user name and password here (neither AUTH PLAIN nor LOGIN)
smtp-no-tls = the mail server does not offer TLS (STARTTLS), and Vestibule sends nothing unencrypted to another machine
smtp-not-connected = { $server }: { $cause }
smtp-not-mail = { $server } responds, but not like a mail server: { $answer }
smtp-not-now = the mail server does not accept the e-mail now: { $answer }
smtp-nothing-there = nothing listens at { $server } (connection refused)
smtp-port-clear = port { $port } begins without TLS: it needs smtp:// in --smtp-url instead of smtps://
smtp-port-tls = port { $port } speaks TLS from the first byte: it needs smtps:// in --smtp-url instead of smtp://
smtp-refused = the mail server refused the e-mail: { $answer }
smtp-rejected = { $server } rejected us: { $answer }
smtp-retried = It is retried automatically, unless this was a test.
smtp-sender-unknown = mail is sent from { $from }, which other mail servers refuse: set an address of your own with --mail-from
smtp-sent = the server accepted the e-mail: { $answer }
smtp-sign-in-wanted = the mail server accepts e-mail only after a sign-in: { $answer }
smtp-signed-in = the server accepted the user name and password
smtp-silent = { $server } accepts the connection and then says nothing
smtp-starttls = TLS by STARTTLS, with a certificate for { $host }
smtp-tls = TLS from the first byte, with a certificate for { $host }
smtp-tls-failed = TLS failed: { $cause }
smtp-tls-wanted = the mail server accepts e-mail only over TLS: { $answer }
smtp-unknown-host = the host name { $host } cannot be resolved
smtp-unusable-letter = the e-mail cannot be formatted as a message: { $cause }
smtp-without-tls = without TLS, only on this machine
smtp-wrong-password = the mail server refused the user name or the password: { $answer }

## E-mails about changes and sign-ins

from-address = from the address { $address }
from-both = from the address { $address } with { $browser }
from-browser = with { $browser }
from-unknown-program = an unknown program
news-admin = { $who } made { $added } an organisation admin of { $name }.
news-admin-accepted = { $added } accepted an invitation to be an organisation admin of { $name }.
news-admin-subject = { $name }: { $added } is now an organisation admin
news-browser = Your account signed in from a browser that it had not used before.
news-browser-of = Your account signed in to { $name } from a browser that it had not used before.
news-browser-subject = A new sign-in to your account
news-certificate = { $who } added a certificate of the identity provider to the single sign-on settings of { $name }.
news-connection-subject = { $name }: single sign-on settings changed
news-if-not-expected = If you expected this, there is nothing to do. If not, undo it, check the audit log for other actions of that account, have its password changed and its sessions ended, and tell your operator.
news-if-not-expected-by-operators = If you expected this, there is nothing to do. If not, undo it, check the audit log for other actions of that account, and change its password.
news-if-not-you = If this was you, there is nothing to do. If not, change your password, end any session you do not recognise, and tell your admin.
news-key = { $who } created the API key { $key } of { $name }.
news-key-subject = { $name }: a new API key
news-no-admin = { $who } removed { $removed } as an organisation admin of { $name }.
news-no-admin-subject = { $name }: { $removed } is no longer an organisation admin
news-operator = { $who } made { $added } an operator of { $name }.
news-operator-subject = { $added } is now an operator
news-operator-wanted = { $who } asked { $added } to become an operator of { $name }. They become one with their link and their current password.
news-operator-wanted-subject = { $added } was asked to become an operator
news-own-keys = { $who } changed the SAML keys that Vestibule uses for { $name }.
news-password = The password of your account was set or changed.
news-password-subject = Your password was changed
news-recovery-code = { $person } signed in to { $name } with a recovery code.
news-recovery-link = { $person } signed in to { $name } with a recovery link.
news-recovery-subject = { $person } signed in to { $name } by recovery
news-saml-only-off = { $who } turned SAML-only off for { $name }.
news-saml-only-off-subject = { $name }: SAML-only is off
news-saml-only-on = { $who } turned SAML-only on for { $name }: members can no longer use passwords.
news-saml-only-on-subject = { $name }: SAML-only is on
news-settings = { $who } changed the single sign-on settings of { $name }.
news-settings-removed = { $who } removed the single sign-on settings of { $name }.
news-told = { $what } When: { $at }.
news-told-from = { $what } When: { $at }, { $from }.
who-anonymous = Someone
who-command-line = Someone with shell access to the server
who-key = The API key { $name }
who-link = Someone with the { $name }
who-system = Vestibule itself

## Effects of switches: reasons, as clauses that follow a person’s address

reason-becomes-operator = becomes an operator; sets a password with the link
reason-becomes-operator-keeps = becomes an operator with the link and their current password; keeps password and sessions
reason-becomes-operator-known-password = becomes an operator; must set a new password with the link, because an API key received the link that set the current one
reason-becomes-operator-replaced = becomes an operator; must set a new password with the link
access-disabled = The person is disabled.
access-no-member = The person is not a member of the application's workspace.
access-role = The person's role { $role } gives no access to this application.
access-password-or-saml = The person can sign in with a password or through SSO.
access-password = The person can sign in with a password.
access-saml = The person can sign in through SSO.
access-no-method = No sign-in method works for the person: they have no password that the organisation accepts, and SSO is not ready.
reason-disabled = is disabled
reason-application-removed = can no longer open { $application }
reason-applications-closed = can no longer open { $applications }
reason-other-levels = gets another level in { $applications }
reason-disabled-loses = is disabled; loses access to { $organisations }
reason-does-not-become-operator = does not become an operator; their link stops working
reason-in-organisation = { $organisation }: { $reason }
reason-keeps-access = keeps access to { $organisation }: { $places }
reason-keeps-as-admin = keeps access to { $organisation } as organisation admin
reason-loses-access = loses access to { $organisation }
reason-loses-access-as-admin = loses access to { $organisation }, and the rights of an organisation admin
reason-loses-access-to-places = loses access to { $organisation }: { $places }
reason-loses-access-to-places-as-admin = loses access to { $organisation }: { $places }; and the rights of an organisation admin
reason-must-set-password = must set a new password with “Forgot your password?” on the sign-in page or with a password link, because { $maker } received the link that set the current one
reason-no-member = is no longer a member
reason-no-operator = is no longer an operator; keeps their account and memberships
reason-no-other-workspace = loses access to { $organisation } as well: has no other workspace there
reason-no-password = has no password; needs a link to set one
reason-not-through-saml = has not signed in through SAML yet; is locked out unless your identity provider knows them
reason-password = signs in with a password
reason-password-or-saml = signs in with a password or through SAML
reason-password-unconfirmed = has no password that is confirmed for this organisation; a mailed link or a new invitation confirms one
reason-plan-saml = the plan allows only SAML, and the connection is not ready
reason-saml = signs in through SAML
reason-stays-operator = stays an operator; sets a password with the link
reason-stays-operator-replaced = stays an operator; must set a new password with the link

## Effects of switches: other consequences

invitations-to-them =
    { $count ->
        [one] { $count } invitation to them
       *[other] { $count } invitations to them
    }
key-of-operators = { $name } (with operator rights)
key-of-organisation = { $name } (of { $organisation })
names-and-more = { $names } and { $count } more
password-links-by-it =
    { $count ->
        [one] { $count } password link that it made
       *[other] { $count } password links that it made
    }
password-links-by-them =
    { $count ->
        [one] { $count } password link that they made
       *[other] { $count } password links that they made
    }
person-is-operator = { $email } (operator)
recovery-links =
    { $count ->
        [one] { $count } recovery link
       *[other] { $count } recovery links
    }
reset-links =
    { $count ->
        [one] { $count } reset link
       *[other] { $count } reset links
    }
set-up-links-by-it =
    { $count ->
        [one] { $count } set-up link that it made
       *[other] { $count } set-up links that it made
    }
set-up-links-by-them =
    { $count ->
        [one] { $count } set-up link that they made
       *[other] { $count } set-up links that they made
    }
this-key = this key
warning-admins-without-password = Without a password of their own here, these admins cannot use a recovery code: { $admins }.
warning-certificates-wait = New certificates take effect once an organisation admin adopts them, or signs in with them in a test.
warning-connection-inactive = The SSO connection is kept but inactive. It works again when the plan includes SSO.
warning-connection-removed = The SSO connection { $key } is removed. Its entity ID, callback URL and recovery codes are permanently deleted.
warning-end-too = These also end: { $what }.
warning-homeless = Number of people who will belong to no organisation: { $count }. Their accounts stay.
warning-host-grants-end = Hosts that are no longer granted, and can be granted to another organisation: { $hosts }.
warning-hosts-not-granted = Hosts that are no longer granted: { $hosts }.
warning-hosts-refused = Requests to these hosts of applications will be refused: { $hosts }.
warning-invitation-links-end =
    { $count ->
        [one] The invitation link that they received for { $people } stops working. Send that invitation again.
       *[other] The { $count } invitation links that they received stop working: { $people }. Send these invitations again.
    }
warning-invitations-end = Invitations that end: { $names }.
warning-keys-end = API keys that stop working: { $names }.
warning-keys-of-key-end = API keys that it made stop working too: { $keys }.
warning-keys-stay = API keys that they made keep working: { $keys }. Delete those that should stop.
warning-link-first = { $email } has no password yet. The link sets their first one.
warning-link-for-code = As an organisation admin they can use the password only together with a recovery code.
warning-link-opens-nothing = The password currently gives access to nothing.
warning-link-sso-only = The password is not accepted by { $organisations }: single sign-on is required there.
warning-link-unconfirmed = The password is not accepted by { $organisations }: they joined through single sign-on, and only a link that is sent to them by e-mail lets them use a password there.
warning-link-use = Using the link sets the password and ends all their sessions. Earlier password links stop working now.
warning-links-and-invitations-wanted =
    { $count ->
        [one] { $email } has no password here yet: an operator can create a password link for them under People, or with vestibule user reset-link; a password that was never confirmed for this organisation also needs a new invitation.
       *[other] { $count } people have no password here yet: an operator can create a password link for each under People, or with vestibule user reset-link; a password that was never confirmed for this organisation also needs a new invitation.
    }
warning-links-mailed =
    { $count ->
        [one] { $email } has no password here yet, and is mailed a link to set one.
       *[other] { $count } people have no password here yet, and are mailed a link to set one.
    }
warning-links-wanted =
    { $count ->
        [one] { $email } has no password here yet: an operator can create a password link for them under People, or with vestibule user reset-link.
       *[other] { $count } people have no password here yet: an operator can create a password link for each under People, or with vestibule user reset-link.
    }
warning-new-test = Members can sign in through SAML again after a new test sign-in.
warning-signing-certificate-goes = The newest sign-in through SAML was signed with a certificate that this change removes. If the identity provider still signs with it, nobody can sign in through SAML after this change.
warning-no-account-yet = { $email } has no account yet. They get one, and set its password with the link.
warning-no-other-admin = { $organisation } has no other organisation admin who can sign in. Make someone else an organisation admin first.
warning-no-password = { $email } has no password. Make a reset link for them.
warning-not-through-saml-yet =
    { $count ->
        [one] { $people } has not signed in through SAML since the test. Check that they can.
       *[other] { $count } people have not signed in through SAML since the test: { $people }. Check that they can.
    }
warning-not-disabled = { $email } is not disabled. Nothing changes.
warning-disabled-already = { $email } is disabled already. Nothing changes.
warning-of-organisation = { $organisation }: { $warning }
warning-old-metadata = The metadata could not be loaded now: { $why }. The copy of { $at } is in use.
warning-only-admins = Until an organisation admin finishes the SSO set-up, only organisation admins can sign in.
warning-operator-again = { $email } is an operator again.
warning-over-limit =
    { $what ->
        [max_members] { $count } people, but the { $plan } plan allows { $limit }: they stay, and no others can be added.
       *[max_workspaces] { $count } workspaces, but the { $plan } plan allows { $limit }: they stay, and no others can be added.
    }
warning-passwords-stay = Passwords that were set with links that { $maker } received keep working: { $people }. They must be set again if others may know them.
warning-portal-url-changes = The portal URL changes with the key; links to the old one stop working.
warning-recovery-link-ends = Their recovery link stops working.
warning-roles-end = Custom roles that end: { $names }.
warning-requests-change = The requests to the identity provider change. Make a test sign-in to check that the provider still sends the e-mail address.
warning-saml-only-off = SAML-only is turned off.
warning-saml-only-already = SAML-only is on already. Nothing changes.
warning-saml-only-off-already = SAML-only is off already. Nothing changes.
warning-set-up-links = Set-up links that stop working: { $count }.
warning-set-up-links-end =
    { $count ->
        [one] { $count } set-up link that they made stops working.
       *[other] { $count } set-up links that they made stop working.
    }
warning-still-belongs = { $email } still belongs to { $organisation } and can sign in to it.
warning-unknown-locked-out = Anyone your identity provider does not know is locked out. Check that everyone listed can sign in there.
warning-workspaces-end = Workspaces that end: { $names }.
invitation-links-by-them =
    { $count ->
        [one] { $count } invitation link that they made
       *[other] { $count } invitation links that they made
    }
invitation-links-by-it =
    { $count ->
        [one] { $count } invitation link that it made
       *[other] { $count } invitation links that it made
    }
set-up-links-by-these =
    { $count ->
        [one] { $count } set-up link that these people or keys made
       *[other] { $count } set-up links that these people or keys made
    }
password-links-by-these =
    { $count ->
        [one] { $count } password link that these people or keys made
       *[other] { $count } password links that these people or keys made
    }
invitation-links-by-these =
    { $count ->
        [one] { $count } invitation link that these people or keys made
       *[other] { $count } invitation links that these people or keys made
    }
reason-must-set-password-made-with-known = must set a new password with “Forgot your password?” on the sign-in page or with a password link, because the link that set the current one was made with a password that { $maker } may know
warning-keys-made-with-these-end = API keys that were made with these passwords stop working: { $keys }.
warning-operators-stay = Operators who were added by { $maker }, or with a password that { $maker } may know, stay operators: { $operators }. Remove those who should not be.
warning-passwords-made-with-these-stay = Passwords that were set with links of people whose password may be known keep working: { $people }. They must be set again if others may know them.

## Refused SAML sign-ins: the fault

refusal-advice = The assertion contains another assertion in its Advice.
refusal-assertion_used = The assertion was used already; each works once.
refusal-audience = The assertion was made for another application.
refusal-bad_email = The assertion's value for the e-mail address is not an e-mail address.
refusal-bad_id = An ID in the response is missing, malformed or used twice.
refusal-bad_signature = The signature does not match any of the connection's certificates.
refusal-broken = The message could not be verified: the signature covers another element than expected.
refusal-cbc_unsigned = The assertion is encrypted with AES-CBC in a response that is not signed.
refusal-cdata = The response contains a CDATA section, which parsers treat differently.
refusal-certificate_expired = The response is signed with a certificate that has expired, and the operator has chosen to refuse those.
refusal-comment = The response contains a comment, which some parsers see and others ignore.
refusal-connection_changed = The SSO settings were changed while the sign-in was under way.
refusal-content_encryption = The assertion is encrypted with an algorithm that is refused.
refusal-decryption = The encrypted assertion cannot be decrypted with our keys.
refusal-deflated = The response is compressed (DEFLATE), as for HTTP-Redirect; the callback accepts HTTP-POST.
refusal-destination = The response was made for another address than our callback URL.
refusal-directory_name = The provider identified a person who is not a member, by what looks like a directory's user name instead of an e-mail address.
refusal-disabled = The provider identified a person whom an operator has disabled here.
refusal-doctype = The response contains a DOCTYPE, which could change the meaning of the rest.
refusal-empty_name_id = The assertion has a NameID that is empty.
refusal-encrypted_assertion = The assertion is encrypted, and there is no key to decrypt it with.
refusal-encrypted_id = The NameID or an attribute is encrypted, which is not supported.
refusal-encryption_shape = The encrypted assertion does not have the form that we accept.
refusal-entity = The response contains an entity other than XML's five predefined ones.
refusal-expired = The assertion is no longer valid.
refusal-formatted = The message is formatted: it has white space between its elements, which its signature does not match.
refusal-guest_name = The provider sent the internal name of a guest in place of their e-mail address.
refusal-in_response_to = The response does not answer our request.
refusal-inclusive_c14n = The signature uses inclusive canonicalisation.
refusal-issue_instant = The response was made at a time that is too far from now.
refusal-issuer = The response comes from another identity provider than the connection's.
refusal-issuer_format = The Issuer has a format other than that of an entity ID.
refusal-key_transport = The assertion's key is encrypted with an algorithm that is refused.
refusal-malformed_xml = The response is not plain XML.
refusal-name_qualifier = The NameID was made for another application (SPNameQualifier).
refusal-no_assertion = The response contains no assertion.
refusal-no_certificate = The connection has no usable certificate.
refusal-no_conditions = The assertion has no Conditions.
refusal-no_email = The assertion contains no e-mail address.
refusal-no_subject_confirmation = The assertion has no bearer subject confirmation.
refusal-not_a_member = The provider identified a person who is not a member of the organisation.
refusal-not_a_response = The message is not a SAML 2.0 Response.
refusal-not_base64 = The message received is not a SAML response in base64.
refusal-not_utf8 = The response is not UTF-8 text.
refusal-not_yet_valid = The assertion is not valid yet.
refusal-other_browser = The sign-in ended in another browser than the one that started it, or cookies are blocked.
refusal-other_input = The input is not the response of a sign-in.
refusal-processing_instruction = The response contains a processing instruction.
refusal-recipient = The assertion was made for another recipient than our callback URL.
refusal-repeated_element = An element that may appear only once appears twice.
refusal-request_expired = The response arrived more than ten minutes after the request.
refusal-request_used = The request was answered already; each response works once.
refusal-rsa_1_5 = The assertion's key is encrypted with RSA PKCS #1 v1.5, which can leak it.
refusal-rsa_pss = The signature uses RSA-PSS, which is not supported.
refusal-session_expired = The provider's session had already ended when the response arrived.
refusal-several_assertions = The response contains more than one assertion.
refusal-several_emails = The assertion contains several different e-mail addresses.
refusal-sha1 = The signature uses SHA-1, which is no longer secure.
refusal-signature_algorithm = The signature uses an algorithm that is refused.
refusal-signature_misplaced = A signature is in a place where none is allowed.
refusal-signature_reference = A signature does not cover the element that contains it.
refusal-signature_shape = A signature does not have the form that SAML prescribes.
refusal-signature_transform = A signature uses a transform that is refused.
refusal-sso_off = SSO is off for this organisation.
refusal-stale_authentication = The request asked for a fresh sign-in, and the provider did not ask the person to sign in again.
refusal-status = The identity provider itself refused the sign-in.
refusal-subject_expired = The assertion was delivered after the time allowed for it.
refusal-subject_in_response_to = The assertion does not answer our request.
refusal-subject_not_yet_valid = The assertion was delivered before the time allowed for it.
refusal-test_of_other_person = The test sign-in was made as another person than the admin who started it.
refusal-test_without_session = The connection is a draft: only the test sign-in of an organisation admin is accepted.
refusal-too_complex = The response has too many elements, attributes or namespaces, or they are nested too deeply.
refusal-too_large = The response is larger than 256 KiB.
refusal-triple_des = The assertion is encrypted with Triple DES, which is no longer secure.
refusal-unknown_namespace = The response contains an element that does not belong there.
refusal-unknown_request = The response answers a request that we did not make for this connection.
refusal-unsigned = Neither the response nor the assertion is signed.
refusal-unsolicited = The provider sent a response that we did not request: it does not name any request of ours.
refusal-version = The message does not use SAML version 2.0.
refusal-weak_key = The key of the provider's certificate is too short.

## Refused SAML sign-ins: where the fault is

fault-not-invited = The person is not invited.
fault-of-clock = The identity provider's clock or this server's clock.
fault-of-nobody = No settings are wrong.
fault-of-operator = The server's settings, which the operator manages.
fault-of-person = The way in which the person signed in.
fault-of-provider = The identity provider's settings.
fault-of-settings = Your organisation's SSO settings.

## Refused SAML sign-ins: what to change, and the name of the setting at each provider

fix-at-product = { $product }: { $place }
fix-callback = At the identity provider, set our Callback URL, exactly as the SSO settings show it.
fix-callback-google = Apps > Web and mobile apps > the application > Service provider details > ACS URL.
fix-callback-okta = General > SAML Settings > Edit > Single sign-on URL, with “Use this for Recipient URL and Destination URL” ticked.
fix-callback-entra = Single sign-on > Basic SAML Configuration > Reply URL (Assertion Consumer Service URL).
fix-callback-keycloak = Clients > the client > Advanced > Fine Grain SAML Endpoint Configuration > Assertion Consumer Service POST Binding URL, and Settings > Valid redirect URIs.
fix-callback-adfs = Relying Party Trusts > the trust > Properties > Endpoints > SAML Assertion Consumer, binding POST.
fix-callback-jumpcloud = SSO Applications > the application > SSO > ACS URLs: Default URL.
fix-callback-onelogin = Applications > the application > Configuration > ACS (Consumer) URL and Recipient; and ACS (Consumer) URL Validator, a pattern that it must fit.
fix-callback-other = The field is called ACS URL, Assertion Consumer Service, Callback URL, Reply URL or Recipient.
fix-audience = At the identity provider, set our Entity ID, exactly as the SSO settings show it.
fix-audience-google = Apps > Web and mobile apps > the application > Service provider details > Entity ID.
fix-audience-okta = General > SAML Settings > Edit > Audience URI (SP Entity ID).
fix-audience-entra = Single sign-on > Basic SAML Configuration > Identifier (Entity ID).
fix-audience-keycloak = Clients > the client > Settings > Client ID.
fix-audience-adfs = Relying Party Trusts > the trust > Properties > Identifiers > Relying party identifiers.
fix-audience-jumpcloud = SSO Applications > the application > SSO > SP Entity ID.
fix-audience-onelogin = Applications > the application > Configuration > Audience (EntityID).
fix-audience-other = The field is called Entity ID, SP Entity ID, Audience or Identifier.
fix-issuer = In the SSO settings here, enter the provider's entity ID, exactly as the provider shows it.
fix-issuer-google = It is shown under Apps > Web and mobile apps > the application > Download metadata > Entity ID.
fix-issuer-okta = It is shown under Sign On > Metadata details > More details > Issuer.
fix-issuer-entra = It is shown under Single sign-on > Set up > Microsoft Entra Identifier.
fix-issuer-keycloak = It is the realm's address, such as https://login.example.com/realms/acme: Realm settings > General > Endpoints > SAML 2.0 Identity Provider Metadata, entityID.
fix-issuer-adfs = It is shown under AD FS > Edit Federation Service Properties > Federation Service identifier.
fix-issuer-jumpcloud = It is what was entered there, under SSO Applications > the application > SSO > IdP Entity ID.
fix-issuer-onelogin = It is shown under Applications > the application > SSO > Issuer URL, while Configuration > SAML issuer type is Specific.
fix-issuer-other = It is the entityID in the provider's metadata.
fix-clock = Set both clocks by NTP. An operator can check this server's clock with vestibule doctor; if it is right, the provider's clock is wrong.
fix-clock-google = Google's clocks are right: check this server's clock (timedatectl).
fix-clock-okta = Okta's clocks are right: check this server's clock (timedatectl).
fix-clock-entra = Microsoft's clocks are right: check this server's clock (timedatectl).
fix-clock-keycloak = On Keycloak's own server: timedatectl. If responses only take too long to arrive: Clients > the client > Advanced > Advanced settings > Assertion Lifespan.
fix-clock-adfs = On the AD FS server: w32tm /query /status. If its clock is slightly ahead: Set-AdfsRelyingPartyTrust -NotBeforeSkew 2.
fix-clock-jumpcloud = JumpCloud's clocks are right: check this server's clock (timedatectl).
fix-clock-onelogin = OneLogin's clocks are right: check this server's clock (timedatectl). If responses only take too long to arrive: Applications > the application > Configuration > SAML not valid on or after, in minutes.
fix-clock-other = On the provider's own server: timedatectl, or w32tm on Windows.
fix-sign = Configure the provider to sign the assertion.
fix-sign-google = Google always signs. Service provider details > Signed response sets whether it signs the response or the assertion. Check for a proxy that changes messages.
fix-sign-okta = General > SAML Settings > Edit > Show Advanced Settings > Assertion Signature: Signed.
fix-sign-entra = Single sign-on > SAML Certificates > Edit > Signing Option: Sign SAML assertion.
fix-sign-keycloak = Clients > the client > Settings > Signature and Encryption > Sign assertions: On.
fix-sign-adfs = In PowerShell: Set-AdfsRelyingPartyTrust -SamlResponseSignature AssertionOnly.
fix-sign-jumpcloud = SSO Applications > the application > SSO > Sign: Assertion.
fix-sign-onelogin = Applications > the application > Configuration > SAML signature element: Assertion.
fix-sign-other = The setting is called Sign assertion, or WantAssertionsSigned.
fix-algorithm = Configure the provider to sign with RSA and SHA-256.
fix-algorithm-google = Google signs with SHA-256 by default; a certificate from before 2017 may not: Apps > Web and mobile apps > the application > Service provider details > Certificate > Manage certificates.
fix-algorithm-okta = General > SAML Settings > Edit > Show Advanced Settings > Signature Algorithm: RSA-SHA256, Digest Algorithm: SHA256.
fix-algorithm-entra = Single sign-on > SAML Certificates > Edit > Signing Algorithm: SHA-256.
fix-algorithm-keycloak = Clients > the client > Settings > Signature and Encryption > Signature algorithm: RSA_SHA256.
fix-algorithm-adfs = Relying Party Trusts > the trust > Properties > Advanced > Secure hash algorithm: SHA-256.
fix-algorithm-jumpcloud = SSO Applications > the application > SSO > Signature Algorithm: RSA-SHA256.
fix-algorithm-onelogin = Applications > the application > SSO > SAML Signature Algorithm: SHA-256. The default is SHA-1.
fix-algorithm-other = The setting is called Signature algorithm, and Digest algorithm beside it.
fix-canonical = Configure the provider to use the enveloped-signature transform and exclusive canonicalisation (exc-c14n) without comments.
fix-canonical-google = Google does this; check for a proxy that changes messages.
fix-canonical-okta = Okta does this; check for a proxy that changes messages.
fix-canonical-entra = Entra ID does this; check for a proxy that changes messages.
fix-canonical-keycloak = Clients > the client > Settings > Signature and Encryption > Canonicalization method: EXCLUSIVE.
fix-canonical-adfs = AD FS does this; check for a proxy that changes messages.
fix-canonical-jumpcloud = JumpCloud has no setting for it; check for a proxy that changes messages.
fix-canonical-onelogin = OneLogin does this; check for a proxy that changes messages.
fix-canonical-other = The setting is called Canonicalization, C14N or Transforms.
fix-certificate = In the SSO settings here, paste the certificate that the provider signs with now; keep the old one beside it until the change is complete.
fix-certificate-google = It is shown under Apps > Web and mobile apps > the application > Download metadata > Certificate.
fix-certificate-okta = It is shown under Sign On > SAML Signing Certificates > the one with status Active > Actions > Download certificate.
fix-certificate-entra = It is shown under Single sign-on > SAML Certificates > Certificate (Base64); the one with status Active signs.
fix-certificate-keycloak = It is shown under Realm settings > Keys > the row with algorithm RS256 and use SIG > Certificate.
fix-certificate-adfs = It is shown under AD FS > Service > Certificates > Token-signing, the Primary one > View Certificate > Details > Copy to File.
fix-certificate-jumpcloud = It is under SSO Applications > the application > IDP Certificate Valid > Download certificate.
fix-certificate-onelogin = It is shown under Applications > the application > SSO > X.509 Certificate > View Details.
fix-certificate-other = It is the X509Certificate for signing in the provider's metadata.
fix-strong-key = Configure the provider to sign with a key of RSA 2048 bits or more, or EC P-256, P-384 or P-521; then paste its certificate here.
fix-strong-key-google = Security > Authentication > SSO with SAML applications > Add certificate creates one with 2048 bits.
fix-strong-key-okta = Sign On > SAML Signing Certificates > Generate new certificate creates one with 2048 bits.
fix-strong-key-entra = Single sign-on > SAML Certificates > Edit > New Certificate creates one with 2048 bits.
fix-strong-key-keycloak = Realm settings > Keys > Add providers > rsa-generated, Key size 2048 or more.
fix-strong-key-adfs = In PowerShell: Update-AdfsCertificate -CertificateType Token-Signing creates one with 2048 bits.
fix-strong-key-jumpcloud = SSO Applications > the application > IDP Certificate Valid > Regenerate certificate; or upload a certificate and its private key there, of 2048 bits or more.
fix-strong-key-onelogin = Security > Certificates > New, with Key Length 2048; then the application's SSO > X.509 Certificate > Change.
fix-strong-key-other = The setting is called Signing key or Token-signing certificate.
fix-encrypt = Configure the provider to encrypt with AES-GCM and RSA-OAEP for the encryption certificate in our current metadata (its address is the Entity ID). Or turn encryption off: TLS still protects the message.
fix-encrypt-google = Google Workspace does not encrypt assertions; check whether something between it and Vestibule changes messages.
fix-encrypt-okta = General > SAML Settings > Edit > Show Advanced Settings > Assertion Encryption, Encryption Algorithm: AES256-GCM, Key Transport Algorithm: RSA-OAEP, Encryption Certificate.
fix-encrypt-entra = Security > Token encryption > Import Certificate, and activate it. It encrypts with AES-256-CBC: Single sign-on > SAML Certificates > Signing Option: Sign SAML response and assertion.
fix-encrypt-keycloak = Clients > the client > Keys > Encrypt assertions, and there import the certificate; Settings > Sign documents: On where it encrypts with AES-CBC.
fix-encrypt-adfs = Relying Party Trusts > the trust > Properties > Encryption > Browse. It encrypts with AES-CBC: Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion.
fix-encrypt-jumpcloud = JumpCloud's SSO tab has no field that encrypts assertions; check whether something between it and Vestibule changes messages.
fix-encrypt-onelogin = Applications > the application > Configuration > SAML Encryption: the key of our encryption certificate. SAML encryption method: AES-128-CBC in place of TRIPLEDES-CBC, with SAML signature element: Both. Or Encrypt assertion: not ticked.
fix-encrypt-other = The settings are called Assertion encryption, Encryption certificate, and Encryption and Key transport algorithm.
fix-no-encryption = Turn encryption off at the provider; TLS still protects the message.
fix-no-encryption-google = Apps > Web and mobile apps > the application > Service provider details: remove the encryption certificate.
fix-no-encryption-okta = General > SAML Settings > Edit > Show Advanced Settings > Assertion Encryption: Unencrypted.
fix-no-encryption-entra = Security > Token encryption: deactivate or delete the certificate.
fix-no-encryption-keycloak = Clients > the client > Keys > Encrypt assertions: Off.
fix-no-encryption-adfs = Relying Party Trusts > the trust > Properties > Encryption > Remove; or in PowerShell: Set-AdfsRelyingPartyTrust -EncryptClaims $false.
fix-no-encryption-jumpcloud = JumpCloud's SSO tab has no field that encrypts; check whether something between it and Vestibule changes messages.
fix-no-encryption-onelogin = Applications > the application > Configuration > Encrypt assertion: not ticked.
fix-no-encryption-other = The setting is called Assertion encryption, or Encrypt NameID and Encrypt attributes.
fix-fresh = Sign in once more. If the provider cannot ask again, turn “Ask for a fresh sign-in” off in the SSO settings, under Advanced.
fix-fresh-google = Google Workspace has no setting for it.
fix-fresh-okta = General > SAML Settings > Edit > Show Advanced Settings > Honor Force Authentication: Yes.
fix-fresh-entra = Conditional Access > Session > Sign-in frequency: Every time also asks again.
fix-fresh-keycloak = Keycloak asks again without a setting; check its server's clock.
fix-fresh-adfs = In PowerShell: Set-AdfsRelyingPartyTrust -AlwaysRequireAuthentication $true, and check its server's clock.
fix-fresh-jumpcloud = JumpCloud's SSO tab has no setting for it.
fix-fresh-onelogin = Security > Policies > an app policy with Forced Authentication; then the application's Access > Policy.
fix-fresh-other = The setting may be called ForceAuthn, or Honor Force Authentication.
fix-email = Configure the provider to send the e-mail address, as NameID or as one attribute named email, and make sure that this person has one there.
fix-email-google = Service provider details > Name ID format: EMAIL, Name ID: Basic Information > Primary email.
fix-email-okta = General > SAML Settings > Edit > Name ID format: EmailAddress, Application username: Email.
fix-email-entra = Single sign-on > Attributes & Claims > Unique User Identifier (Name ID): user.mail, and the claim emailaddress: user.mail.
fix-email-keycloak = Clients > the client > Settings > Name ID format: email, Force name ID format: On. The address is under Users > the person > Details > Email.
fix-email-adfs = Edit Claim Issuance Policy > Add Rule > Send LDAP Attributes as Claims: E-Mail-Addresses as E-Mail Address; then Transform an Incoming Claim: E-Mail Address to Name ID, format Email.
fix-email-jumpcloud = SSO Applications > the application > SSO > SAMLSubject NameID: email, SAMLSubject NameID Format: the one that ends in emailAddress. The address is under Users > the person > Details > Company Email.
fix-email-onelogin = Applications > the application > Configuration > SAML nameID format: Email, and Parameters > NameID value: Email. The address is under Users > Users > the person > Email.
fix-email-other = Map the address to NameID with format emailAddress, or to an attribute named email.
fix-guest-email = Configure the provider to send the guest's own e-mail address in place of the internal name (with #), and invite that address here.
fix-guest-email-google = If people are imported from Entra ID: SAML attribute mapping must use Primary email.
fix-guest-email-okta = If people are imported from Entra ID: Directory > Profile Editor > Mappings, with mail for email.
fix-guest-email-entra = Single sign-on > Attributes & Claims > emailaddress: user.mail, and Unique User Identifier (Name ID): user.mail in place of user.userprincipalname. The address is under Users > the guest > Properties > Contact Information > Email.
fix-guest-email-keycloak = If the realm signs people in through Entra ID: Identity providers > the provider > Mappers, with the claim user.mail as email.
fix-guest-email-adfs = If a claims provider trust leads to Entra ID: Edit Claim Rules, and pass E-Mail Address through in place of UPN.
fix-guest-email-jumpcloud = If people are imported from Entra ID: Users > the person > Details > Company Email must be their own address.
fix-guest-email-onelogin = If people are imported from Entra ID: Users > Users > the person > Email must be their own address.
fix-guest-email-other = Map the person's own address (at Entra ID user.mail) to the attribute email.
fix-one-email = Configure the provider to send one e-mail address, the one that the person is invited by.
fix-one-email-google = SAML attribute mapping: keep one line whose App attribute is email, mapped from Primary email.
fix-one-email-okta = General > SAML Settings > Edit > Attribute Statements: keep one line named email, with value user.email.
fix-one-email-entra = Single sign-on > Attributes & Claims: keep one claim with an e-mail address, emailaddress: user.mail.
fix-one-email-keycloak = Clients > the client > Client scopes > the dedicated scope: keep one mapper whose SAML Attribute Name is email.
fix-one-email-adfs = Edit Claim Issuance Policy: keep one rule that issues E-Mail Address, and not from proxyAddresses, which has several.
fix-one-email-jumpcloud = SSO Applications > the application > SSO > Attributes > User Attribute Mapping: keep one line whose Service Provider Attribute Name is email, mapped from email.
fix-one-email-onelogin = Applications > the application > Parameters: keep one field named email with value Email, marked Include in SAML assertion.
fix-one-email-other = Keep one attribute named email or mail, with one value.
fix-fewer-attributes = Configure the provider to send fewer attributes, for example only the groups that matter.
fix-fewer-attributes-google = SAML attribute mapping > Group membership (optional): remove groups.
fix-fewer-attributes-okta = General > SAML Settings > Edit > Group Attribute Statements: narrow the filter.
fix-fewer-attributes-entra = Single sign-on > Attributes & Claims > the groups claim: Groups assigned to the application.
fix-fewer-attributes-keycloak = Clients > the client > Client scopes > the dedicated scope: remove the mappers for groups and roles.
fix-fewer-attributes-adfs = Edit Claim Issuance Policy: remove the rule that sends Token-Groups.
fix-fewer-attributes-jumpcloud = SSO Applications > the application > SSO > Attributes > Group Attributes: do not include the group attribute.
fix-fewer-attributes-onelogin = Applications > the application > Parameters: remove the fields for roles and groups, or do not mark them Include in SAML assertion.
fix-fewer-attributes-other = Look for mappings of groups, roles and photographs.
fix-assigned = Check the provider's own log: the provider refused this person or our request. Often the person is not assigned to the application.
fix-assigned-google = Apps > Web and mobile apps > the application > User access: ON for the person's group. Log: Reporting > Audit and investigation > SAML log events.
fix-assigned-okta = Assignments: the person or a group of theirs. Log: Reports > System Log.
fix-assigned-entra = Users and groups: the person or a group of theirs. Log: Monitoring > Sign-in logs.
fix-assigned-keycloak = Users > the person: Enabled. Settings > Client signature required: Off, where our requests are not signed. Log: Events > User events.
fix-assigned-adfs = Relying Party Trusts > the trust > Edit Access Control Policy. Log: Event Viewer > Applications and Services Logs > AD FS > Admin.
fix-assigned-jumpcloud = SSO Applications > the application > User Groups: a group of the person's. Log: Insights > Directory, the events of SSO.
fix-assigned-onelogin = Applications > the application > Access: a role of the person's. Log: Activity > Events.
fix-assigned-other = Give the application to the person, and see what the provider logged at that time.
fix-post-back = The provider must answer with one SAML 2.0 Response by HTTP-POST, for web browser single sign-on.
fix-post-back-google = Create the application with Add app > Add custom SAML app.
fix-post-back-okta = Create the application with Create App Integration > SAML 2.0.
fix-post-back-entra = Under Single sign-on choose SAML.
fix-post-back-keycloak = Clients > the client: Client type SAML; Settings > SAML capabilities > Force POST binding: On, Force artifact binding: Off.
fix-post-back-adfs = Relying Party Trusts > the trust > Properties > Endpoints: a SAML Assertion Consumer with binding POST, as default.
fix-post-back-jumpcloud = Create the application with Add New Application > Custom Application > Manage Single Sign-On (SSO) > Configure SSO with SAML.
fix-post-back-onelogin = Create the application with Add App > SAML Custom Connector (Advanced).
fix-post-back-other = Choose SAML 2.0 rather than SAML 1.1 or WS-Federation, and HTTP-POST as the response binding.
fix-plain-message = The message has a form that providers do not send. Check whether something between the provider and Vestibule changes it; if not, report it to the provider's vendor.
fix-plain-message-google = If Google sends it in this form, ask Google Workspace support, with the reference.
fix-plain-message-okta = If Okta sends it in this form, look for an Assertion Inline Hook under General; otherwise ask Okta support.
fix-plain-message-entra = If Entra ID sends it in this form, look for claims with unusual values under Attributes & Claims; otherwise ask Microsoft support.
fix-plain-message-keycloak = Look for extensions of your own, such as a script mapper under Client scopes > the dedicated scope.
fix-plain-message-adfs = Look for custom claim rules under Edit Claim Issuance Policy.
fix-plain-message-jumpcloud = If JumpCloud sends it in this form, look for Constant Attributes with unusual values under SSO > Attributes; otherwise ask JumpCloud support.
fix-plain-message-onelogin = If OneLogin sends it in this form, look for fields with macros or unusual values under Parameters; otherwise ask OneLogin support.
fix-plain-message-other = Look for templates, hooks or scripts of your own that write the assertion.
fix-tile = Set the sign-on URL in the SSO settings here to the address where the provider accepts our requests (AuthnRequest), not to a launch link; and make the provider's app tile open our Portal URL.
fix-tile-google = The sign-on URL is SSO URL under Google Identity Provider details, https://accounts.google.com/o/saml2/idp?idpid=..., not a link with initsso in it. Leave Service provider details > Start URL empty.
fix-tile-okta = The sign-on URL is under Sign On > View SAML setup instructions and ends in /sso/saml; it is not the App Embed Link (/home/...). Hide the application's tile (General > App Settings > Application visibility) and add a Bookmark App that opens the Portal URL.
fix-tile-entra = The sign-on URL is Single sign-on > Set up > Login URL, https://login.microsoftonline.com/.../saml2, not the User access URL of myapps.microsoft.com. Single sign-on > Basic SAML Configuration > Sign on URL (Optional): our Portal URL.
fix-tile-keycloak = The sign-on URL ends in /realms/REALM/protocol/saml, not in /protocol/saml/clients/NAME. Clients > the client > Settings > IDP-Initiated SSO URL name: empty, and Home URL: our Portal URL.
fix-tile-adfs = The sign-on URL ends in /adfs/ls/, not in /adfs/ls/idpinitiatedsignon.aspx. Give people the Portal URL.
fix-tile-jumpcloud = The sign-on URL is IDP URL under SSO Applications > the application > SSO, not a link of the User Portal. Hide the application (General Info > Show in User Portal) and add a bookmark that opens the Portal URL.
fix-tile-onelogin = The sign-on URL is SAML 2.0 Endpoint (HTTP) under Applications > the application > SSO, not a link with /launch/ in it. Configuration > SAML initiator: Service Provider, and Login URL: our Portal URL.
fix-tile-other = The sign-on URL is SingleSignOnService with the binding HTTP-Redirect in the provider's metadata. Turn IdP-initiated sign-in off, or make the tile a link to the Portal URL.
fix-test-as-yourself = Sign out at the provider and test again as yourself; your address must be the same there as here.
fix-test-as-yourself-google = Google shows the account at the top right: choose Use another account.
fix-test-as-yourself-okta = Okta's dashboard: your name > Sign out.
fix-test-as-yourself-entra = Sign out at https://myapps.microsoft.com.
fix-test-as-yourself-keycloak = Sign out at the realm's account console.
fix-test-as-yourself-adfs = Open /adfs/ls/?wa=wsignout1.0 at the provider.
fix-test-as-yourself-jumpcloud = JumpCloud's User Portal: your initials at the top right, and log out.
fix-test-as-yourself-onelogin = Sign out at your OneLogin portal, such as https://acme.onelogin.com/portal.
fix-test-as-yourself-other = Or test in a private window.
fix-invite = Invite them under People, or remove their access to the application at the provider. Accounts are never created automatically.
fix-invite-google = There: Apps > Web and mobile apps > the application > User access.
fix-invite-okta = There: Applications > the application > Assignments.
fix-invite-entra = There: Enterprise applications > the application > Users and groups.
fix-invite-keycloak = There: Clients > the client > Roles, or an authentication flow that denies access.
fix-invite-adfs = There: Relying Party Trusts > the trust > Edit Access Control Policy.
fix-invite-jumpcloud = There: SSO Applications > the application > User Groups.
fix-invite-onelogin = There: Applications > the application > Access, and Users > Users > the person > Applications.
fix-invite-other = There: the setting that assigns people to the application.
fix-again = Sign in once more, from the Portal URL. If it happens every time, tell an operator.
fix-same-browser = Begin and end the sign-in in one browser, with cookies allowed for this site. If it happens to everyone, ask an operator to check the public URL with vestibule doctor.
fix-test-sign-in = Sign in with your password and press Test sign-in in the SSO settings here.
fix-enable = Ask an operator to enable them, or remove their access to the application at the provider.
fix-plan = Ask an operator which plan the organisation is on.
fix-copy-message = Copy the value of SAMLResponse: open the browser's developer tools, then Network, turn on Preserve log, sign in, choose the POST to the callback URL (it ends in /acs), and copy SAMLResponse from its payload.
fix-as-sent = Use the value of SAMLResponse as it was sent: a copy that a tool formatted cannot be verified. If a sign-in was refused for this, something between the identity provider and Vestibule formats messages: turn that off. If the provider itself formats them, compare its certificate with those here.

## SAML sign-ins: what each rule requires

rule-form = The message is a SAML Response in plain XML that every parser reads in the same way.
rule-status = The provider says that the sign-in succeeded.
rule-encryption = An encrypted assertion has the form that we accept, and one of our keys decrypts it.
rule-structure = The response contains one assertion, and each signature covers its own parent element, the Response or the Assertion.
rule-signed = The response or the assertion is signed.
rule-certificate = The connection has a certificate whose key is strong enough.
rule-signature = The signature was made with such a certificate's key, and nothing has changed since.
rule-version = It uses SAML version 2.0.
rule-issuer = It comes from the connection's provider: Issuer is the entity ID in the SSO settings.
rule-destination = The response was sent to our Callback URL: Destination, if present.
rule-in_response_to = The response answers the request that started this sign-in.
rule-issue_instant = It was issued just now: IssueInstant is within five minutes, plus the allowed clock skew.
rule-subject_confirmation = The assertion is meant to be delivered by the browser that has it: SubjectConfirmation with method bearer.
rule-recipient = The assertion was made for our Callback URL: Recipient.
rule-subject_time = The assertion may be delivered now: NotOnOrAfter of the SubjectConfirmationData.
rule-subject_in_response_to = The assertion answers the request that started this sign-in.
rule-conditions = The assertion states the conditions under which it is valid.
rule-not_before = The assertion has become valid: NotBefore.
rule-not_on_or_after = The assertion has not expired: NotOnOrAfter.
rule-audience = The assertion was made for us: Audience is our Entity ID.
rule-session = The provider's own session has not ended: SessionNotOnOrAfter.
rule-authentication = If the request asked for a fresh sign-in, the person signed in after it: AuthnInstant.
rule-name_id = A NameID, if present, is not empty and was issued for us.
rule-email = It contains one e-mail address: in an attribute such as email, or else as the NameID.

## Trace: names of rules, values expected and received

rule-name-form = Form
rule-name-status = Status
rule-name-encryption = Encryption
rule-name-structure = Structure
rule-name-signed = Signed
rule-name-certificate = Certificate
rule-name-signature = Signature
rule-name-version = Version
rule-name-issuer = Issuer
rule-name-destination = Destination
rule-name-in_response_to = In response to
rule-name-issue_instant = Issue instant
rule-name-subject_confirmation = Subject confirmation
rule-name-recipient = Recipient
rule-name-subject_time = Time of delivery
rule-name-subject_in_response_to = InResponseTo of the subject
rule-name-conditions = Conditions
rule-name-not_before = Not before
rule-name-not_on_or_after = Not on or after
rule-name-audience = Audience
rule-name-session = Session
rule-name-authentication = Authentication
rule-name-name_id = NameID
rule-name-email = E-mail
trace-after-request = no earlier than the request at { $at }, minus { $secs } s of clock skew
trace-not-over = not expired
trace-no-end = no end time
trace-within-5-minutes = within 5 minutes of now
trace-as-asked = a new authentication, if the request asked for one
trace-name-for-us = none, or a name for this service provider
trace-one-email = one e-mail address
trace-one-conditions = one Conditions element
trace-not-in-future = not in the future
trace-plain-response = a plain SAML 2.0 Response
trace-opens = not encrypted, or encrypted for one of our keys
trace-not-encrypted = not encrypted
trace-signed = a signed Response or Assertion
trace-no-signature = no signature
trace-both-signed = the Response and the Assertion are signed
trace-response-signed = the Response is signed
trace-assertion-signed = the Assertion is signed
trace-structure = one Assertion, and signatures in the required form
trace-so = as expected
trace-usable-certificates = one to four usable certificates
trace-by-certificates = signed with one of the connection's certificates
trace-other-key = a signature made with another key, or a message that was changed
trace-no-match = a signature that no certificate verifies
trace-formatted = a message with white space between its elements, as in a formatted copy
trace-no-such-certificate = no such certificate
trace-strong-key = RSA of 2048 bits or more, or EC P-256, P-384 or P-521
trace-plain-names = unencrypted names and attributes
trace-valid-certificate = a certificate that has not expired
trace-expired-at = expired at { $at }
trace-not-judged = not checked, because the request id is not known
trace-bearer-confirmation = SubjectConfirmation of method bearer
trace-without-data = a bearer SubjectConfirmation without SubjectConfirmationData
trace-delivery = NotOnOrAfter on SubjectConfirmationData
trace-no-restriction = no AudienceRestriction
trace-no-audience = no Audience
trace-not-told = not sent
trace-none = none
trace-one = one
trace-two = two
trace-several = several
trace-more = a larger message
trace-named-name-id = a NameID that is not empty
trace-empty-one = an empty NameID
trace-email-wanted = an e-mail address in an attribute such as email, or as the NameID
trace-email-form = an e-mail address such as ann@acme.test, in ASCII
trace-base64 = the message in base64, encoded once
trace-by-post = XML in base64, as the HTTP-POST binding sends it
trace-deflated = deflated XML in base64, as the HTTP-Redirect binding sends it
trace-plain-xml = plain XML
trace-each-id-once = each ID only once
trace-known-elements = elements of SAML and XML Signature
trace-direct-signature = Signature as a direct child of Response or Assertion
trace-one-signature = at most one Signature per element
trace-assertion-inside = one Assertion in the Response
trace-elsewhere = an Assertion in another place
trace-one-assertion = one Assertion
trace-no-advice = one assertion
trace-in-advice = another assertion in Advice
trace-our-request = the id of a request of this connection
trace-in-time = a response within 10 minutes
trace-late = a later response
trace-response-to-ours = InResponseTo with the id of our request
trace-open-request = a request that has not been answered yet
trace-answered = already answered
trace-new-assertion = an assertion that has not been used yet
trace-used-one = already used
trace-cookie = the cookie of the browser that started this sign-in
trace-same-settings = the same settings as at the start of the sign-in
trace-others = changed settings
trace-admins-test = a test sign-in by a signed-in organisation admin
trace-other-sign-in = another sign-in
trace-sso-plan = a plan with SSO, and a connection
trace-neither = one of them is missing, or both
trace-member = a member or an invited person
trace-enabled = a person who is not disabled
trace-by = no later than { $at } (now) plus { $secs } s of clock skew
trace-after = later than { $at } (now) minus { $secs } s of clock skew
trace-within = within { $most } s of { $at }
trace-no-time = { $raw }, which is not a time such as 2026-11-24T09:00:00Z
trace-at-most-bytes = at most { $most } bytes
trace-by-one-of = signed with one of { $all }
trace-several-emails = { $one } in the attribute { $there }, and { $other } in the attribute { $name }
trace-sign-on-url = none; the configured sign-on URL is { $url }
trace-bom = a byte order mark where text should begin
trace-late-declaration = an XML declaration that is not at the start: there is white space or text before it
trace-cdata = a CDATA section
trace-comment = a comment
trace-instruction = a processing instruction
trace-doctype = a DOCTYPE
trace-close-attributes = attributes without a space between them
trace-namespace-reference = a namespace with a reference or white space in it
trace-undeclared-prefix = an undeclared prefix
trace-prefixed-id = an ID attribute with a prefix
trace-second-root = a second root element
trace-end-tag-alone = an end tag without its start
trace-cdata-end = the sequence ]]> in text
trace-text-outside = text outside the root element
trace-reference-outside = a reference outside the root element
trace-no-element = no element at all
trace-too-many-namespaces = too many namespaces at once
trace-reserved-prefix = a prefix that XML reserves or that is not declared
trace-not-xml-part = a part that is not XML
trace-bang = <! without a comment, CDATA section or DOCTYPE after it
trace-open-tag = a tag that is not closed: the text is cut off, or there is an extra < or quotation mark
trace-open-comment = a comment that is not closed
trace-open-cdata = a CDATA section that is not closed
trace-open-doctype = a DOCTYPE that is not closed
trace-open-instruction = an XML declaration or instruction that is not closed
trace-ampersand = an & that does not begin a reference; in XML it is written &amp;
trace-hyphens = a comment with -- in it
trace-nameless-doctype = a DOCTYPE without a name
trace-no-version = an XML declaration without version="1.0"
trace-no-attribute-value = an attribute without a value
trace-unquoted-attribute = an attribute whose value is not in quotation marks
trace-open-attribute = an attribute whose value has no closing quotation mark
trace-attribute-twice = an attribute that occurs twice on one element
trace-empty-value = an empty value
trace-base64-url = base64url, which has - and _ in place of + and /
trace-spaced-base64 = base64 with spaces in place of +, as a form sends it if + is not escaped as %2B
trace-twice-base64 = base64 of base64: the message is encoded twice
trace-utf-16 = UTF-16 text
trace-id-form = an ID of at most 256 characters that begins with a letter or _ and contains only letters, digits, _, - and .
trace-key-info = a KeyInfo with certificates or names
trace-other-part = a part of another signature
trace-signature-parts = SignedInfo, SignatureValue, and optionally KeyInfo
trace-digest = a SHA-256, SHA-384 or SHA-512 digest
trace-method = RSA or ECDSA with SHA-256, SHA-384 or SHA-512
trace-transforms = enveloped-signature, then exc-c14n
trace-exclusive = exclusive canonicalisation with at most InclusiveNamespaces in it
trace-one-encrypted-data = an EncryptedAssertion without exactly one EncryptedData
trace-encrypted-else = an EncryptedAssertion with another element in it
trace-encrypted-type = an EncryptedData of another type than Element
trace-encrypted-form = EncryptedData that includes its EncryptedKey
trace-gcm = AES-GCM, or a signed Response around AES-CBC
trace-plain-or-key = an unencrypted Assertion, or own SAML keys to decrypt it
trace-for-our-key = an Assertion that is encrypted for one of our keys
trace-not-opened = cannot be decrypted with our keys
trace-as-signed = the signed element, as it is in the document
trace-another = another element
trace-xml-version = XML version { $version }
trace-encoding = the encoding { $encoding } (UTF-8 is needed)
trace-entity = the entity &{ $name };
trace-prefix = the undeclared prefix { $prefix }
trace-forbidden-character = a character that XML forbids (U+{ $code })
trace-many-attributes = an element with more than { $most } attributes
trace-many-elements = more than { $most } elements
trace-deep = elements more than { $most } deep
trace-many-namespaces = an element with more than { $most } namespaces in scope
trace-open-element = the element { $name } without its end: the text is cut off
trace-no-start = the end tag </{ $name }> without its start: the beginning of the text is missing
trace-other-end = the end tag </{ $found }> where </{ $expected }> is expected
trace-attribute-ampersand = the attribute { $name } with an & that does not begin a reference; in XML it is written &amp;
trace-named-twice = the attribute { $name } twice on one element
trace-attribute = the attribute { $name }
trace-element-name = the element name { $name }
trace-not-encoded = XML that is not encoded: { $start }
trace-url-encoded = text that is URL-encoded once too often: { $start }
trace-odd-character = the character { $c } at position { $place } of { $start }
trace-cut-base64 = base64 that is cut off or has extra characters: { $start }
trace-not-utf-8 = bytes that are not UTF-8, starting at byte { $place } of { $count }
trace-several-in = more than one in { $element }
trace-part-inside = a Signature, or a part of one, inside { $element }
trace-signed-id = an ID on the signed { $element }
trace-id-on = an ID on { $element }
trace-response-of = Response of { $namespace }
trace-with-in-it = with { $names } in it
trace-root-metadata = { $root }: metadata, which describes a provider
trace-root-request = { $root }: our own request to the identity provider, which comes before the response
trace-root-logout = { $root }: a request to sign out
trace-root-logged-out = { $root }: the response of a sign-out, not of a sign-in
trace-root-artifact = { $root }: a response by the artifact binding; the callback accepts only HTTP-POST
trace-root-assertion = { $root }: an assertion without the Response that contains it
trace-root-saml-1 = { $root }: a message of SAML 1.1
trace-root-ws = { $root }: a message of WS-Federation
trace-root-soap = { $root }: a SOAP envelope
trace-root-page = { $root }: a web page
trace-email-scheme = { $value }, which has { $scheme } before the address
trace-email-name = { $value }, which has a name before the address
trace-email-several = { $value }, which contains several addresses
trace-email-letter = { $value }, which has { $letter } (U+{ $code }) before the @, where only ASCII is accepted
trace-email-domain = { $value }, whose domain in ASCII is { $ascii }
trace-same = { $value }, which is the same as expected; the difference is elsewhere in the message
trace-differs-space = { $value }, which differs by white space or invisible characters
trace-differs-case = { $value }, which differs in upper and lower case
trace-differs-slash = { $value }, which differs by a / at the end
trace-differs-scheme = { $value }, which differs in http or https
trace-differs-letter = { $value }, which differs by the letter { $c } (U+{ $code }), which is not a Latin letter
trace-long = { $value } ({ $count } characters; the first { $same } are as expected)
trace-id-empty = { $id }, which is empty
trace-id-long = { $id }, which has { $count } characters
trace-id-digit = { $id }, which begins with the digit { $c }
trace-id-start = { $id }, which begins with { $c }
trace-id-character = { $id }, which has the character { $c }
trace-id-twice = { $id }, which occurs twice
trace-unread-one = { $value }; the attribute { $name } contains an e-mail address: rename it to email so that it is used
trace-unread-several = { $value }; the attributes { $names } contain e-mail addresses: rename one of them to email so that it is used
trace-twice-in = { $name } twice in { $element }
trace-in-attribute = { $value } in the attribute { $name }
trace-as-name-id = { $value } as the NameID
trace-without-elements = { $name } without elements in it

## Metadata, certificates and logos that are refused: the end of a sentence that begins with the thing's name

certificate-address = is an address; paste the certificate that is there, or load the provider's metadata from it
certificate-authorities = { $count } of the authorities that issued it
certificate-cut-off = is cut off: { $there } of its { $promised } bytes are there; copy all of it, from BEGIN to END
certificate-damaged = is damaged: the text after BEGIN is not base64; copy it again
certificate-ends = { $fingerprint } (ends at { $at })
certificate-expired = expired at { $at }; get the provider's current one
certificate-file-archive = is { $kind }; unpack it and choose the certificate itself, a file such as .cer, .crt or .pem
certificate-file-kind = is { $kind }; choose the certificate itself, a file such as .cer, .crt or .pem
certificate-fingerprint = is the fingerprint of a certificate; paste the certificate itself
certificate-metadata = is metadata; load it as the provider's metadata, which fills in all values
certificate-more = contains other data besides the certificate
certificate-must-be = must be a certificate, with or without its -----BEGIN CERTIFICATE----- line
certificate-none = must be a certificate
certificate-not-yet = is not valid before { $at }
certificate-one-that = one that { $fault }
certificate-other-block = must be a certificate; the text after BEGIN is something else
certificate-other-key = has a key of a kind that is not supported here ({ $key }); let the provider sign with RSA of 2048 bits or more, or EC P-256, P-384 or P-521, and enter that certificate
certificate-pkcs12 = is a PKCS#12 file (.pfx, .p12), which contains the provider's private key; export only the certificate, or extract it with `openssl pkcs12 -in FILE -nokeys`
certificate-pkcs7 = is a PKCS#7 file (.p7b) without a certificate; export the certificate as PEM or DER, or convert it with `openssl pkcs7 -print_certs -in FILE`
certificate-private-key = is a private key, which must stay with the provider. Paste the certificate instead
certificate-public-key = is only a public key; the certificate around it is needed, from the provider's SSO page or metadata
certificate-request = is a certificate request (CSR); what is needed is the certificate itself, from the provider's SSO page or metadata
certificate-revocations = is a list of revoked certificates (CRL); paste the provider's signing certificate
certificate-rtf = is an RTF document, as word processors save text; paste the certificate as plain text
certificate-ssh-key = is an SSH key; paste the certificate that the provider signs with
certificate-too-many = contains more than { $most } certificates; give only the one that the provider signs with
certificate-validity = has no readable validity period
certificate-weak-key = has a key that is too weak ({ $key }); let the provider sign with RSA of 2048 bits or more, or EC P-256, P-384 or P-521, and enter that certificate
certificates-left-out = Of several certificates in the text, { $used } is used; left out: { $others }.
file-7zip = a 7-Zip archive
file-database = a database
file-excel = an Excel workbook (.xlsx)
file-gzip = a gzip archive
file-image = an image
file-webp = a WebP image
file-png = a PNG image
file-jpeg = a JPEG image
file-gif = a GIF image
file-jceks = a Java key store (.jceks), which holds private keys
file-jks = a Java key store (.jks), which holds private keys
file-office = an Office document (.doc) or an Outlook message (.msg)
file-opendocument = an OpenDocument text (.odt)
file-pdf = a PDF document
file-program = a program
file-property-list = a Safari web archive or another property list
file-rar = a RAR archive
file-word = a Word document (.docx)
file-zip = a ZIP archive
logo-data-url = The logo must be a data URL of a PNG or an SVG, such as data:image/png;base64,iVBORw0.... Send the file in that form.
logo-not-png = The file has the type PNG but is not a PNG. Export it as a PNG or an SVG.
logo-other-kind = The file is { $kind }. A logo is a PNG or an SVG: export it as one of these.
logo-empty = The file is empty. Choose a PNG or an SVG of at most { $most } KiB.
logo-media-type = The data URL has the media type { $type }. A logo is a PNG or an SVG: export it as one of these.
logo-drawing-only = Export it as a drawing only.
logo-expand-symbols = Expand its symbols, or send a PNG.
logo-not-base64 = The data URL is not base64: it was cut off or changed. Send the whole file again.
logo-png-cut = The PNG is incomplete. Export it again.
logo-png-damaged = The PNG is damaged. Export it again.
logo-png-large = The PNG has { $width } by { $height } pixels; the limit is { $most } by { $most }. Make it smaller.
logo-simplify = Simplify it, or send a PNG.
logo-svg-attribute = The SVG is not well-formed XML: an attribute of <{ $element }> is malformed. Export it again, or send a PNG.
logo-svg-classes = The SVG has an element with more than 100 classes. Simplify it, or send a PNG.
logo-svg-clip = The SVG has a clip path within a clip path. Simplify it, or send a PNG.
logo-svg-deep = The SVG has elements that are nested too deeply. Simplify it, or send a PNG.
logo-svg-element = The SVG has <{ $name }>, which a logo may not have. { $advice }
logo-svg-encoding = The file is not UTF-8 text, as an SVG must be. Save it as UTF-8, or send a PNG.
logo-svg-entities = The SVG declares entities, which a logo may not have. Export it without them, or send a PNG.
logo-svg-entity = The SVG has an entity that XML does not know. Export it again, or send a PNG.
logo-svg-function = The SVG has { $function }() in { $name }, which a logo may not have. Simplify it, or send a PNG.
logo-svg-large = The SVG is larger than { $most } KiB once its style sheet is written out. Simplify it, or send a PNG.
logo-svg-large-style = The style sheet of the SVG is too large. Simplify it, or send a PNG.
logo-svg-malformed = The SVG is not well-formed XML (line { $line }). Export it again, or send a PNG.
logo-svg-none = The file does not contain a complete SVG: it is cut off, or is not an SVG. Export it again as an SVG or a PNG.
logo-svg-outside = The SVG refers to something outside the file. Remove links and embedded files, or send a PNG.
logo-svg-root = The file is not an SVG: it has <{ $name }> in place of one <svg> of the namespace http://www.w3.org/2000/svg. Export it as an SVG or a PNG.
logo-svg-script = The SVG contains a script (the attribute { $name }). Export it without scripts, or send a PNG.
logo-svg-size = The SVG has no size. Give its <svg> a viewBox, or send a PNG.
logo-svg-style = The SVG has a style sheet with more than simple classes. Export it with presentation attributes instead, or send a PNG.
logo-svg-value = The SVG has an unusual value of { $name }. Export it again, or send a PNG.
logo-too-large = The file has { $kib } KiB; the limit is { $most } KiB. Make it smaller.
icon-too-large = The image has { $kib } KiB; the limit is { $most } KiB. Make it smaller or simpler.
icon-not-webp = The file is not a complete WebP image. Export it again.
icon-media-type = The data URL has the media type { $type }. An icon is a PNG, a WebP or an SVG: export it as one of these.
metadata-address = is an address; load it as the metadata URL, or open it and load the file that is there
metadata-certificate = is a certificate; enter it as the certificate, with the provider's other values, or load the provider's metadata, which holds it
metadata-certificates-left-out = The metadata has { $count } signing certificates, and a connection takes { $most }: those that expire last are used. Left out: { $others }. If the provider signs with one of them, enter the values by hand.
metadata-discovery = is the discovery document of OpenID Connect; SAML metadata is XML: look for it where the application is set up as SAML 2.0
metadata-empty = is empty; load the provider's metadata, an XML file that contains an EntityDescriptor
metadata-expired = was valid until { $until }; download it again from the provider
metadata-file-archive = is { $kind }; unpack it and load the provider's metadata itself, an XML file
metadata-file-kind = is { $kind }; load the provider's metadata itself, an XML file
metadata-json = is JSON; SAML metadata is XML. Look for the provider's metadata link or Download metadata
metadata-no-certificate = has no signing certificate; turn on signing at the provider and load its metadata again, or enter the sign-on URL, the entity ID and the certificate instead
metadata-no-entity-id = has no entityID
metadata-no-provider = must contain an EntityDescriptor with an IDPSSODescriptor: an identity provider's metadata
metadata-no-redirect = has no SingleSignOnService with the HTTP-Redirect binding; turn it on at the provider
metadata-no-usable-certificate = has no usable signing certificate
metadata-not-plain = must be plain XML, but has { $found }
metadata-of-application = is a service provider's metadata, which an application publishes; load the identity provider's own
metadata-other-versions = has no IDPSSODescriptor for SAML 2.0, only for other versions; turn SAML 2.0 on at the provider, and export it again
metadata-page = is a web page, such as a sign-in page; use the provider's metadata link, which opens as XML without signing in, or a file that was downloaded from it
metadata-part = is only a part of the metadata; load the whole file, from <EntityDescriptor to </EntityDescriptor>
metadata-pkcs12 = is a PKCS#12 file (.pfx, .p12), which holds a private key; choose the provider's metadata, an XML file
metadata-private-key = contains a private key, which must stay with its owner; choose the provider's metadata
metadata-rtf = is an RTF document, as word processors save text; load the file that was downloaded from the provider
metadata-saml-message = is a SAML message, not metadata; load the provider's metadata
metadata-several-providers = contains several identity providers ({ $names }); export the metadata of one of them
metadata-sign-in-message = is the message of a sign-in, not metadata; check that with `vestibule saml explain`
metadata-signature = is only a part of the metadata; load the whole file, from its first to its last line
metadata-text = is not XML; load the provider's metadata, an XML file that contains an EntityDescriptor
metadata-view = is a browser's view of XML, copied as text; save the page itself as a file (Ctrl+S, on a Mac Command+S) and load that, or load its address as the metadata URL
metadata-weak-key = has a weak key

## Why metadata could not be loaded

fetch-broken = the connection broke: { $cause }
fetch-failed = the request failed: { $cause }
fetch-late = it did not answer within { $secs } seconds
fetch-no-text = its answer { $why }
fetch-not-public = { $host } has an address that is not public; only the operator can allow that, with --metadata-private-hosts
fetch-nothing-there = nothing responds at that address
fetch-redirect = it redirects to { $to }, and redirects are not followed; use the final address
fetch-redirect-nowhere = it redirects without an address
fetch-status = it answered { $status }
fetch-tls = TLS failed: { $cause }
fetch-too-large = its answer is larger than 1 MiB
fetch-unknown-host = its host name cannot be resolved
fetch-unusable = the metadata there { $why }
text-file-kind = is { $kind }, not a text file
text-none = is not a text file
text-other-encoding = is not the { $encoding } text that it should be; save it as UTF-8
text-unknown-encoding = names the encoding { $name }, which is not supported; save it as UTF-8
text-utf-32 = is UTF-32 text, which is not supported; save it as UTF-8

## Lists of people to invite

invitee-address = The address { $fault }.
invitee-no-address = There is no e-mail address in this line.
invitee-no-address-beside = There is no e-mail address beside this. Write each person with their address on a separate line.
invitee-no-column = The header has no column for this. Add one, or write each person on a separate line.
invitee-no-role = “{ $text }” is not a role here. Write Admin, Power User or the name of a custom role.
invitee-repeated = This address is in the list twice; the first line counts.
invitee-role = The role must be admin, power_user or a custom role of the organisation.
invitee-two-roles = Two roles are named here. Keep one of them.

## Next steps

step-invite = Invite your people
step-invite-text = Each person gets a link that works for { $life }, and the role that you choose.
step-mail = Set up e-mail
step-mail-stuck = Check the mail queue
step-mail-stuck-text = { $what }.
step-mail-text = Start Vestibule with --smtp-url. Until then you pass on links yourself, and nobody can reset a forgotten password.
step-organisation = Create the first organisation
step-organisation-text = Its first admin gets an invitation.
step-public-url = Check the public address
step-public-url-text = People reach Vestibule at { $url }: check that requests arrive that way.
step-recovery-codes = Keep recovery codes at hand
step-recovery-codes-text =
    { $count ->
        [one] { $count } left. Without it, only an operator can let you in if your identity provider fails.
       *[other] { $count } left. Without them, only an operator can let you in if your identity provider fails.
    }
step-saml-only = Require SSO for everyone
step-saml-only-text = Members can no longer use passwords.
step-second-operator = Add a second operator
step-second-operator-text = Then someone else can help when you cannot.
step-sso-members = Let members sign in through SSO
step-sso-members-text = { $count } of { $all } have signed in through it so far. Send the others the Portal URL.
step-sso-set-up = Connect your identity provider
step-sso-set-up-text = Google Workspace, Okta, Entra ID or any other provider that supports SAML: the page has a guide for each.
step-sso-test = Test single sign-on
step-sso-test-text = Sign in through it once yourself. Your members can use it from then on.

## Faults of the audit log

audit-chain-appliance = the appliance
audit-chain-changed = The audit log of { $log } was changed at entry { $number }, of { $at } as it is stored now.
audit-chain-head = The audit log of { $log } does not end with the entry that was written last; it ends with entry { $number }.
audit-chain-missing = The entries { $from } to { $to } of the audit log of { $log } are missing.
audit-chain-one-missing = The entry { $number } of the audit log of { $log } is missing.
audit-chain-order = The entry { $number } of the audit log of { $log } is in the place of entry { $expected }.

## Backups

backup-connection = a certificate or key of the connection of { $organisation } cannot be read
backup-damaged = the copy is damaged: { $fault }
backup-database-damaged = { $database } is damaged and cannot be copied ({ $cause }). “vestibule doctor” names the damage; restore the last backup with “vestibule restore FILE”.
backup-disk-full = { $target } cannot be written: the disk is full. Free space there, or write the backup to another disk.
backup-exists = { $path } exists already. Choose another name, or add --replace.
backup-faulty = The backup was not kept, because a server could not run with it: { $faults }. “vestibule doctor” checks the database itself.
backup-in-data-folder = { $path } is in the data folder, with which it would be lost. Choose a folder on another disk.
backup-no-admin = No admin of { $organisation } can sign in: none has a password that opens it, and single sign-on is not ready.
backup-no-operator = No operator has a password.
backup-not-copied = { $database } could not be copied to { $target }: { $cause }
backup-not-read = it cannot be read: { $cause }
backup-password = the password of { $email } cannot be read
backup-path = The path { $path } is not valid UTF-8. Choose another one.
backup-schema = the schema differs: { $part }
backup-signing-key = the signing key { $id } does not sign
backup-unwritable = { $path } cannot be written: { $cause }. Check that the folder exists, who may write there, and the free space.
upgrade-no-room = The rehearsal needs a temporary folder, which could not be made: { $cause }. Name another one with the variable TMPDIR.
restore-cut-off = This file was copied from a running server without its vestibule.db-wal, so its newest data is missing. Restore a file that “vestibule backup” made. The database is unchanged.
restore-empty = The backup is empty (0 bytes). The database is unchanged.
restore-failed = The backup could not be restored: { $cause }. The database is unchanged.
restore-faulty = The backup was not restored, because a server could not run with it: { $faults }. The database is unchanged; try an older backup.

## Findings of the doctor, and what to do

doctor-certificate-days =
    { $days ->
        [one] { $organisation }: { $days } day left
       *[other] { $organisation }: { $days } days left
    }
doctor-certificate-expired = { $organisation }: expired at { $at }. Paste the provider's new one.
doctor-certificate-few-days =
    { $days ->
        [one] { $organisation }: { $days } day left. Add the provider's next one beside it.
       *[other] { $organisation }: { $days } days left. Add the provider's next one beside it.
    }
doctor-backup = the last one was made and proved at { $at }, { $kib } KiB
doctor-backup-first = the server makes the first one soon
doctor-backup-late = none was made in two periods; the last one: { $at }. See the job “making backups” below for the cause.
doctor-backup-none = none was made yet. Make one each day on another disk: “vestibule backup FILE”.
doctor-backup-old = the last one was made at { $at }, more than a week ago. Make one each day: “vestibule backup FILE”.
doctor-clock-alone = { $now }; no time service was found. SAML fails if the clock is minutes off: install chrony or enable systemd-timesyncd.
doctor-clock-back = it is { $now }, but the newest entry of the audit log is from { $newest }. Set the clock.
doctor-clock-fine = { $now }, synchronised by a time service
doctor-complete = vestibule.db and vestibule.db-wal are complete
doctor-damaged = { $faults }. Restore a backup.
doctor-files = the server may open up to { $limit } files at once
doctor-files-low = the server may open only { $limit } files, and each connection takes one: { $clients } clients use them up. Set LimitNOFILE={ $wanted } in its systemd unit, or `ulimit -n { $wanted }` before it starts.
doctor-files-unknown = the server has not run yet
doctor-intact = the database is intact
doctor-job-failed = { $name }: failed at { $ran }: { $why }. The next attempt is at { $next } at the latest.
doctor-job-failed-before = { $name }: last ran at { $ran }, runs again by { $next }; last failure at { $at }: { $why }
doctor-job-fine = { $name }: last ran at { $ran }, runs again by { $next }
job-internal = an internal error; the server's log has the cause
doctor-job-not-run = { $name }: has not run since the server started
doctor-job-overdue = { $name }: last ran at { $ran } and is overdue since { $next }. Restart the server.
doctor-libraries-linked = linked into the program: { $versions }. Rebuild it after each security advisory for them.
doctor-libraries-of-machine = the libraries of this machine: its updates take effect at the next start
doctor-log = vestibule.db-wal has { $kib } KiB
doctor-log-large = vestibule.db-wal has { $kib } KiB. Nothing empties it: look for a program that keeps the database open, and for a full disk.
doctor-mail-answers = { $server } answers
doctor-mail-doubt = { $server } answers, but { $doubt }
doctor-mail-failed = { $server }: { $reason }
doctor-mail-fine = no e-mail has been waiting for long
doctor-mail-stuck = { $what }. See Operator > Mail for the answers of the mail server.
doctor-mail-unknown = the server sends e-mail with settings that this command does not have; use Operator > Doctor to test them
doctor-metadata = { $organisation }: { $url } could not be loaded: { $why }. The last good copy is in use.
doctor-misdirected = { $organisation }: its provider sends its responses to { $received }, but our Callback URL is { $expected }.
doctor-misdirected-fix = Set our Callback URL at the provider; its last refused sign-in in the trace says where.
doctor-misdirected-origin = If people reach Vestibule at { $origin }, start it with --public-url { $origin }; otherwise set our Callback URL at the provider.
doctor-no-jobs = no server is running with this data, so no background jobs run
doctor-no-mail = no --smtp-url: invitation and reset links must be passed on by hand
doctor-no-request = no request has arrived yet
doctor-not-checked = { $path } cannot be checked: { $cause }
doctor-other-version = version { $file }, but this program needs version { $program }
doctor-private = only the server’s user can read { $path }
doctor-readable = { $path } can be read by every user of this machine. Run: chmod o-rwx { $path }
doctor-requests-fine =
    { $all ->
        [one] the { $all } request of the last hour came for { $url }
       *[other] all { $all } requests of the last hour came for { $url }
    }
doctor-requests-wrong =
    { $all ->
        [one] { $count } of { $all } request of the last hour: { $found }
       *[other] { $count } of { $all } requests of the last hour: { $found }
    }
doctor-skew =
    { $count ->
        [one] { $organisation }: { $skew }, by its last response ({ $count })
       *[other] { $organisation }: { $skew }, by { $count } of its last responses
    }
doctor-skew-drifting = { $found }. Set both clocks by NTP.
doctor-skew-failing = { $found }: sign-ins fail. Set both clocks by NTP.
doctor-trouble = { $trouble }.
doctor-tls =
    { $path } is valid until { $at }, for { $days ->
        [one] 1 more day
       *[other] { $days } more days
    }
doctor-url-clear = { $url }: passwords are sent unencrypted. Put a proxy with https in front of Vestibule.
doctor-url-local = { $url }: for this machine only
doctor-version = version { $file }
doctor-xmlsec-newer = newer than 1.3.99
job-backup = making backups
job-certificates = warning about certificates that expire
job-mail = sending mail
job-metadata = fetching metadata
job-purge = deleting expired data
job-security-log = counting entries left out of the security log
job-session-uses = saving when sessions were last used
job-signing-keys = rotating signing keys
job-logout-notices = telling applications that sessions have ended
job-transaction-log = emptying the transaction log
stuck-given-up =
    { $count ->
        [one] { $count } e-mail could not be sent
       *[other] { $count } e-mails could not be sent
    }
stuck-overdue =
    { $count ->
        [one] { $count } e-mail has waited for more than 15 minutes
       *[other] { $count } e-mails have waited for more than 15 minutes
    }
stuck-both = { $given_up }, and { $overdue }
proxy-by-itself = does so by default: remove the line that prevents it
proxy-caddy-host = without a header_up Host below it
proxy-caddy-https = without http:// before the name
proxy-fix-address = Configure the proxy to pass on the client's address: password guessing is limited by address, and now all clients have the proxy's address.
proxy-fix-host = Configure the proxy to pass on the Host header of the original request.
proxy-fix-https = Redirect port 80 to https in the proxy.
proxy-fix-public-url = Start Vestibule with --public-url https://{ $host }, and give the identity providers the new Callback URL and Entity ID.
proxy-fix-untrusted = If { $peer } is your proxy, start Vestibule with --trusted-proxies { $peer } (VESTIBULE_TRUSTED_PROXIES in /etc/vestibule.env).
proxy-host = { $peer } sends requests for the host { $host }, but the public URL is { $url }
proxy-no-address = the proxy { $peer } does not pass on the client's address (X-Forwarded-For or Forwarded)
proxy-scheme = people reach the proxy { $peer } by { $scheme }, but the public URL is { $url }
proxy-untrusted = { $peer } sends forwarded headers but is not listed in --trusted-proxies
proxy-untrusted-check = { $peer } asks about requests to applications but is not a trusted proxy, so it gets no answer.
skew-ahead = the provider's clock is { $secs } s ahead of ours
skew-behind = the provider's clock is { $secs } s behind ours
skew-none = the provider's clock agrees with ours

## Console: labels used in several places

actions = Actions
all-workspaces = All workspaces
any = Any
api-key = API key
api-keys = API keys
application = Application
applications = Applications
ask-to-switch-plan = Ask your operator to switch the plan.
audit-log = Audit log
back = Back
branding = Branding
by = By
callback-url = Callback URL
cancel = Cancel
certificates = Certificates
close = Close
confirm = Confirm
continue = Continue
count-organisations =
    { $count ->
        [one] { $count } organisation
       *[other] { $count } organisations
    }
created = Created
current-password = Current password
days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
delete = Delete
disabled-badge = Disabled
dismiss = Dismiss
doctor = Doctor
done = done
email = E-mail
entity-id = Entity ID
expired = Expired
from-address-only = from { $address }
help = Help
keys-expires = Expires
keys-key = Key
keys-last-used = Last used
keys-none = No key yet. Create the first one below.
last-sign-in = Last sign-in
line = Line
links-copy-all = all links
look-again = Refresh
mail = Mail
members = Members
menu = Menu
method-password = password
method-recovery = recovery
method-saml = SSO
name = Name
never = never
next-steps-for = Next steps for { $name }
no-limit-hint = Leave empty for no limit.
no-one-matches = No one matches. Try a shorter part of the name, or clear the filters.
none = none
note-badge = Note
of-all = { $count } of { $all }
operator = Operator
operators = Operators
optional = Optional
organisation = Organisation
organisation-admin = Organisation admin
organisation-admin-badge = Organisation admin
organisation-admins-may = Organisation admins create workspaces and manage people, single sign-on and security.
organisations = Organisations
our-metadata = our metadata
password = Password
people = People
person = Person
plan = Plan
plans = Plans
portal-key = SSO Portal Key
portal-url = Portal URL
remove = Remove
remove-named = Remove { $name }
role = Role
role-admin = Admin
role-power-user = Power User
save = Save
saved = Saved.
settings = Settings
setup-link = Set-up link
show-more = Show more
sign-on-url = Sign-on URL
sign-out = Sign out
signed-in-by = by { $method }
single-sign-on = Single sign-on
sso-draft = Draft
sso-not-set-up = Not set up
sso-ready = Ready
sso-sign-ins = SSO sign-ins
state = State
switch-plan = Switch plan
test-sign-in = Test sign-in
the-api = the API
try-again = Try again
what = What
when = When
where = Where
who = Who
workspace = Workspace
workspaces = Workspaces
your-account = Your account
your-name = Your name

## Console: the frame, forms and dialogs

dialog-type-name = Type the name to confirm: { $name }
form-choose-one = Choose one.
form-enter-address = Enter a whole address such as https://example.com.
form-enter-email = Enter an e-mail address such as ann@acme.test.
form-fault = { $field } { $fault }
form-fault-of = { $subject } { $fault }
form-fill-in = Fill in this field.
form-password-hint = At least 12 characters. A few uncommon words work well.
shell-loading = Loading …
shell-skip = Skip to content
shell-times-own = Times are in your time zone, { $zone }.
shell-times-utc = Times are in UTC.
shell-working = Working …
sidebar-main = Main
sidebar-organisation = Organisation: { $name }

## Console: effects of a change on people

effect-affected = { $email } { $reason }.
effect-applications = Applications that people lose: { $names }.
effect-application-sessions =
    { $count ->
        [one] { $count } session at an application will end.
       *[other] { $count } sessions at applications will end.
    }
effect-refresh-tokens =
    { $count ->
        [one] { $count } refresh token of an application will end.
       *[other] { $count } refresh tokens of applications will end.
    }
effect-keep =
    { $count ->
        [0] Nobody keeps access
        [one] { $count } person keeps access
       *[other] { $count } people keep access
    }
effect-keep-title = Keep access
effect-keeps = { $email } keeps access
effect-lose =
    { $count ->
        [0] Nobody loses access
        [one] { $count } person loses access
       *[other] { $count } people lose access
    }
effect-lose-title = Lose access
effect-loses = { $email } loses access
effect-more = and { $count } more
effect-nobody = Nobody’s access changes.
effect-one-signed-out =
    { $count ->
        [one] { $email } will be signed out of this organisation in { $count } session.
       *[other] { $email } will be signed out of this organisation in { $count } sessions.
    }
effect-one-signed-out-everywhere =
    { $count ->
        [one] { $email } will be signed out of every organisation in { $count } session.
       *[other] { $email } will be signed out of every organisation in { $count } sessions.
    }
effect-signed-out =
    { $sessions ->
        [0] { $grants ->
            [one] { $grants } sign-in to this organisation will end. Its session keeps access through another sign-in.
           *[other] { $grants } sign-ins to this organisation will end. Their sessions keep access through other sign-ins.
        }
        [one] { $grants ->
            [0] { $sessions } session will be signed out.
            [one] { $sessions } session will be signed out, and { $grants } sign-in to this organisation will end.
           *[other] { $sessions } session will be signed out, and { $grants } sign-ins to this organisation will end.
        }
       *[other] { $grants ->
            [0] { $sessions } sessions will be signed out.
            [one] { $sessions } sessions will be signed out, and { $grants } sign-in to this organisation will end.
           *[other] { $sessions } sessions will be signed out, and { $grants } sign-ins to this organisation will end.
        }
    }
effect-signed-out-everywhere =
    { $sessions ->
        [0] { $grants ->
            [one] { $grants } sign-in will end. Its session keeps access through another sign-in.
           *[other] { $grants } sign-ins will end. Their sessions keep access through other sign-ins.
        }
        [one] { $grants ->
            [0] { $sessions } session will be signed out.
            [one] { $sessions } session will be signed out, and { $grants } sign-in will end.
           *[other] { $sessions } session will be signed out, and { $grants } sign-ins will end.
        }
       *[other] { $grants ->
            [0] { $sessions } sessions will be signed out.
            [one] { $sessions } sessions will be signed out, and { $grants } sign-in will end.
           *[other] { $sessions } sessions will be signed out, and { $grants } sign-ins will end.
        }
    }

## Console: events of an account

browser-on-system = { $browser } on { $system }
browser-unknown = Unknown program
event-admin-added = Organisation admin added
event-admin-removed = Organisation admin removed
event-by-command-line = command line
event-by-you = you
event-certificate-added = Certificate added
event-connection-changed = Single sign-on changed
event-from-both = { $browser } from { $address }
event-key-made = API key created
event-new-browser = Sign-in from a new browser
event-off = Turned off
event-on = Turned on
event-operator-added = Operator added
event-operator-wanted = Operator invited
event-own-keys = Our own keys changed
event-password-changed = Password changed
event-recovery-code = a recovery code
event-recovery-how = { $person }, with { $how }
event-recovery-link = a recovery link
event-recovery-used = Recovery used
event-saml-only-changed = SAML-only switched
event-settings = Settings changed
event-settings-removed = Settings removed
events-lead = Changes to your account and to organisations that you manage. If one was not you or a colleague, tell your admin.
events-lead-password = Changes to your account and to organisations that you manage. If one was not you or a colleague, change your password and tell your admin.
events-none = Nothing has happened yet.
events-title = Security events

## Console: activity

activity-bar =
    { $count ->
        [one] { $when }: { $count } entry
       *[other] { $when }: { $count } entries
    }
activity-days =
    { $count ->
        [one] { $range }: { $count } entry, most on { $peak } ({ $most }).
       *[other] { $range }: { $count } entries, most on { $peak } ({ $most }).
    }
activity-hour = { $day }, { $clock }
activity-hours =
    { $count ->
        [one] { $range }: { $count } entry, most at { $peak } ({ $most }).
       *[other] { $range }: { $count } entries, most at { $peak } ({ $most }).
    }
activity-none = { $range }: 0 entries.
activity-on = On { $day }
activity-per-day = Entries per day; select a bar to see that day
activity-per-hour = Entries per hour
activity-range = From { $from } to { $to }

## Console: appearance

appearance-colours = Colours
appearance-hint = Applies to this browser only.
appearance-keep = Keep messages until I dismiss them
appearance-keep-hint = Otherwise messages of success fade after a few seconds; errors always stay.
appearance-title = Appearance
theme-dark = Dark
theme-light = Light
theme-system = Match system

## Console: applications

application-access = Who may open it
application-access-does-not-open = { $email } may not open this application: { $level }.
application-access-hint = Type a part of the name or of the address, and choose the person.
application-access-look = Check
application-access-opens = { $email } may open this application, with the level { $level }.
application-access-person = E-mail of the person
application-access-unknown = Nobody with this address is found. Choose a person from the suggestions.
application-add = Add application
application-added = { $name } is added. People with access see it on their home page.
application-added-oidc = { $name } is added. Enter the values of this page in the application.
application-added-proxy = { $name } is added. Configure your reverse proxy now; this page shows when its first request arrives.
application-address = Address
application-address-hint = The page that its tile opens, such as https://wiki.example.com/.
application-allowed = Allowed
application-decision = Decision
application-description = Description (optional)
application-description-hint = A sentence for the tile, at most 300 characters.
application-hosts = Hosts
application-hosts-hint = One per line, such as wiki.example.com. Each must be granted to your organisation by an operator.
application-hosts-hint-granted = One per line. Granted to this organisation: { $hosts }.
application-hosts-hint-none = No host is granted to this organisation yet. Ask an operator to grant the hosts of its applications.
application-hosts-hint-operator = No host is granted to this organisation yet. Grant its hosts first, in the settings of the organisation.
application-icon = Icon (optional)
application-icon-hint = PNG, WebP or SVG, at most 32 KiB. Drop it here, or choose it.
application-icon-kind = { $file } is not a PNG, a WebP or an SVG. Export it as one of these.
application-icon-large = { $file } has { $kib } KiB; the limit is 32 KiB. Make it smaller.
application-icon-remove = Remove icon
application-kind = Kind
application-kind-link = Link
application-kind-link-hint = A tile that opens an address. The application has its own sign-in.
application-kind-oidc = OpenID Connect
application-kind-oidc-hint = The application sends people to Vestibule to sign in, by OpenID Connect.
application-kind-proxy = Behind a reverse proxy
application-kind-proxy-hint = Your reverse proxy asks Vestibule about each request, so that only people with access reach it.
application-log = Last requests
application-nobody = not signed in
application-not-seen = No request has arrived since the server was started.
application-proxies = Configurations of nginx, Caddy, Traefik, HAProxy and Envoy (opens in a new tab)
application-refused = Refused
application-request = Request
application-rule = Rule { $number }
application-rule-add = Add rule
application-rule-methods = Methods (all if empty)
application-rule-path = Path
application-rule-remove = Remove rule { $number }
application-rule-require = Who may open it
application-rule-up = Move up
application-rule-up-named = Move up rule { $number }
application-rules = Rules for paths
application-rules-hint = The first rule that matches decides. A path that ends in / or * stands for all paths that begin with it. A path without a rule is for viewers and above.
application-seen = Requests arrive from the reverse proxy.
application-sent-to-sign-in = Sent to sign-in
application-waiting = Waiting for the first request from the reverse proxy …
application-watch = Look for requests for 10 minutes
client-advanced = Sign-out, signatures and client authentication
client-auth = Client authentication
client-auth-basic = Header (client_secret_basic)
client-auth-post = Body (client_secret_post)
client-authorize = Authorization endpoint
client-backchannel = Back-channel logout URI (optional)
client-backchannel-hint = Vestibule sends a logout token to it when a session ends.
client-confidential = Confidential
client-confidential-hint = A program on a server, which can keep a secret.
client-connect = Connect the application
client-connect-lead = Most applications need only the issuer, the client ID and the secret.
client-discovery = Discovery document
client-endpoints = All addresses
client-help = OpenID Connect clients
client-id = Client ID
client-issuer = Issuer
client-logout = Sign-out endpoint
client-pkce-optional = Accept sign-ins without PKCE
client-pkce-optional-hint = A weakness. Use it only for an application that cannot send a code challenge.
client-post-logout = Post-logout redirect URIs (optional)
client-post-logout-hint = One per line. The addresses to which people may return from sign-out.
client-public = Public
client-public-hint = An app, or a page in the browser, without a secret. PKCE protects it.
client-redirect-uris = Redirect URIs
client-redirect-uris-hint = One per line, exactly as the application sends them: https, or http only for localhost and other loopback addresses. No wildcards.
client-secret = Client secret
client-secret-create = Create a second secret
client-secret-delete = Delete secret
client-secret-delete-lead = The secret of { $at } stops working at once. The application must use the other one already.
client-secret-delete-of = Delete the secret of { $at }
client-secret-delete-title = Delete this secret?
client-secret-deleted = The secret is deleted.
client-secret-lead = Copy the secret now: it is not shown again.
client-secret-made = The secret is created. It is under “Connect the application”.
client-secret-of = Created { $at }
client-secret-only = the only one
client-secrets = Secrets
client-secrets-lead = To replace a secret without a pause, create a second one, give it to the application, and delete the first.
client-seen = Requests arrive from the application.
client-signing = Signature of ID tokens
client-snippet = Program or settings
client-snippets = Programs and settings
client-snippets-lead = With your addresses and the client ID; of several redirect URIs, the first one. The documentation describes each: { $help }.
client-token = Token endpoint
client-type = Client type
client-userinfo = Userinfo endpoint
client-waiting = Waiting for the first request from the application …
client-weak-pkce = This application may sign people in without PKCE. Require it again as soon as the application supports it.
host-grants = Hosts of applications
host-grants-ask = Ask an operator to grant other hosts.
host-grants-field = Granted hosts
host-grants-hint = One per line, such as wiki.example.com. *.apps.example.com grants all names with one more label. Applications behind a removed host are no longer reached.
host-grants-lead = Applications behind a reverse proxy can use only these hosts.
host-grants-none = No host is granted yet. Ask an operator to grant hosts, such as wiki.example.com.
host-grants-save = Save hosts
host-grants-change = Change hosts
host-grants-title = Change the hosts of { $organisation }?
host-grants-saved = The hosts are saved.
level-admin = Admin
level-editor = Editor
level-no-access = No access
level-operator = Operator
level-viewer = Viewer
require-level = { $level } and above
require-public = Everyone, without sign-in
require-signed-in = Everyone in the organisation
tiles-none = There is no application that you can open yet. Admins of a workspace can add applications.

## Console: sign-ins through SSO

attempt-nobody = not identified
attempt-outcome = Outcome
attempt-reference = Reference
attempt-refused = Refused
attempt-signed-in = Signed in
attempt-verified = Verified, not finished

## Console: the audit log

audit-a-workspace = a workspace
audit-all-kinds = All kinds
audit-an-organisation = an organisation
audit-anonymous = Someone not signed in
audit-command-line = The command line
audit-deleted-organisation = a deleted organisation
audit-deleted-workspace = a deleted workspace
audit-detail = { $name }: { $value }
audit-details = Details
audit-details-of = Details of: { $sentence }
audit-kind-invitation = Invitation
audit-kind-name =
    { $kind ->
        [application] Application
        [branding] Branding
        [connection] SSO connection
        [invitation] Invitation
        [key] API key
        [mail] Mail
        [member] Member
        [organisation] Organisation
        [person] Person
        [plan] Plan
        [role] Role
        [security] Security
        [session] Session
        [setup_link] Set-up link
        [signing_key] Signing key
        [workspace] Workspace
       *[other] { $kind }
    }
audit-operator-named = Operator { $email }
audit-origin = { $as } from { $address }
audit-reason-disabled = the account is disabled
audit-reason-no-organisation = the person belongs to no organisation
audit-reason-no-password = the account has no password
audit-reason-sso-required = SSO is required
audit-reason-wrong-password = wrong password
audit-reason-wrong-recovery-code = wrong recovery code
audit-something = something
audit-system = Vestibule
audit-unknown = { $actor } { $action }: { $name }.
audit-what-happened = What happened
audit-without-account = Without an account

## Console: sentences of the audit log

audit-account-changed = { $actor } changed their own account.
audit-account-password-changed = { $actor } changed their password.
audit-account-password-ended = { $actor } ended the password of { $name }, because another person received the link that set it.
audit-account-password-reset = { $actor } set a new password by a link.
audit-account-reset-link = { $actor } created a password link for { $name }.
audit-account-reset-requested = { $actor } asked for a password link for { $name }.
audit-application-changed = { $actor } changed the application { $name }.
audit-application-created = { $actor } created the application { $name }.
audit-application-deleted = { $actor } deleted the application { $name }.
audit-application-opened = { $actor } opened the application { $name }.
audit-application-secret-created = { $actor } created a client secret of the application { $name }.
audit-application-secret-deleted = { $actor } deleted a client secret of the application { $name }.
audit-admin-added = { $actor } made { $name } an organisation admin.
audit-admin-removed = { $actor } removed { $name } as organisation admin.
audit-appliance-set-up = { $actor } set up Vestibule, with the organisation { $name }.
audit-branding-changed = { $actor } changed the name and logo on the pages of { $name }.
audit-branding-removed = { $actor } removed the name and logo from the pages of { $name }.
audit-connection-certificate-adopted = { $actor } adopted a certificate for { $name }.
audit-connection-certificate-expiring = { $actor } warned the admins of { $name } that a certificate is about to expire.
audit-connection-certificate-found = { $actor } found a new certificate in the metadata for { $name }.
audit-connection-certificate-rejected = { $actor } rejected a certificate for { $name }.
audit-connection-certificate-waiting = { $actor } added a certificate for { $name }, which is waiting to be adopted.
audit-connection-keys-retired = { $actor } retired our SAML keys for { $name }.
audit-connection-keys-rotated = { $actor } created new SAML keys for { $name }.
audit-connection-metadata-changed = { $actor } found a changed value in the metadata for { $name }.
audit-connection-metadata-failed = { $actor } could not load the metadata for { $name }.
audit-connection-reminded = { $actor } reminded people of { $name } ({ $people }) to sign in through SSO.
audit-connection-removed = { $actor } removed the SSO connection { $name }.
audit-connection-saml-only-off = { $actor } turned SAML-only off for { $name }.
audit-connection-saml-only-on = { $actor } turned SAML-only on for { $name }.
audit-connection-saved = { $actor } saved the SSO settings { $name }.
audit-connection-tested = { $actor } tested single sign-on of { $name }.
audit-invitation-accepted = { $actor } accepted the invitation to { $workspace } as { $role }.
audit-invitation-created = { $actor } invited { $name } to { $workspace } as { $role }.
audit-invitation-resent = { $actor } sent { $name } the invitation to { $workspace } again.
audit-invitation-withdrawn = { $actor } withdrew the invitation of { $name } to { $workspace }.
audit-key-created = { $actor } created the API key { $name }.
audit-key-deleted = { $actor } deleted the API key { $name }.
audit-mail-discarded = { $actor } discarded an e-mail to { $name }.
audit-mail-failed = { $actor } gave up on an e-mail to { $name }.
audit-mail-retried = { $actor } retried an e-mail to { $name }.
audit-mail-tested = { $actor } sent a test e-mail to { $name }.
audit-member-reminded = { $actor } reminded { $name } to sign in through SSO.
audit-member-removed = { $actor } removed { $name } from { $organisation }.
audit-member-revoked = { $actor } revoked the access of { $name } to { $workspace }.
audit-member-role-changed = { $actor } changed the role of { $name } in { $workspace } from { $from } to { $to }.
audit-member-session-ended = { $actor } ended one session of { $name } in { $organisation }.
audit-member-sessions-ended = { $actor } ended the sessions of { $name } in { $organisation }.
audit-operator-added = { $actor } added { $name } as operator.
audit-operator-confirmed = { $actor } became an operator with the link.
audit-operator-removed = { $actor } removed { $name } as operator.
audit-operator-wanted = { $actor } sent { $name } a link to become an operator.
audit-organisation-created = { $actor } created the organisation { $name } on the plan { $plan }.
audit-organisation-deleted = { $actor } deleted the organisation { $name }.
audit-organisation-hosts-changed = { $actor } changed the hosts that are granted to { $name }.
audit-organisation-language-changed = { $actor } changed the language of { $name } from { $from } to { $to }.
audit-organisation-lives-changed = { $actor } changed the lifetimes of invitations and sessions of { $name }.
audit-organisation-plan-switched = { $actor } switched { $name } from the plan { $from } to { $to }.
audit-organisation-renamed = { $actor } renamed the organisation from { $from } to { $name }.
audit-person-disabled = { $actor } disabled { $name }.
audit-person-enabled = { $actor } enabled { $name }.
audit-plan-changed = { $actor } changed the plan { $name }.
audit-recovery-codes-made = { $actor } created new recovery codes for { $name }.
audit-role-changed = { $actor } changed the role { $name }.
audit-role-created = { $actor } created the role { $name }.
audit-role-removed = { $actor } removed the role { $name }.
audit-recovery-link-made = { $actor } created a recovery link for { $name }.
audit-security-backup-late = { $actor } found that no backup was made in two periods.
audit-security-backup-made = { $actor } made a backup of the database.
audit-security-copy-accepted = { $actor } accepted the copied database { $name } as it is.
audit-security-cross-site = { $actor } sent a request from another site: { $name }.
audit-security-left-out = { $actor } left out { $lines } more security entries.
audit-security-refused = { $actor } was denied { $name }.
audit-security-restored = { $actor } replaced the database { $name } by a backup.
audit-security-sign-in-failed = { $actor } tried to sign in to an account that does not exist.
audit-security-throttled = { $actor } made too many attempts at { $name }.
audit-security-unknown-host = A proxy asked about { $name }, where there is no application.
audit-security-unknown-key = { $actor } used an unknown API key for { $name }.
audit-session-confirmed = { $actor } confirmed their identity.
audit-session-ended = { $actor } ended a session of { $name }.
audit-session-password = { $actor } signed in with a password.
audit-session-recovery = { $actor } signed in by recovery.
audit-session-refused = Password sign-in of { $name } refused: { $reason }.
audit-session-saml = { $actor } signed in through SSO.
audit-signing-key-rotated = { $actor } rotated the signing key for { $name }.
audit-setup-link-created = { $actor } created the { $name }.
audit-setup-link-metadata-read = { $actor } loaded metadata for { $organisation }.
audit-setup-link-opened = { $actor } opened the SSO set-up of { $organisation }.
audit-setup-link-revoked = { $actor } revoked the { $name }.
audit-sso-refused = SSO sign-in refused. { $reason }
audit-sso-verified = The identity provider identified { $name }.
audit-workspace-created = { $actor } created the workspace { $name }.
audit-workspace-deleted = { $actor } deleted the workspace { $name }.
audit-workspace-renamed = { $actor } renamed the workspace from { $from } to { $name }.

## Console: branding

branding-leave-out = Remove { $file }
branding-logo = Logo
branding-logo-hint = PNG or SVG, at most 64 KiB. Drop it here, or choose it.
branding-logo-name = Screen readers say “{ $name }” for the logo.
branding-name = Name beside the logo
branding-name-hint = Leave this empty if the logo contains the name.
branding-no-logo = Without a logo, only the name is shown.
branding-not-saved = { $file } cannot be used, so nothing is saved yet. Choose another file, or remove this one.
branding-on-dark = On dark background
branding-on-light = On light background
branding-preview = Preview
branding-remove = Remove branding
branding-remove-lead = Members then see the name and logo of this installation. The logo is deleted: to use it again, you need its file.
branding-remove-lead-appliance = The sign-in page, e-mails and organisations without their own branding then show the name Vestibule. The logo is deleted: to use it again, you need its file.
branding-remove-logo = Remove logo
branding-remove-title = Remove the name and logo?
branding-removed = The name and logo are removed.
branding-save = Save branding
branding-saved = The name and logo are saved.
branding-title = Name and logo on pages
branding-too-large = { $file } has { $kib } KiB; the limit is 64 KiB. Make it smaller.
branding-wrong-kind = { $file } is not a PNG or an SVG. Export it as one of these.

## Console: inviting several people

bulk-already-invited = Already invited
bulk-can-be-invited =
    { $count ->
        [one] { $count } person can be invited.
       *[other] { $count } people can be invited.
    }
bulk-cannot-be-invited =
    { $count ->
        [one] { $count } line cannot be invited: see below.
       *[other] { $count } lines cannot be invited: see below.
    }
bulk-check = Check the list
bulk-duplicate = Duplicate
bulk-file = Or a file
bulk-file-hint = CSV or text. Drop it here, or choose it.
bulk-invite =
    { $count ->
        [one] Invite { $count } person
       *[other] Invite { $count } people
    }
bulk-invited =
    { $count ->
        [one] { $count } person is invited.
       *[other] { $count } people are invited.
    }
bulk-is-invited = Invited
bulk-large = { $file } is larger than 1 MiB. Split it.
bulk-links-below = Their links are under “Invite a person”.
bulk-links-mailed = Their links were sent by e-mail.
bulk-mail-limit = E-mail limit reached
bulk-member = Already a member
bulk-names = Names are shown for checking only and are not stored: each person enters their own.
bulk-not-invited =
    { $count ->
        [one] { $count } line was not invited and is still in the box: correct the errors and try again.
       *[other] { $count } lines were not invited and are still in the box: correct the errors and try again.
    }
bulk-nothing-sent = Nothing is sent yet.
bulk-people-hint = Paste from a spreadsheet, an address book or an e-mail: an address on each line, with a name or a role beside it if you like (“ann@acme.test, Admin”), or a table with a header line.
bulk-plan-full = Plan is full
bulk-ready = Ready
bulk-role = Role for lines without one
bulk-title = Invite several people at once
bulk-unreadable = Cannot be read
bulk-workbook = { $file } is a workbook. Save it as CSV, or copy its cells and paste them here.

## Console: certificates

certificate-add-next = Add the next one now
certificate-added-by = Added by { $name }.
certificate-adopt = Adopt
certificate-adopted = Certificate adopted. It is now in use alongside the others.
certificate-days-left =
    { $count ->
        [one] { $count } day left
       *[other] { $count } days left
    }
certificate-end-in-days =
    { $count ->
        [one] The certificate of your identity provider expires in { $count } day, on { $day }.
       *[other] The certificate of your identity provider expires in { $count } days, on { $day }.
    }
certificate-end-within-day = The certificate of your identity provider expires within a day.
certificate-ended = The certificate of your identity provider expired on { $day }.
certificate-found = Found in your provider’s metadata.
certificate-no-name = No name
certificate-period = { $from } to { $to }
certificate-reject = Reject
certificate-rejected = Certificate rejected. It was never in use.
certificate-replace = Replace it
certificate-warning = Anyone who has a certificate’s private key can sign in as any member once you adopt the certificate. If an API key or a set-up link added it, adopt it only if your provider shows the same SHA-256 fingerprint.
certificate-within-day = Expires within a day
certificates-announced = Adopt the certificate that your provider announced: it is then accepted alongside the old one, and sign-ins continue when the provider switches.
certificates-in-use = Certificates in use
certificates-wait =
    { $count ->
        [one] A new certificate is waiting for you.
       *[other] New certificates are waiting for you.
    }
certificates-wait-for-plan =
    { $count ->
        [one] A new certificate is waiting. You can adopt or reject it when the plan includes SSO.
       *[other] New certificates are waiting. You can adopt or reject them when the plan includes SSO.
    }

## Console: clocks

clock-agrees = The provider’s clock agrees with ours
clock-ahead = The provider’s clock is { $duration } ahead of ours
clock-allowed = a difference of { $count } s is allowed
clock-arrived = Arrived, by this server’s clock
clock-behind = The provider’s clock is { $duration } behind ours
clock-drifting = Sign-ins still work. Synchronise both clocks by NTP before they fail: check this server’s first.
clock-drifting-badge = Clocks drift apart
clock-failing = Sign-ins fail or are about to. Synchronise both clocks by NTP: check this server’s first.
clock-failing-badge = Clocks too far apart
clock-fine = Nothing to do.
clock-fine-badge = Clocks agree
clock-issued = Issued, by the provider’s clock
clock-median =
    { $count ->
        [one] { $difference }: the median of the last response.
       *[other] { $difference }: the median of the last { $count } responses.
    }
clock-ours = this server’s clock
clock-seconds = { $count } s
clock-seconds-allowed = A difference of { $count } seconds is allowed.
clock-theirs = the provider’s clock
clock-title = Clock
clock-told = { $difference }.
clock-told-allowed = { $difference }. A difference of { $count } s is allowed.
clock-valid-from = Valid from
clock-valid-until = Valid until

## Console: organisations that the session has no access to

closed-another = You signed in through single sign-on, which gives access only to the organisation that it belongs to. If this page belongs to another of your organisations, { $link }.
closed-another-link = sign in to that organisation
closed-either = This session has no access to { $name }. Sign in with single sign-on or with your password.
closed-none = This session has no access to { $name }, and at the moment you cannot sign in to it by any method. Ask one of its admins.
closed-password = This session has no access to { $name }. Sign in again with your password.
closed-sso = This session has no access to { $name }, which needs single sign-on.

## Console: copying

copied = Copied
copy = Copy
copy-copied = { $name } copied
copy-keys = Ctrl-C
copy-named = Copy { $name }
copy-press = Selected: press { $keys }
copy-selected = { $name } is selected: press { $keys } to copy it

## Console: finding people

find = Find
find-active = In the last 90 days
find-all =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
find-and-more = { $count } and more people
find-away = More than 90 days ago
find-clear = Clear filters
find-method = Last signed in by
find-name = Name or address
find-never = Never
find-never-signed-in = Never signed in
find-of =
    { $all ->
        [one] { $count } of { $all } person
       *[other] { $count } of { $all } people
    }
find-ready = Has used SSO
find-recovery = Recovery
find-role = Has the role
find-saml = Through SSO
find-show-more = Show { $count } more
find-state = Last signed in
find-waiting = Has not used SSO
search = Search

## Console: disabling people

disable = Disable
disable-named = Disable { $email }
disable-title = Disable { $email } in every organisation?
disabled-now = { $email } is disabled.
enable = Enable
enable-named = Enable { $email }
enable-title = Enable { $email }?
enabled = { $email } is enabled.
known-passwords-of-person = Also end passwords that were set with links that they received
password-link-make = Create link
password-link-mailed = We have mailed a password link to { $email }.
password-link-title = Create a password link for { $email }?

## Console: lists

download-csv = Download as CSV

## Console: restored entries of a form

drafts-back = Your entries have been restored. They are not saved yet.
drafts-choose = Choose { $file } again.

## Console: files

file-again = Your session ended before { $file } was read. Choose it again.
file-hint = Drop it here, or choose it.

## Console: the help

help-audit-log = the audit log
help-branding = branding
help-failed-sign-ins = failed sign-ins
help-links = links in e-mails
help-mail = mail
help-members = members
help-on = Help on { $topic } (opens in a new tab)
help-people = people
help-plans = plans
help-proxy = the proxy in front
help-roles = roles
help-setting-up-sso = setting up single sign-on
help-workspaces = workspaces
help-your-account = your account

## Console: invitations

invitation-by = invited by { $name }
invitation-orphaned = Link ended: its creator can no longer invite people. Send it again
invitation-of = { $email }, for { $workspace }
invitation-link-below = The link is under “{ $place }”.
invitation-link-lead = No mail server is set up, so pass this link on to { $email } yourself. It will not be shown again, and works until { $until }.
invitation-link-mailed = The link was sent by e-mail.
invitation-links =
    { $count ->
        [one] Invitation link
       *[other] Invitation links
    }
invitation-links-lead = No mail server is set up, so pass each link on yourself. They will not be shown again; each works once, the newest until { $until }.
invitation-mailed = We have mailed the invitation to { $email }.
invitation-remove-of = Remove invitation of { $email }
invitation-removed = The invitation of { $email } is removed.
invitation-resend = Resend
invitation-resend-to = Resend invitation to { $email }
invitation-resent = { $email } has a new link. The old one no longer works.
invitation-sent = { $email } is invited.
invitation-until = Until { $until }
invitations = Invitations
invitations-found = With “{ $search }” in the address: { $count } of { $all }.
invitations-none = There are no open invitations. Each one is valid for { $life }.
invitations-not-found = None of the open invitations has “{ $search }” in its address. Try a shorter part of it, or clear the filters.
invite = Invite
invite-person = Invite a person

## Console: API keys

delete-named = Delete { $name }
keys-copy-all = all keys
keys-create = Create key
keys-created = { $name } is created. The key is under “New key”: copy it now.
keys-created-by = created by { $name }, { $day }
keys-delete = Delete key
keys-delete-lead = Programs that use this key are refused at once. This cannot be undone.
keys-delete-title = Delete { $name }?
keys-deleted = { $name } is deleted.
keys-expires-after = Expires after
keys-header = Programs send the API key with each request: { $header } and the key.
keys-made = Copy the API key to where it is used. It will not be shown again.
keys-made-many = Copy each API key to where it is used. They will not be shown again.
keys-name-hint = The purpose, such as the program that will use it.
keys-named = API key { $name }
keys-new = New key
keys-no-expiry = No expiry
keys-year = 1 year
known-passwords-hint = For links that others may have used. These people are signed out, and set a new password with a reset link. API keys and links that were made with these passwords end, too.
known-passwords-of-key = Also end passwords that were set with links that the key received

## Console: links

link-incomplete = This address is incomplete. Open the original link again.

## Console: lifetimes

lives-at-once = Takes effect at once, for everyone.
lives-days = All sign-ins end after (days)
lives-empty = Leave empty for the value of the installation.
lives-idle = Inactive sign-ins end after (hours)
lives-invitation = Invitations last (hours)
lives-invitation-hint = For invitations sent from now on.
lives-lead = You can choose shorter times than those of the installation, not longer ones.
lives-own = Leave empty for the value of the installation, { $value }.
lives-save = Save lifetimes
lives-saved = The lifetimes are saved.
lives-title = Duration of invitations and sessions

## Console: menus

more = More
more-for = More for { $name }

## Console: values shown once

copy-all = Copy all
copy-all-named = Copy { $name }
leave = Leave
leave-lead = You have not copied or saved this, and it will not be shown again:
leave-session-over = Your session has ended
leave-session-over-lead = Stay to copy or save this before you sign in again: it will not be shown again.
leave-sign-in = Sign in again
leave-title = Leave this page?
stay = Stay

## Console: the provider’s metadata

metadata-adopt = Accept new certificates that are found there
metadata-adopt-hint = They are added to those in use automatically. Otherwise they wait here for your approval.
metadata-by-hand = Enter the values by hand instead
metadata-changed-entity-id = The provider’s metadata has another entity ID.
metadata-changed-lead = It is not applied automatically. If the provider told you that it moved, save the form: you first see who is affected, and a new test sign-in is needed.
metadata-changed-sign-on-url = The provider’s metadata has another sign-on URL.
metadata-check = Check it, then save.
metadata-failed = { $failed }: { $failure }. Sign-ins continue with the copy of { $at }; loading is retried every hour.
metadata-failed-at = The metadata could not be loaded { $at }
metadata-file = Metadata file
metadata-fill = Fill the form
metadata-filled = The form is filled from the metadata.
metadata-followed = These values come from { $url }, which is loaded once a day.
metadata-in-it = In the metadata
metadata-large = { $file } is larger than 1 MiB, so it cannot be a provider’s metadata.
metadata-lead = Fill the form from the provider’s metadata
metadata-load = Load metadata
metadata-load-now = Load now
metadata-loaded = Loaded { $at } from { $url }. Next: { $next }.
metadata-loaded-now = Loaded just now.
metadata-paste = Paste its text instead
metadata-saved-here = Saved here
metadata-title = Provider’s metadata
metadata-unfetched = The metadata at this address has not been loaded. Press Load metadata to take the values from it, or empty this field to save the values that you entered.
metadata-unfollow = To stop loading an address, press Enter the values by hand instead.
metadata-url = Metadata URL
metadata-url-hint = Recommended: it is checked every day, so a new certificate is found before the old one expires.
metadata-wrong-file = { $file } is not an identity provider’s metadata: it { $fault }.
metadata-xml = Metadata XML

## Console: next steps

hide = Hide
steps-done = { $count } of { $all } done
steps-hide-hint = Only in this browser; you can show the steps again
steps-left =
    { $count ->
        [one] { $title }: { $count } step left
       *[other] { $title }: { $count } steps left
    }
steps-open = Open
steps-open-named = { $title }: open

## Console: the API

api-answer = Answer { $status }
api-body = Body
api-command = the command: { $of }
api-command-title = The command: { $of }
api-example = { $title }, for example: { $of }
api-in-path = in the path
api-in-query = { $shape }, in the query, optional
api-in-shell = In a shell
api-least = at least { $least }
api-least-characters =
    { $least ->
        [one] at least { $least } character
       *[other] at least { $least } characters
    }
api-most = at most { $most }
api-most-characters =
    { $most ->
        [one] at most { $most } character
       *[other] at most { $most } characters
    }
api-parameters = Parameters
api-range = at least { $least }, at most { $most }
api-range-characters =
    { $most ->
        [one] at least { $least }, at most { $most } character
       *[other] at least { $least }, at most { $most } characters
    }
api-refusals = Refusals
api-shape = { $title }, its shape: { $of }
api-without-body = { $text } Without a body.
rights-anyone = Anyone, even without signing in.
rights-key = For { $people }; with a session, or with an API key that has the scope { $scope }.
rights-member = members of the organisation, and operators
rights-operator = operators
rights-operator-key = For { $people }; with a session or an operator’s API key.
rights-organisation-admin = organisation admins and operators
rights-person = anyone who is signed in
rights-session = For { $people }; with a session, not with an API key.
rights-workspace-admin = Admins of the workspace, organisation admins and operators
rights-workspace-member = members of the workspace, organisation admins and operators

## Console: our own SAML keys

own-keys-both = Both are published. When your provider has reloaded our metadata, retire the old ones.
own-keys-encryption = Encryption, SHA-256 { $fingerprint }
own-keys-lead = They sign our requests and decrypt assertions. Their certificates are in { $metadata }; the private keys never leave this server.
own-keys-made = Made { $at }
own-keys-never-used = No assertion was ever encrypted for them.
own-keys-new = New
own-keys-old = Old, still signing
own-keys-other = Make sure that your provider has the certificates made { $at }.
own-keys-remove-lead = They are removed from our metadata, and assertions encrypted for them are refused.
own-keys-retire = Retire
own-keys-retire-action = Retire keys
own-keys-retire-of = Retire the keys made { $at }
own-keys-retire-title = Retire the old keys?
own-keys-retired = The old keys are retired.
own-keys-rotate = Rotate keys
own-keys-rotated = New keys are published beside the old ones. Have your provider reload our metadata, then retire the old ones.
own-keys-signing = Signing, SHA-256 { $fingerprint }
own-keys-signs = Our requests are signed with the other keys from then on.
own-keys-title = Our SAML keys
own-keys-used = Your provider last encrypted for them { $at }.
own-keys-valid = Valid until { $day }. Last decrypted with: { $at }.
own-keys-withdraw = Withdraw
own-keys-withdraw-action = Withdraw keys
own-keys-withdraw-of = Withdraw the keys made { $at }
own-keys-withdraw-title = Withdraw the new keys?
own-keys-withdrawn = The new keys are withdrawn.

## Console: plans

plan-brief-either = Members sign in with a password, or through your own identity provider (single sign-on).
plan-brief-password = Members sign in with a password.
plan-brief-saml = Members sign in only through your own identity provider (single sign-on).
plan-hint = Sets the limits and how members sign in. As operator you can switch the plan at any time.
plan-limits =
    { $members ->
        [one] { $workspaces ->
            [one] Up to { $members } person, up to { $workspaces } workspace.
           *[other] Up to { $members } person, up to { $workspaces } workspaces.
        }
       *[other] { $workspaces ->
            [one] Up to { $members } people, up to { $workspaces } workspace.
           *[other] Up to { $members } people, up to { $workspaces } workspaces.
        }
    }
plan-limits-members =
    { $members ->
        [one] Up to { $members } person, any number of workspaces.
       *[other] Up to { $members } people, any number of workspaces.
    }
plan-limits-workspaces =
    { $workspaces ->
        [one] Any number of people, up to { $workspaces } workspace.
       *[other] Any number of people, up to { $workspaces } workspaces.
    }
plan-no-limits = No limits.
plan-sign-in-either = With a password, or with single sign-on where the organisation has set it up.
plan-sign-in-password = With a password.
plan-sign-in-saml = With single sign-on. Until it is set up, organisation admins sign in with a password.

## Console: SSO readiness

readiness-all = { $everyone } Nobody would be locked out.
readiness-everyone = Everyone has used SSO.
readiness-not-yet =
    { $count ->
        [0] Nobody is missing
        [one] { $count } has not used SSO yet
       *[other] { $count } have not used SSO yet
    }
readiness-ready =
    { $count ->
        [0] Nobody has used SSO yet
        [one] { $count } has used SSO
       *[other] { $count } have used SSO
    }
readiness-see = See them under People
readiness-see-all = See all { $count }
readiness-signed-in =
    { $total ->
        [one] { $ready } of { $total } person has signed in through SSO
       *[other] { $ready } of { $total } people have signed in through SSO
    }
readiness-since = { $signedIn } since { $day }, when the connection was tested.
readiness-told = { $signedIn }.
readiness-waiting = Have not used SSO yet ({ $count })
remind = Remind
remind-all =
    { $count ->
        [one] Remind them
       *[other] Remind all { $count }
    }
remind-named = Remind { $email }
remind-no-mail = No mail server is set up, so Vestibule cannot send reminders. Send them this text yourself:
remind-text = { $organisation } is moving to single sign-on. Please sign in that way once now, so that you are not locked out later: { $url }
remind-text-only = { $organisation } uses only single sign-on. Please sign in at { $url }
remind-text-title = Text for your people
reminded = { $email } is reminded by mail.
reminded-at = reminded { $at }
reminded-before =
    { $count ->
        [one] { $count } person was reminded within the last day already.
       *[other] { $count } people were reminded within the last day already.
    }
reminded-many =
    { $count ->
        [one] { $count } person is reminded by mail.
       *[other] { $count } people are reminded by mail.
    }

## Console: confirming one’s identity

confirm-lead = You signed in a while ago, and this is a sensitive change. Nothing that you entered is lost.
confirm-new-tab = Opens a new tab. When you have signed in there, this page continues automatically.
confirm-title = Confirm that it is you
confirm-with-sso = Confirm with single sign-on
confirm-your-password = Your password

## Console: sessions begun by recovery

recovery-locked = { $told } because single sign-on did not let you in. Repair the SSO connection and test it, or turn SAML-only off (where the plan allows it) so that everyone can use passwords; then sign in again. Recovery ends { $end }.
recovery-locked-told = You are signed in to { $organisation } by recovery,
recovery-open-sso = Open the SSO settings
recovery-sign-in = Sign in with your password
recovery-unlocked = { $told } Passwords work there again: sign in with your password, without a recovery code. Recovery ends { $end }.
recovery-unlocked-told = You are signed in to { $organisation } by recovery.

## Console: removing members

removal-action = Remove from organisation
removal-admins = the organisation’s admins
removal-all-workspaces = all workspaces
removal-done = { $email } is no longer a member of { $organisation }.
removal-leaves = They are removed from { $places }, and are no longer a member of { $organisation }. Their account is kept.
removal-title = Remove { $email } from { $organisation }?
session-by = by { $method }, { $at }
session-end-of = End the session in { $browser }, { $where }
session-from = from { $address }, { $signIns }
sessions-end =
    { $count ->
        [one] End { $count } session
       *[other] End { $count } sessions
    }
sessions-end-lead = They are signed out of { $organisation }, and can sign in again.
sessions-end-title = End the sessions of { $email }?
sessions-ended = { $email } is signed out of { $organisation }.
sessions-none = { $email } is not signed in to { $organisation }.
sessions-that-end = Sessions that will end

## Console: SAML-only

codes = Recovery codes
codes-all = all recovery codes
codes-download = Download as text
codes-file = Recovery codes of { $organisation } at { $host }, made on { $day }. With each, an organisation admin can sign in once.
codes-for = For { $origin }, made on { $day }.
codes-lead = { $title } They will not be shown again: print them, download them or save them in a password manager before you leave or reload this page. With each, an organisation admin can sign in once, with e-mail and password, when your identity provider is not available.
codes-left =
    { $count ->
        [one] { $count } recovery code is left.
       *[other] { $count } recovery codes are left.
    }
codes-of = Recovery codes of { $organisation }
codes-print = Print
codes-renew = New recovery codes
codes-renew-action = Make new codes
codes-renew-lead =
    { $count ->
        [one] The recovery code that is left stops working at once, even if it was printed. Ten new ones are shown once, for you to save or print.
       *[other] The { $count } recovery codes that are left stop working at once, even if they were printed. Ten new ones are shown once, for you to save or print.
    }
codes-renew-title = Replace the recovery codes?
codes-renewed = Ten new recovery codes; the old ones no longer work.
codes-sheet = Each code lets an organisation admin sign in once without the identity provider: on the sign-in page, with e-mail, password and “Use a recovery code”. Cross out each code that is used. New codes replace all of these. Keep this sheet where only organisation admins find it.
codes-sign-in-first = To make new ones, sign in through SSO or with a recovery code first.
codes-title = Recovery codes.
help-recovery-codes = recovery codes
saml-only-allow-title = Allow passwords again?
saml-only-by-plan = The plan allows only SAML.
saml-only-disable = Disable SAML-only authentication
saml-only-disable-action = Disable SAML-only
saml-only-enable = Enable SAML-only authentication
saml-only-enable-action = Enable SAML-only
saml-only-enable-title = Enable SAML-only authentication?
saml-only-is-off = Members can sign in with a password again.
saml-only-is-on = SAML-only is on.
saml-only-off-lead = Members then sign in only through your identity provider; passwords are refused. You first see who is affected.
saml-only-not-yet = You cannot turn it on yet. { $why }
saml-only-once-ready = It can be turned on once the connection is ready.
saml-only-preview = Show who would be affected
saml-only-preview-lead = If SAML-only authentication were turned on now:
saml-only-preview-title = Who would be affected by SAML-only?
saml-only-refuses = Passwords are refused.
saml-only-test-first = First sign in through SSO yourself (use { $test }), to be sure that you are not locked out.
saml-only-title = SAML-only authentication
saml-only-where-codes = The recovery codes are under “SAML-only authentication”: save them before you leave.

## Console: set-up links

created-by = created by { $name }
revoke = Revoke
revoke-named = Revoke { $name }
setup-link-active = Active
setup-link-create = Create link
setup-link-created = The set-up link is created. It is under “Send this to your IT admin”: copy it now.
setup-link-done = Done
setup-link-for = Set-up link for { $name }
setup-link-lasts = Valid for
setup-link-lead = Send the link to your IT admin. It will not be shown again.
setup-link-link = Link
setup-link-named = Link { $id }
setup-link-orphaned = Ended: its creator may no longer create set-up links
setup-link-recipient = Recipient
setup-link-recipient-hint = Shown only in this list, not to the recipient.
setup-link-revoke = Revoke link
setup-link-revoke-lead = It stops working at once. Settings saved through it are kept.
setup-link-revoke-title = Revoke { $name }?
setup-link-revoked = The link is revoked.
setup-link-status = Status
setup-link-until = Until
setup-links-lead = The person who runs your identity provider needs no account: a set-up link shows them our values, accepts theirs, and gives no other access. You make the test sign-in yourself: this page shows when it is time, and you get an e-mail if a mail server is set up. The link stops working after the test.
setup-links-left = They do not work on this plan. If the plan includes SSO before they expire, they work again.
setup-links-send = Send this to your IT admin
setup-links-title = Set-up links

## Console: advanced settings of SAML requests

request-advanced = Advanced
request-email = E-mail address
request-fresh = Ask for a fresh sign-in
request-fresh-hint = The provider asks for the password again, and an older sign-in there is refused.
request-name-id = NameID format to ask for
request-name-id-hint = With persistent or transient names the e-mail address must come as an attribute.
request-none = None: as configured at the provider
request-ours = Our requests
request-persistent = Persistent
request-sign = Sign requests
request-sign-asked = The provider’s metadata asks for it.
request-sign-hint = They are signed with the first signing key of our metadata, which the provider must have.
request-stays-ready = The connection stays ready. Test it again after a change here.
request-transient = Transient
request-unspecified = Unspecified

## Console: the SSO settings

sso-all-attempts = All SSO sign-ins
sso-certificate-add = Add another certificate
sso-certificate-added = { $file } was added. Check it, then save.
sso-certificate-empty = Empty this field to remove the certificate.
sso-certificate-file = Or a certificate file
sso-certificate-file-hint = PEM, DER (.cer, .crt) or PKCS#7 (.p7b): drop it here, or choose it.
sso-certificate-full = There are four certificates already. Empty one of the fields first.
sso-certificate-large = { $file } is larger than 64 KiB, so it cannot be a certificate.
sso-certificate-lines = With or without its BEGIN and END lines.
sso-certificate-next = { $label } { $number }
sso-certificate-private = { $file } contains a private key, which must stay with the provider. Choose the certificate instead.
sso-draft-more = More about this draft: certificates, keys, requiring SSO, and how to remove it
sso-elsewhere = You are at { $here }, and the public URL is { $origin }.
sso-elsewhere-lead = The values below are for the public URL. If it is wrong, ask an operator to look at { $doctor } before you give them to your identity provider.
sso-key-hint = You choose it, not the provider: members type it to sign in. 3 to 64 letters, digits, hyphens or underscores; it must be unique.
sso-latest = Latest sign-ins
sso-open-metadata = Open our metadata
sso-our-values = Our values, for your identity provider
sso-portal-lead = Members start at the Portal URL, or type the portal key on the sign-in page.
sso-portal-lead-unsaved = Members start at the Portal URL, or type the portal key on the sign-in page. It works once the key is saved.
sso-provider-values = Your provider’s values
sso-ready-since = Ready since { $at }.
sso-remove = Remove connection
sso-remove-effect = You first see who is affected.
sso-remove-heading = Remove
sso-remove-either = Members then sign in only with their password.
sso-remove-only = Then only organisation admins sign in, with a password, until it is set up again.
sso-remove-title = Remove single sign-on?
sso-removed = Single sign-on is removed.
sso-save-title = Save these settings?
sso-status-either = { $through }, or with their password.
sso-status-only = { $through } only.
sso-status-through = Members can sign in through SSO
sso-your-provider = Your identity provider

## Console: guides

guide = Guide
guide-how-to = How to: { $provider }
guide-not-listed = Provider not listed? Use Other: any provider that speaks SAML 2.0 works.
guide-ours = our { $name }
guide-value-for = value for { $field }

## Console: the test sign-in

activated = SSO is on.
activated-done = Done
activated-either = Members can sign in through SSO, or with their password as before.
activated-invite = Accounts aren’t created automatically: { $invite }.
activated-invite-link = invite anyone who is missing
activated-only = Members can sign in through SSO only.
activated-portal = They open the Portal URL, or type the key on the sign-in page. The provider’s own app tile may point at the Portal URL too.
activated-tell = Tell your members where to sign in
activated-tested = Tested { $at }.
later-lead = Nothing more is needed now: SSO is on, and passwords still work. Once the members of { $organisation } have signed in through SSO, you can turn passwords off. { $samlOnly } among { $settings } shows first who has used SSO, and who would be locked out.
later-settings = all settings
later-title = Later: require SSO for everyone
test-again = Test again
test-all-settings = All settings
test-change-here = Change the settings here
test-change-there = Change it at the provider
test-how = Sign in through { $organisation }’s identity provider once as yourself, { $email }.
test-how-not-you = One of the organisation’s admins must sign in through it once; you are not an admin of it.
test-no-rule = It was refused before any rule was checked.
test-ready = Members can sign in through SSO.
test-refused = The sign-in of { $at } was refused.
test-refused-lead = If you have fixed the cause since, test again. Otherwise, this is the cause:
test-rules = Rule by rule
test-saved = Saved, but members cannot use it yet.
test-succeeded = The test sign-in succeeded: { $at }, as { $email }.
test-then-ready = Then the connection is ready.
test-trace = The complete trace of { $reference }

## Console: the set-up of SSO

step-at = At { $provider }
step-at-other = At your provider
step-choose = Choose
step-choose-title = Choose your identity provider
step-copy = Copy
step-copy-title = Copy our values to { $provider }
step-copy-title-other = Copy our values to your provider
step-done = Done
step-done-title = Single sign-on is on
step-follow = Open the provider’s console in another tab and follow its screens in this order. Come back here for each value.
step-metadata = A provider that imports metadata finds both in { $metadata }.
step-our-values = Our values
step-paste = Paste
step-paste-title = Paste { $provider }’s values
step-paste-title-other = Paste your provider’s values
step-portal-hint = not for the provider: where your members sign in once everything is set up
step-save = Save and continue
step-set-up = Set-up
step-test = Test
step-where = Where to find them

## Console: new passwords

strength-0 = Very easy to guess
strength-1 = Easy to guess
strength-2 = Not strong enough
strength-3 = Strong
strength-4 = Very strong
strength-add = { $strength }: add another uncommon word.
strength-fault = It { $fault }.
strength-this = This password
strength-told = { $strength }.

## Console: the trace of a sign-in

rule-failed = Failed
rule-not-checked = Not checked
rule-passed = Passed
rule-source = Source: { $source }.
rules-all-passed = The response itself is correct: all rules passed
rules-passed =
    { $all ->
        [one] { $count } of { $all } rule passed
       *[other] { $count } of { $all } rules passed
    }
trace-at-others = At other providers
trace-cause = Cause: { $cause }
trace-expected = Expected
trace-provider =
    { $product ->
        [google] Google Workspace
        [okta] Okta
        [entra] Microsoft Entra ID
        [keycloak] Keycloak
        [adfs] ADFS
        [jumpcloud] JumpCloud
        [onelogin] OneLogin
       *[other] Any other provider
    }
trace-received = Received
trace-what-to-change = What to change.
trace-why = Why it was refused

## Guides: Google Workspace

google-acs-url = ACS URL
google-add-app = Add app
google-add-custom-saml-app = Add custom SAML app
google-admin-console = Google Admin console
google-app-details = App details
google-app-name = App name
google-application-identifier-entity-id = Application Identifier (Entity ID)
google-apps = Apps
google-attribute-mapping = Attribute mapping
google-basic-information-primary-email = Basic Information > Primary email
google-certificate = Certificate
google-continue = Continue
google-download-metadata = Download metadata
google-entity-id = Entity ID
google-finish = Finish
google-identity-provider-details = Google Identity Provider details
google-name-id = Name ID
google-name-id-format = Name ID format
google-on-for-everyone = ON for everyone
google-save = Save
google-service-provider-details = Service provider details
google-service-status = Service status
google-settings = Settings
google-sign-on-url = Sign on URL
google-step-1 = In the Google Admin console open *Apps > Web and mobile apps* and choose *Add app > Add custom SAML app*.
google-step-2 = Enter an *App name*, such as Vestibule, and press *Continue*.
google-step-3 = On *Google Identity Provider details* press *Download metadata* and save the file: it is the Metadata file here. Or copy *SSO URL*, *Entity ID* and *Certificate* into Sign on URL, Application Identifier (Entity ID) and Certificate. Then press *Continue*.
google-step-4 = On *Service provider details* paste our values, and leave *Start URL* empty. Set *Name ID format* to *EMAIL* and *Name ID* to *Basic Information > Primary email*. Press *Continue*.
google-step-5 = No *Attribute mapping* is needed: press *Finish*.
google-step-6 = Open *User access*, choose *ON for everyone* or some groups, and press *Save*. It can take Google some minutes to apply this.
google-user-access = User access
google-web-and-mobile-apps = Web and mobile apps

## Guides: Okta

okta-admin-console = Okta Admin Console
okta-app-name = App name
okta-application-username = Application username
okta-applications = Applications
okta-assign = Assign
okta-assignments = Assignments
okta-audience-uri-sp-entity-id = Audience URI (SP Entity ID)
okta-certificate = Certificate
okta-configure-saml = Configure SAML
okta-copy = Copy
okta-create-a-new-app-integration = Create a new app integration
okta-create-app-integration = Create App Integration
okta-create-saml-integration = Create SAML Integration
okta-email = Email
okta-general = General
okta-general-settings = General Settings
okta-issuer = Issuer
okta-metadata-details = Metadata details
okta-metadata-url = Metadata URL
okta-name-id-format = Name ID format
okta-next = Next
okta-saml-settings = SAML Settings
okta-sign-in-method = Sign-in method
okta-sign-on = Sign On
okta-sign-on-url = Sign on URL
okta-single-sign-on-url = Single sign-on URL
okta-step-1 = In the Okta Admin Console open *Applications > Applications* and press *Create App Integration*.
okta-step-2 = Choose *SAML 2.0* and press *Next*.
okta-step-3 = Enter an *App name*, such as Vestibule, and press *Next*.
okta-step-4 = Under *SAML Settings* paste our values. Keep *Use this for Recipient URL and Destination URL* ticked and *Default RelayState* empty. Set *Name ID format* to *EmailAddress* and *Application username* to *Email*. Under *Show Advanced Settings* keep *Assertion Signature* on *Signed* and *Assertion Encryption* on *Unencrypted*.
okta-step-5 = Press *Finish*. On the *Sign On* tab, under *Metadata details*, copy *Metadata URL* into Metadata URL here. Or press *More details* and copy *Sign on URL*, *Issuer* and *Signing Certificate* into Sign on URL, Issuer and Certificate.
okta-step-6 = On the *Assignments* tab press *Assign* and choose the people or groups who should sign in.

## Guides: Microsoft Entra ID

entra-add-user-group = Add user/group
entra-app-federation-metadata-url = App Federation Metadata Url
entra-attributes-and-claims = Attributes & Claims
entra-basic-saml-configuration = Basic SAML Configuration
entra-browse-microsoft-entra-gallery = Browse Microsoft Entra Gallery
entra-certificate-base64 = Certificate (Base64)
entra-copy = Copy
entra-create = Create
entra-create-your-own-application = Create your own application
entra-enterprise-applications = Enterprise applications
entra-formerly-azure-ad = formerly Azure AD
entra-identifier-entity-id = Identifier (Entity ID)
entra-integrate-any-other-application = Integrate any other application
entra-login-url = Login URL
entra-manage = Manage
entra-microsoft-entra-admin-center = Microsoft Entra admin center
entra-microsoft-entra-identifier = Microsoft Entra Identifier
entra-new-application = New application
entra-reply-url-assertion-consumer-service-url = Reply URL (Assertion Consumer Service URL)
entra-saml-certificates = SAML Certificates
entra-save = Save
entra-select-a-single-sign-on-method = Select a single sign-on method
entra-single-sign-on = Single sign-on
entra-step-1 = In the Microsoft Entra admin center open *Enterprise applications > New application* and press *Create your own application*.
entra-step-2 = Name it, such as Vestibule, choose *Integrate any other application you don’t find in the gallery (Non-gallery)* and press *Create*.
entra-step-3 = Open *Single sign-on* and choose *SAML*.
entra-step-4 = On the card *Basic SAML Configuration* press *Edit*, paste our values, and press *Save*.
entra-step-5 = On the card *Attributes & Claims* keep the claim *emailaddress* on *user.mail*, and make sure that each person has an e-mail address.
entra-step-6 = On the card *SAML Certificates* copy *App Federation Metadata Url* into Metadata URL here. Or download *Certificate (Base64)*, and from the card *Set up Vestibule* copy *Login URL* and *Microsoft Entra Identifier* into the fields of the same name.
entra-step-7 = Under *Users and groups* press *Add user/group* and choose who should sign in.
entra-users-and-groups = Users and groups
entra-what-are-you-looking-to-do = What are you looking to do?
entra-whats-the-name-of-your-app = What’s the name of your app?

## Guides: Keycloak

keycloak-admin-console = Keycloak Admin Console
keycloak-advanced = Advanced
keycloak-also-red-hat-build = also Red Hat build
keycloak-assertion-consumer-service-post-binding = Assertion Consumer Service POST Binding URL
keycloak-certificate = Certificate
keycloak-client-details = Client details
keycloak-client-id = Client ID
keycloak-client-signature-required = Client signature required
keycloak-client-type = Client type
keycloak-clients = Clients
keycloak-create-client = Create client
keycloak-encrypt-assertions = Encrypt assertions
keycloak-entity-id-issuer = Entity ID (Issuer)
keycloak-fine-grain-saml-endpoint-configuration = Fine Grain SAML Endpoint Configuration
keycloak-force-name-id-format = Force name ID format
keycloak-general = General
keycloak-general-settings = General settings
keycloak-keys = Keys
keycloak-login = Login
keycloak-login-settings = Login settings
keycloak-name-id-format = Name ID format
keycloak-next = Next
keycloak-off = Off
keycloak-on = On
keycloak-realm-settings = Realm settings
keycloak-saml-2-0-identity-provider-metadata = SAML 2.0 Identity Provider Metadata
keycloak-save = Save
keycloak-settings = Settings
keycloak-sign-assertions = Sign assertions
keycloak-sign-on-url = Sign on URL
keycloak-signature-algorithm = Signature algorithm
keycloak-step-1 = In your realm open *Clients* and press *Create client*.
keycloak-step-2 = Set *Client type* to *SAML*, paste our Entity ID as *Client ID*, and press *Next*.
keycloak-step-3 = Paste our Callback URL as *Valid redirect URIs* and press *Save*.
keycloak-step-4 = On *Settings* set *Name ID format* to *email*, and *Force name ID format* and *Sign assertions* to *On*, with *Signature algorithm* *RSA_SHA256*. Press *Save*.
keycloak-step-5 = On *Keys* set *Client signature required* and *Encrypt assertions* to *Off*.
keycloak-step-6 = On *Advanced*, under *Fine Grain SAML Endpoint Configuration*, paste our Callback URL as *Assertion Consumer Service POST Binding URL* and press *Save*.
keycloak-step-7 = In *Realm settings > General > Endpoints* copy the address of the link *SAML 2.0 Identity Provider Metadata* into Metadata URL here. If only your own network can reach the realm, open the link, save the page and load it as the Metadata file.
keycloak-valid-redirect-uris = Valid redirect URIs

## Guides: ADFS

adfs-actions = Actions
adfs-active-directory = Active Directory
adfs-ad-fs-management = AD FS Management
adfs-add = Add
adfs-add-relying-party-trust = Add Relying Party Trust
adfs-advanced = Advanced
adfs-attribute-store = Attribute store
adfs-configure-identifiers = Configure Identifiers
adfs-configure-url = Configure URL
adfs-data-source = Data source
adfs-e-mail-address = E-Mail Address
adfs-e-mail-addresses = E-Mail-Addresses
adfs-edit-rule = Edit Rule
adfs-email = Email
adfs-enable-support-for-the-saml-2-0-websso-p = Enable support for the SAML 2.0 WebSSO protocol
adfs-encryption = Encryption
adfs-endpoints = Endpoints
adfs-enter-data-about-the-relying-party-manua = Enter data about the relying party manually
adfs-federation-service-identifier = Federation Service identifier
adfs-incoming-claim-type = Incoming claim type
adfs-ldap-attribute = LDAP Attribute
adfs-name-id = Name ID
adfs-next = Next
adfs-ok = OK
adfs-on = On
adfs-on-windows-server = on Windows Server
adfs-outgoing-claim-type = Outgoing Claim Type
adfs-outgoing-claim-type-2 = Outgoing claim type
adfs-outgoing-name-id-format = Outgoing name ID format
adfs-relying-party-saml-2-0-sso-service-url = Relying party SAML 2.0 SSO service URL
adfs-relying-party-trust-identifier = Relying party trust identifier
adfs-relying-party-trusts = Relying Party Trusts
adfs-secure-hash-algorithm = Secure hash algorithm
adfs-select-data-source = Select Data Source
adfs-sign-on-url = Sign on URL
adfs-step-1 = In AD FS Management open *Relying Party Trusts* and choose *Add Relying Party Trust*. Keep *Claims aware* and press *Start*.
adfs-step-2 = Choose *Enter data about the relying party manually* and press *Next*. Enter a *Display name*, such as Vestibule, press *Next*, and choose no encryption certificate.
adfs-step-3 = On *Configure URL* tick *Enable support for the SAML 2.0 WebSSO protocol*, paste our Callback URL below it, and press *Next*.
adfs-step-4 = On *Configure Identifiers* paste our Entity ID as *Relying party trust identifier*, press *Add*, then *Next*. Choose an access control policy, which decides who may sign in, and press *Next* to the end.
adfs-step-5 = In *Edit Claim Issuance Policy* press *Add Rule*, choose *Send LDAP Attributes as Claims*, the store *Active Directory*, and send *E-Mail-Addresses* as *E-Mail Address*.
adfs-step-6 = Press *Add Rule* once more and choose *Transform an Incoming Claim*: *E-Mail Address* to *Name ID*, with the format *Email*.
adfs-step-7 = In the trust’s *Properties*, on *Advanced*, make sure that *Secure hash algorithm* is *SHA-256*.
adfs-step-8 = Open https://YOUR-ADFS/FederationMetadata/2007-06/FederationMetadata.xml in a browser and save it: it is the Metadata file here. If your AD FS can be reached from the internet, enter that address as the Metadata URL instead.
adfs-token-signing-certificate = Token-signing certificate
adfs-vestibule-properties = Vestibule Properties

## Guides: JumpCloud

jumpcloud-access = Access
jumpcloud-acs-urls-default-url = ACS URLs: Default URL
jumpcloud-add-new-application = Add New Application
jumpcloud-admin-portal = JumpCloud Admin Portal
jumpcloud-configure-sso-with-saml = Configure SSO with SAML
jumpcloud-copy-metadata-url = Copy Metadata URL
jumpcloud-custom-application = Custom Application
jumpcloud-declare-redirect-endpoint = Declare Redirect Endpoint
jumpcloud-display-label = Display Label
jumpcloud-general-info = General Info
jumpcloud-idp-certificate = IDP Certificate
jumpcloud-idp-entity-id = IdP Entity ID
jumpcloud-idp-url = IDP URL
jumpcloud-manage-single-sign-on-sso = Manage Single Sign-On (SSO)
jumpcloud-metadata = JumpCloud Metadata
jumpcloud-on = On
jumpcloud-samlsubject-nameid = SAMLSubject NameID
jumpcloud-samlsubject-nameid-format = SAMLSubject NameID Format
jumpcloud-save = Save
jumpcloud-save-application = Save Application
jumpcloud-signature-algorithm = Signature Algorithm
jumpcloud-sp-entity-id = SP Entity ID
jumpcloud-sso = SSO
jumpcloud-sso-applications = SSO Applications
jumpcloud-step-1 = In the JumpCloud Admin Portal open *SSO Applications* and press *Add New Application*.
jumpcloud-step-2 = Choose *Custom Application*, then *Manage Single Sign-On (SSO)* with *Configure SSO with SAML*. Enter a *Display Label*, such as Vestibule, press *Save Application*, then *Configure Application*.
jumpcloud-step-3 = On the *SSO* tab enter an *IdP Entity ID*, such as the address of your company’s website followed by /jumpcloud, and paste our values.
jumpcloud-step-4 = Set *SAMLSubject NameID* to *email* and *SAMLSubject NameID Format* to the one that ends in *emailAddress*. Keep *Signature Algorithm* on *RSA-SHA256* and *Sign* on *Assertion*, tick *Declare Redirect Endpoint*, and press *Save*.
jumpcloud-step-5 = Open the application’s *SSO* tab again and press *Copy Metadata URL* into Metadata URL here. Or copy *IDP URL* and *IdP Entity ID*, and download the certificate under *IDP Certificate Valid*.
jumpcloud-step-6 = On the *User Groups* tab tick the groups whose members should sign in, and press *Save*.
jumpcloud-user-groups = User Groups

## Guides: OneLogin

onelogin-access = Access
onelogin-acs-consumer-url = ACS (Consumer) URL
onelogin-acs-consumer-url-validator = ACS (Consumer) URL Validator
onelogin-add-app = Add App
onelogin-administration = OneLogin Administration
onelogin-application-details = Application details
onelogin-applications = Applications
onelogin-assertion = Assertion
onelogin-audience-entityid = Audience (EntityID)
onelogin-by-one-identity = by One Identity
onelogin-configuration = Configuration
onelogin-default = Default
onelogin-display-name = Display Name
onelogin-email = Email
onelogin-enable-saml2-0 = Enable SAML2.0
onelogin-find-applications = Find Applications
onelogin-issuer-url = Issuer URL
onelogin-nameid-value = NameID value
onelogin-parameters = Parameters
onelogin-recipient = Recipient
onelogin-roles = Roles
onelogin-saml-2-0-endpoint-http = SAML 2.0 Endpoint (HTTP)
onelogin-saml-custom-connector-advanced = SAML Custom Connector (Advanced)
onelogin-saml-nameid-format = SAML nameID format
onelogin-saml-signature-algorithm = SAML Signature Algorithm
onelogin-saml-signature-element = SAML signature element
onelogin-save = Save
onelogin-search = Search
onelogin-sso = SSO
onelogin-step-1 = In OneLogin Administration open *Applications > Applications* and press *Add App*.
onelogin-step-2 = Search for *SAML Custom Connector (Advanced)*, choose it, enter a *Display Name*, such as Vestibule, and press *Save*.
onelogin-step-3 = Open *Configuration* and paste our values. Set *SAML initiator* to *Service Provider*, *SAML nameID format* to *Email* and *SAML signature element* to *Assertion*, and press *Save*.
onelogin-step-4 = Under *Parameters* make sure that *NameID value* is *Email*.
onelogin-step-5 = Under *SSO* set *SAML Signature Algorithm* to *SHA-256* and press *Save*: OneLogin’s default is SHA-1, which is refused here. Then copy *Issuer URL* into Metadata URL here: the provider’s metadata is at that address.
onelogin-step-6 = Under *Access* choose the roles whose people should sign in, and press *Save*.
onelogin-x-509-certificate = X.509 Certificate

## Guides: any other provider

other-acs-url-callback-url-or-reply-url = ACS URL, Callback URL or Reply URL
other-algorithm = Algorithm
other-any-that-speaks-saml-2-0 = any that speaks SAML 2.0
other-applications = Applications
other-assertion = Assertion
other-assign-people-or-groups = Assign people or groups
other-assignments = Assignments
other-certificate = Certificate
other-e-mail-address = E-mail address
other-encrypt-assertion = Encrypt assertion
other-entity-id-audience-or-sp-entity-id = Entity ID, Audience or SP Entity ID
other-entity-id-issuer = Entity ID (Issuer)
other-identity-provider = Identity provider
other-metadata-url = Metadata URL
other-name-and-attributes = Name and attributes
other-nameid = NameID
other-nameid-format = NameID format
other-new-saml-2-0-application = New SAML 2.0 application
other-off = Off
other-other = Other
other-save = Save
other-service-provider = Service provider
other-sign = Sign
other-sign-on-url = Sign on URL
other-signature = Signature
other-step-1 = Create a SAML 2.0 application at your provider and paste our values. Many providers read both from our metadata, which is at the address of our Entity ID.
other-step-2 = Configure it to send the e-mail address as NameID, or as an attribute named email.
other-step-3 = Configure it to sign the assertion with SHA-256, and turn assertion encryption off.
other-step-4 = Copy the address of its metadata into Metadata URL here, or load the metadata as a file. Or copy its single sign-on URL for HTTP-Redirect, its entity ID and its signing certificate.
other-step-5 = Assign the application to the people who should sign in.
other-the-persons-e-mail-address = The person’s e-mail address
other-your-identity-provider = Your identity provider

## Console: the pictures of guides

picture-copy = copy
picture-copy-metadata-url = copy, for Metadata URL
picture-field = { $label }: { $value }
picture-file = press { $label }: { $value }
picture-keep-metadata-file = save, for Metadata file
picture-press = press { $name }
picture-screen = { $window }, { $where }

## Console: details of the audit log

detail-added-by = Added by
detail-applications = Applications
detail-assertion = Signed statement about the person
detail-auth-mode = Members sign in by
detail-backchannel-logout-uri = Back-channel logout URI
detail-certificates = Certificates
detail-client-type = Client type
detail-codes-left = Recovery codes left
detail-counts = Totals
detail-default-level = Default level
detail-days = Days left
detail-ends = Other effects
detail-expires-at = Expires at
detail-fingerprint = Fingerprint
detail-force-authn = Asks for a fresh sign-in
detail-from = From
detail-grants = Sign-ins that end
detail-hosts = Hosts
detail-id = ID
detail-idp-entity-id = Provider’s entity ID
detail-invitation-hours = Invitations last (hours)
detail-keeps = Keep access
detail-keys = Keys
detail-kind = Kind
detail-levels = Levels
detail-lines = Entries
detail-logo = Logo
detail-loses = Lose access
detail-metadata-url = Metadata URL
detail-methods = Methods
detail-name = Name
detail-name-id-format = NameID format
detail-not-after = Valid until
detail-path = Path
detail-pending = Link not used yet
detail-people = People
detail-pkce-optional = PKCE optional
detail-plan = Plan
detail-post-logout-redirect-uris = Post-logout redirect URIs
detail-provider = Provider
detail-reason = Reason
detail-redirect-uris = Redirect URIs
detail-reference = Reference
detail-require = Requires
detail-role = Role
detail-rules = Rules
detail-scopes = Permissions
detail-session-days = All sign-ins end after (days)
detail-session-idle-hours = Inactive sign-ins end after (hours)
detail-sessions = Sessions signed out
detail-sign-on-url = Sign-on URL
detail-sign-requests = Signs requests
detail-signing = Signing algorithm
detail-source = Source
detail-to = To
detail-token-auth = Client authentication
detail-url = URL
detail-value-custom = Other provider
detail-value-entra = Microsoft Entra ID
detail-value-false = no
detail-value-google = Google Workspace
detail-value-link = Link
detail-value-manage-applications = Manage applications
detail-value-manage-members = Manage members
detail-value-manage-sso = Manage SSO
detail-value-none = none
detail-value-okta = Okta
detail-value-operator = Operator
detail-value-password = Password
detail-value-password-or-saml = Password or SAML
detail-value-proxy = Behind a proxy
detail-value-read = Read
detail-value-saml = SAML
detail-value-true = yes

## Console: operators

operators-add = Add operator
operators-add-title = Add { $email } as operator?
operators-added = { $email } is now an operator, and can sign in after setting a password with their link.
operators-added-pending = { $email } becomes an operator once they have opened their link and entered their current password.
operators-email-hint = They get a one-time link. If they have an account, they keep its password and confirm with it.
operators-keys = API keys with operator rights
operators-keys-lead = They can do everything an operator can do in { $api }, except make someone an operator.
operators-lead = Operators run Vestibule: all organisations, plans and mail.
operators-link-below = The link to pass on is under “New operator”.
operators-link-mailed = We have mailed them the link.
operators-link-password = { $email }: sets their password
operators-link-pending = { $email }: makes them an operator together with their current password
operators-links = One-time link for an operator
operators-links-lead = Pass on the link yourself: it works once and will not be shown again.
operators-new = New operator
operators-new-password = Require a new password
operators-new-password-hint = If they have an account, its password and sessions end at once.
operators-password-link = Password link
operators-password-link-of = Password link for { $email }
operators-password-none = none yet
operators-password-set = set
operators-pending = Link not used yet
operators-remove = Remove operator
operators-remove-lead = They lose their operator rights, and links that they created as operator stop working. They keep their own memberships.
operators-remove-title = Remove { $email } as operator?
operators-removed = { $email } is no longer an operator.
operators-sessions-end =
    { $count ->
        [one] { $count } session of theirs ends at once.
       *[other] { $count } sessions of theirs end at once.
    }
operators-withdraw = Withdraw link
operators-withdraw-lead = Their link stops working, and they do not become an operator. Their account stays as it is.
operators-withdraw-title = Withdraw the link of { $email }?
operators-withdrawn = The link of { $email } no longer works.

## Console: requests that failed

api-answered = The server answered { $status }. Try again.
api-not-confirmed = Nothing was changed: you did not confirm that it is you.
api-offline = The server cannot be reached. Check the connection and try again.
app-not-loaded = Page not loaded
app-scripts = You can sign in without JavaScript, but the console needs it.
missing-home = Go home
missing-title = Page not found

## Page: your account

account-browser = Browser
account-by-recovery = You signed in by recovery, which gives access to your organisation’s sign-in settings, not to your own.
account-by-saml = You signed in through your identity provider.
account-by-something-else = You did not sign in with your own password.
account-change-password = Change password
account-end = End
account-end-all = End all others
account-end-all-lead = You stay signed in here. Everywhere else you have to sign in again:
account-end-all-title = End all other sessions?
account-end-of = End the session that began { $at }
account-ended = The session is ended.
account-ended-all = Your other sessions are ended.
account-last-used = last used { $at }
account-last-used-from = { $address }, last used { $at }
account-new-browser = Mail me when someone signs in as me from a new browser
account-new-browser-always = Always on for operators and organisation admins.
account-new-browser-hint = A browser is new until you have signed in from it once.
account-new-browser-no-mail = This installation sends no e-mail. The setting takes effect when a mail server is set up.
account-opens = Gives access to
account-opens-no-organisation = No organisation, by { $methods }
account-opens-nothing = Nothing at the moment
account-password-changed = Your password is changed. Your other sessions are ended.
account-password-refused =
    { $count ->
        [one] Your name, password and mail settings apply to every organisation, so they can be changed only after you have signed in with your own password. { $names } does not accept it, so you cannot change them here; its admins know you by { $email }. If you belong to another organisation that accepts your password, sign in to that one to change them.
       *[other] Your name, password and mail settings apply to every organisation, so they can be changed only after you have signed in with your own password. { $names } do not accept it, so you cannot change them here; their admins know you by { $email }. If you belong to another organisation that accepts your password, sign in to that one to change them.
    }
account-password-wanted = Here you can change your language and colours, and end your other sessions.
account-password-wanted-for = Your name, password and mail settings apply to every organisation, so they can be changed only after you have signed in with your own password: { $link }. If you have no password, you need none here: your organisation’s admins know you by { $email }.
account-saved = Your settings are saved.
account-sessions = Sessions
account-sessions-lead = Where you are signed in. End any session you don’t recognise.
account-signed-in = Signed in
account-this-session = This session
account-you = You

## Page: an application

application-delete = Delete application
application-delete-lead = Nobody can open it any more, and its settings are deleted. This cannot be undone.
application-deleted = { $name } is deleted.
application-host = Host name
application-sessions = Who is signed in
application-sessions-none = Nobody is signed in at this application.
application-since = Since

## Page: applications of a workspace

application-open = Open
application-open-named = Open { $name }
application-settings-of = Settings of { $name }
applications-lead = Software of your company. Members of the workspace find it on their home page.
applications-none = No application yet. Add the first one below.

## Page: sign-ins through SSO

attempt-attributes = Attributes
attempt-certificate = Matching certificate, SHA-256
attempt-hidden = hidden by a setting of the server
attempt-message = The message
attempt-message-lead = As received, without signatures, certificates and most of its ids, so that it cannot be used again.
attempt-no-attributes = The message has no attributes: the person is identified by the NameID.
attempt-of = { $at }, { $email }.
attempt-of-nobody = { $at }; no person was identified, because the response was refused.
attempt-named = Sign-in { $reference }
attempt-said = Content of the response
attempt-title = SSO sign-in
attempts-find = Find a sign-in
attempts-lead = Newest first. Each refused person was shown a reference: open it to see the cause, and what to change.
attempts-none = Nobody has tried to sign in through SSO yet.
attempts-none-found = No sign-in has this reference. Check the spelling. Unsolicited responses and sign-ins that are no longer kept in the trace are not listed.
attempts-older = Show older sign-ins
attempts-reference-hint = The code that the refused person was shown, such as ABC123.
attempts-show-all = Show all
attempts-untraced =
    { $count ->
        [one] { $count } more response was refused because it answers no request of ours. It is not listed.
       *[other] { $count } more responses were refused because they answer no request of ours. They are not listed.
    }

## Page: the audit log

audit-activity = Activity
audit-chart-cut = The chart shows only the last 90 days.
audit-filter-deleted = A deleted workspace
audit-faults = Fix the errors marked above to see the log.
audit-filters = Filters
audit-from = From
audit-from-after-to = “To” is before “From”: swap the two.
audit-kind = Kind
audit-kind-hint = What was changed.
audit-lead = Actions in this organisation, newest first. The log cannot be changed.
audit-lead-everywhere = Actions in all organisations and in the installation, newest first. The log cannot be changed.
audit-lines = Log
audit-name-hint = Part of the name is enough.
audit-no-organisation = none
audit-no-match = Nothing in the log matches these filters. Change or clear them.
audit-person-hint = The person who did it: part of their name or e-mail address, or of the name of an API key.
audit-ranges = Quick ranges
audit-show = Show
audit-to = To
audit-today = Today

## Page: branding

branding-lead = The name and logo of this installation: on the sign-in page, in e-mails, and for organisations without their own.

## Page: home, with the choice of a workspace

chooser-all-of-them = all of them
chooser-lead = Choose a workspace.
chooser-manage = Manage organisation
chooser-no-workspace = You don’t belong to any of its workspaces.
chooser-nowhere = You don’t belong to an organisation. Ask an admin to invite you.
chooser-nowhere-operator = You don’t belong to an organisation. As an operator you can open { $all }.
chooser-welcome = Welcome, { $name }

## Page: identity confirmed in another tab

confirmed-home = Go to the home page
confirmed-lead = Your change continues in the other tab. You can close this one.
confirmed-title = Identity confirmed

## Page: the API

developers-ask-admin = Programs authenticate with an API key: an organisation admin creates one under “API keys”. Put the key into the variable { $variable } and try this command. The answer shows what the key has access to.
developers-command = A first command
developers-command-copied = the first command
developers-example = invitation
developers-find = Find an operation
developers-in-english = The descriptions of the operations are in English.
developers-make-key = Programs authenticate with an API key: { $link }, put it into the variable { $variable } and try this command. The answer shows what the key has access to.
developers-make-key-link = create one for { $name }
developers-none = No operation matches.
developers-openapi = For generators and other tools, all of this is { $link }, in OpenAPI 3.1.
developers-start = Start here
developers-title = API

## Page: the doctor

doctor-appliance = The appliance
doctor-arrived = How the request arrived
doctor-came-from = Came from
doctor-check-callback = callback
doctor-check-certificate = certificate
doctor-check-clock = clock
doctor-check-copy = copy
doctor-check-data-folder = data folder
doctor-check-database = database
doctor-check-integrity = integrity
doctor-check-job = job
doctor-check-jobs = jobs
doctor-check-linked = linked
doctor-check-mail = mail
doctor-check-mail-queue = mail queue
doctor-check-metadata = metadata
doctor-check-open-files = open files
doctor-check-proxy = proxy
doctor-check-public-url = public URL
doctor-check-schema = schema
doctor-check-skew = skew
doctor-check-transactions = transactions
doctor-command = The command { $command } shows the same.
doctor-elsewhere-change = If people should use the address that you used, start Vestibule with { $option }; otherwise tell them the public address.
doctor-every-minutes =
    { $count ->
        [one] at least every { $count } minute
       *[other] at least every { $count } minutes
    }
doctor-every-seconds =
    { $count ->
        [one] at least every { $count } second
       *[other] at least every { $count } seconds
    }
doctor-fine = Fine
doctor-finding = { $check }: { $found }
doctor-healthy = Nothing is wrong
doctor-job = Job
doctor-jobs = Background jobs
doctor-last-failure = Last failure
doctor-last-run = Last run
doctor-lead = Checks the installation for common faults, and says how to fix them.
doctor-line-copied = the line for { $proxy }
doctor-next-by = by { $at }
doctor-next-run = Next run
doctor-next-soon = soon after the start
doctor-no-failure = none since the start
doctor-not-run = Not yet run
doctor-not-sent = not sent
doctor-peer-trusted = { $peer }, a trusted proxy
doctor-peer-untrusted = { $peer }, not a trusted proxy
doctor-request = Your own request, just now
doctor-request-fine = It was sent to { $public }, as it should be.
doctor-succeeded = Succeeded
doctor-unhealthy = Something is wrong
doctor-wrong = Wrong

## Page: forgotten password

forgot-asked = If an account has this address, a link is on its way. It works for 24 hours. If your organisation requires single sign-on, the e-mail says where to sign in.
forgot-back = Back to sign-in
forgot-by-hand = This installation sends no e-mail. Ask an operator, the person who runs it, for a link that sets a new password. If you do not know one, ask an admin of your organisation.
forgot-lead = Enter your e-mail address to get a link that sets a new password.
forgot-no-password = If your organisation requires single sign-on, you need no password: { $link }.
forgot-no-password-link = sign in with SSO
forgot-send = Send the link

## Page: accepting an invitation

accept-account-found = There is an account for { $email } already. Enter its password, not a new one.
accept-choose-password = Choose a password
accept-continue-sso = Continue with SSO
accept-ends-session = You are signed in as { $email }. Joining signs you out of that account.
accept-forgot = Forgot your password, or do you have none?
accept-forgot-by-hand = { $question } If you have only signed in with another organisation’s single sign-on, your account has no password yet. This installation sends no e-mail: ask the person who invited you to get a password link for { $email } from an operator of this installation. Set a password with it, then open this invitation again.
accept-forgot-with-mail = { $question } If you have only signed in with another organisation’s single sign-on, your account has no password yet. The link in our e-mail sets one; then come back to this page.
accept-have-account = I already have an account
accept-have-none = I have no account yet
accept-join = Join { $organisation }
accept-lead = { $email } is invited to { $workspace } as { $role }. The invitation is valid until { $at }.
accept-no-account = There is no account for this address. Give your name and choose a password.
accept-only-sso = { $organisation } uses only single sign-on. Your first sign-in there accepts the invitation.
accept-or-sso = Signing in to { $organisation } with single sign-on accepts the invitation; you need no password.
accept-other-onward = Continue as { $reader }
accept-other-person = You signed in as { $reader }. The invitation is for { $email } and is still open.
accept-over = An invitation works once, until it expires or a newer one is sent. If you have not joined yet, ask the person who invited you to send it again.
accept-over-joined = If you have already joined with it, sign in.
accept-over-onward = Continue
accept-over-signed-in = You are signed in as { $email }. If you have already joined with this invitation, continue.
accept-over-title = This invitation no longer works
accept-password = Enter the password of your account { $email } to join { $organisation }.
accept-signed-in-sso = You are signed in with single sign-on, which gives access only to the organisation that it belongs to.

## Page: API keys

keys-choose-one = Choose at least one.
keys-lead = With an API key, programs use { $api } on behalf of this organisation. SAML-only does not affect API keys: they keep working.
keys-list = Keys
keys-manage-members-hint = Invite people, change roles, revoke access.
keys-manage-sso = Manage SSO
keys-manage-sso-hint = Change the single sign-on connection.
keys-manage-applications = Manage applications
keys-manage-applications-hint = Add, change and delete applications.
keys-permissions = Permissions
keys-read-hint = See people, workspaces, settings and the audit log.
keys-scopes = Permissions of the key

## Page: the mail queue

mails-accepted = The mail server accepted the e-mail.
mails-certificate-expiring = Certificate expires
mails-certificate-found = New certificate
mails-connection-waiting = SSO ready to test
mails-discard = Discard
mails-discard-action = Discard mail
mails-discard-lead = “{ $subject }” will not be sent, nor will a link in it: create a new link if one is needed.
mails-discard-of = Discard mail to { $email }
mails-discard-title = Discard the e-mail to { $email }?
mails-discarded = The e-mail to { $email } is discarded.
mails-done = Done
mails-due = Due now
mails-given-up = Given up
mails-kind-and-person = { $kind }, to { $email }
mails-lead = E-mails waiting to be sent, oldest first.
mails-next = Next { $at }
mails-no-server = No mail server is set up, so nothing is sent.
mails-no-server-lead = People who invite others or create a password link must pass on the link themselves.
mails-no-server-start = To send mail, start Vestibule with the address of your mail server, such as:
mails-no-server-tls = Use { $tls } instead of { $plain } for TLS from the first byte.
mails-none = No e-mail is waiting.
mails-not-sent = The e-mail was not sent.
mails-not-tried = not tried yet
mails-reset = Forgotten password
mails-retry = Retry now
mails-retry-of = Retry mail to { $email } now
mails-retrying = Retrying the e-mail to { $email } now.
mails-backup-late = Missing backup
mails-saml-reminder = SSO reminder
mails-send-test = Send a test e-mail
mails-sending = Sending…
mails-sent-from = It was sent from { $from } through { $server }. If it does not arrive, check the spam folder.
mails-test = Test the mail server
mails-test-hint = Sends a test e-mail to this address now and reports each step.
mails-tried =
    { $count ->
        [one] tried { $count } time
       *[other] tried { $count } times
    }
mails-tried-why = { $tried }: { $error }
mails-waiting = Waiting
mails-waiting-list = Waiting mail
mails-waiting-since = Waiting since
mails-what-to-do = What to do.

## Page: members of a workspace

members-admin-may = An Admin can do everything in the workspace.
members-command-name = Name in commands: { $name }
members-command-name-copied = the name in commands
members-invite = Invite people
members-loss =
    { $keeps ->
        [both] { $name } loses access to { $workspace }, stays in { $others } and stays an organisation admin.
        [others] { $name } loses access to { $workspace } and stays in { $others }.
        [admin] { $name } loses access to { $workspace } and stays an organisation admin.
        [admin-unseen] { $name } loses access to { $workspace } and stays an organisation admin. They keep their other workspaces.
        [unseen] { $name } loses access to { $workspace }. They keep their other workspaces.
       *[nothing] { $name } loses access to { $workspace } and to everything else in { $organisation }.
    }
members-loss-own =
    { $keeps ->
        [both] You lose access to { $workspace }, stay in { $others } and stay an organisation admin.
        [others] You lose access to { $workspace } and stay in { $others }.
        [admin] You lose access to { $workspace } and stay an organisation admin.
       *[nothing] You lose access to { $workspace } and to everything else in { $organisation }.
    }
members-make = Make { $role }
members-make-title = Make { $name } { $role } of { $workspace }?
members-made = { $name } is now { $role }.
members-none = No members yet. Invite the first one below.
members-organisation-admins-may = Organisation admins also create workspaces and manage people, single sign-on and security.
members-power-user-may = A Power User can do everything except change settings and members.
members-question-accounts = Does Vestibule create accounts automatically on first SSO sign-in?
members-question-accounts-answer = No. There is no just-in-time provisioning. People your identity provider identifies can sign in only as members of { $organisation }, or with an invitation that has not expired: their first SSO sign-in then accepts it. Everyone else is told to ask an admin, and no account is created. So invite people here first.
members-question-revoke = What happens when I revoke a person’s access?
members-question-revoke-answer = They leave this workspace, and are signed out of { $organisation } at once. After their last workspace they are no longer a member and are refused, even if your identity provider still lets them sign in.
members-question-roles = What can each role do?
members-questions = Questions
members-remove-of = Remove from organisation: { $email }
members-revoke-action = Revoke access
members-revoke-of = Revoke access of { $email }
members-revoke-own-title = Revoke your own access?
members-revoke-title = Revoke access of { $email }?
members-revoked = { $email } is no longer a member of { $workspace }.
members-role-of = Role of { $email }

## Page: custom roles

level-change = { $application }: { $to } instead of { $from }
level-changes =
    { $count ->
        [one] The level of { $count } person changes, from the next request on.
       *[other] The levels of { $count } people change, from the next request on.
    }
level-changes-list = Changed levels
level-changes-more =
    { $count ->
        [one] and { $count } more
       *[other] and { $count } more
    }
level-changes-none = Nobody’s level changes.
members-custom-role-may = A custom role gives a level in each application, and does not allow changing settings or members.
roles = Roles
roles-add = Add a role
roles-add-lead = A custom role gives a level in each application. It never allows managing members or settings.
roles-built-in = Built in
roles-create = Add role
roles-created = The role { $role } is added. Set its levels above, and give it to people under People or Members.
roles-default = Default level
roles-default-hint = In all applications for which the role has no level of its own, including new ones.
roles-default-of = Default level of { $role }
roles-default-title = Give { $role } the default level { $level }?
roles-in-use =
    { $members ->
        [0] { $invitations ->
            [one] { $invitations } pending invitation gives this role.
           *[other] { $invitations } pending invitations give this role.
        }
        [one] { $members } member has this role.
       *[other] { $members } members have this role.
    }
roles-lead = The level that each role gives in the applications of a workspace.
roles-level-change = Change level
roles-level-changed = The levels of { $role } are changed.
roles-level-default = Default ({ $level })
roles-level-of = Level of { $role } in { $application }
roles-level-title = Give { $role } the level { $level } in { $application }?
roles-matrix = Roles and their levels
roles-new-name = New name
roles-no-applications = The workspace { $workspace } has no application yet.
roles-remove = Remove role
roles-remove-of = Remove the role { $role }
roles-remove-title = Remove the role { $role }?
roles-removed = The role { $role } is removed.
roles-rename-of = Rename { $role }
roles-renamed = The role is renamed. Applications still get the same short name.
roles-replace-by = Role that its members and invitations get
roles-workspace = Applications of the workspace

## Page: settings of an organisation

organisation-delete = Delete organisation
organisation-delete-lead = Deletes the organisation and everything in it. This cannot be undone.
organisation-name = Name of the organisation
organisation-name-save = Save name
organisation-name-saved = The name is saved.
organisation-plan-and-size = Plan and size
organisation-plan-now = { $plan } (now)
organisation-settings = Organisation settings
organisation-signing-in = Signing in
organisation-switch-effect = What happens with { $plan }
organisation-switch-lead = Choose another plan to see who keeps and who loses access. Nothing changes until you press the button that is then shown.
organisation-switch-to = Switch to { $plan }
organisation-switched = { $name } is now on { $plan }.

## Page: all organisations

organisations-admin-email = E-mail of its first admin
organisations-admin-email-hint = This person gets an invitation and becomes an organisation admin.
organisations-create = Create organisation
organisations-created = { $name } is created, with its first workspace.
organisations-first-matches = The first { $count } matches, by name.
organisations-lead = All organisations.
organisations-matches =
    { $count ->
        [one] { $count } match, by name.
       *[other] { $count } matches, by name.
    }
organisations-new = New organisation
organisations-no-match = No organisation matches “{ $search }”.
organisations-none = No organisation yet. Create the first one below.
organisations-people-of = People of { $name }
organisations-saml-only = SAML-only
organisations-search-hint = Search by name
organisations-search-label = Search organisations by name
organisations-shown = { $count } of { $all }, by name.
organisations-sso = SSO
organisations-switch-plan-of = Switch plan of { $name }

## Page: people of an organisation

people-demote = Remove admin
people-demote-of = Remove admin: { $email }
people-demote-title = Remove { $email } as organisation admin?
people-demoted = { $email } is no longer an organisation admin.
people-invite-choose = Choose at least one workspace.
people-invite-many = To invite several people at once, or to see the open invitations, open the members of a workspace under { $workspaces }.
people-invite-refused = For { $workspace }: { $why }
people-invited = { $email } is invited to { $workspaces }.
people-join = People join by an invitation to a workspace.
people-lead = Everyone in any workspace of the organisation.
people-link-above = The password link for { $email } is at the top of this page.
people-links =
    { $count ->
        [one] Password link
       *[other] Password links
    }
people-links-lead = Pass on the password link yourself: it sets a new password, works once, and will not be shown again.
people-none = No one is here yet. Invite people below.
people-place = { $name } ({ $role })
people-promote = Make admin
people-promote-of = Make admin: { $email }
people-promote-title = Make { $name } organisation admin of { $organisation }?
people-promoted = { $email } is now an organisation admin.
people-remove-of = Remove { $email } from the organisation
people-sessions = Sessions
people-sessions-of = Sessions of { $email }

## Page: plans

plans-by-organisation = By organisation
plans-changed = { $name } is changed.
plans-edit = Edit plan
plans-edit-title = Edit { $name }?
plans-lead = Each organisation is on one plan. Switch it in the { $link }, which first shows the effect on its people.
plans-lead-link = organisation’s settings
plans-mails = Invitations and reminders by mail
plans-max-mails = Maximum e-mails a day
plans-max-mails-hint = Invitations and reminders of one organisation. Leave empty for no limit.
plans-max-people = Maximum people
plans-max-workspaces = Maximum workspaces
plans-members-sign-in = Members sign in
plans-mode = Members sign in by
plans-no-limit = No limit
plans-nothing-changed = Nothing has changed.
plans-on-this-plan =
    { $count ->
        [one] { $count } organisation on this plan
       *[other] { $count } organisations on this plan
    }
plans-password-or-saml = Password or SAML
plans-people = People in an organisation
plans-preview = Preview changes
plans-reason = { $name }: { $reason }
plans-saml = SAML
plans-sessions-end = Sessions end
plans-unlimited = no limit
plans-up-to-mails = Up to { $limit } a day
plans-up-to-people =
    { $limit ->
        [one] Up to { $limit } person
       *[other] Up to { $limit } people
    }
plans-up-to-workspaces =
    { $limit ->
        [one] Up to { $limit } workspace
       *[other] Up to { $limit } workspaces
    }
plans-used-by = Used by
plans-workspaces = Workspaces in an organisation

## Page: a password link

reset-again = Ask for a new link
reset-choose = Choose a new password for { $email }, then sign in with it. The link works once.
reset-choose-for-code = If single sign-on does not work, use the password with a recovery code.
reset-choose-only = Choose a new password for { $email }. The link works once.
reset-confirm = { $email } was added as an operator of this Vestibule. Enter your current password to confirm that it is you. Your password and your sessions stay as they are.
reset-confirm-title = Become an operator
reset-confirmed = You are an operator now. Sign in with your password.
reset-done = Your password is set.
reset-first = You have no password yet. This link sets your first one.
reset-forgot = { $question } Set a new one, then open this link again.
reset-opens-nothing = The password currently gives access to nothing. Ask an admin of your organisation.
reset-over = This link was used or has expired.
reset-over-set = If you have set your password with it already, { $link }.
reset-over-sign-in = sign in
reset-sessions-end = This signs you out everywhere.
reset-set = Set password
reset-sso = Sign in to { $organisation } with SSO
reset-sso-only = { $organisation } requires single sign-on. A password on its own does not give access to it.
reset-sso-unconfirmed = { $organisation } does not accept this password: you joined through single sign-on, and this link was not sent to you by e-mail.
reset-title = Set your password

## Page: first run

setup-lead = This takes a minute: your name, your password and the first organisation. The next steps are shown afterwards.
setup-done-already = Vestibule is set up already. Sign in.
setup-organisation = Your organisation
setup-organisation-lead = The company whose people sign in here. You are its admin, and its first workspace has the same name. You can add more organisations later.
setup-over = This set-up link was used, or a newer one has been printed.
setup-over-next = If Vestibule is set up already, sign in. If not, open the link that it printed at its last start; each start prints a new one.
setup-short-title = Set up
setup-title = Set up Vestibule
setup-you = You
setup-you-lead = You become the first operator, the person who runs Vestibule.

## Page: single sign-on

sso-asleep = Kept for later
sso-asleep-lead = This connection is kept but inactive. It works again, unchanged, when the plan includes SSO.
sso-lead = SAML 2.0, for all workspaces of { $name }, including future ones.
sso-needs-enterprise = Single sign-on comes with the Enterprise plan.
sso-nobody-yet = No one signs in through SSO yet.
sso-nobody-yet-admins = Until it is ready, only organisation admins sign in, with a password.
sso-nobody-yet-members = Members continue to sign in as before.
sso-on-plan = { $name } is on { $plan }, where members sign in with a password.
sso-provider = Provider
sso-sign-on-url = Sign on URL

## Page: single sign-on, set up through a link

sso-setup-before = Settings have been entered already.
sso-setup-before-next = Check or replace them, at the latest by { $at }. An admin of { $organisation } then tests them with one sign-in.
sso-setup-close = You can close this page.
sso-setup-done = Single sign-on is set up
sso-setup-lead = { $organisation } asks you to connect its identity provider through SAML 2.0. You need no account here; this link works until { $at }.
sso-setup-no-plan = This plan has no single sign-on
sso-setup-open-again = Open the original link again.
sso-setup-over = This set-up link no longer works
sso-setup-saved = The settings are saved.
sso-setup-saved-next = An admin of { $organisation } now tests them with one sign-in. The admins get an e-mail if a mail server is set up; tell them yourself as well. Until the test, and at the latest until { $at }, you can still change the settings here.
sso-setup-title = Set up single sign-on

## Page: a workspace

workspace-account = Name, password, sessions
workspace-account-without-password = Language, colours, sessions
workspace-all-of = All workspaces of { $name }
workspace-applications = Add applications, and see who opens them
workspace-member-count =
    { $count ->
        [one] { $count } member.
       *[other] { $count } members.
    }
workspace-members = People, roles and invitations
workspace-not-a-member = You are not a member.
workspace-role = You are { $role } here.
workspace-sso = Let members sign in through your identity provider

## Page: workspaces of an organisation

workspaces-command-name = Its name on the command line
workspaces-create = Create workspace
workspaces-created = { $name } is created.
workspaces-delete = Delete workspace
workspaces-deleted = { $name } is deleted.
workspaces-invite-to = Invite people to { $name }
workspaces-lead = People are members of workspaces, with a role in each. To invite people, use “Invite people” beside a workspace or under People.
workspaces-limit = The { $plan } plan allows { $limit }.
workspaces-members-of = Members of { $name }
workspaces-new = New workspace
workspaces-new-lead = Single sign-on also applies to it.
workspaces-new-name = New name
workspaces-none = No workspace yet. Create the first one below.
workspaces-rename = Rename
workspaces-rename-of = Rename { $name }
workspaces-renamed = The workspace is renamed.
## Console: languages

account-language-of-browser = Language of the browser
language = Language
organisation-language = Language of the organisation
organisation-language-about = For e-mails to people who have chosen no language, and for pages if their browser asks for no language that is offered.
organisation-language-save = Save language
organisation-language-saved = The language is saved.
