//! The queue of e-mails: each e-mail is queued in the transaction of the change that it reports.

use super::mail_limits::{charge_link, charge_notice, charge_reminder};
use super::{Author, Caller, branding};
use crate::app::{App, Wakeup};
use crate::config::PublicUrl;
use crate::domain::audit::{Actor, Event};
use crate::domain::catalogue::Language;
use crate::domain::ids::{MailId, OrganisationId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::mail::{About, LONGEST_WAIT_SECS, Mail, Place};
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::{LinkUse, User};
use crate::domain::phrase::phrase;
use crate::domain::seal::{digest, secret};
use crate::domain::session::Seat;
use crate::domain::{Email, Error, Listing, Page, Result, Timestamp};
use crate::mail::{self, Inviter, Letter, SsoOnly};
use crate::store::{Db, Tx};
use std::sync::Arc;

/// How long a password link is valid, in seconds.
pub const PASSWORD_LINK_SECS: i64 = 24 * 3600;
/// The time for which an e-mail without a link is retried, in seconds.
const NOTICE_SECS: i64 = 3 * 24 * 3600;
/// How long notices of one kind are collected for a single e-mail, once the limit of separate e-mails is reached, in
/// seconds.
const GATHERED_SECS: i64 = LONGEST_WAIT_SECS;

/// Queues e-mails, inside the transaction of the change that they report: an e-mail is queued exactly if the change is
/// committed, and no request fails because the mail server is down.
#[derive(Clone)]
pub(super) struct Outbox {
    public_url: PublicUrl,
    open: bool,
    /// Wakes the mail thread, if it is in this process.
    wakeup: Arc<Wakeup>,
}

impl Outbox {
    pub fn of(app: &App) -> Self {
        Self { public_url: app.config.public_url.clone(), open: app.sends_mail, wakeup: app.mail_wakeup.clone() }
    }

    /// The address of a page.
    pub fn page(&self, path: &str) -> String {
        self.public_url.join(path)
    }

    /// True if this appliance sends e-mail.
    pub fn is_open(&self) -> bool {
        self.open
    }

    fn put(&self, tx: &Tx, mail: &Mail, place: &Place) -> Result<()> {
        if !self.open || tx.find_user(&mail.to)?.is_some_and(|user| user.is_disabled()) {
            return Ok(());
        }
        tx.add_mail(mail, place)?;
        // The mail job reads the queue through the writer, so after this transaction.
        self.wakeup.notify();
        Ok(())
    }

    /// Sends the link of an invitation by e-mail; if no e-mail is sent, returns it for the inviter.
    pub fn invite(
        &self,
        tx: &Tx,
        invitation: &Invitation,
        organisation: &Organisation,
        workspace: &Workspace,
        token: &str,
    ) -> Result<Option<String>> {
        let url = self.public_url.join(&format!("/invitation?token={token}"));
        if !self.is_open() {
            return Ok(Some(url));
        }
        let (inviter, expires_at) = (inviter_of(tx, invitation)?, invitation.expires_at);
        let letter = mail::invitation(&inviter, &organisation.name, &workspace.name, url, expires_at);
        let place = Place::of(&organisation.id).about(About::Invitation(invitation.id.clone()));
        self.put(tx, &addressed(tx, &letter, &invitation.email, &place, (invitation.created_at, expires_at))?, &place)?;
        Ok(None)
    }

    /// Makes a new one-time link; the previous link for the same use stops working. Sends it in the e-mail that
    /// `letter` composes; if no e-mail is sent, returns it. The link stops working when its creator, `maker`, loses the
    /// right to create it; `None` if the person requested it.
    pub fn password_link(
        &self,
        tx: &Tx,
        maker: Option<&Author>,
        (user, link): (&User, LinkUse),
        letter: impl FnOnce(String, Timestamp) -> Letter,
        place: Place,
    ) -> Result<Option<String>> {
        let now = tx.now();
        let (token, expires_at) = (secret(), now.plus(PASSWORD_LINK_SECS));
        let url = self.public_url.join(&format!("/reset?token={token}"));
        let mailed_at = Some(now).filter(|_| self.is_open());
        tx.set_password_link(&user.id, &token, expires_at, mailed_at, link, maker.map(|maker| &maker.actor))?;
        if !self.is_open() {
            return Ok(Some(url));
        }
        let place = place.about(About::PasswordLink(digest(&token)));
        self.put(tx, &addressed(tx, &letter(url, expires_at), &user.email, &place, (now, expires_at))?, &place)?;
        Ok(None)
    }

    /// As `password_link`, by e-mail only and up to the daily limit of the address; beyond it, the previous link keeps
    /// working. Returns true if a link was made.
    pub fn mail_password_link(
        &self,
        tx: &Tx,
        user: &User,
        letter: impl FnOnce(String, Timestamp) -> Letter,
        place: Place,
    ) -> Result<bool> {
        let sends = self.is_open() && charge_link(tx, &user.email)?;
        if sends {
            self.password_link(tx, None, (user, LinkUse::Password), letter, place)?;
        }
        Ok(sends)
    }

    /// The portal URL of an organisation that requires single sign-on; `None` if it does not.
    pub fn sso_only(&self, seat: &Seat) -> Option<SsoOnly> {
        Some(seat).filter(|seat| seat.organisation.sign_in_policy().enforced()).and_then(|seat| self.portal(seat))
    }

    /// The portal URL of an organisation; `None` if it has no portal key.
    pub fn portal(&self, Seat { organisation, .. }: &Seat) -> Option<SsoOnly> {
        let key = organisation.portal_key.as_deref()?;
        Some(SsoOnly { organisation: organisation.name.clone(), portal_url: self.page(&format!("/sso?key={key}")) })
    }

    /// Sends a reminder to a member, within the limits.
    ///
    /// # Errors
    /// `MailLimit`.
    pub fn remind(
        &self,
        tx: &Tx,
        organisation: &Organisation,
        (user, email): (&UserId, &Email),
        letter: &Letter,
    ) -> Result<()> {
        let now = tx.now();
        charge_reminder(tx, organisation, email)?;
        let place = Place::of(&organisation.id).about(About::Member(user.clone()));
        self.put(tx, &addressed(tx, letter, email, &place, (now, now.plus(NOTICE_SECS)))?, &place)
    }

    /// Sends a notice about single sign-on to all admins of an organisation; `letter` is given the address of its SSO
    /// page.
    pub fn tell_of_sso(
        &self,
        tx: &Tx,
        organisation: &Organisation,
        letter: impl FnOnce(String) -> Letter,
        about: About,
    ) -> Result<()> {
        let letter = letter(self.public_url.join(&format!("/o/{}/sso", organisation.slug)));
        let place = Place::of(&organisation.id).about(about);
        let admins = tx.admins(&organisation.id)?;
        admins.iter().try_for_each(|admin| self.notify(tx, &admin.email, &letter, &place))
    }

    /// Sends a notice to a person. No limit suppresses it: for each kind and organisation, the first ten a day are sent
    /// at once, and after that one e-mail an hour reports everything of that hour.
    pub fn notify(&self, tx: &Tx, to: &Email, letter: &Letter, place: &Place) -> Result<()> {
        let now = tx.now();
        let organisation = place.organisation.as_ref();
        if charge_notice(tx, letter.kind.as_str(), organisation.map_or("", OrganisationId::as_str), to)? {
            return self.put(tx, &addressed(tx, letter, to, place, (now, now.plus(NOTICE_SECS)))?, place);
        }
        if tx.has_later_mail(to, letter.kind, organisation)? {
            return Ok(());
        }
        let later = Some(now.plus(GATHERED_SECS));
        let letter = letter.clone().for_all_of_an_hour();
        let mail = addressed(tx, &letter, to, place, (now, now.plus(NOTICE_SECS)))?;
        self.put(tx, &Mail { next_attempt_at: later, ..mail }, place)
    }
}

/// The language of an e-mail: the one that the recipient has chosen, else the default of the organisation that the
/// e-mail is about, else the default of the recipient's only organisation.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub(super) fn language_of(db: &Db, to: &Email, organisation: Option<&OrganisationId>) -> Result<Language> {
    let user = db.find_user(to)?;
    if let Some(chosen) = user.as_ref().and_then(User::chosen_language) {
        return Ok(chosen);
    }
    let about = match (organisation, user) {
        (Some(id), _) => Some(db.organisation(id.as_str())?),
        (None, Some(user)) => match &db.seats(&user.id)?[..] {
            [only] => Some(only.organisation.clone()),
            _ => None,
        },
        (None, None) => None,
    };
    Ok(about.and_then(|organisation| organisation.default_language()).unwrap_or(Language::ENGLISH))
}

/// An e-mail to a person, due at `now` and valid until `expires_at`.
fn addressed(
    tx: &Tx,
    letter: &Letter,
    to: &Email,
    place: &Place,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<Mail> {
    let brand = branding::of_letter(tx, place.organisation.as_ref())?;
    let written = letter.within(language_of(tx, to, place.organisation.as_ref())?);
    Ok(Mail {
        id: MailId::random(),
        kind: letter.kind,
        to: to.clone(),
        plain: written.plain(brand.as_deref()),
        html: written.html(brand.as_deref()),
        subject: written.subject,
        created_at: now,
        expires_at,
        attempts: 0,
        next_attempt_at: Some(now),
        last_error: None,
    })
}

/// The inviter, as the invitation names them.
fn inviter_of(tx: &Tx, invitation: &Invitation) -> Result<Inviter> {
    let inviter = &invitation.invited_by;
    if *inviter == Actor::CommandLine.columns().2 {
        return Ok(Inviter::Operator);
    }
    let Ok(email) = Email::parse(inviter) else { return Ok(Inviter::Named(inviter.clone())) };
    Ok(tx.find_user(&email)?.map_or(Inviter::Admin, |user| Inviter::Named(user.name)))
}

/// The e-mails that are not sent yet, oldest first.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn waiting(app: &App, page: &Page) -> Result<Listing<Mail>> {
    app.store.read(|db| db.mails(page))
}

/// Sends an e-mail again now.
///
/// # Errors
/// `NotFound` when it was sent meanwhile; `Conflict` with code `expired` when its link has expired.
pub fn retry(app: &App, caller: &Caller, id: MailId) -> Result<Mail> {
    let author = caller.author.clone();
    let mail = app.write(&caller.claim, move |tx| {
        let mail = tx.mail(&id)?;
        if mail.expires_at <= tx.now() {
            return Err(Error::conflict("expired", phrase!("mail-link-expired")));
        }
        tx.set_mail_due(&id)?;
        author.log(tx, &Event::new("mail.retried", "mail", &id, &mail.to))?;
        tx.mail(&id)
    })?;
    app.mail_wakeup.notify();
    Ok(mail)
}

/// Discards an e-mail.
///
/// # Errors
/// `NotFound`.
pub fn discard(app: &App, caller: &Caller, id: MailId) -> Result<()> {
    let author = caller.author.clone();
    app.write(&caller.claim, move |tx| {
        let mail = tx.mail(&id)?;
        tx.delete_mail(&id)?;
        author.log(tx, &Event::new("mail.discarded", "mail", &id, &mail.to))
    })
}
