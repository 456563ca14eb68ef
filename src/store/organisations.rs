//! Organisations.

use super::conditions::holding;
use super::engine::Row;
use super::plans::{plan_columns, plan_from_row};
use super::settings::lives_of;
use super::{Db, Tx};
use crate::domain::access::ConnectionStatus;
use crate::domain::ids::{ConnectionId, OrganisationId};
use crate::domain::lives::OwnLives;
use crate::domain::organisation::{Organisation, OrganisationSummary};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Listing, Name, Page, Result};

const ORGANISATION: &str = concat!(
    "o.id, o.slug, o.name, o.connection_id, o.created_at, ",
    plan_columns!(),
    ", c.portal_key, c.tested_at, coalesce(c.saml_only, 0) AS saml_only,
    o.language, o.invitation_hours, o.session_idle_hours, o.session_days,
    (SELECT s.value FROM settings s WHERE s.name = 'lives') AS lives"
);
const FROM: &str =
    "FROM organisations o JOIN plans p ON p.id = o.plan_id LEFT JOIN connections c ON c.organisation_id = o.id";

pub(super) fn organisation_columns() -> (&'static str, &'static str) {
    (ORGANISATION, FROM)
}

pub(super) fn organisation_from_row(row: &Row) -> Result<Organisation> {
    let portal_key: Option<String> = row.get("portal_key")?;
    let tested_at: Option<i64> = row.get("tested_at")?;
    let own_lives = OwnLives {
        invitation_hours: row.get("invitation_hours")?,
        session_idle_hours: row.get("session_idle_hours")?,
        session_days: row.get("session_days")?,
    };
    Ok(Organisation {
        id: row.get("id")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        plan: plan_from_row(row)?,
        connection_id: row.get("connection_id")?,
        connection_status: match (&portal_key, tested_at) {
            (None, _) => ConnectionStatus::None,
            (Some(_), None) => ConnectionStatus::Draft,
            (Some(_), Some(_)) => ConnectionStatus::Ready,
        },
        saml_only: row.get("saml_only")?,
        portal_key,
        created_at: row.get("created_at")?,
        language: row.get("language")?,
        own_lives,
        lives: lives_of(row.get("lives")?).narrowed(own_lives),
    })
}

fn summary_from_row(row: &Row) -> Result<OrganisationSummary> {
    Ok(OrganisationSummary {
        organisation: organisation_from_row(row)?,
        people: row.get("people")?,
        workspaces: row.get("workspaces")?,
    })
}

fn summary_sql(rest: &str) -> String {
    format!(
        "SELECT {ORGANISATION},
            (SELECT count(*) FROM people m WHERE m.organisation_id = o.id) AS people,
            (SELECT count(*) FROM workspaces w WHERE w.organisation_id = o.id) AS workspaces
         {FROM} {rest}"
    )
}

/// The wanted slug or, if it is taken, the first free one with a number.
pub(super) fn free_slug(wanted: &str, taken: impl Fn(&str) -> Result<bool>) -> Result<String> {
    for n in 1..50 {
        let slug = if n == 1 { wanted.to_owned() } else { format!("{wanted}-{n}") };
        if !taken(&slug)? {
            return Ok(slug);
        }
    }
    Ok(format!("{wanted}-{}", &OrganisationId::random().as_str()[..8]))
}

impl Db<'_> {
    /// The organisation with this id or slug.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn organisation(&self, id_or_slug: &str) -> Result<Organisation> {
        let sql = format!(
            "SELECT {ORGANISATION} {FROM} WHERE o.id = ?1 OR o.slug = ?1
            ORDER BY CASE WHEN o.id = ?1 THEN 0 ELSE 1 END LIMIT 1"
        );
        // Both are stored in lower case.
        self.one(&sql, [id_or_slug.to_ascii_lowercase()], organisation_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("organisation-not-found")))
    }

    /// The organisation with this connection id, which is part of its SAML URLs, if any.
    pub fn find_organisation_of_connection(&self, id: &ConnectionId) -> Result<Option<Organisation>> {
        self.one(&format!("SELECT {ORGANISATION} {FROM} WHERE o.connection_id = ?1"), [id], organisation_from_row)
    }

    /// The organisation whose connection has this portal key. `folded`: the key in lower case.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn organisation_of_portal_key(&self, folded: &str) -> Result<Organisation> {
        self.find_organisation_of_portal_key(folded)?.ok_or_else(|| Error::NotFound(phrase!("organisation-not-found")))
    }

    /// As `organisation_of_portal_key`, but `None` if there is none.
    pub fn find_organisation_of_portal_key(&self, folded: &str) -> Result<Option<Organisation>> {
        self.one(
            &format!("SELECT {ORGANISATION} {FROM} WHERE c.portal_key_folded = ?1"),
            [folded],
            organisation_from_row,
        )
    }

    /// All organisations on a plan, by name.
    pub fn organisations_on_plan(&self, plan: &str) -> Result<Vec<Organisation>> {
        let sql = format!("SELECT {ORGANISATION} {FROM} WHERE o.plan_id = ?1 ORDER BY o.name, o.id");
        self.all(&sql, [plan], organisation_from_row)
    }

    /// The number of organisations.
    pub fn count_organisations(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM organisations", ())
    }

    /// An organisation with the number of its people and workspaces.
    pub fn organisation_summary(&self, id: &OrganisationId) -> Result<OrganisationSummary> {
        let summary = self.one(&summary_sql("WHERE o.id = ?1"), [id], summary_from_row)?;
        summary.ok_or_else(|| Error::NotFound(phrase!("organisation-not-found")))
    }

    /// The organisations whose name or slug contains `search`, by name; all of them if it is empty.
    pub fn organisations(&self, search: &str, page: &Page) -> Result<Listing<OrganisationSummary>> {
        let sql = summary_sql(
            "WHERE (o.name, o.id) > (?1, ?2) AND (lower(o.name) LIKE ?4 ESCAPE '!' OR o.slug LIKE ?4 ESCAPE '!')
             ORDER BY o.name, o.id LIMIT ?3",
        );
        let params = (page.after(0), page.after(1), page.fetch(), holding(&search.to_lowercase()));
        let rows = self.all(&sql, params, summary_from_row)?;
        Ok(page.listing(rows, |row| vec![row.organisation.name.clone(), row.organisation.id.to_string()]))
    }
}

impl Tx<'_> {
    /// Adds an organisation without people, with the first free slug after `slug`.
    pub fn add_organisation(&self, name: &Name, slug: &str, plan: &str) -> Result<Organisation> {
        let id = OrganisationId::random();
        let sql = "SELECT count(*) FROM organisations WHERE slug = ?1 OR id = ?1";
        let slug = free_slug(slug, |slug| Ok(self.count(sql, [slug])? > 0))?;
        self.run(
            "INSERT INTO organisations (id, slug, name, plan_id, connection_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (&id, slug, name.as_str(), plan, ConnectionId::random(), self.now()),
        )?;
        self.organisation(id.as_str())
    }

    /// Renames an organisation. The slug stays the same, because links contain it.
    pub fn set_organisation_name(&self, id: &OrganisationId, name: &Name) -> Result<()> {
        self.run("UPDATE organisations SET name = ?2 WHERE id = ?1", (id, name.as_str())).map(drop)
    }

    /// Sets the language for the people who have not chosen one.
    pub fn set_organisation_language(&self, id: &OrganisationId, language: Option<&str>) -> Result<()> {
        self.run("UPDATE organisations SET language = ?2 WHERE id = ?1", (id, language)).map(drop)
    }

    /// Sets the lifetimes of invitations and sessions for an organisation.
    pub fn set_organisation_lives(&self, id: &OrganisationId, own: OwnLives) -> Result<()> {
        self.run(
            "UPDATE organisations SET invitation_hours = ?2, session_idle_hours = ?3, session_days = ?4 WHERE id = ?1",
            (id, own.invitation_hours, own.session_idle_hours, own.session_days),
        )
        .map(drop)
    }

    /// Sets an organisation's plan.
    pub fn set_organisation_plan(&self, id: &OrganisationId, plan: &str) -> Result<()> {
        self.note_policy(id)?;
        self.run("UPDATE organisations SET plan_id = ?2 WHERE id = ?1", (id, plan)).map(drop)
    }

    /// Deletes an organisation with everything in it. Its people's accounts stay, because they may belong to other
    /// organisations.
    pub fn delete_organisation(&self, id: &OrganisationId) -> Result<()> {
        self.note_holders(id)?;
        self.reserve_portal_key(id, None)?;
        self.end_client_sessions_of_organisation(id)?;
        self.run("DELETE FROM organisations WHERE id = ?1", [id]).map(drop)
    }
}
