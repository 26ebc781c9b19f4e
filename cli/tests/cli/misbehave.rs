//! `misbehave`, as clients of either era find it: each server misbehaves in its one way, and behaves well
//! otherwise.

use serde_json::{Value, json};

use crate::support::{Server, run};
use crate::wire::Wire;

const REVISION: &str = "2026-07-28";
const UNSUPPORTED: i64 = -32022;

#[test]
fn a_server_of_the_modern_era_behaves() {
    let server = Server::run(&["misbehave", "none", "--era", "modern"]);
    let (status, found) = Wire::modern(&server, "server/discover", json!({})).whole();
    assert_eq!(status, 200);
    assert_eq!(found["result"]["resultType"], "complete", "{found}");
    assert_eq!(found["result"]["supportedVersions"], json!([REVISION]));

    let (status, list) = Wire::modern(&server, "tools/list", json!({})).whole();
    assert_eq!(
        (status, &list["result"]["tools"][0]["name"]),
        (200, &json!("echo"))
    );

    let (status, said) = Wire::modern(&server, "tools/call", echo()).whole();
    assert_eq!(status, 200);
    assert_eq!(said["result"]["content"][0]["text"], "hi", "{said}");
    assert_eq!(said["result"]["resultType"], "complete", "{said}");

    let (status, error) = Wire::modern(&server, "nothing/known", json!({})).whole();
    assert_eq!((status, &error["error"]["code"]), (404, &json!(-32601)));

    let filter = json!({"notifications": {"toolsListChanged": true, "promptsListChanged": true}});
    let mut listen = Wire::modern(&server, "subscriptions/listen", filter);
    let acknowledged = listen.event();
    let params = &acknowledged["params"];
    assert_eq!(params["notifications"], json!({"toolsListChanged": true}));
    assert_eq!(params["_meta"]["io.modelcontextprotocol/subscriptionId"], 1);

    let method = "notifications/anything";
    let mut notification = Wire::message(method, json!({}));
    notification
        .as_object_mut()
        .expect("an object")
        .remove("id");
    let headers = [("mcp-protocol-version", REVISION), ("mcp-method", method)];
    assert_eq!(Wire::post(&server, &headers, &notification).whole().0, 202);
}

#[test]
fn a_server_of_the_modern_era_refuses_what_the_specification_wants_refused() {
    let server = Server::run(&["misbehave", "none", "--era", "modern"]);
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}}});
    let (status, error) = Wire::post(&server, &[], &initialize).whole();
    assert_eq!(
        (status, &error["error"]["code"]),
        (400, &json!(UNSUPPORTED))
    );
    assert_eq!(
        error["error"]["data"],
        json!({"supported": [REVISION], "requested": "2025-11-25"})
    );

    let message = Wire::message("tools/call", echo());
    for headers in [
        &[][..],
        &[
            ("mcp-protocol-version", "2025-11-25"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "echo"),
        ],
        &[
            ("mcp-protocol-version", REVISION),
            ("mcp-method", "tools/list"),
            ("mcp-name", "echo"),
        ],
        &[
            ("mcp-protocol-version", REVISION),
            ("mcp-method", "tools/call"),
            ("mcp-name", "add"),
        ],
    ] {
        let (status, error) = Wire::post(&server, headers, &message).whole();
        assert_eq!(
            (status, &error["error"]["code"]),
            (400, &json!(-32020)),
            "{headers:?}"
        );
        assert_eq!(error["id"], 1);
    }

    let response = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
    let (status, error) = Wire::post(&server, &[], &response).whole();
    assert_eq!((status, &error["error"]["code"]), (400, &json!(-32600)));
    for method in ["GET", "DELETE"] {
        assert_eq!(
            Wire::request(&server, method, &[], "").whole().0,
            405,
            "{method}"
        );
    }
}

#[test]
fn the_era_can_be_chosen_where_there_is_a_choice() {
    let both = Server::start("none");
    assert_eq!(Wire::modern(&both, "tools/call", echo()).whole().0, 200);
    assert_initializes(&both);
    let legacy = Server::run(&["misbehave", "none", "--era", "legacy"]);
    assert_eq!(Wire::modern(&legacy, "tools/call", echo()).whole().0, 400);
    assert_initializes(&legacy);

    for (incident, other) in [
        ("retry-zero", "modern"),
        ("listen-lost", "legacy"),
        ("listen-lost", "both"),
    ] {
        let ran = run(&["misbehave", incident, "--era", other]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(
            ran.stderr.contains("cannot be played in another"),
            "{ran:?}"
        );
    }
}

#[test]
fn every_misbehaviour_is_listed_with_its_era_and_one_sentence() {
    let ran = run(&["misbehave", "--list"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in ran.stdout.lines() {
        let (name, rest) = line.split_once(' ').expect("a name");
        assert!(!name.is_empty(), "{line}");
        let (era, sentence) = rest.trim().split_once(' ').expect("an era and a sentence");
        assert!(["legacy", "modern", "both"].contains(&era), "{line}");
        let sentence = sentence.trim();
        assert!(sentence.ends_with('.'), "{line}");
        assert_eq!(sentence.matches(". ").count(), 0, "{line}");
    }
}

#[test]
fn a_probe_is_answered_in_every_way_that_says_nothing() {
    for (incident, seen) in [
        ("probe-not-found", "HTTP/1.1 404"),
        ("probe-unavailable", "HTTP/1.1 503"),
        ("probe-web-page", "<h1>"),
        ("probe-empty-stream", "text/event-stream"),
        ("probe-empty-result", r#""result":{}"#),
    ] {
        let server = Server::start(incident);
        Wire::modern(&server, "server/discover", json!({})).until(seen);
        assert_initializes(&server);
    }
    let server = Server::start("probe-empty-stream");
    let all = Wire::modern(&server, "server/discover", json!({})).until("\r\n0\r\n\r\n");
    assert!(!all.contains("data:"), "{all}");
    let server = Server::start("probe-unanswered");
    let mut probe = Wire::modern(&server, "server/discover", json!({}));
    assert_initializes(&server);
    assert!(probe.is_silent());
}

#[test]
fn a_server_can_leave_the_legacy_era() {
    let server = Server::start("becomes-modern");
    assert_initializes(&server);
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": echo()});
    let session = [
        ("mcp-session-id", "session-1"),
        ("mcp-protocol-version", "2025-11-25"),
    ];
    let (status, error) = Wire::post(&server, &session, &call).whole();
    assert_eq!(
        (status, &error["error"]["code"]),
        (400, &json!(UNSUPPORTED))
    );
    assert_eq!(
        Wire::modern(&server, "server/discover", json!({}))
            .whole()
            .0,
        200
    );
    assert_eq!(Wire::modern(&server, "tools/call", echo()).whole().0, 200);
}

#[test]
fn versions_and_headers_are_refused_without_need() {
    let server = Server::start("own-version-refused");
    for _ in 0..2 {
        let (status, error) = Wire::modern(&server, "server/discover", json!({})).whole();
        assert_eq!(
            (status, &error["error"]["code"]),
            (400, &json!(UNSUPPORTED))
        );
        let named = json!({"supported": [REVISION], "requested": REVISION});
        assert_eq!(error["error"]["data"], named);
    }
    assert_eq!(
        Wire::modern(&server, "server/discover", json!({}))
            .whole()
            .0,
        200
    );

    let server = Server::start("headers-refused");
    assert_eq!(
        Wire::modern(&server, "tools/list", json!({})).whole().0,
        200
    );
    for _ in 0..3 {
        let (status, error) = Wire::modern(&server, "tools/call", echo()).whole();
        assert_eq!((status, &error["error"]["code"]), (400, &json!(-32020)));
    }
}

#[test]
fn questions_come_for_ever_or_where_they_must_not() {
    let server = Server::start("asks-for-ever");
    for _ in 0..3 {
        let (status, asked) = Wire::modern(&server, "tools/call", echo()).whole();
        let result = &asked["result"];
        assert_eq!(
            (status, &result["resultType"]),
            (200, &json!("input_required"))
        );
        assert_eq!(
            result["inputRequests"]["sure"]["method"],
            "elicitation/create"
        );
        assert!(result["requestState"].is_string(), "{asked}");
    }

    let server = Server::start("asks-on-stream");
    let mut stream = Wire::modern(&server, "tools/call", echo());
    assert_eq!(stream.event()["method"], "elicitation/create");
    assert_eq!(stream.event()["result"]["content"][0]["text"], "hi");
}

#[test]
fn subscriptions_are_lost_not_acknowledged_or_answered() {
    let server = Server::start("listen-lost");
    let filter = || json!({"notifications": {"toolsListChanged": true}});
    let mut first = Wire::modern(&server, "subscriptions/listen", filter());
    assert_eq!(
        first.event()["method"],
        "notifications/subscriptions/acknowledged"
    );
    let rest = first.rest();
    assert!(
        !rest.ends_with("\r\n0\r\n\r\n"),
        "it must not end in order: {rest}"
    );
    let mut second = Wire::modern(&server, "subscriptions/listen", filter());
    assert_eq!(
        second.event()["method"],
        "notifications/subscriptions/acknowledged"
    );
    let changed = second.event();
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    let tag = |params: &Value| params["_meta"]["io.modelcontextprotocol/subscriptionId"].clone();
    assert_eq!(tag(&changed["params"]), 1, "{changed}");
    assert_eq!(tag(&second.event()["result"]), 1);
    second.until("\r\n0\r\n\r\n");

    let server = Server::start("listen-unacknowledged");
    let mut listen = Wire::modern(&server, "subscriptions/listen", filter());
    listen.until("text/event-stream");
    assert_eq!(Wire::modern(&server, "tools/call", echo()).whole().0, 200);
    assert!(listen.is_silent());

    let server = Server::start("listen-answered");
    let (status, answer) = Wire::modern(&server, "subscriptions/listen", filter()).whole();
    assert_eq!(
        (status, &answer["result"]["resultType"]),
        (200, &json!("complete"))
    );
}

#[test]
fn tool_calls_are_broken_off_or_not_found_in_both_eras() {
    for era in ["legacy", "modern"] {
        let server = Server::run(&["misbehave", "half-event", "--era", era]);
        for _ in 0..2 {
            let all = call_in(era, &server).rest();
            assert!(all.contains("data: {"), "{era}: {all}");
            assert!(!all.contains("\n\n"), "{era}: a whole event in {all}");
            assert!(!all.ends_with("\r\n0\r\n\r\n"), "{era}: {all}");
        }
        assert_eq!(call_in(era, &server).whole().0, 200, "{era}");

        let server = Server::run(&["misbehave", "bare-404", "--era", era]);
        call_in(era, &server).until("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(call_in(era, &server).whole().0, 200, "{era}");
    }
}

fn echo() -> Value {
    json!({"name": "echo", "arguments": {"text": "hi"}})
}

/// A call of `echo`, in a session if it takes one.
fn call_in(era: &str, server: &Server) -> Wire {
    if era == "modern" {
        return Wire::modern(server, "tools/call", echo());
    }
    let session = assert_initializes(server);
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": echo()});
    Wire::post(server, &[("mcp-session-id", &session)], &call)
}

/// Begins a session, and gives its id.
fn assert_initializes(server: &Server) -> String {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}}});
    let mut wire = Wire::post(server, &[], &message);
    let (status, result) = wire.whole();
    assert_eq!(status, 200, "{result}");
    assert_eq!(
        result["result"]["protocolVersion"], "2025-11-25",
        "{result}"
    );
    wire.header("mcp-session-id").expect("a session")
}
