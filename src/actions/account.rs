//! A person's own account, and the links that set a password.

use super::dry_run::switch_giving;
use super::mail::Outbox;
use super::new_password::{Payer, gone, hash_of_new, unchanged};
use super::operators::{self, not_by_key};
use super::some_of::some_of;
use super::{Author, Browser, Caller, Run, proof};
use crate::app::{App, Checked, Source};
use crate::domain::access::{Effect, Standing};
use crate::domain::audit::Event;
use crate::domain::ids::UserId;
use crate::domain::language_tag::LanguageTag;
use crate::domain::mail::Place;
use crate::domain::password::Owner;
use crate::domain::person::{HandedTo, LinkUse, PasswordLink, User};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::principal::{Claim, Need};
use crate::domain::seal::secret;
use crate::domain::session::{Seat, SignedIn};
use crate::domain::{Email, Error, Name, Password, Result, ReturnPath};
use crate::mail::{self as letters, PasswordUse, SsoOnly};
use crate::store::{Db, Tx};

/// Changes a person's display name, the language of their pages and e-mails, and whether they get an e-mail at each
/// sign-in from an unknown browser. Parameters that are `None` stay unchanged.
///
/// # Errors
/// `Forbidden` when a session without a password grant changes more than the language; `Throttled` after too many changes.
pub fn change(
    app: &App,
    caller: &Caller,
    asking: &SignedIn,
    name: Option<Name>,
    language: Option<Option<LanguageTag>>,
    notify_new_browser: Option<bool>,
) -> Result<()> {
    let own = name.is_some() || notify_new_browser.is_some();
    let caller = &caller.clone().needing(if own { Need::OwnSettings } else { Need::Person });
    let (author, id) = (caller.author.clone(), asking.user.id.clone());
    app.throttle.charge_change(&asking.allowance(), asking.now)?;
    app.write(&caller.claim, move |tx| {
        let user = tx.user(&id)?;
        let name = name.map_or_else(|| user.name.clone(), |name| name.to_string());
        let language = language.map_or_else(|| user.language.clone(), |tag| tag.map(LanguageTag::into_string));
        let notify_new_browser = notify_new_browser.unwrap_or(user.notify_new_browser);
        if (&name, &language, notify_new_browser) == (&user.name, &user.language, user.notify_new_browser) {
            return Ok(());
        }
        tx.set_user(&user.id, &name, language.as_deref())?;
        tx.set_notify_new_browser(&user.id, notify_new_browser)?;
        author.log(tx, &Event::new("account.changed", "person", &user.id, &user.email))
    })
}

/// Changes a person's password and ends their other sessions. Returns the new secret of this session; the old one
/// expires.
///
/// # Errors
/// `Forbidden` without a password grant; `Invalid` with field `current_password` or `new_password`; `Throttled`.
pub fn change_password(
    app: &App,
    caller: &Caller,
    asking: &SignedIn,
    current: &Password,
    new: String,
) -> Result<String> {
    let user = &asking.user;
    let source = Source { address: &caller.address, known: Some(asking.session.id.as_str()) };
    let charge = app.throttle.charge(&user.email, source, asking.now)?;
    let permit = proof::permit(app, &user.email, true).inspect_err(|_| app.throttle.refund(&charge))?;
    let checked = app.hasher.check(&source.line(&user.email), current, user.password_hash.as_deref());
    if matches!(checked, Ok(Checked::Wrong)) {
        proof::note_refusal(app, &caller.address, Some(user.clone()), proof::wrong_password(Some(user)));
        return Err(Error::invalid("current_password", phrase!("wrong-current-password")));
    }
    app.throttle.refund(&charge);
    checked?;
    // Compare the new password with the current one only after the check: this refusal would confirm a guess.
    if Password::typed(new.clone()).reveal() == current.reveal() {
        return Err(unchanged("new_password"));
    }
    let owner = owner(user, &asking.seats);
    let hash = hash_of_new(app, &Payer::by_session(asking, &caller.address), "new_password", new, &owner)?;
    drop(permit);
    let (author, user, kept) = (caller.author.clone(), user.clone(), asking.session.id.clone());
    let token = secret();
    let new_token = token.clone();
    let agent = asking.session.agent.clone();
    let (outbox, browser) = (Outbox::of(app), Browser { address: author.address.clone(), agent, ..Browser::default() });
    app.write(&caller.claim, move |tx| {
        if tx.user(&user.id)?.password_hash != user.password_hash {
            return Err(Error::conflict("changed_meanwhile", phrase!("password-changed-meanwhile")));
        }
        tx.set_password(&user.id, &hash)?;
        tx.delete_other_sessions(&user.id, Some(&kept))?;
        tx.renew_session(&kept, &new_token, Some(tx.now()))?;
        outbox.tell_of_password(tx, &user, &browser)?;
        author.log(tx, &Event::new("account.password_changed", "person", &user.id, &user.email))
    })?;
    Ok(token)
}

/// The person with this address.
///
/// # Errors
/// `NotFound` with the message `missing`.
pub fn person(app: &App, email: &Email, missing: Phrase) -> Result<User> {
    app.store.read(|db| db.find_user(email))?.ok_or(Error::NotFound(missing))
}

/// A link that was made for a person.
pub enum MadeLink {
    /// It was sent to them by e-mail.
    Mailed,
    /// No e-mail is sent here, so the caller passes it on.
    Shown(String),
}

/// Makes a new link that sets a person's password; the previous one stops working. The link is sent by e-mail; if no
/// e-mail is sent, it is returned to the caller. The effect warns if the person has no password yet, and names the
/// organisations that will not accept the one of the link.
///
/// # Errors
/// `NotFound`; `Forbidden` when an API key asks for an operator's link; `Conflict` with code `disabled`.
pub fn reset_link(app: &App, caller: &Caller, id: UserId, run: Run) -> Result<(Effect, Option<MadeLink>)> {
    let (by, outbox) = (caller.clone(), Outbox::of(app));
    let warned = outbox.clone();
    let planned = move |db: &Db| {
        let user = db.user(&id)?;
        not_by_key(&by, &user)?;
        user.takes_links()?;
        let warnings = before_link(db, &warned, &user)?;
        Ok((Effect { warnings, ..Effect::default() }, user))
    };
    let author = caller.author.clone();
    switch_giving(app, caller, run, planned, move |tx, user| {
        let link = outbox.password_link(
            tx,
            Some(&author),
            (&user, LinkUse::Password),
            letters::reset_link,
            Place::default().urgent(),
        )?;
        author.log(tx, &Event::new("account.reset_link", "person", &user.id, &user.email))?;
        Ok(link.map_or(MadeLink::Mailed, MadeLink::Shown))
    })
}

/// What to know before this person gets a password link: what its use ends, and the organisations that will not accept
/// the password.
fn before_link(db: &Db, outbox: &Outbox, user: &User) -> Result<Vec<Phrase>> {
    let seats = db.seats(&user.id)?;
    let PasswordUse { opens, with_code, sso_only, unconfirmed } =
        use_of_password(db, outbox, user, &seats, outbox.is_open())?;
    let names = |list: Vec<SsoOnly>| list.into_iter().map(|one| one.organisation).collect::<Vec<_>>();
    let (sso_only, unconfirmed) = (names(sso_only), names(unconfirmed));
    let mut warnings = Vec::new();
    if user.password_hash.is_none() {
        warnings.push(phrase!("warning-link-first", email = &user.email));
    }
    if !sso_only.is_empty() {
        warnings.push(phrase!("warning-link-sso-only", organisations = some_of(&sso_only)));
    }
    if !unconfirmed.is_empty() {
        warnings.push(phrase!("warning-link-unconfirmed", organisations = some_of(&unconfirmed)));
    }
    if !opens {
        warnings.push(if with_code { phrase!("warning-link-for-code") } else { phrase!("warning-link-opens-nothing") });
    }
    warnings.push(phrase!("warning-link-use"));
    Ok(warnings)
}

/// Sends a password reset link to this address if a person has it. The answer, and the time that it takes, are the same
/// if nobody has it: the person is looked up after the answer. `return_path`: where the person goes after sign-in; it
/// is stored here and not shown in the e-mail, because anybody can request a reset. Returns true if this appliance
/// sends e-mail.
///
/// # Errors
/// `Throttled` after a few for one address.
pub fn request_reset(app: &App, email: &Email, return_path: Option<ReturnPath>, address: String) -> Result<bool> {
    let now = app.now();
    app.throttle.charge_reset(email, &address, now)?;
    let outbox = Outbox::of(app);
    if outbox.is_open() {
        let email = email.clone();
        app.store.write_later(&Claim::sign_in(), move |tx| {
            let user = tx.find_user(&email)?.filter(|user| !user.is_disabled());
            let Some(user) = user else { return Ok(()) };
            let seats = tx.seats(&user.id)?;
            let useful = use_of_password(tx, &outbox, &user, &seats, true)?;
            let letter = |url, expires_at| letters::reset(&useful, url, expires_at);
            if outbox.mail_password_link(tx, &user, letter, Place::default().urgent())?
                && let Some(path) = return_path
            {
                tx.set_password_link_return(&user.id, &path)?;
            }
            let event = Event::new("account.reset_requested", "person", &user.id, &user.email);
            Author::anonymous(&address).log(tx, &event)
        });
    }
    Ok(app.sends_mail)
}

/// The use of a person's password. `mailed`: true if it is set by a link that was sent by e-mail, because then all their
/// organisations accept it.
fn use_of_password(db: &Db, outbox: &Outbox, user: &User, seats: &[Seat], mailed: bool) -> Result<PasswordUse> {
    let opens = |seat: &Seat| {
        let password_agreed = mailed || seat.standing.password_agreed;
        seat.organisation.sign_in_policy().password(Standing { password_agreed, ..seat.standing })
    };
    let enforced = |seat: &&Seat| seat.organisation.sign_in_policy().enforced();
    let closed = || seats.iter().filter(|seat| !opens(seat));
    Ok(PasswordUse {
        opens: user.operator || seats.iter().any(opens) || is_invited_by_password(db, &user.email)?,
        with_code: seats.iter().filter(enforced).any(|seat| seat.standing.admin),
        sso_only: closed().filter_map(|seat| outbox.sso_only(seat)).collect(),
        unconfirmed: closed().filter(|seat| !enforced(seat)).filter_map(|seat| outbox.portal(seat)).collect(),
    })
}

/// True if there is a pending invitation for this address that the person accepts with a password.
fn is_invited_by_password(db: &Db, email: &Email) -> Result<bool> {
    for invitation in db.invitations_of(email)? {
        let standing = Standing { admin: invitation.organisation_admin, password_agreed: true };
        if db.organisation(invitation.organisation.as_str())?.sign_in_policy().password(standing) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The person's name, address and organisations, which would be easy guesses for their password.
pub(super) fn owner<'a>(user: &'a User, seats: impl IntoIterator<Item = &'a Seat>) -> Owner {
    Owner::new(&user.name, user.email.as_str(), seats.into_iter().map(|seat| seat.organisation.name.as_str()))
}

/// The link with this token, which sets a password or confirms an operator, with its person's organisations.
///
/// # Errors
/// `NotFound` when the link is unknown, used or expired.
pub fn inspect_reset(app: &App, token: &str) -> Result<(PasswordLink, Vec<Seat>)> {
    app.store.read(|db| {
        let link = db.find_password_link(token)?.ok_or_else(gone)?;
        let seats = db.seats(&link.user.id)?;
        Ok((link, seats))
    })
}

/// As `inspect_reset`, with the use of the password that the link sets; `None` if an organisation's admin or API key
/// received the link, because they must not learn the person's other organisations.
///
/// # Errors
/// `NotFound` when the link is unknown, used or expired.
pub fn inspect_reset_with_use(app: &App, token: &str) -> Result<(PasswordLink, Option<PasswordUse>)> {
    let (link, seats) = inspect_reset(app, token)?;
    if matches!(link.handed_to, Some(HandedTo::Key(_) | HandedTo::Person(_))) {
        return Ok((link, None));
    }
    let (outbox, mailed) = (Outbox::of(app), link.mailed_at.is_some());
    let useful = app.store.read(|db| use_of_password(db, &outbox, &link.user, &seats, mailed))?;
    Ok((link, Some(useful)))
}

/// Sets the password of the person for whom the link was made, and ends all their sessions. A link that was sent by
/// e-mail proves that the account is theirs: the organisations to which they had access only through SAML now accept
/// their password, too. Returns the person's address.
///
/// A link that confirms an operator takes their current password instead, and sets no new one.
///
/// # Errors
/// `NotFound` when the link is unknown, used or expired; `Invalid` with field `password`; `Refused` for a wrong current password.
pub fn finish_reset(app: &App, token: String, password: String, browser: Browser) -> Result<Email> {
    let (link, seats) = inspect_reset(app, &token)?;
    if link.confirms_operator {
        return operators::confirm(app, token, &link.user, &Password::typed(password), &browser);
    }
    let user = link.user;
    let owner = owner(&user, &seats);
    let typed = Password::typed(password.clone());
    let payer = Payer::by_link(&user.id, &token, &browser.address);
    let permit = proof::permit(app, &user.email, true)?;
    let hash = hash_of_new(app, &payer, "password", password, &owner)?;
    // A link that was not e-mailed may have been seen by another person, to whom this refusal would confirm a guess. A
    // link by which a person agrees to use their password for an organisation may set the same password again.
    let confirms = seats.iter().any(|seat| !seat.standing.password_agreed);
    let own = link.mailed_at.is_some() && user.password_hash.is_some() && !confirms;
    if own && app.hasher.check(&payer.line(), &typed, user.password_hash.as_deref())? != Checked::Wrong {
        return Err(unchanged("password"));
    }
    drop(permit);
    let outbox = Outbox::of(app);
    app.write(&Claim::sign_in(), move |tx| {
        let link = tx.find_password_link(&token)?.ok_or_else(gone)?;
        let user = link.user;
        tx.set_password(&user.id, &hash)?;
        note_who_may_know(tx, &user, link.handed_to.as_ref())?;
        if let Some(mailed_at) = link.mailed_at {
            tx.agree_password(&user.id, mailed_at)?;
            tx.prove_email(&user.id)?;
        }
        tx.delete_other_sessions(&user.id, None)?;
        outbox.tell_of_password(tx, &user, &browser)?;
        let event = Event::new("account.password_reset", "person", &user.id, &user.email);
        Author::person(&user, &browser.address).log(tx, &event)?;
        Ok(user.email)
    })
    .inspect(|_| app.store.forget())
}

/// Records that the creator of a link, to whom it was shown, may know the password that was set by it. For a link that
/// an operator created for themselves, the record stays as it is, as another creator may have known the previous
/// password.
fn note_who_may_know(tx: &Tx, user: &User, handed_to: Option<&HandedTo>) -> Result<()> {
    if matches!(handed_to, Some(HandedTo::Operator(maker)) if maker == user.id.as_str()) {
        return Ok(());
    }
    tx.set_password_by(&user.id, handed_to)?;
    if matches!(handed_to, Some(HandedTo::Key(_))) {
        // The holder of the API key may know this password, so the person must not become an operator with it.
        tx.delete_operator_link(&user.id)?;
    }
    Ok(())
}
