//! Forward auth: a reverse proxy asks about each request to an application before it passes the request on.

use super::application::{Hosted, Opening};
use super::application_host::AppHost;
use super::application_rule::{Require, RuleSet};
use super::custom_role::ApplicationRole;
use super::level::Level;
use super::organisation::Organisation;
use super::person::Role;
use super::session::SignedIn;

/// The request that a browser sent to an application, as the proxy describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRequest {
    /// The method.
    pub method: String,
    /// True for https.
    pub secure: bool,
    /// The host.
    pub host: AppHost,
    /// The path, as sent.
    pub path: Vec<u8>,
    /// The query, as sent, without `?`; empty if there is none.
    pub query: Vec<u8>,
    /// What else headers ask of the application.
    pub overrides: Overrides,
}

/// Headers by which a client asks some applications for another method or another path than those of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The other methods, in upper case.
    pub methods: Vec<String>,
    /// True if there is another path.
    pub path: bool,
}

impl OriginalRequest {
    /// Reads the parts of a request. `target`: the path and the query. `None` if a part is unusable.
    pub fn new(method: &[u8], secure: bool, host: &[u8], target: &[u8]) -> Option<Self> {
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        if method.is_empty() || method.len() > 40 || !method.iter().all(is_token) || !target.starts_with(b"/") {
            return None;
        }
        if target.iter().any(|byte| byte.is_ascii_control() || *byte == b' ') {
            return None;
        }
        let host = AppHost::of_request(std::str::from_utf8(host).ok()?)?;
        let mut parts = target.splitn(2, |byte| *byte == b'?');
        let (path, query) = (parts.next().unwrap_or_default().to_vec(), parts.next().unwrap_or_default().to_vec());
        let (method, overrides) = (String::from_utf8_lossy(method).into_owned(), Overrides::default());
        Some(Self { method, secure, host, path, query, overrides })
    }

    /// Reads a method and an absolute URL. `None` if a part is unusable.
    pub fn of_url(method: &[u8], url: &[u8]) -> Option<Self> {
        let (secure, rest) = match (url.strip_prefix(b"https://"), url.strip_prefix(b"http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return None,
        };
        let end = rest.iter().position(|byte| b"/?#".contains(byte))?;
        Self::new(method, secure, &rest[..end], &rest[end..])
    }

    /// What the request needs by these rules. An application may obey the headers of `overrides` or not, so it needs the
    /// most of both.
    fn needs(&self, rules: &RuleSet) -> Require {
        if self.overrides.path {
            return rules.strictest();
        }
        let others = self.overrides.methods.iter().map(|method| rules.required(method, &self.path));
        others.fold(rules.required(&self.method, &self.path), Require::max)
    }

    /// The path and the query.
    pub fn target(&self) -> Vec<u8> {
        if self.query.is_empty() { self.path.clone() } else { [&self.path[..], b"?", &self.query].concat() }
    }

    /// The scheme and the host, as in a URL.
    pub fn origin(&self) -> String {
        origin(self.secure, &self.host)
    }
}

/// The scheme and the host, as in a URL.
pub fn origin(secure: bool, host: &AppHost) -> String {
    format!("{}://{}", if secure { "https" } else { "http" }, host.as_str())
}

/// The headers that tell an application who is signed in. Every answer that allows a request has all of them.
pub const IDENTITY_HEADERS: [&str; 10] = [
    "remote-user",
    "remote-email",
    "remote-name",
    "remote-groups",
    "x-vestibule-user",
    "x-vestibule-organisation",
    "x-vestibule-workspace",
    "x-vestibule-role",
    "x-vestibule-level",
    "x-vestibule-assertion",
];

/// A person as an application sees them. Empty texts where they have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person's id.
    pub user: String,
    /// The person's e-mail address.
    pub email: String,
    /// The person's display name.
    pub name: String,
    /// The slug of the application's organisation.
    pub organisation: String,
    /// The display name of the application's workspace.
    pub workspace: String,
    /// The id of the application's workspace.
    pub workspace_id: String,
    /// The slug of the person's role in the workspace; empty for a person who is not a member.
    pub role: String,
    /// The person's level in the application.
    pub level: Level,
}

impl Identity {
    /// A person who is signed in at an application. `None` if their session has no open grant for its organisation.
    pub fn of(person: &SignedIn, hosted: &Hosted, role: Option<&ApplicationRole>) -> Option<Self> {
        let Hosted { organisation, workspace, workspace_id, .. } = hosted;
        let seat = person.open_seat(&organisation.id)?;
        person.application_grant(seat)?;
        // An organisation admin acts as Admin of a workspace to which they do not belong.
        let own = role.map(|held| &held.role).or(seat.standing.admin.then_some(&Role::Admin));
        Some(Self {
            user: person.user.id.to_string(),
            email: person.user.email.to_string(),
            name: plain(&person.user.name),
            organisation: organisation.slug.clone(),
            workspace: plain(workspace),
            workspace_id: workspace_id.to_string(),
            role: own.map(Role::slug).unwrap_or_default().to_owned(),
            level: person.level(seat, role),
        })
    }

    /// The groups of the person: the organisation, the workspace, the role and the level.
    pub fn groups(&self) -> Vec<String> {
        let mut groups = vec![self.organisation.clone()];
        if !self.role.is_empty() {
            groups.push(format!("{}/{}", self.organisation, self.workspace_id));
            groups.push(format!("role:{}", self.role));
        }
        groups.push(format!("level:{}", self.level.as_str()));
        groups
    }
}

/// A text without control characters, which a header cannot carry.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The request may pass, as this person if one is signed in.
    Allowed(Option<Identity>),
    /// A person must sign in first.
    SignIn,
    /// The person who is signed in may not do this.
    Denied(Identity),
}

/// Decides about a request to an application, and returns what it needs. `session`: the session at an application whose
/// secret came with it.
pub fn decide(
    hosted: &Hosted,
    original: &OriginalRequest,
    session: Option<&(SignedIn, Opening)>,
) -> (Require, Decision) {
    let own = session.filter(|(_, opening)| opening.is_at(&hosted.application, &original.host));
    let person = own.and_then(|(person, opening)| Identity::of(person, hosted, opening.role.as_ref()));
    let needs = original.needs(&hosted.rules);
    let decision = match (needs, person) {
        (Require::Public, person) => Decision::Allowed(person.filter(|person| person.level > Level::NoAccess)),
        (_, None) => Decision::SignIn,
        (Require::SignedIn, person) => Decision::Allowed(person),
        (Require::Level(level), Some(person)) if person.level >= level => Decision::Allowed(Some(person)),
        (Require::Level(_), Some(person)) => Decision::Denied(person),
    };
    (needs, decision)
}

/// True if a person may get a session at this application: they may open it, or the path to which they return only needs
/// that they are signed in.
pub fn may_enter(
    organisation: &Organisation,
    person: &SignedIn,
    role: Option<&ApplicationRole>,
    signed_in_only: bool,
) -> bool {
    let Some(seat) = person.open_seat(&organisation.id) else { return false };
    person.application_grant(seat).is_some() && (signed_in_only || person.level(seat, role) > Level::NoAccess)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_original_request_is_read_as_it_was_sent() {
        let of_url = |url: &str| OriginalRequest::of_url(b"GET", url.as_bytes());
        let read = of_url("https://Wiki.Acme.test:443/a%2fb/../c?d=e?f").expect("usable");
        assert_eq!((read.secure, read.host.as_str()), (true, "wiki.acme.test"));
        assert_eq!((&read.path[..], &read.query[..]), (&b"/a%2fb/../c"[..], &b"d=e?f"[..]));
        assert_eq!(read.target(), b"/a%2fb/../c?d=e?f");
        assert_eq!(of_url("http://wiki.acme.test:8080/").expect("usable").origin(), "http://wiki.acme.test:8080");
        for bad in [
            "",
            "wiki.acme.test/",
            "ftp://wiki.acme.test/",
            "https://wiki.acme.test",
            "https://wiki.acme.test?x",
            "https://u@wiki.acme.test/",
            "https:///x",
            "https://wiki.acme.test/a b",
            "https://wiki.acme.test/a\u{7f}b",
        ] {
            assert_eq!(of_url(bad), None, "{bad}");
        }
        let new = |method: &str, host: &str, target: &str| {
            OriginalRequest::new(method.as_bytes(), true, host.as_bytes(), target.as_bytes()).is_some()
        };
        assert!(new("PROPFIND", "wiki.acme.test", "/"));
        for (method, host, target) in [
            ("", "x.test", "/"),
            ("G T", "x.test", "/"),
            ("GET", "x.test, y.test", "/"),
            ("GET", "", "/"),
            ("GET", "x.test", ""),
            ("GET", "x.test", "*"),
            ("GET", "x.test", "http://x.test/"),
        ] {
            assert!(!new(method, host, target), "{method} {host} {target}");
        }
    }
}
