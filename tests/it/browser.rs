//! A browser that keeps cookies. Tests follow redirects themselves.

use crate::contract;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use ureq::http::Method;
use ureq::{Agent, http};
use url::Url;
use url::form_urlencoded::Serializer;
use vestibule::config::PublicUrl;

#[derive(Clone)]
pub struct Browser {
    agent: Agent,
    base: String,
    /// The cookies by name, without the suffix.
    pub cookies: BTreeMap<String, String>,
    /// The suffix of all cookie names: the port of the public URL.
    pub cookie_suffix: String,
    /// The headers that a browser adds to requests from its own site.
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub set_cookies: Vec<String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.body))
    }

    pub fn location(&self) -> &str {
        self.headers.get("location").unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.body))
    }

    /// The `code` of the error body.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The `field` of the error body.
    pub fn field(&self) -> String {
        self.json()["error"]["field"].as_str().unwrap_or_default().to_owned()
    }

    /// The error code of a redirect to the sign-in page.
    pub fn refused_with(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.body);
        let url = Url::parse("http://x").unwrap().join(self.location()).unwrap();
        assert_eq!(url.path(), "/login", "{url}");
        url.query_pairs().find(|(name, _)| name == "error").map(|(_, code)| code.into_owned()).unwrap_or_default()
    }
}

impl Browser {
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false);
        Self {
            agent: config.timeout_global(Some(std::time::Duration::from_secs(30))).build().into(),
            base: base.into(),
            cookie_suffix: PublicUrl::parse(base).map(|url| url.cookie_suffix()).unwrap_or_default(),
            cookies: BTreeMap::new(),
            headers: vec![("sec-fetch-site", "same-origin".into())],
        }
    }

    /// A program that uses this API key.
    pub fn program(base: &str, key: &str) -> Self {
        Self { headers: vec![("authorization", format!("Bearer {key}"))], ..Self::new(base) }
    }

    pub fn send(&mut self, method: &str, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.try_send(method, path, content_type, body).expect("an answer")
    }

    /// As `send`, for a request that the server may leave unanswered.
    pub fn try_send(
        &mut self,
        method: &str,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, ureq::Error> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = http::Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookie_header());
        }
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let mut response = self.agent.run(request.body(body).unwrap())?;
        let set_cookies: Vec<String> =
            response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
        for cookie in &set_cookies {
            self.keep(cookie);
        }
        let headers = response.headers().iter().filter(|(name, _)| *name != "set-cookie" && *name != "date");
        let answer = Answer {
            status: response.status().as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect(),
            set_cookies,
            body: response.body_mut().read_to_string()?,
        };
        contract::check(method, path, &answer);
        Ok(answer)
    }

    /// The value of the `Cookie` header, for handwritten requests.
    pub fn cookie_header(&self) -> String {
        let suffix = &self.cookie_suffix;
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}{suffix}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie");
        let name = name.strip_suffix(&self.cookie_suffix).expect("a cookie name with the suffix");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.into(), value.into());
        }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new())
    }

    pub fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, "application/x-www-form-urlencoded", body.into_bytes())
    }

    /// Posts a form from a page of another site, without the cookies that are `SameSite=Lax`.
    pub fn cross_site_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let cookies = std::mem::take(&mut self.cookies);
        let proxied = self.headers.iter().filter(|(name, _)| name.starts_with("x-forwarded")).cloned();
        let foreign = [("sec-fetch-site", "cross-site".into()), ("origin", "http://idp.test".into())];
        let headers = foreign.into_iter().chain(proxied).collect();
        let headers = std::mem::replace(&mut self.headers, headers);
        let answer = self.form(path, fields);
        let new = std::mem::replace(&mut self.cookies, cookies);
        self.cookies.extend(new);
        self.headers = headers;
        answer
    }

    pub fn api(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, &format!("/api/v1{path}"), "application/json", body)
    }

    pub fn read(&mut self, path: &str) -> Answer {
        self.api("GET", path, &Value::Null)
    }

    pub fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.api("POST", "/login", &json!({ "email": email, "password": password }))
    }

    pub fn has_session(&self) -> bool {
        self.cookies.contains_key("vestibule_session")
    }
}
