//! The lists of the people of an organisation and of a workspace: searched, filtered, and ordered by e-mail address.
//!
//! The cost of a page does not grow with the organisation. If few people match a search, they are found by the trigrams
//! of their names and e-mail addresses, and sorted. Otherwise the list is read in its order, which finds matches soon,
//! for at most `SHORT_WALK` or `LONG_WALK` people. Such a page can have fewer items than its limit; its cursor then
//! continues after the last person that was read.

use super::Db;
use super::conditions::{Conditions, holding};
use super::engine::{Row, search};
use super::people::{READY, last_sign_in_from_row, role_columns, role_from_row, standing_from_row};
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::member_search::{AWAY_SECS, Filter, LastMethod, Place, Saml, State};
use crate::domain::person::{Member, WorkspaceMember};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Listing, Page, Result, Timestamp};

/// If at most this many people are found by trigrams, they are sorted. With more matches, reading the list in order
/// finds them soon enough.
const FEW: i64 = 1000;
/// The maximum number of people that a page reads, if the index of the list has all data for the filter.
const LONG_WALK: i64 = 30_000;
/// The maximum number of people that a page reads, if each of them must be looked up in another table.
const SHORT_WALK: i64 = 2000;

/// A list ordered by e-mail address: its table (aliased `m`), the joined tables, the column and value that select it,
/// and the columns to return.
struct List<'a> {
    table: &'static str,
    joined: &'static str,
    of: (&'static str, &'a str),
    columns: String,
}

const PEOPLE: &str = "JOIN users u ON u.id = m.user_id";
const MEMBERSHIPS: &str = "JOIN users u ON u.id = m.user_id
    JOIN people p ON p.organisation_id = m.organisation_id AND p.user_id = m.user_id";

const MEMBER: &str =
    "m.user_id, m.email, u.name, m.admin, m.password_agreed, u.password_hash IS NOT NULL AS has_password,
    m.last_sign_in_at, m.last_method, m.reminded_at, u.disabled_at IS NOT NULL AS disabled";

fn workspace_member_columns() -> String {
    format!(
        "m.user_id, m.email, u.name, {}, p.admin, m.joined_at, p.last_sign_in_at, p.last_method,
        u.disabled_at IS NOT NULL AS disabled",
        role_columns("m")
    )
}

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
    /// The people of an organisation who match the filter, by e-mail address.
    pub fn members(&self, organisation: &OrganisationId, filter: &Filter, page: &Page) -> Result<Listing<Member>> {
        let columns = MEMBER.to_owned();
        let list = List { table: "people", joined: PEOPLE, of: ("organisation_id", organisation.as_str()), columns };
        let filter = self.with_role(organisation, filter)?;
        let mut listing = self.fitting(&list, &filter, page, member_from_row, |member| member.email.as_str())?;
        for member in &mut listing.items {
            member.workspaces = self.places(organisation, &member.user)?;
        }
        Ok(listing)
    }

    /// The people of a workspace who match the filter, by e-mail address.
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
            columns: workspace_member_columns(),
        };
        let filter = self.with_role(&self.workspace(workspace)?.organisation, filter)?;
        self.fitting(&list, &filter, page, workspace_member_from_row, |member| member.email.as_str())
    }

    /// A member of a workspace.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn workspace_member(&self, workspace: &WorkspaceId, user: &UserId) -> Result<WorkspaceMember> {
        let sql = format!(
            "SELECT {} FROM memberships m {MEMBERSHIPS} WHERE m.workspace_id = ?1 AND m.user_id = ?2",
            workspace_member_columns()
        );
        self.one(&sql, (workspace, user), workspace_member_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("member-not-found")))
    }

    /// The filter with the custom role that it names.
    ///
    /// # Errors
    /// `Invalid` with field `role` when the organisation has no such role.
    fn with_role(&self, organisation: &OrganisationId, filter: &Filter) -> Result<Filter> {
        let mut filter = filter.clone();
        if let Some(Place::Named(name)) = &filter.role {
            filter.role = Some(Place::In(self.role_names(organisation)?.given(name)?));
        }
        Ok(filter)
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

    /// The trigram query for the filter's search, if few people of the list match it. People of other lists are not
    /// counted, because the response time would reveal them.
    fn few_found(&self, list: &List, filter: &Filter) -> Result<Option<String>> {
        let Some(phrase) = filter.search.as_deref().and_then(search::phrase) else { return Ok(None) };
        if self.is_short(list)? {
            return Ok(None);
        }
        Ok(self.connection.finds_at_most(FEW, &phrase, (list.table, list.of.0, list.of.1))?.then_some(phrase))
    }

    /// True if reading the whole list is faster than looking up all trigram matches, which include people of other
    /// organisations.
    fn is_short(&self, list: &List) -> Result<bool> {
        let List { table, of: (column, of), .. } = list;
        let sql = format!("SELECT 1 FROM {table} WHERE {column} = ?1 LIMIT 1 OFFSET {SHORT_WALK}");
        let further: Option<i64> = self.one(&sql, [of], |row| row.get(0))?;
        Ok(further.is_none())
    }

    /// The e-mail address at which a page ends even if it has fewer items than its limit; `None` if there is no filter
    /// or the list ends before that.
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

/// The conditions of a filter, except the search.
fn facets(list: &List, filter: &Filter, now: Timestamp) -> Conditions {
    let (column, of) = list.of;
    let mut all = Conditions::default();
    all.add(&format!("m.{column} = ?"), Some(of.to_owned()));
    match &filter.role {
        // `with_role` has looked up the name of a custom role.
        None | Some(Place::Named(_)) => {}
        Some(Place::OrganisationAdmin) => all.plain("m.admin = 1"),
        Some(Place::In(role)) => {
            let column = if role.custom().is_some() { "role_id" } else { "role" };
            let wanted = Some(role.as_str().to_owned());
            if list.table == "people" {
                all.add(&format!("EXISTS (SELECT 1 FROM memberships w WHERE w.organisation_id = m.organisation_id AND w.user_id = m.user_id AND w.{column} = ?)"), wanted);
            } else {
                all.add(&format!("m.{column} = ?"), wanted);
            }
        }
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
