//! The demo's OpenID Connect client: signs a person in through Vestibule, and shows the claims that it receives.

use super::applications::{CALLBACK, Served};
use super::provider::page;
use super::proxy::agent;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::seal::{digest, secret};
use crate::domain::{Error, Result};
use crate::http::{escape, negotiate, sentence};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Server;
use actix_web::http::header::LOCATION;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};
use ureq::Agent;
use url::form_urlencoded::Serializer;

const SCOPE: &str = "openid profile email groups vestibule";
/// The cookie with the secrets of a sign-in that has begun.
const COOKIE: &str = "sign_in";

/// The client.
struct Client {
    /// The name of the application.
    name: &'static str,
    /// The issuer: the address of Vestibule.
    issuer: String,
    /// The client's id: that of the application.
    id: String,
    /// The client's own address.
    url: String,
    agent: Agent,
}

/// The secrets of a sign-in that has begun.
struct Begun {
    state: String,
    verifier: String,
    nonce: String,
}

/// Serves the client until the process is stopped. `issuer`: the address of Vestibule. `id`: the client's id.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve(issuer: &str, id: &str, at: Served) -> Result<Server> {
    let Served { site, url, listener } = at;
    let client =
        Data::new(Client { name: site.name, issuer: issuer.to_owned(), id: id.to_owned(), url, agent: agent() });
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(client.clone())
            .wrap(from_fn(negotiate))
            .route("/", web::get().to(show_home))
            .route("/sign-in", web::get().to(begin))
            .route(CALLBACK, web::get().to(finish))
            .route("/style.css", web::get().to(super::provider::show_style))
    });
    let server = server.workers(1).disable_signals().listen(listener);
    server.map(HttpServer::run).map_err(|cause| Error::unavailable(Phrase::words(format!("cannot listen: {cause}"))))
}

async fn show_home(client: Data<Client>) -> HttpResponse {
    let (told, label) = (sentence(&phrase!("client-home")), sentence(&phrase!("client-sign-in")));
    let body = format!("<p>{told}</p><p><a href=\"/sign-in\">{label}</a></p>");
    page(&phrase!("client-badge"), &Phrase::words(client.name), &body)
}

async fn begin(client: Data<Client>) -> Result<HttpResponse> {
    let begun = Begun { state: secret(), verifier: secret(), nonce: secret() };
    let query = Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &client.callback())
        .append_pair("scope", SCOPE)
        .append_pair("state", &begun.state)
        .append_pair("nonce", &begun.nonce)
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(digest(&begun.verifier)))
        .append_pair("code_challenge_method", "S256")
        .finish();
    let value = [begun.state, begun.verifier, begun.nonce].join(".");
    let cookie = Cookie::build(COOKIE, value).path(CALLBACK).http_only(true).same_site(SameSite::Lax).finish();
    let onward = format!("{}/oauth2/authorize?{query}", client.issuer);
    let mut answer = HttpResponse::SeeOther().insert_header((LOCATION, onward)).finish();
    answer.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(answer)
}

/// What the browser brings back from the sign-in.
#[derive(Deserialize)]
struct Returned {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn finish(client: Data<Client>, request: HttpRequest, returned: Query<Returned>) -> Result<HttpResponse> {
    let Returned { code, state, iss, error, error_description } = returned.into_inner();
    let begun = request.cookie(COOKIE).and_then(|cookie| {
        let mut parts = cookie.value().split('.').map(ToOwned::to_owned);
        Some(Begun { state: parts.next()?, verifier: parts.next()?, nonce: parts.next()? })
    });
    let begun = begun.filter(|begun| state.as_ref() == Some(&begun.state) && iss.as_ref() == Some(&client.issuer));
    let (Some(begun), Some(code)) = (begun, code) else {
        let told = error_description.or(error).map(|error| format!("<p>{}</p>", escape(&error))).unwrap_or_default();
        let label = sentence(&phrase!("client-sign-in"));
        let body = format!("{told}<p><a href=\"/sign-in\">{label}</a></p>");
        return Ok(page(&phrase!("client-badge"), &phrase!("client-failed"), &body));
    };
    let (asking, nonce) = (client.clone(), begun.nonce);
    let received = web::block(move || asking.receive(&code, &begun.verifier)).await.map_err(Error::internal)??;
    if received.claims.get("nonce").and_then(Value::as_str) != Some(&nonce) {
        return Err(Error::internal("the nonce of the ID token is another one"));
    }
    let logout = Serializer::new(String::new())
        .append_pair("id_token_hint", &received.id_token)
        .append_pair("post_logout_redirect_uri", &format!("{}/", client.url))
        .finish();
    let sign_out = format!("{}/oauth2/logout?{logout}", client.issuer);
    let body = format!(
        "<h2>{}</h2>{}<h2>{}</h2>{}<p><a href=\"{}\">{}</a></p>",
        sentence(&phrase!("client-id-token")),
        list(&received.claims),
        sentence(&phrase!("client-userinfo-answer")),
        list(&received.person),
        escape(&sign_out),
        sentence(&phrase!("sign-out-do")),
    );
    Ok(page(&phrase!("client-badge"), &phrase!("echo-title"), &body))
}

/// What the client receives about a person.
struct Received {
    id_token: String,
    /// The claims of the ID token. They come directly from the issuer, so that their signature needs no check.
    claims: Map<String, Value>,
    /// The answer of the userinfo endpoint.
    person: Map<String, Value>,
}

impl Client {
    fn callback(&self) -> String {
        format!("{}{CALLBACK}", self.url)
    }

    fn receive(&self, code: &str, verifier: &str) -> Result<Received> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("code", code),
            ("redirect_uri", &self.callback()),
            ("code_verifier", verifier),
        ];
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut answer = self
            .agent
            .post(format!("{}/oauth2/token", self.issuer))
            .send_form(form.map(text))
            .map_err(Error::internal)?;
        let tokens = object(&answer.body_mut().read_to_string().map_err(Error::internal)?)?;
        let token = |name: &str| tokens.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let (Some(id_token), Some(access)) = (token("id_token"), token("access_token")) else {
            return Err(Error::internal(format!("no tokens: {tokens:?}")));
        };
        let payload = id_token.split('.').nth(1).unwrap_or_default();
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(Error::internal)?;
        let asked = self.agent.get(format!("{}/oauth2/userinfo", self.issuer));
        let asked = asked.header("authorization", format!("Bearer {access}")).call();
        let person = asked.map_err(Error::internal)?.body_mut().read_to_string().map_err(Error::internal)?;
        Ok(Received { claims: object(&String::from_utf8_lossy(&payload))?, person: object(&person)?, id_token })
    }
}

fn object(json: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(json).map_err(Error::internal)
}

/// Claims as a list.
fn list(claims: &Map<String, Value>) -> String {
    let rows = claims.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        format!("<dt><code>{}</code></dt><dd>{}</dd>", escape(name), escape(&value))
    });
    format!("<dl>{}</dl>", rows.collect::<Vec<_>>().concat())
}
