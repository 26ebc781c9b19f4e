//! The modern era: a request whose `_meta` names a revision goes out at once and as it is, and its answer
//! comes back as it is.

use mcp_sansio::{ClientEvent, Method, NoticeKind};
use serde_json::{Value, json};

use super::stack::{JSON, SSE, Stack};
use crate::message::{MODERN, call_of, modern, notification, result, with_meta};

#[test]
fn a_request_goes_out_at_once_and_as_it_is() {
    let params = r#"{ "arguments" : {"b":1.50, "a":"\u0041"},"name":"echo",
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","progressToken":"t-1","own" : null}}"#;
    let text =
        format!(r#"{{"id" : "r-1","params":{params},"method":"tools/call","jsonrpc":"2.0"}}"#);
    for mut stack in [Stack::new(), Stack::connected()] {
        stack.send_text(text.as_bytes());
        let sent = stack.received("tools/call");
        assert_eq!(sent.method, Method::Post);
        let id = sent.id();
        assert_eq!(
            sent.text,
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#)
        );
        let mut headers = sent.headers.clone();
        headers.sort();
        let expected = [
            ("accept", "application/json, text/event-stream"),
            ("content-type", "application/json"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "echo"),
            ("mcp-protocol-version", MODERN),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(headers, expected);
        assert!(stack.opened.is_empty(), "and nothing else: no handshake");
        stack.reply(&sent, json!({"resultType": "complete", "content": []}));
        stack.answer(json!("r-1"));
        assert_eq!(stack.client.known().is_some(), sent.id() != 1);
    }
}

/// The host drives the question for the server's era, and gets what the server says to it.
#[test]
fn discovery_is_an_ordinary_call() {
    let mut stack = Stack::new();
    stack.send(modern(json!(0), "server/discover", json!({})));
    let sent = stack.received("server/discover");
    let discovered =
        json!({"resultType": "complete", "supportedVersions": [MODERN], "capabilities": {}});
    stack.reply(&sent, discovered.clone());
    assert_eq!(stack.answer(json!(0))["result"], discovered);
    assert!(stack.events.is_empty(), "it makes no session");
    for (status, body) in [(404, ""), (405, ""), (400, "Bad Request: no session")] {
        stack.send(modern(json!(1), "server/discover", json!({})));
        let sent = stack.received("server/discover");
        stack.respond_text(sent.exchange, status, &[], body);
        let failure = stack.failure(json!(1));
        let refusal = failure.refusal.expect("what the server said");
        assert_eq!((refusal.status, &*refusal.body), (status, body.as_bytes()));
        stack.assert_quiet();
    }
}

#[test]
fn results_come_back_byte_for_byte() {
    for text in [
        r#"{"resultType":"complete","content":[ ],"n":1.50}"#,
        r#"{ "content" : [] }"#,
        r#"{"resultType":"input_required","inputRequests":{"k":{"method":"roots/list","params":{}}},"requestState":"s"}"#,
        r#"{"resultType":"com.example/later","x":"\u00e9"}"#,
        r#"{"resultType":7}"#,
        r#"{"tools":[{"name":"bad","inputSchema":{"x-mcp-header":"A"}}],"ttlMs":0}"#,
    ] {
        for method in ["tools/call", "tools/list", "com.example/own"] {
            let mut stack = Stack::new();
            stack.send(modern(json!(7), method, json!({"name": "n"})));
            let sent = stack.received(method);
            let body = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{text}}}"#, sent.id());
            stack.respond_text(sent.exchange, 200, JSON, &body);
            let (message, _) = stack.message();
            let expected = format!(r#"{{"jsonrpc":"2.0","id":7,"result":{text}}}"#);
            assert_eq!(message.text, expected);
            assert!(stack.events.is_empty(), "{:?}", stack.events);
            stack.assert_quiet();
        }
    }
}

#[test]
fn errors_of_the_server_come_back_as_they_are() {
    let error = json!({"code": 0, "message": "no", "data": {"supported": ["2026-07-28"], "requested": "x"}});
    for (status, code) in [
        (400, -32020),
        (400, -32021),
        (400, -32022),
        (400, -32602),
        (404, -32601),
        (200, -32603),
        (200, -32020),
        (503, -32000),
    ] {
        for has_id in [true, false] {
            let mut stack = Stack::new();
            stack.send(call_of(json!(7), "echo"));
            let sent = stack.received("tools/call");
            let id = if has_id { sent.id() } else { &Value::Null };
            let mut error = error.clone();
            error["code"] = json!(code);
            let body = json!({"jsonrpc": "2.0", "id": id, "error": error});
            stack.respond(sent.exchange, status, JSON, &body);
            assert_eq!(stack.answer(json!(7))["error"], error, "{status} {has_id}");
            stack.assert_quiet();
        }
    }
}

#[test]
fn ids_are_kept_as_they_are_written() {
    for raw in [
        "1",
        "-7",
        "0",
        "1.50",
        "1e400",
        "12345678901234567890",
        r#""""#,
        r#""1""#,
        r#""a\u0062\"\\""#,
        r#""é""#,
    ] {
        let mut stack = Stack::new();
        let params = with_meta(json!({}));
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":{raw},"method":"tools/list","params":{params}}}"#);
        stack.send_text(text.as_bytes());
        let sent = stack.received("tools/list");
        assert!(sent.id().is_u64(), "on the wire it is ours");
        stack.reply(&sent, json!({}));
        let message = stack.messages.remove(0);
        assert_eq!(message.answers.as_deref(), Some(raw.as_bytes()));
        let expected = format!(r#"{{"jsonrpc":"2.0","id":{raw},"result":{{}}}}"#);
        assert_eq!(message.text, expected);
    }
}

#[test]
fn ids_of_other_types_are_other_ids() {
    let mut stack = Stack::new();
    stack.send(call_of(json!(1), "number"));
    stack.send(call_of(json!("1"), "string"));
    let number = stack.received("tools/call");
    let string = stack.received("tools/call");
    stack.reply(&string, json!({"is": "string"}));
    assert_eq!(stack.answer(json!("1"))["result"]["is"], "string");
    stack.reply(&number, json!({"is": "number"}));
    assert_eq!(stack.answer(json!(1))["result"]["is"], "number");
}

#[test]
fn a_stream_brings_progress_and_messages_and_the_answer() {
    let mut stack = Stack::new();
    let params = json!({"name": "slow", "_meta": {"progressToken": "t"}});
    stack.send(modern(json!(1), "tools/call", params));
    let sent = stack.received("tools/call");
    stack.head(sent.exchange, 200, SSE);
    let progress = stack.progress(sent.exchange, json!("t"));
    let log = notification("notifications/message", json!({"level": "info", "data": 1}));
    stack.stream(sent.exchange, &log);
    for expected in [progress, log] {
        let (message, value) = stack.message();
        assert_eq!(value, expected);
        assert_eq!(message.via.as_deref(), Some(&b"1"[..]));
        assert_eq!(message.answers, None);
    }
    stack.stream(sent.exchange, &result(sent.id(), json!({"ok": 1})));
    assert_eq!(stack.answer(json!(1))["result"], json!({"ok": 1}));
    stack.assert_quiet();
}

/// A gateway's hosts choose their tokens apart from each other.
#[test]
fn progress_belongs_to_the_request_on_whose_stream_it_comes() {
    let mut stack = Stack::new();
    let params = json!({"name": "slow", "_meta": {"progressToken": 1}});
    stack.send(modern(json!("a"), "tools/call", params.clone()));
    stack.send(modern(json!("b"), "tools/call", params));
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
fn a_server_has_no_requests_on_a_modern_stream() {
    let mut stack = Stack::new();
    stack.send(call_of(json!(1), "echo"));
    let sent = stack.received("tools/call");
    stack.head(sent.exchange, 200, SSE);
    for method in ["ping", "sampling/createMessage"] {
        let ask = crate::message::request(json!(1), method, json!({}));
        stack.stream(sent.exchange, &ask);
    }
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    assert!(stack.opened.is_empty(), "{:?}", stack.opened);
    assert!(matches!(
        stack.events.first(),
        Some(ClientEvent::Notice(notice)) if notice.kind == NoticeKind::Ignored
    ));
    stack.stream(sent.exchange, &result(sent.id(), json!({})));
    stack.answer(json!(1));
}

#[test]
fn notifications_that_name_a_revision_are_modern() {
    let mut stack = Stack::connected();
    let seen = notification("com.example/seen", with_meta(json!({"n": 1.5})));
    stack.send(seen.clone());
    let sent = stack.received("com.example/seen");
    assert_eq!(sent.message, seen);
    assert_eq!(sent.header("mcp-protocol-version"), Some(MODERN));
    assert_eq!(sent.header("mcp-method"), Some("com.example/seen"));
    assert_eq!(sent.header("mcp-session-id"), None);
    stack.respond(sent.exchange, 404, &[], &Value::Null);
    assert!(
        matches!(&stack.events[..], [ClientEvent::Notice(_)]),
        "no session is lost by it: {:?}",
        stack.events
    );
    stack.send(notification("com.example/seen", json!({})));
    let sent = stack.received("com.example/seen");
    assert_eq!(sent.header("mcp-session-id"), Some("s1"));
    assert_eq!(sent.header("mcp-method"), None);
}
