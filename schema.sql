-- The complete current schema. Times are Unix seconds in UTC; secrets are stored as SHA-256 digests.
-- Each change needs an upgrade in src/store/engine/schema.rs; a test compares a new file with an upgraded one.

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- `limits`: a JSON object with the limits of `PlanLimit` by name. Null means no limit; a missing limit has its default.
CREATE TABLE plans (
    id             TEXT NOT NULL PRIMARY KEY,
    name           TEXT NOT NULL,
    auth_mode      TEXT NOT NULL CHECK (auth_mode IN ('password', 'password_or_saml', 'saml')),
    limits         TEXT NOT NULL DEFAULT '{}',
    position       INTEGER NOT NULL
) STRICT;

INSERT INTO plans (id, name, auth_mode, limits, position) VALUES
    ('starter', 'Starter', 'password', '{"max_members": 25, "max_workspaces": 10}', 1),
    ('business', 'Business', 'password', '{"max_members": 250, "max_workspaces": 100}', 2),
    ('enterprise', 'Enterprise', 'password_or_saml', '{}', 3);

-- `language`: null if the person has not chosen one. `signed_in`: true if the person has ever signed in. While
-- `disabled_at` is set, the person's sessions, links and password do not work.
-- `password_maker_kind` and `password_maker_id`: an actor of the audit log, namely the API key or operator to whom the
-- link that set the password was shown; empty if only the person had the link. `email_proved`: true once the person used a
-- link that was e-mailed, or an identity provider confirmed the address.
CREATE TABLE users (
    id             TEXT NOT NULL PRIMARY KEY,
    email          TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    language       TEXT,
    operator       INTEGER NOT NULL,
    password_hash  TEXT,
    last_workspace TEXT,
    created_at     INTEGER NOT NULL,
    notify_new_browser INTEGER NOT NULL DEFAULT 0,
    signed_in          INTEGER NOT NULL DEFAULT 0,
    disabled_at        INTEGER,
    password_maker_kind TEXT NOT NULL DEFAULT '',
    password_maker_id   TEXT NOT NULL DEFAULT '',
    email_proved        INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Passwords that were set with a link which was shown to its maker, who may therefore know the password. `until`: when
-- the password was replaced.
CREATE TABLE known_passwords (
    number     INTEGER NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    maker_kind TEXT NOT NULL,
    maker_id   TEXT NOT NULL,
    since      INTEGER NOT NULL,
    until      INTEGER
) STRICT;

CREATE INDEX known_passwords_user ON known_passwords (user_id);

-- The trigrams of names and e-mail addresses, for the search for people.
CREATE VIRTUAL TABLE users_found USING fts5 (user_id UNINDEXED, text, tokenize = 'trigram');

CREATE INDEX users_operator ON users (email) WHERE operator = 1;

CREATE TABLE organisations (
    id            TEXT NOT NULL PRIMARY KEY,
    slug          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    plan_id       TEXT NOT NULL REFERENCES plans (id),
    connection_id TEXT NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL,
    invitation_hours   INTEGER,
    session_idle_hours INTEGER,
    session_days       INTEGER,
    language           TEXT
) STRICT;

CREATE INDEX organisations_name ON organisations (name, id);
CREATE INDEX organisations_plan ON organisations (plan_id);

-- One row for each person of an organisation. `password_agreed`: true if the person's password is accepted for this organisation,
-- because they accepted the membership with it, or have since used a password link that was e-mailed to them. `saml_at`: the last
-- sign-in through SAML.
CREATE TABLE people (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email           TEXT NOT NULL,
    admin           INTEGER NOT NULL,
    password_agreed INTEGER NOT NULL,
    joined_at       INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    last_method     TEXT,
    saml_at         INTEGER,
    reminded_at     INTEGER,
    PRIMARY KEY (organisation_id, user_id)
) STRICT;

CREATE INDEX people_user ON people (user_id);
-- Contains all columns by which the list of people can be filtered, so that rows which do not match need not be read.
CREATE INDEX people_email ON people (organisation_id, email, last_method, last_sign_in_at, saml_at, admin);

-- Custom names and logos of organisations; of the appliance where `organisation_id` is null.
CREATE TABLE branding (
    organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
    name            TEXT,
    logo_id         TEXT UNIQUE,
    logo_type       TEXT CHECK (logo_type IN ('image/png', 'image/svg+xml')),
    logo            BLOB
) STRICT;

CREATE UNIQUE INDEX branding_organisation ON branding (coalesce(organisation_id, ''));

CREATE TABLE workspaces (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    slug            TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX workspaces_name ON workspaces (organisation_id, name);
CREATE UNIQUE INDEX workspaces_slug ON workspaces (organisation_id, slug);

-- The custom roles of each organisation. `name_folded`: the name in lower case.
CREATE TABLE roles (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    slug            TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_folded     TEXT NOT NULL,
    default_level   TEXT NOT NULL CHECK (default_level IN ('no_access', 'viewer', 'operator', 'editor', 'admin')),
    created_at      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX roles_slug ON roles (organisation_id, slug);
CREATE UNIQUE INDEX roles_name ON roles (organisation_id, name_folded);

-- The members of each workspace. `role_id`: null unless the role is `custom`.
CREATE TABLE memberships (
    workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id         TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    email           TEXT NOT NULL,
    role            TEXT NOT NULL DEFAULT 'custom' CHECK (role IN ('admin', 'power_user', 'custom')),
    role_id         TEXT REFERENCES roles (id) CHECK ((role = 'custom') = (role_id IS NOT NULL)),
    joined_at       INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, user_id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES people (organisation_id, user_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX memberships_person ON memberships (organisation_id, user_id);
CREATE INDEX memberships_email ON memberships (workspace_id, email, role, role_id);
CREATE INDEX memberships_role ON memberships (role_id) WHERE role_id IS NOT NULL;

-- The applications of each workspace. `icon`: a data URL. `rules` (JSON) and `assertion` are settings of proxy applications.
CREATE TABLE applications (
    id              TEXT NOT NULL PRIMARY KEY,
    workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL CHECK (kind IN ('link', 'proxy', 'oidc')),
    name            TEXT NOT NULL,
    url             TEXT NOT NULL,
    icon            TEXT,
    description     TEXT,
    rules           TEXT NOT NULL,
    assertion       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX applications_workspace ON applications (workspace_id, name, id);
CREATE INDEX applications_organisation ON applications (organisation_id, name, id);

-- The levels that custom roles give in applications; in others they give their default level.
CREATE TABLE role_levels (
    role_id         TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    application_id  TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    level           TEXT NOT NULL CHECK (level IN ('no_access', 'viewer', 'operator', 'editor', 'admin')),
    PRIMARY KEY (role_id, application_id)
) STRICT;

CREATE INDEX role_levels_application ON role_levels (application_id);
CREATE INDEX role_levels_organisation ON role_levels (organisation_id);

-- The hosts of proxy applications, with the port if it is not the scheme's default.
CREATE TABLE application_hosts (
    host           TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX application_hosts_application ON application_hosts (application_id);

-- The settings of OpenID Connect clients. The redirect URIs are JSON lists.
CREATE TABLE oidc_clients (
    application_id            TEXT NOT NULL PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    redirect_uris             TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    backchannel_logout_uri    TEXT,
    client_type               TEXT NOT NULL CHECK (client_type IN ('confidential', 'public')),
    token_auth                TEXT NOT NULL CHECK (token_auth IN ('client_secret_basic', 'client_secret_post', 'none')),
    signing                   TEXT NOT NULL CHECK (signing IN ('RS256', 'ES256')),
    pkce_optional             INTEGER NOT NULL
) STRICT;

-- The secrets of confidential clients, by digest: at most two, so that a secret can be replaced without a pause.
CREATE TABLE client_secrets (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES oidc_clients (application_id) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    secret_hash    BLOB NOT NULL,
    created_at     INTEGER NOT NULL,
    UNIQUE (application_id, number)
) STRICT;

-- The origins of the pages that may read the answers for public clients: those of the redirect URIs.
CREATE TABLE client_origins (
    origin         TEXT NOT NULL,
    application_id TEXT NOT NULL REFERENCES oidc_clients (application_id) ON DELETE CASCADE,
    PRIMARY KEY (origin, application_id)
) STRICT;
CREATE INDEX client_origins_application ON client_origins (application_id);

-- The hosts that operators have granted to organisations: names, or `*.` and a name.
CREATE TABLE host_grants (
    host            TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX host_grants_organisation ON host_grants (organisation_id);

-- `handed_over`: true if the link was shown to its maker, so that it works only while the maker (`maker_kind` and
-- `maker_id`, an actor of the audit log) has the right to invite. The kind becomes `ended` once the maker has lost that
-- right.
CREATE TABLE invitations (
    id                 TEXT NOT NULL PRIMARY KEY,
    workspace_id       TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    organisation_id    TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    email              TEXT NOT NULL,
    role               TEXT NOT NULL DEFAULT 'custom' CHECK (role IN ('admin', 'power_user', 'custom')),
    role_id            TEXT REFERENCES roles (id) CHECK ((role = 'custom') = (role_id IS NOT NULL)),
    organisation_admin INTEGER NOT NULL,
    invited_by         TEXT NOT NULL,
    token_hash         BLOB NOT NULL UNIQUE,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    handed_over        INTEGER NOT NULL DEFAULT 0,
    maker_kind         TEXT NOT NULL DEFAULT '',
    maker_id           TEXT NOT NULL DEFAULT '',
    UNIQUE (workspace_id, email)
) STRICT;

CREATE INDEX invitations_email ON invitations (organisation_id, email);
CREATE INDEX invitations_maker ON invitations (maker_id);
CREATE INDEX invitations_role ON invitations (role_id) WHERE role_id IS NOT NULL;

-- Links with which a person sets their password. `mailed_at`: null if the link was shown to its maker instead. A link
-- with `confirms_operator` does not set a password: with it and their current password, the person becomes an operator.
CREATE TABLE password_links (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    mailed_at  INTEGER,
    confirms_operator INTEGER NOT NULL DEFAULT 0,
    maker_kind        TEXT NOT NULL DEFAULT '',
    maker_id          TEXT NOT NULL DEFAULT '',
    return_path       TEXT
) STRICT;

CREATE INDEX password_links_user ON password_links (user_id);
CREATE INDEX password_links_maker ON password_links (maker_id);

CREATE TABLE sessions (
    id           TEXT NOT NULL PRIMARY KEY,
    token_hash   BLOB NOT NULL UNIQUE,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    password_at  INTEGER,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    address      TEXT NOT NULL,
    agent        TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- `ends_at`: when the identity provider ends the sign-in, if it says so.
CREATE TABLE grants (
    session_id      TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    method          TEXT NOT NULL CHECK (method IN ('password', 'saml', 'recovery')),
    at              INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    ends_at         INTEGER,
    PRIMARY KEY (session_id, organisation_id, method)
) STRICT;

CREATE INDEX grants_organisation ON grants (organisation_id);

-- Grants that a switch ended while single sign-on was available, by the digest of their session's secret, so that the
-- sign-in page can offer the portal URL.
CREATE TABLE ended_grants (
    token_hash      BLOB NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    ended_at        INTEGER NOT NULL,
    PRIMARY KEY (token_hash, organisation_id)
) STRICT;

CREATE INDEX ended_grants_at ON ended_grants (ended_at);

-- Sessions at one application, by the digest of the cookie at its host. Each ends with the session that made it.
CREATE TABLE application_sessions (
    token_hash     BLOB NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    session_id     TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    host           TEXT NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX application_sessions_session ON application_sessions (session_id, application_id, created_at);
CREATE INDEX application_sessions_application ON application_sessions (application_id);

-- Codes with which a browser returns from sign-in to the host of an application. `nonce_hash`: the digest of the nonce in
-- the browser's start cookie. `retried`: true if the browser has lost its cookie once.
CREATE TABLE application_codes (
    code_hash      BLOB NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    session_id     TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    host           TEXT NOT NULL,
    nonce_hash     BLOB NOT NULL,
    retried        INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX application_codes_expiry ON application_codes (expires_at);
CREATE INDEX application_codes_session ON application_codes (session_id);
CREATE INDEX application_codes_application ON application_codes (application_id);

-- The sessions of people as OpenID Connect clients know them. `id`: the `sid` of tokens. `session_id`: null once the session
-- has expired, while refresh tokens outlive it; it names no session if the session was ended.
CREATE TABLE client_sessions (
    id              TEXT NOT NULL PRIMARY KEY,
    application_id  TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id      TEXT,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX client_sessions_session ON client_sessions (session_id, application_id);
CREATE INDEX client_sessions_user ON client_sessions (user_id, application_id);
CREATE INDEX client_sessions_application ON client_sessions (application_id);
CREATE INDEX client_sessions_organisation ON client_sessions (organisation_id);

-- What people have given clients by signing in at them, each with its code. `challenge`: the digest of the PKCE verifier.
-- `claims`: JSON. `ends_at`: when the identity provider ends the sign-in. `offline`: true if refresh tokens outlive the
-- session. `used_at`: when a refresh token was last used.
CREATE TABLE authorizations (
    id                TEXT NOT NULL PRIMARY KEY,
    client_session_id TEXT NOT NULL REFERENCES client_sessions (id) ON DELETE CASCADE,
    code_hash         BLOB NOT NULL UNIQUE,
    code_expires_at   INTEGER NOT NULL,
    code_used         INTEGER NOT NULL,
    redirect_uri      TEXT NOT NULL,
    challenge         TEXT,
    nonce             TEXT,
    scope             TEXT NOT NULL,
    claims            TEXT NOT NULL,
    method            TEXT NOT NULL CHECK (method IN ('password', 'saml')),
    auth_at           INTEGER NOT NULL,
    ends_at           INTEGER,
    offline           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    used_at           INTEGER NOT NULL
) STRICT;

CREATE INDEX authorizations_client_session ON authorizations (client_session_id);
CREATE INDEX authorizations_code_expiry ON authorizations (code_expires_at);

CREATE TABLE access_tokens (
    token_hash       BLOB NOT NULL PRIMARY KEY,
    authorization_id TEXT NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    scope            TEXT NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX access_tokens_authorization ON access_tokens (authorization_id);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

-- `used`: true once the token was replaced by another one. If it is used again, the authorization ends.
CREATE TABLE refresh_tokens (
    token_hash       BLOB NOT NULL PRIMARY KEY,
    authorization_id TEXT NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    used             INTEGER NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX refresh_tokens_authorization ON refresh_tokens (authorization_id);

-- Clients that must be told that a session has ended. They may have been deleted meanwhile, so nothing is referenced.
-- `attempts`: how many have begun. `next_at`: when the next one begins.
CREATE TABLE logout_notices (
    sid             TEXT NOT NULL PRIMARY KEY,
    application_id  TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    uri             TEXT NOT NULL,
    signing         TEXT NOT NULL CHECK (signing IN ('RS256', 'ES256')),
    attempts        INTEGER NOT NULL,
    next_at         INTEGER NOT NULL
) STRICT;

CREATE INDEX logout_notices_due ON logout_notices (next_at, sid);
CREATE INDEX logout_notices_application ON logout_notices (application_id, next_at, sid);

-- The keys that sign tokens for applications. `private_key`: PKCS #8 DER, empty once the key is retired. `public_key`: the
-- members of its JWK. `signs_from`: null for the next key of its algorithm. `retired_at`: null unless it is a past key.
CREATE TABLE signing_keys (
    id          TEXT NOT NULL PRIMARY KEY,
    algorithm   TEXT NOT NULL CHECK (algorithm IN ('RS256', 'ES256')),
    private_key BLOB NOT NULL,
    public_key  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    signs_from  INTEGER,
    retired_at  INTEGER
) STRICT;

CREATE TABLE connections (
    organisation_id     TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    provider            TEXT NOT NULL CHECK (provider IN ('google', 'okta', 'entra', 'custom')),
    portal_key          TEXT NOT NULL,
    portal_key_folded   TEXT NOT NULL UNIQUE,
    sign_on_url         TEXT NOT NULL,
    idp_entity_id       TEXT NOT NULL,
    certificates        TEXT NOT NULL,
    sign_requests       INTEGER NOT NULL DEFAULT 0,
    force_authn         INTEGER NOT NULL DEFAULT 0,
    name_id_format      TEXT NOT NULL DEFAULT 'none'
        CHECK (name_id_format IN ('none', 'email', 'persistent', 'transient', 'unspecified')),
    tested_at           INTEGER,
    tested_certificates TEXT NOT NULL,
    saml_only           INTEGER NOT NULL,
    last_tested_at      INTEGER
) STRICT;

-- Former portal keys, reserved so that old links cannot lead to another organisation's identity provider. They remain
-- after their organisation is deleted.
CREATE TABLE former_portal_keys (
    portal_key_folded TEXT NOT NULL PRIMARY KEY,
    organisation_id   TEXT NOT NULL,
    given_up_at       INTEGER NOT NULL
) STRICT;

-- The appliance's own SAML keys, one row for each generation. Private keys are PKCS #8 DER; they leave this file only
-- in backups.
CREATE TABLE own_keys (
    id                     TEXT NOT NULL PRIMARY KEY,
    organisation_id        TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    signing_key            BLOB NOT NULL,
    signing_certificate    TEXT NOT NULL,
    encryption_key         BLOB NOT NULL,
    encryption_certificate TEXT NOT NULL,
    created_at             INTEGER NOT NULL,
    last_decrypted_at      INTEGER
) STRICT;

CREATE INDEX own_keys_organisation ON own_keys (organisation_id, created_at);

-- The metadata that a connection follows. `document`: the last valid copy. `failed_at` and `failure`: null if the last
-- fetch succeeded.
CREATE TABLE metadata_sources (
    organisation_id TEXT NOT NULL PRIMARY KEY REFERENCES connections (organisation_id) ON DELETE CASCADE,
    url             TEXT NOT NULL,
    adopt           INTEGER NOT NULL,
    document        TEXT NOT NULL,
    fetched_at      INTEGER NOT NULL,
    next_at         INTEGER NOT NULL,
    failed_at       INTEGER,
    failure         TEXT
) STRICT;

CREATE INDEX metadata_sources_due ON metadata_sources (next_at);

-- Certificates that an API key added to a ready connection. They are used only after an organisation admin has adopted
-- them.
CREATE TABLE certificate_candidates (
    organisation_id TEXT NOT NULL REFERENCES connections (organisation_id) ON DELETE CASCADE,
    certificate     TEXT NOT NULL,
    added_by        TEXT NOT NULL,
    added_at        INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, certificate)
) STRICT;

-- Notices about expiring certificates that were sent to admins, so that each is sent once.
CREATE TABLE expiry_notices (
    organisation_id TEXT NOT NULL REFERENCES connections (organisation_id) ON DELETE CASCADE,
    not_after       INTEGER NOT NULL,
    days            INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, not_after, days)
) STRICT;

-- Recovery codes for organisation admins who cannot sign in through SAML while it is required. Each is shown once and
-- works once.
CREATE TABLE recovery_codes (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    code_hash       BLOB NOT NULL,
    PRIMARY KEY (organisation_id, code_hash)
) STRICT;

-- Recovery links, made on the command line, with which an organisation admin sets a new password and signs in.
CREATE TABLE recovery_links (
    token_hash      BLOB NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at      INTEGER NOT NULL
) STRICT;

-- Ids of requests and assertions that work once. They are kept until they would be refused for their age anyway.
CREATE TABLE used_requests (
    request_id TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX used_requests_expiry ON used_requests (expires_at);

CREATE TABLE used_assertions (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    assertion_id    TEXT NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, assertion_id)
) STRICT;

CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);

-- Verified identities between the callback and /sso/finish.
CREATE TABLE tickets (
    token_hash      BLOB NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    attempt_id      TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    email           TEXT NOT NULL,
    name            TEXT,
    response_hash   BLOB NOT NULL,
    settings_hash   BLOB NOT NULL,
    session_ends_at INTEGER,
    expires_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX tickets_expiry ON tickets (expires_at);

-- The responses that began or extended a session. If the same browser posts one of them again, it is redirected to
-- `landing`.
CREATE TABLE answered_requests (
    number        INTEGER NOT NULL PRIMARY KEY,
    request_id    TEXT NOT NULL UNIQUE,
    session_id    TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    response_hash BLOB NOT NULL,
    landing       TEXT NOT NULL
) STRICT;

CREATE INDEX answered_requests_session ON answered_requests (session_id, number);

-- The trace of SAML sign-ins. `facts`: further content of the response, as JSON.
CREATE TABLE attempts (
    number          INTEGER NOT NULL PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    at              INTEGER NOT NULL,
    reference       TEXT NOT NULL,
    outcome         TEXT NOT NULL CHECK (outcome IN ('verified', 'signed_in', 'refused')),
    email           TEXT,
    refusal         TEXT,
    rules           TEXT NOT NULL,
    issued_at       INTEGER,
    facts           TEXT NOT NULL DEFAULT '{}',
    message         TEXT
) STRICT;

CREATE INDEX attempts_at ON attempts (at);
CREATE INDEX attempts_newest ON attempts (organisation_id, number);
CREATE INDEX attempts_refused ON attempts (organisation_id, at) WHERE outcome = 'refused';

-- API keys; an operators' key if `organisation_id` is null. `scopes`: words separated by spaces. `maker_kind` and
-- `maker_id`: an actor of the audit log; empty if unknown.
CREATE TABLE keys (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    scopes          TEXT NOT NULL,
    key_hash        BLOB NOT NULL UNIQUE,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER,
    last_used_at    INTEGER,
    maker_kind      TEXT NOT NULL DEFAULT '',
    maker_id        TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX keys_organisation ON keys (organisation_id, created_at);
CREATE INDEX keys_maker ON keys (maker_id);

-- Links that hand the SSO set-up to a person without an account. They work while the maker (`maker_kind` and
-- `maker_id`, an actor of the audit log) has the right to create them. `done_at`: when the connection became ready.
CREATE TABLE setup_links (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    note            TEXT NOT NULL,
    token_hash      BLOB NOT NULL UNIQUE,
    maker_kind      TEXT NOT NULL,
    maker_id        TEXT,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    last_used_at    INTEGER,
    done_at         INTEGER
) STRICT;

CREATE INDEX setup_links_organisation ON setup_links (organisation_id, created_at);
CREATE INDEX setup_links_maker ON setup_links (maker_id);

-- E-mails that have not been sent. `next_attempt_at`: null if sending was given up and an operator must decide. `kind`:
-- a kind of domain/mail.rs, without a CHECK constraint, because each new kind would require rewriting the table.
-- `turn`: the order of sending, see store/mails.rs. An e-mail is deleted together with the link, membership or
-- organisation that it is about.
CREATE TABLE mails (
    id              TEXT NOT NULL PRIMARY KEY,
    kind            TEXT NOT NULL,
    recipient       TEXT NOT NULL,
    subject         TEXT NOT NULL,
    plain           TEXT NOT NULL,
    html            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_error      TEXT,
    urgent          INTEGER NOT NULL,
    turn            INTEGER NOT NULL,
    organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
    member_id       TEXT,
    invitation_id   TEXT REFERENCES invitations (id) ON DELETE CASCADE,
    password_link   BLOB REFERENCES password_links (token_hash) ON DELETE CASCADE,
    setup_link_id   TEXT REFERENCES setup_links (id) ON DELETE CASCADE,
    FOREIGN KEY (organisation_id, member_id) REFERENCES people (organisation_id, user_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX mails_due ON mails (next_attempt_at);
CREATE INDEX mails_newest ON mails (created_at, id);
CREATE INDEX mails_expiry ON mails (expires_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX mails_turn ON mails (urgent DESC, turn, next_attempt_at);
CREATE INDEX mails_untried ON mails (turn, next_attempt_at) WHERE attempts = 0;
CREATE INDEX mails_organisation ON mails (organisation_id, turn);
CREATE INDEX mails_recipient ON mails (recipient, kind);
CREATE INDEX mails_member ON mails (organisation_id, member_id);
CREATE INDEX mails_invitation ON mails (invitation_id);
CREATE INDEX mails_password_link ON mails (password_link);
CREATE INDEX mails_setup_link ON mails (setup_link_id);

-- The number of e-mails that were queued in each second, for each thing with a limit (an invitation, an inviter, an
-- organisation, a recipient). `counted`: the digest of its name. Rows are kept for a day.
CREATE TABLE mail_counts (
    counted BLOB NOT NULL,
    at      INTEGER NOT NULL,
    letters INTEGER NOT NULL,
    PRIMARY KEY (counted, at)
) STRICT;

CREATE INDEX mail_counts_at ON mail_counts (at);

-- Notices to people about their accounts and organisations: the newest 50 of each kind and organisation.
CREATE TABLE account_events (
    number          INTEGER NOT NULL PRIMARY KEY,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at              INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
    actor_name      TEXT NOT NULL,
    address         TEXT NOT NULL,
    agent           TEXT NOT NULL,
    detail          TEXT NOT NULL,
    actor_kind      TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX account_events_user ON account_events (user_id, number);
CREATE INDEX account_events_kind ON account_events (user_id, kind, organisation_id, number);
CREATE INDEX account_events_organisation ON account_events (organisation_id);

CREATE TABLE audit (
    id              INTEGER NOT NULL PRIMARY KEY,
    at              INTEGER NOT NULL,
    actor_kind      TEXT NOT NULL,
    actor_id        TEXT,
    actor_name      TEXT NOT NULL,
    address         TEXT NOT NULL,
    action          TEXT NOT NULL,
    organisation_id TEXT,
    workspace_id    TEXT,
    resource_type   TEXT NOT NULL,
    resource_id     TEXT NOT NULL,
    resource_name   TEXT NOT NULL,
    detail          TEXT NOT NULL,
    number          INTEGER NOT NULL DEFAULT 0,
    personal        BLOB NOT NULL DEFAULT x'',
    hash            BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE INDEX audit_organisation ON audit (organisation_id, at, id);
CREATE INDEX audit_actor ON audit (actor_name, at, id);
CREATE INDEX audit_resource_type ON audit (resource_type, at, id);
CREATE INDEX audit_at ON audit (at, id);

-- The newest entry of each organisation's log, and of the appliance's (an empty id), with its number and hash. `anchor_number` and
-- `anchor_hash`: those of the newest entry that was deleted by its retention.
CREATE TABLE audit_chains (
    organisation_id TEXT NOT NULL PRIMARY KEY,
    number          INTEGER NOT NULL,
    hash            BLOB NOT NULL,
    anchor_number   INTEGER NOT NULL,
    anchor_hash     BLOB NOT NULL
) STRICT;
