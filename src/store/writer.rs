//! Group commit: one thread takes all waiting transactions into one flush to the disk.

use super::db::{Db, in_savepoint};
use super::engine::{self, Connection, LogFile};
use crate::domain::{Error, Result, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The most transactions of one flush: bounds how long the first of them waits.
const MOST_AT_ONCE: usize = 256;

/// Runs one transaction (or learns why it cannot) and gives what tells its caller how the flush went.
type Job = Box<dyn FnOnce(Result<&Connection>) -> Tell + Send>;
type Tell = Box<dyn FnOnce(Result<()>)>;

/// A request to the thread.
enum Asked {
    /// A transaction.
    Write(Job),
    /// To make the database file complete without its log, write nothing more, and answer if that succeeded.
    Finish(SyncSender<bool>),
}

/// How long the writer waits for another transaction before it empties the log of transactions.
const QUIET: Duration = Duration::from_secs(1);
/// How often it looks at the size of the log where nothing else happens: commands beside the server write to it too.
const UPKEEP: Duration = Duration::from_secs(30);
/// How long it goes on without that quiet before it empties the log between two flushes, in seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// The one thread that writes. It ends with this, and closes its connection.
pub(super) struct Writer {
    jobs: Option<Sender<Asked>>,
    /// True while the log of transactions holds secrets that are no longer needed, such as links in e-mails that were sent.
    stale: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, mut log: LogFile) -> Result<Self> {
        let (jobs, waiting) = channel();
        let stale = Arc::new(AtomicBool::new(false));
        let seen = stale.clone();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || serve(&connection, &waiting, &seen, &mut log))
            .map_err(Error::internal)?;
        Ok(Self { jobs: Some(jobs), stale, thread: Some(thread) })
    }

    fn ask(&self, asked: Asked) -> Result<()> {
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(asked));
        if matches!(sent, Some(Ok(()))) { Ok(()) } else { Err(stopped()) }
    }

    /// Makes the database file complete without its log, and accepts no further writes; false if another connection prevented that.
    pub(super) fn finish(&self) -> bool {
        let (tell, told) = sync_channel(1);
        self.ask(Asked::Finish(tell)).is_ok() && told.recv().unwrap_or_default()
    }

    /// Has the log of transactions emptied soon.
    pub(super) fn forget(&self) {
        self.stale.store(true, Ordering::Relaxed);
        // Wakes the thread, which may be waiting without a limit.
        drop(self.ask(Asked::Write(Box::new(|_| Box::new(drop)))));
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        now: Timestamp,
        write: impl FnOnce(&Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = sync_channel(1);
        let job: Job = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| in_savepoint(&Db::of(connection, now), write));
            // Nobody waits any more when the send fails: the caller is gone.
            Box::new(move |flushed| drop(answer.send(outcome.and_then(|value| flushed.map(|()| value)))))
        });
        self.ask(Asked::Write(job))?;
        answered.recv().map_err(|_| stopped())?
    }

    pub(super) fn run_later(&self, now: Timestamp, write: impl FnOnce(&Db) -> Result<()> + Send + 'static) {
        let job: Job = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| in_savepoint(&Db::of(connection, now), write));
            Box::new(move |flushed| {
                if let Err(cause) = outcome.and(flushed) {
                    log::error!("a note was not written: {cause}");
                }
            })
        });
        if let Err(cause) = self.ask(Asked::Write(job)) {
            log::error!("a note was not written: {cause}");
        }
    }
}

impl Drop for Writer {
    /// Waits until the connection is closed: the last one to close a database makes its file whole.
    fn drop(&mut self) {
        self.jobs = None;
        let Some(thread) = self.thread.take() else { return };
        // A transaction may hold the last of those who hold this.
        if thread.thread().id() != std::thread::current().id() {
            drop(thread.join());
        }
    }
}

fn stopped() -> Error {
    Error::unavailable("Vestibule is stopping. Nothing was changed; try again in a minute.")
}

fn serve(connection: &Connection, waiting: &Receiver<Asked>, stale: &AtomicBool, log: &mut LogFile) {
    let mut stale_since: Option<Instant> = None;
    loop {
        let since = stale.load(Ordering::Relaxed).then(|| *stale_since.get_or_insert_with(Instant::now));
        let asked = waiting.recv_timeout(if since.is_some() { QUIET } else { UPKEEP });
        if since.is_some_and(|since| asked.is_err() || since.elapsed() > LONGEST) {
            // Where a reader is in the way, the next attempt waits as long again: an attempt between all flushes would slow them.
            stale_since = None;
            if log.empty(connection) {
                stale.store(false, Ordering::Relaxed);
            }
        }
        let finish = match asked {
            Ok(Asked::Write(first)) => write(connection, first, waiting),
            Ok(Asked::Finish(tell)) => Some(tell),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Some(tell) = finish {
            let _ = tell.send(engine::finish(connection));
            return;
        }
        log.keep_small(connection);
    }
}

/// Writes all waiting transactions and tells their callers. Gives the caller who meanwhile asked to finish, if any.
fn write(connection: &Connection, first: Job, waiting: &Receiver<Asked>) -> Option<SyncSender<bool>> {
    let (mut told, mut finish) = (Vec::new(), None);
    let flushed = flush(connection, first, waiting, &mut told, &mut finish);
    for tell in told {
        tell(flushed.clone());
    }
    finish
}

fn flush(
    connection: &Connection,
    first: Job,
    waiting: &Receiver<Asked>,
    told: &mut Vec<Tell>,
    finish: &mut Option<SyncSender<bool>>,
) -> Result<()> {
    if let Err(cause) = connection.begin_to_write() {
        told.push(first(Err(cause)));
        return Ok(());
    }
    let mut next = Some(first);
    while let Some(job) = next.take() {
        told.push(job(Ok(connection)));
        // The whole transaction ended when the disk failed: nothing of it is there, and nothing may follow.
        if !connection.is_in_transaction() {
            return Err(Error::unavailable("The database cannot be written. Nothing was changed; tell the operator."));
        }
        if told.len() < MOST_AT_ONCE {
            match waiting.try_recv() {
                Ok(Asked::Write(job)) => next = Some(job),
                Ok(Asked::Finish(tell)) => *finish = Some(tell),
                Err(_) => {}
            }
        }
    }
    // One that failed may leave the transaction open.
    connection.commit().inspect_err(|_| connection.roll_back())
}

#[cfg(test)]
mod tests {
    use crate::domain::principal::Claim;
    use crate::domain::{Clock, Email, Error};
    use crate::store::Store;
    use std::sync::{Arc, Barrier};

    fn email(n: usize) -> Email {
        Email::parse(&format!("p{n}@acme.test")).expect("usable")
    }

    #[test]
    fn a_write_that_fails_or_panics_takes_nothing_of_its_neighbours_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path(), Clock::System).expect("opens"));
        let begin = Arc::new(Barrier::new(30));
        let writers = (0..30).map(|n| {
            let (store, begin) = (store.clone(), begin.clone());
            std::thread::spawn(move || {
                begin.wait();
                store.write(&Claim::job(), move |tx| {
                    tx.add_user(&email(n), "P", None, false)?;
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
        let store = Store::open(folder.path(), Clock::System).expect("opens");
        store.write_later(&Claim::job(), |tx| tx.add_user(&email(1), "P", None, false).map(drop));
        assert_eq!(
            store.write(&Claim::job(), |tx| tx.find_user(&email(1))).expect("written").map(|user| user.name).as_deref(),
            Some("P")
        );
    }
}
