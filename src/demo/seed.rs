//! Fills the demo's database and connects the practice provider, with the actions that people use.

use super::applications::{self, Served};
use super::people::{Company, OFFICE, PASSWORD, People};
use super::provider::Provider;
use super::roles;
use crate::actions::connection::{self, Typed, Wanted};
use crate::actions::saml_sign_in::callback::{self, Received};
use crate::actions::saml_sign_in::finish::{self, Finished};
use crate::actions::saml_sign_in::start::{self, Ask, Begun, Start};
use crate::actions::{Browser, Caller, Run, sessions, sign_in};
use crate::app::{App, Line};
use crate::domain::access::Standing;
use crate::domain::connection::Connection;
use crate::domain::person::Role;
use crate::domain::principal::Claim;
use crate::domain::{Email, Error, Name, Password, Result};
use crate::store::{Db, Tx};
use url::Url;

/// Fills an empty database and connects the practice provider. A database from an earlier demo only gets the provider's
/// new settings, because its key and perhaps its address change at each start, and the applications their new addresses.
pub fn prepare(app: &App, provider: &Provider, people: &People, served: &[Served]) -> Result<()> {
    let caller = Caller::command_line();
    if app.store.read(|db| db.is_empty())? {
        fill(app, people)?;
        connect(app, &caller, provider, people)?;
        applications::create(app, &caller, served)?;
        let (company, person) = people.with_custom_role();
        return roles::create(app, &caller, company.slug, person, served);
    }
    applications::move_to(app, &caller, served)?;
    people.companies.iter().try_for_each(|company| reconnect(app, provider, company))
}

fn fill(app: &App, people: &People) -> Result<()> {
    let hash = app.hasher.hash(&Line::known("demo", "127.0.0.1"), &Password::typed(PASSWORD.into()))?;
    let people = people.clone();
    app.write(&Claim::job(), move |tx| {
        tx.add_user(&Email::parse(people.operator.email)?, people.operator.name, Some(&hash), true)?;
        people.companies.iter().try_for_each(|company| add_company(tx, company, &hash))
    })
}

fn add_company(tx: &Tx, company: &Company, hash: &str) -> Result<()> {
    let organisation = tx.add_organisation(&Name::parse("name", company.name)?, company.slug, company.plan)?;
    let office = tx.add_workspace(&organisation.id, &Name::parse("name", OFFICE)?)?;
    let lab = tx.add_workspace(&organisation.id, &Name::parse("name", "Laboratory")?)?;
    for (index, person) in company.people.iter().enumerate() {
        let hash = person.password.then_some(hash);
        let user = tx.add_user(&Email::parse(person.email)?, person.name, hash, false)?;
        let admin = index == 0;
        tx.add_person(&organisation.id, &user, Standing { admin, password_agreed: true })?;
        tx.set_place(&organisation.id, &office.id, &user, &if admin { Role::Admin } else { Role::PowerUser })?;
        if index < 2 {
            tx.set_place(&organisation.id, &lab.id, &user, &Role::Admin)?;
        }
    }
    Ok(())
}

/// Sets the connection up as its admin would: saves the provider's metadata, then makes a test sign-in through callback
/// and finish.
fn connect(app: &App, caller: &Caller, provider: &Provider, people: &People) -> Result<()> {
    for company in &people.companies {
        let (Some(key), Some(admin)) = (company.portal_key, company.people.first()) else { continue };
        let organisation = app.store.read(|db| db.organisation(company.slug))?;
        let wanted = settings(app, provider, key)?;
        connection::save(app, caller, &organisation, wanted, Run::Real)?;
        test_sign_in(app, provider, key, admin.email)?;
    }
    Ok(())
}

fn settings(app: &App, provider: &Provider, portal_key: &str) -> Result<Wanted> {
    let typed = Typed {
        provider: "custom".into(),
        portal_key: portal_key.into(),
        metadata_xml: Some(provider.metadata()),
        ..Typed::default()
    };
    typed.read(app.now())
}

/// The host of practice providers. Connections to other hosts are left alone: the demo's user may have connected a real
/// provider.
const PRACTICE_HOST: &str = "http://localhost:";

/// Gives a connection the practice provider's new settings, and keeps its state: a draft stays a draft, and a ready
/// connection stays ready.
fn reconnect(app: &App, provider: &Provider, company: &Company) -> Result<()> {
    let slug = company.slug;
    let found = |db: &Db| db.organisation(slug).and_then(|organisation| db.find_connection(&organisation.id));
    let old = match app.store.read(found) {
        Ok(Some(old)) if old.settings.idp_entity_id.starts_with(PRACTICE_HOST) => old,
        Ok(_) | Err(Error::NotFound(_)) => return Ok(()),
        Err(other) => return Err(other),
    };
    let settings = settings(app, provider, old.settings.portal_key.as_str())?.over(Some(&old));
    let tested_certificates = if old.tested_at.is_some() { settings.certificates.clone() } else { Vec::new() };
    let connection = Connection { settings, tested_certificates, ..old };
    app.write(&Claim::job(), move |tx| tx.set_connection(&connection))
}

fn test_sign_in(app: &App, provider: &Provider, key: &str, email: &str) -> Result<()> {
    let browser = Browser { address: "127.0.0.1".into(), agent: "vestibule demo".into(), ..Browser::default() };
    let by_password = sign_in::sign_in(app, email, Password::typed(PASSWORD.into()), None, browser.clone())?;
    let token = &by_password.begun().token;
    let browser = Browser { token: Some(token.clone()), ..browser };
    let asking = Some(sessions::authenticate(app, token)?);
    let ask = Ask { key: key.into(), asking, test: true, ..Ask::default() };
    let Begun::On(start) = start::start(app, &ask)? else { return Err(failed("did not begin")) };
    let answer = provider.answer(&saml_request(&start)?, email, None, app.now())?;
    let organisation = app.store.read(|db| db.organisation_of_portal_key(&key.to_ascii_lowercase()))?;
    let received = callback::receive(
        app,
        &organisation.connection_id,
        callback::parse(&answer.saml_response),
        "",
        &browser.address,
    )?;
    let Received::Ticket(ticket) = received else { return Err(failed("was refused")) };
    match finish::finish(app, &ticket, &[start.cookie_value], browser.clone())? {
        Finished::In { sign_in, .. } => {
            sessions::sign_out(app, &Browser { token: Some(sign_in.begun().token.clone()), ..browser })
        }
        Finished::Refused(_) => Err(failed("was not finished")),
    }
}

fn saml_request(start: &Start) -> Result<String> {
    let url = Url::parse(&start.redirect_url).map_err(Error::internal)?;
    let found = url.query_pairs().find(|(name, _)| name == "SAMLRequest");
    found.map(|(_, value)| value.into_owned()).ok_or_else(|| failed("asked nothing"))
}

fn failed(what: &str) -> Error {
    Error::internal(format!("the demo's test sign-in {what}"))
}
