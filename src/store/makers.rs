//! The creators of links: the people or API keys that created them. A link that was shown to its creator works only while
//! the creator has the right to create it; once the creator loses that right, the link never works again.

use super::{Db, Tx};
use crate::domain::Result;
use std::iter::Sum;

/// The creator kind of a link whose creator has lost the right to create it.
pub(super) const ENDED: &str = "ended";

/// SQL that is true while the creator of a link has the right to create it. `link`: the table's name in the query; its
/// columns `maker_kind` and `maker_id` are an actor of the audit log. `person`: the condition for creators who are people
/// but not operators. `now`: the parameter with the time. Links from older versions have no creator, and count as backed.
pub(super) fn backed(link: &str, person: &str, now: &str) -> String {
    format!(
        "CASE {link}.maker_kind
            WHEN 'person' THEN {person}
            WHEN 'operator' THEN EXISTS (SELECT 1 FROM users m
                WHERE m.id = {link}.maker_id AND m.operator = 1 AND m.disabled_at IS NULL)
            WHEN 'key' THEN EXISTS (SELECT 1 FROM keys m
                WHERE m.id = {link}.maker_id AND (m.expires_at IS NULL OR m.expires_at > {now}))
            WHEN 'command_line' THEN TRUE
            WHEN '' THEN TRUE
            ELSE FALSE
        END"
    )
}

/// SQL that is true for an invitation that its creator can accept, because the link was shown to them or they invited
/// themselves.
pub(super) const MAKER_CAN_ACCEPT: &str =
    "(handed_over = 1 OR email = (SELECT u.email FROM users u WHERE u.id = invitations.maker_id))";

/// The number of working links that a person or key made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinksMade {
    /// Set-up links.
    pub set_up: i64,
    /// Links that were shown to the creator and set another person's password, and links that make a person an operator.
    pub password: i64,
    /// Links of invitations that the creator can accept.
    pub invitation: i64,
}

impl Sum for LinksMade {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            set_up: sum.set_up + one.set_up,
            password: sum.password + one.password,
            invitation: sum.invitation + one.invitation,
        })
    }
}

impl Db<'_> {
    /// The number of working links that `maker` made in any organisation, as one of these kinds of actor.
    pub fn links_made_by(&self, kinds: &[&str], maker: &str) -> Result<LinksMade> {
        kinds.iter().map(|kind| self.links_made_as(kind, maker)).sum()
    }

    fn links_made_as(&self, kind: &str, maker: &str) -> Result<LinksMade> {
        let now = self.now();
        let count = |sql: &str| self.count(sql, (kind, maker, now));
        Ok(LinksMade {
            set_up: count(
                "SELECT count(*) FROM setup_links WHERE maker_kind = ?1 AND maker_id = ?2 AND done_at IS NULL AND expires_at > ?3",
            )?,
            password: count(
                "SELECT count(*) FROM password_links WHERE maker_kind = ?1 AND maker_id = ?2
                    AND (mailed_at IS NULL OR confirms_operator = 1) AND expires_at > ?3",
            )?,
            invitation: count(&format!(
                "SELECT count(*) FROM invitations WHERE maker_kind = ?1 AND maker_id = ?2 AND {MAKER_CAN_ACCEPT} AND expires_at > ?3"
            ))?,
        })
    }
}

impl Tx<'_> {
    /// Ends the links that `maker` made in any organisation as one of these kinds of actor, so that none works again
    /// when the creator regains the right: set-up links, links to other people's passwords that were shown to the creator,
    /// links that make a person an operator, and invitations that the creator can accept.
    pub fn end_links_made_by(&self, kinds: &[&str], maker: &str) -> Result<()> {
        for kind in kinds {
            self.run("DELETE FROM setup_links WHERE maker_kind = ?1 AND maker_id = ?2", (*kind, maker))?;
            let sql = "DELETE FROM password_links
                WHERE maker_kind = ?1 AND maker_id = ?2 AND (mailed_at IS NULL OR confirms_operator = 1)";
            self.run(sql, (*kind, maker))?;
            let sql = format!(
                "UPDATE invitations SET maker_kind = ?3, handed_over = 1 WHERE maker_kind = ?1 AND maker_id = ?2 AND {MAKER_CAN_ACCEPT}"
            );
            self.run(&sql, (*kind, maker, ENDED))?;
        }
        Ok(())
    }
}
