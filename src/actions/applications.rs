//! Applications: reading, creating, changing and deleting them, and who may open them.

use super::application_event::event;
use super::dry_run::{logged, switch};
use super::oidc_clients::fit_secrets;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{Effect, Line, SamlAccess};
use crate::domain::application::{Application, ApplicationKind, MOST_APPLICATIONS, Opened, ProxySettings, Tile};
use crate::domain::custom_role::ApplicationRole;
use crate::domain::ids::{ApplicationId, OrganisationId, UserId};
use crate::domain::level::Level;
use crate::domain::oidc_client::OidcClient;
use crate::domain::organisation::Workspace;
use crate::domain::person::Role;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::principal::{Granted, Principal};
use crate::domain::session::SignedIn;
use crate::domain::{Error, Listing, Page, Result};
use crate::store::{Db, Tx};
use serde_json::json;
use std::collections::HashMap;

/// Who reads applications, and with which right.
pub struct Reader {
    /// The right with which they were admitted.
    pub granted: Granted,
    /// Their role in the workspace, if they are a member.
    pub role: Option<Role>,
    /// Their session, if they are a person.
    pub asking: Option<SignedIn>,
}

impl Reader {
    /// True if they manage the applications of the workspace, and so see all of them with their settings.
    pub fn manages(&self) -> bool {
        self.granted.manages() || self.role == Some(Role::Admin)
    }

    /// True if they may open an application of this organisation. `role`: their role in its workspace.
    fn opens(&self, organisation: &OrganisationId, role: Option<&ApplicationRole>) -> bool {
        let Some(asking) = &self.asking else { return false };
        let seat = asking.seats.iter().find(|seat| seat.organisation.id == *organisation);
        seat.is_some_and(|seat| asking.level(seat, role) > Level::NoAccess)
    }
}

/// The applications of a workspace, by name: all for its Admins, otherwise those that the reader may open.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(
    app: &App,
    caller: &Caller,
    workspace: &Workspace,
    reader: &Reader,
    page: &Page,
) -> Result<Listing<Application>> {
    app.read(&caller.claim, |db| {
        if reader.manages() {
            return db.applications(&workspace.id, page);
        }
        let Some(asking) = &reader.asking else { return Ok(Listing { items: Vec::new(), next: None }) };
        let found = db.applications_of(&workspace.organisation, &asking.user.id, false)?;
        let opens = |(application, _, role): (Application, String, Option<ApplicationRole>)| {
            let here = application.workspace == workspace.id && reader.opens(&workspace.organisation, role.as_ref());
            here.then_some(application)
        };
        let found = found.into_iter().filter_map(opens).collect();
        let key = |one: &Application| (one.tile.name.to_string(), one.id.to_string());
        let complete = |one: &mut Application| {
            one.tile.icon = db.find_icon(&one.id)?;
            Ok(one.bytes())
        };
        page.part_of(found, key)?.completed(Page::MOST_BYTES, complete, |one| Page::cursor_of(&key(one)))
    })
}

/// Checks that the reader may see an application.
///
/// # Errors
/// `NotFound`.
pub fn shown(app: &App, application: Application, reader: &Reader) -> Result<Application> {
    let role = |asking: &SignedIn| app.store.read(|db| db.find_application_role(&application.id, &asking.user.id));
    let role = if reader.manages() { None } else { reader.asking.as_ref().map(role).transpose()?.flatten() };
    if reader.manages() || reader.opens(&application.organisation, role.as_ref()) {
        return Ok(application);
    }
    Err(Error::NotFound(phrase!("application-not-found")))
}

/// All applications of a workspace, by name, for the command line.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn all(app: &App, workspace: &Workspace, page: &Page) -> Result<Listing<Application>> {
    app.store.read(|db| db.applications(&workspace.id, page))
}

/// The application with this id.
///
/// # Errors
/// `NotFound`.
pub fn named(app: &App, id: &str) -> Result<Application> {
    let id = ApplicationId::parse(id)?;
    app.store.read(|db| db.application(&id))
}

/// The applications that a person may open, over all organisations to which their session has access, by name.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn tiles(app: &App, asking: &SignedIn, page: &Page) -> Result<Listing<Opened>> {
    app.store.read(|db| {
        let mut tiles = Vec::new();
        for seat in asking.seats.iter().filter(|seat| asking.application_grant(seat).is_some()) {
            let organisation = &seat.organisation;
            let found = db.applications_of(&organisation.id, &asking.user.id, seat.standing.admin)?;
            tiles.extend(found.into_iter().map(|(application, workspace, role)| Opened {
                application,
                organisation: organisation.name.clone(),
                workspace,
                level: asking.level(seat, role.as_ref()),
            }));
        }
        tiles.retain(|tile| tile.level > Level::NoAccess);
        // The icons are read only now, because all those of an organisation would be large.
        let complete = |one: &mut Opened| {
            one.application.tile.icon = db.find_icon(&one.application.id)?;
            Ok(one.application.bytes())
        };
        page.part_of(tiles, Opened::position)?
            .completed(Page::MOST_BYTES, complete, |one| Page::cursor_of(&one.position()))
    })
}

/// A new application.
#[derive(Debug)]
pub struct NewApplication {
    /// Its kind.
    pub kind: ApplicationKind,
    /// The part that its users see.
    pub tile: Tile,
    /// The settings of a proxy application.
    pub proxy: ProxySettings,
    /// The settings of an OpenID Connect client.
    pub oidc: Option<OidcClient>,
}

/// A saved application, with the secret that it got, which cannot be shown again.
pub type Saved = (Application, Option<String>);

/// Charges a creation or change of an application to a caller through the API.
fn charge(app: &App, caller: &Caller) -> Result<()> {
    if !matches!(caller.claim.principal, Principal::Session(..) | Principal::Key(_)) {
        return Ok(());
    }
    let (kind, by, _) = caller.author.actor.columns();
    app.throttle.charge_change(&format!("applications by {kind} {}", by.unwrap_or_default()), app.now())
}

/// Creates an application in a workspace. A confidential client gets its first secret.
///
/// # Errors
/// `Forbidden` with code `host_not_granted`; `Conflict` with field `hosts` when another application has a host;
/// `Throttled` after too many creations and changes.
pub fn create(app: &App, caller: &Caller, workspace: &Workspace, new: NewApplication) -> Result<Saved> {
    charge(app, caller)?;
    let (author, workspace) = (caller.author.clone(), workspace.clone());
    app.write(&caller.claim, move |tx| {
        if tx.count_applications(&workspace.organisation)? >= MOST_APPLICATIONS {
            return Err(Error::conflict("too_many", phrase!("too-many-applications", most = MOST_APPLICATIONS)));
        }
        let NewApplication { kind, tile, proxy, oidc } = new;
        let application = Application {
            id: ApplicationId::random(),
            workspace: workspace.id,
            organisation: workspace.organisation,
            kind,
            tile,
            proxy,
            oidc,
            created_at: tx.now(),
        };
        hosts_granted(tx, &application)?;
        tx.add_application(&application)?;
        let secret = fit_secrets(tx, &application)?;
        author.log(tx, &event("application.created", &application).with(settings(&application)))?;
        Ok((tx.application(&application.id)?, secret))
    })
}

/// Checks that each host of an application is granted to its organisation.
fn hosts_granted(tx: &Tx, application: &Application) -> Result<()> {
    if application.proxy.hosts.is_empty() {
        return Ok(());
    }
    let grants = tx.host_grants(&application.organisation)?;
    match application.proxy.hosts.iter().find(|host| !grants.iter().any(|grant| grant.covers(host))) {
        Some(host) => {
            Err(Error::Forbidden { code: "host_not_granted", message: phrase!("host-not-granted", host = host.name()) })
        }
        None => Ok(()),
    }
}

/// Replaces the tile and the settings of an application. `change` gets the current application. A client that becomes
/// confidential gets a secret; one that becomes public loses its secrets.
///
/// # Errors
/// `NotFound`; the errors of `change` and of `create`; `Throttled` after too many changes.
pub fn update(
    app: &App,
    caller: &Caller,
    id: &ApplicationId,
    change: impl FnOnce(Application) -> Result<Application> + Send + 'static,
) -> Result<Saved> {
    charge(app, caller)?;
    let (author, id) = (caller.author.clone(), id.clone());
    app.write(&caller.claim, move |tx| {
        let before = tx.application(&id)?;
        let after = change(before.clone())?;
        if after == before {
            return Ok((before, None));
        }
        if after.proxy.hosts != before.proxy.hosts {
            hosts_granted(tx, &after)?;
        }
        tx.set_application(&after)?;
        let proof = |one: &Application| one.oidc.as_ref().map(|client| (client.client_type, client.token_auth));
        if proof(&after) != proof(&before) {
            // Tokens that needed one proof must not be used with another, or with none.
            tx.end_tokens_of(&id)?;
        }
        let secret = fit_secrets(tx, &after)?;
        author.log(tx, &event("application.changed", &after).with(changed(&before, &after)))?;
        Ok((tx.application(&id)?, secret))
    })
}

/// The settings that a change has changed, in the audit log: others may be long.
fn changed(before: &Application, after: &Application) -> serde_json::Value {
    let (before, mut after) = (settings(before), settings(after));
    if let Some(fields) = after.as_object_mut() {
        fields.retain(|name, value| before.get(name) != Some(value));
    }
    after
}

/// The settings of an application in the audit log.
fn settings(application: &Application) -> serde_json::Value {
    let Application { kind, tile, proxy, oidc, .. } = application;
    match kind {
        ApplicationKind::Link => json!({ "kind": kind, "url": tile.url }),
        ApplicationKind::Proxy => json!({
            "kind": kind, "url": tile.url, "hosts": proxy.hosts, "rules": proxy.rules, "assertion": proxy.assertion,
        }),
        ApplicationKind::Oidc => {
            let common = json!({ "kind": kind, "url": tile.url });
            oidc.as_ref().map_or(common, |client| {
                json!({
                    "kind": kind, "url": tile.url, "redirect_uris": client.redirect_uris,
                    "post_logout_redirect_uris": client.post_logout_redirect_uris,
                    "backchannel_logout_uri": client.backchannel_logout_uri, "client_type": client.client_type,
                    "token_auth": client.token_auth, "signing": client.signing, "pkce_optional": client.pkce_optional,
                })
            })
        }
    }
}

/// Deletes an application. The effect names the people who could open it.
///
/// # Errors
/// `NotFound`.
pub fn delete(app: &App, caller: &Caller, id: &ApplicationId, run: Run) -> Result<Effect> {
    let (author, id) = (caller.author.clone(), id.clone());
    let planned = move |db: &Db| {
        let application = db.application(&id)?;
        let name = application.tile.name.as_str();
        let mut effect = Effect { applications: vec![(application.id.clone(), name.to_owned())], ..Effect::default() };
        effect.loses = losers(db, &application.organisation, &effect.applications, |_| {
            phrase!("reason-application-removed", application = name)
        })?;
        effect.counts.loses = effect.loses.len();
        effect = effect.with_ended(db.count_access_to(&application.id)?);
        let detail = logged(&effect);
        Ok((effect, (application, detail)))
    };
    switch(app, caller, run, planned, move |tx, (application, detail)| {
        tx.delete_application(&application.id)?;
        author.log(tx, &event("application.deleted", &application).with(detail))
    })
}

/// The people of an organisation who can open any of these applications. `reason`: why they lose them, by the names of
/// those that they can open.
pub(super) fn losers(
    db: &Db,
    organisation: &OrganisationId,
    applications: &[(ApplicationId, String)],
    reason: impl Fn(&[String]) -> Phrase,
) -> Result<Vec<Line>> {
    let mut with_level: HashMap<UserId, Vec<String>> = HashMap::new();
    for (id, name) in applications {
        db.people_with_level(id)?.into_iter().for_each(|user| with_level.entry(user).or_default().push(name.clone()));
    }
    let all: Vec<_> = applications.iter().map(|(_, name)| name.clone()).collect();
    let lines = db.affected(organisation)?.into_iter().filter(|person| !person.disabled).filter_map(|person| {
        let lost = if person.before.admin { Some(&all) } else { with_level.get(&person.user) }?;
        let reason = reason(lost);
        Some(Line { user: person.user, email: person.email, reason, organisation: None })
    });
    Ok(if all.is_empty() { Vec::new() } else { lines.collect() })
}

/// Whether a person may open an application, and why.
#[derive(Debug)]
pub struct Access {
    /// True if they may.
    pub opens: bool,
    /// Their level.
    pub level: Level,
    /// The reason, as a sentence.
    pub reason: Phrase,
}

/// Whether a person of the application's organisation may open it after they have signed in.
///
/// # Errors
/// `NotFound` for a person who does not belong to the organisation.
pub fn access(app: &App, caller: &Caller, application: &Application, user: &UserId) -> Result<Access> {
    app.read(&caller.claim, |db| {
        let organisation = db.organisation(application.organisation.as_str())?;
        let standing = db.find_standing(&organisation.id, user)?;
        let standing = standing.ok_or_else(|| Error::NotFound(phrase!("member-not-found")))?;
        let (user, held) = (db.user(user)?, db.find_application_role(&application.id, user)?);
        let level = Level::of(standing, held.as_ref());
        let policy = organisation.sign_in_policy();
        let password = policy.password(standing) && user.password_hash.is_some();
        let (opens, reason) = match (level, password, policy.saml()) {
            _ if user.is_disabled() => (false, phrase!("access-disabled")),
            (Level::NoAccess, ..) => (false, closed_by(held.as_ref())),
            (_, true, SamlAccess::Yes) => (true, phrase!("access-password-or-saml")),
            (_, true, _) => (true, phrase!("access-password")),
            (_, false, SamlAccess::Yes) => (true, phrase!("access-saml")),
            _ => (false, phrase!("access-no-method")),
        };
        Ok(Access { opens, level: if opens { level } else { Level::NoAccess }, reason })
    })
}

/// Why a person has no access to an application. `held`: their role in its workspace, if they are a member.
fn closed_by(held: Option<&ApplicationRole>) -> Phrase {
    match held {
        Some(held) => phrase!("access-role", role = held.role.label()),
        None => phrase!("access-no-member"),
    }
}
