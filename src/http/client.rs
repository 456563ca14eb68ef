//! The client whose request a task answers: its network, and the request body that is still held.

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
    /// Valid while another owner holds the body.
    body: RefCell<Weak<HeldBody>>,
}

/// Runs `work` for a client of this network. It continues after the handler has returned: the pages of a download are
/// read while it is sent.
pub fn within<F: Future>(network: IpAddr, work: F) -> impl Future<Output = F::Output> {
    CLIENT.scope(Client { network, body: RefCell::default() }, work)
}

/// The network of the current request; unspecified while the answer is being sent.
pub fn network() -> IpAddr {
    CLIENT.try_with(|client| client.network).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Records the body of the current request.
pub fn note_body(body: &Arc<HeldBody>) {
    // Outside a request, no work waits with the body.
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
