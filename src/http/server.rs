//! The server: what stands before every route, and where it listens.

use super::{headers, origin, pages, routes::routes, security, setup};
use crate::actions::{caretaker, mail};
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{HttpServer, dev};
use std::net::TcpListener;

/// The application with what stands before every route: headers on every answer, refusals in pages for whoever looks
/// at pages, nothing from other sites, nothing before the set-up.
pub fn application(
    app: Data<App>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    actix_web::App::new()
        .app_data(app)
        .wrap(from_fn(setup::wait_for_set_up))
        .wrap(from_fn(origin::same_origin))
        .wrap(from_fn(security::note_refusals))
        .wrap(from_fn(pages::refusals_as_pages))
        .wrap(from_fn(headers::secure))
        .configure(routes)
}

/// Serves on an open listener until the process is told to stop; open requests get a few seconds.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve(app: Data<App>, listener: TcpListener) -> Result<dev::Server> {
    mail::start_postman(&app.clone().into_inner())?;
    caretaker::start_caretaker(&app.clone().into_inner())?;
    let server = HttpServer::new(move || application(app.clone())).shutdown_timeout(5);
    let server = server.listen(listener).map_err(|cause| Error::unavailable(format!("cannot listen: {cause}")))?;
    Ok(server.run())
}
