//! The legacy era: the host answers its clients' handshakes, and speaks in their sessions.

use mcp_sansio::{EndReason, FailureKind, ServerEvent};
use serde_json::json;

use super::stack::Stack;

#[test]
fn requests_come_under_our_handles_and_answers_go_back_under_the_client_s_ids() {
    let (mut stack, session) = Stack::connected();
    let one = stack
        .post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "a"}}));
    let two = stack
        .post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "b"}}));
    let (first, value) = stack.message();
    assert_eq!(value["params"], json!({"name": "a"}));
    assert_eq!((first.session, first.exchange), (Some(session), Some(one)));
    let (second, _) = stack.message();
    stack.answer(&second, json!({"result": {"b": true}}));
    stack.answer(&first, json!({"error": {"code": 7, "message": "no"}}));
    assert_eq!(
        stack.last_on(two),
        json!({"jsonrpc": "2.0", "id": 1, "result": {"b": true}})
    );
    assert_eq!(
        stack.last_on(one),
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 7, "message": "no"}})
    );
}

#[test]
fn what_the_host_says_for_a_request_goes_out_on_its_stream() {
    let (mut stack, session) = Stack::connected();
    let exchange =
        stack.post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {}}));
    let (request, _) = stack.message();
    let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}});
    stack.send(Some(session), progress.clone(), request.obligation);
    assert_eq!(stack.last_on(exchange), progress);

    let ask =
        json!({"jsonrpc": "2.0", "id": "h-1", "method": "sampling/createMessage", "params": {}});
    stack.send(Some(session), ask, request.obligation);
    let asked = stack.last_on(exchange);
    assert_ne!(asked["id"], "h-1", "the wire has an id of our own");
    stack.post(json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"role": "assistant"}}));
    let (message, value) = stack.message();
    assert_eq!(
        value,
        json!({"jsonrpc": "2.0", "id": "h-1", "result": {"role": "assistant"}})
    );
    assert_eq!(message.answers.as_deref(), Some(&br#""h-1""#[..]));
    assert_eq!(message.session, Some(session));
}

#[test]
fn a_client_s_cancel_reaches_the_host_under_our_handle() {
    let (mut stack, _) = Stack::connected();
    stack.post(json!({"jsonrpc": "2.0", "id": "x", "method": "tools/call", "params": {}}));
    let (request, _) = stack.message();
    let handle = request.obligation.expect("a handle");
    assert!(stack.take(&request));
    stack.post(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "x"}}));
    let (_, value) = stack.message();
    assert_eq!(value["method"], "notifications/cancelled");
    assert_eq!(value["params"]["requestId"], handle.as_u64());
    assert!(!stack.take(&request), "it is gone");
}

#[test]
fn every_request_of_the_host_comes_back_once() {
    let (mut stack, session) = Stack::connected();
    // The client has not declared roots, so there is nobody to ask.
    stack.send(
        Some(session),
        json!({"jsonrpc": "2.0", "id": 1, "method": "roots/list"}),
        None,
    );
    let (message, value) = stack.message();
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::Undeliverable)
    );
    assert_eq!(value["error"]["data"]["execution"], "not_sent");

    let sampling = json!({"jsonrpc": "2.0", "id": 2, "method": "sampling/createMessage"});
    stack.send(Some(session), sampling.clone(), None);
    stack.send(Some(session), sampling, None);
    assert!(
        stack.messages.is_empty(),
        "a replaced request yields nothing"
    );
    assert_eq!(stack.server.inspect().calls.len(), 1, "and is cancelled");
    stack
        .server
        .end_session(stack.now, session, EndReason::HandlerReturned);
    stack.drain();
    let (message, _) = stack.message();
    assert_eq!(message.answers.as_deref(), Some(&b"2"[..]));
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::SessionLost)
    );
    assert!(stack.messages.is_empty());
}

#[test]
fn what_is_no_message_comes_back_as_misuse() {
    let (mut stack, session) = Stack::connected();
    stack.send_text(Some(session), b"{nonsense", None);
    let (message, value) = stack.message();
    assert_eq!(value["error"]["code"], -32700);
    assert_eq!(
        message.failure.map(|failure| failure.kind),
        Some(FailureKind::Misuse)
    );
}

#[test]
fn a_refused_handshake_makes_no_session() {
    let mut stack = Stack::connected().0;
    stack.key.clear();
    stack.post(json!({"jsonrpc": "2.0", "id": "again", "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}));
    let (message, _) = stack.message();
    stack.answer(
        &message,
        json!({"error": {"code": -32000, "message": "not you"}}),
    );
    assert!(stack.key.is_empty(), "no session id went out");
    assert!(stack.events.iter().any(|event| matches!(
        event,
        ServerEvent::SessionEnded {
            reason: EndReason::Refused,
            ..
        }
    )));
}
