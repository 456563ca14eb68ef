//! People, and what they are to organisations and workspaces.

use super::access::Standing;
use super::catalogue::Language;
use super::ids::{OrganisationId, UserId, WorkspaceId};
use super::method::Method;
use super::phrase::phrase;
use super::{Email, Error, Result, ReturnPath, Timestamp};
use serde::Serialize;

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address: who they are to an identity provider too.
    pub email: Email,
    /// Their display name.
    pub name: String,
    /// The tag of the language of their pages and e-mails, such as `en`; `None` where they have chosen none.
    pub language: Option<String>,
    /// True if they run the appliance.
    pub operator: bool,
    /// The argon2id hash; `None` when they have no password.
    pub password_hash: Option<String>,
    /// Where they were last.
    pub last_workspace: Option<WorkspaceId>,
    /// True if they want a letter at each sign-in from a browser that is not known to their account. Operators and organisation
    /// admins get one in any case.
    pub notify_new_browser: bool,
    /// Since when they are disabled: nothing of theirs opens anything. `None` where they are not.
    pub disabled_at: Option<Timestamp>,
    /// Who was given the link by which their password was set, and may know it; `None` where nobody but the person was.
    pub password_by: Option<HandedTo>,
}

impl User {
    /// The language that they have chosen, where it is offered.
    pub fn chosen_language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::nearest)
    }
}

/// Somebody who made a link for another person and was given it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HandedTo {
    /// The holders of the API key of this id. Empty in databases of older versions, which did not keep it.
    Key(String),
    /// The operator of this id.
    Operator(String),
    /// The person of this id, who invites by right of their own place.
    Person(String),
}

impl HandedTo {
    /// By the columns of an actor of the audit log; `None` where their right has no end, as that of the command line.
    pub fn of(kind: &str, id: String) -> Option<Self> {
        match kind {
            "key" => Some(Self::Key(id)),
            "operator" => Some(Self::Operator(id)),
            "person" => Some(Self::Person(id)),
            _ => None,
        }
    }

    /// The same columns.
    pub fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::Key(id) => ("key", id),
            Self::Operator(id) => ("operator", id),
            Self::Person(id) => ("person", id),
        }
    }
}

/// A password that was set by a link which its maker was given, and may know.
#[derive(Debug, Clone)]
pub struct KnownPassword {
    /// Whose it is.
    pub user: User,
    /// The maker.
    pub maker: HandedTo,
    /// When it was set.
    pub since: Timestamp,
    /// When another replaced it; `None` where it is the present one.
    pub until: Option<Timestamp>,
}

/// A one-time link by which a person sets their password, or confirms that they become operator.
#[derive(Debug, Clone)]
pub struct PasswordLink {
    /// For whom it was made.
    pub user: User,
    /// When it was mailed to them; `None` where it was handed over.
    pub mailed_at: Option<Timestamp>,
    /// Who was given it, where that is a key or an operator.
    pub handed_to: Option<HandedTo>,
    /// True if it takes the current password, and makes the person an operator.
    pub confirms_operator: bool,
    /// The return path of the person who asked for it.
    pub return_path: Option<ReturnPath>,
}

/// What a new link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkUse {
    /// Sets a password.
    Password,
    /// Confirms that its person, who keeps their password, becomes operator.
    Operator,
}

impl User {
    /// True if their password was set by a link that an API key was given: a holder of the key may know it.
    pub const fn password_by_key(&self) -> bool {
        matches!(self.password_by, Some(HandedTo::Key(_)))
    }

    /// True if an operator has disabled them.
    pub const fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Refuses a disabled person who has proved who they are.
    ///
    /// # Errors
    /// `Forbidden` with code `disabled`.
    pub fn enabled(&self) -> Result<()> {
        if !self.is_disabled() {
            return Ok(());
        }
        Err(Error::Forbidden { code: "disabled", message: phrase!("disabled") })
    }

    /// No link is made for somebody whom it could not let in.
    ///
    /// # Errors
    /// `Conflict` with code `disabled`.
    pub fn takes_links(&self) -> Result<()> {
        if !self.is_disabled() {
            return Ok(());
        }
        Err(Error::conflict("disabled", phrase!("person-disabled", email = &self.email)))
    }
}

/// A person's role in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, including settings and members.
    Admin,
    /// Everything but settings and members.
    PowerUser,
}

impl Role {
    /// The word in the database, the API and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::PowerUser => "power_user",
        }
    }

    /// Its display name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::PowerUser => "Power User",
        }
    }

    /// Reads that word.
    ///
    /// # Errors
    /// `Invalid` with field `role`.
    pub fn parse(raw: &str) -> Result<Self> {
        [Self::Admin, Self::PowerUser]
            .into_iter()
            .find(|role| role.as_str() == raw)
            .ok_or_else(|| Error::invalid("role", phrase!("field-role")))
    }
}

/// A person's place in a workspace.
#[derive(Debug, Clone)]
pub struct Place {
    /// The workspace.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Their role there.
    pub role: Role,
}

/// A person as a member of one organisation.
#[derive(Debug, Clone)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// Their display name.
    pub name: String,
    /// Their role in the organisation.
    pub standing: Standing,
    /// True if they have a password at all.
    pub has_password: bool,
    /// When they last signed in to it, and how.
    pub last_sign_in: Option<(Timestamp, Method)>,
    /// When they were last reminded to sign in through SAML.
    pub reminded_at: Option<Timestamp>,
    /// True if an operator has disabled them.
    pub disabled: bool,
    /// Their workspaces in it.
    pub workspaces: Vec<Place>,
}

impl Member {
    /// True if they have a password that opens this organisation wherever it accepts passwords. Whether they have one elsewhere is not for
    /// its admins to know.
    pub const fn opens_by_password(&self) -> bool {
        self.has_password && self.standing.password_agreed
    }
}

/// A person as a member of one workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceMember {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// Their display name.
    pub name: String,
    /// Their role there.
    pub role: Role,
    /// True if they are organisation admin too.
    pub organisation_admin: bool,
    /// Since when.
    pub joined_at: Timestamp,
    /// When they last signed in to the organisation, and how.
    pub last_sign_in: Option<(Timestamp, Method)>,
    /// True if an operator has disabled them.
    pub disabled: bool,
}

/// A person's role in one of their organisations.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Their role in it.
    pub standing: Standing,
}

impl Method {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Saml => "saml",
            Self::Recovery => "recovery",
        }
    }

    /// Reads that word.
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Password, Self::Saml, Self::Recovery].into_iter().find(|method| method.as_str() == raw)
    }
}
