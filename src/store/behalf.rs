//! The client for which a thread works. The writer alternates between clients, and a thread that waits for the writer
//! gives up its CPU turn.

use std::any::Any;
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};

/// The network of a request, and its CPU turn.
struct Behalf {
    network: IpAddr,
    turn: Option<Box<dyn Any>>,
}

thread_local! {
    static BEHALF: RefCell<Option<Behalf>> = const { RefCell::new(None) };
}

/// Runs work for a client of this network. `turn`, the CPU turn, is dropped when the work waits for another thread or
/// ends.
pub fn of<T>(network: IpAddr, turn: impl Any, work: impl FnOnce() -> T) -> T {
    BEHALF.with(|behalf| *behalf.borrow_mut() = Some(Behalf { network, turn: Some(Box::new(turn)) }));
    let _end = End;
    work()
}

/// Clears the client when it is dropped, even if the work panics.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let ended = BEHALF.with(|behalf| behalf.borrow_mut().take());
        drop(ended);
    }
}

/// Gives up the CPU turn, because this thread is about to wait for another one.
pub fn before_waiting() {
    let turn = BEHALF.with(|behalf| behalf.borrow_mut().as_mut().and_then(|behalf| behalf.turn.take()));
    drop(turn);
}

/// The network for which this thread works; the unspecified address means the appliance itself.
pub fn network() -> IpAddr {
    let own = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    BEHALF.with(|behalf| behalf.borrow().as_ref().map_or(own, |behalf| behalf.network))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn the_cpu_turn_is_given_up_before_waiting_at_the_end_and_after_a_panic() {
        let (turn, client) = (Arc::new(()), IpAddr::from([192, 0, 2, 1]));
        let held = || Arc::strong_count(&turn) - 1;
        of(client, turn.clone(), || {
            assert_eq!((network(), held()), (client, 1));
            before_waiting();
            assert_eq!((network(), held()), (client, 0));
        });
        assert!(network().is_unspecified());
        let failed = std::panic::catch_unwind(|| of(client, turn.clone(), || panic!("on purpose")));
        assert!(failed.is_err() && network().is_unspecified());
        assert_eq!(held(), 0);
    }
}
