//! Requests on their way through the server: each is noted at its connection, and counted for its client behind a proxy.

use super::load::Load;
use super::origin::client_address;
use super::watch::{Connection, Open};
use crate::app::App;
use crate::config::Config;
use crate::domain::{Error, network};
use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// An answer's body, and the mark of its request at the connection.
pub struct Answering {
    body: BoxBody,
    _open: Option<Open>,
}

impl MessageBody for Answering {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// Notes a request at its connection, until its answer is written.
pub async fn note(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Answering>, actix_web::Error> {
    let open = request.conn_data::<Rc<Connection>>().map(Connection::begin);
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_, body| Answering { body: body.boxed(), _open: open }))
}

/// Refuses the request of a client that has too many in flight behind a trusted proxy. Elsewhere its connections are counted.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let counted = match (request.app_data::<Data<App>>(), request.app_data::<Data<Load>>()) {
        (Some(app), Some(load)) if request.peer_addr().is_some_and(|peer| app.config.trusts(peer.ip())) => {
            Some(load.request(client_network(&app.config, request.request())))
        }
        _ => None,
    };
    match counted {
        Some(None) => {
            let refusal = Error::busy("You have too many requests open just now. Try again in a few seconds.");
            Ok(request.error_response(refusal))
        }
        _counted => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
    }
}

/// The network that a request comes from.
pub fn client_network(config: &Config, request: &HttpRequest) -> IpAddr {
    client_address(config, request).parse().map_or(Ipv4Addr::UNSPECIFIED.into(), network)
}
