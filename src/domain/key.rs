//! API keys, by which programs authenticate.

use super::ids::{KeyId, OrganisationId};
use super::phrase::phrase;
use super::{Error, Result, Timestamp};
use serde::Serialize;

/// A permission of an organisation's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read people, workspaces, settings and the audit log.
    Read,
    /// Invite people, change their roles and revoke their access; includes `Read`.
    ManageMembers,
    /// Change the SSO connection; includes `Read`.
    ManageSso,
    /// Add, change and remove applications; includes `Read`.
    ManageApplications,
}

impl Scope {
    const ALL: [Self; 4] = [Self::Read, Self::ManageMembers, Self::ManageSso, Self::ManageApplications];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ManageMembers => "manage_members",
            Self::ManageSso => "manage_sso",
            Self::ManageApplications => "manage_applications",
        }
    }

    /// Reads the word in the database and the API.
    ///
    /// # Errors
    /// `Invalid` with field `scopes`.
    pub fn parse(raw: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == raw)
            .ok_or_else(|| Error::invalid("scopes", phrase!("field-scope")))
    }

    /// Reads a list of at least one scope; duplicates are removed.
    ///
    /// # Errors
    /// `Invalid` with field `scopes`.
    pub fn parse_all(raw: &[String]) -> Result<Vec<Self>> {
        let asked: Vec<_> = raw.iter().map(|word| Self::parse(word)).collect::<Result<_>>()?;
        if asked.is_empty() {
            return Err(Error::invalid("scopes", phrase!("field-scopes-missing")));
        }
        Ok(Self::ALL.into_iter().filter(|scope| asked.contains(scope)).collect())
    }
}

/// An API key, without its secret.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id, as in its owner's list.
    pub id: KeyId,
    /// The organisation; `None` for an operators' key, which may do what operators may.
    pub organisation: Option<OrganisationId>,
    /// Its display name.
    pub name: String,
    /// The permissions of an organisation's key.
    pub scopes: Vec<Scope>,
    /// The e-mail address of its creator.
    pub created_by: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires; `None` if it is valid until it is deleted.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a few minutes.
    pub last_used_at: Option<Timestamp>,
}

impl Key {
    /// True if it has this permission in the organisation. Every scope includes `Read`.
    pub fn allows(&self, organisation: &OrganisationId, scope: Scope) -> bool {
        let own = self.organisation.as_ref() == Some(organisation);
        own && (scope == Scope::Read || self.scopes.contains(&scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_allows_only_its_scopes_and_only_in_its_own_organisation() {
        let own = OrganisationId::random();
        let key = |scopes: &[&str]| Key {
            id: KeyId::random(),
            organisation: Some(own.clone()),
            name: "k".into(),
            scopes: Scope::parse_all(&scopes.iter().map(ToString::to_string).collect::<Vec<_>>()).expect("scopes"),
            created_by: String::new(),
            created_at: Timestamp(0),
            expires_at: None,
            last_used_at: None,
        };
        let reader = key(&["read"]);
        assert!(reader.allows(&own, Scope::Read));
        assert!(!reader.allows(&own, Scope::ManageMembers) && !reader.allows(&own, Scope::ManageSso));
        assert!(!reader.allows(&OrganisationId::random(), Scope::Read));
        let manager = key(&["manage_members", "manage_members"]);
        assert_eq!(manager.scopes, [Scope::ManageMembers]);
        assert!(manager.allows(&own, Scope::Read) && manager.allows(&own, Scope::ManageMembers));
        assert!(!manager.allows(&own, Scope::ManageSso));
    }

    #[test]
    fn scopes_are_known_words_and_at_least_one() {
        assert!(Scope::parse_all(&[]).is_err());
        assert!(Scope::parse_all(&["read".into(), "operator".into()]).is_err());
    }
}
