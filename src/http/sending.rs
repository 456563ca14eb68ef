//! Sends answers: each is recorded at its connection, and sent in small parts.

use super::client;
use super::in_flight::client_network;
use super::watch::{Connection, Open};
use crate::app::App;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The maximum number of bytes of an answer that are copied to its connection at once. The rest waits until the client
/// has received them.
pub const PART_BYTES: usize = 16 * 1024;

/// Marks an answer whose bytes are in memory once for all clients.
struct Shared;

/// Marks the answer as one whose bytes are in memory once for all clients.
pub fn shared(mut answer: HttpResponse) -> HttpResponse {
    answer.extensions_mut().insert(Shared);
    answer
}

/// True if the answer is marked so.
pub fn is_shared(answer: &HttpResponse<BoxBody>) -> bool {
    answer.extensions().get::<Shared>().is_some()
}

/// An answer's body, and its open request at the connection.
pub struct Answering {
    body: BoxBody,
    /// The unsent rest of the body's last part.
    rest: Bytes,
    _open: Option<Open>,
}

impl Answering {
    /// Sends this body in parts.
    fn new(body: BoxBody, open: Option<Open>) -> Self {
        Self { body, rest: Bytes::new(), _open: open }
    }
}

impl MessageBody for Answering {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(cx)) {
                Some(Ok(bytes)) => self.rest = bytes,
                other => return Poll::Ready(other),
            }
        }
        let part = self.rest.len().min(PART_BYTES);
        Poll::Ready(Some(Ok(self.rest.split_to(part))))
    }
}

/// Records a request at its connection until its answer is written, and the client's network for the task.
pub async fn note(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Answering>, actix_web::Error> {
    let open = request.conn_data::<Rc<Connection>>().map(Connection::begin);
    let app = request.app_data::<Data<App>>();
    let network = app.map_or(Ipv4Addr::UNSPECIFIED.into(), |app| client_network(&app.config, request.request()));
    let answer = client::within(network, None, next.call(request)).await?;
    Ok(answer.map_body(|_, body| Answering::new(body.boxed(), open)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    #[test]
    fn a_body_is_sent_completely_in_small_parts() {
        let whole: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut body = Answering::new(BoxBody::new(whole.clone()), None);
        assert_eq!(body.size(), BodySize::Sized(100_000));
        let (mut come, mut cx) = (Vec::new(), Context::from_waker(Waker::noop()));
        while let Poll::Ready(Some(part)) = Pin::new(&mut body).poll_next(&mut cx) {
            let part = part.expect("bytes");
            assert!((1..=PART_BYTES).contains(&part.len()), "{}", part.len());
            come.extend_from_slice(&part);
        }
        assert!(come == whole);
    }
}
