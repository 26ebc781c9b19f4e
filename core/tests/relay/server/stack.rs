//! A host above a relay above a server, and the clients below, which are the test.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_sansio::{
    Body, ExchangeHead, ExchangeId, Handshake, Instant, ObligationId, RelayMessage, Relayed,
    Server, ServerConfig, ServerEvent, ServerInput, ServerOutput, ServerRelay, SessionId,
};
use serde_json::{Value, json};

use crate::message::{MODERN, request};

pub(super) struct Stack {
    pub(super) server: Server,
    pub(super) relay: ServerRelay,
    pub(super) now: Instant,
    received: BTreeMap<ExchangeId, Received>,
    /// The session id that the latest answer carried.
    pub(super) key: String,
    pub(super) messages: Vec<RelayMessage>,
    pub(super) events: Vec<ServerEvent>,
}

/// What a client has received.
#[derive(Default, Debug)]
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The whole body, or all chunks so far.
    pub(super) text: String,
    pub(super) is_over: bool,
}

impl Received {
    /// The messages in it, from a stream of events or from a JSON body.
    pub(super) fn messages(&self) -> Vec<Value> {
        self.text
            .lines()
            .map(|line| line.strip_prefix("data: ").unwrap_or(line))
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).expect("JSON text"))
            .collect()
    }

    pub(super) fn is_stream(&self) -> bool {
        self.headers
            .iter()
            .any(|(name, value)| name == "content-type" && value == "text/event-stream")
    }
}

impl Stack {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut config = ServerConfig::new(Handshake::Host);
        change(&mut config);
        Self {
            server: Server::new(config, [0; 32]).expect("a good configuration"),
            relay: ServerRelay::default(),
            now: Instant::from_micros(0),
            received: BTreeMap::new(),
            key: String::new(),
            messages: Vec::new(),
            events: Vec::new(),
        }
    }

    /// A stack in whose one session the host has spoken its own handshake.
    pub(super) fn connected() -> (Self, SessionId) {
        let mut stack = Self::new();
        let session = stack.initialize();
        (stack, session)
    }

    pub(super) fn initialize(&mut self) -> SessionId {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}}});
        self.post(request(json!("init"), "initialize", params));
        let (message, value) = self.message();
        assert_eq!(value["method"], "initialize");
        let session = message.session.expect("a provisional session");
        let result = json!({"protocolVersion": "2025-11-25", "capabilities": {}});
        self.answer(&message, json!({"result": result}));
        assert!(!self.key.is_empty(), "the answer carries the session id");
        self.events.clear();
        session
    }

    /// A client posts a legacy message, in the session if there is one.
    pub(super) fn post(&mut self, message: Value) -> ExchangeId {
        let key = self.key.clone();
        let headers = [("mcp-session-id", &*key)];
        let headers = if key.is_empty() { &[] } else { &headers[..] };
        self.post_text(headers, &message.to_string())
    }

    /// A client posts a modern message, whose headers say what its body says.
    pub(super) fn post_modern(&mut self, message: Value) -> ExchangeId {
        self.post_modern_with(message, &[])
    }

    pub(super) fn post_modern_with(
        &mut self,
        message: Value,
        more: &[(&'static str, &str)],
    ) -> ExchangeId {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let method = text(&message["method"]);
        let params = &message["params"];
        let name = match &*method {
            "tools/call" | "prompts/get" => Some(text(&params["name"])),
            "resources/read" => Some(text(&params["uri"])),
            _ => None,
        };
        let mut headers = vec![("mcp-protocol-version", MODERN), ("mcp-method", &*method)];
        headers.extend(name.as_deref().map(|name| ("mcp-name", name)));
        headers.extend(more);
        self.post_text(&headers, &message.to_string())
    }

    pub(super) fn post_text(&mut self, more: &[(&str, &str)], body: &str) -> ExchangeId {
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("host", b"localhost"),
            ("content-type", b"application/json"),
            ("accept", b"application/json, text/event-stream"),
        ];
        headers.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        let head = ExchangeHead {
            method: "POST",
            headers: &headers,
            principal: None,
        };
        let exchange = self.server.accept(self.now, head);
        let data = body.as_bytes();
        self.feed(ServerInput::Chunk { exchange, data });
        self.feed(ServerInput::End { exchange });
        exchange
    }

    pub(super) fn feed(&mut self, input: ServerInput<'_>) {
        self.server.handle_input(self.now, input);
        self.drain();
    }

    /// Lets time pass, and everything happen that waits for it.
    pub(super) fn wait(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).expect("a short time");
        let end = Instant::from_micros(self.now.as_micros() + micros);
        while let Some(at) = self.server.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.feed(ServerInput::Timeout);
        }
        self.now = end;
    }

    /// The host says something, for a client's request or for none.
    pub(super) fn send(
        &mut self,
        session: Option<SessionId>,
        message: Value,
        via: Option<ObligationId>,
    ) {
        self.send_text(session, message.to_string().as_bytes(), via);
    }

    pub(super) fn send_text(
        &mut self,
        session: Option<SessionId>,
        text: &[u8],
        via: Option<ObligationId>,
    ) -> Option<ObligationId> {
        let answered = self
            .relay
            .send(&mut self.server, self.now, session, text, via);
        self.drain();
        answered
    }

    /// The host's SDK answers a request under the id that it saw.
    pub(super) fn answer(&mut self, request: &RelayMessage, answer: Value) {
        let handle = request.obligation.expect("a request has a handle");
        let mut message = json!({"jsonrpc": "2.0", "id": handle.as_u64()});
        for (name, value) in answer.as_object().expect("an object") {
            message[name] = value.clone();
        }
        self.send(request.session, message, None);
    }

    pub(super) fn take(&mut self, request: &RelayMessage) -> bool {
        let handle = request.obligation.expect("a request has a handle");
        self.server.take(self.now, handle)
    }

    pub(super) fn drain(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Head {
                    exchange,
                    status,
                    headers,
                    body,
                } => {
                    let headers: Vec<_> = headers
                        .iter()
                        .map(|header| {
                            let value = String::from_utf8_lossy(&header.value).into_owned();
                            (header.name.to_ascii_lowercase(), value)
                        })
                        .collect();
                    if let Some((_, key)) =
                        headers.iter().find(|(name, _)| name == "mcp-session-id")
                    {
                        self.key.clone_from(key);
                    }
                    let (text, is_over) = match body {
                        Body::Whole(text) => (String::from_utf8_lossy(&text).into_owned(), true),
                        Body::Stream => (String::new(), false),
                    };
                    let received = Received {
                        status,
                        headers,
                        text,
                        is_over,
                    };
                    let before = self.received.insert(exchange, received);
                    assert!(before.is_none(), "a second head");
                }
                ServerOutput::Chunk { exchange, data } => {
                    let text = String::from_utf8_lossy(&data).into_owned();
                    let received = self.received.get_mut(&exchange).expect("a head");
                    received.text.push_str(&text);
                    self.server
                        .handle_input(self.now, ServerInput::Written { exchange });
                }
                ServerOutput::End { exchange } | ServerOutput::Abort { exchange } => {
                    self.received.get_mut(&exchange).expect("a head").is_over = true;
                }
                ServerOutput::Event(event) => match self.relay.receive(event) {
                    Relayed::Message(message) => self.messages.push(message),
                    Relayed::Event(event) => self.events.push(event),
                },
            }
        }
    }

    pub(super) fn message(&mut self) -> (RelayMessage, Value) {
        assert!(!self.messages.is_empty(), "the host got no message");
        let message = self.messages.remove(0);
        let value = serde_json::from_slice(&message.text).expect("JSON text");
        (message, value)
    }

    /// A client posts a modern request, and the host gets it.
    pub(super) fn asked(&mut self, message: Value) -> (ExchangeId, RelayMessage) {
        let method = message["method"].clone();
        let exchange = self.post_modern(message);
        let (request, value) = self.message();
        assert_eq!(value["method"], method);
        (exchange, request)
    }

    /// What an exchange has received, if its head has come.
    pub(super) fn on(&self, exchange: ExchangeId) -> Option<&Received> {
        self.received.get(&exchange)
    }

    /// The last message in what an exchange has received.
    pub(super) fn last_on(&self, exchange: ExchangeId) -> Value {
        let received = self.on(exchange).expect("a response");
        received.messages().pop().expect("a message")
    }
}
