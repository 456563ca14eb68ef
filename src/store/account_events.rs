//! Notices to people about their accounts. The newest ones of each kind and organisation are kept.

use super::conditions::Conditions;
use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::notice::{AccountEvent, NoticeEvent, NoticeKind, Scene};
use crate::domain::{Listing, Page, Result};

/// The maximum number of notices of one kind and organisation that are kept for a person, so that frequent notices of one kind do
/// not displace others.
const KEPT: i64 = 50;

fn event_from_row(row: &Row) -> Result<AccountEvent> {
    let (id, name): (Option<String>, Option<String>) = (row.get("organisation_id")?, row.get("name")?);
    let detail: String = row.get("detail")?;
    Ok(AccountEvent {
        number: row.get("number")?,
        at: row.get("at")?,
        kind: word(row, "kind", NoticeKind::parse)?,
        organisation: id.zip(name),
        by: row.get("actor_name")?,
        by_kind: row.get("actor_kind")?,
        address: row.get("address")?,
        agent: row.get("agent")?,
        detail: serde_json::from_str(&detail).unwrap_or_default(),
    })
}

impl Db<'_> {
    /// The notices to a person, newest first; where `within` is given, only of these organisations.
    pub fn account_events(
        &self,
        user: &UserId,
        within: Option<&[OrganisationId]>,
        page: &Page,
    ) -> Result<Listing<AccountEvent>> {
        let mut all = Conditions::default();
        all.add("e.user_id = ?", Some(user.to_string()));
        all.add("e.number < ?", page.after(0).parse::<i64>().ok());
        if let Some(within) = within {
            all.one_of("e.organisation_id", within.iter().map(ToString::to_string));
        }
        let sql =
            all.of("SELECT e.*, o.name FROM account_events e LEFT JOIN organisations o ON o.id = e.organisation_id");
        let sql = format!("{sql} ORDER BY e.number DESC LIMIT {}", page.fetch());
        let rows = self.all(&sql, all.values, event_from_row)?;
        Ok(page.listing(rows, |event| vec![event.number.to_string()]))
    }
}

impl Tx<'_> {
    /// Adds a notice for a person, and deletes the oldest ones of its kind and organisation past the limit.
    pub fn add_account_event(&self, user: &UserId, event: &NoticeEvent, scene: &Scene) -> Result<()> {
        let (actor_kind, _, actor) = scene.actor.columns();
        let (kind, organisation) = (event.kind().as_str(), scene.organisation.as_ref().map(|one| &one.id));
        self.run(
            "INSERT INTO account_events (user_id, at, kind, organisation_id, actor_kind, actor_name, address, agent, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                user,
                scene.at,
                kind,
                organisation,
                actor_kind,
                actor,
                &scene.address,
                &scene.agent,
                event.detail().to_string(),
            ),
        )?;
        self.run(
            "DELETE FROM account_events WHERE user_id = ?1 AND kind = ?2 AND organisation_id IS NOT DISTINCT FROM ?3
                AND number <= (SELECT number FROM account_events WHERE user_id = ?1 AND kind = ?2 AND organisation_id IS NOT DISTINCT FROM ?3
                    ORDER BY number DESC LIMIT 1 OFFSET ?4)",
            (user, kind, organisation, KEPT),
        )
        .map(drop)
    }
}
