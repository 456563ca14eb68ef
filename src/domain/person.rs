//! People, and their roles in organisations and workspaces.

use super::access::Standing;
use super::catalogue::Language;
use super::ids::{OrganisationId, RoleId, UserId, WorkspaceId};
use super::method::Method;
use super::phrase::phrase;
use super::{Email, Error, Name, Result, ReturnPath, Timestamp};
use serde::{Serialize, Serializer};

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address, by which identity providers identify them too.
    pub email: Email,
    /// Their display name.
    pub name: String,
    /// The tag of the language of their pages and e-mails, such as `en`; `None` if they have chosen none.
    pub language: Option<String>,
    /// True if they are an operator of the appliance.
    pub operator: bool,
    /// The argon2id hash; `None` when they have no password.
    pub password_hash: Option<String>,
    /// The workspace that they used last.
    pub last_workspace: Option<WorkspaceId>,
    /// True if they want an e-mail at each sign-in from a browser that is not known to their account. Operators and
    /// organisation admins always get one.
    pub notify_new_browser: bool,
    /// When they were disabled, since which they have no access at all; `None` if they are not disabled.
    pub disabled_at: Option<Timestamp>,
    /// The other person or key to whom the link that set their password was shown, and who may know the password;
    /// `None` if there is none.
    pub password_by: Option<HandedTo>,
}

impl User {
    /// The language that they have chosen, if the product offers it.
    pub fn chosen_language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::nearest)
    }
}

/// The creator of a link for another person, to whom the link was shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HandedTo {
    /// The holders of the API key with this id. The id is empty in databases of older versions, which did not store it.
    Key(String),
    /// The operator with this id.
    Operator(String),
    /// The person with this id, who acts by their role in the organisation.
    Person(String),
}

impl HandedTo {
    /// Reads the columns of an actor in the audit log; `None` if the actor's right cannot end, as that of the command
    /// line.
    pub fn of(kind: &str, id: String) -> Option<Self> {
        match kind {
            "key" => Some(Self::Key(id)),
            "operator" => Some(Self::Operator(id)),
            "person" => Some(Self::Person(id)),
            _ => None,
        }
    }

    /// The columns of an actor in the audit log.
    pub fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::Key(id) => ("key", id),
            Self::Operator(id) => ("operator", id),
            Self::Person(id) => ("person", id),
        }
    }
}

/// A password that was set by a link which was shown to its creator, who may know the password.
#[derive(Debug, Clone)]
pub struct KnownPassword {
    /// The owner of the password.
    pub user: User,
    /// The creator of the link.
    pub maker: HandedTo,
    /// When it was set.
    pub since: Timestamp,
    /// When it was replaced; `None` if it is the current one.
    pub until: Option<Timestamp>,
}

/// A one-time link by which a person sets their password, or confirms that they become an operator.
#[derive(Debug, Clone)]
pub struct PasswordLink {
    /// The person for whom it was created.
    pub user: User,
    /// When it was e-mailed to them; `None` if it was shown to its creator.
    pub mailed_at: Option<Timestamp>,
    /// The creator to whom it was shown, if that is a key or an operator.
    pub handed_to: Option<HandedTo>,
    /// True if it asks for the current password, and makes the person an operator.
    pub confirms_operator: bool,
    /// The return path of the person who requested it.
    pub return_path: Option<ReturnPath>,
}

/// The purpose of a new link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkUse {
    /// Sets a password.
    Password,
    /// Confirms that the person, who keeps their password, becomes an operator.
    Operator,
}

impl User {
    /// True if their password was set by a link that was shown to an API key: a holder of the key may know the
    /// password.
    pub const fn password_by_key(&self) -> bool {
        matches!(self.password_by, Some(HandedTo::Key(_)))
    }

    /// True if an operator has disabled them.
    pub const fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Checks that a person who has proved their identity is not disabled.
    ///
    /// # Errors
    /// `Forbidden` with code `disabled`.
    pub fn enabled(&self) -> Result<()> {
        if !self.is_disabled() {
            return Ok(());
        }
        Err(Error::Forbidden { code: "disabled", message: phrase!("disabled") })
    }

    /// Checks that a link can be created for them: a disabled person could not sign in with it.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// May do everything, including settings and members.
    Admin,
    /// May do everything except settings and members.
    PowerUser,
    /// A role that the organisation has defined: it gives a level in each application, and never settings or members.
    Custom(NamedRole),
}

/// A custom role by its names, without the levels that it gives.
#[derive(Debug, Clone)]
pub struct NamedRole {
    /// Its id.
    pub id: RoleId,
    /// Its name for applications and commands: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its display name.
    pub name: Name,
}

impl PartialEq for NamedRole {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for NamedRole {}

impl Role {
    /// The word in the API: that of a built-in role, or the id of a custom role.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::PowerUser => "power_user",
            Self::Custom(role) => role.id.as_str(),
        }
    }

    /// Its name for applications, which get it in headers.
    pub fn slug(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::PowerUser => "power-user",
            Self::Custom(role) => &role.slug,
        }
    }

    /// Its display name.
    pub fn label(&self) -> &str {
        match self {
            Self::Admin => "Admin",
            Self::PowerUser => "Power User",
            Self::Custom(role) => role.name.as_str(),
        }
    }

    /// The text in the audit log and in files: the word of a built-in role, or the name of a custom role, which the reader
    /// may not be able to look up any more.
    pub fn logged(&self) -> &str {
        match self {
            Self::Admin | Self::PowerUser => self.as_str(),
            Self::Custom(role) => role.name.as_str(),
        }
    }

    /// The custom role; `None` for a built-in one.
    pub const fn custom(&self) -> Option<&NamedRole> {
        match self {
            Self::Admin | Self::PowerUser => None,
            Self::Custom(role) => Some(role),
        }
    }

    /// The built-in role with this word in the API; `None` if there is none.
    pub fn built_in(raw: &str) -> Option<Self> {
        [Self::Admin, Self::PowerUser].into_iter().find(|role| role.as_str() == raw)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A workspace of a person, with their role in it.
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
    /// Their e-mail address.
    pub email: Email,
    /// Their display name.
    pub name: String,
    /// Their membership status in the organisation.
    pub standing: Standing,
    /// True if they have a password at all.
    pub has_password: bool,
    /// When they last signed in to it, and by which method.
    pub last_sign_in: Option<(Timestamp, Method)>,
    /// When they were last reminded to sign in through SAML.
    pub reminded_at: Option<Timestamp>,
    /// True if an operator has disabled them.
    pub disabled: bool,
    /// Their workspaces in it.
    pub workspaces: Vec<Place>,
}

impl Member {
    /// True if they have a password that gives access to this organisation when it accepts passwords. Its admins must
    /// not learn whether they have a password for other organisations.
    pub const fn opens_by_password(&self) -> bool {
        self.has_password && self.standing.password_agreed
    }
}

/// A person as a member of one workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceMember {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: Email,
    /// Their display name.
    pub name: String,
    /// Their role there.
    pub role: Role,
    /// True if they are also an organisation admin.
    pub organisation_admin: bool,
    /// When they joined the workspace.
    pub joined_at: Timestamp,
    /// When they last signed in to the organisation, and by which method.
    pub last_sign_in: Option<(Timestamp, Method)>,
    /// True if an operator has disabled them.
    pub disabled: bool,
}

/// A person's membership of one of their organisations.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Their membership status in it.
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

    /// Reads the word in the database and the API.
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Password, Self::Saml, Self::Recovery].into_iter().find(|method| method.as_str() == raw)
    }
}
