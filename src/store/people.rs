//! The people of each organisation and its workspaces.

use super::engine::Row;
use super::organisations::{organisation_columns, organisation_from_row};
use super::rows::word;
use super::users::{USER, user_from_row};
use super::{Db, Tx};
use crate::domain::access::{Affected, Standing};
use crate::domain::ids::{OrganisationId, RoleId, UserId, WorkspaceId};
use crate::domain::method::Method;
use crate::domain::person::{NamedRole, Place, Role, User};
use crate::domain::phrase::phrase;
use crate::domain::session::Seat;
use crate::domain::{Email, Error, Listing, Name, Page, Result, Timestamp};
use std::collections::HashMap;

pub(super) fn standing_from_row(row: &Row) -> Result<Standing> {
    Ok(Standing { admin: row.get("admin")?, password_agreed: row.get("password_agreed")? })
}

pub(super) fn last_sign_in_from_row(row: &Row) -> Result<Option<(Timestamp, Method)>> {
    let at: Option<Timestamp> = row.get("last_sign_in_at")?;
    let method: Option<String> = row.get("last_method")?;
    Ok(at.zip(method.as_deref().and_then(Method::parse)))
}

/// SQL: the columns for `role_from_row`. `of`: the table with the columns `role` and `role_id`.
pub(super) fn role_columns(of: &str) -> String {
    format!(
        "{of}.role, {of}.role_id, (SELECT r.slug FROM roles r WHERE r.id = {of}.role_id) AS role_slug,
        (SELECT r.name FROM roles r WHERE r.id = {of}.role_id) AS role_name"
    )
}

pub(super) fn role_from_row(row: &Row) -> Result<Role> {
    let Some(id) = row.get("role_id")? else { return word(row, "role", Role::built_in) };
    let name = word(row, "role_name", |name| Name::parse("name", name).ok())?;
    Ok(Role::Custom(NamedRole { id, slug: row.get("role_slug")?, name }))
}

/// The values of the columns `role` and `role_id`.
pub(super) fn role_values(role: &Role) -> (&str, Option<&RoleId>) {
    match role {
        Role::Admin | Role::PowerUser => (role.as_str(), None),
        Role::Custom(custom) => ("custom", Some(&custom.id)),
    }
}

/// The live grants for an organisation: for each person and session id, the methods.
type Grants = HashMap<UserId, HashMap<String, Vec<Method>>>;

/// SQL: 1 if the person `m`, a row of `people`, has signed in through SAML since the connection was tested;
/// otherwise 0, also without a test.
pub(super) const READY: &str = "CASE WHEN m.saml_at >= (SELECT c.tested_at FROM connections c WHERE c.organisation_id = m.organisation_id) THEN 1 ELSE 0 END";

impl Db<'_> {
    /// A person's organisations with their membership status in each, by name.
    pub fn seats(&self, user: &UserId) -> Result<Vec<Seat>> {
        let (columns, from) = organisation_columns();
        let sql = format!(
            "SELECT {columns}, m.admin, m.password_agreed {from} JOIN people m ON m.organisation_id = o.id
             WHERE m.user_id = ?1 ORDER BY o.name, o.id"
        );
        self.all(&sql, [user], |row| {
            Ok(Seat { organisation: organisation_from_row(row)?, standing: standing_from_row(row)? })
        })
    }

    /// A person's membership status in an organisation, if they belong to it.
    pub fn find_standing(&self, organisation: &OrganisationId, user: &UserId) -> Result<Option<Standing>> {
        self.one(
            "SELECT admin, password_agreed FROM people WHERE organisation_id = ?1 AND user_id = ?2",
            (organisation, user),
            standing_from_row,
        )
    }

    /// A person's role in a workspace, if they are a member.
    pub fn find_role(&self, workspace: &WorkspaceId, user: &UserId) -> Result<Option<Role>> {
        let sql =
            format!("SELECT {} FROM memberships m WHERE m.workspace_id = ?1 AND m.user_id = ?2", role_columns("m"));
        self.one(&sql, (workspace, user), role_from_row)
    }

    /// A person's workspaces in an organisation, by name.
    pub fn places(&self, organisation: &OrganisationId, user: &UserId) -> Result<Vec<Place>> {
        let sql = format!(
            "SELECT w.id, w.name, {} FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
             WHERE m.organisation_id = ?1 AND m.user_id = ?2 ORDER BY w.name",
            role_columns("m")
        );
        self.all(&sql, (organisation, user), |row| {
            Ok(Place { id: row.get("id")?, name: row.get("name")?, role: role_from_row(row)? })
        })
    }

    /// True if an organisation has another admin than this person who is not disabled.
    pub fn has_other_admin(&self, organisation: &OrganisationId, user: &UserId) -> Result<bool> {
        let sql = "SELECT count(*) FROM people p JOIN users u ON u.id = p.user_id
            WHERE p.organisation_id = ?1 AND p.admin = 1 AND p.user_id <> ?2 AND u.disabled_at IS NULL";
        Ok(self.count(sql, (organisation, user))? > 0)
    }

    /// True if a workspace has another Admin than this person who is not disabled.
    pub fn has_other_workspace_admin(&self, workspace: &WorkspaceId, user: &UserId) -> Result<bool> {
        let sql = "SELECT count(*) FROM memberships m JOIN users u ON u.id = m.user_id
            WHERE m.workspace_id = ?1 AND m.role = 'admin' AND m.user_id <> ?2 AND u.disabled_at IS NULL";
        Ok(self.count(sql, (workspace, user))? > 0)
    }

    /// The members of a workspace.
    pub fn workspace_people(&self, workspace: &WorkspaceId) -> Result<Vec<UserId>> {
        self.all("SELECT user_id FROM memberships WHERE workspace_id = ?1", [workspace], |row| row.get(0))
    }

    /// The admins of an organisation who are not disabled, by e-mail address.
    pub fn admins(&self, organisation: &OrganisationId) -> Result<Vec<User>> {
        let sql = format!(
            "SELECT {USER} FROM people p JOIN users u ON u.id = p.user_id
             WHERE p.organisation_id = ?1 AND p.admin = 1 AND u.disabled_at IS NULL ORDER BY p.email"
        );
        self.all(&sql, [organisation], user_from_row)
    }

    /// The admins of an organisation, by e-mail address, including disabled ones.
    pub fn all_admins(&self, organisation: &OrganisationId, page: &Page) -> Result<Listing<User>> {
        let sql = format!(
            "SELECT {USER} FROM people p JOIN users u ON u.id = p.user_id
             WHERE p.organisation_id = ?1 AND p.admin = 1 AND p.email > ?2 ORDER BY p.email LIMIT ?3"
        );
        let rows = self.all(&sql, (organisation, page.after(0), page.fetch()), user_from_row)?;
        Ok(page.listing(rows, |admin| vec![admin.email.to_string()]))
    }

    /// True if a person is an admin of any organisation.
    pub fn is_admin_somewhere(&self, user: &UserId) -> Result<bool> {
        Ok(self.count("SELECT count(*) FROM people WHERE user_id = ?1 AND admin = 1", [user])? > 0)
    }

    /// The number of people who belong only to this organisation.
    pub fn count_people_only_in(&self, organisation: &OrganisationId) -> Result<i64> {
        let sql = "SELECT count(*) FROM people p WHERE p.organisation_id = ?1 AND NOT EXISTS
            (SELECT 1 FROM people o WHERE o.user_id = p.user_id AND o.organisation_id <> ?1)";
        self.count(sql, [organisation])
    }

    /// The number of e-mail addresses of an organisation's people and pending invitations; each address counts once.
    pub fn count_people(&self, organisation: &OrganisationId) -> Result<i64> {
        self.count(
            "SELECT count(*) FROM (SELECT email FROM people WHERE organisation_id = ?1
                UNION SELECT email FROM invitations WHERE organisation_id = ?1 AND expires_at > ?2) AS addresses",
            (organisation, self.now()),
        )
    }

    /// True if an organisation has or has invited more than one person. Reads at most two people and two invitations.
    pub fn has_several_people(&self, organisation: &OrganisationId) -> Result<bool> {
        let several = self.count(
            "SELECT count(*) FROM (
                SELECT email FROM (SELECT email FROM people WHERE organisation_id = ?1 LIMIT 2) AS members UNION
                SELECT email FROM (SELECT email FROM invitations WHERE organisation_id = ?1 AND expires_at > ?2 LIMIT 2)
                    AS invited) AS addresses",
            (organisation, self.now()),
        )?;
        Ok(several > 1)
    }

    /// All people of an organisation with their live grants for it, as a switch needs them.
    pub fn affected(&self, organisation: &OrganisationId) -> Result<Vec<Affected>> {
        self.affected_people(organisation, None)
    }

    /// As `affected`, for one person.
    pub fn find_affected(&self, organisation: &OrganisationId, user: &UserId) -> Result<Option<Affected>> {
        Ok(self.affected_people(organisation, Some(user))?.pop())
    }

    /// All people of an organisation, or only `user`.
    fn affected_people(&self, organisation: &OrganisationId, user: Option<&UserId>) -> Result<Vec<Affected>> {
        let mut grants = self.live_grants(organisation, user)?;
        let which = if user.is_some() { "p.user_id = ?2" } else { "CAST(?2 AS TEXT) IS NULL" };
        let sql = format!(
            "SELECT p.user_id, p.email, p.admin, p.password_agreed, u.password_hash IS NOT NULL AS has_password,
                CASE WHEN p.saml_at >= c.tested_at THEN 1 ELSE 0 END AS proved_saml, u.disabled_at IS NOT NULL AS disabled
             FROM people p JOIN users u ON u.id = p.user_id LEFT JOIN connections c ON c.organisation_id = p.organisation_id
             WHERE p.organisation_id = ?1 AND {which} ORDER BY p.email"
        );
        self.all(&sql, (organisation, user), |row| {
            let (user, standing) = (row.get("user_id")?, standing_from_row(row)?);
            let sessions = grants.remove(&user).unwrap_or_default();
            Ok(Affected {
                user,
                email: row.get("email")?,
                before: standing,
                after: Some(standing),
                has_password: row.get("has_password")?,
                proved_saml: row.get("proved_saml")?,
                disabled: row.get("disabled")?,
                sessions: sessions.into_values().collect(),
            })
        })
    }

    /// The number of an organisation's people who have signed in through SAML since the connection was tested,
    /// and the number of all its people; without disabled people.
    pub fn count_ready(&self, organisation: &OrganisationId) -> Result<(i64, i64)> {
        let sql = format!(
            "SELECT coalesce(sum({READY}), 0), count(*) FROM people m JOIN users u ON u.id = m.user_id
             WHERE m.organisation_id = ?1 AND u.disabled_at IS NULL"
        );
        self.one(&sql, [organisation], |row| Ok((row.get(0)?, row.get(1)?))).map(Option::unwrap_or_default)
    }

    /// For a person of an organisation: true if they have signed in through SAML since the connection was tested,
    /// and the time of their last reminder.
    pub fn find_readiness(
        &self,
        organisation: &OrganisationId,
        user: &UserId,
    ) -> Result<Option<(bool, Option<Timestamp>)>> {
        let sql =
            format!("SELECT {READY}, m.reminded_at FROM people m WHERE m.organisation_id = ?1 AND m.user_id = ?2");
        self.one(&sql, (organisation, user), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The people who have not signed in through SAML since the connection was tested, are not disabled, and were
    /// not reminded after `then`.
    pub fn people_to_remind(&self, organisation: &OrganisationId, then: Timestamp) -> Result<Vec<(UserId, Email)>> {
        let sql = format!(
            "SELECT m.user_id, m.email FROM people m JOIN users u ON u.id = m.user_id
             WHERE m.organisation_id = ?1 AND {READY} = 0 AND u.disabled_at IS NULL
                AND (coalesce(m.reminded_at, 0) <= ?2 OR m.reminded_at > ?3) ORDER BY m.email"
        );
        self.all(&sql, (organisation, then, self.now()), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn live_grants(&self, organisation: &OrganisationId, user: Option<&UserId>) -> Result<Grants> {
        let now = self.now();
        let mut found = Grants::new();
        let which = if user.is_some() { "s.user_id = ?4" } else { "CAST(?4 AS TEXT) IS NULL" };
        let sql = format!(
            "SELECT s.user_id, s.id, g.method FROM grants g JOIN sessions s ON s.id = g.session_id
             WHERE g.organisation_id = ?1 AND g.expires_at > ?2 AND s.expires_at > ?2 AND s.last_seen_at > ?3 AND g.at > ?5 AND {which}"
        );
        let lives = self.organisation(organisation.as_str())?.lives;
        let params = (organisation, now, now.plus(-lives.idle_secs()), user, now.plus(-lives.session_secs()));
        let rows = self.all(&sql, params, |row| Ok((row.get(0)?, row.get(1)?, word(row, "method", Method::parse)?)))?;
        for (user, session, method) in rows {
            found.entry(user).or_default().entry(session).or_default().push(method);
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Records that a person was reminded to sign in through SAML.
    pub fn set_reminded(&self, organisation: &OrganisationId, user: &UserId) -> Result<()> {
        self.run(
            "UPDATE people SET reminded_at = ?3 WHERE organisation_id = ?1 AND user_id = ?2",
            (organisation, user, self.now()),
        )
        .map(drop)
    }

    /// Adds a person to an organisation. If they already belong to it, they get the additional rights of `standing` and
    /// lose none.
    pub fn add_person(&self, organisation: &OrganisationId, user: &User, standing: Standing) -> Result<()> {
        self.run(
            "INSERT INTO people (organisation_id, user_id, email, admin, password_agreed, joined_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (organisation_id, user_id) DO UPDATE SET
                admin = CASE WHEN excluded.admin = 1 THEN 1 ELSE people.admin END,
                password_agreed = CASE WHEN excluded.password_agreed = 1 THEN 1 ELSE people.password_agreed END",
            (organisation, &user.id, &user.email, standing.admin, standing.password_agreed, self.now()),
        )
        .map(drop)
    }

    /// Makes a person an organisation admin, or removes that right.
    pub fn set_admin(&self, organisation: &OrganisationId, user: &UserId, admin: bool) -> Result<()> {
        self.note_standing(organisation, user);
        self.note_level(user);
        if !admin {
            let sql = "DELETE FROM recovery_links WHERE organisation_id = ?1 AND user_id = ?2";
            self.run(sql, (organisation, user))?;
        }
        self.run(
            "UPDATE people SET admin = ?3 WHERE organisation_id = ?1 AND user_id = ?2",
            (organisation, user, admin),
        )?;
        self.end_invitations_by(organisation, user)
    }

    /// Records the time and method of a person's sign-in to an organisation.
    pub fn set_last_sign_in(&self, organisation: &OrganisationId, user: &UserId, method: Method) -> Result<()> {
        let now = self.now();
        if method == Method::Saml {
            self.prove_email(user)?;
        }
        self.run(
            "UPDATE people SET last_sign_in_at = ?3, last_method = ?4, saml_at = CASE ?4 WHEN 'saml' THEN ?3 ELSE saml_at END
             WHERE organisation_id = ?1 AND user_id = ?2",
            (organisation, user, now, method.as_str()),
        )
        .map(drop)
    }

    /// Adds a person of the organisation to one of its workspaces, or changes their role there.
    pub fn set_place(
        &self,
        organisation: &OrganisationId,
        workspace: &WorkspaceId,
        user: &User,
        role: &Role,
    ) -> Result<()> {
        let (word, custom) = role_values(role);
        self.run(
            "INSERT INTO memberships (workspace_id, user_id, organisation_id, email, role, role_id, joined_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role, role_id = excluded.role_id",
            (workspace, &user.id, organisation, &user.email, word, custom, self.now()),
        )?;
        self.note_level(&user.id);
        self.end_invitations_by(organisation, &user.id)
    }

    /// Removes a person from a workspace.
    ///
    /// # Errors
    /// `NotFound` when they are not a member.
    pub fn delete_place(&self, workspace: &WorkspaceId, user: &UserId) -> Result<()> {
        let gone = self.run("DELETE FROM memberships WHERE workspace_id = ?1 AND user_id = ?2", (workspace, user))?;
        if gone == 0 {
            return Err(Error::NotFound(phrase!("member-not-found")));
        }
        self.note_level(user);
        self.end_invitations_by(&self.workspace(workspace)?.organisation, user)
    }

    /// Removes a person from all workspaces of an organisation.
    pub fn delete_places(&self, organisation: &OrganisationId, user: &UserId) -> Result<()> {
        self.run("DELETE FROM memberships WHERE organisation_id = ?1 AND user_id = ?2", (organisation, user))?;
        self.note_level(user);
        self.end_invitations_by(organisation, user)
    }

    /// Removes a person from an organisation, with their grants, if they are neither its admin nor in any of its
    /// workspaces.
    pub fn delete_person_without_place(&self, organisation: &OrganisationId, user: &UserId) -> Result<()> {
        let gone = self.run(
            "DELETE FROM people WHERE organisation_id = ?1 AND user_id = ?2 AND admin = 0 AND NOT EXISTS
                (SELECT 1 FROM memberships m WHERE m.organisation_id = ?1 AND m.user_id = ?2)",
            (organisation, user),
        )?;
        if gone > 0 {
            self.delete_grants(organisation, user)?;
            // A pending invitation to another workspace of the organisation would let them in again.
            self.run(
                "DELETE FROM invitations WHERE organisation_id = ?1 AND email = (SELECT email FROM users WHERE id = ?2)",
                (organisation, user),
            )?;
        }
        Ok(())
    }
}
