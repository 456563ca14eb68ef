//! Inviting people, and accepting invitations.

use super::branding::{self, ShownBrand};
use super::mail::Outbox;
use super::mail_limits::{charge_invitation, room_for_invitation};
use super::new_password::{Payer, hash_of, new_password};
use super::sessions::{Earned, SignIn, begin, log_password, newly_opened};
use super::some_of::some_of;
use super::{Author, Browser, Caller, proof};
use crate::app::App;
use crate::domain::access::Standing;
use crate::domain::audit::Event;
use crate::domain::custom_role::RoleNames;
use crate::domain::ids::{InvitationId, OrganisationId, UserId, WorkspaceId};
use crate::domain::invitation::Invitation;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::password::Owner;
use crate::domain::person::{Role, User};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::PlanLimit;
use crate::domain::principal::{Claim, Granted};
use crate::domain::seal::secret;
use crate::domain::{Email, Error, Listing, Name, Page, Password, Result, Timestamp, Together};
use crate::store::{Db, Tx};
use std::cell::Cell;

/// A person to invite.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Their address.
    pub email: Email,
    /// Their role in the workspace.
    pub role: Role,
    /// True if they become organisation admin, too.
    pub organisation_admin: bool,
}

/// An invitation with its link, which cannot be shown again.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The link to accept it; `None` if it was e-mailed.
    pub accept_url: Option<String>,
}

/// Invites a person to a workspace, with the role that a request names by `role`.
///
/// # Errors
/// `Invalid` with field `role` for a role that the organisation does not have; `PlanLimit` when the plan does not allow
/// more members; `Conflict` when they are a member or invited already; `MailLimit`.
pub fn invite(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    workspace: &Workspace,
    (email, role): (Email, String),
) -> Result<Invited> {
    let (author, organisation, workspace) = (caller.author.clone(), organisation.clone(), workspace.clone());
    let outbox = Outbox::of(app);
    app.write(&caller.claim, move |tx| {
        // The plan may have been switched since the request began.
        let organisation = tx.organisation(organisation.id.as_str())?;
        let role = tx.role_names(&organisation.id)?.given(&role)?;
        let wanted = Wanted { email, role, organisation_admin: false };
        Inviting::new(tx, &outbox, &author, &organisation, &workspace).invite(tx, &wanted)
    })
}

/// The context of inviting people to a workspace, or of a dry run of that.
pub(super) struct Inviting<'t> {
    db: Db<'t>,
    outbox: &'t Outbox,
    author: &'t Author,
    organisation: &'t Organisation,
    workspace: &'t Workspace,
    /// The number of people in the organisation, counted once for a whole list of people.
    people: Cell<Option<i64>>,
    /// The number of invitations that a dry run has found possible: they count for the lines after them.
    predicted: Cell<i64>,
}

impl<'t> Inviting<'t> {
    pub(super) fn new(
        db: &Db<'t>,
        outbox: &'t Outbox,
        author: &'t Author,
        organisation: &'t Organisation,
        workspace: &'t Workspace,
    ) -> Self {
        let (people, predicted) = (Cell::new(None), Cell::new(0));
        Self { db: *db, outbox, author, organisation, workspace, people, predicted }
    }

    /// The custom roles of the organisation.
    pub(super) fn roles(&self) -> Result<RoleNames> {
        self.db.role_names(&self.organisation.id)
    }

    /// True if an invitation would change nothing for a person. For a member who joined through SAML it would:
    /// accepting it gives their password access to the organisation, too.
    pub(super) fn is_settled(&self, email: &Email) -> Result<bool> {
        let Some(user) = self.db.find_user(email)? else { return Ok(false) };
        let standing = self.db.find_standing(&self.workspace.organisation, &user.id)?;
        let confirmed = standing.is_some_and(|one| one.password_agreed);
        Ok(confirmed && self.db.find_role(&self.workspace.id, &user.id)?.is_some())
    }

    /// Invites a person.
    ///
    /// # Errors
    /// `PlanLimit`; `Conflict` when they are a member of the workspace or invited already; `MailLimit`.
    pub(super) fn invite(&self, tx: &Tx, wanted: &Wanted) -> Result<Invited> {
        self.with_room_for(&wanted.email, || self.add(tx, wanted))
    }

    /// As `invite`, in a transaction that invites other people, too: a refusal writes nothing.
    pub(super) fn attempt(&self, tx: &Tx, wanted: &Wanted) -> Result<Invited> {
        tx.savepoint(|| self.invite(tx, wanted))
    }

    /// A dry run of `attempt`: predicts its result as if the invitations checked so far had been sent, and writes nothing.
    /// It may be called once for each address.
    ///
    /// # Errors
    /// The errors of `invite`.
    pub(super) fn dry_run(&self, wanted: &Wanted) -> Result<()> {
        self.with_room_for(&wanted.email, || {
            let invitation = self.invitation(wanted);
            if self.outbox.is_open() {
                room_for_invitation(&self.db, self.author, self.organisation, &invitation, self.predicted.get())?;
            }
            self.db.room_for_invitation(&self.workspace.id, &wanted.email)?;
            self.predicted.update(|before| before + 1);
            Ok(())
        })
    }

    /// Calls `add` if the person is not a member of the workspace and the plan allows one more, and counts the person then.
    fn with_room_for<T>(&self, email: &Email, add: impl FnOnce() -> Result<T>) -> Result<T> {
        let Self { db, organisation, .. } = self;
        if self.is_settled(email)? {
            return Err(Error::taken("email", phrase!("member-already")));
        }
        if db.belongs_or_is_invited(&organisation.id, email)? {
            return add();
        }
        let people = self.people.get().map_or_else(|| db.count_people(&organisation.id), Ok)?;
        organisation.plan.room(PlanLimit::Members, people)?;
        let added = add()?;
        self.people.set(Some(people + 1));
        Ok(added)
    }

    fn invitation(&self, wanted: &Wanted) -> Invitation {
        let Self { db, author, organisation, workspace, .. } = self;
        Invitation {
            id: InvitationId::random(),
            workspace: workspace.id.clone(),
            organisation: organisation.id.clone(),
            email: wanted.email.clone(),
            role: wanted.role.clone(),
            organisation_admin: wanted.organisation_admin,
            invited_by: author.name().into(),
            created_at: db.now(),
            expires_at: db.now().plus(organisation.lives.invitation_secs()),
            backed: true,
        }
    }

    fn add(&self, tx: &Tx, wanted: &Wanted) -> Result<Invited> {
        let Self { outbox, author, organisation, workspace, .. } = *self;
        let (invitation, token) = (self.invitation(wanted), secret());
        if outbox.is_open() {
            charge_invitation(tx, outbox.is_open(), author, organisation, &invitation)?;
        }
        tx.add_invitation(&invitation, &token, &author.actor, !outbox.is_open())?;
        log(tx, author, "invitation.created", &invitation)?;
        Ok(Invited { accept_url: outbox.invite(tx, &invitation, organisation, workspace, &token)?, invitation })
    }
}

fn log(tx: &Tx, author: &Author, action: &'static str, invitation: &Invitation) -> Result<()> {
    let event = Event::new(action, "invitation", &invitation.id, &invitation.email);
    let detail = serde_json::json!({ "role": invitation.role.logged() });
    author.log(tx, &event.within(&invitation.organisation).at(&invitation.workspace).with(detail))
}

/// Sends an invitation again, with a new link and a new expiry; the old link stops working.
///
/// # Errors
/// `NotFound`; `PlanLimit` when it had expired and the plan does not allow more members; `MailLimit`.
pub fn resend(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    workspace: &Workspace,
    id: InvitationId,
) -> Result<Invited> {
    let (author, organisation, workspace) = (caller.author.clone(), organisation.clone(), workspace.clone());
    let outbox = Outbox::of(app);
    app.write(&caller.claim, move |tx| {
        let invitation = tx.invitation(&workspace.id, &id)?;
        let organisation = tx.organisation(organisation.id.as_str())?;
        for_admins(&invitation, tx.granted())?;
        if !tx.belongs_or_is_invited(&organisation.id, &invitation.email)? {
            organisation.plan.room(PlanLimit::Members, tx.count_people(&organisation.id)?)?;
        }
        let token = secret();
        let expires_at = tx.now().plus(organisation.lives.invitation_secs());
        tx.renew_invitation(&id, &token, expires_at, &author.actor, !outbox.is_open())?;
        log(tx, &author, "invitation.resent", &invitation)?;
        let invitation = tx.invitation(&workspace.id, &id)?;
        charge_invitation(tx, outbox.is_open(), &author, &organisation, &invitation)?;
        Ok(Invited { accept_url: outbox.invite(tx, &invitation, &organisation, &workspace, &token)?, invitation })
    })
}

/// Refuses a caller who may not make organisation admins, if the invitation makes one: its link would give the caller
/// that right.
fn for_admins(invitation: &Invitation, granted: Granted) -> Result<()> {
    if invitation.organisation_admin && !granted.makes_admins() {
        return Err(Error::forbidden(phrase!("invitation-of-organisation-admin")));
    }
    Ok(())
}

/// Withdraws an invitation.
///
/// # Errors
/// `NotFound`.
pub fn withdraw(app: &App, caller: &Caller, workspace: &Workspace, id: InvitationId) -> Result<()> {
    let (author, workspace) = (caller.author.clone(), workspace.clone());
    app.write(&caller.claim, move |tx| {
        let invitation = tx.invitation(&workspace.id, &id)?;
        for_admins(&invitation, tx.granted())?;
        tx.delete_invitation(&id)?;
        log(tx, &author, "invitation.withdrawn", &invitation)
    })
}

/// An invitation as the invited person sees it before accepting.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// The invitation.
    pub invitation: Invitation,
    /// Its organisation.
    pub organisation: Organisation,
    /// Its workspace.
    pub workspace: Workspace,
    /// True if the invited address has an account. Show this to the invited person only.
    pub account: bool,
    /// The brand of the organisation.
    pub brand: Option<ShownBrand>,
}

/// The invitations to a workspace.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, workspace: &WorkspaceId, page: &Page) -> Result<Listing<Invitation>> {
    app.store.read(|db| db.invitations(workspace, page))
}

/// A warning that names the invitations whose links end with a person's right in an organisation; `None` if there are
/// none. The invitations stay, and can be sent again.
pub(super) fn ended_links(
    db: &Db,
    organisation: &OrganisationId,
    user: &UserId,
    ends: impl Fn(&Invitation) -> bool,
) -> Result<Option<Phrase>> {
    let handed = db.invitations_handed_to(organisation, user)?;
    let people: Vec<_> = handed.iter().filter(|one| ends(one)).map(|one| one.email.to_string()).collect();
    Ok((!people.is_empty())
        .then(|| phrase!("warning-invitation-links-end", count = people.len(), people = some_of(&people))))
}

/// Looks an invitation up by the token of its link.
///
/// # Errors
/// `NotFound` when it is unknown, expired, used or replaced.
pub fn inspect(app: &App, token: &str) -> Result<Inspected> {
    app.store.read(|db| inspect_in(db, token))
}

fn inspect_in(db: &Db, token: &str) -> Result<Inspected> {
    let invitation = db.invitation_of_token(token)?;
    let organisation = db.organisation(invitation.organisation.as_str())?;
    Ok(Inspected {
        workspace: db.workspace(&invitation.workspace)?,
        account: db.find_user(&invitation.email)?.is_some(),
        brand: branding::of_organisation(db, &organisation)?,
        organisation,
        invitation,
    })
}

/// The outcome of accepting an invitation.
pub enum Accepted {
    /// The person is a member and signed in.
    In(SignIn),
    /// The organisation requires SAML: the invitation is still pending, and is accepted by the first sign-in at this
    /// portal URL.
    ThroughSaml(String),
}

/// Accepts an invitation. A new person gives a name and a password; an existing person gives their password, unless
/// they are signed in with it.
///
/// # Errors
/// `NotFound` when the link does not work; `Invalid` or `SeveralInvalid` with `name` and `password`; `Refused` when the
/// password of an existing person is wrong, and `Conflict` with code `sign_in_first` when they gave none and are not
/// signed in with it; `Throttled`.
pub fn accept(
    app: &App,
    token: String,
    name: Option<String>,
    password: Option<String>,
    browser: Browser,
) -> Result<Accepted> {
    let Inspected { invitation, organisation, account, .. } = inspect(app, &token)?;
    if let Some(key) = organisation.portal_key.as_deref().filter(|_| organisation.sign_in_policy().enforced()) {
        return Ok(Accepted::ThroughSaml(app.portal_url(key)));
    }
    let outbox = Outbox::of(app);
    if account {
        let proved = password.filter(|password| !password.is_empty());
        let proved = proved.map(|password| {
            let (email, wrong) = (&invitation.email, phrase!("invitation-wrong-password"));
            proof::by_password(app, email, browser.source(email), &Password::typed(password), wrong)
        });
        let proved = proved.transpose()?;
        let join = move |tx: &Tx| join_as_known(tx, &outbox, &token, proved, &browser);
        let joined = app.write(&Claim::sign_in(), join).inspect(|_| app.store.forget());
        return joined.map(Accepted::In);
    }
    let name = name.unwrap_or_default();
    let owner = Owner::new(&name, invitation.email.as_str(), [organisation.name.as_str()]);
    let payer = Payer::by_invitation(&invitation, &token, &browser.address);
    let password = new_password(app, &payer, "password", password.unwrap_or_default(), &owner);
    let (name, password) = (Name::parse("name", &name), password).together()?;
    let hash = hash_of(app, &payer, &password)?;
    let join_as_new = move |tx: &Tx| {
        let Invitation { id, email, .. } = tx.invitation_of_token(&token)?;
        if tx.find_user(&email)?.is_some() {
            return Err(sign_in_first(outbox.is_open()));
        }
        let user = tx.add_user(&email, name.as_str(), Some(&hash), false)?;
        // The creator of the invitation, who received its link, may have accepted it.
        let handed_to = tx.invitation_handed_to(&id)?;
        tx.set_password_by(&user.id, handed_to.as_ref())?;
        if handed_to.is_none() {
            tx.prove_email(&user.id)?;
        }
        join(tx, &outbox, &token, (&user, tx.now()), &browser)
    };
    let joined = app.write(&Claim::sign_in(), join_as_new).inspect(|_| app.store.forget());
    joined.map(Accepted::In)
}

/// Accepts as an existing person, who has given their password (`proved`) or is signed in with it in this browser.
fn join_as_known(tx: &Tx, outbox: &Outbox, token: &str, proved: Option<User>, browser: &Browser) -> Result<SignIn> {
    let email = tx.invitation_of_token(token)?.email;
    if let Some(proved) = proved {
        // The password may have been changed while it was being checked.
        let user = tx.user(&proved.id)?;
        if user.password_hash != proved.password_hash || user.email != email {
            return Err(Error::refused());
        }
        return join(tx, outbox, token, (&user, tx.now()), browser);
    }
    let first = || sign_in_first(outbox.is_open());
    let asking = browser.token.as_deref().map(|token| tx.signed_in(token)).transpose()?.flatten();
    let own = asking.filter(|asking| asking.user.email == email && asking.has_password()).ok_or_else(first)?;
    let password_at = own.session.password_at.ok_or_else(first)?;
    join(tx, outbox, token, (&own.user, password_at), browser)
}

/// `mail`: true if this appliance sends e-mail.
fn sign_in_first(mail: bool) -> Error {
    let message =
        if mail { phrase!("invitation-sign-in-first-with-mail") } else { phrase!("invitation-sign-in-first") };
    Error::conflict("sign_in_first", message)
}

/// Accepts the invitation and begins a session. `password_at`: when the person gave their password.
fn join(
    tx: &Tx,
    outbox: &Outbox,
    token: &str,
    (user, password_at): (&User, Timestamp),
    browser: &Browser,
) -> Result<SignIn> {
    let invitation = tx.invitation_of_token(token)?;
    // SAML-only may have been turned on since the invitation was opened.
    if tx.organisation(invitation.organisation.as_str())?.sign_in_policy().enforced() {
        return Err(Error::conflict("saml_only_on", phrase!("invitation-needs-saml")));
    }
    take_up(tx, outbox, &Author::person(user, &browser.address), &invitation, user, true)?;
    // As at sign-in, the session gets a grant for every organisation to which the password gives access.
    let open =
        tx.seats(&user.id)?.into_iter().filter(|seat| seat.organisation.sign_in_policy().password(seat.standing));
    let open: Vec<_> = open.map(|seat| seat.organisation.id).collect();
    let held = browser.token.as_deref().map(|token| tx.find_session(token)).transpose()?.flatten();
    let held = held.filter(|(owner, _)| *owner == user.id).map(|(_, session)| session);
    let mut opened = newly_opened(held.as_ref(), open.iter().cloned(), tx.now());
    // For the organisation of the invitation, the log has the acceptance already.
    opened.retain(|one| *one != invitation.organisation);
    if !opened.is_empty() {
        log_password(tx, user, &opened, browser)?;
    }
    let earned = Earned::by_password(open, password_at);
    begin(tx, outbox, user, earned, browser)
}

/// Makes the invited person a member, and deletes the invitation. It never lowers a role: a workspace Admin stays
/// Admin.
pub(super) fn take_up(
    tx: &Tx,
    outbox: &Outbox,
    author: &Author,
    invitation: &Invitation,
    user: &User,
    password_agreed: bool,
) -> Result<()> {
    let standing = Standing { admin: invitation.organisation_admin, password_agreed };
    tx.add_person(&invitation.organisation, user, standing)?;
    let present = tx.find_role(&invitation.workspace, &user.id)?;
    let role = present.filter(|role| *role == Role::Admin).unwrap_or_else(|| invitation.role.clone());
    tx.set_place(&invitation.organisation, &invitation.workspace, user, &role)?;
    tx.delete_invitation(&invitation.id)?;
    if invitation.organisation_admin {
        outbox.tell_of_new_admin(tx, author, &invitation.organisation, user)?;
    }
    log(tx, author, "invitation.accepted", &Invitation { role, ..invitation.clone() })
}
