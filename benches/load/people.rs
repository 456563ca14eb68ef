//! The people of the benchmark: an organisation on the Enterprise plan, its members, and a session for each.

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
use vestibule::saml::test_idp::{Minted, Sign, SigningKey, parse_authn_request};
use vestibule::store::Tx;

use super::client::{Answer, Connection};

pub const PASSWORD: &str = "right horse battery";
const PORTAL: &str = "/sso?key=acme_SSO";
const ENTITY_ID: &str = "https://idp.test/metadata";
/// Sessions added in one transaction.
const PART: usize = 10_000;

/// Who is in a data folder.
pub struct People {
    /// The header `Cookie` of each session that is used.
    pub cookies: Vec<String>,
    suffix: String,
    key: SigningKey,
}

/// The address of a member.
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
    tx.set_place(to.0, to.1, &user, Role::PowerUser)?;
    Ok(user.id)
}

impl People {
    /// Adds so many members to a new data folder, the first of them an admin, and so many sessions, in turn; each member uses their first. The
    /// server will be at this address.
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
                    tx.set_grant(&session.id, &Grant { organisation, method: Method::Password, at: now, expires_at })
                })
            };
            app.write(&Claim::job(), add).expect("written");
        }
        let suffix = app.config.public_url.cookie_suffix();
        let cookies = tokens.iter().map(|token| format!("vestibule_session{suffix}={token}")).collect();
        app.stop();
        Self { cookies, suffix, key: SigningKey::rsa("Acme's identity provider") }
    }

    /// A request of one of them, in turn.
    pub fn get(&self, path: &str, n: usize) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", self.cookies[n % self.cookies.len()])
    }

    /// The path of the callback that a redirect to the identity provider names.
    pub fn callback_of(&self, redirect: &Answer) -> String {
        self.answer(redirect, 0).0
    }

    /// Connects the organisation's identity provider on a running server, as its admin would.
    pub fn connect(&self, address: &str) {
        let body = json!({
            "provider": "custom", "portal_key": "acme_SSO", "sign_on_url": "https://idp.test/sso", "idp_entity_id": ENTITY_ID,
            "certificates": [self.key.certificate_pem()],
        })
        .to_string();
        let mut connection = Connection::open(address);
        let cookie = &self.cookies[0];
        let saved = connection.ask(&format!(
            "PUT /api/v1/organisations/acme/sso HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ));
        assert_eq!(saved.status, 200, "{}", saved.head);
        self.sign_in(&mut connection, &format!("{PORTAL}&test=1"), &self.cookies[0], 0);
    }

    /// A member's sign-in through the identity provider: start, callback, and the way in.
    pub fn sign_in(&self, connection: &mut Connection, start: &str, cookie: &str, n: usize) {
        let get = |path: &str, cookies: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookies}\r\n\r\n");
        let begun = connection.ask(&get(start, cookie));
        let (path, form) = self.answer(&begun, n);
        let cookies = format!("{cookie}; {}", self.cookies_of(&begun));
        let answered = connection.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookies}\r\norigin: https://idp.test\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        ));
        let finish = location(&answered).to_owned();
        let cookies = format!("{cookies}; {}", self.cookies_of(&answered));
        let finished = connection.ask(&get(&finish, &cookies));
        assert!(finished.status == 303 && location(&finished) == "/", "{}", finished.head);
    }

    /// The path of the callback, and the form by which the identity provider answers the redirect to it.
    fn answer(&self, redirect: &Answer, n: usize) -> (String, String) {
        let url = Url::parse(location(redirect)).expect("a URL");
        let value = |name: &str| url.query_pairs().find(|(one, _)| one == name).map(|(_, value)| value.into_owned());
        let request = parse_authn_request(&value("SAMLRequest").expect("a request")).expect("a request");
        let minted = Minted::answer(&request, ENTITY_ID, &email_of(n), Clock::System.now());
        let response = STANDARD.encode(minted.sign(&self.key, Sign::Assertion));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("SAMLResponse", &response).append_pair("RelayState", &value("RelayState").unwrap_or_default());
        (Url::parse(&request.acs_url).expect("a URL").path().to_owned(), form.finish())
    }

    /// The cookies that an answer sets, but for the session's.
    fn cookies_of(&self, answer: &Answer) -> String {
        let set = answer.head.lines().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let pairs = set.filter_map(|(_, value)| value.split(';').next());
        let own = format!("vestibule_session{}=", self.suffix);
        pairs.filter(|pair| !pair.starts_with(&own)).collect::<Vec<_>>().join("; ")
    }
}

/// Where an answer leads.
pub fn location(answer: &Answer) -> &str {
    answer.header("location").unwrap_or_else(|| panic!("no redirect: {}", answer.head))
}
