//! A raw HTTP client, which shows every byte.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

use crate::support::soon;

const MODERN: &str = "2026-07-28";

pub(crate) fn initialize() -> Value {
    let info = json!({"name": "raw", "version": "1"});
    request(
        "initialize",
        &json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}}, "clientInfo": info}),
        0,
    )
}

pub(crate) fn request(method: &str, params: &Value, id: u64) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

pub(crate) fn call(name: &str, id: u64) -> Value {
    let params = json!({"name": name, "arguments": {}, "_meta": {"progressToken": "t-1"}});
    request("tools/call", &params, id)
}

/// A request of 2026-07-28.
pub(crate) fn modern(method: &str, mut params: Value, id: u64) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    request(method, &params, id)
}

/// An HTTP request, written by hand.
pub(crate) struct Raw<'a> {
    method: &'a str,
    headers: Vec<(&'a str, String)>,
    body: String,
}

impl<'a> Raw<'a> {
    pub(crate) fn post(body: &Value) -> Self {
        Self::new("POST", body.to_string())
            .with("content-type", "application/json")
            .with("accept", "application/json, text/event-stream")
    }

    /// With the headers of 2026-07-28.
    pub(crate) fn modern(body: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        Self::post(body)
            .with("mcp-protocol-version", MODERN)
            .with("mcp-method", &text(&body["method"]))
            .with("mcp-name", &text(&body["params"]["name"]))
    }

    pub(crate) fn get(session: &str) -> Self {
        Self::new("GET", String::new())
            .with("accept", "text/event-stream")
            .session(session)
    }

    pub(crate) fn new(method: &'a str, body: String) -> Self {
        Self {
            method,
            headers: vec![("host", "localhost".into())],
            body,
        }
    }

    /// Sets a header; an empty value takes it away.
    pub(crate) fn with(mut self, name: &'a str, value: &str) -> Self {
        self.headers.retain(|(set, _)| *set != name);
        if !value.is_empty() {
            self.headers.push((name, value.to_string()));
        }
        self
    }

    pub(crate) fn session(self, session: &str) -> Self {
        self.with("mcp-session-id", session)
            .with("mcp-protocol-version", "2025-11-25")
    }

    pub(crate) fn text(&self) -> String {
        let length = ("content-length", self.body.len().to_string());
        let is_set = self.headers.iter().any(|(name, _)| *name == length.0);
        let headers = self.headers.iter().chain((!is_set).then_some(&length));
        let headers: String = headers
            .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
            .collect();
        format!(
            "{} /mcp HTTP/1.1\r\n{headers}\r\n{}",
            self.method, self.body
        )
    }
}

/// A response, as it came over the wire.
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    stream: BufReader<TcpStream>,
    /// Of a stream: what was read and not looked at.
    rest: String,
}

impl Response {
    pub(crate) async fn read(mut stream: BufReader<TcpStream>) -> Self {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_string()),
            }
        }
        let status = lines.first().and_then(|line| line.split(' ').nth(1));
        let status = status.expect("a status line").parse().unwrap();
        let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
        Self {
            status,
            headers: headers
                .map(|(n, v)| (n.to_string(), v.to_string()))
                .collect(),
            stream,
            rest: String::new(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(set, _)| set == name);
        header.map(|(_, value)| value.as_str())
    }

    /// The body of a response that is no stream, as JSON.
    pub(crate) async fn json(mut self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        let length = self.header("content-length").expect("a content-length");
        let mut body = vec![0; length.parse().unwrap()];
        soon(self.stream.read_exact(&mut body)).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The next message of a stream; `None` at its end. Comments and events without data are passed over.
    pub(crate) async fn message(&mut self) -> Option<Value> {
        soon(async {
            loop {
                if let Some((event, rest)) = self.rest.split_once("\n\n") {
                    let data = event.lines().find_map(|line| line.strip_prefix("data:"));
                    let message = data.map(str::trim).filter(|data| !data.is_empty());
                    let message = message.map(|data| serde_json::from_str(data).unwrap());
                    self.rest = rest.to_string();
                    match message {
                        Some(message) => return Some(message),
                        None => continue,
                    }
                }
                let chunk = self.chunk().await.expect("an end, if it ends");
                if chunk.is_empty() {
                    return None;
                }
                self.rest += &chunk;
            }
        })
        .await
    }

    /// The next chunk of a chunked body, empty at its end; an error if the connection ends without one.
    pub(crate) async fn chunk(&mut self) -> std::io::Result<String> {
        let mut size = String::new();
        self.stream.read_line(&mut size).await?;
        let size = usize::from_str_radix(size.trim_end(), 16)
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?;
        let mut chunk = vec![0; size + 2];
        self.stream.read_exact(&mut chunk).await?;
        chunk.truncate(size);
        Ok(String::from_utf8(chunk).unwrap())
    }
}
