//! Group commit: one thread runs all waiting transactions and commits them in one flush to the disk. The queue
//! alternates between sites, and within a site between its networks, however many transactions one of them has waiting.
//! Long transactions get a quarter of the writer's time: after each, short ones have priority for a while.

use super::behalf;
use super::changes::Changes;
use super::db::{Db, in_savepoint};
use super::engine::{self, Connection, LogFile};
use crate::domain::network_queue::{Delay, NetworkQueue};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, Timestamp};
use std::net::IpAddr;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The maximum number of transactions in one flush, and the time in which it accepts them. Both limit how long the first one waits.
const MOST_AT_ONCE: usize = 128;
const LONGEST_FLUSH: Duration = Duration::from_millis(10);
/// The maximum number of transactions that wait for a flush. Each blocks one of the 512 threads of its callers; the password queue
/// blocks up to 64 more. Past this limit, a transaction of the site with the most waiting ones is refused, from the
/// network with the most in that site.
const MOST_WAITING: usize = 192;
/// The maximum number of long transactions that wait.
const MOST_LONG: usize = 32;
/// After a long transaction, short ones have priority for this multiple of its time before the next long one.
const PAUSE: u32 = 3;

/// Runs one transaction, or takes the error that prevents it. Returns a function that reports the result of the flush
/// to the caller.
type Work = Box<dyn FnOnce(Result<&Connection>) -> Tell + Send>;
type Tell = Box<dyn FnOnce(Result<()>)>;

/// How long a transaction may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// A few rows.
    Short,
    /// A row for each person of an organisation.
    Long,
}

/// A waiting transaction.
struct Job {
    network: IpAddr,
    length: Length,
    /// True if its caller waits for the result, and can retry after a refusal.
    refusable: bool,
    work: Work,
}

/// The requests to the writer thread.
#[derive(Default)]
struct Queue {
    short: NetworkQueue<Job>,
    long: NetworkQueue<Job>,
    /// When the next long transaction may begin; `None`: now.
    long_from: Option<Instant>,
    /// A request to make the database file complete without its log. The answer is true if that succeeded. Nothing is
    /// written after it.
    finish: Option<SyncSender<bool>>,
    /// True while the log of transactions holds secrets that are no longer needed, such as links in e-mails that were sent.
    stale: bool,
    closed: bool,
}

impl Queue {
    /// Takes out the next transaction. A long one comes first if its pause has passed or if the writer is about to end.
    fn pop(&mut self) -> Option<Job> {
        let ends = self.closed || self.finish.is_some();
        if ends || self.pause().is_none() { self.long.pop().or_else(|| self.short.pop()) } else { self.short.pop() }
    }

    /// The rest of the pause before the next long transaction, if any.
    fn pause(&self) -> Option<Duration> {
        self.long_from?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// The waiting transactions of this length, and their limit.
    const fn waiting(&mut self, length: Length) -> (&mut NetworkQueue<Job>, usize) {
        match length {
            Length::Short => (&mut self.short, MOST_WAITING),
            Length::Long => (&mut self.long, MOST_LONG),
        }
    }
}

/// The queue, and the signal that a request was added.
#[derive(Default)]
struct Requests {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

impl Requests {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job. If the queue is over its limit, removes and returns the last job of the network with the most jobs
    /// in the site with the most; that can be the new job.
    fn push(&self, job: Job) -> Result<Option<Job>> {
        let mut queue = self.queue();
        if queue.closed || queue.finish.is_some() {
            return Err(stopped());
        }
        let (waiting, most) = queue.waiting(job.length);
        waiting.push(job.network, Delay::default(), job);
        let refused = if waiting.len() > most { waiting.shed(|job| job.refusable) } else { None };
        drop(queue);
        self.arrived.notify_one();
        Ok(refused)
    }
}

/// Closes the queue when the thread ends, even by a panic, so that waiting callers get an error.
struct End<'l>(&'l Requests);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.closed = true;
        let (short, long) = (std::mem::take(&mut queue.short), std::mem::take(&mut queue.long));
        let finish = queue.finish.take();
        drop(queue);
        drop((short, long, finish));
    }
}

/// The log of transactions is emptied once the writer has been idle for this long.
const IDLE: Duration = Duration::from_secs(1);
/// How often an idle writer checks the size of the log, which commands that run beside the server can also grow.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(30);
/// How often the writer checks whether another process has written.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);
/// If the writer is never idle, the log is emptied between two flushes after this time.
const LONGEST_WITHOUT_IDLE: Duration = Duration::from_secs(30);

/// The only thread that writes. When this is dropped, the thread ends and closes its connection.
pub(super) struct Writer {
    requests: Arc<Requests>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `changes`, in a server: records what a flush has changed, before its callers get their
    /// results.
    pub(super) fn start(connection: Connection, log: LogFile, changes: Option<Arc<Changes>>) -> Result<Self> {
        let requests = Arc::new(Requests::default());
        let served = requests.clone();
        let watch = changes.map(|changes| Watch::start(changes, &connection)).transpose()?;
        let mut worker = Worker { connection, log, watch };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                let _end = End(&served);
                worker.serve(&served);
            })
            .map_err(Error::internal)?;
        Ok(Self { requests, thread: Some(thread) })
    }

    /// Makes the database file complete without its log, and accepts no further writes; false if another connection prevented that.
    pub(super) fn finish(&self) -> bool {
        let (tell, told) = sync_channel(1);
        {
            let mut queue = self.requests.queue();
            if queue.closed || queue.finish.is_some() {
                return false;
            }
            queue.finish = Some(tell);
        }
        self.requests.arrived.notify_one();
        told.recv().unwrap_or_default()
    }

    /// Requests that the log of transactions is emptied soon.
    pub(super) fn forget(&self) {
        self.requests.queue().stale = true;
        self.requests.arrived.notify_one();
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        now: Timestamp,
        length: Length,
        write: impl FnOnce(&Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = sync_channel(1);
        let work: Work = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| in_savepoint(&Db::of(connection, now), write));
            // If the send fails, the caller no longer waits.
            Box::new(move |flushed| drop(answer.send(outcome.and_then(|value| flushed.map(|()| value)))))
        });
        // The appliance's own transactions are few, and record what cannot be undone, such as an e-mail that was sent.
        let network = behalf::network();
        self.add(Job { network, length, refusable: !network.is_unspecified(), work })?;
        behalf::before_waiting();
        answered.recv().map_err(|_| stopped())?
    }

    pub(super) fn run_later(&self, now: Timestamp, write: impl FnOnce(&Db) -> Result<()> + Send + 'static) {
        let work: Work = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| in_savepoint(&Db::of(connection, now), write));
            Box::new(move |flushed| {
                if let Err(cause) = outcome.and(flushed) {
                    log::error!("a note was not written: {cause}");
                }
            })
        });
        let job = Job { network: behalf::network(), length: Length::Short, refusable: false, work };
        if let Err(cause) = self.add(job) {
            log::error!("a note was not written: {cause}");
        }
    }

    fn add(&self, job: Job) -> Result<()> {
        if let Some(refused) = self.requests.push(job)? {
            (refused.work)(Err(Error::busy(phrase!("busy-changes"))))(Ok(()));
        }
        Ok(())
    }
}

impl Drop for Writer {
    /// Waits until the connection is closed: SQLite makes the database file complete when its last connection closes.
    fn drop(&mut self) {
        self.requests.queue().closed = true;
        self.requests.arrived.notify_one();
        let Some(thread) = self.thread.take() else { return };
        // A transaction may hold the last reference to the store: the writer thread must not join itself.
        if thread.thread().id() != std::thread::current().id() {
            drop(thread.join());
        }
    }
}

fn stopped() -> Error {
    Error::unavailable(phrase!("stopping"))
}

/// The next task of the writer thread.
enum Next {
    Write(Job),
    Finish(SyncSender<bool>),
    /// Check whether another process has written.
    Check,
    /// There was no request for a while.
    Upkeep,
    Close,
}

/// Waits for the next task. Returns every waiting transaction before `Finish` or `Close`. `idle_since`: the time of the
/// last request.
fn next(requests: &Requests, idle_since: Instant) -> Next {
    let mut queue = requests.queue();
    let began = Instant::now();
    loop {
        if let Some(job) = queue.pop() {
            return Next::Write(job);
        }
        if let Some(tell) = queue.finish.take() {
            queue.closed = true;
            return Next::Finish(tell);
        }
        if queue.closed {
            return Next::Close;
        }
        let patience = if queue.stale { IDLE } else { UPKEEP_INTERVAL };
        let Some(left) = patience.checked_sub(idle_since.elapsed()) else { return Next::Upkeep };
        let Some(until_check) = CHECK_INTERVAL.checked_sub(began.elapsed()) else { return Next::Check };
        let left = left.min(until_check);
        let left = if queue.long.is_empty() { left } else { queue.pause().map_or(left, |pause| left.min(pause)) };
        queue = requests.arrived.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Reports changes of the database to the in-memory cache.
struct Watch {
    changes: Arc<Changes>,
    /// The connection's `data_version` at the last check.
    data_version: i64,
}

impl Watch {
    fn start(changes: Arc<Changes>, connection: &Connection) -> Result<Self> {
        changes.watch(connection)?;
        Ok(Self { changes, data_version: connection.data_version()? })
    }

    /// Marks everything as changed if another process has written.
    fn check(&mut self, connection: &Connection) {
        // If the version cannot be read, everything counts as changed, to be safe.
        let version = connection.data_version().unwrap_or(-1);
        if version != self.data_version {
            self.data_version = version;
            self.changes.change_all();
        }
    }
}

/// The state of the writer thread.
struct Worker {
    connection: Connection,
    log: LogFile,
    /// Only in a server.
    watch: Option<Watch>,
}

impl Worker {
    fn serve(&mut self, requests: &Requests) {
        let mut stale_since: Option<Instant> = None;
        let mut idle_since = Instant::now();
        loop {
            let next = next(requests, idle_since);
            let since = requests.queue().stale.then(|| *stale_since.get_or_insert_with(Instant::now));
            if since.is_some_and(|since| matches!(next, Next::Upkeep) || since.elapsed() > LONGEST_WITHOUT_IDLE) {
                // If a reader prevents it, the next attempt waits as long again: an attempt after each flush would slow
                // the writer down.
                stale_since = None;
                if self.log.empty(&self.connection) {
                    requests.queue().stale = false;
                }
            }
            match next {
                Next::Write(first) => self.write(first, requests),
                Next::Finish(tell) => {
                    let _ = tell.send(engine::finish(&self.connection));
                    return;
                }
                Next::Check => {
                    self.check();
                    continue;
                }
                Next::Upkeep => {}
                Next::Close => return,
            }
            idle_since = Instant::now();
            self.log.keep_small(&self.connection);
        }
    }

    fn check(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.check(&self.connection);
        }
    }

    /// Writes all waiting transactions and reports the results to their callers.
    fn write(&mut self, first: Job, requests: &Requests) {
        let mut told = Vec::new();
        let flushed = self.flush(first, requests, &mut told);
        if let Some(watch) = &self.watch {
            watch.changes.publish();
        }
        for tell in told {
            tell(flushed.clone());
        }
    }

    fn flush(&mut self, first: Job, requests: &Requests, told: &mut Vec<Tell>) -> Result<()> {
        if let Err(cause) = self.connection.begin_to_write() {
            told.push((first.work)(Err(cause)));
            return Ok(());
        }
        self.check();
        let began = Instant::now();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let length = job.length;
            told.push((job.work)(Ok(&self.connection)));
            if length == Length::Long {
                requests.queue().long_from =
                    Some(Instant::now() + PAUSE * began.elapsed().saturating_sub(LONGEST_FLUSH));
            }
            // SQLite has rolled back the whole transaction because the disk failed: no further job may run in this
            // flush.
            if !self.connection.is_in_transaction() {
                return Err(Error::unavailable(phrase!("database-not-writable")));
            }
            if told.len() < MOST_AT_ONCE && began.elapsed() < LONGEST_FLUSH {
                next = requests.queue().short.pop();
            }
        }
        // A failed commit can leave the transaction open.
        self.connection.commit().inspect_err(|_| self.connection.roll_back())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phrase::Phrase;
    use crate::domain::principal::Claim;
    use crate::domain::{Clock, Email};
    use crate::store::Store;
    use std::sync::Barrier;

    fn email(n: usize) -> Email {
        Email::parse(&format!("p{n}@acme.test")).expect("usable")
    }

    #[test]
    fn a_write_that_fails_or_panics_does_not_affect_other_writes_of_its_flush() {
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
                        1 => Err(Error::forbidden(Phrase::words("no"))),
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
    fn writes_of_another_site_are_not_delayed_by_a_flood_which_is_refused_past_the_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path(), Clock::System).expect("opens"));
        let (begun, held) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let order: Arc<Mutex<Vec<IpAddr>>> = Arc::default();
        let write = |network: IpAddr| {
            let (store, order) = (store.clone(), order.clone());
            std::thread::spawn(move || {
                behalf::of(network, (), || {
                    store.write(&Claim::job(), move |_| {
                        order.lock().expect("free").push(network);
                        Ok(())
                    })
                })
            })
        };
        let waiting = |many: usize| while store.writer.requests.queue().short.len() < many {};
        let flooding = |n: usize| IpAddr::from([192, 0, 2, u8::try_from(n).expect("few")]);
        let victim = IpAddr::from([198, 51, 100, 2]);
        let first = {
            let (store, begun, held) = (store.clone(), begun.clone(), held.clone());
            std::thread::spawn(move || {
                store.write(&Claim::job(), move |_| {
                    begun.wait();
                    held.wait();
                    Ok(())
                })
            })
        };
        begun.wait();
        let many: Vec<_> = (0..MOST_WAITING).map(|n| write(flooding(n))).collect();
        waiting(MOST_WAITING);
        let other = write(victim);
        // One write of the flooding site is refused to make room for it.
        while !many.iter().any(|write| write.is_finished()) {}
        waiting(MOST_WAITING);
        held.wait();
        assert!(first.join().expect("joined").is_ok() && other.join().expect("joined").is_ok());
        let refused = many.into_iter().map(|write| write.join().expect("joined")).filter(Result::is_err);
        assert_eq!(refused.count(), 1);
        assert!(order.lock().expect("free").iter().position(|one| *one == victim).expect("written") <= 1);
    }

    #[test]
    fn short_writes_have_priority_after_a_long_one_and_all_long_ones_are_written_at_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path(), Clock::System).expect("opens"));
        let length = Duration::from_millis(200);
        let order: Arc<Mutex<Vec<&str>>> = Arc::default();
        let write = |what: &'static str, from: u8| {
            let (store, order) = (store.clone(), order.clone());
            std::thread::spawn(move || {
                let write = move |_: &crate::store::Tx| {
                    std::thread::sleep(if what == "long" { length } else { Duration::ZERO });
                    order.lock().expect("free").push(what);
                    Ok(())
                };
                behalf::of(IpAddr::from([192, 0, 2, from]), (), || match what {
                    "long" => store.write_long(&Claim::job(), write),
                    _ => store.write(&Claim::job(), write),
                })
            })
        };
        let long: Vec<_> = (0..3).map(|n| write("long", n)).collect();
        while order.lock().expect("free").is_empty() {}
        // One after the other, like the writes of a sign-in.
        for _ in 0..3 {
            write("short", 9).join().expect("joined").expect("written");
        }
        assert_eq!(*order.lock().expect("free"), ["long", "short", "short", "short"]);
        assert!(store.finish(), "another connection is open");
        assert!(long.into_iter().all(|write| write.join().expect("joined").is_ok()));
        assert_eq!(order.lock().expect("free").len(), 6);
    }

    #[test]
    fn a_write_without_waiting_is_done_before_later_writes() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), Clock::System).expect("opens");
        store.write_later(&Claim::job(), |tx| tx.add_user(&email(1), "P", None, false).map(drop));
        assert_eq!(
            store.write(&Claim::job(), |tx| tx.find_user(&email(1))).expect("written").map(|user| user.name).as_deref(),
            Some("P")
        );
    }
}
