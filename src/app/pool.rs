//! A few threads with a short queue, for work that waits for external servers, so that it delays nothing else.

use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

type Job = Box<dyn FnOnce() + Send>;

/// A pool of threads, which start with the first job.
pub struct Pool {
    threads: usize,
    queue: usize,
    jobs: OnceLock<SyncSender<Job>>,
}

impl Pool {
    /// A pool of `threads` threads, with room for `queue` waiting jobs.
    pub const fn new(threads: usize, queue: usize) -> Self {
        Self { threads, queue, jobs: OnceLock::new() }
    }

    /// Runs a job on one of the threads.
    ///
    /// # Errors
    /// `Unavailable` when the queue is full.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) -> Result<()> {
        self.jobs.get_or_init(|| start(self.threads, self.queue)).try_send(Box::new(job)).map_err(|refused| {
            match refused {
                TrySendError::Full(_) => {
                    Error::Unavailable { code: "busy", message: phrase!("busy-fetches"), retry_after_secs: Some(5) }
                }
                TrySendError::Disconnected(_) => Error::internal("no thread fetches"),
            }
        })
    }
}

fn start(threads: usize, queue: usize) -> SyncSender<Job> {
    let (jobs, waiting) = sync_channel(queue);
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..threads {
        let waiting = waiting.clone();
        if let Err(cause) = std::thread::Builder::new().name("fetch".into()).spawn(move || serve(&waiting)) {
            log::error!("a thread that fetches could not be started: {cause}");
        }
    }
    jobs
}

fn serve(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            log::error!("a fetch panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn a_job_is_refused_when_all_threads_are_busy_and_the_queue_is_full() {
        let pool = Pool::new(2, 3);
        let (open, opened) = channel::<()>();
        let opened = Arc::new(Mutex::new(opened));
        let (tell, told) = channel();
        let job = || {
            let (opened, tell) = (opened.clone(), tell.clone());
            move || {
                tell.send("began").expect("heard");
                opened.lock().expect("free").recv().ok();
                tell.send("ended").expect("heard");
            }
        };
        assert!((0..2).all(|_| pool.run(job()).is_ok()));
        assert!((0..2).all(|_| told.recv_timeout(Duration::from_secs(10)) == Ok("began")));
        assert!((0..3).all(|_| pool.run(job()).is_ok()));
        let refused = pool.run(job());
        assert!(
            matches!(refused, Err(Error::Unavailable { code: "busy", retry_after_secs: Some(_), .. })),
            "{refused:?}"
        );
        drop(open);
        assert_eq!((0..8).filter(|_| told.recv_timeout(Duration::from_secs(10)) == Ok("ended")).count(), 5);
        assert!(pool.run(|| panic!("on purpose")).is_ok());
        let (after, came) = channel();
        assert!(pool.run(move || after.send(()).expect("heard")).is_ok());
        assert!(came.recv_timeout(Duration::from_secs(10)).is_ok(), "a panic does not end the thread");
    }
}
