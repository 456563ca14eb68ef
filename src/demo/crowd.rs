//! Additional people, to show long lists.

use crate::app::App;
use crate::domain::access::Standing;
use crate::domain::ids::WorkspaceId;
use crate::domain::method::Method;
use crate::domain::organisation::Organisation;
use crate::domain::person::Role;
use crate::domain::principal::Claim;
use crate::domain::{Email, Error, Result};
use crate::store::Tx;

const FIRST: [&str; 12] =
    ["Anna", "Björn", "Carla", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kenji", "Lucia"];
const LAST: [&str; 13] = [
    "Adeyemi",
    "Bianchi",
    "Castro",
    "Duarte",
    "Eriksen",
    "Fischer",
    "Garnier",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
];

/// Adds this number of people to an organisation and its first workspace, once: a third have signed in through SAML, a
/// third with a password.
pub fn add(app: &App, slug: &'static str, people: usize) -> Result<()> {
    // If the data folder is kept between demos, the organisation may have been deleted.
    if people == 0 {
        return Ok(());
    }
    app.write(&Claim::job(), move |tx| {
        let organisation = tx.organisation(slug)?;
        let admins = tx.admins(&organisation.id)?;
        let admin = admins.first().ok_or_else(|| Error::internal("the demo has no admin"))?;
        let places = tx.places(&organisation.id, &admin.id)?;
        let office = places.first().ok_or_else(|| Error::internal("the demo has no workspace"))?;
        (0..people).try_for_each(|number| add_one(tx, &organisation, &office.id, number))
    })
}

fn add_one(tx: &Tx, organisation: &Organisation, office: &WorkspaceId, number: usize) -> Result<()> {
    let (first, last) = (FIRST[number % FIRST.len()], LAST[number % LAST.len()]);
    let plain = |name: &str| name.to_lowercase().replace('ö', "o");
    let email = Email::parse(&format!("{}.{}{number}@{}.example", plain(first), plain(last), "northwind"))?;
    if tx.find_user(&email)?.is_some() {
        return Ok(());
    }
    let user = tx.add_user(&email, &format!("{first} {last}"), None, false)?;
    tx.add_person(&organisation.id, &user, Standing { admin: false, password_agreed: true })?;
    let role = if number.is_multiple_of(20) { Role::Admin } else { Role::PowerUser };
    tx.set_place(&organisation.id, office, &user, &role)?;
    let method = [Some(Method::Saml), Some(Method::Password), None][number % 3];
    method.map_or(Ok(()), |method| tx.set_last_sign_in(&organisation.id, &user.id, method))
}
