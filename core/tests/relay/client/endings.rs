//! How modern requests end without an answer: once each, with the failure beside the text, and nothing is
//! sent again behind the host's back.

use std::time::Duration;

use mcp_sansio::{CallOptions, ClientInput, Execution, FailureKind, Known, Sent, Version};
use serde_json::{Value, json};

use super::stack::{JSON, SSE, Stack};
use crate::message::{call_of, cancelled, modern, result};

#[test]
fn a_cancel_ends_the_exchange_and_posts_nothing() {
    for id in [json!(5), json!("five")] {
        for is_notification in [true, false] {
            let mut stack = Stack::connected();
            stack.send(call_of(id.clone(), "echo"));
            let sent = stack.received("tools/call");
            stack.head(sent.exchange, 200, SSE);
            if is_notification {
                stack.send(cancelled(id.clone()));
            } else {
                stack.cancel(id.to_string().as_bytes());
            }
            let failure = stack.failure(id.clone());
            assert_eq!(
                (failure.kind, failure.execution),
                (FailureKind::Cancelled, Execution::Unknown)
            );
            assert_eq!(stack.aborted, [sent.exchange]);
            stack.send(cancelled(id.clone()));
            stack.stream(sent.exchange, &result(sent.id(), json!({})));
            stack.assert_quiet();
        }
    }
}

#[test]
fn an_id_that_is_used_again_replaces_the_older_request() {
    let mut stack = Stack::new();
    stack.send(call_of(json!(5), "first"));
    let older = stack.received("tools/call");
    stack.send(call_of(json!(5), "second"));
    assert_eq!(stack.aborted, [older.exchange]);
    assert!(
        stack.messages.is_empty(),
        "the older request yields nothing"
    );
    let sent = stack.received("tools/call");
    assert_eq!(sent.header("mcp-name"), Some("second"));
    stack.reply(&older, json!({"late": true}));
    stack.reply(&sent, json!({"ok": 1}));
    assert_eq!(stack.answer(json!(5))["result"], json!({"ok": 1}));
    stack.assert_quiet();
}

#[test]
fn the_hard_maximum_ends_a_request() {
    let mut stack = Stack::new();
    let mut options = CallOptions::default();
    options.max = Some(Duration::from_secs(10));
    stack.send_with(call_of(json!(1), "slow").to_string().as_bytes(), options);
    let sent = stack.received("tools/call");
    stack.head(sent.exchange, 200, SSE);
    stack.wait(Duration::from_secs(9));
    assert!(stack.messages.is_empty());
    stack.wait(Duration::from_secs(1));
    let failure = stack.failure(json!(1));
    assert_eq!(
        (failure.kind, failure.execution),
        (FailureKind::TimedOut, Execution::Unknown)
    );
    assert_eq!(stack.aborted, [sent.exchange]);
    stack.assert_quiet();
}

/// Only who asks for progress can be expected to show some.
#[test]
fn the_idle_clock_runs_for_requests_with_a_token() {
    let mut options = CallOptions::default();
    options.idle = Some(Duration::from_secs(10));
    let mut stack = Stack::new();
    stack.send_with(
        call_of(json!("silent"), "slow").to_string().as_bytes(),
        options.clone(),
    );
    let params = json!({"name": "slow", "_meta": {"progressToken": "t"}});
    let watched = modern(json!("watched"), "tools/call", params);
    stack.send_with(watched.to_string().as_bytes(), options);
    let silent = stack.received("tools/call");
    let watched = stack.received("tools/call");
    stack.head(watched.exchange, 200, SSE);
    stack.wait(Duration::from_secs(9));
    stack.progress(watched.exchange, json!("t"));
    stack.message();
    stack.wait(Duration::from_secs(9));
    assert!(stack.messages.is_empty());
    stack.wait(Duration::from_secs(1));
    assert_eq!(stack.failure(json!("watched")).kind, FailureKind::TimedOut);
    stack.wait(Duration::from_secs(60));
    stack.reply(&silent, json!({}));
    stack.answer(json!("silent"));
}

/// Reading twice would do no harm, but it is the host's to decide.
#[test]
fn a_lost_connection_ends_a_request_whatever_its_method() {
    for method in ["tools/call", "tools/list", "server/discover"] {
        for has_head in [true, false] {
            for is_clean in [true, false] {
                let mut stack = Stack::connected();
                stack.send(modern(json!(1), method, json!({})));
                let sent = stack.received(method);
                if has_head {
                    stack.head(sent.exchange, 200, SSE);
                    let primed = b"id: 7\nretry: 100\ndata: \n\n";
                    stack.feed(ClientInput::Chunk {
                        exchange: sent.exchange,
                        data: primed,
                    });
                }
                if has_head && is_clean {
                    stack.end(sent.exchange);
                } else {
                    stack.lose(sent.exchange, Sent::Maybe);
                }
                let failure = stack.failure(json!(1));
                assert_eq!(
                    (failure.kind, failure.execution),
                    (FailureKind::ConnectionLost, Execution::Unknown),
                    "{method}"
                );
                stack.assert_quiet();
            }
        }
    }
}

/// What has not left at all cannot have run: it is tried once more.
#[test]
fn an_unreachable_server_is_told_of() {
    let mut stack = Stack::new();
    stack.send(call_of(json!(1), "echo"));
    while let Some(sent) = stack.opened.pop() {
        stack.lose(sent.exchange, Sent::No);
    }
    stack.wait(Duration::from_secs(60));
    while let Some(sent) = stack.opened.pop() {
        stack.lose(sent.exchange, Sent::No);
    }
    let failure = stack.failure(json!(1));
    assert_eq!(
        (failure.kind, failure.execution),
        (FailureKind::Unreachable, Execution::NotSent)
    );
    stack.assert_quiet();
}

#[test]
fn an_http_status_comes_back_with_what_the_server_said() {
    use FailureKind::{BadAnswer, HttpStatus, Redirected, Unauthorized};
    for (status, body, kind, execution) in [
        (400, "Bad Request", HttpStatus, Execution::Refused),
        (401, "", Unauthorized, Execution::Refused),
        (404, "", HttpStatus, Execution::Refused),
        (404, "<html>", HttpStatus, Execution::Refused),
        (405, "", HttpStatus, Execution::Refused),
        (429, "", HttpStatus, Execution::Refused),
        (500, "oops", HttpStatus, Execution::Unknown),
        (503, "", HttpStatus, Execution::Unknown),
        (302, "", Redirected, Execution::Refused),
        (202, "", BadAnswer, Execution::Unknown),
        (200, "<html>", BadAnswer, Execution::Unknown),
        (200, "{}", BadAnswer, Execution::Unknown),
    ] {
        let mut stack = Stack::connected();
        stack.send(modern(json!(1), "tools/list", json!({})));
        let sent = stack.received("tools/list");
        stack.respond_text(sent.exchange, status, JSON, body);
        let failure = stack.failure(json!(1));
        assert_eq!(
            (failure.kind, failure.execution),
            (kind, execution),
            "{status} {body}"
        );
        if let Some(refusal) = failure.refusal {
            assert_eq!(refusal.status, status);
        } else {
            assert_eq!(kind, BadAnswer);
        }
        assert!(stack.events.is_empty(), "{:?}", stack.events);
        stack.assert_quiet();
    }
}

/// What is known of a session says nothing of a request that belongs to none.
#[test]
fn a_saved_session_is_no_reason_to_ask_for_the_era() {
    for status in [400, 404, 405] {
        let mut stack = Stack::with(|config| {
            config.known = Some(Known::new(Version::V2025_11_25, Some("s1".into())));
        });
        stack.send(modern(json!(1), "server/discover", json!({})));
        let sent = stack.received("server/discover");
        assert_eq!(sent.header("mcp-session-id"), None);
        stack.respond(sent.exchange, status, &[], &Value::Null);
        assert_eq!(stack.failure(json!(1)).kind, FailureKind::HttpStatus);
        stack.assert_quiet();
        stack.call(json!(2));
        let sent = stack.received("tools/call");
        assert_eq!(sent.header("mcp-session-id"), Some("s1"));
    }
}

#[test]
fn the_end_of_the_client_ends_everything_in_that_step() {
    let mut stack = Stack::new();
    stack.send(call_of(json!(1), "echo"));
    let sent = stack.received("tools/call");
    stack.client.close(stack.now);
    stack.drain();
    assert_eq!(stack.failure(json!(1)).kind, FailureKind::Closed);
    assert_eq!(stack.aborted, [sent.exchange]);
    stack.send(call_of(json!(2), "echo"));
    assert_eq!(stack.failure(json!(2)).kind, FailureKind::Closed);
    stack.assert_quiet();
}
