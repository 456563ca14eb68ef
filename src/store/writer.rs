//! Group commit: one thread takes all waiting transactions into one flush to the disk. The sites of networks take turns at it, and in
//! each its networks, however many transactions one of them has waiting. Long transactions use a quarter of its time: after each it is
//! left to the others for a while.

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

/// The most transactions of one flush, and how long it takes them in: both bound how long the first of them waits.
const MOST_AT_ONCE: usize = 128;
const LONGEST_FLUSH: Duration = Duration::from_millis(10);
/// The most transactions that wait besides. Each holds a thread of its caller, of which there are 512, and the queue for passwords holds
/// 64; the site with the most gives way, and in it the network with the most.
const MOST_WAITING: usize = 192;
/// The most long transactions that wait.
const MOST_LONG: usize = 32;
/// How often the time of a long transaction is left to short ones before the next long one.
const PAUSE: u32 = 3;

/// Runs one transaction (or learns why it cannot) and gives what tells its caller how the flush went.
type Work = Box<dyn FnOnce(Result<&Connection>) -> Tell + Send>;
type Tell = Box<dyn FnOnce(Result<()>)>;

/// How long a transaction may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// A few rows.
    Short,
    /// As many rows as an organisation has people.
    Long,
}

/// A transaction that waits.
struct Job {
    network: IpAddr,
    length: Length,
    /// True if its caller waits for it, and can be told to try again.
    refusable: bool,
    work: Work,
}

/// The requests to the thread.
#[derive(Default)]
struct Queue {
    short: NetworkQueue<Job>,
    long: NetworkQueue<Job>,
    /// When the next long transaction may begin; `None`: now.
    long_from: Option<Instant>,
    /// A request to make the database file complete without its log, answered with true if that succeeded. Nothing is written after it.
    finish: Option<SyncSender<bool>>,
    /// True while the log of transactions holds secrets that are no longer needed, such as links in e-mails that were sent.
    stale: bool,
    closed: bool,
}

impl Queue {
    /// Takes out the transaction that is due. A long one goes first when its pause is over, or when the writer is about to end.
    fn pop(&mut self) -> Option<Job> {
        let ends = self.closed || self.finish.is_some();
        if ends || self.pause().is_none() { self.long.pop().or_else(|| self.short.pop()) } else { self.short.pop() }
    }

    /// How long the next long transaction waits.
    fn pause(&self) -> Option<Duration> {
        self.long_from?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// The waiting transactions of this length, and how many there may be.
    const fn waiting(&mut self, length: Length) -> (&mut NetworkQueue<Job>, usize) {
        match length {
            Length::Short => (&mut self.short, MOST_WAITING),
            Length::Long => (&mut self.long, MOST_LONG),
        }
    }
}

/// The queue, and the signal that something was added.
#[derive(Default)]
struct Line {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

impl Line {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job. Gives the job that is refused for it: the last of the network with the most in the site with the most, or itself.
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

/// The end of the thread, also by a panic: the queue takes nothing more, and callers that wait are told.
struct End<'l>(&'l Line);

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

/// How long the writer waits for another transaction before it empties the log of transactions.
const QUIET: Duration = Duration::from_secs(1);
/// How often it looks at the size of the log where nothing else happens: commands beside the server write to it too.
const UPKEEP: Duration = Duration::from_secs(30);
/// How often it looks whether another process has written.
const FOREIGN: Duration = Duration::from_millis(200);
/// How long it goes on without that quiet before it empties the log between two flushes, in seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// The one thread that writes. It ends with this, and closes its connection.
pub(super) struct Writer {
    line: Arc<Line>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts it; in a server, what it writes is noted in `changes` before its callers are told.
    pub(super) fn start(connection: Connection, log: LogFile, changes: Option<Arc<Changes>>) -> Result<Self> {
        let line = Arc::new(Line::default());
        let served = line.clone();
        let watch = changes.map(|changes| Watch::start(changes, &connection)).transpose()?;
        let mut desk = Desk { connection, log, watch };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                let _end = End(&served);
                desk.serve(&served);
            })
            .map_err(Error::internal)?;
        Ok(Self { line, thread: Some(thread) })
    }

    /// Makes the database file complete without its log, and accepts no further writes; false if another connection prevented that.
    pub(super) fn finish(&self) -> bool {
        let (tell, told) = sync_channel(1);
        {
            let mut queue = self.line.queue();
            if queue.closed || queue.finish.is_some() {
                return false;
            }
            queue.finish = Some(tell);
        }
        self.line.arrived.notify_one();
        told.recv().unwrap_or_default()
    }

    /// Has the log of transactions emptied soon.
    pub(super) fn forget(&self) {
        self.line.queue().stale = true;
        self.line.arrived.notify_one();
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
            // Nobody waits any more when the send fails: the caller is gone.
            Box::new(move |flushed| drop(answer.send(outcome.and_then(|value| flushed.map(|()| value)))))
        });
        // The appliance itself asks for few, and what it has done cannot be undone: a letter was sent.
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
        if let Some(refused) = self.line.push(job)? {
            (refused.work)(Err(Error::busy(phrase!("busy-changes"))))(Ok(()));
        }
        Ok(())
    }
}

impl Drop for Writer {
    /// Waits until the connection is closed: the last one to close a database makes its file whole.
    fn drop(&mut self) {
        self.line.queue().closed = true;
        self.line.arrived.notify_one();
        let Some(thread) = self.thread.take() else { return };
        // A transaction may hold the last of those who hold this.
        if thread.thread().id() != std::thread::current().id() {
            drop(thread.join());
        }
    }
}

fn stopped() -> Error {
    Error::unavailable(phrase!("stopping"))
}

/// The next thing to do.
enum Next {
    Write(Job),
    Finish(SyncSender<bool>),
    /// It is time to look whether another process has written.
    Look,
    /// Nothing was asked for a while.
    Upkeep,
    Close,
}

/// Waits for something to do: what waits is written before the end. Nothing was asked since `quiet_since`.
fn next(line: &Line, quiet_since: Instant) -> Next {
    let mut queue = line.queue();
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
        let patience = if queue.stale { QUIET } else { UPKEEP };
        let Some(left) = patience.checked_sub(quiet_since.elapsed()) else { return Next::Upkeep };
        let Some(until_look) = FOREIGN.checked_sub(began.elapsed()) else { return Next::Look };
        let left = left.min(until_look);
        let left = if queue.long.is_empty() { left } else { queue.pause().map_or(left, |pause| left.min(pause)) };
        queue = line.arrived.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Tells memory of what changes in the database.
struct Watch {
    changes: Arc<Changes>,
    /// The number of the connection after which no other process had written.
    data_version: i64,
}

impl Watch {
    fn start(changes: Arc<Changes>, connection: &Connection) -> Result<Self> {
        changes.watch(connection)?;
        Ok(Self { changes, data_version: connection.data_version()? })
    }

    /// Notes that everything may be different where another process has written.
    fn look(&mut self, connection: &Connection) {
        // What cannot be read now is different to be safe.
        let version = connection.data_version().unwrap_or(-1);
        if version != self.data_version {
            self.data_version = version;
            self.changes.change_all();
        }
    }
}

/// What the thread works with.
struct Desk {
    connection: Connection,
    log: LogFile,
    /// In a server.
    watch: Option<Watch>,
}

impl Desk {
    fn serve(&mut self, line: &Line) {
        let mut stale_since: Option<Instant> = None;
        let mut quiet_since = Instant::now();
        loop {
            let next = next(line, quiet_since);
            let since = line.queue().stale.then(|| *stale_since.get_or_insert_with(Instant::now));
            if since.is_some_and(|since| matches!(next, Next::Upkeep) || since.elapsed() > LONGEST) {
                // Where a reader is in the way, the next attempt waits as long again: an attempt between all flushes would slow them.
                stale_since = None;
                if self.log.empty(&self.connection) {
                    line.queue().stale = false;
                }
            }
            match next {
                Next::Write(first) => self.write(first, line),
                Next::Finish(tell) => {
                    let _ = tell.send(engine::finish(&self.connection));
                    return;
                }
                Next::Look => {
                    self.look();
                    continue;
                }
                Next::Upkeep => {}
                Next::Close => return,
            }
            quiet_since = Instant::now();
            self.log.keep_small(&self.connection);
        }
    }

    fn look(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.look(&self.connection);
        }
    }

    /// Writes all waiting transactions and tells their callers.
    fn write(&mut self, first: Job, line: &Line) {
        let mut told = Vec::new();
        let flushed = self.flush(first, line, &mut told);
        if let Some(watch) = &self.watch {
            watch.changes.publish();
        }
        for tell in told {
            tell(flushed.clone());
        }
    }

    fn flush(&mut self, first: Job, line: &Line, told: &mut Vec<Tell>) -> Result<()> {
        if let Err(cause) = self.connection.begin_to_write() {
            told.push((first.work)(Err(cause)));
            return Ok(());
        }
        self.look();
        let began = Instant::now();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let length = job.length;
            told.push((job.work)(Ok(&self.connection)));
            if length == Length::Long {
                line.queue().long_from = Some(Instant::now() + PAUSE * began.elapsed().saturating_sub(LONGEST_FLUSH));
            }
            // The whole transaction ended when the disk failed: nothing of it is there, and nothing may follow.
            if !self.connection.is_in_transaction() {
                return Err(Error::unavailable(phrase!("database-not-writable")));
            }
            if told.len() < MOST_AT_ONCE && began.elapsed() < LONGEST_FLUSH {
                next = line.queue().short.pop();
            }
        }
        // One that failed may leave the transaction open.
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
    fn a_site_with_many_writes_lets_another_go_before_its_second_and_gives_way_where_too_many_wait() {
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
        let waiting = |many: usize| while store.writer.line.queue().short.len() < many {};
        let flood = |n: usize| IpAddr::from([192, 0, 2, u8::try_from(n).expect("few")]);
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
        let many: Vec<_> = (0..MOST_WAITING).map(|n| write(flood(n))).collect();
        waiting(MOST_WAITING);
        let other = write(victim);
        // One of the flood is refused for it.
        while !many.iter().any(|write| write.is_finished()) {}
        waiting(MOST_WAITING);
        held.wait();
        assert!(first.join().expect("joined").is_ok() && other.join().expect("joined").is_ok());
        let refused = many.into_iter().map(|write| write.join().expect("joined")).filter(Result::is_err);
        assert_eq!(refused.count(), 1);
        assert!(order.lock().expect("free").iter().position(|one| *one == victim).expect("written") <= 1);
    }

    #[test]
    fn long_writes_leave_the_writer_to_short_ones_for_three_times_as_long_and_are_all_written_at_the_end() {
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
        // One after the other, as the writes of a sign-in.
        for _ in 0..3 {
            write("short", 9).join().expect("joined").expect("written");
        }
        assert_eq!(*order.lock().expect("free"), ["long", "short", "short", "short"]);
        assert!(store.finish(), "another connection is open");
        assert!(long.into_iter().all(|write| write.join().expect("joined").is_ok()));
        assert_eq!(order.lock().expect("free").len(), 6);
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
