//! A socket in the data folder. A command uses it to notify the server that it has changed the database.
//!
//! The server answers once it has invalidated its in-memory cache. If the notification fails, the server detects the
//! change shortly afterwards by itself (`writer.rs`).

use super::changes::Changes;
use rustix::net::{Shutdown, shutdown};
use std::fs::{File, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

/// How long a command waits for the server.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the server waits for a command that has connected.
const PATIENCE_OF_SERVER: Duration = Duration::from_millis(200);
/// The server's answer.
const NOTED: &[u8] = b"noted\n";

/// The server's end of the socket.
pub struct Bell {
    folder: PathBuf,
    listener: Arc<UnixListener>,
    thread: Option<JoinHandle<()>>,
}

impl Bell {
    /// Listens until the returned value is dropped. `None`, with a warning in the log, if the socket cannot be created.
    pub fn start(folder: &Path, changes: Arc<Changes>) -> Option<Self> {
        let listening = at(folder, |path| {
            // A server that was killed may have left its socket.
            drop(std::fs::remove_file(path));
            let listener = UnixListener::bind(path)?;
            std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
            Ok(listener)
        });
        let started = listening.and_then(|listener| {
            let listener = Arc::new(listener);
            let accepting = listener.clone();
            let thread = std::thread::Builder::new().name("bell".into());
            let thread = thread.spawn(move || listen(&accepting, &changes))?;
            Ok(Self { folder: folder.to_owned(), listener, thread: Some(thread) })
        });
        match started {
            Ok(bell) => Some(bell),
            Err(cause) => {
                log::warn!(
                    "commands cannot tell this server of their changes, which it notices a moment later: {cause}"
                );
                None
            }
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Makes the thread's `accept` fail, so that the thread ends.
        let _ = shutdown(&*self.listener, Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        drop(at(&self.folder, |path| std::fs::remove_file(path)));
    }
}

/// Answers each command until the listener is shut down.
fn listen(listener: &UnixListener, changes: &Changes) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => answer(stream, changes),
            Err(cause) if cause.kind() == ErrorKind::InvalidInput => return,
            // For example: too many open files.
            Err(_) => sleep(PATIENCE_OF_SERVER),
        }
    }
}

fn answer(mut stream: UnixStream, changes: &Changes) {
    changes.change_all();
    // Errors are ignored: the command may not have waited for the answer.
    drop(stream.set_write_timeout(Some(PATIENCE_OF_SERVER)));
    drop(stream.write_all(NOTED));
}

/// Notifies the server of this folder; false if no server answers.
pub fn notify(folder: &Path) -> bool {
    let notified = at(folder, |path| UnixStream::connect(path)).and_then(|mut stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut answer = [0; NOTED.len()];
        stream.read_exact(&mut answer)?;
        Ok(answer == NOTED)
    });
    notified.unwrap_or(false)
}

/// Calls `work` with a short path of the socket, through the open folder: the system allows at most 108 bytes.
fn at<T>(folder: &Path, work: impl FnOnce(&Path) -> std::io::Result<T>) -> std::io::Result<T> {
    let open = File::open(folder)?;
    work(Path::new(&format!("/proc/self/fd/{}/vestibule.sock", open.as_raw_fd())))
}
