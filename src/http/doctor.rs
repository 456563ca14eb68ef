//! The doctor: how requests arrive, what that says of the proxy in front, and all other checks.

use super::arrival::arrival;
use super::blocking::{blocking, calling, enter};
use super::guard::Operator;
use crate::actions::doctor::{self, Finding, Job, Report};
use crate::app::{App, Arrival, ProxyLines};
use crate::config::Config;
use crate::domain::Result;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// Everything that is wrong with one request.
fn troubles(arrival: &Arrival, config: &Config) -> Vec<Finding> {
    let shown = |trouble| doctor::shown(trouble, &arrival.sample(trouble, config), config);
    arrival.troubles(config).into_iter().map(shown).collect()
}

/// How a request arrived.
#[derive(Serialize, ToSchema)]
#[schema(as = Arrival)]
pub struct ArrivalView {
    peer: String,
    /// Whether `--trusted-proxies` names the peer.
    trusted: bool,
    host: String,
    forwarded_host: Option<String>,
    forwarded_proto: Option<String>,
    forwarded_for: Option<String>,
}

fn arrival_view(arrival: &Arrival, config: &Config) -> ArrivalView {
    ArrivalView {
        peer: arrival.peer.to_canonical().to_string(),
        trusted: config.trusts(arrival.peer),
        host: arrival.host.to_owned(),
        forwarded_host: arrival.forwarded_host.map(str::to_owned),
        forwarded_proto: arrival.forwarded_proto.map(str::to_owned),
        forwarded_for: arrival.forwarded_for.map(str::to_owned),
    }
}

/// What was looked at, what was found, and what to do about it.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    check: String,
    /// Null where it is worth knowing, and no fault.
    ok: Option<bool>,
    found: String,
    what: Option<String>,
    /// A line for each proxy's configuration.
    lines: Option<ProxyLines>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let Finding { check, ok, found, fix } = finding;
        let (what, lines) = fix.map(|fix| (fix.what, fix.lines)).unzip();
        Self { check: check.to_owned(), ok, found, what, lines: lines.flatten() }
    }
}

/// The report of the doctor.
#[derive(Serialize, ToSchema)]
pub struct Checkup {
    healthy: bool,
    public_url: String,
    /// This very request.
    request: Option<ArrivalView>,
    /// What is wrong with it.
    here: Vec<FindingView>,
    /// The same checks as those of `vestibule doctor`.
    checks: Vec<FindingView>,
    /// The background jobs of the server.
    jobs: Vec<Job>,
}

/// True if this request and those of the last hour arrived without a fault.
pub async fn sees_rightly(app: &Data<App>, request: &HttpRequest) -> Result<bool> {
    let here = arrival(request).map(|arrival| troubles(&arrival, &app.config)).unwrap_or_default();
    let checks = blocking(app, doctor::way_in).await?;
    Ok(here.iter().chain(&checks).all(|finding| finding.ok != Some(false) || finding.check == "skew"))
}

/// `GET /api/v1/doctor`: how this very request arrived, and all that `vestibule doctor` looks at.
#[utoipa::path(
    get, path = "/doctor", tag = "Appliance", summary = "Look at everything that may be wrong with the appliance",
    description = "What `vestibule doctor` looks at, and how this very request arrived.",
    responses((status = 200, body = Checkup), (status = 429)),
)]
pub async fn show_doctor(app: Data<App>, _operator: Operator, request: HttpRequest) -> Result<Json<Checkup>> {
    let arrival = arrival(&request);
    let here = arrival.as_ref().map(|arrival| troubles(arrival, &app.config)).unwrap_or_default();
    // A few at a time: it reads the whole database and speaks to the mail server.
    let permit = enter(&app.costly, "doctor").await?;
    let look = move |app: &App| {
        let _permit = permit;
        doctor::everything(app)
    };
    let Report { findings, jobs } = calling(&app, look).await?;
    let healthy = here.iter().chain(&findings).all(|finding| finding.ok != Some(false));
    Ok(Json(Checkup {
        healthy,
        public_url: app.config.public_url.origin().to_owned(),
        request: arrival.map(|arrival| arrival_view(&arrival, &app.config)),
        here: here.into_iter().map(FindingView::from).collect(),
        checks: findings.into_iter().map(FindingView::from).collect(),
        jobs,
    }))
}
