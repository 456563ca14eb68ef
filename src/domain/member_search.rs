//! Filters of the people in an organisation or a workspace.

use super::method::Method;
use super::person::Role;
use super::phrase::phrase;
use super::{Error, Result};

/// The number of seconds without a sign-in after which a person counts as away.
pub const AWAY_SECS: i64 = 90 * 24 * 3600;

/// The longest text to search for, in characters.
const MOST_CHARS: usize = 200;

/// A person's role in the organisation or a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An organisation admin.
    OrganisationAdmin,
    /// A member with this role in the workspace, or in any workspace if the filter is for an organisation.
    In(Role),
    /// As `In`, for the custom role with this id or slug, which has not been looked up.
    Named(String),
}

/// The method by which a person last signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastMethod {
    /// They have not signed in yet.
    Never,
    /// They signed in by this method.
    By(Method),
}

/// How long ago a person last signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They signed in within the last `AWAY_SECS`.
    Active,
    /// They last signed in longer ago.
    Away,
    /// They have never signed in.
    New,
}

/// Whether a person has signed in through SAML since the connection was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saml {
    /// They have.
    Ready,
    /// They have not.
    Waiting,
}

/// The conditions that people must meet. `None` means no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of the name or e-mail address, in lower case.
    pub search: Option<String>,
    /// Their role.
    pub role: Option<Place>,
    /// The method by which they last signed in.
    pub method: Option<LastMethod>,
    /// How long ago they last signed in.
    pub state: Option<State>,
    /// Whether they have signed in through SAML; only in a filter for an organisation.
    pub saml: Option<Saml>,
}

impl Filter {
    /// Reads the parameters of a query about an organisation; empty ones count as absent.
    ///
    /// # Errors
    /// `Invalid` with the name of the parameter.
    pub fn of_organisation(param: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let saml = choice(&param, "saml", &[("ready", Saml::Ready), ("waiting", Saml::Waiting)])?;
        Ok(Self { saml, ..Self::read(&param, true)? })
    }

    /// Reads the parameters of a query about a workspace; empty ones count as absent.
    ///
    /// # Errors
    /// `Invalid` with the name of the parameter.
    pub fn of_workspace(param: impl Fn(&str) -> Option<String>) -> Result<Self> {
        Self::read(&param, false)
    }

    /// `admins`: true if the people may be organisation admins.
    fn read(param: &impl Fn(&str) -> Option<String>, admins: bool) -> Result<Self> {
        let mut methods = vec![("never", LastMethod::Never)];
        methods.extend(Method::ALL.map(|method| (method.as_str(), LastMethod::By(method))));
        let states = [("active", State::Active), ("away", State::Away), ("new", State::New)];
        Ok(Self {
            search: search(param)?,
            role: role(param, admins)?,
            method: choice(param, "method", &methods)?,
            state: choice(param, "state", &states)?,
            saml: None,
        })
    }
}

/// The role in a query. An id or a slug may be that of a custom role; anything else is refused here.
fn role(param: &impl Fn(&str) -> Option<String>, admins: bool) -> Result<Option<Place>> {
    let Some(given) = param("role").filter(|text| !text.is_empty()) else { return Ok(None) };
    if admins && given == "organisation_admin" {
        return Ok(Some(Place::OrganisationAdmin));
    }
    if let Some(role) = Role::built_in(&given) {
        return Ok(Some(Place::In(role)));
    }
    let may_be_custom = given.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if may_be_custom { Ok(Some(Place::Named(given))) } else { Err(Error::invalid("role", phrase!("field-role"))) }
}

fn search(param: &impl Fn(&str) -> Option<String>) -> Result<Option<String>> {
    let text = param("search").map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MOST_CHARS) {
        return Err(Error::invalid("search", phrase!("field-search-too-long", most = MOST_CHARS)));
    }
    Ok(text)
}

/// The value of a parameter that accepts only `values`.
fn choice<T: Copy>(param: &impl Fn(&str) -> Option<String>, name: &str, values: &[(&str, T)]) -> Result<Option<T>> {
    let Some(given) = param(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let known = values.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
    known.map(Some).ok_or_else(|| {
        let words: Vec<_> = values.iter().map(|(word, _)| *word).collect();
        Error::invalid(name, phrase!("field-one-of", choices = words.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, value: &'static str) -> Result<Filter> {
        Filter::of_organisation(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn empty_conditions_are_ignored_and_invalid_ones_are_named() {
        assert_eq!(read("search", "  ").expect("usable"), Filter::default());
        assert_eq!(read("role", "").expect("usable"), Filter::default());
        assert_eq!(read("search", " NiLS ").expect("usable").search.as_deref(), Some("nils"));
        assert_eq!(read("role", "auditor").expect("usable").role, Some(Place::Named("auditor".into())));
        for name in ["role", "method", "state", "saml"] {
            let Err(Error::Invalid { field, .. }) = read(name, "A_cake") else { panic!("{name} was taken") };
            assert_eq!(field, name);
        }
    }

    #[test]
    fn a_workspace_has_no_organisation_admins() {
        let admins = |name: &str| (name == "role").then(|| "organisation_admin".to_owned());
        assert!(Filter::of_organisation(admins).is_ok() && Filter::of_workspace(admins).is_err());
    }
}
