//! Modern requests under `limits.exchanges`: they wait for a free exchange, and for nothing else.

use std::time::Duration;

use mcp_sansio::{Execution, FailureKind};
use serde_json::{Value, json};

use super::stack::{JSON, Stack};
use crate::message::{call_of, cancelled, error, notification, request, with_meta};

#[test]
fn requests_wait_for_a_free_exchange() {
    let mut stack = Stack::with(|config| config.limits.exchanges = Some(4));
    for id in 1..=4 {
        stack.send(call_of(json!(id), "slow"));
    }
    let first = stack.received("tools/call");
    let second = stack.received("tools/call");
    assert!(stack.opened.is_empty(), "two exchanges stay free");
    stack.send(cancelled(json!(4)));
    let failure = stack.failure(json!(4));
    assert_eq!(
        (failure.kind, failure.execution),
        (FailureKind::Cancelled, Execution::NotSent)
    );
    stack.send(cancelled(json!(1)));
    stack.failure(json!(1));
    assert_eq!(stack.aborted, [first.exchange]);
    let third = stack.received("tools/call");
    for (open, id) in [(third, 3), (second, 2)] {
        stack.reply(&open, json!({}));
        stack.answer(json!(id));
    }
    stack.assert_quiet();
}

#[test]
fn notifications_wait_for_a_free_exchange() {
    let mut stack = Stack::with(|config| config.limits.exchanges = Some(3));
    for n in 0..10 {
        stack.send(notification("com.example/seen", with_meta(json!({"n": n}))));
    }
    assert!(stack.opened.len() <= 3, "{}", stack.opened.len());
    for n in 0..10 {
        let sent = stack.accept("com.example/seen");
        assert_eq!(sent["params"]["n"], n);
        stack.wait(Duration::from_secs(1));
    }
}

/// A failed handshake is no reason to fail a request that needs none.
#[test]
fn a_waiting_request_outlives_a_failed_handshake_and_a_lost_session() {
    let mut stack = Stack::with(|config| config.limits.exchanges = Some(3));
    stack.send(request(
        json!("init"),
        "initialize",
        json!({"protocolVersion": "2025-11-25"}),
    ));
    stack.send(call_of(json!(1), "waits"));
    let initialize = stack.received("initialize");
    assert!(stack.opened.is_empty());
    stack.respond(
        initialize.exchange,
        400,
        JSON,
        &error(initialize.id(), -32022),
    );
    stack.answer(json!("init"));
    let sent = stack.received("tools/call");
    stack.reply(&sent, json!({}));
    stack.answer(json!(1));

    let mut stack = Stack::with(|config| {
        config.limits.exchanges = Some(3);
        config.reinitialize = false;
    })
    .in_session();
    stack.call(json!(1));
    stack.send(call_of(json!(2), "waits"));
    let sent = stack.received("tools/call");
    assert!(stack.opened.is_empty());
    stack.respond(sent.exchange, 404, &[], &Value::Null);
    assert_eq!(stack.failure(json!(1)).kind, FailureKind::SessionLost);
    let sent = stack.received("tools/call");
    stack.reply(&sent, json!({}));
    stack.answer(json!(2));
}
