//! Watches one connection: it is closed if its client is too slow, or to make room for another connection.
//!
//! actix-web has deadlines for the headers of a connection's first request and for an idle connection. It has none
//! for the headers of the next request, for a body that no handler reads, and for an answer that the client does not
//! receive.

use super::load::{End, Load, Slot};
use crate::config::{Config, Limits};
use crate::domain::Error;
use crate::domain::phrase::phrase;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Instant, sleep_until, timeout};
use rustix::net::sockopt::set_socket_send_buffer_size;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The kernel's send buffer. It is small enough that a client that receives 1 KiB a second is seen to make progress in
/// time.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// actix-web answers late headers with 408; the watch closes the connection this much later.
const GRACE: Duration = Duration::from_secs(1);
/// How long a refused client may take to read the answer before its connection is closed.
const FAREWELL: Duration = Duration::from_millis(100);

/// The answer to a connection that cannot be served.
static BUSY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let error = Error::busy(phrase!("busy-connections"));
    let body = json!({ "error": { "code": error.code(), "message": error.to_string() } }).to_string();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 2\r\n\
         cache-control: no-store\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
});

/// The phase of a connection.
#[derive(Clone, Copy)]
enum Phase {
    /// Waiting for the next request since this time.
    Waiting(Instant),
    /// Receiving headers since this time.
    Headers(Instant),
    /// Serving a request.
    Serving,
}

/// The state of a connection. It is only used on its worker's thread.
pub struct Connection {
    limits: Limits,
    slot: RefCell<Slot>,
    phase: Cell<Phase>,
    /// True after the first request. From then on, a refusal is sent only as the answer to a request; otherwise the
    /// client would take it for the answer to its next request.
    served: Cell<bool>,
    unanswered: Cell<u32>,
    unread_since: Cell<Option<Instant>>,
    refused: Cell<bool>,
}

impl Connection {
    fn new(limits: Limits, slot: Slot) -> Rc<Self> {
        Rc::new(Self {
            limits,
            slot: RefCell::new(slot),
            phase: Cell::new(Phase::Waiting(Instant::now())),
            served: Cell::new(false),
            unanswered: Cell::new(0),
            unread_since: Cell::new(None),
            refused: Cell::new(false),
        })
    }

    /// Marks that a request's headers have arrived. The request counts as unanswered until the returned value is
    /// dropped.
    pub fn begin(self: &Rc<Self>) -> Open {
        self.phase.set(Phase::Serving);
        self.served.set(true);
        self.unanswered.set(self.unanswered.get() + 1);
        Open(self.clone())
    }

    /// Counts the current request, which a trusted proxy forwards, for this client. False if the client has too many
    /// requests already.
    pub fn pass_on(&self, client: IpAddr) -> bool {
        self.slot.borrow_mut().pass_on(client)
    }

    /// Notifies the connection that it must close.
    pub fn end(&self) -> End {
        self.slot.borrow().end().clone()
    }

    /// Called when bytes arrive. False if the connection may not have another request.
    fn arrived(&self) -> bool {
        if let Phase::Waiting(_) = self.phase.get() {
            self.phase.set(Phase::Headers(Instant::now()));
            self.refused.set(!self.slot.borrow_mut().wake());
        }
        !self.refused.get()
    }

    /// Marks the connection as waiting if everything is answered and received.
    fn settle(&self) {
        let idle = self.unanswered.get() == 0 && self.unread_since.get().is_none();
        if let (Phase::Serving, true) = (self.phase.get(), idle) {
            self.phase.set(Phase::Waiting(Instant::now()));
            self.slot.borrow_mut().rest();
        }
    }

    /// The time at which the connection is closed unless its client makes progress.
    fn due(&self) -> Option<Instant> {
        let Limits { headers, keep_alive, unread_answer, .. } = self.limits;
        let phase = match self.phase.get() {
            Phase::Waiting(since) if self.served.get() => Some(since + keep_alive),
            Phase::Headers(since) if self.served.get() => Some(since + headers),
            Phase::Waiting(since) | Phase::Headers(since) => Some(since + headers + GRACE),
            Phase::Serving => None,
        };
        let unread = self.unread_since.get().map(|since| since + unread_answer);
        phase.into_iter().chain(unread).min()
    }
}

/// A request that is being answered.
pub struct Open(Rc<Connection>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.unanswered.set(self.0.unanswered.get() - 1);
    }
}

/// A connection's stream, whose reads and writes are watched.
pub struct Watched {
    stream: TcpStream,
    /// True if answers can be written without TLS.
    plain: bool,
    /// The connection's state.
    pub connection: Rc<Connection>,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.connection.refused.get() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before && !self.connection.arrived() {
            // The server sees a closed connection.
            buffer.set_filled(before);
            if self.plain && !self.connection.served.get() {
                drop(Pin::new(&mut self.stream).poll_write(cx, &BUSY));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        let since = self.connection.unread_since.get();
        self.connection.unread_since.set(outcome.is_pending().then(|| since.unwrap_or_else(Instant::now)));
        outcome
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Serves a connection by `begin` until it ends, its client is too slow, or it is closed to make room for another. `plain`: true if
/// answers can be written without TLS.
pub fn serve<F, B>(
    load: &Arc<Load>,
    config: &Config,
    plain: bool,
    stream: TcpStream,
    begin: B,
) -> impl Future<Output = ()> + use<F, B>
where
    F: Future<Output = ()>,
    B: FnOnce(Watched, Option<SocketAddr>) -> F,
{
    let peer = stream.peer_addr().ok();
    let counted = peer.map(|peer| peer.ip()).filter(|ip| !config.trusts(*ip));
    // If this call fails, slow clients are only noticed later.
    let _ = set_socket_send_buffer_size(&stream, SEND_BUFFER_BYTES);
    let place = match load.connect(counted) {
        Some(slot) => {
            let connection = Connection::new(load.limits, slot);
            let watched = Watched { stream, plain, connection: connection.clone() };
            Ok((begin(watched, peer), connection))
        }
        None => Err(stream),
    };
    async move {
        match place {
            Ok((served, connection)) => watch(served, &connection).await,
            Err(stream) if !plain => drop(stream),
            Err(stream) => drop(timeout(FAREWELL, turn_away(stream)).await),
        }
    }
}

async fn watch(served: impl Future, connection: &Connection) {
    let (mut served, mut timer) = (pin!(served), pin!(sleep_until(Instant::now() + connection.limits.headers)));
    let end = connection.end();
    let mut ended = pin!(end.notified());
    poll_fn(|cx| {
        if ended.as_mut().poll(cx).is_ready() || served.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        connection.settle();
        // The timer may end before `due`; it is then set again.
        if connection.due().is_some_and(|due| due < timer.deadline() || timer.is_elapsed()) {
            timer.as_mut().reset(connection.due().unwrap_or_else(Instant::now));
        }
        while connection.due().is_some() && timer.as_mut().poll(cx).is_ready() {
            match connection.due() {
                Some(due) if due > Instant::now() => timer.as_mut().reset(due),
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    })
    .await;
}

/// Sends the refusal. It also reads what the client has sent: otherwise the reset of the connection could destroy the
/// answer.
async fn turn_away(mut stream: TcpStream) -> io::Result<()> {
    stream.writable().await?;
    stream.try_write(&BUSY)?;
    poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await?;
    loop {
        stream.readable().await?;
        match stream.try_read(&mut [0; 4096]) {
            Ok(0) => return Ok(()),
            Err(cause) if cause.kind() != io::ErrorKind::WouldBlock => return Err(cause),
            _ => {}
        }
    }
}
