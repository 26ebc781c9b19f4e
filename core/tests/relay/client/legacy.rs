//! The legacy era: the host's own handshake, and what happens in its session.

use std::time::Duration;

use mcp_sansio::{ClientEvent, FailureKind, SessionChange};
use serde_json::{Value, json};

use super::stack::{JSON, SSE, Stack};
use crate::message::{request, result};

#[test]
fn the_handshake_is_the_host_s_own() {
    let mut stack = Stack::new();
    stack.initialize(json!("init"), "s1");
    let value = stack.answer(json!("init"));
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
    let params = json!({"name": "slow", "_meta": {"progressToken": 77, "trace": "x"}});
    stack.send(request(json!("a-1"), "tools/call", params));
    let sent = stack.received("tools/call");
    assert_eq!(
        sent.message["params"]["_meta"],
        json!({"progressToken": 77, "trace": "x"})
    );
    assert_ne!(*sent.id(), "a-1");
    stack.head(sent.exchange, 200, SSE);
    let progress = stack.progress(sent.exchange, json!(77));
    let (message, value) = stack.message();
    assert_eq!(value, progress);
    assert_eq!(message.via.as_deref(), Some(&br#""a-1""#[..]));
    stack.stream(sent.exchange, &result(sent.id(), json!({"ok": true})));
    let value = stack.answer(json!("a-1"));
    assert_eq!(value["result"], json!({"ok": true}));
}

#[test]
fn the_server_s_requests_come_under_our_handle_and_go_back_under_their_id() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let sent = stack.received("tools/call");
    stack.head(sent.exchange, 200, SSE);
    let ask = request(json!("srv-1"), "sampling/createMessage", json!({}));
    stack.stream(sent.exchange, &ask);
    let (message, value) = stack.message();
    let handle = message.obligation.expect("a request has a handle").as_u64();
    assert_eq!(value["id"], handle);
    assert_eq!(message.via.as_deref(), Some(&b"1"[..]));
    stack.send(result(&json!(handle), json!({"role": "assistant"})));
    let answer = stack.accept("null");
    assert_eq!(
        answer,
        result(&json!("srv-1"), json!({"role": "assistant"}))
    );
}

#[test]
fn a_cancelled_request_comes_back_once() {
    let mut stack = Stack::connected();
    stack.call(json!(5));
    let sent = stack.received("tools/call");
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
        json!({"requestId": sent.id(), "reason": "enough"})
    );
    stack.cancel(b"5");
    assert!(stack.messages.is_empty());
}

#[test]
fn an_id_that_is_used_again_replaces_the_older_request() {
    let mut stack = Stack::connected();
    stack.call(json!(5));
    let older = stack.received("tools/call");
    stack.call(json!(5));
    assert!(
        stack.messages.is_empty(),
        "the older request yields nothing"
    );
    assert!(stack.aborted.contains(&older.exchange));
    let sent = stack.received("tools/call");
    stack.reply(&sent, json!({}));
    assert_eq!(stack.answer(json!(5))["result"], json!({}));
    assert!(stack.messages.is_empty());
}

#[test]
fn a_request_before_the_handshake_is_answered() {
    let mut stack = Stack::new();
    stack.call(json!(1));
    assert_eq!(stack.failure(json!(1)).kind, FailureKind::Undeliverable);
}

#[test]
fn a_lost_session_is_made_again_from_the_host_s_own_words() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let sent = stack.received("tools/call");
    stack.respond(sent.exchange, 404, &[], &Value::Null);
    let again = &stack.opened[0].message;
    assert_eq!(again["params"]["clientInfo"]["name"], "host");
    stack.answer_initialize("s2");
    stack.accept("notifications/initialized");
    let sent = stack.received("tools/call");
    stack.reply(&sent, json!({}));
    assert_eq!(stack.answer(json!(1))["result"], json!({}));
    assert!(
        matches!(
            stack.events[..],
            [
                ClientEvent::SessionChanged {
                    change: SessionChange::Lost(_),
                    ..
                },
                ClientEvent::SessionChanged {
                    epoch: 2,
                    change: SessionChange::Reinitialized
                }
            ]
        ),
        "{:?}",
        stack.events
    );
}

#[test]
fn a_new_session_on_other_terms_is_not_passed_off_as_the_old_one() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let sent = stack.received("tools/call");
    stack.respond(sent.exchange, 404, &[], &Value::Null);
    let initialize = stack.received("initialize");
    let answer = result(
        initialize.id(),
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "2"}}),
    );
    stack.respond(initialize.exchange, 200, JSON, &answer);
    assert_eq!(stack.failure(json!(1)).kind, FailureKind::SessionLost);
}

#[test]
fn a_second_initialize_begins_a_new_session() {
    let mut stack = Stack::connected();
    stack.call(json!(1));
    let open = stack.received("tools/call");
    let params = json!({"protocolVersion": "2025-11-25"});
    stack.send(request(json!(2), "initialize", params));
    stack.answer_initialize("s2");
    stack.answer(json!(2));
    // The old session's call keeps its exchange for the grace, then it is settled too.
    stack.wait(Duration::from_secs(5));
    assert_eq!(stack.failure(json!(1)).kind, FailureKind::SessionLost);
    assert!(stack.aborted.contains(&open.exchange));
}

/// A gateway's hosts choose their tokens apart from each other.
#[test]
fn progress_belongs_to_the_request_on_whose_stream_it_comes() {
    let mut stack = Stack::connected();
    for id in ["a", "b"] {
        let params = json!({"name": "slow", "_meta": {"progressToken": 1}});
        stack.send(request(json!(id), "tools/call", params));
    }
    let first = stack.received("tools/call");
    let second = stack.received("tools/call");
    stack.head(first.exchange, 200, SSE);
    stack.head(second.exchange, 200, SSE);
    for (open, id) in [(&second, r#""b""#), (&first, r#""a""#)] {
        stack.progress(open.exchange, json!(1));
        assert_eq!(stack.message().0.via.as_deref(), Some(id.as_bytes()));
    }
}

#[test]
fn a_request_goes_out_as_it_is() {
    for params in [
        r#","params":{ "n" : 1.50,"_meta":{"own":1}}"#,
        r#","params":{}"#,
        "",
    ] {
        let mut stack = Stack::connected();
        let text = format!(r#"{{"jsonrpc":"2.0","id":"a","method":"tools/list"{params}}}"#);
        stack.send_text(text.as_bytes());
        let sent = stack.received("tools/list");
        let id = sent.id();
        let expected = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list"{params}}}"#);
        assert_eq!(sent.text, expected);
    }
}
