//! The accounts of people: name, e-mail address, password.

use super::engine::Row;
use super::makers::backed;
use super::{Db, Note, Tx};
use crate::domain::audit::Actor;
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::person::{HandedTo, KnownPassword, LinkUse, PasswordLink, User};
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::{Email, Error, Result, ReturnPath, Timestamp};

pub(super) const USER: &str = "u.id, u.email, u.name, u.language, u.operator, u.password_hash, u.last_workspace, u.notify_new_browser, u.disabled_at,
    u.password_maker_kind, u.password_maker_id";

pub(super) fn user_from_row(row: &Row) -> Result<User> {
    Ok(User {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        language: row.get("language")?,
        operator: row.get("operator")?,
        password_hash: row.get("password_hash")?,
        last_workspace: row.get("last_workspace")?,
        notify_new_browser: row.get("notify_new_browser")?,
        disabled_at: row.get("disabled_at")?,
        password_by: HandedTo::of(&row.get::<String>("password_maker_kind")?, row.get("password_maker_id")?),
    })
}

impl Db<'_> {
    /// The person with this id.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn user(&self, id: &UserId) -> Result<User> {
        self.one(&format!("SELECT {USER} FROM users u WHERE u.id = ?1"), [id], user_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("person-not-found")))
    }

    /// The person with this e-mail address, if any.
    pub fn find_user(&self, email: &Email) -> Result<Option<User>> {
        self.one(&format!("SELECT {USER} FROM users u WHERE u.email = ?1"), [email], user_from_row)
    }

    /// True if a person received an e-mail at their address, or if an identity provider confirmed it.
    pub(super) fn is_email_proved(&self, id: &UserId) -> Result<bool> {
        Ok(self.count("SELECT email_proved FROM users WHERE id = ?1", [id])? > 0)
    }

    /// True if there are no people yet: the appliance is not set up.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.one("SELECT 1 FROM users LIMIT 1", (), |_| Ok(()))?.is_none())
    }

    /// The number of operators who are not disabled.
    pub fn count_operators(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM users WHERE operator = 1 AND disabled_at IS NULL", ())
    }

    /// The operators, by e-mail address, including disabled ones.
    pub fn operators(&self) -> Result<Vec<User>> {
        self.all(&format!("SELECT {USER} FROM users u WHERE u.operator = 1 ORDER BY u.email"), (), user_from_row)
    }

    /// The people who become operators once they use the link that was made for them, by e-mail address.
    pub fn pending_operators(&self) -> Result<Vec<User>> {
        let sql = format!(
            "SELECT {USER} FROM users u JOIN password_links l ON l.user_id = u.id
             WHERE l.confirms_operator = 1 AND l.expires_at > ?1 AND u.operator = 0 ORDER BY u.email"
        );
        self.all(&sql, [self.now()], user_from_row)
    }

    /// True if a person becomes an operator once they use the link that was made for them.
    pub fn is_pending_operator(&self, user: &UserId) -> Result<bool> {
        let sql =
            "SELECT count(*) FROM password_links WHERE user_id = ?1 AND confirms_operator = 1 AND expires_at > ?2";
        Ok(self.count(sql, (user, self.now()))? > 0)
    }

    /// The operators who can sign in: those with a password who are not disabled.
    pub fn able_operators(&self) -> Result<Vec<User>> {
        let sql = format!(
            "SELECT {USER} FROM users u WHERE u.operator = 1 AND u.disabled_at IS NULL AND u.password_hash IS NOT NULL
             ORDER BY u.email"
        );
        self.all(&sql, (), user_from_row)
    }

    /// The operators whom this operator added between these times, by e-mail address.
    pub fn operators_added_by(&self, operator: &User, (since, until): (Timestamp, Timestamp)) -> Result<Vec<Email>> {
        // The audit log has the e-mail address as the actor's name.
        let sql = "SELECT DISTINCT u.email FROM audit a JOIN users u ON u.id = a.resource_id
            WHERE a.actor_name = ?1 AND a.at >= ?2 AND a.at <= ?4 AND a.actor_id = ?3 AND a.action = 'operator.added' AND u.operator = 1
                AND u.id <> ?3 ORDER BY u.email";
        self.all(sql, (&operator.email, since, &operator.id, until), |row| row.get(0))
    }

    /// The passwords that the creator of a password link may know or have known, by the e-mail address of the person,
    /// oldest first.
    pub fn known_passwords(&self) -> Result<Vec<KnownPassword>> {
        let sql = format!(
            "SELECT {USER}, k.maker_kind, k.maker_id, k.since, k.until FROM known_passwords k JOIN users u ON u.id = k.user_id
             ORDER BY u.email, k.number"
        );
        let known = self.all(&sql, (), |row| {
            let maker = HandedTo::of(&row.get::<String>("maker_kind")?, row.get("maker_id")?);
            let (since, until) = (row.get("since")?, row.get("until")?);
            let user = user_from_row(row)?;
            Ok(maker.map(|maker| KnownPassword { user, maker, since, until }))
        })?;
        Ok(known.into_iter().flatten().collect())
    }

    /// The number of a person's unexpired password links, and of their unexpired recovery links.
    pub fn count_links(&self, user: &UserId) -> Result<(i64, i64)> {
        let count = |table| {
            let sql = format!("SELECT count(*) FROM {table} WHERE user_id = ?1 AND expires_at > ?2");
            self.count(&sql, (user, self.now()))
        };
        Ok((count("password_links")?, count("recovery_links")?))
    }

    /// The unexpired link with this secret, if its person is not disabled. A link that was shown to its creator works
    /// only while the creator has the right to create it.
    pub fn find_password_link(&self, token: &str) -> Result<Option<PasswordLink>> {
        // Only operators and operators' keys create such links.
        let backed = backed("l", "FALSE", "?2");
        let sql = format!(
            "SELECT {USER}, l.mailed_at, l.maker_kind, l.maker_id, l.confirms_operator, l.return_path FROM password_links l JOIN users u ON u.id = l.user_id
             WHERE l.token_hash = ?1 AND l.expires_at > ?2 AND u.disabled_at IS NULL
                AND (l.mailed_at IS NOT NULL AND l.confirms_operator = 0 OR {backed})"
        );
        self.one(&sql, (digest(token), self.now()), |row| {
            let mailed_at: Option<Timestamp> = row.get("mailed_at")?;
            let maker = HandedTo::of(&row.get::<String>("maker_kind")?, row.get("maker_id")?);
            Ok(PasswordLink {
                user: user_from_row(row)?,
                mailed_at,
                handed_to: maker.filter(|_| mailed_at.is_none()),
                confirms_operator: row.get("confirms_operator")?,
                return_path: row.get::<Option<String>>("return_path")?.and_then(|path| ReturnPath::parse(&path).ok()),
            })
        })
    }
}

impl Note<'_> {
    /// Records the workspace that a person last opened.
    pub fn set_last_workspace(&self, id: &UserId, workspace: &WorkspaceId) -> Result<()> {
        self.run("UPDATE users SET last_workspace = ?2 WHERE id = ?1", (id, workspace)).map(drop)
    }
}

impl Tx<'_> {
    /// Adds a person.
    ///
    /// # Errors
    /// `Conflict` when a person with this e-mail address exists.
    pub fn add_user(&self, email: &Email, name: &str, password_hash: Option<&str>, operator: bool) -> Result<User> {
        let id = UserId::random();
        self.run_unless_taken(
            "INSERT INTO users (id, email, name, operator, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (&id, email, name, operator, password_hash, self.now()),
            || Error::taken("email", phrase!("person-exists")),
        )?;
        self.connection.add_to_search(&id, name, email)?;
        self.user(&id)
    }

    /// Changes a person's name, and the language of their pages and e-mails.
    pub fn set_user(&self, id: &UserId, name: &str, language: Option<&str>) -> Result<()> {
        let user = self.user(id)?;
        if user.name != name {
            self.connection.change_in_search(id, name, &user.email)?;
        }
        self.run("UPDATE users SET name = ?2, language = ?3 WHERE id = ?1", (id, name, language)).map(drop)
    }

    /// Makes a person an operator, or removes the operator right.
    pub fn set_operator(&self, id: &UserId, operator: bool) -> Result<()> {
        self.run("UPDATE users SET operator = ?2 WHERE id = ?1", (id, operator))?;
        if !operator {
            self.note_person(id);
            self.forget_operators_password(id)?;
        }
        Ok(())
    }

    /// Sets whether a person gets an e-mail about each sign-in from an unknown browser.
    pub fn set_notify_new_browser(&self, id: &UserId, wanted: bool) -> Result<()> {
        self.run("UPDATE users SET notify_new_browser = ?2 WHERE id = ?1", (id, wanted)).map(drop)
    }

    /// Records that a person signs in; true if it is their first sign-in.
    pub fn note_sign_in(&self, id: &UserId) -> Result<bool> {
        Ok(self.run("UPDATE users SET signed_in = 1 WHERE id = ?1 AND signed_in = 0", [id])? > 0)
    }

    /// Disables a person as of `since`; `None` enables them.
    pub fn set_disabled(&self, id: &UserId, since: Option<Timestamp>) -> Result<()> {
        self.note_person(id);
        if since.is_some() {
            self.end_all_client_sessions(id)?;
        }
        self.run("UPDATE users SET disabled_at = ?2 WHERE id = ?1", (id, since)).map(drop)
    }

    /// Sets a person's password, and deletes the links that could set another one.
    pub fn set_password(&self, id: &UserId, hash: &str) -> Result<()> {
        self.replace_password(id, Some(hash))
    }

    /// Removes a person's password, and deletes the links that could set one.
    pub fn clear_password(&self, id: &UserId) -> Result<()> {
        self.replace_password(id, None)?;
        self.set_password_by(id, None)
    }

    /// Records the creator to whom the link that set the person's password was shown; `None`: nobody but the person had
    /// it.
    pub fn set_password_by(&self, id: &UserId, handed_to: Option<&HandedTo>) -> Result<()> {
        let (kind, maker) = handed_to.map(HandedTo::columns).unwrap_or_default();
        let sql = "UPDATE users SET password_maker_kind = ?2, password_maker_id = ?3 WHERE id = ?1";
        self.run(sql, (id, kind, maker))?;
        let now = self.now();
        self.run("UPDATE known_passwords SET until = ?2 WHERE user_id = ?1 AND until IS NULL", (id, now))?;
        if handed_to.is_none() {
            return Ok(());
        }
        let sql = "INSERT INTO known_passwords (user_id, maker_kind, maker_id, since) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (id, kind, maker, now)).map(drop)
    }

    /// Records that a person received an e-mail at their address, or that an identity provider confirmed it.
    pub fn prove_email(&self, id: &UserId) -> Result<()> {
        self.run("UPDATE users SET email_proved = 1 WHERE id = ?1 AND email_proved = 0", [id]).map(drop)
    }

    fn replace_password(&self, id: &UserId, hash: Option<&str>) -> Result<()> {
        self.delete_links_for(id, false)?;
        self.delete_recovery_links(id)?;
        self.end_application_access(id)?;
        self.run("UPDATE users SET password_hash = ?2 WHERE id = ?1", (id, hash)).map(drop)
    }

    /// Replaces the hash of a password by a hash with the current parameters, unless the password has changed
    /// meanwhile.
    pub fn upgrade_password(&self, id: &UserId, old: &str, new: &str) -> Result<()> {
        self.run("UPDATE users SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2", (id, old, new)).map(drop)
    }

    /// Makes `token` the person's only link for this use. `mailed_at`: the time of the e-mail; `None` if the link is
    /// shown to its creator. `maker`: the actor who asked for the link; `None` if the person did.
    pub fn set_password_link(
        &self,
        user: &UserId,
        token: &str,
        expires_at: Timestamp,
        mailed_at: Option<Timestamp>,
        link: LinkUse,
        maker: Option<&Actor>,
    ) -> Result<()> {
        let (kind, maker, _) = maker.map(Actor::columns).unwrap_or_default();
        let confirms = link == LinkUse::Operator;
        self.delete_links_for(user, confirms)?;
        self.run(
            "INSERT INTO password_links (token_hash, user_id, expires_at, mailed_at, confirms_operator, maker_kind, maker_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (digest(token), user, expires_at, mailed_at, confirms, kind, maker.unwrap_or_default()),
        )
        .map(drop)
    }

    /// Sets the path to which the person's password link redirects after the password is set.
    pub fn set_password_link_return(&self, user: &UserId, path: &ReturnPath) -> Result<()> {
        let sql = "UPDATE password_links SET return_path = ?2 WHERE user_id = ?1 AND confirms_operator = 0";
        self.run(sql, (user, path.as_str())).map(drop)
    }

    /// Allows a person's password for an organisation.
    pub fn agree_password_here(&self, user: &UserId, organisation: &OrganisationId) -> Result<()> {
        let sql = "UPDATE people SET password_agreed = 1 WHERE user_id = ?1 AND organisation_id = ?2";
        self.run(sql, (user, organisation)).map(drop)
    }

    /// Allows a person's password for the organisations that they had joined by the time a link was e-mailed to them.
    pub fn agree_password(&self, user: &UserId, mailed_at: Timestamp) -> Result<()> {
        self.run("UPDATE people SET password_agreed = 1 WHERE user_id = ?1 AND joined_at <= ?2", (user, mailed_at))
            .map(drop)
    }

    fn delete_links_for(&self, user: &UserId, confirms: bool) -> Result<()> {
        self.run("DELETE FROM password_links WHERE user_id = ?1 AND confirms_operator = ?2", (user, confirms)).map(drop)
    }

    /// Deletes the link by which a person would become an operator.
    pub fn delete_operator_link(&self, user: &UserId) -> Result<()> {
        self.delete_links_for(user, true)
    }

    /// Deletes the links that could set a person's password or make them an operator.
    pub fn delete_password_links(&self, user: &UserId) -> Result<()> {
        self.run("DELETE FROM password_links WHERE user_id = ?1", [user]).map(drop)
    }
}
