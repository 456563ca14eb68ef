//! Applications.

use super::engine::Row;
use super::people::{role_columns, role_from_row};
use super::roles::level_from_row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::application::{Application, ApplicationKind, ProxySettings, Tile};
use crate::domain::custom_role::ApplicationRole;
use crate::domain::ids::{ApplicationId, OrganisationId, UserId, WorkspaceId};
use crate::domain::level::Level;
use crate::domain::phrase::phrase;
use crate::domain::{Email, Error, Listing, Name, Page, Result};

const COLUMNS: &str = "a.id, a.workspace_id, a.organisation_id, a.kind, a.name, a.url, a.icon, a.description, a.rules,
    a.assertion, a.created_at";

/// As `COLUMNS`, without the large ones.
const WITHOUT_ICON: &str =
    "a.id, a.workspace_id, a.organisation_id, a.kind, a.name, a.url, NULL AS icon, a.description,
    '[]' AS rules, a.assertion, a.created_at";

fn from_row(row: &Row) -> Result<Application> {
    let tile = Tile {
        name: word(row, "name", |name| Name::parse("name", name).ok())?,
        url: row.get("url")?,
        icon: row.get("icon")?,
        description: row.get("description")?,
    };
    let rules = word(row, "rules", |json| serde_json::from_str(json).ok())?;
    Ok(Application {
        id: row.get("id")?,
        workspace: row.get("workspace_id")?,
        organisation: row.get("organisation_id")?,
        kind: word(row, "kind", |kind| ApplicationKind::parse(kind).ok())?,
        tile,
        proxy: ProxySettings { hosts: Vec::new(), rules, assertion: row.get("assertion")? },
        oidc: None,
        created_at: row.get("created_at")?,
    })
}

/// SQL: the levels of the custom role of the membership `m` in the application `a`, and in other applications.
const LEVELS: &str = "l.level AS own_level, c.default_level";
const LEVELS_JOINED: &str = "LEFT JOIN roles c ON c.id = m.role_id
    LEFT JOIN role_levels l ON l.role_id = m.role_id AND l.application_id = a.id";

fn application_role_from_row(row: &Row) -> Result<ApplicationRole> {
    let (own, default) = (level_from_row(row, "own_level")?, level_from_row(row, "default_level")?);
    Ok(ApplicationRole::of(role_from_row(row)?, own, default))
}

impl Db<'_> {
    /// The application with the settings of its kind that are in other tables.
    fn with_settings(&self, mut application: Application) -> Result<Application> {
        match application.kind {
            ApplicationKind::Link => {}
            ApplicationKind::Proxy => application.proxy.hosts = self.application_hosts(&application.id)?,
            ApplicationKind::Oidc => application.oidc = Some(self.client_settings(&application.id)?),
        }
        Ok(application)
    }

    /// The application with this id.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn application(&self, id: &ApplicationId) -> Result<Application> {
        let found = self.one(&format!("SELECT {COLUMNS} FROM applications a WHERE a.id = ?1"), [id], from_row)?;
        self.with_settings(found.ok_or_else(|| Error::NotFound(phrase!("application-not-found")))?)
    }

    /// The applications of a workspace, by name. A page ends early if its applications are large.
    pub fn applications(&self, workspace: &WorkspaceId, page: &Page) -> Result<Listing<Application>> {
        let sql = format!(
            "SELECT {WITHOUT_ICON} FROM applications a WHERE a.workspace_id = ?1 AND (a.name > ?2 OR (a.name = ?2 AND a.id > ?3))
             ORDER BY a.name, a.id LIMIT ?4"
        );
        let rows = self.all(&sql, (workspace, page.after(0), page.after(1), page.fetch()), from_row)?;
        let key = |one: &Application| vec![one.tile.name.to_string(), one.id.to_string()];
        let complete = |one: &mut Application| {
            *one = self.application(&one.id)?;
            Ok(one.bytes())
        };
        page.listing(rows, key).completed(Page::MOST_BYTES, complete, |one| Page::cursor(&key(one)))
    }

    /// The applications of an organisation that a person can have a level in, by name: all for an `admin`, otherwise
    /// those of their workspaces, with their role there. Each is returned with the name of its workspace, but without icon
    /// and settings, which are large.
    pub fn applications_of(
        &self,
        organisation: &OrganisationId,
        user: &UserId,
        admin: bool,
    ) -> Result<Vec<(Application, String, Option<ApplicationRole>)>> {
        let member = if admin { "LEFT JOIN" } else { "JOIN" };
        let sql = format!(
            "SELECT {WITHOUT_ICON}, w.name AS workspace, {}, m.user_id IS NOT NULL AS member, {LEVELS}
             FROM applications a JOIN workspaces w ON w.id = a.workspace_id
             {member} memberships m ON m.workspace_id = a.workspace_id AND m.user_id = ?2
             {LEVELS_JOINED}
             WHERE a.organisation_id = ?1 ORDER BY a.name, a.id",
            role_columns("m")
        );
        self.all(&sql, (organisation, user), |row| {
            let role = if row.get("member")? { Some(application_role_from_row(row)?) } else { None };
            Ok((from_row(row)?, row.get("workspace")?, role))
        })
    }

    /// The icon of an application, if it has one.
    pub fn find_icon(&self, id: &ApplicationId) -> Result<Option<String>> {
        let found = self.one("SELECT icon FROM applications WHERE id = ?1", [id], |row| row.get(0))?;
        Ok(found.flatten())
    }

    /// A person's role in the workspace of an application, with the level that it gives there; `None` if they are not a
    /// member of the workspace.
    pub fn find_application_role(&self, id: &ApplicationId, user: &UserId) -> Result<Option<ApplicationRole>> {
        let sql = format!(
            "SELECT {}, {LEVELS} FROM applications a JOIN memberships m ON m.workspace_id = a.workspace_id {LEVELS_JOINED}
             WHERE a.id = ?1 AND m.user_id = ?2",
            role_columns("m")
        );
        self.one(&sql, (id, user), application_role_from_row)
    }

    /// The members of an application's workspace whose role gives them a level in it.
    pub fn people_with_level(&self, id: &ApplicationId) -> Result<Vec<UserId>> {
        let sql = format!(
            "SELECT m.user_id, {}, {LEVELS} FROM applications a JOIN memberships m ON m.workspace_id = a.workspace_id
             {LEVELS_JOINED} WHERE a.id = ?1",
            role_columns("m")
        );
        let members = self.all(&sql, [id], |row| Ok((row.get("user_id")?, application_role_from_row(row)?)))?;
        Ok(members.into_iter().filter(|(_, held)| held.level > Level::NoAccess).map(|(user, _)| user).collect())
    }

    /// The e-mail addresses of people who can give access to an application: the admins of its workspace, then those of its
    /// organisation, at most five.
    pub fn application_admins(&self, workspace: &WorkspaceId, organisation: &OrganisationId) -> Result<Vec<Email>> {
        let sql = "SELECT p.email FROM people p JOIN users u ON u.id = p.user_id
            LEFT JOIN memberships m ON m.workspace_id = ?1 AND m.user_id = p.user_id
            WHERE p.organisation_id = ?2 AND u.disabled_at IS NULL AND (p.admin = 1 OR m.role = 'admin')
            ORDER BY CASE WHEN m.role = 'admin' THEN 0 ELSE 1 END, p.email LIMIT 5";
        self.all(sql, (workspace, organisation), |row| row.get(0))
    }

    /// The number of applications of an organisation.
    pub fn count_applications(&self, organisation: &OrganisationId) -> Result<i64> {
        self.count("SELECT count(*) FROM applications WHERE organisation_id = ?1", [organisation])
    }
}

fn rules_of(application: &Application) -> Result<String> {
    serde_json::to_string(&application.proxy.rules).map_err(Error::internal)
}

impl Tx<'_> {
    /// Adds an application.
    ///
    /// # Errors
    /// `Conflict` with field `hosts` when another application has one of its hosts.
    pub fn add_application(&self, application: &Application) -> Result<()> {
        let Application { id, workspace, organisation, kind, tile, proxy, oidc, created_at } = application;
        self.run(
            "INSERT INTO applications (id, workspace_id, organisation_id, kind, name, url, icon, description, rules, assertion, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                id,
                workspace,
                organisation,
                kind.as_str(),
                tile.name.as_str(),
                &tile.url,
                &tile.icon,
                &tile.description,
                rules_of(application)?,
                proxy.assertion,
                *created_at,
            ),
        )?;
        self.set_application_hosts(id, &proxy.hosts)?;
        oidc.as_ref().map_or(Ok(()), |client| self.set_client_settings(id, client))
    }

    /// Replaces the tile and the settings of an application.
    ///
    /// # Errors
    /// `Conflict` with field `hosts` when another application has one of its hosts.
    pub fn set_application(&self, application: &Application) -> Result<()> {
        let Application { id, tile, proxy, oidc, .. } = application;
        self.run(
            "UPDATE applications SET name = ?2, url = ?3, icon = ?4, description = ?5, rules = ?6, assertion = ?7 WHERE id = ?1",
            (
                id,
                tile.name.as_str(),
                &tile.url,
                &tile.icon,
                &tile.description,
                rules_of(application)?,
                proxy.assertion,
            ),
        )?;
        self.set_application_hosts(id, &proxy.hosts)?;
        oidc.as_ref().map_or(Ok(()), |client| self.set_client_settings(id, client))
    }

    /// Deletes an application.
    pub fn delete_application(&self, id: &ApplicationId) -> Result<()> {
        self.end_client_sessions_of_application(id)?;
        self.run("DELETE FROM applications WHERE id = ?1", [id]).map(drop)
    }
}
