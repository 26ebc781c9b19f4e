//! How the host's subscriptions end: once each, as the response, and the host opens a lost one again itself.

use std::time::Duration;

use mcp_sansio::{
    Call, CallOptions, ClientEvent, Execution, FailureKind, ListenState, Outcome, Sent, Source,
};
use serde_json::{Value, json};

use super::stack::{JSON, SSE, Stack};
use crate::message::{
    acknowledged, call_of, cancelled, error, list_changed, listen, modern, result,
};

#[test]
fn a_cancel_ends_the_subscription_and_posts_nothing() {
    for is_open in [true, false] {
        for is_notification in [true, false] {
            let mut stack = Stack::connected();
            let open = if is_open {
                stack.listening(json!("l"))
            } else {
                stack.send(listen(json!("l")));
                stack.received("subscriptions/listen")
            };
            if is_notification {
                stack.send(cancelled(json!("l")));
            } else {
                stack.cancel(br#""l""#);
            }
            assert_eq!(stack.failure(json!("l")).kind, FailureKind::Cancelled);
            assert_eq!(stack.aborted, [open.exchange]);
            stack.send(cancelled(json!("l")));
            stack.stream(open.exchange, &list_changed(open.id()));
            stack.assert_quiet();
        }
    }
}

#[test]
fn a_lost_subscription_comes_back_as_failed_and_is_not_opened_again() {
    for is_open in [true, false] {
        for is_clean in [true, false] {
            let mut stack = Stack::new();
            let open = if is_open {
                stack.listening(json!("l"))
            } else {
                stack.send(listen(json!("l")));
                let open = stack.received("subscriptions/listen");
                stack.head(open.exchange, 200, SSE);
                open
            };
            if is_clean {
                stack.end(open.exchange);
            } else {
                stack.lose(open.exchange, Sent::Maybe);
            }
            let failure = stack.failure(json!("l"));
            assert_eq!(
                (failure.kind, failure.execution),
                (FailureKind::ConnectionLost, Execution::Unknown)
            );
            assert!(stack.events.is_empty(), "{:?}", stack.events);
            stack.assert_quiet();
        }
    }
}

#[test]
fn a_subscription_that_is_not_acknowledged_ends() {
    let mut stack = Stack::new();
    stack.send(listen(json!("l")));
    let open = stack.received("subscriptions/listen");
    stack.head(open.exchange, 200, SSE);
    stack.wait(Duration::from_secs(29));
    assert!(stack.messages.is_empty());
    stack.wait(Duration::from_secs(1));
    stack.failure(json!("l"));
    assert_eq!(stack.aborted, [open.exchange]);
    stack.assert_quiet();
}

#[test]
fn a_refused_subscription_comes_back_once() {
    for (status, body, kind) in [
        (400, Value::Null, Some(FailureKind::HttpStatus)),
        (401, Value::Null, Some(FailureKind::Unauthorized)),
        (404, Value::Null, Some(FailureKind::HttpStatus)),
        (202, Value::Null, Some(FailureKind::BadAnswer)),
        (302, Value::Null, Some(FailureKind::Redirected)),
        (404, error(&Value::Null, -32601), None),
        (400, error(&Value::Null, -32602), None),
        (200, error(&Value::Null, -32603), None),
    ] {
        let mut stack = Stack::connected();
        stack.send(listen(json!("l")));
        let open = stack.received("subscriptions/listen");
        stack.respond(open.exchange, status, JSON, &body);
        match kind {
            Some(kind) => {
                let failure = stack.failure(json!("l"));
                assert_eq!(failure.kind, kind, "{status}");
            }
            None => assert_eq!(stack.answer(json!("l"))["error"], body["error"]),
        }
        assert!(stack.events.is_empty(), "{:?}", stack.events);
        stack.assert_quiet();
    }
}

#[test]
fn the_server_ends_a_subscription() {
    let mut stack = Stack::new();
    let open = stack.listening(json!("l"));
    stack.stream(open.exchange, &cancelled(open.id().clone()));
    assert_eq!(stack.failure(json!("l")).kind, FailureKind::Cancelled);
    let open = stack.listening(json!("l"));
    stack.stream(open.exchange, &error(open.id(), -32603));
    assert_eq!(stack.answer(json!("l"))["error"]["code"], -32603);
    let open = stack.listening(json!("l"));
    stack.client.close(stack.now);
    stack.drain();
    assert_eq!(stack.failure(json!("l")).kind, FailureKind::Closed);
    assert!(stack.aborted.contains(&open.exchange));
    stack.assert_quiet();
}

#[test]
fn an_id_that_is_used_again_replaces_the_older_subscription() {
    let mut stack = Stack::new();
    let first = stack.listening(json!("l"));
    let second = stack.listening(json!("l"));
    assert_eq!(stack.aborted, [first.exchange]);
    stack.stream(first.exchange, &list_changed(first.id()));
    assert!(stack.messages.is_empty());
    stack.stream(second.exchange, &list_changed(second.id()));
    assert_eq!(stack.tagged(&json!("l")), list_changed(&json!("l")));
    // By a call, and a call by it.
    stack.send(call_of(json!("l"), "echo"));
    let call = stack.received("tools/call");
    assert_eq!(stack.aborted, [first.exchange, second.exchange]);
    let third = stack.listening(json!("l"));
    assert_eq!(
        stack.aborted,
        [first.exchange, second.exchange, call.exchange]
    );
    let end = result(third.id(), json!({"resultType": "complete"}));
    stack.stream(third.exchange, &end);
    stack.answer(json!("l"));
    stack.assert_quiet();
}

/// A host that does not read has the answer before the messages; what comes then is of nothing that it knows.
#[test]
fn messages_that_come_late_are_not_the_host_s() {
    let mut stack = Stack::new();
    let open = stack.listening(json!("l"));
    let params = json!({"name": "slow", "_meta": {"progressToken": "t"}});
    stack.send(modern(json!("c"), "tools/call", params));
    let call = stack.received("tools/call");
    stack.head(call.exchange, 200, SSE);
    stack.room = false;
    stack.stream(open.exchange, &list_changed(open.id()));
    stack.progress(call.exchange, json!("t"));
    assert!(stack.messages.is_empty());
    stack.send(cancelled(json!("l")));
    stack.send(cancelled(json!("c")));
    stack.failure(json!("l"));
    stack.failure(json!("c"));
    stack.room = true;
    stack.drain();
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    assert!(
        matches!(
            stack.events[..],
            [ClientEvent::Notification {
                source: Source::Listen(_),
                ..
            }]
        ),
        "{:?}",
        stack.events
    );
}

/// Beside the relay the host may use the client itself.
#[test]
fn what_is_not_the_relay_s_stays_an_event() {
    let mut stack = Stack::connected();
    let params = json!({"name": "slow", "_meta": {"progressToken": "t"}}).to_string();
    let mut options = CallOptions::default();
    options.progress = true;
    let call = Call::new("tools/call", Some(params.into())).with(options);
    let call = stack.client.call(stack.now, call);
    let params = listen(json!(0))["params"].to_string();
    let listen = stack.client.listen(stack.now, params.into());
    stack.drain();
    let called = stack.received("tools/call");
    stack.head(called.exchange, 200, SSE);
    stack.progress(called.exchange, json!("t"));
    stack.stream(called.exchange, &result(called.id(), json!({})));
    let open = stack.received("subscriptions/listen");
    stack.head(open.exchange, 200, SSE);
    stack.stream(open.exchange, &acknowledged(open.id()));
    stack.stream(open.exchange, &list_changed(open.id()));
    stack.stream(open.exchange, &result(open.id(), json!({})));
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    let is_listen = |source: &Source| *source == Source::Listen(listen);
    assert!(
        matches!(
            &stack.events[..],
            [
                ClientEvent::Progress { call: first, .. },
                ClientEvent::Settled { call: second, .. },
                ClientEvent::Listen {
                    state: ListenState::Open { .. },
                    ..
                },
                ClientEvent::Notification { source, .. },
                ClientEvent::Listen {
                    state: ListenState::Ended(Outcome::Result(_)),
                    ..
                },
            ] if (*first, *second) == (call, call) && is_listen(source)
        ),
        "{:?}",
        stack.events
    );
}
