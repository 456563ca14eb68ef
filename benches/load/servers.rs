//! The measured servers, each a separate process: Vestibule, and an actix handler that returns an empty answer.

use actix_web::{HttpResponse, HttpServer, web};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

/// A running server, which is stopped when this value is dropped.
pub struct Server {
    process: Child,
    /// The address as `127.0.0.1:port`.
    pub address: String,
    /// The time from the start of the process to its first answer.
    pub started_in: Duration,
}

/// The argument with which this program serves the empty handler.
pub const EMPTY: &str = "--serve-nothing";

/// Serves the empty handler at the address in the argument.
pub fn serve_nothing(address: &str) {
    let workers = available_parallelism().map_or(2, usize::from);
    let server =
        HttpServer::new(|| actix_web::App::new().default_service(web::to(|| async { HttpResponse::Ok().finish() })));
    let running = server.workers(workers).disable_signals().bind(address).expect("a port").run();
    actix_web::rt::System::new().block_on(running).expect("serves");
}

pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").to_string()
}

/// Runs a command of Vestibule on the data of a running server.
pub fn run(folder: &Path, arguments: &[&str]) {
    let program = Command::new(env!("CARGO_BIN_EXE_vestibule")).args(arguments).arg("--data").arg(folder).output();
    let ended = program.expect("runs");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

impl Server {
    /// Starts the empty handler.
    pub fn nothing() -> Self {
        let address = free_address();
        let program = std::env::current_exe().expect("this program");
        Self::start(Command::new(program).args([EMPTY, &address]), address)
    }

    /// Starts Vestibule with this data folder at this address.
    pub fn vestibule(folder: &Path, address: &str, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.arg("serve").arg("--data").arg(folder).args(["--listen", address]).args(flags).env("RUST_LOG", "error");
        Self::start(&mut command, address.to_owned())
    }

    fn start(command: &mut Command, address: String) -> Self {
        let begun = Instant::now();
        let process = command.stdout(Stdio::null()).stdin(Stdio::null()).spawn().expect("starts");
        let mut server = Self { process, address, started_in: Duration::ZERO };
        while begun.elapsed() < Duration::from_secs(60) {
            if server.is_ready() {
                server.started_in = begun.elapsed();
                return server;
            }
            sleep(Duration::from_micros(500));
        }
        panic!("the server does not answer");
    }

    fn is_ready(&self) -> bool {
        use std::io::{Read, Write};
        let Ok(mut stream) = std::net::TcpStream::connect(&self.address) else { return false };
        let mut first = [0; 12];
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").is_ok()
            && stream.read_exact(&mut first).is_ok()
            && first.ends_with(b"200")
    }

    /// The CPU time that the server has used.
    pub fn cpu(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("the server's threads");
        let of_thread = |path: std::path::PathBuf| -> u64 {
            // A thread that has just ended has no such file.
            let text = std::fs::read_to_string(path.join("schedstat")).unwrap_or_default();
            text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default()
        };
        Duration::from_nanos(threads.flatten().map(|thread| of_thread(thread.path())).sum())
    }

    /// The memory of the server, including its share of shared pages, in KiB.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/smaps_rollup", self.process.id());
        let text = std::fs::read_to_string(path).expect("the server's memory");
        let pss = text.lines().find_map(|line| line.strip_prefix("Pss:")).expect("a line");
        pss.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
