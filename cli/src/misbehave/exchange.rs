//! One HTTP request and what the server does with it. The incidents are written in these verbs.

use std::borrow::Cow;
use std::io;

use serde_json::{Value, json};

use super::http::{Connection, Request};
use crate::log::{Asked, Log, Saw, describe};

/// Where in `_meta` a result says who gives it.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// Where in `_meta` a request names its revision.
pub(crate) const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
/// Where in `_meta` a message of a listen stream names the request that opened it.
pub(crate) const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// One HTTP request, to be answered well or badly.
#[derive(Debug)]
pub(crate) struct Exchange {
    connection: Connection,
    request: Request,
    message: Value,
    number: u32,
    log: Log,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Fresh,
    Streaming,
    Ended,
    Reset,
}

impl Exchange {
    pub(super) fn new(connection: Connection, request: Request, number: u32, log: Log) -> Self {
        let message = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let exchange = Self {
            connection,
            request,
            message,
            number,
            log,
            state: State::Fresh,
        };
        exchange.saw(Saw::Asked(exchange.asked()));
        exchange
    }

    /// The connection, if it can carry another exchange.
    pub(super) fn finish(self) -> Option<Connection> {
        match self.state {
            State::Ended => Some(self.connection),
            State::Reset => {
                // The reset is the best that can be done; that it may fail is part of closing.
                let _ = self.connection.reset();
                None
            }
            State::Fresh | State::Streaming => None,
        }
    }

    // What was asked.

    pub(crate) fn http(&self) -> &str {
        &self.request.method
    }

    pub(crate) fn path(&self) -> &str {
        &self.request.path
    }

    /// The JSON-RPC message; `null` if the body is none.
    pub(crate) const fn message(&self) -> &Value {
        &self.message
    }

    /// The JSON-RPC method, or nothing.
    pub(crate) fn rpc(&self) -> &str {
        self.message["method"].as_str().unwrap_or_default()
    }

    /// The tool that is called, if this is a call of one.
    pub(crate) fn tool(&self) -> Option<&str> {
        let called = self.rpc() == "tools/call";
        self.message["params"]["name"].as_str().filter(|_| called)
    }

    pub(crate) fn id(&self) -> Value {
        self.message["id"].clone()
    }

    /// The value of a header; `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// Whether the message says by itself of which revision it is, as those of the modern era do.
    pub(crate) fn is_modern(&self) -> bool {
        self.message["params"]["_meta"][VERSION_KEY].is_string()
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.header("mcp-session-id")
    }

    /// The event after which a stream is to be resumed.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.header("last-event-id")
    }

    /// The GET of a client that listens to what the server says unasked.
    pub(crate) fn listens(&self) -> bool {
        self.http() == "GET" && self.cursor().is_none()
    }

    /// The GET of a client that wants a broken stream back.
    pub(crate) fn resumes(&self) -> bool {
        self.http() == "GET" && self.cursor().is_some()
    }

    /// The POST of a client that answers a request of the server.
    pub(crate) fn answers(&self) -> bool {
        self.http() == "POST" && self.message["method"].is_null() && self.message.is_object()
    }

    // What is answered.

    /// A whole response of this status, without a body.
    pub(crate) async fn status(&mut self, status: u16) -> io::Result<()> {
        self.whole(status, &[], "", status.to_string().into()).await
    }

    /// A whole JSON response; errors of the protocol keep their HTTP status.
    pub(crate) async fn json(&mut self, status: u16, message: &Value) -> io::Result<()> {
        let body = message.to_string();
        let told = describe(&body).unwrap_or(Cow::Borrowed("JSON"));
        let headers = [("content-type", "application/json")];
        self.whole(status, &headers, &body, format!("{status}, {told}").into())
            .await
    }

    /// A whole response; `told` is what the log says of it.
    pub(crate) async fn whole(
        &mut self,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
        told: Cow<'_, str>,
    ) -> io::Result<()> {
        let head = head(status, headers);
        let length = body.len();
        let all = format!("{head}content-length: {length}\r\n\r\n{body}");
        self.saw(Saw::Said(told.into_owned()));
        self.state = State::Ended;
        self.connection.write(all.as_bytes()).await
    }

    /// Bytes as they are, in place of a response.
    pub(crate) async fn raw(&mut self, bytes: &str, told: &str) -> io::Result<()> {
        self.saw(Saw::Said(told.to_owned()));
        self.state = State::Streaming;
        self.connection.write(bytes.as_bytes()).await
    }

    /// The head of an event stream.
    pub(crate) async fn open_stream(&mut self) -> io::Result<()> {
        let headers = [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache, no-transform"),
            ("transfer-encoding", "chunked"),
        ];
        self.saw(Saw::Said("200, event stream".into()));
        self.state = State::Streaming;
        let head = head(200, &headers) + "\r\n";
        self.connection.write(head.as_bytes()).await
    }

    /// A message on the stream, without an id.
    pub(crate) async fn message_event(&mut self, message: &Value) -> io::Result<()> {
        let data = message.to_string();
        let told = describe(&data).unwrap_or(Cow::Borrowed("an event"));
        self.saw(Saw::Said(told.into_owned()));
        self.chunk(&format!("event: message\ndata: {data}\n\n"))
            .await
    }

    /// A message on the stream, with an id.
    pub(crate) async fn event(&mut self, id: &str, message: &Value) -> io::Result<()> {
        let data = message.to_string();
        let told = describe(&data).unwrap_or(Cow::Borrowed("an event"));
        self.saw(Saw::Said(format!("{told}, as event {id}")));
        self.chunk(&format!("id: {id}\nevent: message\ndata: {data}\n\n"))
            .await
    }

    /// An event without data, which only makes the stream resumable.
    pub(crate) async fn priming(&mut self, id: &str, retry: u32) -> io::Result<()> {
        self.saw(Saw::Said(format!("empty event {id}, retry: {retry}")));
        self.chunk(&format!("id: {id}\nretry: {retry}\ndata: \n\n"))
            .await
    }

    /// A comment, as servers send to keep a connection open.
    pub(crate) async fn keep_alive(&mut self) -> io::Result<()> {
        self.saw(Saw::Said("keep-alive".into()));
        self.chunk(": keep-alive\n\n").await
    }

    /// The orderly end of the stream.
    pub(crate) async fn end(&mut self) -> io::Result<()> {
        self.saw(Saw::Ended);
        self.state = State::Ended;
        self.connection.write(b"0\r\n\r\n").await
    }

    /// The first half of a message on the stream.
    pub(crate) async fn half_event(&mut self, message: &Value) -> io::Result<()> {
        let data = message.to_string();
        let half = &data[..data.len() / 2];
        self.saw(Saw::Said("half an event".into()));
        self.chunk(&format!("event: message\ndata: {half}")).await
    }

    /// The connection is closed in the midst of the answer when the incident is over.
    pub(crate) fn break_off(&mut self) {
        self.saw(Saw::Broken);
        self.state = State::Streaming;
    }

    /// The connection is reset when the incident is over.
    pub(crate) fn reset(&mut self) {
        self.saw(Saw::Reset);
        self.state = State::Reset;
    }

    /// Nothing more is said until the client leaves.
    pub(crate) async fn hold(&mut self) -> io::Result<()> {
        self.connection.gone().await;
        self.saw(Saw::Left);
        self.state = State::Streaming;
        Ok(())
    }

    /// What `future` gives, or `None` if the client leaves before.
    pub(crate) async fn unless_left<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let left = tokio::select! {
            given = future => return Some(given),
            () = self.connection.gone() => Saw::Left,
        };
        self.saw(left);
        self.state = State::Streaming;
        None
    }

    /// For the log: why the server does what it does next.
    pub(crate) fn note(&self, text: &'static str) {
        self.saw(Saw::Note(text.into()));
    }

    // What the answers say.

    /// The result of the request of this exchange, with what the modern era wants in each.
    pub(crate) fn result(&self, result: &Value) -> Value {
        let mut result = result.clone();
        if self.is_modern() {
            result["resultType"] = "complete".into();
            result["_meta"][SERVER_INFO] = server_info();
        }
        json!({"jsonrpc": "2.0", "id": self.id(), "result": result})
    }

    /// An error for the request of this exchange.
    pub(crate) fn error(&self, code: i64, message: &str) -> Value {
        json!({"jsonrpc": "2.0", "id": self.id(), "error": {"code": code, "message": message}})
    }

    async fn chunk(&mut self, text: &str) -> io::Result<()> {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        self.connection.write(chunk.as_bytes()).await
    }

    fn saw(&self, what: Saw) {
        self.log.add(self.number, what);
    }

    fn asked(&self) -> Asked {
        Asked::of(self.http(), &self.message, self.cursor())
    }
}

/// Who the server says that it is.
pub(super) fn server_info() -> Value {
    json!({"name": "mcp-sansio misbehave", "version": env!("CARGO_PKG_VERSION")})
}

fn head(status: u16, headers: &[(&str, &str)]) -> String {
    let reason = match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
    let mut head = format!("HTTP/1.1 {status} {reason}\r\n");
    for (name, value) in headers {
        head.extend([*name, ": ", *value, "\r\n"]);
    }
    head
}
