//! A socket in the data folder by which a command tells the server that it has changed the database.
//!
//! The server answers when its memory is no longer used for what it knew before. A server that misses it notices the change by itself shortly
//! after (`writer.rs`).

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
/// What the server answers.
const NOTED: &[u8] = b"noted\n";

/// The server's end.
pub struct Bell {
    folder: PathBuf,
    listener: Arc<UnixListener>,
    thread: Option<JoinHandle<()>>,
}

impl Bell {
    /// Listens until this is dropped. `None`, with a line in the log, where there can be no socket.
    pub fn hang(folder: &Path, changes: Arc<Changes>) -> Option<Self> {
        let listening = at(folder, |path| {
            // What a server left that was killed.
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
        // Ends what the thread waits for.
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
            // Such as too many open files.
            Err(_) => sleep(PATIENCE_OF_SERVER),
        }
    }
}

fn answer(mut stream: UnixStream, changes: &Changes) {
    changes.change_all();
    // Whether the command waits for it is the command's own matter.
    drop(stream.set_write_timeout(Some(PATIENCE_OF_SERVER)));
    drop(stream.write_all(NOTED));
}

/// Tells the server of this folder; false where none answers.
pub fn ring(folder: &Path) -> bool {
    let rung = at(folder, |path| UnixStream::connect(path)).and_then(|mut stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut answer = [0; NOTED.len()];
        stream.read_exact(&mut answer)?;
        Ok(answer == NOTED)
    });
    rung.unwrap_or(false)
}

/// Does something with the socket's path, which the system allows 108 bytes only: through the open folder it is short.
fn at<T>(folder: &Path, work: impl FnOnce(&Path) -> std::io::Result<T>) -> std::io::Result<T> {
    let open = File::open(folder)?;
    work(Path::new(&format!("/proc/self/fd/{}/vestibule.sock", open.as_raw_fd())))
}
