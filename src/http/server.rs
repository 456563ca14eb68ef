//! The server: the middleware of all routes, and the listener.

use super::load::Load;
use super::tls::{self, Stream, Tls};
use super::watch;
use super::{at_host, counted, headers, in_flight, language, oauth2, routes::routes, security, sending};
use crate::app::{App, connections_turned_away, connections_within, file_limit};
use crate::config::Limits;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use actix_http::{HttpService, KeepAlive, Protocol};
use actix_service::{Service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, ServiceFactory, ServiceRequest, ServiceResponse, fn_factory, fn_service};
use actix_web::middleware::from_fn;
use actix_web::rt;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use std::future::Future;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

/// The application with the middleware of all routes: security headers, the language of the answer, and refusals as
/// JSON or pages. `admission.rs` enforces each route's policy.
pub fn application(
    app: Data<App>,
    load: Data<Load>,
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
        .app_data(load)
        .wrap(from_fn(at_host::separate))
        .wrap(from_fn(in_flight::limit))
        .wrap(from_fn(security::note_refusals))
        .wrap(from_fn(counted::count))
        .wrap(from_fn(oauth2::cors::share_refusals))
        .wrap(from_fn(language::negotiate))
        .wrap(from_fn(headers::secure))
        .wrap(from_fn(sending::note))
        .configure(routes)
}

/// The number of connections that may wait to be accepted: in a burst, clients should not have to retry, which takes
/// them a second.
const BACKLOG: i32 = 1024;
/// How long the rest of a body is read after an early answer: otherwise the reset of the connection could destroy the
/// answer.
const LINGER: Duration = Duration::from_secs(2);

/// Serves on an open listener until the process is stopped; open requests then get a few seconds. `tls`: the certificate, if a proxy
/// does not provide TLS.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve(app: Data<App>, listener: TcpListener, tls: Option<Arc<Tls>>) -> Result<Server> {
    let cannot = |cause: std::io::Error| Error::unavailable(Phrase::words(format!("cannot listen: {cause}")));
    rustix::net::listen(&listener, BACKLOG).map_err(|cause| cannot(cause.into()))?;
    let (files, workers) = (file_limit(), available_parallelism().map_or(2, usize::from));
    let connections = app.config.limits.connections.min(connections_within(files));
    let load = Load::new(Limits { connections, ..app.config.limits });
    if let Some(tls) = &tls {
        drop(rt::spawn(tls::follow(tls.clone())));
    }
    let builder = Server::build()
        .workers(workers)
        .shutdown_timeout(5)
        // Besides the served connections there is room for those that are answered 503. Further ones wait unaccepted,
        // so that file descriptors suffice.
        .max_concurrent_connections((connections + connections_turned_away(files)).div_ceil(workers));
    let signal = builder.graceful_shutdown_signal();
    let server = builder.listen("vestibule", listener, move || {
        let signal = signal.clone();
        let shutdown = move || {
            let signal = signal.clone();
            async move { signal.notified().await }
        };
        watched(app.clone(), load.clone(), tls.clone(), shutdown)
    });
    Ok(server.map_err(cannot)?.run())
}

/// Serves connections with the watch of `watch.rs`.
fn watched<F: Future<Output = ()> + 'static>(
    app: Data<App>,
    load: Arc<Load>,
    tls: Option<Arc<Tls>>,
    shutdown: impl Fn() -> F + 'static,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = (), InitError = ()> {
    let http = HttpService::build()
        .client_request_timeout(load.limits.headers)
        .client_disconnect_timeout(LINGER)
        // The watch closes idle connections, not actix-web.
        .keep_alive(KeepAlive::Os)
        .graceful_shutdown_signal(shutdown)
        .h1_write_buffer_size(sending::PART_BYTES)
        .on_connect_ext(|stream: &Stream, data| drop(data.insert(stream.watched().connection.clone())))
        .finish(map_config(application(app.clone(), Data::from(load.clone())), |()| AppConfig::default()));
    fn_factory(move || {
        let (http, app, load, tls) = (http.new_service(()), app.clone(), load.clone(), tls.clone());
        async move {
            let http = Rc::new(http.await?);
            Ok(fn_service(move |stream: TcpStream| {
                let (http, tls) = (http.clone(), tls.clone());
                let served = watch::serve(&load, &app.config, tls.is_none(), stream, move |watched, peer| async move {
                    // The deadline of the first request includes the handshake.
                    if let Ok(stream) = Stream::begin(watched, tls.as_deref()).await {
                        drop(http.call((stream, Protocol::Http1, peer)).await);
                    }
                });
                async move {
                    served.await;
                    Ok(())
                }
            }))
        }
    })
}
