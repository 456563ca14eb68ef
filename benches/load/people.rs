//! The people of the benchmark: an organisation on the Enterprise plan, its members, and their sessions.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use std::path::Path;
use url::{Url, form_urlencoded};
use vestibule::app::{App, Line};
use vestibule::domain::access::Standing;
use vestibule::domain::ids::{OrganisationId, SessionId, UserId, WorkspaceId};
use vestibule::domain::method::Method;
use vestibule::domain::person::Role;
use vestibule::domain::principal::Claim;
use vestibule::domain::seal::{digest, secret};
use vestibule::domain::session::{Grant, Session};
use vestibule::domain::{Clock, Email, Name, Password, Result, Timestamp};
use vestibule::saml::test_idp::{Minted, ReceivedRequest, Sign, SigningKey, parse_authn_request};
use vestibule::store::Tx;

use super::client::{Answer, Connection};

pub const PASSWORD: &str = "right horse battery";
/// The path of the portal URL, at which members start a sign-in.
pub const PORTAL: &str = "/sso?key=acme_SSO";
pub const JSON: &str = "application/json";
pub const FORM: &str = "application/x-www-form-urlencoded";
const ENTITY_ID: &str = "https://idp.test/metadata";
/// The number of sessions that are added in one transaction.
const PART: usize = 10_000;

/// The people in a data folder.
pub struct People {
    /// The `Cookie` header of each session in use.
    pub cookies: Vec<String>,
    /// The host of the server's public URL.
    host: String,
    suffix: String,
    key: SigningKey,
}

/// The e-mail address of the n-th member.
pub fn email_of(n: usize) -> String {
    format!("person{n}@acme.test")
}

fn session(token: &str, now: Timestamp) -> Session {
    Session {
        id: SessionId::random(),
        digest: digest(token),
        password_at: Some(now),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(7 * 86_400),
        address: "127.0.0.1".into(),
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".into(),
        grants: Vec::new(),
    }
}

fn add_member(tx: &Tx, to: (&OrganisationId, &WorkspaceId), n: usize, hash: &str) -> Result<UserId> {
    let user = tx.add_user(&Email::parse(&email_of(n))?, "A Person", Some(hash), false)?;
    tx.add_person(to.0, &user, Standing { admin: n == 0, password_agreed: true })?;
    tx.set_place(to.0, to.1, &user, &Role::PowerUser)?;
    Ok(user.id)
}

impl People {
    /// Adds members to a new data folder, of whom the first is an admin, and distributes the sessions among them. Each
    /// member uses their first session. `address`: where the server will listen.
    pub fn add(folder: &Path, address: &str, members: usize, sessions: usize) -> Self {
        let app = App::open_beside(folder, Some(format!("http://{address}"))).expect("opens");
        let hash =
            app.hasher.hash(&Line::known("benchmark", "127.0.0.1"), &Password::typed(PASSWORD.into())).expect("hashed");
        let (organisation, ids) = app
            .write(&Claim::job(), move |tx| {
                let organisation = tx.add_organisation(&Name::parse("name", "Acme")?, "acme", "enterprise")?;
                let workspace = tx.add_workspace(&organisation.id, &Name::parse("name", "Head office")?)?;
                let to = (&organisation.id, &workspace.id);
                let ids = (0..members).map(|n| add_member(tx, to, n, &hash)).collect::<Result<Vec<_>>>()?;
                Ok((organisation.id, ids))
            })
            .expect("written");
        let tokens: Vec<String> = (0..members).map(|_| secret()).collect();
        let now = Clock::System.now();
        for first in (0..sessions).step_by(PART) {
            let (tokens, ids, organisation) = (tokens.clone(), ids.clone(), organisation.clone());
            let add = move |tx: &Tx| {
                (first..sessions.min(first + PART)).try_for_each(|n| {
                    let token = tokens.get(n).cloned().unwrap_or_else(secret);
                    let session = session(&token, now);
                    tx.add_session(&ids[n % ids.len()], &session)?;
                    let (organisation, expires_at) = (organisation.clone(), session.expires_at);
                    tx.set_grant(
                        &session.id,
                        &Grant { organisation, method: Method::Password, at: now, expires_at, ends_at: None },
                    )
                })
            };
            app.write(&Claim::job(), add).expect("written");
        }
        let suffix = app.config.public_url.cookie_suffix();
        let cookies = tokens.iter().map(|token| format!("vestibule_session{suffix}={token}")).collect();
        app.stop();
        Self { cookies, host: address.to_owned(), suffix, key: SigningKey::rsa("Acme's identity provider") }
    }

    /// A GET request with a member's session, in rotation by `n`. The admin's session is not used, because the test
    /// sign-in replaces it.
    pub fn get_signed_in(&self, path: &str, n: usize) -> String {
        self.get(path, &self.cookies[1 + n % (self.cookies.len() - 1)])
    }

    /// A GET request of a browser with these cookies, sent from one of our pages.
    pub fn get(&self, path: &str, cookies: &str) -> String {
        let host = &self.host;
        format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\ncookie: {cookies}\r\n\r\n")
    }

    /// A request with a body, sent from one of our pages. `headers`: further headers, each with its line end.
    pub fn send(&self, method: &str, path: &str, kind: &str, headers: &str, body: &str) -> String {
        let host = &self.host;
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// Connects the organisation's identity provider to a running server through the API.
    pub fn connect(&self, address: &str) {
        let body = json!({
            "provider": "custom", "portal_key": "acme_SSO", "sign_on_url": "https://idp.test/sso", "idp_entity_id": ENTITY_ID,
            "certificates": [self.key.certificate_pem()],
        })
        .to_string();
        let mut connection = Connection::open(address);
        let cookie = &self.cookies[0];
        let headers = format!("cookie: {cookie}\r\nsec-fetch-site: same-origin\r\n");
        let saved = connection.ask(&self.send("PUT", "/api/v1/organisations/acme/sso", JSON, &headers, &body));
        assert_eq!(saved.status, 200, "{}", saved.head);
        self.sign_in(&mut connection, &format!("{PORTAL}&test=1"), &self.cookies[0], 0);
    }

    /// A member's sign-in through the identity provider: start, callback and finish.
    pub fn sign_in(&self, connection: &mut Connection, start: &str, cookie: &str, n: usize) {
        let begun = connection.ask(&self.get(start, cookie));
        let request = request_of(&begun);
        let cookies = format!("{cookie}; {}", self.cookies_of(&begun));
        let form = self.form_for(&request, n);
        let headers = format!("cookie: {cookies}\r\norigin: https://idp.test\r\n");
        let answered = connection.ask(&self.send("POST", &path_of(&request.acs_url), FORM, &headers, &form));
        let cookies = format!("{cookies}; {}", self.cookies_of(&answered));
        let finished = connection.ask(&self.get(&path_of(location(&answered)), &cookies));
        assert!(finished.status == 303 && location(&finished) == "/", "{}", finished.head);
    }

    /// The form with the identity provider's response for member `n`.
    fn form_for(&self, request: &ReceivedRequest, n: usize) -> String {
        let minted = Minted::answer(request, ENTITY_ID, &email_of(n), Clock::System.now());
        let response = STANDARD.encode(minted.sign(&self.key, Sign::Assertion));
        form_urlencoded::Serializer::new(String::new()).append_pair("SAMLResponse", &response).finish()
    }

    /// The cookies that an answer sets, except the session cookie.
    fn cookies_of(&self, answer: &Answer) -> String {
        let set = answer.head.lines().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let pairs = set.filter_map(|(_, value)| value.split(';').next());
        let own = format!("vestibule_session{}=", self.suffix);
        pairs.filter(|pair| !pair.starts_with(&own)).collect::<Vec<_>>().join("; ")
    }
}

/// The SAML request in a redirect to the identity provider.
fn request_of(redirect: &Answer) -> ReceivedRequest {
    let url = Url::parse(location(redirect)).expect("a URL");
    let request = url.query_pairs().find(|(name, _)| name == "SAMLRequest").expect("a request").1.into_owned();
    parse_authn_request(&request).expect("a request")
}

/// The path of the callback that the request in a redirect names.
pub fn callback_of(redirect: &Answer) -> String {
    path_of(&request_of(redirect).acs_url)
}

/// The address that an answer redirects to.
pub fn location(answer: &Answer) -> &str {
    answer.header("location").unwrap_or_else(|| panic!("no redirect: {}", answer.head))
}

/// The path and the query of an address, which may already be a path.
pub fn path_of(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return address.to_owned() };
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
