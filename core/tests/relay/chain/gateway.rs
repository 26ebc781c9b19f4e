//! A gateway: two links, and between them a host that hands on what it gets. The handles of the requests are
//! ids for the other side, so that it needs no table of its own.

use std::time::Duration;

use mcp_sansio::{FailureKind, ObligationId, RelayMessage, SessionId};
use serde_json::{Value, json};

use super::link::{Link, value};
use crate::message::{
    acknowledged, call_of, cancelled, list_changed, listen, modern, notification, request, result,
};

struct Gateway {
    /// From the client to the gateway.
    front: Link,
    /// From the gateway to the server.
    back: Link,
    /// The one session that the gateway's client has.
    session: Option<SessionId>,
}

impl Gateway {
    fn new() -> Self {
        Self {
            front: Link::new(),
            back: Link::new(),
            session: None,
        }
    }

    fn ask(&mut self, message: &Value) {
        self.front.ask(message.to_string().as_bytes());
        self.run();
    }

    fn run(&mut self) {
        while !self.front.down.is_empty() || !self.back.up.is_empty() {
            for message in std::mem::take(&mut self.front.down) {
                if let Some(id) = message.obligation {
                    assert!(self.front.take(id));
                }
                self.session = message.session.or(self.session);
                self.back.ask(&message.text);
            }
            for message in std::mem::take(&mut self.back.up) {
                self.hand_back(&message);
            }
        }
    }

    /// An id that went to the back is the handle of a request at the front.
    fn hand_back(&mut self, message: &RelayMessage) {
        let handle = |raw: &[u8]| {
            let number: u64 = serde_json::from_slice(raw).expect("a handle");
            ObligationId::from_u64(number)
        };
        let via = message.via.as_deref().or(message.answers.as_deref());
        let via = via.map(handle);
        self.front.say(self.session, &message.text, via);
    }

    /// What the server gets.
    fn got(&mut self) -> Got {
        assert!(!self.back.down.is_empty(), "the server got nothing");
        let message = self.back.down.remove(0);
        if let Some(id) = message.obligation {
            assert!(self.back.take(id));
        }
        Got {
            text: value(&message),
            id: message.obligation,
            session: message.session,
        }
    }

    fn answer(&mut self, got: &Got, answer: Value) {
        let message = result(&got.text["id"], answer);
        self.say(got, &message);
    }

    fn say(&mut self, got: &Got, message: &Value) {
        let text = message.to_string();
        self.back.say(got.session, text.as_bytes(), got.id);
        self.run();
    }

    fn above(&mut self) -> (RelayMessage, Value) {
        assert!(!self.front.up.is_empty(), "the client got nothing");
        let message = self.front.up.remove(0);
        let text = value(&message);
        (message, text)
    }

    fn handshake(&mut self) {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}}, "clientInfo": {"name": "h", "version": "1"}});
        self.ask(&request(json!("init"), "initialize", params));
        let got = self.got();
        let granted = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}});
        self.answer(&got, granted.clone());
        assert_eq!(self.above().1, result(&json!("init"), granted));
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.ask(&initialized);
        assert_eq!(self.got().text, initialized);
    }

    fn wait(&mut self, time: Duration) {
        for _ in 0..10 {
            self.front.wait(time / 10);
            self.back.wait(time / 10);
            self.run();
        }
    }
}

struct Got {
    text: Value,
    id: Option<ObligationId>,
    session: Option<SessionId>,
}

#[test]
fn both_eras_pass_in_turn() {
    let mut gateway = Gateway::new();
    gateway.handshake();
    for n in 0..3 {
        for (era, has_session) in [
            (modern as fn(Value, &str, Value) -> Value, false),
            (request, true),
        ] {
            let params = json!({"name": "slow", "_meta": {"progressToken": n}});
            let sent = era(json!("c"), "tools/call", params);
            gateway.ask(&sent);
            let got = gateway.got();
            assert_eq!(got.session.is_some(), has_session);
            assert_eq!(got.text["params"], sent["params"]);
            let progress = notification(
                "notifications/progress",
                json!({"progressToken": n, "progress": 1}),
            );
            gateway.say(&got, &progress);
            let (message, text) = gateway.above();
            assert_eq!(text, progress);
            assert_eq!(message.via.as_deref(), Some(&br#""c""#[..]));
            gateway.answer(&got, json!({"n": n}));
            assert_eq!(gateway.above().1, result(&json!("c"), json!({"n": n})));
        }
    }
    gateway.wait(Duration::from_secs(1));
    gateway.front.assert_idle(1);
    gateway.back.assert_idle(1);
}

#[test]
fn questions_of_a_server_pass_and_their_answers_pass_back() {
    let mut gateway = Gateway::new();
    gateway.handshake();
    gateway.ask(&request(json!(1), "tools/call", json!({"name": "a"})));
    let got = gateway.got();
    gateway.say(
        &got,
        &request(json!("h"), "sampling/createMessage", json!({"n": 1})),
    );
    let (message, text) = gateway.above();
    assert_eq!(message.via.as_deref(), Some(&b"1"[..]));
    assert_eq!(text["params"], json!({"n": 1}));
    gateway.ask(&result(&text["id"], json!({"role": "assistant"})));
    let answer = gateway.got().text;
    assert_eq!(answer, result(&json!("h"), json!({"role": "assistant"})));
    gateway.answer(&got, json!({}));
    assert_eq!(gateway.above().1, result(&json!(1), json!({})));
}

/// A question by result, and its answer by a fresh call: there is nothing for anybody to remember.
#[test]
fn rounds_of_questions_pass() {
    let mut gateway = Gateway::new();
    gateway.ask(&call_of(json!(1), "a"));
    let got = gateway.got();
    let asks = json!({"resultType": "input_required", "requestState": "s"});
    gateway.answer(&got, asks.clone());
    assert_eq!(gateway.above().1, result(&json!(1), asks));
    let again = modern(
        json!(2),
        "tools/call",
        json!({"name": "a", "requestState": "s"}),
    );
    gateway.ask(&again);
    let got = gateway.got();
    assert_eq!(got.text["params"], again["params"]);
    gateway.answer(&got, json!({"resultType": "complete"}));
    assert_eq!(gateway.above().1["id"], 2);
}

#[test]
fn a_cancel_reaches_the_server() {
    let mut gateway = Gateway::new();
    gateway.handshake();
    for message in [
        call_of(json!("c"), "slow"),
        request(json!("c"), "tools/call", json!({"name": "slow"})),
        listen(json!("c")),
    ] {
        gateway.ask(&message);
        let got = gateway.got();
        gateway.ask(&cancelled(json!("c")));
        let text = gateway.got().text;
        assert_eq!(text["method"], "notifications/cancelled");
        assert_eq!(text["params"]["requestId"], got.text["id"]);
        let (message, _) = gateway.above();
        let failure = message.failure.expect("a failure beside the text");
        assert_eq!(failure.kind, FailureKind::Cancelled);
        assert!(gateway.front.up.is_empty() && gateway.back.down.is_empty());
    }
    gateway.wait(Duration::from_secs(10));
    gateway.front.assert_idle(1);
    gateway.back.assert_idle(1);
}

/// Its tag is another on each link.
#[test]
fn a_subscription_passes_under_the_client_s_id() {
    let mut gateway = Gateway::new();
    for id in [json!(1), json!("one"), json!(7)] {
        gateway.ask(&listen(id.clone()));
        let got = gateway.got();
        let handle = &got.text["id"];
        for message in [acknowledged(handle), list_changed(handle)] {
            gateway.say(&got, &message);
        }
        for expected in [acknowledged(&id), list_changed(&id)] {
            let (message, text) = gateway.above();
            assert_eq!(text, expected);
            assert_eq!(message.via.as_deref(), Some(id.to_string().as_bytes()));
        }
        gateway.wait(Duration::from_secs(10 * 60));
        let end = json!({"resultType": "complete"});
        gateway.answer(&got, end);
        let (_, text) = gateway.above();
        assert_eq!(text["id"], id);
        assert_eq!(
            text["result"]["_meta"],
            acknowledged(&id)["params"]["_meta"]
        );
        assert!(gateway.front.up.is_empty());
    }
    gateway.wait(Duration::from_secs(1));
    gateway.front.assert_idle(0);
    gateway.back.assert_idle(0);
}

#[test]
fn errors_and_failures_pass() {
    let mut gateway = Gateway::new();
    for code in [-32601, -32020, -32021, -32022, 7] {
        gateway.ask(&call_of(json!(1), "a"));
        let got = gateway.got();
        let error = json!({"code": code, "message": "no", "data": {"a": 1}});
        let id = &got.text["id"];
        gateway.say(&got, &json!({"jsonrpc": "2.0", "id": id, "error": error}));
        assert_eq!(gateway.above().1["error"], error);
    }
    // Nobody takes it: the failure at the back is the answer at the front.
    gateway.ask(&call_of(json!(1), "a"));
    gateway.back.wait(Duration::from_secs(30));
    gateway.run();
    let (message, text) = gateway.above();
    assert_eq!(text["id"], 1);
    assert!(text["error"]["code"].is_i64(), "{text}");
    assert_eq!(message.failure, None);
}
