//! Reading, creating and changing organisations.

use super::Caller;
use super::invitations::{Invited, Inviting, Wanted};
use super::mail::Outbox;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::language_tag::LanguageTag;
use crate::domain::lives::LivesChange;
use crate::domain::organisation::{Organisation, OrganisationSummary, Workspace};
use crate::domain::person::Role;
use crate::domain::session::SignedIn;
use crate::domain::text::slug_of;
use crate::domain::{Email, Listing, Name, Page, Result};

/// The organisation of this id or slug.
///
/// # Errors
/// `NotFound`.
pub fn named(app: &App, id_or_slug: &str) -> Result<Organisation> {
    app.store.read(|db| db.organisation(id_or_slug))
}

/// An organisation with its counts.
///
/// # Errors
/// `NotFound`.
pub fn summary(app: &App, id: &OrganisationId) -> Result<OrganisationSummary> {
    app.store.read(|db| db.organisation_summary(id))
}

/// All organisations, by name. If `search` is not empty, only those whose name or slug contains it.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, search: &str, page: &Page) -> Result<Listing<OrganisationSummary>> {
    app.store.read(|db| db.organisations(search, page))
}

/// The organisations to which a session has access, by name.
///
/// # Errors
/// `Invalid` with field `cursor`; `Unavailable` when the database cannot be read.
pub fn open_to(app: &App, asking: &SignedIn, page: &Page) -> Result<Listing<OrganisationSummary>> {
    let open = asking.seats.iter().filter(|seat| asking.opens(seat)).map(|seat| &seat.organisation).collect();
    let wanted = page.part_of(open, |one| (one.name.clone(), one.id.to_string()))?;
    app.store.read(|db| {
        let items = wanted.items.iter().map(|one| db.organisation_summary(&one.id)).collect::<Result<_>>()?;
        Ok(Listing { items, next: wanted.next.clone() })
    })
}

/// Creates an organisation with its first workspace, and invites its first admin.
///
/// # Errors
/// `Invalid` for an unknown plan.
pub fn create(
    app: &App,
    caller: &Caller,
    name: Name,
    plan: String,
    admin: Email,
) -> Result<(OrganisationSummary, Workspace, Invited)> {
    let author = caller.author.clone();
    let outbox = Outbox::of(app);
    app.write(&caller.claim, move |tx| {
        let plan = tx.plan(&plan)?;
        let organisation = tx.add_organisation(&name, &slug_of(name.as_str()), &plan.id)?;
        let workspace = tx.add_workspace(&organisation.id, &name)?;
        let event = Event::new("organisation.created", "organisation", &organisation.id, &organisation.name);
        let detail = serde_json::json!({ "plan": plan.id });
        author.log(tx, &event.within(&organisation.id).with(detail))?;
        let wanted = Wanted { email: admin, role: Role::Admin, organisation_admin: true };
        let invited = Inviting::new(tx, &outbox, &author, &organisation, &workspace).invite(tx, &wanted)?;
        Ok((tx.organisation_summary(&organisation.id)?, workspace, invited))
    })
}

/// Changes to an organisation; absent fields stay unchanged.
#[allow(clippy::option_option)] // unchanged, none, and a tag are three different values
#[derive(Debug, Clone, Default)]
pub struct OrganisationChange {
    /// Its display name.
    pub name: Option<Name>,
    /// The default language for people who have chosen none; `Some(None)` removes it.
    pub language: Option<Option<LanguageTag>>,
    /// How long invitations and sessions last in the organisation.
    pub lives: LivesChange,
}

/// Changes an organisation.
///
/// # Errors
/// `Invalid` with the field of a lifetime that is longer than the appliance's.
pub fn change(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    change: OrganisationChange,
) -> Result<OrganisationSummary> {
    let (author, id) = (caller.author.clone(), organisation.id.clone());
    app.write(&caller.claim, move |tx| {
        let organisation = tx.organisation(id.as_str())?;
        if let Some(name) = change.name.filter(|name| name.as_str() != organisation.name) {
            tx.set_organisation_name(&id, &name)?;
            let event = Event::new("organisation.renamed", "organisation", &id, &name);
            let detail = serde_json::json!({ "from": organisation.name });
            author.log(tx, &event.within(&id).with(detail))?;
        }
        let language = change.language.map(|tag| tag.map(LanguageTag::into_string));
        if let Some(language) = language.filter(|language| *language != organisation.language) {
            tx.set_organisation_language(&id, language.as_deref())?;
            let name = tx.organisation(id.as_str())?.name;
            let event = Event::new("organisation.language_changed", "organisation", &id, name);
            let detail = serde_json::json!({ "from": organisation.language, "to": language });
            author.log(tx, &event.within(&id).with(detail))?;
        }
        if !change.lives.is_empty() {
            let own = change.lives.over(organisation.own_lives, tx.lives()?)?;
            if own == organisation.own_lives {
                return tx.organisation_summary(&id);
            }
            tx.set_organisation_lives(&id, own)?;
            let event =
                Event::new("organisation.lives_changed", "organisation", &id, tx.organisation(id.as_str())?.name);
            let detail = serde_json::json!({ "from": organisation.own_lives, "to": own });
            author.log(tx, &event.within(&id).with(detail))?;
        }
        tx.organisation_summary(&id)
    })
}
