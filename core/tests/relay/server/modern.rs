//! The modern era: requests come without a session, and go back as the host answers them.

use std::time::Duration;

use mcp_sansio::{FailureKind, ServerInput};
use serde_json::json;

use super::stack::Stack;
use crate::message::{call_of, cancelled, modern, notification, request, with_meta};

#[test]
fn a_request_comes_as_it_is_under_our_handle() {
    let params = r#"{ "name":"a","arguments":{"n":1.50},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
        "io.modelcontextprotocol/clientCapabilities":{},"progressToken":7} }"#;
    let text = format!(r#"{{"params":{params},"method":"tools/call","id":"c-1","jsonrpc":"2.0"}}"#);
    let headers = [
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "a"),
    ];
    let mut stack = Stack::new();
    // Line breaks in a body are the client's own.
    let exchange = stack.post_text(&headers, &text);
    let (message, _) = stack.message();
    let handle = message.obligation.expect("a request has a handle").as_u64();
    let expected =
        format!(r#"{{"jsonrpc":"2.0","id":{handle},"method":"tools/call","params":{params}}}"#);
    assert_eq!(message.text, expected);
    assert_eq!(message.session, None);
    assert_eq!(message.exchange, Some(exchange));
    assert_eq!((message.answers, message.via), (None, None));
    assert!(stack.events.is_empty(), "{:?}", stack.events);
}

#[test]
fn clients_may_use_the_same_ids() {
    let mut stack = Stack::new();
    let (one, first) = stack.asked(call_of(json!(1), "a"));
    let (two, second) = stack.asked(call_of(json!(1), "b"));
    assert_ne!(first.obligation, second.obligation);
    stack.answer(&second, json!({"result": {"b": true}}));
    stack.answer(&first, json!({"result": {"a": true}}));
    assert_eq!(stack.last_on(one)["result"], json!({"a": true}));
    assert_eq!(stack.last_on(two)["result"], json!({"b": true}));
}

#[test]
fn every_method_is_the_host_s() {
    for method in [
        "server/discover",
        "subscriptions/listen",
        "ping",
        "initialize",
        "logging/setLevel",
        "resources/subscribe",
        "com.example/own",
    ] {
        let (mut stack, _) = Stack::connected();
        stack.key.clear();
        let (exchange, request) = stack.asked(modern(json!("c"), method, json!({})));
        assert_eq!(request.session, None, "{method}");
        stack.answer(&request, json!({"result": {"own": method}}));
        assert_eq!(stack.last_on(exchange)["result"]["own"], method);
        assert!(stack.on(exchange).expect("a response").is_over);
        assert!(stack.key.is_empty(), "{method} makes no session");
        assert!(stack.events.is_empty(), "{:?}", stack.events);
    }
}

#[test]
fn what_the_host_says_for_a_request_goes_out_on_its_stream() {
    let mut stack = Stack::new();
    let meta = json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": "warning"});
    let (exchange, request) = stack.asked(modern(
        json!(1),
        "tools/call",
        json!({"name": "a", "_meta": meta}),
    ));
    let (other, _) = stack.asked(call_of(json!(1), "b"));
    let progress = notification(
        "notifications/progress",
        json!({"progressToken": 1, "progress": 1}),
    );
    let log =
        |level: &str| notification("notifications/message", json!({"level": level, "data": 1}));
    for message in [progress.clone(), log("info"), log("error")] {
        stack.send(None, message, request.obligation);
    }
    stack.answer(&request, json!({"result": {"ok": 1}}));
    let received = stack.on(exchange).expect("a response");
    assert!(received.is_stream() && received.is_over);
    let result = json!({"jsonrpc": "2.0", "id": 1, "result": {"ok": 1}});
    assert_eq!(received.messages(), [progress, log("error"), result]);
    assert!(stack.on(other).is_none(), "nothing is said for the other");
}

/// There is no way to ask a modern client.
#[test]
fn a_request_of_the_host_s_comes_back_at_once() {
    let mut stack = Stack::new();
    let (exchange, asked) = stack.asked(call_of(json!(1), "a"));
    stack.send(
        None,
        request(json!("h"), "sampling/createMessage", json!({})),
        asked.obligation,
    );
    let (message, value) = stack.message();
    assert_eq!(message.answers.as_deref(), Some(&br#""h""#[..]));
    assert_eq!(value["error"]["data"]["execution"], "not_sent");
    let failure = message.failure.expect("a failure beside the text");
    assert_eq!(failure.kind, FailureKind::Undeliverable);
    stack.answer(&asked, json!({"result": {}}));
    assert_eq!(stack.on(exchange).expect("a response").messages().len(), 1);
}

#[test]
fn a_client_that_goes_away_cancels_its_request() {
    for is_streaming in [true, false] {
        let mut stack = Stack::new();
        let (exchange, request) = stack.asked(call_of(json!("c"), "a"));
        let (_, other) = stack.asked(call_of(json!("c"), "b"));
        if is_streaming {
            let progress = notification(
                "notifications/progress",
                json!({"progressToken": 1, "progress": 1}),
            );
            stack.send(None, progress, request.obligation);
        }
        stack.feed(ServerInput::Gone { exchange });
        let (message, value) = stack.message();
        let handle = request.obligation.expect("a handle").as_u64();
        assert_eq!(value["method"], "notifications/cancelled");
        assert_eq!(value["params"]["requestId"], handle);
        assert_eq!(message.session, None);
        assert!(!stack.take(&request), "it is gone");
        assert!(stack.take(&other));
        stack.answer(&request, json!({"result": {}}));
        assert!(stack.messages.is_empty());
    }
}

/// Closing its exchange is how a modern client cancels.
#[test]
fn a_cancel_that_is_posted_has_no_effect() {
    let mut stack = Stack::new();
    let (_, request) = stack.asked(call_of(json!("c"), "a"));
    let mut cancel = cancelled(json!("c"));
    cancel["params"] = with_meta(cancel["params"].clone());
    let exchange = stack.post_modern(cancel);
    assert_eq!(stack.on(exchange).expect("a response").status, 202);
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    assert!(stack.take(&request));
}

#[test]
fn notifications_of_clients_belong_to_no_session() {
    let mut stack = Stack::new();
    let seen = notification("com.example/seen", with_meta(json!({"n": 1})));
    let exchange = stack.post_modern(seen.clone());
    assert_eq!(stack.on(exchange).expect("a response").status, 202);
    let (message, value) = stack.message();
    assert_eq!(value, seen);
    assert_eq!((message.session, message.exchange), (None, Some(exchange)));
}

#[test]
fn a_request_that_the_host_does_not_take_is_answered_for_it() {
    let mut stack = Stack::new();
    let (exchange, request) = stack.asked(call_of(json!("c"), "a"));
    stack.wait(Duration::from_secs(30));
    let received = stack.on(exchange).expect("a response");
    assert_eq!(received.status, 500);
    assert_eq!(stack.last_on(exchange)["error"]["code"], -32603);
    let (_, value) = stack.message();
    let handle = request.obligation.expect("a handle").as_u64();
    assert_eq!(value["params"]["requestId"], handle);
    assert!(!stack.take(&request));
}

#[test]
fn the_eras_share_a_server() {
    let (mut stack, session) = Stack::connected();
    let (modern, asked) = stack.asked(call_of(json!(1), "a"));
    let legacy = stack.post(request(json!(1), "tools/call", json!({"name": "a"})));
    let (old, _) = stack.message();
    assert_eq!((asked.session, old.session), (None, Some(session)));
    stack.answer(&old, json!({"result": {"era": "legacy"}}));
    stack.answer(&asked, json!({"result": {"era": "modern"}}));
    assert_eq!(stack.last_on(modern)["result"]["era"], "modern");
    assert_eq!(stack.last_on(legacy)["result"]["era"], "legacy");
}
