-- The schema at version 1, from which the test of the upgrades starts.

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE plans (
    id             TEXT NOT NULL PRIMARY KEY,
    name           TEXT NOT NULL,
    auth_mode      TEXT NOT NULL CHECK (auth_mode IN ('password', 'password_or_saml', 'saml')),
    max_members    INTEGER,
    max_workspaces INTEGER,
    position       INTEGER NOT NULL
) STRICT;

INSERT INTO plans (id, name, auth_mode, max_members, max_workspaces, position) VALUES
    ('starter', 'Starter', 'password', 25, 10, 1),
    ('business', 'Business', 'password', 250, 100, 2),
    ('enterprise', 'Enterprise', 'password_or_saml', NULL, NULL, 3);

CREATE TABLE users (
    id             TEXT NOT NULL PRIMARY KEY,
    email          TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    language       TEXT NOT NULL,
    operator       INTEGER NOT NULL,
    password_hash  TEXT,
    last_workspace TEXT,
    created_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX users_operator ON users (email) WHERE operator = 1;

CREATE TABLE organisations (
    id            TEXT NOT NULL PRIMARY KEY,
    slug          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    plan_id       TEXT NOT NULL REFERENCES plans (id),
    connection_id TEXT NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX organisations_name ON organisations (name, id);
CREATE INDEX organisations_plan ON organisations (plan_id);

-- One row for each person of an organisation. `password_agreed`: true if the person's password is accepted for this
-- organisation.
CREATE TABLE people (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email           TEXT NOT NULL,
    admin           INTEGER NOT NULL,
    password_agreed INTEGER NOT NULL,
    joined_at       INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    last_method     TEXT,
    PRIMARY KEY (organisation_id, user_id)
) STRICT;

CREATE INDEX people_user ON people (user_id);
CREATE INDEX people_email ON people (organisation_id, email);

CREATE TABLE workspaces (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX workspaces_name ON workspaces (organisation_id, name);

CREATE TABLE memberships (
    workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id         TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    email           TEXT NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('admin', 'power_user')),
    joined_at       INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, user_id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES people (organisation_id, user_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX memberships_person ON memberships (organisation_id, user_id);
CREATE INDEX memberships_email ON memberships (workspace_id, email);

CREATE TABLE invitations (
    id                 TEXT NOT NULL PRIMARY KEY,
    workspace_id       TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    organisation_id    TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    email              TEXT NOT NULL,
    role               TEXT NOT NULL CHECK (role IN ('admin', 'power_user')),
    organisation_admin INTEGER NOT NULL,
    invited_by         TEXT NOT NULL,
    token_hash         BLOB NOT NULL UNIQUE,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    UNIQUE (workspace_id, email)
) STRICT;

CREATE INDEX invitations_email ON invitations (organisation_id, email);

-- Links that let a person set their password: made by an operator or on the command line.
CREATE TABLE password_links (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX password_links_user ON password_links (user_id);

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

CREATE TABLE grants (
    session_id      TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    method          TEXT NOT NULL CHECK (method IN ('password', 'saml', 'recovery')),
    at              INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (session_id, organisation_id, method)
) STRICT;

CREATE INDEX grants_organisation ON grants (organisation_id);

CREATE TABLE connections (
    organisation_id     TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    provider            TEXT NOT NULL CHECK (provider IN ('google', 'okta', 'entra', 'custom')),
    portal_key          TEXT NOT NULL,
    portal_key_folded   TEXT NOT NULL UNIQUE,
    sign_on_url         TEXT NOT NULL,
    idp_entity_id       TEXT NOT NULL,
    certificates        TEXT NOT NULL,
    tested_at           INTEGER,
    tested_certificates TEXT NOT NULL,
    saml_only           INTEGER NOT NULL
) STRICT;

-- Codes for organisation admins who cannot sign in through SAML while it is required. Each works once.
CREATE TABLE recovery_codes (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    code_hash       BLOB NOT NULL,
    PRIMARY KEY (organisation_id, code_hash)
) STRICT;

-- Links, made on the command line, with which an organisation admin sets a new password and signs in.
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
    settings_hash   BLOB NOT NULL,
    session_ends_at INTEGER,
    expires_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX tickets_expiry ON tickets (expires_at);

CREATE TABLE attempts (
    number          INTEGER NOT NULL PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    at              INTEGER NOT NULL,
    reference       TEXT NOT NULL,
    outcome         TEXT NOT NULL CHECK (outcome IN ('verified', 'signed_in', 'refused')),
    email           TEXT,
    refusal         TEXT,
    rules           TEXT NOT NULL
) STRICT;

CREATE INDEX attempts_newest ON attempts (organisation_id, number);
CREATE INDEX attempts_refused ON attempts (organisation_id, at) WHERE outcome = 'refused';

CREATE TABLE keys (
    id           TEXT NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL,
    key_hash     BLOB NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

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
    detail          TEXT NOT NULL
) STRICT;

CREATE INDEX audit_organisation ON audit (organisation_id, id);
