//! The doctor: how requests arrive, what that shows about the proxy, and all other checks.

use super::arrival::arrival;
use super::blocking::{blocking, calling, enter};
use super::guard::Operator;
use crate::actions::doctor::{self, Finding};
use crate::api::doctor::Checkup;
use crate::app::{App, Arrival};
use crate::config::Config;
use crate::domain::Result;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

/// The problems with how one request arrived.
fn troubles(arrival: &Arrival, config: &Config) -> Vec<Finding> {
    let shown = |trouble| doctor::shown(trouble, &arrival.sample(trouble, config), config);
    arrival.troubles(config).into_iter().map(shown).collect()
}

/// True if this request, and those of the last hour, arrived without a problem.
pub async fn sees_rightly(app: &Data<App>, request: &HttpRequest) -> Result<bool> {
    let here = arrival(request).map(|arrival| troubles(&arrival, &app.config)).unwrap_or_default();
    let checks = blocking(app, doctor::sign_in_path).await?;
    Ok(here.iter().chain(&checks).all(|finding| finding.is_fine() || finding.check == "skew"))
}

/// `GET /api/v1/doctor`: how this request arrived, and the checks of `vestibule doctor`.
#[utoipa::path(
    get, path = "/doctor", tag = "Appliance", summary = "Check the appliance for problems",
    description = "The findings of `vestibule doctor`, and how this request arrived.",
    responses((status = 200, body = Checkup), (status = 429)),
)]
pub async fn show_doctor(app: Data<App>, operator: Operator, request: HttpRequest) -> Result<Json<Checkup>> {
    let arrival = arrival(&request);
    let here = arrival.as_ref().map(|arrival| troubles(arrival, &app.config)).unwrap_or_default();
    // At most a few at a time: the checks read the whole database and connect to the mail server.
    let permit = enter(&app.costly, "doctor").await?;
    let look = move |app: &App| {
        let _permit = permit;
        doctor::everything(app)
    };
    let report = calling(&app, operator.caller.claim, look).await?;
    Ok(Json(Checkup::of(arrival.as_ref(), here, report, &app.config)))
}
