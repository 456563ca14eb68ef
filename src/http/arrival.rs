//! How requests arrive: the doctor judges the reverse proxy by it.

use super::origin;
use crate::actions::doctor;
use crate::app::{App, Arrival};
use crate::domain::forwarded;
use actix_web::http::header::{HOST, HeaderMap};
use actix_web::web::Data;
use actix_web::{HttpRequest, rt};

/// Health checks are sent to the server's own address, not through the proxy.
pub const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// How a request arrived: its peer, host and proxy headers.
pub fn arrival(request: &HttpRequest) -> Option<Arrival<'_>> {
    let headers = request.headers();
    let said = |name| forwarded::first_parameter(origin::lines(headers, "forwarded"), name);
    Some(Arrival {
        peer: request.peer_addr()?.ip(),
        host: text(headers, HOST.as_str()).unwrap_or_default(),
        forwarded_host: text(headers, "x-forwarded-host").or_else(|| said("host")),
        forwarded_proto: text(headers, "x-forwarded-proto").or_else(|| said("proto")),
        forwarded_for: text(headers, "x-forwarded-for").or_else(|| text(headers, "forwarded")),
        names_client: origin::hops(headers).next().flatten().is_some(),
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Records how a request arrived, for the doctor.
pub fn note(app: &Data<App>, request: &HttpRequest) {
    let is_probe = PROBES.contains(&request.path());
    let Some(arrival) = (!is_probe).then(|| arrival(request)).flatten() else { return };
    if app.lookout.note(&arrival, &app.config, app.now()) {
        save(app);
    }
}

/// Saves what was observed, for commands that run beside the server. The request does not wait for it.
pub fn save(app: &Data<App>) {
    let app = app.clone();
    drop(rt::task::spawn_blocking(move || {
        if let Err(cause) = doctor::save_sightings(&app) {
            log::warn!("the observations of requests could not be saved: {cause}");
        }
    }));
}
