//! Texts of the host's that are no messages, or say what cannot be sent.

use mcp_sansio::{ClientEvent, FailureKind, NoticeKind};
use serde_json::{Value, json};

use super::stack::{SSE, Stack};
use crate::message::{MODERN, VERSION, call_of, request, result};

#[test]
fn what_is_no_message_comes_back_as_misuse() {
    for (text, id, code) in [
        (&b"{nonsense"[..], Value::Null, -32700),
        (b"", Value::Null, -32700),
        (b"\xff\xfe", Value::Null, -32700),
        (br#"{"jsonrpc":"2.0","id":9}"#, json!(9), -32600),
        (
            br#"{"jsonrpc":"2.0","id":"a","method":7}"#,
            json!("a"),
            -32600,
        ),
        (br#"{"id":9,"method":"ping"}"#, json!(9), -32600),
        (
            br#"[{"jsonrpc":"2.0","id":9,"method":"ping"}]"#,
            Value::Null,
            -32600,
        ),
    ] {
        for mut stack in [Stack::new(), Stack::connected()] {
            let sent = stack.send_text(text);
            let (message, value) = stack.message();
            assert_eq!(message.answers, sent);
            assert_eq!(value["id"], id, "{value}");
            assert_eq!(value["error"]["code"], code, "{value}");
            let failure = message.failure.expect("a failure beside the text");
            assert_eq!(failure.kind, FailureKind::Misuse);
            stack.assert_quiet();
        }
    }
}

#[test]
fn the_host_is_told_under_which_id_it_will_be_answered() {
    let mut stack = Stack::connected();
    for (text, id) in [
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, Some("1")),
        (
            r#"{"jsonrpc":"2.0","method":"ping", "id" : "\u0061" }"#,
            Some(r#""\u0061""#),
        ),
        (r#"{"jsonrpc":"2.0","method":"notifications/x"}"#, None),
        (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, None),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#,
            None,
        ),
        // It was to answer a request.
        (r#"{"jsonrpc":"1.0","id":1,"result":{}}"#, None),
    ] {
        let sent = stack.send_text(text.as_bytes());
        assert_eq!(sent.as_deref(), id.map(str::as_bytes), "{text}");
    }
}

#[test]
fn a_modern_request_that_cannot_be_sent_comes_back_as_misuse() {
    let version = |name: &str| json!({"_meta": {VERSION: name}});
    for (method, params) in [
        ("tools/call", json!([1])),
        ("tools/call", json!({"_meta": [VERSION]})),
        ("tools/list", version("2026-07-28\r\nx-own: 1")),
        ("tools/list\r\nx-own: 1", version(MODERN)),
        ("tools/list", version(&"9".repeat(5000))),
        ("subscriptions/listen", version(MODERN)),
        (
            "subscriptions/listen",
            json!({"notifications": {"toolsListChanged": 1}, "_meta": {VERSION: MODERN}}),
        ),
        ("subscriptions/listen", json!({"notifications": {}})),
        (
            "subscriptions/listen",
            json!({"notifications": {}, "_meta": {VERSION: "2026-07-28\r\nx-own: 1"}}),
        ),
    ] {
        let mut stack = Stack::new();
        stack.send(request(json!(1), method, params.clone()));
        assert_eq!(stack.messages.len(), 1, "{method} {params}");
        let failure = stack.failure(json!(1));
        assert_eq!(failure.kind, FailureKind::Misuse, "{method} {params}");
        stack.assert_quiet();
    }
}

#[test]
fn a_notification_that_cannot_be_sent_is_a_notice() {
    for (method, version) in [
        ("com.example/seen", "2026-07-28\r\nx-own: 1"),
        ("com.example/seen\r\nx-own: 1", MODERN),
    ] {
        let mut stack = Stack::new();
        stack.send(
            json!({"jsonrpc": "2.0", "method": method, "params": {"_meta": {VERSION: version}}}),
        );
        assert!(
            matches!(&stack.events[..], [ClientEvent::Notice(_)]),
            "{:?}",
            stack.events
        );
        stack.assert_quiet();
    }
}

/// It shares its id with the host's own request 1, which is another thing.
#[test]
fn a_broken_response_answers_the_server_with_an_error() {
    for broken in [
        r#""result":{},"error":{"code":1,"message":""}"#,
        r#""error":1,"result":2"#,
    ] {
        let mut stack = Stack::connected();
        stack.call(json!(1));
        let sent = stack.received("tools/call");
        stack.head(sent.exchange, 200, SSE);
        let ask = request(json!("srv-1"), "roots/list", json!({}));
        stack.stream(sent.exchange, &ask);
        let (message, _) = stack.message();
        let handle = message.obligation.expect("a request has a handle").as_u64();
        stack.call(json!(handle));
        let own = stack.received("tools/call");
        stack.send_text(format!(r#"{{"jsonrpc":"2.0","id":{handle},{broken}}}"#).as_bytes());
        let answer = stack.accept("null");
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&json!("srv-1"), &json!(-32603))
        );
        assert!(matches!(
            &stack.events[..],
            [ClientEvent::Notice(notice)] if notice.kind == NoticeKind::Ignored
        ));
        assert!(stack.aborted.is_empty() && stack.messages.is_empty());
        stack.reply(&own, json!({}));
        stack.answer(json!(handle));
    }
}

#[test]
fn responses_that_nobody_waits_for_and_cancels_of_nothing_are_dropped() {
    let mut stack = Stack::connected();
    stack.send(call_of(json!(1), "echo"));
    let sent = stack.received("tools/call");
    for text in [
        result(&json!(999), json!({})),
        result(&json!("x"), json!({})),
        json!({"jsonrpc": "2.0", "id": null, "error": {"code": 1, "message": ""}}),
        crate::message::cancelled(json!(2)),
        crate::message::cancelled(json!("1")),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled"}),
    ] {
        stack.send(text);
    }
    assert!(stack.opened.is_empty() && stack.aborted.is_empty());
    stack.reply(&sent, json!({}));
    stack.answer(json!(1));
    stack.assert_quiet();
}
