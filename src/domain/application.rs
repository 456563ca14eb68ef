//! Applications: the company's own software, which people open with their sign-in.

use super::application_host::AppHost;
use super::application_rule::{Rule, RuleSet};
use super::custom_role::ApplicationRole;
use super::ids::{ApplicationId, OrganisationId, UserId, WorkspaceId};
use super::level::Level;
use super::oidc_client::OidcClient;
use super::organisation::Organisation;
use super::phrase::phrase;
use super::{Email, Error, Name, Result, Timestamp};
use serde::Serialize;
use url::Url;

/// The longest description, in characters.
const MOST_DESCRIPTION: usize = 300;
/// The longest URL, in bytes.
const MOST_URL_BYTES: usize = 2048;
/// The maximum number of hosts of one application.
pub const MOST_HOSTS: usize = 20;
/// The maximum number of applications of one organisation.
pub const MOST_APPLICATIONS: i64 = 1000;

/// How an application learns who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationKind {
    /// Not at all: only a tile.
    Link,
    /// From the headers of a reverse proxy that asks Vestibule before each request.
    Proxy,
    /// By OpenID Connect: it sends people to Vestibule to sign in, and gets tokens.
    Oidc,
}

impl ApplicationKind {
    const ALL: [Self; 3] = [Self::Link, Self::Proxy, Self::Oidc];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Proxy => "proxy",
            Self::Oidc => "oidc",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `Invalid` with field `kind`.
    pub fn parse(raw: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == raw);
        found.ok_or_else(|| Error::invalid("kind", phrase!("field-application-kind")))
    }
}

/// An application.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// The workspace to which it belongs.
    pub workspace: WorkspaceId,
    /// The organisation of the workspace.
    pub organisation: OrganisationId,
    /// How it learns who is signed in.
    pub kind: ApplicationKind,
    /// The part that its users see.
    pub tile: Tile,
    /// The settings of a proxy application; empty for other kinds.
    pub proxy: ProxySettings,
    /// The settings of an OpenID Connect client; none for other kinds.
    pub oidc: Option<OidcClient>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Application {
    /// About how many bytes its parts without a short limit have.
    pub fn bytes(&self) -> usize {
        let lengths = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
        let Tile { url, icon, description, .. } = &self.tile;
        let rule = |rule: &Rule| rule.path.len() + rule.methods.as_deref().map_or(0, lengths);
        let client = |client: &OidcClient| lengths(&client.redirect_uris) + lengths(&client.post_logout_redirect_uris);
        url.len()
            + [icon, description].into_iter().flatten().map(String::len).sum::<usize>()
            + self.proxy.hosts.iter().map(|host| host.as_str().len()).sum::<usize>()
            + self.proxy.rules.iter().map(rule).sum::<usize>()
            + self.oidc.as_ref().map_or(0, client)
    }
}

/// The part of an application that its users see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Its name.
    pub name: Name,
    /// The address that its tile opens.
    pub url: String,
    /// Its picture, as a data URL.
    pub icon: Option<String>,
    /// A sentence about it.
    pub description: Option<String>,
}

/// The settings of a proxy application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// Its hosts.
    pub hosts: Vec<AppHost>,
    /// The rules for its paths; the first match decides.
    pub rules: Vec<Rule>,
    /// True if requests carry a signed statement about the person.
    pub assertion: bool,
}

impl ProxySettings {
    /// Checks the number of hosts, and sorts them, each once.
    ///
    /// # Errors
    /// `Invalid` with field `hosts`.
    pub fn hosts_of(mut hosts: Vec<AppHost>) -> Result<Vec<AppHost>> {
        hosts.sort();
        hosts.dedup();
        if hosts.is_empty() || hosts.len() > MOST_HOSTS {
            return Err(Error::invalid("hosts", phrase!("field-application-hosts", most = MOST_HOSTS)));
        }
        Ok(hosts)
    }
}

/// Reads the address of an application.
///
/// # Errors
/// `Invalid` with field `url`.
pub fn read_url(raw: &str) -> Result<String> {
    let refused = || Error::invalid("url", phrase!("field-application-url"));
    let url = Url::parse(raw.trim()).map_err(|_| refused())?;
    let web = ["http", "https"].contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty());
    let plain = url.username().is_empty() && url.password().is_none() && url.as_str().len() <= MOST_URL_BYTES;
    if web && plain { Ok(url.into()) } else { Err(refused()) }
}

/// Reads the description of an application; an empty text means no description.
///
/// # Errors
/// `Invalid` with field `description`.
pub fn read_description(raw: &str) -> Result<Option<String>> {
    let text = raw.trim();
    if text.chars().count() > MOST_DESCRIPTION || text.contains(char::is_control) {
        return Err(Error::invalid("description", phrase!("field-description", most = MOST_DESCRIPTION)));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What a session at an application gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The application, and no other.
    pub application: ApplicationId,
    /// The host at which it began; at other hosts it counts for nothing.
    pub host: AppHost,
    /// The person's role in the application's workspace, if they are a member.
    pub role: Option<ApplicationRole>,
}

impl Opening {
    /// True if the session counts at this host of this application, at any port.
    pub fn is_at(&self, application: &ApplicationId, host: &AppHost) -> bool {
        self.application == *application && self.host.name() == host.name()
    }
}

/// An application as a check of a request needs it.
#[derive(Debug)]
pub struct Hosted {
    /// The application.
    pub application: ApplicationId,
    /// Its name.
    pub name: Name,
    /// The rules for its paths.
    pub rules: RuleSet,
    /// True if requests carry a signed statement about the person.
    pub assertion: bool,
    /// Its organisation.
    pub organisation: Organisation,
    /// The display name of its workspace.
    pub workspace: String,
    /// The id of its workspace.
    pub workspace_id: WorkspaceId,
    /// True if the host is granted to the organisation now.
    pub granted: bool,
}

/// A session at an application, as the application's admins see it.
#[derive(Debug)]
pub struct ApplicationSession {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: Email,
    /// The host at which it began; `None` for an OpenID Connect client.
    pub host: Option<AppHost>,
    /// When it began.
    pub created_at: Timestamp,
    /// When the session that made it was last used.
    pub last_seen_at: Timestamp,
}

/// An application as a person may open it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The application.
    pub application: Application,
    /// The display name of its organisation.
    pub organisation: String,
    /// The display name of its workspace.
    pub workspace: String,
    /// The person's level.
    pub level: Level,
}

impl Opened {
    /// Its position in a list: by name.
    pub fn position(&self) -> (String, String) {
        (self.application.tile.name.as_str().to_lowercase(), self.application.id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_of_the_web_and_have_no_password() {
        for (raw, url) in [
            ("https://wiki.example.com", "https://wiki.example.com/"),
            (" HTTP://127.0.0.2:8080/a?b#c ", "http://127.0.0.2:8080/a?b#c"),
        ] {
            assert_eq!(read_url(raw).expect(raw), url);
        }
        for bad in [
            "",
            "wiki.example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://x/",
            "https://u:p@x/",
            "https://u@x/",
            "https://",
            &format!("https://x/{}", "a".repeat(2048)),
        ] {
            assert!(read_url(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn descriptions_are_one_short_line() {
        assert_eq!(read_description("  "), Ok(None));
        assert_eq!(read_description(" Notes "), Ok(Some("Notes".into())));
        assert!(read_description("a\nb").is_err() && read_description(&"a".repeat(301)).is_err());
    }
}
