//! An application behind a reverse proxy, and the members who are signed in there.

use super::client::Connection;
use super::people::{People, location, path_of};
use super::servers::run;
use std::path::Path;

/// The host of the application.
const HOST: &str = "127.0.0.2:8000";

/// The sessions of members at an application.
pub struct Entered {
    /// The `Cookie` header of each session.
    cookies: Vec<String>,
}

impl Entered {
    /// Creates an application beside a running server, and signs in the first `members` people there, except the admin.
    pub fn new(folder: &Path, address: &str, people: &People, members: usize) -> Self {
        run(folder, &["org", "set-hosts", "acme", "127.0.0.2"]);
        let url = format!("http://{HOST}/");
        run(folder, &["app", "create", "acme/head-office", "Wiki", "--kind", "proxy", "--url", &url, "--host", HOST]);
        let mut connection = Connection::open(address);
        let cookies = (1..members).map(|n| enter(&mut connection, people, n)).collect();
        Self { cookies }
    }

    /// A proxy's check of a request of a member, in rotation by `n`.
    pub fn check(&self, n: usize) -> String {
        let cookie = &self.cookies[n % self.cookies.len()];
        format!(
            "GET /auth/check HTTP/1.1\r\nhost: proxy.test\r\nx-forwarded-method: GET\r\nx-forwarded-proto: http\r\n\
             x-forwarded-host: {HOST}\r\nx-forwarded-uri: /page\r\ncookie: {cookie}\r\n\r\n"
        )
    }
}

/// Signs a member in at the application; returns the cookie.
fn enter(connection: &mut Connection, people: &People, n: usize) -> String {
    let at_application = |path: &str, cookie: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\nx-forwarded-proto: http\r\ncookie: {cookie}\r\n\r\n")
    };
    let begun = connection.ask(&at_application("/.vestibule/start?return=%2Fpage", "a=b"));
    let start = cookie_of(begun.header("set-cookie"));
    let onward = connection.ask(&people.get_signed_in(&path_of(location(&begun)), n - 1));
    let entered = connection.ask(&at_application(&path_of(location(&onward)), &start));
    assert_eq!(entered.status, 303, "{}", entered.head);
    cookie_of(entered.header("set-cookie"))
}

/// The name and the value of a cookie that an answer sets.
fn cookie_of(set: Option<&str>) -> String {
    set.and_then(|set| set.split(';').next()).expect("a cookie").to_owned()
}
