//! The network of the client whose request a task answers.

use super::in_flight::client_network;
use crate::app::App;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use std::net::{IpAddr, Ipv4Addr};

tokio::task_local! {
    static NETWORK: IpAddr;
}

/// Keeps the network of a request until it is answered.
///
/// # Errors
/// Those of the rest of the chain.
pub async fn note<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let app = request.app_data::<Data<App>>();
    let network = app.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |app| client_network(&app.config, request.request()));
    NETWORK.scope(network, next.call(request)).await
}

/// Works for a client of this network, also after the request is answered: the pages of a file are read while it is sent.
pub fn within<F: Future>(network: IpAddr, work: F) -> impl Future<Output = F::Output> {
    NETWORK.scope(network, work)
}

/// The network of the present request; unspecified where an answer is being written already.
pub fn network() -> IpAddr {
    NETWORK.try_with(|network| *network).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
