//! One host that speaks both eras side by side, as a gateway does: a request says by itself which it is of,
//! and neither era touches the other's.

use std::time::Duration;

use serde_json::{Value, json};

use super::stack::{JSON, SSE, Stack};
use crate::message::{acknowledged, call_of, error, listen, modern, request, result};

#[test]
fn each_request_goes_out_in_its_own_era() {
    let mut stack = Stack::connected();
    for id in [1, 3, 5] {
        stack.call(json!(id));
        let legacy = stack.received("tools/call");
        assert_eq!(legacy.header("mcp-session-id"), Some("s1"));
        assert_eq!(legacy.header("mcp-protocol-version"), Some("2025-11-25"));
        assert_eq!(legacy.header("mcp-method"), None);
        stack.send(call_of(json!(id + 1), "echo"));
        let modern = stack.received("tools/call");
        assert_eq!(modern.header("mcp-session-id"), None);
        assert_eq!(modern.header("mcp-protocol-version"), Some("2026-07-28"));
        stack.reply(
            &modern,
            json!({"resultType": "input_required", "requestState": "s"}),
        );
        stack.reply(&legacy, json!({"resultType": "input_required"}));
        assert_eq!(stack.answer(json!(id + 1))["result"]["requestState"], "s");
        stack.answer(json!(id));
    }
    assert!(stack.events.is_empty());
}

#[test]
fn a_modern_request_does_not_wait_for_a_handshake() {
    let mut stack = Stack::new();
    stack.send(request(
        json!("init"),
        "initialize",
        json!({"protocolVersion": "2025-11-25"}),
    ));
    stack.call(json!(1));
    stack.send(call_of(json!(2), "echo"));
    let modern = stack.received("tools/call");
    assert_eq!(modern.header("mcp-method"), Some("tools/call"));
    stack.reply(&modern, json!({}));
    stack.answer(json!(2));
    stack.answer_initialize("s1");
    stack.answer(json!("init"));
    let legacy = stack.received("tools/call");
    assert_eq!(legacy.header("mcp-session-id"), Some("s1"));
}

/// As a gateway gets it from a client that errs: its own session stays what it is.
#[test]
fn an_initialize_that_names_a_revision_is_a_modern_request() {
    let mut stack = Stack::connected();
    stack.send(modern(json!(1), "initialize", json!({})));
    let sent = stack.received("initialize");
    assert_eq!(sent.header("mcp-method"), Some("initialize"));
    stack.respond(sent.exchange, 404, JSON, &error(sent.id(), -32601));
    assert_eq!(stack.answer(json!(1))["error"]["code"], -32601);
    stack.call(json!(2));
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-session-id"), Some("s1"));
    assert!(stack.events.is_empty(), "{:?}", stack.events);
}

#[test]
fn a_404_to_a_modern_request_loses_no_session() {
    let mut stack = Stack::connected();
    for body in [Value::Null, error(&json!(null), -32601)] {
        stack.send(call_of(json!(1), "echo"));
        let sent = stack.received("tools/call");
        stack.respond(sent.exchange, 404, JSON, &body);
        let (message, _) = stack.message();
        assert_eq!(message.answers.as_deref(), Some(&b"1"[..]));
    }
    stack.call(json!(2));
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-session-id"), Some("s1"));
    assert!(stack.events.is_empty());
}

/// Whether the requests may run twice does not matter: nothing has happened to them.
#[test]
fn a_lost_session_is_no_concern_of_modern_requests() {
    let mut stack = Stack::connected();
    stack.send(call_of(json!("tool"), "echo"));
    stack.send(modern(json!("list"), "tools/list", json!({})));
    stack.send(listen(json!("listen")));
    let tool = stack.received("tools/call");
    let list = stack.received("tools/list");
    let subscription = stack.received("subscriptions/listen");
    stack.head(subscription.exchange, 200, SSE);
    stack.stream(subscription.exchange, &acknowledged(subscription.id()));
    stack.message();
    stack.call(json!(1));
    let sent = stack.received("tools/call");
    stack.respond(sent.exchange, 404, &[], &Value::Null);
    stack.answer_initialize("s2");
    stack.accept("notifications/initialized");
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-session-id"), Some("s2"));
    stack.reply(&sent, json!({}));
    stack.answer(json!(1));
    // The grace that the old session's requests would have had is over.
    stack.wait(Duration::from_secs(10));
    assert!(stack.opened.is_empty(), "{:?}", stack.opened);
    assert!(stack.aborted.is_empty(), "{:?}", stack.aborted);
    stack.reply(&tool, json!({}));
    stack.answer(json!("tool"));
    stack.reply(&list, json!({}));
    stack.answer(json!("list"));
    let end = result(subscription.id(), json!({"resultType": "complete"}));
    stack.stream(subscription.exchange, &end);
    stack.answer(json!("listen"));
}

#[test]
fn a_new_handshake_is_no_concern_of_modern_requests() {
    let mut stack = Stack::connected();
    stack.send(call_of(json!("tool"), "echo"));
    let tool = stack.received("tools/call");
    stack.initialize(json!("again"), "s2");
    stack.answer(json!("again"));
    stack.wait(Duration::from_secs(10));
    stack.reply(&tool, json!({}));
    stack.answer(json!("tool"));
}

#[test]
fn a_modern_error_to_a_legacy_request_is_its_answer() {
    for code in [-32020, -32021, -32022] {
        let mut stack = Stack::connected();
        stack.call(json!(1));
        let sent = stack.received("tools/call");
        stack.respond(sent.exchange, 400, JSON, &error(sent.id(), code));
        assert_eq!(stack.answer(json!(1))["error"]["code"], code);
        assert!(stack.events.is_empty(), "{:?}", stack.events);
        stack.assert_quiet();

        let mut stack = Stack::new();
        stack.send(request(
            json!("init"),
            "initialize",
            json!({"protocolVersion": "2025-11-25"}),
        ));
        let sent = stack.received("initialize");
        stack.respond(sent.exchange, 400, JSON, &error(sent.id(), code));
        assert_eq!(stack.answer(json!("init"))["error"]["code"], code);
        stack.assert_quiet();
    }
}

#[test]
fn an_answer_counts_on_a_modern_request_s_own_stream_only() {
    let mut stack = Stack::connected();
    stack.send(call_of(json!("modern"), "echo"));
    let modern = stack.received("tools/call");
    stack.call(json!("legacy"));
    let legacy = stack.received("tools/call");
    stack.head(modern.exchange, 200, SSE);
    stack.head(legacy.exchange, 200, SSE);
    stack.stream(legacy.exchange, &result(modern.id(), json!({"wrong": 1})));
    stack.stream(modern.exchange, &result(legacy.id(), json!({"wrong": 1})));
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    stack.stream(modern.exchange, &result(modern.id(), json!({"right": 1})));
    stack.stream(legacy.exchange, &result(legacy.id(), json!({"right": 1})));
    for id in ["modern", "legacy"] {
        assert_eq!(stack.answer(json!(id))["result"], json!({"right": 1}));
    }
}

/// Sessions that are lost as soon as they are made are given up, whatever goes well beside them.
#[test]
fn modern_answers_say_nothing_of_the_session() {
    let handshakes = |has_modern: bool| {
        let mut stack = Stack::connected();
        let mut handshakes = 0;
        for _ in 0..6 {
            stack.call(json!("legacy"));
            while let Some(open) = stack.opened.pop() {
                let method = open.message["method"].as_str();
                match method {
                    Some("initialize") => {
                        handshakes += 1;
                        stack.opened.push(open);
                        stack.answer_initialize("s2");
                    }
                    Some("notifications/initialized") => {
                        stack.respond(open.exchange, 202, &[], &Value::Null);
                        if has_modern {
                            stack.send(call_of(json!("modern"), "echo"));
                            let modern = stack.opened.pop().expect("the modern request");
                            stack.reply(&modern, json!({}));
                            stack.answer(json!("modern"));
                        }
                    }
                    _ => stack.respond(open.exchange, 404, &[], &Value::Null),
                }
            }
            stack.messages.clear();
        }
        handshakes
    };
    let most = handshakes(false);
    assert!(most < 6, "{most}");
    assert_eq!(handshakes(true), most);
}
