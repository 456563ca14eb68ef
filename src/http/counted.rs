//! Counts the memory of answers until they are sent. Refusals are also written here, so that they are counted, too.

use super::in_flight::client_network;
use super::load::{AnswerShare, Load};
use super::query::param;
use super::watch::Connection;
use super::{refusals, sending};
use crate::app::App;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The bytes counted for an answer of unknown length, which is produced a page at a time.
const STREAM_BYTES: usize = 64 * 1024;

/// An answer's body, with its share of the memory.
struct Counted {
    body: BoxBody,
    _share: AnswerShare,
}

impl MessageBody for Counted {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// True if the request has changed something, which a refusal would hide.
fn is_done(answer: &ServiceResponse) -> bool {
    let is_dry_run = || param(answer.request(), "dry_run").is_some_and(|value| value == "true");
    !answer.request().method().is_safe() && answer.response().error().is_none() && !is_dry_run()
}

fn size_of(answer: &ServiceResponse) -> usize {
    match answer.response().body().size() {
        _ if sending::is_shared(answer.response()) => 0,
        BodySize::None => 0,
        BodySize::Sized(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
        BodySize::Stream => STREAM_BYTES,
    }
}

/// Counts the memory of an answer until it is sent. An answer that reports no change is refused if its network, or all
/// networks together, hold too much.
///
/// # Errors
/// The errors of the rest of the chain.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, actix_web::Error> {
    let answer = refusals::written(next.call(request).await?.map_into_boxed_body());
    let request = answer.request();
    let (Some(app), Some(load)) = (request.app_data::<Data<App>>(), request.app_data::<Data<Load>>()) else {
        return Ok(answer);
    };
    let end = request.conn_data::<Rc<Connection>>().map(|connection| connection.end());
    match load.answer(client_network(&app.config, request), size_of(&answer), is_done(&answer), end) {
        Ok(share) => Ok(answer.map_body(|_, body| Counted { body, _share: share }.boxed())),
        Err(refusal) => Ok(refusals::written(answer.error_response(refusal))),
    }
}
