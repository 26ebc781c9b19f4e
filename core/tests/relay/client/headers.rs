//! What the headers of a modern request say: the revision, the method, the name of what is asked for, and the
//! arguments that a tool wants there.

use mcp_sansio::{CallOptions, ClientEvent, FailureKind, Header};
use serde_json::{Value, json};

use super::stack::{JSON, Stack};
use crate::message::{MODERN, VERSION, error, modern};

#[test]
fn the_name_of_what_is_asked_for_is_said_in_a_header() {
    for (method, params, name) in [
        (
            "tools/call",
            json!({"name": "a b", "uri": "u"}),
            Some("a b"),
        ),
        (
            "tools/call",
            json!({"name": "naïve"}),
            Some("=?base64?bmHDr3Zl?="),
        ),
        ("tools/call", json!({}), None),
        ("prompts/get", json!({"name": "p"}), Some("p")),
        (
            "resources/read",
            json!({"name": "n", "uri": "file:///a"}),
            Some("file:///a"),
        ),
        ("tools/list", json!({"name": "n", "uri": "u"}), None),
        ("com.example/own", json!({"name": "n"}), None),
        ("server/discover", json!({}), None),
    ] {
        let mut stack = Stack::new();
        stack.send(modern(json!(1), method, params));
        let sent = stack.received(method);
        assert_eq!(sent.header("mcp-method"), Some(method));
        assert_eq!(sent.header("mcp-name"), name, "{method}");
    }
}

#[test]
fn the_revision_is_the_one_that_the_host_names() {
    for name in [MODERN, "2025-11-25", "2031-01-01", "DRAFT-2026-v2"] {
        let mut stack = Stack::new();
        stack.send(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {VERSION: name}}}));
        let sent = stack.received("tools/list");
        assert_eq!(sent.header("mcp-protocol-version"), Some(name));
        assert_eq!(sent.message["params"]["_meta"], json!({VERSION: name}));
        stack.respond(sent.exchange, 400, JSON, &error(sent.id(), -32022));
        assert_eq!(stack.answer(json!(1))["error"]["code"], -32022);
        stack.assert_quiet();
    }
}

fn tools() -> Value {
    let region = json!({"type": "string", "x-mcp-header": "Region"});
    json!({"resultType": "complete", "tools": [
        {"name": "query", "inputSchema": {"type": "object", "properties": {"region": region, "sql": {"type": "string"}}}},
        {"name": "bad", "inputSchema": {"x-mcp-header": "A"}},
    ]})
}

fn query(id: i64, tool: &str) -> Value {
    let arguments = json!({"region": "eu-1", "sql": "select 1"});
    modern(
        json!(id),
        "tools/call",
        json!({"name": tool, "arguments": arguments}),
    )
}

/// The lists pass whole: what to make of bad tools is the host's affair.
#[test]
fn headers_of_arguments_are_learned_from_lists_that_pass_by() {
    let mut stack = Stack::new();
    stack.send(query(1, "query"));
    assert_eq!(
        stack.received("tools/call").header("mcp-param-region"),
        None
    );
    stack.send(modern(json!(2), "tools/list", json!({})));
    let list = stack.received("tools/list");
    stack.reply(&list, tools());
    assert_eq!(stack.answer(json!(2))["result"], tools());
    assert!(stack.events.is_empty(), "{:?}", stack.events);
    stack.send(query(3, "query"));
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-param-region"), Some("eu-1"));
    assert_eq!(sent.header("mcp-name"), Some("query"));
    stack.send(query(4, "other"));
    assert_eq!(
        stack.received("tools/call").header("mcp-param-region"),
        None
    );
}

#[test]
fn a_host_s_own_headers_count_where_no_list_has_passed_by() {
    let own = |name: &'static str, value: &'static str| Header {
        name: name.into(),
        value: value.as_bytes().into(),
    };
    let mut options = CallOptions::default();
    options.headers = vec![
        own("Mcp-Param-Region", "own"),
        own("x-tenant", "t"),
        own("Mcp-Name", "forged"),
        own("MCP-Protocol-Version", "forged"),
    ];
    let mut stack = Stack::new();
    stack.send_with(query(1, "query").to_string().as_bytes(), options.clone());
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-param-region"), Some("own"));
    assert_eq!(sent.header("x-tenant"), Some("t"));
    assert_eq!(sent.header("mcp-name"), Some("query"));
    assert_eq!(sent.header("mcp-protocol-version"), Some(MODERN));
    assert!(matches!(&stack.events[..], [ClientEvent::Notice(_)]));

    stack.send(modern(json!(2), "tools/list", json!({})));
    let list = stack.received("tools/list");
    stack.reply(&list, tools());
    stack.send_with(query(3, "query").to_string().as_bytes(), options);
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-param-region"), Some("eu-1"));
    assert_eq!(sent.header("x-tenant"), Some("t"));
}

/// A refused header is the host's to set right: it reads the list again, and calls again.
#[test]
fn a_header_that_the_server_misses_is_not_sent_behind_the_host_s_back() {
    let mut stack = Stack::new();
    stack.send(query(1, "query"));
    let sent = stack.received("tools/call");
    stack.respond(sent.exchange, 400, JSON, &error(sent.id(), -32020));
    assert_eq!(stack.answer(json!(1))["error"]["code"], -32020);
    stack.assert_quiet();
}

#[test]
fn an_argument_too_long_for_its_header_is_misuse() {
    let mut stack = Stack::new();
    stack.send(modern(json!(1), "tools/list", json!({})));
    let list = stack.received("tools/list");
    stack.reply(&list, tools());
    stack.answer(json!(1));
    let arguments = json!({"region": "x".repeat(5000)});
    let params = json!({"name": "query", "arguments": arguments});
    stack.send(modern(json!(2), "tools/call", params));
    let failure = stack.failure(json!(2));
    assert_eq!(failure.kind, FailureKind::Misuse);
    assert!(
        failure.to_string().contains("mcp-param-region"),
        "{failure}"
    );
    stack.assert_quiet();
}
