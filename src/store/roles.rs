//! Custom roles.

use super::engine::Row;
use super::organisations::free_slug;
use super::people::{role_columns, role_from_row, role_values};
use super::rows::word;
use super::{Db, Tx};
use crate::domain::custom_role::{CustomRole, RoleLevels, RoleNames, folded_name};
use crate::domain::ids::{ApplicationId, OrganisationId, RoleId, UserId, WorkspaceId};
use crate::domain::level::Level;
use crate::domain::person::{NamedRole, Role};
use crate::domain::phrase::phrase;
use crate::domain::text::role_slug_of;
use crate::domain::{Email, Error, Listing, Name, Page, Result};
use std::collections::BTreeMap;

/// SQL; the parameter `?2` is the time.
const COLUMNS: &str = "r.id, r.slug, r.name, r.default_level,
    (SELECT count(*) FROM memberships m WHERE m.role_id = r.id) AS members,
    (SELECT count(*) FROM invitations i WHERE i.role_id = r.id AND i.expires_at > ?2) AS invitations";

/// The slugs of the built-in roles.
const BUILT_IN_SLUGS: [&str; 2] = ["admin", "power-user"];

/// A person with a custom role in a workspace.
#[derive(Debug, Clone)]
pub struct RoleHolder {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: Email,
    /// The workspace.
    pub workspace: WorkspaceId,
}

/// Reads a level; `None` where the column is null.
pub(super) fn level_from_row(row: &Row, column: &str) -> Result<Option<Level>> {
    let given: Option<String> = row.get(column)?;
    given.map(|_| word(row, column, Level::parse)).transpose()
}

fn named_from_row(row: &Row) -> Result<NamedRole> {
    let name = word(row, "name", |name| Name::parse("name", name).ok())?;
    Ok(NamedRole { id: row.get("id")?, slug: row.get("slug")?, name })
}

/// A custom role without its levels in single applications.
fn custom_role_from_row(row: &Row) -> Result<CustomRole> {
    let levels = RoleLevels::everywhere(word(row, "default_level", Level::parse)?);
    Ok(CustomRole {
        named: named_from_row(row)?,
        levels,
        members: row.get("members")?,
        invitations: row.get("invitations")?,
    })
}

fn name_taken() -> Error {
    Error::taken("name", phrase!("role-name-taken"))
}

impl Db<'_> {
    /// The custom roles of an organisation by their names.
    pub fn role_names(&self, organisation: &OrganisationId) -> Result<RoleNames> {
        let sql = "SELECT id, slug, name FROM roles WHERE organisation_id = ?1 ORDER BY name_folded";
        self.all(sql, [organisation], named_from_row).map(RoleNames::new)
    }

    /// The custom role of an organisation with this id or slug.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn custom_role(&self, organisation: &OrganisationId, id_or_slug: &str) -> Result<CustomRole> {
        let sql = format!(
            "SELECT {COLUMNS} FROM roles r WHERE r.organisation_id = ?1 AND (r.id = ?3 OR r.slug = ?3)
             ORDER BY CASE WHEN r.id = ?3 THEN 0 ELSE 1 END LIMIT 1"
        );
        let found = self.one(&sql, (organisation, self.now(), id_or_slug), custom_role_from_row)?;
        self.with_levels(found.ok_or_else(|| Error::NotFound(phrase!("role-not-found")))?)
    }

    /// The custom roles of an organisation, by name.
    pub fn custom_roles(&self, organisation: &OrganisationId, page: &Page) -> Result<Listing<CustomRole>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM roles r WHERE r.organisation_id = ?1 AND r.name_folded > ?3
             ORDER BY r.name_folded LIMIT ?4"
        );
        let params = (organisation, self.now(), page.after(0), page.fetch());
        let rows = self.all(&sql, params, custom_role_from_row)?;
        let listing = page.listing(rows, |role| vec![folded_name(&role.named.name)]);
        let items = listing.items.into_iter().map(|role| self.with_levels(role)).collect::<Result<_>>()?;
        Ok(Listing { items, next: listing.next })
    }

    fn with_levels(&self, mut role: CustomRole) -> Result<CustomRole> {
        role.levels.own = self.own_levels(&role.named.id)?;
        Ok(role)
    }

    fn own_levels(&self, role: &RoleId) -> Result<BTreeMap<ApplicationId, Level>> {
        let sql = "SELECT application_id, level FROM role_levels WHERE role_id = ?1";
        let rows = self.all(sql, [role], |row| Ok((row.get("application_id")?, word(row, "level", Level::parse)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// The levels that a role gives in the applications of its organisation.
    pub fn levels_of(&self, role: &Role) -> Result<RoleLevels> {
        let Role::Custom(custom) = role else {
            return Ok(RoleLevels::everywhere(Level::of_built_in(role).unwrap_or(Level::NoAccess)));
        };
        let default = self.one("SELECT default_level FROM roles WHERE id = ?1", [&custom.id], |row| {
            word(row, "default_level", Level::parse)
        })?;
        Ok(RoleLevels { default: default.unwrap_or(Level::NoAccess), own: self.own_levels(&custom.id)? })
    }

    /// The people with a custom role, by e-mail address, once for each workspace. Without disabled people, and without
    /// organisation admins, whose level does not depend on their role.
    pub fn role_holders(&self, role: &RoleId) -> Result<Vec<RoleHolder>> {
        let sql = "SELECT m.user_id, m.email, m.workspace_id FROM memberships m
            JOIN people p ON p.organisation_id = m.organisation_id AND p.user_id = m.user_id
            JOIN users u ON u.id = m.user_id
            WHERE m.role_id = ?1 AND p.admin = 0 AND u.disabled_at IS NULL ORDER BY m.email, m.workspace_id";
        self.all(sql, [role], |row| {
            Ok(RoleHolder { user: row.get("user_id")?, email: row.get("email")?, workspace: row.get("workspace_id")? })
        })
    }

    /// The ids and names of an organisation's applications, each with its workspace, by name.
    pub fn application_names(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<(ApplicationId, String, WorkspaceId)>> {
        let sql = "SELECT id, name, workspace_id FROM applications WHERE organisation_id = ?1 ORDER BY name, id";
        self.all(sql, [organisation], |row| Ok((row.get("id")?, row.get("name")?, row.get("workspace_id")?)))
    }

    /// The roles that members have in each workspace of an organisation, and who has them.
    pub fn roles_by_workspace(&self, organisation: &OrganisationId) -> Result<Vec<(WorkspaceId, Role, Vec<UserId>)>> {
        let sql = format!(
            "SELECT m.workspace_id, m.user_id, {} FROM memberships m WHERE m.organisation_id = ?1
             ORDER BY m.workspace_id, m.role, m.role_id",
            role_columns("m")
        );
        let mut all: Vec<(WorkspaceId, Role, Vec<UserId>)> = Vec::new();
        self.all(&sql, [organisation], |row| {
            let (workspace, role, user) = (row.get("workspace_id")?, role_from_row(row)?, row.get("user_id")?);
            match all.last_mut() {
                Some((last, held, users)) if *last == workspace && *held == role => users.push(user),
                _ => all.push((workspace, role, vec![user])),
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// The names of an organisation's custom roles, in alphabetical order.
    pub fn names_of_roles(&self, organisation: &OrganisationId) -> Result<Vec<String>> {
        let sql = "SELECT name FROM roles WHERE organisation_id = ?1 ORDER BY name_folded";
        self.all(sql, [organisation], |row| row.get(0))
    }

    /// The number of custom roles of an organisation.
    pub fn count_roles(&self, organisation: &OrganisationId) -> Result<i64> {
        self.count("SELECT count(*) FROM roles WHERE organisation_id = ?1", [organisation])
    }
}

impl Tx<'_> {
    /// Adds a custom role, with the first free slug made from its name.
    ///
    /// # Errors
    /// `Conflict` with field `name` when the organisation has a role with that name.
    pub fn add_role(&self, organisation: &OrganisationId, name: &Name, levels: &RoleLevels) -> Result<NamedRole> {
        let sql = "SELECT count(*) FROM roles WHERE organisation_id = ?1 AND slug = ?2";
        let taken = |slug: &str| Ok(BUILT_IN_SLUGS.contains(&slug) || self.count(sql, (organisation, slug))? > 0);
        let slug = free_slug(&role_slug_of(name.as_str()), taken)?;
        let role = NamedRole { id: RoleId::random(), slug, name: name.clone() };
        self.run_unless_taken(
            "INSERT INTO roles (id, organisation_id, slug, name, name_folded, default_level, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (&role.id, organisation, &role.slug, name.as_str(), folded_name(name), levels.default.as_str(), self.now()),
            name_taken,
        )?;
        self.set_own_levels(organisation, &role.id, levels)?;
        Ok(role)
    }

    /// Renames a custom role and replaces its levels. The slug stays the same, because applications know the role by it.
    ///
    /// # Errors
    /// `Conflict` with field `name` when the organisation has another role with that name.
    pub fn set_role(&self, organisation: &OrganisationId, id: &RoleId, name: &Name, levels: &RoleLevels) -> Result<()> {
        self.note_levels(id)?;
        self.run_unless_taken(
            "UPDATE roles SET name = ?2, name_folded = ?3, default_level = ?4 WHERE id = ?1",
            (id, name.as_str(), folded_name(name), levels.default.as_str()),
            name_taken,
        )?;
        self.set_own_levels(organisation, id, levels)
    }

    /// Records that the levels of everyone with this role may change.
    fn note_levels(&self, role: &RoleId) -> Result<()> {
        let sql = "SELECT DISTINCT m.user_id FROM memberships m WHERE m.role_id = ?1
            AND EXISTS (SELECT 1 FROM client_sessions c WHERE c.user_id = m.user_id)";
        let holders: Vec<UserId> = self.all(sql, [role], |row| row.get(0))?;
        for user in &holders {
            self.note_level(user);
        }
        Ok(())
    }

    fn set_own_levels(&self, organisation: &OrganisationId, role: &RoleId, levels: &RoleLevels) -> Result<()> {
        self.run("DELETE FROM role_levels WHERE role_id = ?1", [role])?;
        for (application, level) in &levels.own {
            self.run(
                "INSERT INTO role_levels (role_id, application_id, organisation_id, level) VALUES (?1, ?2, ?3, ?4)",
                (role, application, organisation, level.as_str()),
            )?;
        }
        Ok(())
    }

    /// Deletes a custom role. Its members and invitations get `replacement`; without one, invitations that have expired
    /// are deleted with it.
    pub fn delete_role(&self, id: &RoleId, replacement: Option<&Role>) -> Result<()> {
        self.note_levels(id)?;
        if let Some(replacement) = replacement {
            let (word, custom) = role_values(replacement);
            for table in ["memberships", "invitations"] {
                let sql = format!("UPDATE {table} SET role = ?2, role_id = ?3 WHERE role_id = ?1");
                self.run(&sql, (id, word, custom))?;
            }
        } else {
            self.run("DELETE FROM invitations WHERE role_id = ?1 AND expires_at <= ?2", (id, self.now()))?;
        }
        self.run("DELETE FROM roles WHERE id = ?1", [id]).map(drop)
    }
}
