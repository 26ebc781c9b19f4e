//! Just enough HTTP/1.1 to misbehave with: a server library would keep promises that the incidents must
//! break (it ends bodies, sends heads early, closes politely).

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A head longer than this is no client of ours.
const LONGEST_HEAD: usize = 64 << 10;
/// Likewise a body.
const LONGEST_BODY: usize = 4 << 20;

/// An HTTP request, read to its end.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The value of a header; `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// One TCP connection, with what was read from it too early.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// The next request, or `None` when the client has closed the connection between two.
    pub(crate) async fn request(&mut self) -> io::Result<Option<Request>> {
        let Some(head) = self.head().await? else {
            return Ok(None);
        };
        let mut request = parse_head(&head)?;
        request.body = self.body(&request).await?;
        Ok(Some(request))
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Returns when the client has closed the connection, for whatever reason.
    pub(crate) async fn gone(&mut self) {
        while matches!(self.read_more().await, Ok(1..)) {}
    }

    /// Closes with a TCP reset instead of an orderly end.
    pub(crate) fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    async fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                return Ok(Some(self.buffer.drain(..end + 4).collect()));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(malformed("the request's head is too long"));
            }
            if self.read_more().await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn body(&mut self, request: &Request) -> io::Result<Vec<u8>> {
        let chunked = request
            .header("transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        if chunked {
            return self.chunked_body().await;
        }
        match request.header("content-length").map(str::parse) {
            None => Ok(Vec::new()),
            Some(Ok(length)) => self.take(length).await,
            Some(Err(_)) => Err(malformed("content-length is no number")),
        }
    }

    async fn chunked_body(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| malformed("a chunk's size is no number"))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            if body.len().saturating_add(size) > LONGEST_BODY {
                return Err(malformed("the request's body is too long"));
            }
            body.extend(self.take(size).await?);
            self.line().await?;
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.buffer.len() > LONGEST_HEAD || self.read_more().await? == 0 {
                return Err(malformed("a line of the body has no end"));
            }
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > LONGEST_BODY {
            return Err(malformed("the request's body is too long"));
        }
        while self.buffer.len() < length {
            if self.read_more().await? == 0 {
                return Err(malformed("the request's body was cut off"));
            }
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn read_more(&mut self) -> io::Result<usize> {
        self.stream.read_buf(&mut self.buffer).await
    }
}

fn parse_head(head: &[u8]) -> io::Result<Request> {
    let head = str::from_utf8(head).map_err(|_| malformed("the request's head is not text"))?;
    let mut lines = head.lines();
    let mut start = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(path), Some("HTTP/1.1")) = (start.next(), start.next(), start.next())
    else {
        return Err(malformed("the request is not HTTP/1.1"));
    };
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: Vec::new(),
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
