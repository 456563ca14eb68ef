//! The name and the logo of an organisation, or of the appliance, which pages show in place of Vestibule's.

use super::portal::find_behind;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::branding::{Brand, Branding, Logo};
use crate::domain::catalogue::Language;
use crate::domain::ids::{ConnectionId, LogoId, OrganisationId};
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Name, Result};
use crate::logo;
use crate::store::Db;

/// The brand at the top of a page and of an e-mail.
#[derive(Debug, Clone)]
pub struct ShownBrand {
    /// The name to show; `None` to show the logo only.
    pub name: Option<String>,
    /// The path of the logo on this site.
    pub logo: Option<String>,
    /// Alternative text for the logo.
    pub label: String,
}

impl ShownBrand {
    pub(super) fn new(brand: Brand, called: &str) -> Self {
        let label = brand.name.clone().unwrap_or_else(|| called.to_owned());
        let logo = brand.logo.map(|id| format!("/logos/{id}"));
        Self { name: brand.name.or_else(|| logo.is_none().then(|| called.to_owned())), logo, label }
    }
}

/// The brand and language that a page takes from the organisation that it is about, or from the appliance.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The brand at the top of the page; `None` for Vestibule's own.
    pub brand: Option<ShownBrand>,
    /// The language for people who have chosen none.
    pub language: Option<Language>,
}

/// The brand of the appliance; `None` for Vestibule's own.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_appliance(app: &App) -> Result<Option<ShownBrand>> {
    app.store.read(appliance)
}

fn appliance(db: &Db) -> Result<Option<ShownBrand>> {
    Ok(db.find_brand(None)?.map(|brand| ShownBrand::new(brand, "Vestibule")))
}

/// The brand of an organisation, for people who may know of it; `None` if it has set none.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub(super) fn of_organisation(db: &Db, organisation: &Organisation) -> Result<Option<ShownBrand>> {
    let brand = db.find_brand(Some(&organisation.id))?;
    Ok(brand.map(|brand| ShownBrand::new(brand, &organisation.name)))
}

/// The brand and the language of the sign-in page: those of the organisation of the portal key in its address, else of
/// the only organisation that the signed-in person sees, else the appliance's. An unknown key is charged to the address
/// of the request, as at the portal URL, so that guessing keys is limited here, too.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_sign_in(app: &App, key: &str, address: &str, asking: Option<&SignedIn>) -> Result<Surroundings> {
    let mut known = None;
    if let (false, Ok(charge)) = (key.is_empty(), app.charge_sso_failure(address)) {
        known = find_behind(app, key)?;
        if known.is_some() {
            app.throttle.refund(&charge);
        }
    }
    let known = known.or_else(|| asking.and_then(SignedIn::only_organisation).cloned());
    app.store.read(|db| of_known(db, known.as_ref()))
}

/// The brand and the language of the organisation of a portal key; `None` if the key is unknown.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn behind(app: &App, key: &str) -> Result<Option<Surroundings>> {
    let Some(organisation) = find_behind(app, key)? else { return Ok(None) };
    let brand = app.store.read(|db| of_organisation(db, &organisation))?;
    Ok(Some(Surroundings { brand, language: organisation.default_language() }))
}

/// The brand and the language of the page to which people return from the identity provider of this connection.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_connection(app: &App, connection: &ConnectionId) -> Result<Surroundings> {
    app.store.read(|db| of_known(db, db.find_organisation_of_connection(connection)?.as_ref()))
}

/// The brand and the language of an organisation if it is known, else of the appliance.
fn of_known(db: &Db, known: Option<&Organisation>) -> Result<Surroundings> {
    let own = known.map(|organisation| of_organisation(db, organisation)).transpose()?.flatten();
    let brand = own.map_or_else(|| appliance(db), |brand| Ok(Some(brand)))?;
    Ok(Surroundings { brand, language: known.and_then(Organisation::default_language) })
}

/// The brand at the top of an e-mail about an organisation, or about the appliance; `None` if none is set.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub(super) fn of_letter(db: &Db, organisation: Option<&OrganisationId>) -> Result<Option<String>> {
    let own = match organisation {
        Some(id) => of_organisation(db, &db.organisation(id.as_str())?)?,
        None => None,
    };
    Ok(own.map_or_else(|| appliance(db), |brand| Ok(Some(brand)))?.map(|brand| brand.label))
}

/// The name and logo that an organisation, or the appliance, has set.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn branding(app: &App, organisation: Option<&OrganisationId>) -> Result<Branding> {
    app.store.read(|db| db.branding(organisation))
}

/// The logo with this id.
///
/// # Errors
/// `NotFound`.
pub fn logo(app: &App, id: &LogoId) -> Result<Logo> {
    app.store.read(|db| db.logo(id))
}

/// Sets the brand of an organisation, or of the appliance; a dry run only returns it.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn set(
    app: &App,
    caller: &Caller,
    organisation: Option<Organisation>,
    branding: Branding,
    run: Run,
) -> Result<Branding> {
    if run != Run::Real {
        return app.read(&caller.claim, |_| Ok(branding));
    }
    let author = caller.author.clone();
    app.write(&caller.claim, move |tx| {
        let id = organisation.as_ref().map(|one| &one.id);
        if tx.branding(id)? == branding {
            return Ok(branding);
        }
        tx.set_branding(id, &branding)?;
        let detail = serde_json::json!({
            "name": branding.name.as_ref(), "logo": branding.logo.as_ref().map(|logo| logo.kind.media_type()),
        });
        author.log(tx, &event("branding.changed", organisation.as_ref()).with(detail))?;
        Ok(branding)
    })
}

/// Removes the brand of an organisation, or of the appliance: pages show the appliance's brand again, or Vestibule's.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn delete(app: &App, caller: &Caller, organisation: Option<Organisation>) -> Result<()> {
    let author = caller.author.clone();
    app.write(&caller.claim, move |tx| {
        if !tx.delete_branding(organisation.as_ref().map(|one| &one.id))? {
            return Ok(());
        }
        author.log(tx, &event("branding.removed", organisation.as_ref()))
    })
}

fn event(action: &'static str, organisation: Option<&Organisation>) -> Event {
    match organisation {
        Some(one) => Event::new(action, "branding", &one.id, &one.name).within(&one.id),
        None => Event::new(action, "branding", "appliance", "Vestibule"),
    }
}

/// Reads a brand from the input of a person.
///
/// # Errors
/// `Invalid` with field `name` or `logo`.
pub fn read(name: Option<&str>, logo: Option<&str>) -> Result<Branding> {
    let branding = Branding {
        name: name.map(|name| Name::parse("name", name)).transpose()?,
        logo: logo.map(logo::read).transpose()?,
    };
    if branding.name.is_none() && branding.logo.is_none() {
        return Err(Error::invalid("name", phrase!("field-name-or-logo")));
    }
    Ok(branding)
}
