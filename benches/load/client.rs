//! A client that uses little CPU time: it keeps its connections open, and reads an answer by its length.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread::scope;
use std::time::{Duration, Instant};

/// One connection to a server.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The parts of an answer that a benchmark needs.
pub struct Answer {
    pub status: u16,
    pub head: String,
}

impl Answer {
    /// The value of the header with this name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let of = |line: &'_ str| line.split_once(": ").is_some_and(|(one, _)| one.eq_ignore_ascii_case(name));
        self.head.lines().find(|line| of(line)).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    }
}

impl Connection {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
        Self { stream, buffer: vec![0; 256 * 1024] }
    }

    /// Sends a request and reads its answer. Panics if there is no answer.
    pub fn ask(&mut self, request: &str) -> Answer {
        self.try_ask(request).expect("an answer")
    }

    /// Sends a request and reads its answer; `None` if the server closes the connection before it answers.
    pub fn try_ask(&mut self, request: &str) -> Option<Answer> {
        self.stream.write_all(request.as_bytes()).ok()?;
        let mut filled = 0;
        loop {
            let more = self.stream.read(&mut self.buffer[filled..]).ok().filter(|more| *more > 0)?;
            filled += more;
            let Some(end) = self.buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end]).expect("text");
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
            });
            if filled >= end + 4 + length.unwrap_or_default() {
                let status = head[9..12].parse().expect("a status");
                return Some(Answer { status, head: head.to_owned() });
            }
        }
    }
}

/// The result of a load.
pub struct Load {
    /// Operations per second.
    pub rate: f64,
    /// The 99th percentile of the time of an operation.
    pub p99: Duration,
}

/// Runs operations on `connections` connections for a while, one after another on each. An operation receives its
/// connection, the number of the connection, and the number of operations that this connection has done.
pub fn drive(
    address: &str,
    connections: usize,
    duration: Duration,
    operation: impl Fn(&mut Connection, usize, usize) + Sync,
) -> Load {
    let (operation, together) = (&operation, &Barrier::new(connections + 1));
    let (mut times, took) = scope(|threads| {
        let clients: Vec<_> = (0..connections)
            .map(|number| {
                threads.spawn(move || {
                    let mut connection = Connection::open(address);
                    let mut times = Vec::new();
                    together.wait();
                    let begun = Instant::now();
                    while begun.elapsed() < duration {
                        let before = Instant::now();
                        operation(&mut connection, number, times.len());
                        times.push(before.elapsed());
                    }
                    times
                })
            })
            .collect();
        together.wait();
        let begun = Instant::now();
        let times: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("the program ends")).collect();
        (times, begun.elapsed())
    });
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    #[allow(clippy::cast_precision_loss)]
    Load { rate: times.len() as f64 / took.as_secs_f64(), p99 }
}
