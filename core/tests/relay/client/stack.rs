//! A host above a relay above a client, and the server below, which is the test.

use std::time::Duration;

use bytes::Bytes;
use mcp_sansio::{
    CallOptions, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, ClientRelay,
    ExchangeId, Failure, Handshake, Instant, Method, RelayMessage, Relayed, Sent, TransportFailure,
};
use serde_json::{Value, json};

use crate::message::{notification, request};

pub(super) const JSON: &[(&str, &[u8])] = &[("content-type", b"application/json")];
pub(super) const SSE: &[(&str, &[u8])] = &[("content-type", b"text/event-stream")];

pub(super) struct Stack {
    pub(super) client: Client,
    pub(super) relay: ClientRelay,
    pub(super) now: Instant,
    /// Whether the host reads its messages.
    pub(super) room: bool,
    /// Requests that the server has received and not answered.
    pub(super) opened: Vec<Opened>,
    pub(super) aborted: Vec<ExchangeId>,
    pub(super) messages: Vec<RelayMessage>,
    pub(super) events: Vec<ClientEvent>,
}

/// A request as the server received it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) exchange: ExchangeId,
    pub(super) method: Method,
    pub(super) headers: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) message: Value,
}

impl Opened {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        let value = found.next().map(|(_, value)| &**value);
        assert!(found.next().is_none(), "{name} is there twice");
        value
    }

    pub(super) fn id(&self) -> &Value {
        &self.message["id"]
    }
}

impl Stack {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut ClientConfig)) -> Self {
        let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Host);
        config.standalone = false;
        change(&mut config);
        Self {
            client: Client::new(config, [0; 32]).expect("a good configuration"),
            relay: ClientRelay::default(),
            now: Instant::from_micros(0),
            room: true,
            opened: Vec::new(),
            aborted: Vec::new(),
            messages: Vec::new(),
            events: Vec::new(),
        }
    }

    /// A stack whose host has spoken a legacy handshake, in a session `s1`.
    pub(super) fn connected() -> Self {
        Self::new().in_session()
    }

    pub(super) fn in_session(mut self) -> Self {
        self.initialize(json!("init"), "s1");
        self.messages.clear();
        self.events.clear();
        self
    }

    pub(super) fn initialize(&mut self, id: Value, session: &str) {
        self.send(request(id, "initialize", json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}})));
        self.answer_initialize(session);
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        self.accept("notifications/initialized");
    }

    pub(super) fn answer_initialize(&mut self, session: &str) {
        let initialize = self.received("initialize");
        let headers: &[(&str, &[u8])] = &[
            ("content-type", b"application/json"),
            ("mcp-session-id", session.as_bytes()),
        ];
        let answer = json!({"jsonrpc": "2.0", "id": initialize.id(),
            "result": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}});
        self.respond(initialize.exchange, 200, headers, &answer);
    }

    pub(super) fn send(&mut self, message: Value) {
        self.send_text(message.to_string().as_bytes());
    }

    /// Gives the id under which the relay says that it will be answered.
    pub(super) fn send_text(&mut self, text: &[u8]) -> Option<Bytes> {
        self.send_with(text, CallOptions::default())
    }

    pub(super) fn send_with(&mut self, text: &[u8], options: CallOptions) -> Option<Bytes> {
        let id = self.relay.send(&mut self.client, self.now, text, options);
        self.drain();
        id
    }

    /// A call of the legacy era.
    pub(super) fn call(&mut self, id: Value) {
        self.send(request(id, "tools/call", json!({"name": "echo"})));
    }

    pub(super) fn cancel(&mut self, id: &[u8]) {
        self.relay.cancel(&mut self.client, self.now, id);
        self.drain();
    }

    pub(super) fn feed(&mut self, input: ClientInput<'_>) {
        self.client.handle_input(self.now, input);
        self.drain();
    }

    /// Lets time pass, and everything happen that waits for it.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = Instant::from_micros(
            self.now.as_micros() + u64::try_from(time.as_micros()).expect("a short time"),
        );
        while let Some(at) = self.client.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.feed(ClientInput::Timeout);
        }
        self.now = end;
    }

    pub(super) fn drain(&mut self) {
        while let Some(output) = self.client.poll_output(self.room) {
            match output {
                ClientOutput::Open {
                    exchange,
                    method,
                    headers,
                    body,
                    ..
                } => self.opened.push(Opened {
                    exchange,
                    method,
                    headers: headers
                        .iter()
                        .map(|header| {
                            let value = String::from_utf8_lossy(&header.value).into_owned();
                            (header.name.to_ascii_lowercase(), value)
                        })
                        .collect(),
                    text: String::from_utf8_lossy(&body).into_owned(),
                    message: serde_json::from_slice(&body).unwrap_or(Value::Null),
                }),
                ClientOutput::Abort { exchange } => self.aborted.push(exchange),
                ClientOutput::Event(event) => match self.relay.receive(event) {
                    Relayed::Message(message) => self.messages.push(message),
                    Relayed::Event(event) => self.events.push(event),
                },
            }
        }
    }

    /// The oldest request with this method (or `null` for a response) that the server has received.
    pub(super) fn received(&mut self, method: &str) -> Opened {
        let at = self
            .opened
            .iter()
            .position(|open| open.message["method"].as_str().unwrap_or("null") == method)
            .unwrap_or_else(|| panic!("the server has received no {method}: {:?}", self.opened));
        self.opened.remove(at)
    }

    pub(super) fn accept(&mut self, method: &str) -> Value {
        let open = self.received(method);
        self.respond(open.exchange, 202, &[], &Value::Null);
        open.message
    }

    pub(super) fn respond(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        headers: &[(&str, &[u8])],
        body: &Value,
    ) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.respond_text(exchange, status, headers, &body);
    }

    pub(super) fn respond_text(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        headers: &[(&str, &[u8])],
        body: &str,
    ) {
        self.head(exchange, status, headers);
        if !body.is_empty() {
            let data = body.as_bytes();
            self.feed(ClientInput::Chunk { exchange, data });
        }
        self.end(exchange);
    }

    pub(super) fn head(&mut self, exchange: ExchangeId, status: u16, headers: &[(&str, &[u8])]) {
        self.feed(ClientInput::Head {
            exchange,
            status,
            headers,
        });
    }

    pub(super) fn end(&mut self, exchange: ExchangeId) {
        self.feed(ClientInput::End { exchange });
    }

    /// Answers a request with a result, as JSON.
    pub(super) fn reply(&mut self, open: &Opened, result: Value) {
        let answer = crate::message::result(open.id(), result);
        self.respond(open.exchange, 200, JSON, &answer);
    }

    pub(super) fn stream(&mut self, exchange: ExchangeId, message: &Value) {
        let data = format!("data: {message}\n\n");
        let data = data.as_bytes();
        self.feed(ClientInput::Chunk { exchange, data });
    }

    /// The connection breaks.
    pub(super) fn lose(&mut self, exchange: ExchangeId, sent: Sent) {
        let failure = TransportFailure {
            sent,
            detail: "connection reset".into(),
        };
        self.feed(ClientInput::Failed { exchange, failure });
    }

    pub(super) fn progress(&mut self, exchange: ExchangeId, token: Value) -> Value {
        let message = notification(
            "notifications/progress",
            json!({"progressToken": token, "progress": 1}),
        );
        self.stream(exchange, &message);
        message
    }

    pub(super) fn message(&mut self) -> (RelayMessage, Value) {
        assert!(!self.messages.is_empty(), "the host got no message");
        let message = self.messages.remove(0);
        let value = serde_json::from_slice(&message.text).expect("JSON text");
        (message, value)
    }

    /// The next message, which must answer the request with this id.
    pub(super) fn answer(&mut self, id: Value) -> Value {
        let (message, value) = self.message();
        let raw = id.to_string();
        assert_eq!(message.answers.as_deref(), Some(raw.as_bytes()), "{value}");
        assert_eq!(value["id"], id);
        assert_eq!(message.failure, None);
        value
    }

    /// The next message, which must say that the request with this id failed, in text and beside it.
    pub(super) fn failure(&mut self, id: Value) -> Failure {
        let (message, value) = self.message();
        let raw = id.to_string();
        assert_eq!(message.answers.as_deref(), Some(raw.as_bytes()), "{value}");
        assert_eq!(value["id"], id);
        let failure = message.failure.expect("a failure beside the text");
        assert_eq!(value["error"]["data"]["kind"], failure.kind.as_str());
        *failure
    }

    /// Nothing more has come to the host or to the server, and nothing comes later.
    pub(super) fn assert_quiet(&mut self) {
        self.wait(Duration::from_secs(2 * 60 * 60));
        assert!(self.messages.is_empty(), "{:?}", self.messages);
        assert!(self.opened.is_empty(), "{:?}", self.opened);
    }
}
