//! The client's relay, over the public API: the host's words go in and out, its ids are its own, and every
//! request that it hands in comes back exactly once.
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` is handed over as it is written"
)]

use mcp_sansio::{
    CallOptions, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, ClientRelay,
    ExchangeId, FailureKind, Handshake, Instant, RelayMessage, Relayed, SessionChange,
};
use serde_json::{Value, json};

const JSON: &[(&str, &[u8])] = &[("content-type", b"application/json")];
const SSE: &[(&str, &[u8])] = &[("content-type", b"text/event-stream")];

/// A host above a relay above a client, and the server below, which is this test.
struct Stack {
    client: Client,
    relay: ClientRelay,
    now: Instant,
    /// Requests that the server has received and not answered.
    opened: Vec<(ExchangeId, Value)>,
    aborted: Vec<ExchangeId>,
    messages: Vec<RelayMessage>,
    events: Vec<ClientEvent>,
}

impl Stack {
    fn new() -> Self {
        let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Host);
        config.standalone = false;
        Self {
            client: Client::new(config, [0; 32]).expect("a good configuration"),
            relay: ClientRelay::default(),
            now: Instant::from_micros(0),
            opened: Vec::new(),
            aborted: Vec::new(),
            messages: Vec::new(),
            events: Vec::new(),
        }
    }

    /// A stack whose host has spoken its handshake, in a session `s1`.
    fn connected() -> Self {
        let mut stack = Self::new();
        stack.initialize(json!("init"), "s1");
        stack.messages.clear();
        stack.events.clear();
        stack
    }

    fn initialize(&mut self, id: Value, session: &str) {
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": "initialize",
            "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}}));
        self.answer_initialize(session);
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        self.accept("notifications/initialized");
    }

    fn answer_initialize(&mut self, session: &str) {
        let (exchange, message) = self.received("initialize");
        let headers: &[(&str, &[u8])] = &[
            ("content-type", b"application/json"),
            ("mcp-session-id", session.as_bytes()),
        ];
        let answer = json!({"jsonrpc": "2.0", "id": message["id"],
            "result": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}});
        self.respond(exchange, 200, headers, &answer);
    }

    fn send(&mut self, message: Value) {
        self.send_text(message.to_string().as_bytes());
    }

    fn send_text(&mut self, text: &[u8]) {
        self.relay
            .send(&mut self.client, self.now, text, CallOptions::default());
        self.drain();
    }

    fn call(&mut self, id: Value) {
        self.send(
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "echo"}}),
        );
    }

    fn feed(&mut self, input: ClientInput<'_>) {
        self.client.handle_input(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output(true) {
            match output {
                ClientOutput::Open { exchange, body, .. } => {
                    let message = serde_json::from_slice(&body).unwrap_or(Value::Null);
                    self.opened.push((exchange, message));
                }
                ClientOutput::Abort { exchange } => self.aborted.push(exchange),
                ClientOutput::Event(event) => match self.relay.receive(event) {
                    Relayed::Message(message) => self.messages.push(message),
                    Relayed::Event(event) => self.events.push(event),
                },
            }
        }
    }

    /// The oldest request with this method (or `null` for a response) that the server has received.
    fn received(&mut self, method: &str) -> (ExchangeId, Value) {
        let at = self
            .opened
            .iter()
            .position(|(_, message)| message["method"].as_str().unwrap_or("null") == method)
            .unwrap_or_else(|| panic!("the server has received no {method}: {:?}", self.opened));
        self.opened.remove(at)
    }

    fn accept(&mut self, method: &str) -> Value {
        let (exchange, message) = self.received(method);
        self.respond(exchange, 202, &[], &Value::Null);
        message
    }

    fn respond(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        headers: &[(&str, &[u8])],
        body: &Value,
    ) {
        self.feed(ClientInput::Head {
            exchange,
            status,
            headers,
        });
        if !body.is_null() {
            let data = body.to_string();
            self.feed(ClientInput::Chunk {
                exchange,
                data: data.as_bytes(),
            });
        }
        self.feed(ClientInput::End { exchange });
    }

    fn stream(&mut self, exchange: ExchangeId, message: &Value) {
        let data = format!("data: {message}\n\n");
        self.feed(ClientInput::Chunk {
            exchange,
            data: data.as_bytes(),
        });
    }

    fn message(&mut self) -> (RelayMessage, Value) {
        assert!(!self.messages.is_empty(), "the host got no message");
        let message = self.messages.remove(0);
        let value = serde_json::from_slice(&message.text).expect("JSON text");
        (message, value)
    }
}

#[test]
fn the_handshake_is_the_host_s_own() {
    let mut stack = Stack::new();
    stack.initialize(json!("init"), "s1");
    let (message, value) = stack.message();
    assert_eq!(message.answers.as_deref(), Some(&br#""init""#[..]));
    assert_eq!(value["id"], "init");
    assert_eq!(value["result"]["capabilities"], json!({"tools": {}}));
    assert!(matches!(
        stack.events[..],
        [ClientEvent::SessionChanged {
            epoch: 1,
            change: SessionChange::Connected
        }]
    ));
}

#[test]
fn ids_tokens_and_meta_are_the_host_s() {
    let mut stack = Stack::connected();
    stack.send(
        json!({"jsonrpc": "2.0", "id": "a-1", "method": "tools/call",
        "params": {"name": "slow", "_meta": {"progressToken": 77, "trace": "x"}}}),
    );
    let (exchange, sent) = stack.received("tools/call");
    assert_eq!(
        sent["params"]["_meta"],
        json!({"progressToken": 77, "trace": "x"})
    );
    assert_ne!(sent["id"], "a-1");
    stack.feed(ClientInput::Head {
        exchange,
        status: 200,
        headers: SSE,
    });
    let progress = json!({"progressToken": 77, "progress": 1});
    stack.stream(
        exchange,
        &json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": progress}),
    );
    let (message, value) = stack.message();
    assert_eq!(value["params"], progress);
    assert_eq!(message.via.as_deref(), Some(&br#""a-1""#[..]));
    stack.stream(
        exchange,
        &json!({"jsonrpc": "2.0", "id": sent["id"], "result": {"ok": true}}),
    );
    let (message, value) = stack.message();
    assert_eq!(
        value,
        json!({"jsonrpc": "2.0", "id": "a-1", "result": {"ok": true}})
    );
    assert_eq!(message.answers.as_deref(), Some(&br#""a-1""#[..]));
}

#[test]
fn the_server_s_requests_come_under_our_handle_and_go_back_under_their_id() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let (exchange, _) = stack.received("tools/call");
    stack.feed(ClientInput::Head {
        exchange,
        status: 200,
        headers: SSE,
    });
    stack.stream(
        exchange,
        &json!({"jsonrpc": "2.0", "id": "srv-1", "method": "sampling/createMessage", "params": {}}),
    );
    let (message, value) = stack.message();
    let handle = message.obligation.expect("a request has a handle").as_u64();
    assert_eq!(value["id"], handle);
    assert_eq!(message.via.as_deref(), Some(&b"1"[..]));
    stack.send(json!({"jsonrpc": "2.0", "id": handle, "result": {"role": "assistant"}}));
    let answer = stack.accept("null");
    assert_eq!(
        answer,
        json!({"jsonrpc": "2.0", "id": "srv-1", "result": {"role": "assistant"}})
    );
}

#[test]
fn a_cancelled_request_comes_back_once() {
    let mut stack = Stack::connected();
    stack.call(json!(5));
    let (_, sent) = stack.received("tools/call");
    stack.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5, "reason": "enough"}}));
    let (message, value) = stack.message();
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::Cancelled)
    );
    assert_eq!(value["error"]["data"]["execution"], "unknown");
    let cancelled = stack.accept("notifications/cancelled");
    assert_eq!(
        cancelled["params"],
        json!({"requestId": sent["id"], "reason": "enough"})
    );
    stack.relay.cancel(&mut stack.client, stack.now, b"5");
    stack.drain();
    assert!(stack.messages.is_empty());
}

#[test]
fn an_id_that_is_used_again_replaces_the_older_request() {
    let mut stack = Stack::connected();
    stack.call(json!(5));
    let (older, _) = stack.received("tools/call");
    stack.call(json!(5));
    assert!(
        stack.messages.is_empty(),
        "the older request yields nothing"
    );
    assert!(stack.aborted.contains(&older));
    let (exchange, sent) = stack.received("tools/call");
    stack.respond(
        exchange,
        200,
        JSON,
        &json!({"jsonrpc": "2.0", "id": sent["id"], "result": {}}),
    );
    assert_eq!(
        stack.message().1,
        json!({"jsonrpc": "2.0", "id": 5, "result": {}})
    );
    assert!(stack.messages.is_empty());
}

#[test]
fn what_is_no_message_comes_back_as_misuse() {
    for (text, id, code) in [
        (&b"{nonsense"[..], Value::Null, -32700),
        (b"\xff\xfe", Value::Null, -32700),
        (br#"{"jsonrpc":"2.0","id":9}"#, json!(9), -32600),
        (
            br#"[{"jsonrpc":"2.0","id":9,"method":"ping"}]"#,
            Value::Null,
            -32600,
        ),
    ] {
        let mut stack = Stack::connected();
        stack.send_text(text);
        let (message, value) = stack.message();
        assert_eq!(value["id"], id, "{value}");
        assert_eq!(value["error"]["code"], code, "{value}");
        assert_eq!(
            message.failure.map(|failure| failure.kind),
            Some(FailureKind::Misuse)
        );
        assert!(stack.messages.is_empty() && stack.opened.is_empty());
    }
}

#[test]
fn a_request_before_the_handshake_is_answered() {
    let mut stack = Stack::new();
    stack.call(json!(1));
    let (message, _) = stack.message();
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::Undeliverable)
    );
}

#[test]
fn a_lost_session_is_made_again_from_the_host_s_own_words() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let (exchange, _) = stack.received("tools/call");
    stack.respond(exchange, 404, &[], &Value::Null);
    assert_eq!(stack.opened[0].1["params"]["clientInfo"]["name"], "host");
    stack.answer_initialize("s2");
    stack.accept("notifications/initialized");
    let (exchange, sent) = stack.received("tools/call");
    stack.respond(
        exchange,
        200,
        JSON,
        &json!({"jsonrpc": "2.0", "id": sent["id"], "result": {}}),
    );
    assert_eq!(
        stack.message().1,
        json!({"jsonrpc": "2.0", "id": 1, "result": {}})
    );
    assert_eq!(
        stack.events.len(),
        2,
        "lost, then made again: {:?}",
        stack.events
    );
}

#[test]
fn a_new_session_on_other_terms_is_not_passed_off_as_the_old_one() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let (exchange, _) = stack.received("tools/call");
    stack.respond(exchange, 404, &[], &Value::Null);
    let (exchange, message) = stack.received("initialize");
    let answer = json!({"jsonrpc": "2.0", "id": message["id"],
        "result": {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "2"}}});
    stack.respond(exchange, 200, JSON, &answer);
    let (message, _) = stack.message();
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::SessionLost)
    );
}

#[test]
fn a_second_initialize_begins_a_new_session() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let (open, _) = stack.received("tools/call");
    stack.send(json!({"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}));
    stack.answer_initialize("s2");
    assert_eq!(stack.message().1["id"], 2);
    // The old session's call keeps its exchange for the grace, then it is settled too.
    stack.now = Instant::from_micros(5_000_000);
    stack.feed(ClientInput::Timeout);
    let (message, _) = stack.message();
    assert_eq!(message.answers.as_deref(), Some(&b"1"[..]));
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::SessionLost)
    );
    assert!(stack.aborted.contains(&open));
}
