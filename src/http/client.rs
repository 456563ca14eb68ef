//! The client whose request a task answers: its network, and the body that it has sent.

use super::load::HeldBody;
use crate::domain::Result;
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Weak};

tokio::task_local! {
    static CLIENT: Client;
}

struct Client {
    network: IpAddr,
    /// As long as somebody needs it.
    body: RefCell<Weak<HeldBody>>,
}

/// Works for a client of this network, also after the request is answered: the pages of a file are read while it is sent.
pub fn within<F: Future>(network: IpAddr, work: F) -> impl Future<Output = F::Output> {
    CLIENT.scope(Client { network, body: RefCell::default() }, work)
}

/// The network of the present request; unspecified where an answer is being written already.
pub fn network() -> IpAddr {
    CLIENT.try_with(|client| client.network).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Notes the body of the present request.
pub fn note_body(body: &Arc<HeldBody>) {
    // Elsewhere nothing waits with it.
    let _ = CLIENT.try_with(|client| *client.body.borrow_mut() = Arc::downgrade(body));
}

/// The body of the present request, where somebody needs it still.
pub fn body() -> Option<Arc<HeldBody>> {
    CLIENT.try_with(|client| client.body.borrow().upgrade()).ok().flatten()
}

/// Waits for `work`, until the body of the present request is to give way to others.
///
/// # Errors
/// Those of `work`; `Unavailable` where it gives way.
pub async fn unless_ended<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match body() {
        Some(body) => body.unless_ended(work).await,
        None => work.await,
    }
}
