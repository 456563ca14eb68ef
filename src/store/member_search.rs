//! The people of an organisation or of a workspace, searched and filtered, by address; the columns of both lists.
//!
//! A page costs the same however large the organisation is. Few people fit a search: they are found by the trigrams of their names
//! and addresses, and put in order. Many fit, or nothing is searched for: the list is walked in its order, which meets enough of
//! them soon, and where it does not, no further than `SHORT_WALK` or `LONG_WALK`. Such a page may be short, and its cursor goes on
//! behind the last one looked at.

use super::Db;
use super::conditions::{Conditions, holding};
use super::engine::{Row, search};
use super::people::{READY, last_sign_in_from_row, role_from_row, standing_from_row};
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::member_search::{AWAY_SECS, Filter, LastMethod, Place, Saml, State};
use crate::domain::person::{Member, WorkspaceMember};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Listing, Page, Result, Timestamp};

/// So many people found by their trigrams are put in order; more are met soon enough by walking.
const FEW: i64 = 1000;
/// How many people a page looks at, where that is to be seen in the index of the list.
const LONG_WALK: i64 = 30_000;
/// How many where each one must be looked up elsewhere.
const SHORT_WALK: i64 = 2000;

/// A list by address: its table as `m`, what follows it, and what makes it the list that it is.
struct List<'a> {
    table: &'static str,
    joined: &'static str,
    of: (&'static str, &'a str),
    columns: &'static str,
}

const PEOPLE: &str = "JOIN users u ON u.id = m.user_id";
const MEMBERSHIPS: &str = "JOIN users u ON u.id = m.user_id
    JOIN people p ON p.organisation_id = m.organisation_id AND p.user_id = m.user_id";

const MEMBER: &str =
    "m.user_id, m.email, u.name, m.admin, m.password_agreed, u.password_hash IS NOT NULL AS has_password,
    m.last_sign_in_at, m.last_method, m.reminded_at, u.disabled_at IS NOT NULL AS disabled";
const WORKSPACE_MEMBER: &str =
    "m.user_id, m.email, u.name, m.role, p.admin, m.joined_at, p.last_sign_in_at, p.last_method,
    u.disabled_at IS NOT NULL AS disabled";

fn member_from_row(row: &Row) -> Result<Member> {
    Ok(Member {
        user: row.get("user_id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        standing: standing_from_row(row)?,
        has_password: row.get("has_password")?,
        last_sign_in: last_sign_in_from_row(row)?,
        reminded_at: row.get("reminded_at")?,
        disabled: row.get("disabled")?,
        workspaces: Vec::new(),
    })
}

fn workspace_member_from_row(row: &Row) -> Result<WorkspaceMember> {
    Ok(WorkspaceMember {
        user: row.get("user_id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: role_from_row(row)?,
        organisation_admin: row.get("admin")?,
        joined_at: row.get("joined_at")?,
        last_sign_in: last_sign_in_from_row(row)?,
        disabled: row.get("disabled")?,
    })
}

impl Db<'_> {
    /// The people of an organisation who fit, by address.
    pub fn members(&self, organisation: &OrganisationId, filter: &Filter, page: &Page) -> Result<Listing<Member>> {
        let list =
            List { table: "people", joined: PEOPLE, of: ("organisation_id", organisation.as_str()), columns: MEMBER };
        let mut listing = self.fitting(&list, filter, page, member_from_row, |member| member.email.as_str())?;
        for member in &mut listing.items {
            member.workspaces = self.places(organisation, &member.user)?;
        }
        Ok(listing)
    }

    /// The people of a workspace who fit, by address.
    pub fn workspace_members(
        &self,
        workspace: &WorkspaceId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listing<WorkspaceMember>> {
        let list = List {
            table: "memberships",
            joined: MEMBERSHIPS,
            of: ("workspace_id", workspace.as_str()),
            columns: WORKSPACE_MEMBER,
        };
        self.fitting(&list, filter, page, workspace_member_from_row, |member| member.email.as_str())
    }

    /// One person of a workspace.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn workspace_member(&self, workspace: &WorkspaceId, user: &UserId) -> Result<WorkspaceMember> {
        let sql = format!(
            "SELECT {WORKSPACE_MEMBER} FROM memberships m {MEMBERSHIPS} WHERE m.workspace_id = ?1 AND m.user_id = ?2"
        );
        self.one(&sql, (workspace, user), workspace_member_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("member-not-found")))
    }

    fn fitting<T>(
        &self,
        list: &List,
        filter: &Filter,
        page: &Page,
        from_row: impl FnMut(&Row) -> Result<T>,
        email: impl Fn(&T) -> &str,
    ) -> Result<Listing<T>> {
        let found = self.few_found(list, filter)?;
        let end = if found.is_some() { None } else { self.end_of_walk(list, filter, page)? };
        let mut all = facets(list, filter, self.now());
        all.add("m.email > ?", Some(page.after(0).to_owned()));
        all.add("m.email <= ?", end.clone());
        let search = filter.search.as_deref().map(holding);
        all.add("(m.email LIKE ? ESCAPE '!' OR lower(u.name) LIKE ? ESCAPE '!')", search);
        let from = if let Some(phrase) = found {
            all.add(search::FITS, Some(phrase));
            search::found_in(list.table, "m", "user_id")
        } else {
            format!("{} m", list.table)
        };
        let query = all.of(&format!("SELECT {} FROM {from} {}", list.columns, list.joined));
        let sql = format!("{query} ORDER BY m.email LIMIT {}", page.fetch());
        let rows = self.all(&sql, all.values, from_row)?;
        let short = rows.len() <= page.limit;
        let mut listing = page.listing(rows, |row| vec![email(row).to_owned()]);
        if let (true, Some(end)) = (short, end) {
            listing.next = Some(Page::cursor(&[end]));
        }
        Ok(listing)
    }

    /// How to ask the trigrams for what is searched for, where few people of the list fit that. Those of others do not count: the answer
    /// would tell of them.
    fn few_found(&self, list: &List, filter: &Filter) -> Result<Option<String>> {
        let Some(phrase) = filter.search.as_deref().and_then(search::phrase) else { return Ok(None) };
        if self.is_short(list)? {
            return Ok(None);
        }
        Ok(self.connection.finds_at_most(FEW, &phrase, (list.table, list.of.0, list.of.1))?.then_some(phrase))
    }

    /// True if a list is walked to its end sooner than all those who fit are looked up, other organisations' among them.
    fn is_short(&self, list: &List) -> Result<bool> {
        let List { table, of: (column, of), .. } = list;
        let sql = format!("SELECT 1 FROM {table} WHERE {column} = ?1 LIMIT 1 OFFSET {SHORT_WALK}");
        let further: Option<i64> = self.one(&sql, [of], |row| row.get(0))?;
        Ok(further.is_none())
    }

    /// The address at which a page ends though it be short; `None` where the list ends before.
    fn end_of_walk(&self, list: &List, filter: &Filter, page: &Page) -> Result<Option<String>> {
        let elsewhere = filter.search.is_some()
            || match list.table {
                "people" => matches!(filter.role, Some(Place::In(_))),
                _ => filter.method.is_some() || filter.state.is_some(),
            };
        let most = if elsewhere { SHORT_WALK } else { LONG_WALK };
        let List { table, of: (column, of), .. } = list;
        let sql = format!(
            "SELECT email FROM {table} WHERE {column} = ?1 AND email > ?2 ORDER BY email LIMIT 1 OFFSET {most}"
        );
        if *filter == Filter::default() { Ok(None) } else { self.one(&sql, (of, page.after(0)), |row| row.get(0)) }
    }
}

/// The filters' conditions on a row, except for the search.
fn facets(list: &List, filter: &Filter, now: Timestamp) -> Conditions {
    let (column, of) = list.of;
    let mut all = Conditions::default();
    all.add(&format!("m.{column} = ?"), Some(of.to_owned()));
    match filter.role {
        None => {}
        Some(Place::OrganisationAdmin) => all.plain("m.admin = 1"),
        Some(Place::In(role)) if list.table == "people" => all.add(
            "EXISTS (SELECT 1 FROM memberships w WHERE w.organisation_id = m.organisation_id AND w.user_id = m.user_id AND w.role = ?)",
            Some(role.as_str().to_owned()),
        ),
        Some(Place::In(role)) => all.add("m.role = ?", Some(role.as_str().to_owned())),
    }
    let person = if list.table == "people" { "m" } else { "p" };
    match filter.method {
        None => {}
        Some(LastMethod::Never) => all.plain(&format!("{person}.last_method IS NULL")),
        Some(LastMethod::By(method)) => {
            all.add(&format!("{person}.last_method = ?"), Some(method.as_str().to_owned()));
        }
    }
    let long_ago = now.plus(-AWAY_SECS).0;
    match filter.state {
        None => {}
        Some(State::Active) => all.add(&format!("{person}.last_sign_in_at >= ?"), Some(long_ago)),
        Some(State::Away) => all.add(&format!("{person}.last_sign_in_at < ?"), Some(long_ago)),
        Some(State::New) => all.plain(&format!("{person}.last_sign_in_at IS NULL")),
    }
    match filter.saml {
        None => {}
        Some(Saml::Ready) => all.plain(&format!("{READY} = 1 AND u.disabled_at IS NULL")),
        Some(Saml::Waiting) => all.plain(&format!("{READY} = 0 AND u.disabled_at IS NULL")),
    }
    all
}
