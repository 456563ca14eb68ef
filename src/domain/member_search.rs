//! Which people of an organisation or a workspace are wanted.

use super::method::Method;
use super::person::Role;
use super::phrase::phrase;
use super::{Error, Result};

/// After so many seconds without a sign-in somebody counts as away.
pub const AWAY_SECS: i64 = 90 * 24 * 3600;

/// The longest text to search for, in characters.
const MOST_CHARS: usize = 200;

/// A person's role in the organisation or a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Organisation admin.
    OrganisationAdmin,
    /// With this role in the workspace; asked of an organisation, in any of its workspaces.
    In(Role),
}

/// How somebody signed in last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastMethod {
    /// Not yet.
    Never,
    /// So.
    By(Method),
}

/// How long ago somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Within `AWAY_SECS`.
    Active,
    /// Longer ago.
    Away,
    /// Never.
    New,
}

/// True if somebody has signed in through SAML since the connection was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saml {
    /// They have.
    Ready,
    /// They have not.
    Waiting,
}

/// Which people are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the name or address, in lower case.
    pub search: Option<String>,
    /// What they are.
    pub role: Option<Place>,
    /// How they signed in last.
    pub method: Option<LastMethod>,
    /// How long ago that was.
    pub state: Option<State>,
    /// True if SAML is known to let them in; of an organisation alone.
    pub saml: Option<Saml>,
}

impl Filter {
    /// Reads the parameters of a query about an organisation, of which empty ones count as absent.
    ///
    /// # Errors
    /// `Invalid` with the parameter.
    pub fn of_organisation(param: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let roles = [
            ("organisation_admin", Place::OrganisationAdmin),
            ("admin", Place::In(Role::Admin)),
            ("power_user", Place::In(Role::PowerUser)),
        ];
        let saml = choice(&param, "saml", &[("ready", Saml::Ready), ("waiting", Saml::Waiting)])?;
        Ok(Self { saml, ..Self::read(&param, &roles)? })
    }

    /// Reads those of a query about a workspace.
    ///
    /// # Errors
    /// `Invalid` with the parameter.
    pub fn of_workspace(param: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let roles = [("admin", Place::In(Role::Admin)), ("power_user", Place::In(Role::PowerUser))];
        Self::read(&param, &roles)
    }

    fn read(param: &impl Fn(&str) -> Option<String>, roles: &[(&str, Place)]) -> Result<Self> {
        let mut methods = vec![("never", LastMethod::Never)];
        methods.extend(Method::ALL.map(|method| (method.as_str(), LastMethod::By(method))));
        let states = [("active", State::Active), ("away", State::Away), ("new", State::New)];
        Ok(Self {
            search: search(param)?,
            role: choice(param, "role", roles)?,
            method: choice(param, "method", &methods)?,
            state: choice(param, "state", &states)?,
            saml: None,
        })
    }
}

fn search(param: &impl Fn(&str) -> Option<String>) -> Result<Option<String>> {
    let text = param("search").map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MOST_CHARS) {
        return Err(Error::invalid("search", phrase!("field-search-too-long", most = MOST_CHARS)));
    }
    Ok(text)
}

/// The value of a parameter that has only these.
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
    fn empty_parameters_do_not_matter_and_wrong_ones_are_named() {
        assert_eq!(read("search", "  ").expect("usable"), Filter::default());
        assert_eq!(read("role", "").expect("usable"), Filter::default());
        assert_eq!(read("search", " NiLS ").expect("usable").search.as_deref(), Some("nils"));
        for name in ["role", "method", "state", "saml"] {
            let Err(Error::Invalid { field, .. }) = read(name, "cake") else { panic!("{name} was taken") };
            assert_eq!(field, name);
        }
    }

    #[test]
    fn a_workspace_has_no_organisation_admins() {
        let admins = |name: &str| (name == "role").then(|| "organisation_admin".to_owned());
        assert!(Filter::of_organisation(admins).is_ok() && Filter::of_workspace(admins).is_err());
    }
}
