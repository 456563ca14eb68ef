//! Group commit: one thread takes all waiting transactions into one flush to the disk.

use super::{Db, failed};
use crate::domain::{Error, Result};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

/// The most transactions of one flush: bounds how long the first of them waits.
const MOST_AT_ONCE: usize = 256;

/// Runs one transaction (or learns why it cannot) and gives what tells its caller how the flush went.
type Job = Box<dyn FnOnce(Result<&Connection>) -> Tell + Send>;
type Tell = Box<dyn FnOnce(Result<()>)>;

/// How long the writer waits for another transaction before it empties the log of transactions.
const QUIET: Duration = Duration::from_secs(1);
/// How long it goes on without that quiet before it empties the log between two flushes, in seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// The one thread that writes.
pub(super) struct Writer {
    jobs: Sender<Job>,
    /// Whether the log of transactions holds secrets that are of no more use, such as links in letters that were sent.
    stale: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let (jobs, waiting) = channel();
        let stale = Arc::new(AtomicBool::new(false));
        let seen = stale.clone();
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || serve(&connection, &waiting, &seen))
            .map_err(Error::internal)?;
        Ok(Self { jobs, stale })
    }

    /// Has the log of transactions emptied soon.
    pub(super) fn forget(&self) {
        self.stale.store(true, Ordering::Relaxed);
        // Wakes the thread, which may be waiting without a limit.
        self.run_later(|_| Ok(()));
    }

    pub(super) fn run<T: Send + 'static>(&self, write: impl FnOnce(&Db) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, answered) = sync_channel(1);
        let job: Job = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| in_savepoint(connection, write));
            // Nobody waits any more when the send fails: the caller is gone.
            Box::new(move |flushed| drop(answer.send(outcome.and_then(|value| flushed.map(|()| value)))))
        });
        self.jobs.send(job).map_err(|_| Error::internal("the writer has stopped"))?;
        answered.recv().map_err(|_| Error::internal("the writer has stopped"))?
    }

    pub(super) fn run_later(&self, write: impl FnOnce(&Db) -> Result<()> + Send + 'static) {
        let job: Job = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| in_savepoint(connection, write));
            Box::new(move |flushed| {
                if let Err(cause) = outcome.and(flushed) {
                    log::error!("a note was not written: {cause}");
                }
            })
        });
        if self.jobs.send(job).is_err() {
            log::error!("a note was not written: the writer has stopped");
        }
    }
}

fn serve(connection: &Connection, waiting: &Receiver<Job>, stale: &AtomicBool) {
    let mut stale_since: Option<Instant> = None;
    loop {
        let first = if stale.load(Ordering::Relaxed) {
            let since = *stale_since.get_or_insert_with(Instant::now);
            let first = waiting.recv_timeout(QUIET);
            if (first.is_err() || since.elapsed() > LONGEST) && empty_log(connection) {
                stale.store(false, Ordering::Relaxed);
                stale_since = None;
            }
            match first {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        } else {
            let Ok(first) = waiting.recv() else { return };
            first
        };
        let mut told = Vec::new();
        let flushed = flush(connection, first, waiting, &mut told);
        for tell in told {
            tell(flushed.clone());
        }
    }
}

/// Moves the log of transactions into the database and empties it; says whether no reader was in the way.
fn empty_log(connection: &Connection) -> bool {
    let empty = || {
        connection.busy_timeout(Duration::ZERO)?;
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        connection.busy_timeout(super::BUSY)?;
        Ok::<_, rusqlite::Error>(busy == 0)
    };
    empty().unwrap_or_else(|cause| {
        log::warn!("the log of transactions was not emptied: {cause}");
        false
    })
}

fn flush(connection: &Connection, first: Job, waiting: &Receiver<Job>, told: &mut Vec<Tell>) -> Result<()> {
    if let Err(cause) = connection.execute_batch("BEGIN IMMEDIATE").map_err(failed) {
        told.push(first(Err(cause)));
        return Ok(());
    }
    let mut next = Some(first);
    while let Some(job) = next.take() {
        told.push(job(Ok(connection)));
        // SQLite ends the whole transaction by itself when the disk fails: nothing of it is there, and nothing may follow.
        if connection.is_autocommit() {
            return Err(Error::unavailable("The database cannot be written. Nothing was changed; tell the operator."));
        }
        if told.len() < MOST_AT_ONCE {
            next = waiting.try_recv().ok();
        }
    }
    connection.execute_batch("COMMIT").map_err(|cause| {
        // A failed COMMIT may leave the transaction open; rolling back when it did not is harmless.
        drop(connection.execute_batch("ROLLBACK"));
        failed(cause)
    })
}

pub(super) fn in_savepoint<T>(connection: &Connection, write: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
    connection.execute_batch("SAVEPOINT job").map_err(failed)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| write(&Db(connection))))
        .unwrap_or_else(|_| Err(Error::internal("a write panicked")));
    let end = if outcome.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end).map_err(failed)?;
    outcome
}

#[cfg(test)]
mod tests {
    use crate::domain::principal::Claim;
    use crate::domain::{Email, Error, Timestamp};
    use crate::store::Store;
    use std::sync::{Arc, Barrier};

    fn email(n: usize) -> Email {
        Email::parse(&format!("p{n}@acme.test")).expect("usable")
    }

    #[test]
    fn a_write_that_fails_or_panics_takes_nothing_of_its_neighbours_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path()).expect("opens"));
        let begin = Arc::new(Barrier::new(30));
        let writers = (0..30).map(|n| {
            let (store, begin) = (store.clone(), begin.clone());
            std::thread::spawn(move || {
                begin.wait();
                store.write(&Claim::job(), Timestamp(0), move |tx| {
                    tx.add_user(&email(n), "P", None, false, Timestamp(0))?;
                    match n % 3 {
                        0 => Ok(()),
                        1 => Err(Error::forbidden("no")),
                        _ => panic!("on purpose"),
                    }
                })
            })
        });
        let outcomes: Vec<_> =
            writers.collect::<Vec<_>>().into_iter().map(|writer| writer.join().expect("joined")).collect();
        for (n, outcome) in outcomes.iter().enumerate() {
            let there = store.read(|db| db.find_user(&email(n))).expect("read").is_some();
            assert_eq!((outcome.is_ok(), there), (n % 3 == 0, n % 3 == 0), "{n}");
        }
    }

    #[test]
    fn a_note_is_written_without_waiting_and_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        store.write_later(|tx| tx.add_user(&email(1), "P", None, false, Timestamp(0)).map(drop));
        assert_eq!(
            store
                .write(&Claim::job(), Timestamp(0), |tx| tx.find_user(&email(1)))
                .expect("written")
                .map(|user| user.name)
                .as_deref(),
            Some("P")
        );
    }
}
