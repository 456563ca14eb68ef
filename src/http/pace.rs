//! Enforces a minimum rate for request bodies: the deadline moves as long as the client makes progress.

use crate::config::Limits;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::rt::time::{Instant, Sleep, sleep_until};
use actix_web::web::Bytes;
use futures_core::Stream;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A body that is being received.
pub struct Pace {
    payload: Payload,
    timer: Pin<Box<Sleep>>,
    last: Instant,
    step: Duration,
    slowest: u64,
    /// The bytes that must still arrive before the timer ends.
    missing: u64,
}

impl Pace {
    /// The body of a request whose headers have just arrived.
    pub fn new(payload: Payload, limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            payload,
            timer: Box::pin(sleep_until(now + limits.body)),
            last: now + limits.longest_body,
            step: limits.body / 2,
            slowest: limits.slowest_body,
            missing: in_time(limits.slowest_body, limits.body),
        }
    }

    /// The next part; `None` at the end.
    ///
    /// # Errors
    /// `Late` if the client is too slow; `Malformed` if the body breaks off or is badly encoded.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let part = poll_fn(|cx| self.poll(cx)).await?;
        part.transpose().map_err(|_| Error::Malformed(phrase!("body-not-read")))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Result<Bytes, PayloadError>>>> {
        if let Poll::Ready(part) = Pin::new(&mut self.payload).poll_next(cx) {
            let come = part.as_ref().and_then(|part| part.as_ref().ok()).map_or(0, Bytes::len);
            self.missing = self.missing.saturating_sub(come as u64);
            return Poll::Ready(Ok(part));
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.missing > 0 || now >= self.last {
                return Poll::Ready(Err(Error::Late));
            }
            self.missing = in_time(self.slowest, self.step);
            self.timer.as_mut().reset((now + self.step).min(self.last));
        }
        Poll::Pending
    }
}

/// The number of bytes that arrive in `time` at this rate.
fn in_time(bytes_a_second: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(bytes_a_second) * time.as_millis() / 1000).unwrap_or(u64::MAX)
}
