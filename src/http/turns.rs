//! Turns at work that keeps a core busy: as many at once as there are cores, so that others get theirs. Networks take turns, however
//! many requests one of them has waiting.

use crate::app::FairQueue;
use crate::domain::{Error, Result};
use actix_web::rt::time::timeout;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The working and the waiting requests.
pub struct Turns {
    most: usize,
    /// The longest wait for a turn.
    wait: Duration,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    working: usize,
    waiting: FairQueue<IpAddr, oneshot::Sender<Turn>>,
}

/// A turn, until it is dropped.
pub struct Turn(Option<Arc<Turns>>);

impl Turns {
    /// So many at once; others wait as long as that.
    pub fn new(most: usize, wait: Duration) -> Arc<Self> {
        Arc::new(Self { most, wait, queue: Mutex::default() })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `Unavailable` when none comes in time.
    pub async fn take(self: &Arc<Self>, network: IpAddr) -> Result<Turn> {
        let waiting = {
            let mut queue = self.queue();
            if queue.working < self.most {
                queue.working += 1;
                return Ok(Turn(Some(self.clone())));
            }
            let (turn, mine) = oneshot::channel();
            queue.waiting.push(network, turn);
            mine
        };
        let turn = timeout(self.wait, waiting)
            .await
            .map_err(|_| Error::busy("Too many sign-ins at once. Try again in a minute."))?;
        // Every sender is asked in the end; without one there is nothing to wait for.
        Ok(turn.unwrap_or(Turn(None)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.0.take() else { return };
        loop {
            let next = {
                let mut queue = turns.queue();
                let next = queue.waiting.pop();
                queue.working -= usize::from(next.is_none());
                next
            };
            match next.map(|next| next.send(Turn(Some(turns.clone())))) {
                None | Some(Ok(())) => return,
                // Its client has gone.
                Some(Err(mut turn)) => turn.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    type Waiting<'t> = Pin<Box<dyn Future<Output = Result<Turn>> + 't>>;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn turn(waiting: &mut Waiting) -> Option<Turn> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn.expect("in time")),
            Poll::Pending => None,
        }
    }

    /// A request that waits.
    fn asked(turns: &Arc<Turns>, last: u8) -> Waiting<'_> {
        let mut waiting: Waiting = Box::pin(turns.take(ip(last)));
        assert!(turn(&mut waiting).is_none(), "all are busy");
        waiting
    }

    #[actix_web::test]
    async fn a_network_with_many_requests_lets_another_go_before_its_second() {
        let turns = Turns::new(1, Duration::from_secs(60));
        let mut first: Waiting = Box::pin(turns.take(ip(1)));
        let first = turn(&mut first).expect("nobody is here");
        let mut many: Vec<_> = (0..50).map(|_| asked(&turns, 1)).collect();
        let mut other = asked(&turns, 2);
        drop(first);
        let second = turn(&mut many[0]).expect("it came first");
        assert!(turn(&mut other).is_none());
        drop(second);
        assert!(turn(&mut other).is_some(), "before the second of many");
    }

    #[actix_web::test]
    async fn a_client_that_has_gone_is_passed_over_and_no_turn_is_lost() {
        let turns = Turns::new(1, Duration::from_secs(60));
        let mut first: Waiting = Box::pin(turns.take(ip(1)));
        let first = turn(&mut first).expect("nobody is here");
        let (gone, told, mut last) = (asked(&turns, 1), asked(&turns, 2), asked(&turns, 3));
        drop(gone);
        drop(first);
        drop(told);
        drop(turn(&mut last).expect("it is its turn"));
        let queue = turns.queue();
        assert_eq!((queue.working, queue.waiting.len()), (0, 0));
    }

    #[actix_web::test]
    async fn nobody_waits_for_ever() {
        let turns = Turns::new(1, Duration::from_millis(10));
        let first = turns.take(ip(1)).await.expect("nobody is here");
        let late = turns.take(ip(2)).await.err().expect("none comes");
        assert_eq!(late.code(), "busy");
        drop(first);
        assert!(turns.take(ip(2)).await.is_ok());
    }
}
