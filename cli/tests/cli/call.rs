//! `call` and `tools`, against a server that behaves and some that do not.

use crate::support::{Server, run};
use serde_json::{Value, json};

#[test]
fn a_call_prints_what_the_tool_says() {
    let server = Server::start("none");
    let ran = run(&["call", &server.url, "echo", r#"{"text": "hi\nthere"}"#]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout, "hi\nthere\n");
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_call_prints_json_on_demand() {
    for (era, version) in [("legacy", "2025-11-25"), ("modern", "2026-07-28")] {
        let server = Server::run(&["misbehave", "none", "--era", era]);
        let arguments = r#"{"a": 1, "b": 2.5}"#;
        let ran = run(&["call", &server.url, "add", arguments, "--json"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(told["result"]["structuredContent"], json!({"sum": 3.5}));
        assert_eq!(told["era"], era);
        assert_eq!(told["version"], version);
    }
}

#[test]
fn a_story_tells_what_was_seen_of_a_call_that_went_well() {
    let server = Server::start("none");
    let ran = run(&["call", &server.url, "slow", r#"{"steps": 2}"#, "--story"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout, "2 steps taken\n");
    for seen in ["connected", "progress 1/2", "progress 2/2", "result"] {
        assert!(ran.stderr.contains(seen), "no {seen:?} in {ran:?}");
    }
}

#[test]
fn tools_are_listed_with_their_arguments() {
    let server = Server::start("none");
    let ran = run(&["tools", &server.url]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let first = ran.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("echo(text?)  "), "{ran:?}");
    assert!(ran.stdout.contains("\nadd(a, b)  "), "{ran:?}");

    let ran = run(&["tools", &server.url, "--json"]);
    let tools: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(tools["tools"][2]["name"], "slow");
}

#[test]
fn a_wrong_tool_is_answered_with_the_right_ones() {
    let server = Server::start("none");
    let ran = run(&["call", &server.url, "ehco"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    for word in ["error: the server has no tool \"ehco\"", "echo, add, slow"] {
        assert!(ran.stderr.contains(word), "no {word} in {ran:?}");
    }
}

#[test]
fn a_tool_that_fails_fails_the_program() {
    let server = Server::start("none");
    let ran = run(&["call", &server.url, "add", r#"{"a": 1}"#]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.stdout, "`a` and `b` must be numbers\n");
    assert_eq!(ran.stderr, "error: the tool add says that it failed\n");
}

#[test]
fn a_failure_is_one_line_and_with_its_story_more() {
    let server = Server::start("stream-ends");
    let ran = run(&["call", &server.url, "echo"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("the connection was lost"), "{ran:?}");
    assert!(ran.stderr.contains("may have run"), "{ran:?}");

    let ran = run(&["call", &server.url, "echo", "--story"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for seen in ["connected", "POST sent", "HTTP 200"] {
        assert!(ran.stderr.contains(seen), "no {seen:?} in {ran:?}");
    }
}

#[test]
fn a_failure_is_json_on_demand() {
    let server = Server::start("accepted");
    let ran = run(&["call", &server.url, "echo", "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(answer["error"]["data"]["kind"], "bad_answer");
    assert_eq!(answer["error"]["data"]["execution"], "unknown");
}

#[test]
fn a_timeout_bounds_a_call_whatever_the_server_does() {
    for incident in ["silent-stream", "keep-alives-for-ever", "no-head"] {
        let server = Server::start(incident);
        let ran = run(&["call", &server.url, "echo", "--timeout", "0.5", "--json"]);
        assert_eq!(ran.code, Some(1), "{incident}: {ran:?}");
        let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(answer["error"]["data"]["kind"], "timed_out", "{incident}");
    }
}

#[test]
fn nobody_at_home_is_said_in_one_line() {
    // A port that was just free: bound once, so that nothing else is likely to listen there.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
    drop(listener);
    let ran = run(&["tools", &url, "--timeout", "5"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("cannot be reached"), "{ran:?}");
}
