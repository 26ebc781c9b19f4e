//! What a modern request says of itself is checked before the host gets it, whoever speaks the handshake.

use mcp_sansio::{ConfigError, ServerConfig, Version};
use serde_json::{Value, json};

use super::stack::Stack;
use crate::message::{CAPABILITIES, MODERN, VERSION, modern, request};

impl Stack {
    /// Posts what the core must refuse; gives the status and the error.
    fn refused(&mut self, headers: &[(&str, &str)], message: Value) -> (u16, Value) {
        let exchange = self.post_text(headers, &message.to_string());
        assert!(self.messages.is_empty(), "{:?}", self.messages);
        let received = self.on(exchange).expect("a response");
        assert_eq!(self.last_on(exchange)["id"], message["id"]);
        (received.status, self.last_on(exchange)["error"].clone())
    }
}

#[test]
fn headers_must_say_what_the_body_says() {
    let call = || modern(json!("c"), "tools/call", json!({"name": "a"}));
    let good = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/call"),
        ("mcp-name", "a"),
    ];
    for (name, _) in good {
        let mut missing = good.to_vec();
        missing.retain(|(key, _)| *key != name);
        let mut other = missing.clone();
        other.push((name, "other"));
        let mut twice = good.to_vec();
        twice.push((name, "other"));
        for headers in [missing, other, twice] {
            let (status, error) = Stack::new().refused(&headers, call());
            assert_eq!(
                (status, &error["code"]),
                (400, &json!(-32020)),
                "{headers:?}"
            );
        }
    }
    let mut stack = Stack::new();
    stack.post_text(&good, &call().to_string());
    assert_eq!(stack.messages.len(), 1);
}

#[test]
fn meta_must_say_what_the_protocol_wants() {
    let headers = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "server/discover"),
    ];
    for meta in [
        json!({VERSION: MODERN}),
        json!({VERSION: 7, CAPABILITIES: {}}),
        json!({VERSION: MODERN, CAPABILITIES: []}),
        json!({CAPABILITIES: {}}),
    ] {
        let message = request(json!("c"), "server/discover", json!({"_meta": meta}));
        let (status, error) = Stack::new().refused(&headers, message);
        assert_eq!((status, &error["code"]), (400, &json!(-32602)), "{meta}");
    }
}

/// So that a client's SDK finds a revision that both speak, whatever the host makes of `server/discover`.
#[test]
fn a_revision_that_is_not_spoken_is_refused_with_those_that_are() {
    let headers = [
        ("mcp-protocol-version", "2031-01-01"),
        ("mcp-method", "server/discover"),
    ];
    let meta = json!({VERSION: "2031-01-01", CAPABILITIES: {}});
    let message = request(json!("c"), "server/discover", json!({"_meta": meta}));
    let versions = |change: fn(&mut ServerConfig)| {
        let (status, error) = Stack::with(change).refused(&headers, message.clone());
        assert_eq!((status, &error["code"]), (400, &json!(-32022)));
        assert_eq!(error["data"]["requested"], "2031-01-01");
        error["data"]["supported"].clone()
    };
    let all = [
        "2026-07-28",
        "2025-11-25",
        "2025-06-18",
        "2025-03-26",
        "2024-11-05",
    ];
    assert_eq!(versions(|_| {}), json!(all));
    let modern =
        |config: &mut ServerConfig| config.versions = Version::V2026_07_28..=Version::V2026_07_28;
    assert_eq!(versions(modern), json!(all[..1]));
}

fn tools() -> Value {
    let region = json!({"type": "string", "x-mcp-header": "Region"});
    let schema = json!({"type": "object", "properties": {"region": region}});
    json!([{"name": "query", "inputSchema": schema}])
}

impl Stack {
    /// Posts a call, and tells whether the host got it.
    fn passes(&mut self, more: &[(&'static str, &str)]) -> bool {
        let params = json!({"name": "query", "arguments": {"region": "eu-1"}});
        let exchange = self.post_modern_with(modern(json!("c"), "tools/call", params), more);
        if self.messages.pop().is_some() {
            return true;
        }
        let received = self.on(exchange).expect("a response");
        assert_eq!(received.status, 400);
        assert_eq!(self.last_on(exchange)["error"]["code"], -32020);
        false
    }

    fn assert_checks_regions(&mut self) {
        assert!(self.passes(&[("mcp-param-region", "eu-1")]));
        assert!(!self.passes(&[("mcp-param-region", "us-1")]));
        assert!(!self.passes(&[]));
    }
}

#[test]
fn arguments_are_checked_against_the_tools_that_the_host_declares() -> Result<(), ConfigError> {
    let mut stack = Stack::new();
    assert!(stack.passes(&[]), "nothing is known of the tool yet");
    stack.server.declare_tools(tools().to_string().as_bytes())?;
    stack.assert_checks_regions();
    Ok(())
}

#[test]
fn arguments_are_checked_against_lists_that_pass_by() {
    let mut stack = Stack::new();
    let (exchange, list) = stack.asked(modern(json!(1), "tools/list", json!({})));
    let result = json!({"tools": tools(), "nextCursor": "2"});
    stack.answer(&list, json!({"result": result}));
    assert_eq!(stack.last_on(exchange)["result"], result);
    stack.assert_checks_regions();
    // Another page says nothing of the tool.
    let (_, list) = stack.asked(modern(json!(1), "tools/list", json!({"cursor": "2"})));
    stack.answer(&list, json!({"result": {"tools": [{"name": "other"}]}}));
    stack.assert_checks_regions();
    // It wants no header any more.
    let (_, list) = stack.asked(modern(json!(1), "tools/list", json!({})));
    stack.answer(&list, json!({"result": {"tools": [{"name": "query"}]}}));
    assert!(stack.passes(&[]));
}
