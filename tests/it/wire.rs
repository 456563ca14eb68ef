//! A low-level HTTP client that can send partial requests, from any loopback address.

use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

/// A connection.
pub struct Wire(TcpStream);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Wire {
    /// A connection from `127.0.0.last`.
    pub fn from(last: u8, url: &str) -> Self {
        Self::try_from(last, url).expect("a connection")
    }

    /// As `from`, for a connection that the server may refuse.
    pub fn try_from(last: u8, url: &str) -> std::io::Result<Self> {
        Self::connect(last, url, None)
    }

    /// A connection whose kernel buffers almost nothing that the client does not read.
    pub fn narrow(last: u8, url: &str) -> Self {
        Self::connect(last, url, Some(4096)).expect("a connection")
    }

    fn connect(last: u8, url: &str, buffer: Option<usize>) -> std::io::Result<Self> {
        // A server started by another test must not inherit the socket, which would count towards its open files.
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        if let Some(bytes) = buffer {
            set_socket_recv_buffer_size(&socket, bytes)?;
        }
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, last), 0))?;
        let to: SocketAddr = url.trim_start_matches("http://").parse().expect("an address");
        connect(&socket, &to)?;
        let stream = TcpStream::from(socket);
        stream.set_write_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self(stream))
    }

    /// Sends text. If the server has closed the connection, reading the answer will fail.
    pub fn send(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        drop(self.0.write_all(text.as_ref()));
        self
    }

    /// The next answer; `None` if the server closes the connection without one or does not answer within this time.
    pub fn reply(&mut self, within: Duration) -> Option<Reply> {
        let until = Instant::now() + within;
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    let status = head.split(' ').nth(1)?.parse().ok()?;
                    return Some(Reply { status, head, body: body.to_owned() });
                }
            }
            let mut part = [0; 16 * 1024];
            match self.read(&mut part, until) {
                None | Some(0) => return None,
                Some(length) => bytes.extend_from_slice(&part[..length]),
            }
        }
    }

    /// The time until the server closes the connection; `None` if it is still open after `within`.
    pub fn closes(&mut self, within: Duration) -> Option<Duration> {
        let begun = Instant::now();
        loop {
            match self.read(&mut [0; 16 * 1024], begun + within) {
                None => return None,
                Some(0) => return Some(begun.elapsed()),
                Some(_) => {}
            }
        }
    }

    /// The number of bytes received until the server closes the connection or `within` has passed.
    pub fn drain(&mut self, within: Duration) -> usize {
        let (until, mut all) = (Instant::now() + within, 0);
        while let Some(length @ 1..) = self.read(&mut [0; 16 * 1024], until) {
            all += length;
        }
        all
    }

    /// The number of bytes read; 0 if the server has closed the connection, `None` if nothing arrived in time.
    fn read(&mut self, part: &mut [u8], until: Instant) -> Option<usize> {
        let left = until.saturating_duration_since(Instant::now());
        self.0.set_read_timeout(Some(left.max(Duration::from_millis(1)))).expect("a timeout");
        match self.0.read(part) {
            Ok(length) => Some(length),
            Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
            Err(_) => Some(0),
        }
    }
}

/// A request without a body.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// The headers of a request whose body has this length, and a part of the body.
pub fn post(path: &str, length: usize, part: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{part}"
    )
}
