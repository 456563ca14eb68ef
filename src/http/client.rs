//! The client whose request a task answers: its network, its lane, and the request body that is still held.

use super::cookies::Cookies;
use super::load::HeldBody;
use crate::app::Lane;
use crate::domain::Result;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::{Arc, Weak};

tokio::task_local! {
    static CLIENT: Client;
}

struct Client {
    network: IpAddr,
    cookies: RefCell<Option<Rc<Cookies>>>,
    /// The lane of the request; `None` until it is first needed.
    lane: Cell<Option<Lane>>,
    /// The body of the request. The reference is weak: it is valid while the handler or the work holds the body.
    body: RefCell<Weak<HeldBody>>,
}

/// Runs `work` for a client of this network. `lane`: the client's lane, if it is known already. `work` may outlive the
/// handler: the pages of a download are read while it is sent.
pub fn within<F: Future>(network: IpAddr, lane: Option<Lane>, work: F) -> impl Future<Output = F::Output> {
    CLIENT.scope(Client { network, cookies: RefCell::default(), lane: Cell::new(lane), body: RefCell::default() }, work)
}

/// The network of the current request; unspecified while the answer is being sent.
pub fn network() -> IpAddr {
    CLIENT.try_with(|client| client.network).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Records the cookies of the current request.
pub fn note_cookies(cookies: Rc<Cookies>) {
    let _ = CLIENT.try_with(|client| *client.cookies.borrow_mut() = Some(cookies));
}

/// Records that the current request was admitted by its session, key or link, or that its session was found at least once.
pub fn note_admitted() {
    let _ = CLIENT.try_with(|client| client.lane.set(Some(Lane::Known)));
}

/// The lane of the current request. `are_known` verifies its cookies; it is called at most once, and only if needed. Until
/// the cookies are recorded, the request is a stranger's.
pub fn lane(are_known: impl FnOnce(&Cookies) -> bool) -> Lane {
    let of = |client: &Client| {
        if let Some(lane) = client.lane.get() {
            return lane;
        }
        let cookies = client.cookies.borrow();
        let Some(cookies) = cookies.as_ref() else { return Lane::Stranger };
        let lane = if are_known(cookies) { Lane::Known } else { Lane::Stranger };
        client.lane.set(Some(lane));
        lane
    };
    CLIENT.try_with(of).unwrap_or(Lane::Stranger)
}

/// Records the body of the current request.
pub fn note_body(body: &Arc<HeldBody>) {
    // This fails only outside a request, where the record is not needed.
    let _ = CLIENT.try_with(|client| *client.body.borrow_mut() = Arc::downgrade(body));
}

/// The body of the current request, if it is still held.
pub fn body() -> Option<Arc<HeldBody>> {
    CLIENT.try_with(|client| client.body.borrow().upgrade()).ok().flatten()
}

/// Waits for `work`, or until the body of the current request is dropped for others.
///
/// # Errors
/// The errors of `work`; `Unavailable` if the body is dropped.
pub async fn unless_ended<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match body() {
        Some(body) => body.unless_ended(work).await,
        None => work.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PublicUrl;
    use actix_web::http::header::HeaderMap;

    #[actix_web::test]
    async fn a_request_is_no_stranger_because_it_was_asked_about_before_its_cookies_were_read() {
        let home = PublicUrl::parse("https://login.acme.test").expect("a URL");
        let cookies = || Rc::new(Cookies::among(&HeaderMap::new(), &home));
        for known in [Lane::Known, Lane::Stranger] {
            within(IpAddr::V4(Ipv4Addr::LOCALHOST), None, async {
                assert_eq!(lane(|_| true), Lane::Stranger);
                note_cookies(cookies());
                assert_eq!(lane(|_| known == Lane::Known), known);
                assert_eq!(lane(|_| known != Lane::Known), known, "decided once");
            })
            .await;
        }
    }
}
