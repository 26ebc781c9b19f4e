//! A thousand refused requests leave nothing: no session, no exchange, no byte, no timer.

use mcp_sansio::{Handshake, Identity, Instant, ServerConfig, ServerEvent, ServerOutput};
use mcp_sansio_tests::server::{Op, Subject};
use serde_json::{Value, json};

#[test]
fn a_thousand_refused_requests_leave_nothing() {
    let mut config = ServerConfig::new(Handshake::Core(Identity::new("refusals", "1")));
    config.limits.body = 1_000;
    let mut subject = Subject::new(config, [0; 32]).expect("the configuration is right");
    let ways = ways();
    for n in 0..1_000 {
        let (status, input) = &ways[n % ways.len()];
        let op: Op = serde_json::from_value(input.clone()).expect("an input");
        let seen = subject
            .step(Instant::from_micros(0), &op)
            .unwrap_or_else(|broken| panic!("{broken}"));
        let heads: Vec<_> = seen
            .outputs
            .iter()
            .map(|output| match output {
                ServerOutput::Head { status, .. } => *status,
                other => panic!("{input} brings {other:?}"),
            })
            .collect();
        assert_eq!(heads, [*status], "{input}");
    }
    let inspection = subject.server().inspect();
    assert_eq!(inspection.bytes, 0);
    assert!(inspection.exchanges.is_empty() && inspection.obligations.is_empty());
    assert_eq!(subject.server().poll_timeout(), None);
    assert!(subject.watch().sessions.is_empty());
    // And nothing is left that a shut-down would have to end.
    let op: Op =
        serde_json::from_value(json!({"type": "shut_down", "grace": 60_000})).expect("an input");
    let seen = subject
        .step(Instant::from_micros(0), &op)
        .unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(seen.outputs, [ServerOutput::Event(ServerEvent::ShutDown)]);
}

/// Ways to be refused: the status, and the request.
fn ways() -> Vec<(u16, Value)> {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let initialize = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}},
    });
    let unknown = "0000-00000000000000000000000000000000";
    let post =
        |body: &Value, headers: Value| json!({"type": "post", "body": body, "headers": headers});
    let text = |text: &str| json!({"type": "post", "text": text});
    vec![
        (
            403,
            post(&initialize, json!([["origin", "https://evil.example"]])),
        ),
        (403, post(&initialize, json!([["host", "evil.example"]]))),
        (
            403,
            json!({"type": "get", "headers": [["origin", "https://evil.example"]]}),
        ),
        (
            403,
            json!({"type": "delete", "headers": [["host", "evil.example"]]}),
        ),
        (
            405,
            json!({"type": "accept", "method": "PUT", "headers": [["host", "localhost"]]}),
        ),
        (
            406,
            post(&initialize, json!([["accept", "application/json"]])),
        ),
        (
            406,
            json!({"type": "get", "headers": [["accept", "text/html"]]}),
        ),
        (
            415,
            post(&initialize, json!([["content-type", "text/plain"]])),
        ),
        (413, post(&initialize, json!([["content-length", "1001"]]))),
        (413, text(&"x".repeat(1_001))),
        (400, text("{")),
        (400, text("[]")),
        (
            400,
            text(r#"{"jsonrpc":"1.0","id":1,"method":"initialize"}"#),
        ),
        (
            400,
            text(r#"{"jsonrpc":"2.0","id":null,"method":"initialize"}"#),
        ),
        (400, post(&json!([initialize]), json!([]))),
        (400, post(&request, json!([]))),
        (
            400,
            post(&request, json!([["mcp-protocol-version", "1999-01-01"]])),
        ),
        (
            404,
            json!({"type": "post", "body": request, "session": unknown}),
        ),
        (400, json!({"type": "get"})),
        (
            404,
            json!({"type": "get", "session": unknown, "cursor": "1-1"}),
        ),
        (400, json!({"type": "delete"})),
        (404, json!({"type": "delete", "session": unknown})),
        // Refused by JSON-RPC, with a status that says that the exchange went well.
        (
            200,
            text(r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#),
        ),
    ]
}
