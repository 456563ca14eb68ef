//! Requests in flight: each is counted for its client behind a proxy, and oversized heads are refused.

use super::head_size;
use super::origin::client;
use super::watch::Connection;
use crate::app::App;
use crate::config::Config;
use crate::domain::phrase::phrase;
use crate::domain::{Error, network};
use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

/// Refuses a request whose address or headers are too large, and one whose client has too many requests in flight
/// through a trusted proxy. Without a proxy, the client's connections are counted instead.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let free = match (request.app_data::<Data<App>>(), request.conn_data::<Rc<Connection>>()) {
        (Some(app), Some(connection)) if request.peer_addr().is_some_and(|peer| app.config.trusts(peer.ip())) => {
            connection.pass_on(client_network(&app.config, request.request()))
        }
        _ => true,
    };
    if !free {
        return Ok(request.error_response(Error::busy(phrase!("busy-requests"))));
    }
    match head_size::judge(request.uri(), request.headers()) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// The network of a request's client.
pub fn client_network(config: &Config, request: &HttpRequest) -> IpAddr {
    client(config, request).map_or(Ipv4Addr::UNSPECIFIED.into(), network)
}
