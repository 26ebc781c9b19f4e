//! The server's relay, over the public API: the host answers everything itself, the clients' requests reach it
//! under our handles, and every request that it hands in comes back exactly once.
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` is handed over as it is written"
)]

use std::collections::BTreeMap;

use mcp_sansio::{
    Body, EndReason, ExchangeHead, ExchangeId, FailureKind, Handshake, Instant, ObligationId,
    RelayMessage, Relayed, Server, ServerConfig, ServerEvent, ServerInput, ServerOutput,
    ServerRelay, SessionId,
};
use serde_json::{Value, json};

/// A host above a relay above a server, and a client below, which is this test.
struct Stack {
    server: Server,
    relay: ServerRelay,
    /// What the client has received: whole bodies, or all chunks so far.
    received: BTreeMap<ExchangeId, String>,
    key: String,
    messages: Vec<RelayMessage>,
    events: Vec<ServerEvent>,
}

const NOW: Instant = Instant::from_micros(0);

impl Stack {
    /// A stack in whose one session the host has spoken its own handshake.
    fn connected() -> (Self, SessionId) {
        let mut stack = Self {
            server: Server::new(ServerConfig::new(Handshake::Host), [0; 32])
                .expect("a good configuration"),
            relay: ServerRelay::default(),
            received: BTreeMap::new(),
            key: String::new(),
            messages: Vec::new(),
            events: Vec::new(),
        };
        stack.post(
            json!({"jsonrpc": "2.0", "id": "init", "method": "initialize",
            "params": {"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}}}}),
        );
        let (message, value) = stack.message();
        assert_eq!(value["method"], "initialize");
        let session = message.session.expect("a provisional session");
        stack.answer(
            &message,
            json!({"result": {"protocolVersion": "2025-11-25", "capabilities": {}}}),
        );
        assert!(!stack.key.is_empty(), "the answer carries the session id");
        stack.events.clear();
        (stack, session)
    }

    fn post(&mut self, message: Value) -> ExchangeId {
        let key = self.key.clone();
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("host", b"localhost"),
            ("content-type", b"application/json"),
        ];
        if !key.is_empty() {
            headers.push(("mcp-session-id", key.as_bytes()));
        }
        let head = ExchangeHead {
            method: "POST",
            headers: &headers,
            principal: None,
        };
        let exchange = self.server.accept(NOW, head);
        let data = message.to_string();
        let data = data.as_bytes();
        self.server
            .handle_input(NOW, ServerInput::Chunk { exchange, data });
        self.server.handle_input(NOW, ServerInput::End { exchange });
        self.drain();
        exchange
    }

    fn send(&mut self, session: SessionId, message: Value, via: Option<ObligationId>) {
        let text = message.to_string();
        self.relay
            .send(&mut self.server, NOW, Some(session), text.as_bytes(), via);
        self.drain();
    }

    /// The host's SDK answers a request under the id that it saw.
    fn answer(&mut self, request: &RelayMessage, answer: Value) {
        let handle = request.obligation.expect("a request has a handle");
        let mut message = json!({"jsonrpc": "2.0", "id": handle.as_u64()});
        for (name, value) in answer.as_object().expect("an object") {
            message[name] = value.clone();
        }
        let session = request.session.expect("a session");
        self.send(session, message, None);
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Head {
                    exchange,
                    headers,
                    body,
                    ..
                } => {
                    if let Some(key) = headers
                        .iter()
                        .find(|header| header.name == "mcp-session-id")
                    {
                        self.key = String::from_utf8_lossy(&key.value).into_owned();
                    }
                    let text = match body {
                        Body::Whole(text) => String::from_utf8_lossy(&text).into_owned(),
                        Body::Stream => String::new(),
                    };
                    self.received.insert(exchange, text);
                }
                ServerOutput::Chunk { exchange, data } => {
                    let text = String::from_utf8_lossy(&data).into_owned();
                    self.received.entry(exchange).or_default().push_str(&text);
                    self.server
                        .handle_input(NOW, ServerInput::Written { exchange });
                }
                ServerOutput::End { .. } | ServerOutput::Abort { .. } => {}
                ServerOutput::Event(event) => match self.relay.receive(event) {
                    Relayed::Message(message) => self.messages.push(message),
                    Relayed::Event(event) => self.events.push(event),
                },
            }
        }
    }

    fn message(&mut self) -> (RelayMessage, Value) {
        assert!(!self.messages.is_empty(), "the host got no message");
        let message = self.messages.remove(0);
        let value = serde_json::from_slice(&message.text).expect("JSON text");
        (message, value)
    }

    /// The last message in what an exchange has received.
    fn last_on(&self, exchange: ExchangeId) -> Value {
        let text = &self.received[&exchange];
        let line = text
            .lines()
            .rfind(|line| line.starts_with("data: {") || line.starts_with('{'));
        let json = line.map_or("null", |line| line.trim_start_matches("data: "));
        serde_json::from_str(json).expect("JSON text")
    }
}

#[test]
fn requests_come_under_our_handles_and_answers_go_back_under_the_client_s_ids() {
    let (mut stack, session) = Stack::connected();
    let one = stack
        .post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "a"}}));
    let two = stack
        .post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "b"}}));
    let (first, value) = stack.message();
    assert_eq!(value["params"], json!({"name": "a"}));
    assert_eq!((first.session, first.exchange), (Some(session), Some(one)));
    let (second, _) = stack.message();
    stack.answer(&second, json!({"result": {"b": true}}));
    stack.answer(&first, json!({"error": {"code": 7, "message": "no"}}));
    assert_eq!(
        stack.last_on(two),
        json!({"jsonrpc": "2.0", "id": 1, "result": {"b": true}})
    );
    assert_eq!(
        stack.last_on(one),
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 7, "message": "no"}})
    );
}

#[test]
fn what_the_host_says_for_a_request_goes_out_on_its_stream() {
    let (mut stack, session) = Stack::connected();
    let exchange =
        stack.post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {}}));
    let (request, _) = stack.message();
    let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}});
    stack.send(session, progress.clone(), request.obligation);
    assert_eq!(stack.last_on(exchange), progress);

    let ask =
        json!({"jsonrpc": "2.0", "id": "h-1", "method": "sampling/createMessage", "params": {}});
    stack.send(session, ask, request.obligation);
    let asked = stack.last_on(exchange);
    assert_ne!(asked["id"], "h-1", "the wire has an id of our own");
    stack.post(json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"role": "assistant"}}));
    let (message, value) = stack.message();
    assert_eq!(
        value,
        json!({"jsonrpc": "2.0", "id": "h-1", "result": {"role": "assistant"}})
    );
    assert_eq!(message.answers.as_deref(), Some(&br#""h-1""#[..]));
    assert_eq!(message.session, Some(session));
}

#[test]
fn a_client_s_cancel_reaches_the_host_under_our_handle() {
    let (mut stack, _) = Stack::connected();
    stack.post(json!({"jsonrpc": "2.0", "id": "x", "method": "tools/call", "params": {}}));
    let (request, _) = stack.message();
    let handle = request.obligation.expect("a handle");
    assert!(stack.server.take(NOW, handle));
    stack.post(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "x"}}));
    let (_, value) = stack.message();
    assert_eq!(value["method"], "notifications/cancelled");
    assert_eq!(value["params"]["requestId"], handle.as_u64());
    assert!(!stack.server.take(NOW, handle), "it is gone");
}

#[test]
fn every_request_of_the_host_comes_back_once() {
    let (mut stack, session) = Stack::connected();
    // The client has not declared roots, so there is nobody to ask.
    stack.send(
        session,
        json!({"jsonrpc": "2.0", "id": 1, "method": "roots/list"}),
        None,
    );
    let (message, value) = stack.message();
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::Undeliverable)
    );
    assert_eq!(value["error"]["data"]["execution"], "not_sent");

    let sampling = json!({"jsonrpc": "2.0", "id": 2, "method": "sampling/createMessage"});
    stack.send(session, sampling.clone(), None);
    stack.send(session, sampling, None);
    assert!(
        stack.messages.is_empty(),
        "a replaced request yields nothing"
    );
    stack
        .server
        .end_session(NOW, session, EndReason::HandlerReturned);
    stack.drain();
    let (message, _) = stack.message();
    assert_eq!(message.answers.as_deref(), Some(&b"2"[..]));
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::SessionLost)
    );
    assert!(stack.messages.is_empty());
}

#[test]
fn what_is_no_message_comes_back_as_misuse() {
    let (mut stack, session) = Stack::connected();
    stack
        .relay
        .send(&mut stack.server, NOW, Some(session), b"{nonsense", None);
    stack.drain();
    let (message, value) = stack.message();
    assert_eq!(value["error"]["code"], -32700);
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::Misuse)
    );
}

#[test]
fn a_refused_handshake_makes_no_session() {
    let mut stack = Stack::connected().0;
    stack.key.clear();
    stack.post(json!({"jsonrpc": "2.0", "id": "again", "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}));
    let (message, _) = stack.message();
    stack.answer(
        &message,
        json!({"error": {"code": -32000, "message": "not you"}}),
    );
    assert!(stack.key.is_empty(), "no session id went out");
    assert!(stack.events.iter().any(|event| matches!(
        event,
        ServerEvent::SessionEnded {
            reason: EndReason::Refused,
            ..
        }
    )));
}
