//! Creates the schema, and upgrades older files.

use super::chain::chain_entries;
use super::connection::{Connection, failed, unusable};
use crate::domain::ids::random_bytes;
use crate::domain::oidc_client::page_origin;
use crate::domain::phrase::Phrase;
use crate::domain::text::workspace_slug_of;
use crate::domain::{Error, Result, seal::Seal};
use rusqlite::OptionalExtension;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use std::path::Path;

/// The whole current schema.
const SCHEMA: &str = include_str!("../../../schema.sql");

/// The upgrades: the one at index n upgrades a file from version n + 1 to n + 2. The current version is their number +
/// 1.
const UPGRADES: [&str; 32] = ["
    ALTER TABLE password_links ADD COLUMN mailed_at INTEGER;
    ALTER TABLE tickets ADD COLUMN name TEXT;

    ALTER TABLE people ADD COLUMN saml_at INTEGER;
    UPDATE people SET saml_at = last_sign_in_at WHERE last_method = 'saml';

    ALTER TABLE keys RENAME TO keys_1;
    CREATE TABLE keys (
        id              TEXT NOT NULL PRIMARY KEY,
        organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
        name            TEXT NOT NULL,
        scopes          TEXT NOT NULL,
        key_hash        BLOB NOT NULL UNIQUE,
        created_by      TEXT NOT NULL,
        created_at      INTEGER NOT NULL,
        expires_at      INTEGER,
        last_used_at    INTEGER
    ) STRICT;
    INSERT INTO keys (id, name, scopes, key_hash, created_by, created_at, last_used_at)
        SELECT id, name, '', key_hash, '', created_at, last_used_at FROM keys_1;
    DROP TABLE keys_1;
    CREATE INDEX keys_organisation ON keys (organisation_id, created_at);

    ALTER TABLE connections ADD COLUMN sign_requests INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE connections ADD COLUMN force_authn INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE connections ADD COLUMN name_id_format TEXT NOT NULL DEFAULT 'none'
        CHECK (name_id_format IN ('none', 'email', 'persistent', 'transient', 'unspecified'));

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

    CREATE TABLE expiry_notices (
        organisation_id TEXT NOT NULL REFERENCES connections (organisation_id) ON DELETE CASCADE,
        not_after       INTEGER NOT NULL,
        days            INTEGER NOT NULL,
        PRIMARY KEY (organisation_id, not_after, days)
    ) STRICT;

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

    ALTER TABLE attempts ADD COLUMN issued_at INTEGER;
    ALTER TABLE attempts ADD COLUMN certificate TEXT;
    ALTER TABLE attempts ADD COLUMN attributes TEXT;
    ALTER TABLE attempts ADD COLUMN message TEXT;
    CREATE INDEX attempts_at ON attempts (at);

    CREATE TABLE mails (
        id              TEXT NOT NULL PRIMARY KEY,
        kind            TEXT NOT NULL CHECK (kind IN ('invitation', 'reset', 'reset_link', 'recovery_used', 'certificate_expiring',
            'certificate_found')),
        recipient       TEXT NOT NULL,
        subject         TEXT NOT NULL,
        plain           TEXT NOT NULL,
        html            TEXT NOT NULL,
        created_at      INTEGER NOT NULL,
        expires_at      INTEGER NOT NULL,
        attempts        INTEGER NOT NULL,
        next_attempt_at INTEGER,
        last_error      TEXT
    ) STRICT;
    CREATE INDEX mails_due ON mails (next_attempt_at);
    CREATE INDEX mails_newest ON mails (created_at, id);

    DROP INDEX audit_organisation;
    CREATE INDEX audit_organisation ON audit (organisation_id, at, id);
    CREATE INDEX audit_actor ON audit (actor_name, at, id);
    CREATE INDEX audit_resource_type ON audit (resource_type, at, id);
    CREATE INDEX audit_at ON audit (at, id);
", "
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

    ALTER TABLE mails RENAME TO mails_2;
    CREATE TABLE mails (
        id              TEXT NOT NULL PRIMARY KEY,
        kind            TEXT NOT NULL CHECK (kind IN ('invitation', 'reset', 'reset_link', 'recovery_used', 'certificate_expiring',
            'certificate_found', 'connection_waiting', 'saml_reminder')),
        recipient       TEXT NOT NULL,
        subject         TEXT NOT NULL,
        plain           TEXT NOT NULL,
        html            TEXT NOT NULL,
        created_at      INTEGER NOT NULL,
        expires_at      INTEGER NOT NULL,
        attempts        INTEGER NOT NULL,
        next_attempt_at INTEGER,
        last_error      TEXT
    ) STRICT;
    INSERT INTO mails (id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at, last_error)
        SELECT id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at, last_error FROM mails_2;
    DROP TABLE mails_2;
    CREATE INDEX mails_due ON mails (next_attempt_at);
    CREATE INDEX mails_newest ON mails (created_at, id);

    ALTER TABLE memberships ADD COLUMN last_sign_in_at INTEGER;
    ALTER TABLE memberships ADD COLUMN last_method TEXT;
    UPDATE memberships SET (last_sign_in_at, last_method) = (SELECT p.last_sign_in_at, p.last_method FROM people p
        WHERE p.organisation_id = memberships.organisation_id AND p.user_id = memberships.user_id);
    DROP INDEX memberships_email;
    CREATE INDEX memberships_email ON memberships (workspace_id, email, role, last_method, last_sign_in_at);
    DROP INDEX people_email;
    CREATE INDEX people_email ON people (organisation_id, email, last_method, last_sign_in_at, saml_at, admin);

    CREATE VIRTUAL TABLE users_found USING fts5 (user_id UNINDEXED, text, tokenize = 'trigram');
    INSERT INTO users_found (user_id, text) SELECT id, name || char(10) || email FROM users;

    ALTER TABLE people ADD COLUMN reminded_at INTEGER;
", "
    CREATE TABLE certificate_candidates (
        organisation_id TEXT NOT NULL REFERENCES connections (organisation_id) ON DELETE CASCADE,
        certificate     TEXT NOT NULL,
        added_by        TEXT NOT NULL,
        added_at        INTEGER NOT NULL,
        PRIMARY KEY (organisation_id, certificate)
    ) STRICT;
    ALTER TABLE plans ADD COLUMN max_mails_per_day INTEGER;
    UPDATE plans SET max_mails_per_day = 500;

    ALTER TABLE mails RENAME TO mails_3;
    DROP INDEX mails_due;
    DROP INDEX mails_newest;
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
    INSERT INTO mails (id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at, last_error, urgent, turn)
        SELECT id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at, last_error, kind IN ('reset', 'recovery_used'), row_number() OVER (ORDER BY created_at, id) FROM mails_3;
    DROP TABLE mails_3;

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

    CREATE TABLE mail_counts (
        counted BLOB NOT NULL,
        at      INTEGER NOT NULL,
        letters INTEGER NOT NULL,
        PRIMARY KEY (counted, at)
    ) STRICT;

    CREATE INDEX mail_counts_at ON mail_counts (at);

    ALTER TABLE users ADD COLUMN notify_new_browser INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE users ADD COLUMN signed_in INTEGER NOT NULL DEFAULT 0;
    UPDATE users SET signed_in = 1 WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = users.id)
        OR EXISTS (SELECT 1 FROM people p WHERE p.user_id = users.id AND p.last_sign_in_at IS NOT NULL);

    CREATE TABLE account_events (
        number          INTEGER NOT NULL PRIMARY KEY,
        user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        at              INTEGER NOT NULL,
        kind            TEXT NOT NULL,
        organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
        actor_name      TEXT NOT NULL,
        address         TEXT NOT NULL,
        agent           TEXT NOT NULL,
        detail          TEXT NOT NULL
    ) STRICT;

    CREATE INDEX account_events_user ON account_events (user_id, number);
    CREATE INDEX account_events_kind ON account_events (user_id, kind, organisation_id, number);
    CREATE INDEX account_events_organisation ON account_events (organisation_id);
", "
    ALTER TABLE users ADD COLUMN disabled_at INTEGER;
", "
    CREATE TABLE branding (
        organisation_id TEXT REFERENCES organisations (id) ON DELETE CASCADE,
        name            TEXT,
        logo_id         TEXT UNIQUE,
        logo_type       TEXT CHECK (logo_type IN ('image/png', 'image/svg+xml')),
        logo            BLOB
    ) STRICT;
    CREATE UNIQUE INDEX branding_organisation ON branding (coalesce(organisation_id, ''));
", "
    DROP TABLE tickets;
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

    CREATE TABLE answered_requests (
        number        INTEGER NOT NULL PRIMARY KEY,
        request_id    TEXT NOT NULL UNIQUE,
        session_id    TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        response_hash BLOB NOT NULL,
        landing       TEXT NOT NULL
    ) STRICT;
    CREATE INDEX answered_requests_session ON answered_requests (session_id, number);
", "
    ALTER TABLE workspaces ADD COLUMN slug TEXT NOT NULL DEFAULT '';
    UPDATE workspaces SET slug = id;
    CREATE UNIQUE INDEX workspaces_slug ON workspaces (organisation_id, slug);
    UPDATE OR IGNORE workspaces SET slug = workspace_slug(name);
    UPDATE OR IGNORE workspaces SET slug = workspace_slug(name) || '-2' WHERE slug = id;
    UPDATE OR IGNORE workspaces SET slug = workspace_slug(name) || '-' || substr(id, 1, 8) WHERE slug = id;
", "
    ALTER TABLE organisations ADD COLUMN invitation_hours INTEGER;
    ALTER TABLE organisations ADD COLUMN session_idle_hours INTEGER;
    ALTER TABLE organisations ADD COLUMN session_days INTEGER;
", "
    ALTER TABLE users ADD COLUMN password_by_key INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE password_links ADD COLUMN by_key INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE password_links ADD COLUMN confirms_operator INTEGER NOT NULL DEFAULT 0;
", "
    CREATE TABLE ended_grants (
        token_hash      BLOB NOT NULL,
        organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
        ended_at        INTEGER NOT NULL,
        PRIMARY KEY (token_hash, organisation_id)
    ) STRICT;
    CREATE INDEX ended_grants_at ON ended_grants (ended_at);
", "
    ALTER TABLE password_links ADD COLUMN maker_kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE password_links ADD COLUMN maker_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE invitations ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invitations ADD COLUMN maker_kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE invitations ADD COLUMN maker_id TEXT NOT NULL DEFAULT '';
", "
    ALTER TABLE password_links ADD COLUMN return_path TEXT;
", "
    ALTER TABLE keys ADD COLUMN maker_kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE keys ADD COLUMN maker_id TEXT NOT NULL DEFAULT '';
    CREATE INDEX keys_maker ON keys (maker_id);
    UPDATE keys SET maker_kind = 'person', maker_id = u.id FROM users u WHERE u.email = keys.created_by;
    UPDATE keys SET maker_kind = a.actor_kind, maker_id = coalesce(a.actor_id, '') FROM audit a
        WHERE a.action = 'key.created' AND a.resource_id = keys.id;
", "
    CREATE TABLE former_portal_keys (
        portal_key_folded TEXT NOT NULL PRIMARY KEY,
        organisation_id   TEXT NOT NULL,
        given_up_at       INTEGER NOT NULL
    ) STRICT;
", "
    ALTER TABLE users ADD COLUMN password_maker_kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE users ADD COLUMN password_maker_id TEXT NOT NULL DEFAULT '';
    UPDATE users SET password_maker_kind = 'key' WHERE password_by_key = 1;
    UPDATE password_links SET maker_kind = 'key' WHERE by_key = 1 AND maker_kind = '';
    ALTER TABLE users DROP COLUMN password_by_key;
    ALTER TABLE password_links DROP COLUMN by_key;
", "
    ALTER TABLE users ADD COLUMN password_known_at INTEGER;
    CREATE INDEX invitations_maker ON invitations (maker_id);
    CREATE INDEX password_links_maker ON password_links (maker_id);
    CREATE INDEX setup_links_maker ON setup_links (maker_id);
", "
    ALTER TABLE users RENAME COLUMN language TO former_language;
    ALTER TABLE users ADD COLUMN language TEXT;
    UPDATE users SET language = former_language WHERE former_language <> 'en';
    ALTER TABLE users DROP COLUMN former_language;
    ALTER TABLE organisations ADD COLUMN language TEXT;
", "
    CREATE TABLE known_passwords (
        number     INTEGER NOT NULL PRIMARY KEY,
        user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        maker_kind TEXT NOT NULL,
        maker_id   TEXT NOT NULL,
        since      INTEGER NOT NULL,
        until      INTEGER
    ) STRICT;
    CREATE INDEX known_passwords_user ON known_passwords (user_id);
    INSERT INTO known_passwords (user_id, maker_kind, maker_id, since)
        SELECT id, password_maker_kind, password_maker_id, coalesce(password_known_at, 0) FROM users WHERE password_maker_kind <> '';
    ALTER TABLE users DROP COLUMN password_known_at;
", "
    ALTER TABLE account_events ADD COLUMN actor_kind TEXT NOT NULL DEFAULT '';
    UPDATE account_events SET actor_kind = CASE actor_name
        WHEN 'command line' THEN 'command_line' WHEN 'Vestibule' THEN 'system' WHEN '' THEN 'anonymous' ELSE 'person' END;
    UPDATE account_events SET detail = REPLACE(REPLACE(detail, '\"a recovery link\"', '\"link\"'), '\"a recovery code\"', '\"code\"')
        WHERE kind = 'recovery_used';
", "
    ALTER TABLE plans ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
    UPDATE plans SET limits = json_object('max_members', max_members, 'max_workspaces', max_workspaces,
        'max_mails_per_day', max_mails_per_day);
    ALTER TABLE plans DROP COLUMN max_members;
    ALTER TABLE plans DROP COLUMN max_workspaces;
    ALTER TABLE plans DROP COLUMN max_mails_per_day;
", "
    ALTER TABLE attempts ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
    UPDATE attempts SET facts = json_object('certificate', certificate, 'attributes', json(coalesce(attributes, '{}')))
        WHERE certificate IS NOT NULL;
    ALTER TABLE attempts DROP COLUMN certificate;
    ALTER TABLE attempts DROP COLUMN attributes;
", "
    DROP INDEX memberships_email;
    ALTER TABLE memberships DROP COLUMN last_sign_in_at;
    ALTER TABLE memberships DROP COLUMN last_method;
    CREATE INDEX memberships_email ON memberships (workspace_id, email, role);
", "
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
    CREATE TABLE application_hosts (
        host           TEXT NOT NULL PRIMARY KEY,
        application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX application_hosts_application ON application_hosts (application_id);
    CREATE TABLE host_grants (
        host            TEXT NOT NULL PRIMARY KEY,
        organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX host_grants_organisation ON host_grants (organisation_id);
", "
    CREATE TABLE application_sessions (
        token_hash     BLOB NOT NULL PRIMARY KEY,
        application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
        session_id     TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        host           TEXT NOT NULL,
        created_at     INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX application_sessions_session ON application_sessions (session_id, application_id, created_at);
    CREATE INDEX application_sessions_application ON application_sessions (application_id);
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
", "
    ALTER TABLE connections ADD COLUMN last_tested_at INTEGER;
    UPDATE connections SET last_tested_at = tested_at;
", "
    CREATE TABLE signing_keys (
        id          TEXT NOT NULL PRIMARY KEY,
        algorithm   TEXT NOT NULL CHECK (algorithm IN ('RS256', 'ES256')),
        private_key BLOB NOT NULL,
        public_key  TEXT NOT NULL,
        created_at  INTEGER NOT NULL,
        signs_from  INTEGER,
        retired_at  INTEGER
    ) STRICT;
", "
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
    CREATE TABLE client_secrets (
        id             TEXT NOT NULL PRIMARY KEY,
        application_id TEXT NOT NULL REFERENCES oidc_clients (application_id) ON DELETE CASCADE,
        number         INTEGER NOT NULL,
        secret_hash    BLOB NOT NULL,
        created_at     INTEGER NOT NULL,
        UNIQUE (application_id, number)
    ) STRICT;
", "
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
    CREATE TABLE refresh_tokens (
        token_hash       BLOB NOT NULL PRIMARY KEY,
        authorization_id TEXT NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
        used             INTEGER NOT NULL,
        created_at       INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX refresh_tokens_authorization ON refresh_tokens (authorization_id);
    CREATE TABLE logout_notices (
        sid            TEXT NOT NULL PRIMARY KEY,
        application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
        user_id        TEXT NOT NULL,
        attempts       INTEGER NOT NULL,
        next_at        INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX logout_notices_due ON logout_notices (next_at, sid);
    CREATE INDEX logout_notices_application ON logout_notices (application_id);
    ALTER TABLE grants ADD COLUMN ends_at INTEGER;
    ALTER TABLE users ADD COLUMN email_proved INTEGER NOT NULL DEFAULT 0;
    UPDATE users SET email_proved = 1 WHERE EXISTS (SELECT 1 FROM people p WHERE p.user_id = users.id AND p.saml_at IS NOT NULL);
", "
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
    CREATE TABLE role_levels (
        role_id         TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
        application_id  TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
        organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
        level           TEXT NOT NULL CHECK (level IN ('no_access', 'viewer', 'operator', 'editor', 'admin')),
        PRIMARY KEY (role_id, application_id)
    ) STRICT;
    CREATE INDEX role_levels_application ON role_levels (application_id);
    CREATE INDEX role_levels_organisation ON role_levels (organisation_id);
    DROP INDEX memberships_email;
    ALTER TABLE memberships RENAME COLUMN role TO old_role;
    ALTER TABLE memberships ADD COLUMN role TEXT NOT NULL DEFAULT 'custom' CHECK (role IN ('admin', 'power_user', 'custom'));
    UPDATE memberships SET role = old_role;
    ALTER TABLE memberships DROP COLUMN old_role;
    ALTER TABLE memberships ADD COLUMN role_id TEXT REFERENCES roles (id) CHECK ((role = 'custom') = (role_id IS NOT NULL));
    CREATE INDEX memberships_email ON memberships (workspace_id, email, role, role_id);
    CREATE INDEX memberships_role ON memberships (role_id) WHERE role_id IS NOT NULL;
    ALTER TABLE invitations RENAME COLUMN role TO old_role;
    ALTER TABLE invitations ADD COLUMN role TEXT NOT NULL DEFAULT 'custom' CHECK (role IN ('admin', 'power_user', 'custom'));
    UPDATE invitations SET role = old_role;
    ALTER TABLE invitations DROP COLUMN old_role;
    ALTER TABLE invitations ADD COLUMN role_id TEXT REFERENCES roles (id) CHECK ((role = 'custom') = (role_id IS NOT NULL));
    CREATE INDEX invitations_role ON invitations (role_id) WHERE role_id IS NOT NULL;
", "
    CREATE TABLE client_origins (
        origin         TEXT NOT NULL,
        application_id TEXT NOT NULL REFERENCES oidc_clients (application_id) ON DELETE CASCADE,
        PRIMARY KEY (origin, application_id)
    ) STRICT;
    CREATE INDEX client_origins_application ON client_origins (application_id);
    INSERT INTO client_origins (origin, application_id)
        SELECT DISTINCT page_origin(uri.value), client.application_id FROM oidc_clients client, json_each(client.redirect_uris) uri
        WHERE client.client_type = 'public' AND page_origin(uri.value) IS NOT NULL;
", "
    ALTER TABLE logout_notices RENAME TO old_logout_notices;
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
    INSERT INTO logout_notices (sid, application_id, organisation_id, user_id, uri, signing, attempts, next_at)
        SELECT old.sid, old.application_id, app.organisation_id, old.user_id, client.backchannel_logout_uri, client.signing, old.attempts,
            old.next_at
        FROM old_logout_notices old JOIN applications app ON app.id = old.application_id
        JOIN oidc_clients client ON client.application_id = old.application_id WHERE client.backchannel_logout_uri IS NOT NULL;
    DROP TABLE old_logout_notices;
    CREATE INDEX logout_notices_due ON logout_notices (next_at, sid);
    CREATE INDEX logout_notices_application ON logout_notices (application_id, next_at, sid);
", "
    ALTER TABLE audit ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE audit ADD COLUMN personal BLOB NOT NULL DEFAULT x'';
    ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
    CREATE TABLE audit_chains (
        organisation_id TEXT NOT NULL PRIMARY KEY,
        number          INTEGER NOT NULL,
        hash            BLOB NOT NULL,
        anchor_number   INTEGER NOT NULL,
        anchor_hash     BLOB NOT NULL
    ) STRICT;
"];
/// The schema version since which the entries of the audit log are chained.
const CHAINED: usize = 33;

/// "Vstb": marks a file as Vestibule's, so that another program's database is not changed.
const APPLICATION_ID: i64 = 0x5673_7462;

/// The schema version of this program.
pub fn current_version() -> i64 {
    i64::try_from(UPGRADES.len()).unwrap_or(i64::MAX - 1) + 1
}

/// True if the file is marked as Vestibule's.
pub(super) fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    connection.0.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0)).map(|id| id == APPLICATION_ID)
}

/// True if the file's schema is older than this program's; false for a new file.
///
/// # Errors
/// `Unavailable` when the file cannot be read.
pub(super) fn is_older(connection: &Connection) -> Result<bool> {
    Ok((1..current_version()).contains(&connection.schema_version()?))
}

/// The version of the schema if it is newer than this program's; `None` for other files.
///
/// # Errors
/// `Unavailable` when the file cannot be read.
pub(super) fn newer_version(connection: &Connection) -> Result<Option<i64>> {
    let version = Some(connection.schema_version()?).filter(|version| *version > current_version());
    Ok(version.filter(|_| is_ours(connection).unwrap_or(false)))
}

/// Says that a newer program has written the file.
pub(super) fn newer(path: &Path, version: i64) -> String {
    let (path, known) = (path.display(), current_version());
    format!(
        "{path} was written by a newer Vestibule (schema {version}, this program knows {known}). Install that version or a later one."
    )
}

/// Creates or upgrades the schema, and returns the seal in the file.
///
/// # Errors
/// `Unavailable` when the file belongs to another program, has a newer schema, or cannot be written.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<Seal> {
    let connection = &mut connection.0;
    let unusable = |cause| unusable(path, &cause);
    let number = |connection: &rusqlite::Connection, pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
    };
    let version = number(connection, "user_version").map_err(unusable)?;
    let application = number(connection, "application_id").map_err(unusable)?;
    let tables =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map_err(unusable)?;
    if application != APPLICATION_ID && (tables > 0 || version > 0) {
        return Err(Error::unavailable(Phrase::words(format!(
            "{} is another program's database; move it away or name another folder with --data.",
            path.display()
        ))));
    }
    if version > current_version() {
        return Err(Error::unavailable(Phrase::words(newer(path, version))));
    }
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(unusable)?;
    // A write transaction detects a read-only file now, not at the first sign-in.
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(unusable)?;
    // Reads the version again inside the transaction, because another process may have upgraded the file meanwhile.
    let version = number(&transaction, "user_version").map_err(unusable)?;
    upgrade(&transaction, version).map_err(unusable)?;
    let seal = seal(&transaction)?;
    transaction.commit().map_err(unusable)?;
    Ok(seal)
}

fn upgrade(connection: &rusqlite::Connection, version: i64) -> rusqlite::Result<()> {
    if version == 0 {
        connection.execute_batch(SCHEMA)?;
    }
    let done = usize::try_from(version).unwrap_or(0).saturating_sub(1);
    if version > 0 {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("workspace_slug", 1, flags, |call| {
            Ok(workspace_slug_of(&call.get::<String>(0)?))
        })?;
        connection.create_scalar_function("page_origin", 1, flags, |call| Ok(page_origin(&call.get::<String>(0)?)))?;
        for step in UPGRADES.iter().skip(done) {
            connection.execute_batch(step)?;
        }
        if done + 1 < CHAINED {
            chain_entries(connection)?;
        }
    }
    if version < current_version() {
        connection.execute_batch(&format!(
            "PRAGMA user_version = {}; PRAGMA application_id = {APPLICATION_ID};",
            current_version()
        ))?;
    }
    Ok(())
}

/// A text for each column, foreign key and index column of a database.
fn parts(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT 'column', m.name, c.name, c.type, c.\"notnull\", c.pk, c.dflt_value FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'
        UNION ALL SELECT 'key', m.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete, NULL FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
        UNION ALL SELECT 'index', m.name, i.name, c.name, i.\"unique\", i.partial, c.seqno FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_info(i.name) c WHERE m.type = 'table'
        ORDER BY 1, 2, 3, 4, 5, 6, 7";
    let mut statement = connection.0.prepare(sql).map_err(failed)?;
    let rows =
        statement.query_map([], |row| (0..7).map(|n| row.get_ref(n).map(shown)).collect::<rusqlite::Result<Vec<_>>>());
    rows.map_err(failed)?.map(|row| row.map(|texts| texts.join(" ").trim_end().to_owned()).map_err(failed)).collect()
}

fn shown(value: ValueRef) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
    }
}

impl Connection {
    /// The columns, foreign keys and index columns that this database has and a new one does not, and the reverse; empty if
    /// its schema is that of this program.
    ///
    /// # Errors
    /// `Internal` when the schema cannot be read.
    pub fn differences_of_schema(&self) -> Result<Vec<String>> {
        let fresh = rusqlite::Connection::open_in_memory().and_then(|fresh| {
            fresh.execute_batch(SCHEMA)?;
            Ok(Self(fresh))
        });
        let (own, fresh) = (parts(self)?, parts(&fresh.map_err(failed)?)?);
        let missing = fresh.iter().filter(|part| !own.contains(part)).map(|part| format!("missing: {part}"));
        let additional = own.iter().filter(|part| !fresh.contains(part)).map(|part| format!("additional: {part}"));
        Ok(missing.chain(additional).collect())
    }
}

/// The seal key in the database, which is created once.
fn seal(connection: &rusqlite::Connection) -> Result<Seal> {
    let known: Option<[u8; 32]> = connection
        .query_row("SELECT value FROM settings WHERE name = 'seal'", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if let Some(key) = known {
        return Ok(Seal::new(key));
    }
    let key = random_bytes::<32>();
    connection.execute("INSERT INTO settings (name, value) VALUES ('seal', ?1)", [key]).map_err(failed)?;
    Ok(Seal::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema at version 1.
    const VERSION_1: &str = include_str!("schema_1.sql");

    fn at_version_1(path: &Path) -> Connection {
        let connection = rusqlite::Connection::open(path).expect("opens");
        connection.execute_batch(VERSION_1).expect("made");
        let marks = format!("PRAGMA user_version = 1; PRAGMA application_id = {APPLICATION_ID};");
        connection.execute_batch(&marks).expect("marked");
        Connection(connection)
    }

    #[test]
    fn an_upgrade_gives_each_workspace_a_unique_slug() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let mut upgraded = at_version_1(&path);
        upgraded.0.execute_batch("INSERT INTO organisations (id, slug, name, plan_id, connection_id, created_at) VALUES ('o', 'acme', 'Acme', 'starter', 'c', 7), ('p', 'globex', 'Globex', 'starter', 'd', 7)").expect("written");
        for (n, (organisation, name)) in
            [("o", "Sales"), ("o", "sales!"), ("o", "Sales 2"), ("o", "SALES"), ("o", "倉庫"), ("p", "Sales")]
                .iter()
                .enumerate()
        {
            let sql = "INSERT INTO workspaces (id, organisation_id, name, created_at) VALUES (?1, ?2, ?3, 7)";
            upgraded.0.execute(sql, (format!("{n}2345678"), organisation, name)).expect("written");
        }
        prepare(&mut upgraded, &path).expect("upgraded");
        let mut slugs = upgraded.0.prepare("SELECT slug FROM workspaces ORDER BY id").expect("SQL");
        let slugs: Vec<String> =
            slugs.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
        assert_eq!(slugs, ["sales", "sales-12345678", "sales-2", "sales-32345678", "workspace", "sales"]);
    }

    #[test]
    fn an_upgrade_stores_the_origins_of_public_clients() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let mut upgraded = at_version_1(&path);
        prepare(&mut upgraded, &path).expect("upgraded");
        let added = UPGRADES.iter().position(|step| step.contains("CREATE TABLE client_origins")).expect("the upgrade");
        upgraded
            .0
            .execute_batch(
                "DROP TABLE client_origins; PRAGMA foreign_keys = OFF;
                INSERT INTO oidc_clients VALUES
                ('a', '[\"https://Spa.test:443/cb\",\"https://spa.test/b\",\"http://127.0.0.1:3000/\"]', '[]', NULL, 'public', 'none', 'RS256', 0),
                ('b', '[\"https://wiki.test/cb\"]', '[]', NULL, 'confidential', 'client_secret_post', 'RS256', 0);",
            )
            .expect("as before the upgrade");
        upgraded.0.execute_batch(UPGRADES[added]).expect("upgraded");
        let mut origins =
            upgraded.0.prepare("SELECT application_id || origin FROM client_origins ORDER BY 1").expect("SQL");
        let origins: Vec<String> =
            origins.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
        assert_eq!(origins, ["ahttp://127.0.0.1", "ahttps://spa.test"]);
    }

    #[test]
    fn an_upgrade_keeps_languages_other_than_the_default() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let mut upgraded = at_version_1(&path);
        for (id, language) in [("a", "en"), ("b", "de-CH")] {
            let sql =
                "INSERT INTO users (id, email, name, language, operator, created_at) VALUES (?1, ?1, ?1, ?2, 0, 7)";
            upgraded.0.execute(sql, (id, language)).expect("written");
        }
        prepare(&mut upgraded, &path).expect("upgraded");
        let mut chosen = upgraded.0.prepare("SELECT language FROM users ORDER BY id").expect("SQL");
        let chosen: Vec<Option<String>> =
            chosen.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("a row")).collect();
        assert_eq!(chosen, [None, Some("de-CH".into())], "English was the default, so it was not a choice");
    }

    #[test]
    fn an_upgrade_keeps_the_limits_of_plans() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let mut upgraded = at_version_1(&path);
        upgraded.0.execute("UPDATE plans SET max_members = 7 WHERE id = 'starter'", []).expect("written");
        prepare(&mut upgraded, &path).expect("upgraded");
        let mut limits = upgraded.0.prepare("SELECT limits FROM plans ORDER BY position").expect("SQL");
        let limits: Vec<String> =
            limits.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
        assert_eq!(limits[0], r#"{"max_members":7,"max_workspaces":10,"max_mails_per_day":500}"#);
        assert_eq!(limits[2], r#"{"max_members":null,"max_workspaces":null,"max_mails_per_day":500}"#);
    }

    #[test]
    fn an_upgrade_keeps_the_facts_of_the_trace() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let mut upgraded = at_version_1(&path);
        upgraded.0.create_scalar_function("workspace_slug", 1, FunctionFlags::SQLITE_UTF8, |_| Ok("")).expect("made");
        let mut version = 1;
        for step in UPGRADES.iter().take_while(|step| !step.contains("ADD COLUMN facts")) {
            upgraded.0.execute_batch(step).expect("upgraded");
            version += 1;
        }
        let sql = r#"INSERT INTO organisations (id, slug, name, plan_id, connection_id, created_at) VALUES ('o', 'acme', 'Acme', 'starter', 'c', 7);
            INSERT INTO attempts (id, organisation_id, at, reference, outcome, rules, certificate, attributes)
            VALUES ('a', 'o', 7, 'ABC123', 'verified', '[]', '22:CB', '{"email":null,"groups":["staff"]}'), ('b', 'o', 7, 'ABC124', 'refused', '[]', NULL, NULL)"#;
        upgraded.0.execute_batch(sql).expect("written");
        upgraded.0.pragma_update(None, "user_version", version).expect("marked");
        prepare(&mut upgraded, &path).expect("upgraded");
        let mut facts = upgraded.0.prepare("SELECT facts FROM attempts ORDER BY id").expect("SQL");
        let facts: Vec<String> =
            facts.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
        assert_eq!(facts, [r#"{"certificate":"22:CB","attributes":{"email":null,"groups":["staff"]}}"#, "{}"]);
    }

    #[test]
    fn an_upgraded_file_has_the_schema_of_a_new_one_and_keeps_its_data() {
        let folder = tempfile::tempdir().expect("a folder");
        let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
        let mut upgraded = at_version_1(&old);
        upgraded
            .0
            .execute_batch("INSERT INTO keys (id, name, key_hash, created_at) VALUES ('k', 'Backup', x'01', 7);
                INSERT INTO audit (at, actor_kind, actor_id, actor_name, address, action, resource_type, resource_id, resource_name, detail)
                VALUES (7, 'operator', 'u', 'o@acme.test', '', 'key.created', 'key', 'k', 'Backup', '{}')")
            .expect("written");
        let mut fresh = Connection(rusqlite::Connection::open(&new).expect("opens"));
        prepare(&mut upgraded, &old).expect("upgraded");
        prepare(&mut fresh, &new).expect("made");
        assert_eq!(upgraded.differences_of_schema(), Ok(Vec::new()));
        assert_eq!(fresh.differences_of_schema(), Ok(Vec::new()));
        fresh.0.execute_batch("ALTER TABLE keys RENAME COLUMN name TO named").expect("changed");
        let different = fresh.differences_of_schema().expect("compared");
        assert_eq!(different, ["missing: column keys name TEXT 1 0", "additional: column keys named TEXT 1 0"]);
        let kept = upgraded.0.query_row(
            "SELECT name || maker_kind || maker_id FROM keys WHERE organisation_id IS NULL",
            [],
            |row| row.get::<_, String>(0),
        );
        assert_eq!(kept.expect("the key"), "Backupoperatoru");
        let (number, length, head): (i64, i64, i64) = upgraded
            .0
            .query_row(
                "SELECT a.number, length(a.personal), c.number FROM audit a, audit_chains c WHERE c.hash = a.hash AND c.organisation_id = ''",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .expect("a chained entry");
        assert_eq!((number, length, head), (1, 16, 1));
        assert!(
            upgraded.0.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get::<_, i64>(0))
                == Ok(0)
        );
    }
}
