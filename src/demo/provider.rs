//! The practice identity provider: signs you in as the person you choose, with a signing key made at its start.

use super::fault::Fault;
use super::people::{People, Person};
use super::recipients::Recipients;
use crate::domain::catalogue::Language;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Clock, Email, Error, Result, Timestamp};
use crate::http::{escape, negotiate, sentence};
use crate::saml::test_idp::{self, Encryption, Minted, ReceivedRequest, Sign, SigningKey};
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, Form, Query};
use actix_web::{App, HttpResponse, HttpServer, dev, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use std::net::TcpListener;

/// The practice identity provider.
pub struct Provider {
    origin: String,
    key: SigningKey,
    people: Vec<Person>,
    /// The recipients of encrypted assertions; `None` to send assertions unencrypted.
    recipients: Option<Recipients>,
}

/// The provider's response to a sign-in request.
pub struct Answer {
    /// The callback URL to which the browser posts the response.
    pub acs_url: String,
    /// The response in base64.
    pub saml_response: String,
}

const STYLE: &str = include_str!("provider.css");
const SUBMIT: &str = "document.forms[0].submit();\n";
const CONTENT_SECURITY: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Provider {
    /// A provider at this address, with a new key.
    pub fn new(origin: &str, recipients: Option<Recipients>) -> Self {
        let people = People::new().at_provider();
        Self { origin: origin.into(), key: SigningKey::rsa("Practice identity provider"), people, recipients }
    }

    /// The provider's address.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn entity_id(&self) -> String {
        format!("{}/metadata", self.origin)
    }

    /// The provider's metadata.
    pub fn metadata(&self) -> String {
        test_idp::idp_metadata(&self.entity_id(), &format!("{}/sso", self.origin), &self.key.certificate_pem())
    }

    /// Signs a person in: a signed assertion for the sender of the request, with this fault if one is given.
    ///
    /// # Errors
    /// `Invalid` when the request is not an AuthnRequest; `NotFound` when nobody has this e-mail address.
    pub fn answer(&self, saml_request: &str, email: &str, fault: Option<Fault>, now: Timestamp) -> Result<Answer> {
        let request = test_idp::parse_authn_request(saml_request)?;
        let unknown = || Error::NotFound(phrase!("practice-unknown", email = email));
        let person = self.people.iter().find(|person| person.email == email).ok_or_else(unknown)?;
        let minted = self.minted(&request, person, now)?;
        let recipient = self.recipients.as_ref().map(|known| known.certificate(&request.issuer)).transpose()?.flatten();
        let response = match (fault, &recipient) {
            (Some(fault), _) => fault.sign(minted, &self.key, now),
            (None, Some(certificate)) => {
                minted.sign_and_encrypt(&self.key, Sign::Assertion, &Encryption::gcm(certificate))
            }
            (None, None) => minted.sign(&self.key, Sign::Assertion),
        };
        Ok(Answer { acs_url: request.acs_url, saml_response: STANDARD.encode(response) })
    }

    fn minted(&self, request: &ReceivedRequest, person: &Person, now: Timestamp) -> Result<Minted> {
        let email = Email::parse(person.email)?;
        let mut minted = Minted::answer(request, &self.entity_id(), email.as_str(), now);
        minted.attributes.push(("displayName".into(), vec![person.name.into()]));
        Ok(minted)
    }
}

/// Serves the provider until it is stopped.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve(provider: Data<Provider>, listener: TcpListener) -> Result<dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(provider.clone())
            .wrap(from_fn(negotiate))
            .route("/", web::get().to(show_home))
            .route("/metadata", web::get().to(show_metadata))
            .route("/sso", web::get().to(show_choice))
            .route("/sso", web::post().to(create_answer))
            .route("/style.css", web::get().to(show_style))
            .route("/submit.js", web::get().to(|| async { typed("text/javascript", SUBMIT.into()) }))
    });
    let server = server.workers(1).disable_signals().listen(listener);
    server.map(HttpServer::run).map_err(|cause| Error::unavailable(Phrase::words(format!("cannot listen: {cause}"))))
}

fn typed(content_type: &str, body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(content_type).body(body)
}

/// The style sheet of the demo's sites.
pub async fn show_style() -> HttpResponse {
    typed("text/css; charset=utf-8", STYLE.into())
}

/// A page of one of the demo's sites. `badge`: what the site is. `body`: HTML.
pub fn page(badge: &Phrase, title: &Phrase, body: &str) -> HttpResponse {
    let (title, badge) = (sentence(title), sentence(badge));
    let language = Language::spoken().tag();
    let html = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/style.css\"></head>\
         <body><main><p class=\"badge\">{badge}</p><h1>{title}</h1>{body}</main></body></html>"
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, CONTENT_SECURITY))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

async fn show_home(provider: Data<Provider>) -> HttpResponse {
    let metadata = format!("{}/metadata", provider.origin);
    let told = sentence(&phrase!("practice-no-sign-in-text"));
    let body = format!("<p>{told} <a href=\"{metadata}\">{metadata}</a></p>");
    page(&phrase!("practice-badge"), &phrase!("practice-no-sign-in"), &body)
}

async fn show_metadata(provider: Data<Provider>) -> HttpResponse {
    typed("application/samlmetadata+xml; charset=utf-8", provider.metadata())
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "SAMLRequest")]
    saml_request: String,
    #[serde(rename = "RelayState", default)]
    relay_state: String,
}

async fn show_choice(provider: Data<Provider>, asked: Query<Asked>) -> HttpResponse {
    if let Err(fault) = test_idp::parse_authn_request(&asked.saml_request) {
        return page(
            &phrase!("practice-badge"),
            &phrase!("practice-no-request"),
            &format!("<p>SAMLRequest: {}</p>", sentence(&fault.message())),
        );
    }
    let button = |person: &Person| {
        let (email, words) = (escape(person.email), sentence(&phrase!("practice-continue", name = person.name)));
        format!("<button name=\"email\" value=\"{email}\">{words}<small>{email}</small></button>")
    };
    let buttons: String = provider.people.iter().map(button).collect();
    let (request, relay_state) = (escape(&asked.saml_request), escape(&asked.relay_state));
    page(
        &phrase!("practice-badge"),
        &phrase!("practice-who"),
        &format!(
            "<p>{}</p><form method=\"post\" action=\"/sso\"><input type=\"hidden\" name=\"SAMLRequest\" value=\"{request}\">\
             <input type=\"hidden\" name=\"RelayState\" value=\"{relay_state}\">{buttons}{}</form>",
            sentence(&phrase!("practice-who-text")),
            faults()
        ),
    )
}

/// A collapsed choice of faults.
fn faults() -> String {
    let choice = |value: &str, words: &Phrase, checked: &str| {
        let words = sentence(words);
        format!("<label><input type=\"radio\" name=\"fault\" value=\"{value}\"{checked}> {words}</label>")
    };
    let all: String = Fault::ALL.iter().map(|fault| choice(fault.as_str(), &fault.words(), "")).collect();
    format!(
        "<details><summary>{}</summary><fieldset><legend>{}</legend>{}{all}</fieldset></details>",
        sentence(&phrase!("practice-faults-open")),
        sentence(&phrase!("practice-faults")),
        choice("", &phrase!("practice-fault-none"), " checked")
    )
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(rename = "SAMLRequest")]
    saml_request: String,
    #[serde(rename = "RelayState", default)]
    relay_state: String,
    email: String,
    #[serde(default)]
    fault: String,
}

async fn create_answer(provider: Data<Provider>, chosen: Form<Chosen>) -> HttpResponse {
    match provider.answer(&chosen.saml_request, &chosen.email, Fault::parse(&chosen.fault), Clock::System.now()) {
        Ok(answer) => page(
            &phrase!("practice-badge"),
            &phrase!("practice-answered"),
            &format!(
                "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"SAMLResponse\" value=\"{}\">\
                 <input type=\"hidden\" name=\"RelayState\" value=\"{}\"><button>{}</button></form>\
                 <script src=\"/submit.js\"></script>",
                escape(&answer.acs_url),
                answer.saml_response,
                escape(&chosen.relay_state),
                sentence(&phrase!("practice-back"))
            ),
        ),
        Err(fault) => page(
            &phrase!("practice-badge"),
            &phrase!("practice-failed"),
            &format!("<p>{}</p>", sentence(&fault.message())),
        ),
    }
}
