//! One link: the host above is an SDK's client, the host below an SDK's server.

use std::time::Duration;

use mcp_sansio::{FailureKind, ObligationId, RelayMessage, SessionId};
use serde_json::{Value, json};

use super::link::{Link, value};
use crate::message::{
    MODERN, acknowledged, call_of, cancelled, list_changed, listen, modern, notification, request,
    result,
};

impl Link {
    /// The host above asks, and the host below gets it.
    fn asked(&mut self, message: Value) -> Asked {
        self.ask(message.to_string().as_bytes());
        let got = self.down.remove(0);
        let id = got.obligation.expect("a request has a handle");
        let mut sent = message;
        sent["id"] = json!(id.as_u64());
        assert_eq!(value(&got), sent, "all but its id is as it was");
        assert!(self.take(id));
        Asked {
            id,
            session: got.session,
        }
    }

    fn answer(&mut self, asked: &Asked, answer: Value) {
        let message = result(&json!(asked.id.as_u64()), answer);
        self.say(
            asked.session,
            message.to_string().as_bytes(),
            Some(asked.id),
        );
    }

    fn notify(&mut self, asked: &Asked, message: &Value) {
        self.say(
            asked.session,
            message.to_string().as_bytes(),
            Some(asked.id),
        );
    }

    fn above(&mut self) -> (RelayMessage, Value) {
        assert!(!self.up.is_empty(), "the host above got nothing");
        let message = self.up.remove(0);
        let text = value(&message);
        (message, text)
    }

    fn handshake(&mut self) {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}}, "clientInfo": {"name": "h", "version": "1"}});
        let asked = self.asked(request(json!("init"), "initialize", params));
        assert!(asked.session.is_some());
        let granted = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}});
        self.answer(&asked, granted.clone());
        let (_, text) = self.above();
        assert_eq!(text, result(&json!("init"), granted));
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.ask(initialized.to_string().as_bytes());
        assert_eq!(value(&self.down.remove(0)), initialized);
    }
}

struct Asked {
    id: ObligationId,
    session: Option<SessionId>,
}

#[test]
fn both_eras_in_turn() {
    let mut link = Link::new();
    let discover = link.asked(modern(json!(0), "server/discover", json!({})));
    assert_eq!(discover.session, None);
    let discovered =
        json!({"resultType": "complete", "supportedVersions": [MODERN], "capabilities": {}});
    link.answer(&discover, discovered.clone());
    assert_eq!(link.above().1, result(&json!(0), discovered));
    link.handshake();
    for n in 0..5 {
        let legacy = link.asked(request(json!(n), "tools/call", json!({"name": "a"})));
        let modern = link.asked(call_of(json!(n.to_string()), "a"));
        assert!(legacy.session.is_some() && modern.session.is_none());
        link.answer(&modern, json!({"era": "modern"}));
        assert_eq!(
            link.above().1,
            result(&json!(n.to_string()), json!({"era": "modern"}))
        );
        link.answer(&legacy, json!({"era": "legacy"}));
        assert_eq!(link.above().1, result(&json!(n), json!({"era": "legacy"})));
    }
    link.wait(Duration::from_secs(1));
    link.assert_idle(1);
}

#[test]
fn progress_and_answers_of_a_stream() {
    let mut link = Link::new();
    link.handshake();
    for era in [modern, request] {
        let params = json!({"name": "slow", "_meta": {"progressToken": "t"}});
        let asked = link.asked(era(json!("c"), "tools/call", params));
        let progress = notification(
            "notifications/progress",
            json!({"progressToken": "t", "progress": 1}),
        );
        link.notify(&asked, &progress);
        let (message, text) = link.above();
        assert_eq!(text, progress);
        assert_eq!(message.via.as_deref(), Some(&br#""c""#[..]));
        link.answer(&asked, json!({"done": 1}));
        assert_eq!(link.above().1, result(&json!("c"), json!({"done": 1})));
    }
    link.wait(Duration::from_secs(1));
    link.assert_idle(1);
}

#[test]
fn errors_are_the_host_s_whatever_status_they_travel_under() {
    let mut link = Link::new();
    for code in [-32601, -32020, -32021, -32022, -32602, 7] {
        let asked = link.asked(call_of(json!(1), "a"));
        let error = json!({"code": code, "message": "no", "data": [1]});
        let text = json!({"jsonrpc": "2.0", "id": asked.id.as_u64(), "error": error});
        link.say(None, text.to_string().as_bytes(), None);
        let (message, text) = link.above();
        assert_eq!(text, json!({"jsonrpc": "2.0", "id": 1, "error": error}));
        assert_eq!(message.failure, None);
    }
    link.wait(Duration::from_secs(1));
    link.assert_idle(0);
}

/// The way that each era has for it: a message, or the end of the exchange.
#[test]
fn a_cancel_arrives() {
    let mut link = Link::new();
    link.handshake();
    for era in [modern, request] {
        let asked = link.asked(era(json!("c"), "tools/call", json!({"name": "slow"})));
        link.ask(cancelled(json!("c")).to_string().as_bytes());
        let (message, _) = link.above();
        let failure = message.failure.expect("a failure beside the text");
        assert_eq!(failure.kind, FailureKind::Cancelled);
        let text = value(&link.down.remove(0));
        assert_eq!(text["method"], "notifications/cancelled");
        assert_eq!(text["params"]["requestId"], asked.id.as_u64());
        assert!(!link.take(asked.id));
        link.answer(&asked, json!({"late": 1}));
        assert!(link.up.is_empty() && link.down.is_empty());
    }
    link.wait(Duration::from_secs(10));
    link.assert_idle(1);
}

#[test]
fn a_subscription_from_its_beginning_to_its_end() {
    let mut link = Link::new();
    link.handshake();
    for id in [json!(1), json!("one")] {
        let asked = link.asked(listen(id.clone()));
        let handle = json!(asked.id.as_u64());
        assert_ne!(handle, id);
        for message in [acknowledged(&handle), list_changed(&handle)] {
            link.notify(&asked, &message);
        }
        for expected in [acknowledged(&id), list_changed(&id)] {
            let (message, text) = link.above();
            assert_eq!(text, expected);
            assert_eq!(message.via.as_deref(), Some(id.to_string().as_bytes()));
        }
        // Keep-alives are not messages, and both sides live on them.
        link.wait(Duration::from_secs(30 * 60));
        assert!(link.up.is_empty() && link.down.is_empty());
        // Calls of both eras go on beside it.
        let call = link.asked(call_of(json!("c"), "a"));
        link.answer(&call, json!({}));
        assert_eq!(link.above().1, result(&json!("c"), json!({})));
        let ends_by_host = id.is_string();
        if ends_by_host {
            link.ask(cancelled(id).to_string().as_bytes());
            let text = value(&link.down.remove(0));
            assert_eq!(text["params"]["requestId"], handle);
            let failure = link.above().0.failure.expect("a failure beside the text");
            assert_eq!(failure.kind, FailureKind::Cancelled);
        } else {
            link.answer(&asked, json!({"resultType": "complete"}));
            let (message, text) = link.above();
            assert_eq!(
                text["result"]["_meta"],
                acknowledged(&id)["params"]["_meta"]
            );
            assert_eq!(message.answers.as_deref(), Some(id.to_string().as_bytes()));
        }
    }
    link.wait(Duration::from_secs(1));
    link.assert_idle(1);
}

/// What a list says of a tool is learned on both sides, so that headers are sent and checked.
#[test]
fn headers_of_arguments_are_sent_and_checked() {
    let mut link = Link::new();
    let region = json!({"type": "string", "x-mcp-header": "Region"});
    let tool = json!({"name": "query", "inputSchema": {"type": "object", "properties": {"region": region}}});
    let list = link.asked(modern(json!(1), "tools/list", json!({})));
    link.answer(&list, json!({"tools": [tool]}));
    link.above();
    for region in [json!("eu-1"), json!("naïve \"x\""), Value::Null] {
        let params = json!({"name": "query", "arguments": {"region": region}});
        let call = link.asked(modern(json!(2), "tools/call", params));
        link.answer(&call, json!({}));
        assert_eq!(link.above().1, result(&json!(2), json!({})));
    }
}

#[test]
fn the_server_asks_in_a_session_only() {
    let mut link = Link::new();
    link.handshake();
    let ask = request(json!("h"), "sampling/createMessage", json!({}));
    let legacy = link.asked(request(json!(1), "tools/call", json!({"name": "a"})));
    link.notify(&legacy, &ask);
    let (message, text) = link.above();
    assert_eq!(text["method"], "sampling/createMessage");
    assert_eq!(message.via.as_deref(), Some(&b"1"[..]));
    let given = result(&text["id"], json!({"role": "assistant"}));
    link.ask(given.to_string().as_bytes());
    let answer = link.down.remove(0);
    assert_eq!(
        value(&answer),
        result(&json!("h"), json!({"role": "assistant"}))
    );
    link.answer(&legacy, json!({}));
    link.above();

    let modern = link.asked(call_of(json!(2), "a"));
    link.notify(&modern, &ask);
    let refused = link.down.remove(0);
    let failure = refused.failure.expect("a failure beside the text");
    assert_eq!(failure.kind, FailureKind::Undeliverable);
    link.answer(&modern, json!({}));
    assert_eq!(link.above().1, result(&json!(2), json!({})));
    link.wait(Duration::from_secs(1));
    link.assert_idle(1);
}
