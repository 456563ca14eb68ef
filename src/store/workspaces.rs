//! Workspaces.

use super::engine::Row;
use super::organisations::free_slug;
use super::people::{role_columns, role_from_row};
use super::{Db, Tx};
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::organisation::Workspace;
use crate::domain::person::Role;
use crate::domain::phrase::phrase;
use crate::domain::text::workspace_slug_of;
use crate::domain::{Error, Listing, Name, Page, Result};

const COLUMNS: &str = "w.id, w.organisation_id, w.slug, w.name, w.created_at,
    (SELECT count(*) FROM memberships m WHERE m.workspace_id = w.id) AS members";

fn workspace_from_row(row: &Row) -> Result<Workspace> {
    Ok(Workspace {
        id: row.get("id")?,
        organisation: row.get("organisation_id")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        members: row.get("members")?,
        created_at: row.get("created_at")?,
    })
}

fn name_taken() -> Error {
    Error::taken("name", phrase!("workspace-name-taken"))
}

impl Db<'_> {
    /// The workspace with this id.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn workspace(&self, id: &WorkspaceId) -> Result<Workspace> {
        self.one(&format!("SELECT {COLUMNS} FROM workspaces w WHERE w.id = ?1"), [id], workspace_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("workspace-not-found")))
    }

    /// The workspace with this id, or with the slugs `organisation/workspace`.
    ///
    /// # Errors
    /// `NotFound` when the organisation or the workspace is unknown.
    pub fn workspace_named(&self, id_or_slugs: &str) -> Result<Workspace> {
        let named = id_or_slugs.to_ascii_lowercase();
        let Some((organisation, workspace)) = named.split_once('/') else {
            return self.workspace(&WorkspaceId::parse(&named)?);
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM workspaces w JOIN organisations o ON o.id = w.organisation_id WHERE (o.slug = ?1 OR o.id = ?1) AND w.slug = ?2
             ORDER BY CASE WHEN o.id = ?1 THEN 0 ELSE 1 END LIMIT 1"
        );
        self.one(&sql, [organisation, workspace], workspace_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("workspace-not-found")))
    }

    /// The workspaces of an organisation of which a person is a member, by name, with their role in each.
    pub fn own_workspaces(
        &self,
        organisation: &OrganisationId,
        person: &UserId,
        page: &Page,
    ) -> Result<Listing<(Workspace, Role)>> {
        let sql = format!(
            "SELECT {COLUMNS}, {} FROM memberships own JOIN workspaces w ON w.id = own.workspace_id
             WHERE own.organisation_id = ?1 AND own.user_id = ?2 AND w.name > ?3 ORDER BY w.name LIMIT ?4",
            role_columns("own")
        );
        let params = (organisation, person, page.after(0), page.fetch());
        let rows = self.all(&sql, params, |row| Ok((workspace_from_row(row)?, role_from_row(row)?)))?;
        Ok(page.listing(rows, |(workspace, _)| vec![workspace.name.clone()]))
    }

    /// The workspaces of an organisation, by name.
    pub fn workspaces(&self, organisation: &OrganisationId, page: &Page) -> Result<Listing<Workspace>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM workspaces w WHERE w.organisation_id = ?1 AND w.name > ?2 ORDER BY w.name LIMIT ?3"
        );
        let rows = self.all(&sql, (organisation, page.after(0), page.fetch()), workspace_from_row)?;
        Ok(page.listing(rows, |workspace| vec![workspace.name.clone()]))
    }

    /// The oldest workspace of an organisation.
    pub fn first_workspace(&self, organisation: &OrganisationId) -> Result<Option<WorkspaceId>> {
        let sql = "SELECT id FROM workspaces WHERE organisation_id = ?1 ORDER BY created_at, id LIMIT 1";
        self.one(sql, [organisation], |row| row.get(0))
    }

    /// The names of an organisation's workspaces, in alphabetical order.
    pub fn workspace_names(&self, organisation: &OrganisationId) -> Result<Vec<String>> {
        let sql = "SELECT name FROM workspaces WHERE organisation_id = ?1 ORDER BY name";
        self.all(sql, [organisation], |row| row.get(0))
    }

    /// The number of workspaces of an organisation.
    pub fn count_workspaces(&self, organisation: &OrganisationId) -> Result<i64> {
        self.count("SELECT count(*) FROM workspaces WHERE organisation_id = ?1", [organisation])
    }
}

impl Tx<'_> {
    /// Adds an empty workspace, with the first free slug made from its name.
    ///
    /// # Errors
    /// `Conflict` when the organisation has a workspace with that name.
    pub fn add_workspace(&self, organisation: &OrganisationId, name: &Name) -> Result<Workspace> {
        let id = WorkspaceId::random();
        let sql = "SELECT count(*) FROM workspaces WHERE organisation_id = ?1 AND slug = ?2";
        let slug = free_slug(&workspace_slug_of(name.as_str()), |slug| Ok(self.count(sql, (organisation, slug))? > 0))?;
        self.run_unless_taken(
            "INSERT INTO workspaces (id, organisation_id, slug, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (&id, organisation, slug, name.as_str(), self.now()),
            name_taken,
        )?;
        self.workspace(&id)
    }

    /// Renames a workspace. The slug stays the same, because commands use it.
    ///
    /// # Errors
    /// `Conflict` when the organisation has a workspace with that name.
    pub fn set_workspace_name(&self, id: &WorkspaceId, name: &Name) -> Result<()> {
        self.run_unless_taken("UPDATE workspaces SET name = ?2 WHERE id = ?1", (id, name.as_str()), name_taken)
    }

    /// Deletes a workspace with its memberships and invitations.
    pub fn delete_workspace(&self, id: &WorkspaceId) -> Result<()> {
        self.end_client_sessions_of_workspace(id)?;
        self.run("DELETE FROM workspaces WHERE id = ?1", [id]).map(drop)
    }
}
