//! HTTP written and read by hand: what the servers of the program say, without a client of ours between.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Server;

/// Far above what any machine needs for an answer that comes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nothing may come of what is silent.
const SILENCE: Duration = Duration::from_millis(200);

/// One HTTP request on a connection of its own, and what has come of it so far.
pub(crate) struct Wire {
    stream: TcpStream,
    got: Vec<u8>,
    /// What was read as events.
    seen: usize,
}

impl Wire {
    /// A request of the modern era with all that it must have; its id is 1.
    pub(crate) fn modern(server: &Server, method: &str, params: Value) -> Self {
        let message = Self::message(method, params);
        let name = message["params"]["name"].as_str().map(str::to_owned);
        let mut headers = vec![
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", method),
        ];
        headers.extend(name.as_deref().map(|name| ("mcp-name", name)));
        Self::post(server, &headers, &message)
    }

    /// The body of such a request.
    pub(crate) fn message(method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    }

    pub(crate) fn post(server: &Server, headers: &[(&str, &str)], message: &Value) -> Self {
        Self::request(server, "POST", headers, &message.to_string())
    }

    pub(crate) fn request(
        server: &Server,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
        let address = server.url.trim_start_matches("http://");
        let address = address.trim_end_matches("/mcp");
        let mut head = format!(
            "{method} /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .expect("a request can be written");
        Self {
            stream,
            got: Vec::new(),
            seen: 0,
        }
    }

    /// The status of a whole response, and its body; null if that is no JSON.
    pub(crate) fn whole(&mut self) -> (u16, Value) {
        let head = self.until("\r\n\r\n");
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = self
            .header("content-length")
            .and_then(|length| length.parse().ok());
        let (status, length): (u16, usize) = status.zip(length).expect("a status and a length");
        let start = head.find("\r\n\r\n").unwrap_or_default() + 4;
        while self.got.len() < start + length {
            assert!(self.read(PATIENCE), "the body is cut off");
        }
        let body = serde_json::from_slice(&self.got[start..start + length]);
        (status, body.unwrap_or_default())
    }

    /// A header of the response; `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.text().lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            (known == name).then(|| value.to_owned())
        })
    }

    /// The message of the next event.
    pub(crate) fn event(&mut self) -> Value {
        loop {
            let text = self.text();
            if let Some(begin) = text[self.seen..]
                .find("data: ")
                .map(|at| self.seen + at + 6)
                && let Some(end) = text[begin..].find("\n\n").map(|at| begin + at)
            {
                self.seen = end;
                return serde_json::from_str(&text[begin..end]).expect("the data is JSON");
            }
            assert!(self.read(PATIENCE), "no event in {text}");
        }
    }

    /// All that has come, once this is in it.
    pub(crate) fn until(&mut self, wanted: &str) -> String {
        loop {
            let text = self.text();
            if text.contains(wanted) {
                return text;
            }
            assert!(self.read(PATIENCE), "no {wanted:?} in {text}");
        }
    }

    /// All that comes until the server closes the connection.
    pub(crate) fn rest(&mut self) -> String {
        while self.read(PATIENCE) {}
        self.text()
    }

    /// Whether nothing more comes, and the connection stays.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.stream
            .set_read_timeout(Some(SILENCE))
            .expect("it is not zero");
        let read = self.stream.read(&mut [0]);
        read.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    /// Reads what comes next; `false` at the end.
    fn read(&mut self, patience: Duration) -> bool {
        self.stream
            .set_read_timeout(Some(patience))
            .expect("it is not zero");
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer).expect("something comes");
        self.got.extend_from_slice(&buffer[..read]);
        read > 0
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.got).into_owned()
    }
}
