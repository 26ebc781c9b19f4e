//! The host's own subscriptions: what comes on them is tagged with the host's id, and nothing
//! else reaches the host.

use std::time::Duration;

use mcp_sansio::{ClientInput, FailureKind};
use serde_json::{Value, json};

use super::stack::{Opened, SSE, Stack};
use crate::message::{
    SUBSCRIPTION, acknowledged, call_of, cancelled, list_changed, listen, notification, result,
};

impl Stack {
    /// The host's subscription is open.
    pub(super) fn listening(&mut self, id: Value) -> Opened {
        self.send(listen(id.clone()));
        let open = self.received("subscriptions/listen");
        self.head(open.exchange, 200, SSE);
        self.stream(open.exchange, &acknowledged(open.id()));
        assert_eq!(self.tagged(&id), acknowledged(&id));
        open
    }

    /// The next message, which must have come for this subscription.
    pub(super) fn tagged(&mut self, id: &Value) -> Value {
        let (message, value) = self.message();
        assert_eq!(message.via.as_deref(), Some(id.to_string().as_bytes()));
        assert_eq!(message.answers, None);
        value
    }
}

#[test]
fn a_subscription_goes_out_at_once_and_as_it_is() {
    for mut stack in [Stack::new(), Stack::connected()] {
        stack.send(listen(json!("l")));
        let sent = stack.received("subscriptions/listen");
        assert_eq!(sent.header("mcp-method"), Some("subscriptions/listen"));
        assert_eq!(sent.header("mcp-protocol-version"), Some("2026-07-28"));
        assert_eq!(sent.header("mcp-session-id"), None);
        assert_eq!(sent.header("mcp-name"), None);
        assert_eq!(sent.message["params"], listen(json!("l"))["params"]);
        assert_ne!(*sent.id(), "l");
    }
}

#[test]
fn everything_of_a_subscription_bears_the_host_s_id() {
    for id in [json!(7), json!("seven"), json!("7"), json!(-1.5)] {
        let mut stack = Stack::new();
        let open = stack.listening(id.clone());
        stack.stream(open.exchange, &list_changed(open.id()));
        assert_eq!(stack.tagged(&id), list_changed(&id));
        // What else is said there stays.
        let params = json!({"_meta": {"own": 1, SUBSCRIPTION: open.id()}, "uri": "x"});
        let other = notification("com.example/changed", params);
        stack.stream(open.exchange, &other);
        let expected = json!({"_meta": {"own": 1, SUBSCRIPTION: id}, "uri": "x"});
        assert_eq!(stack.tagged(&id)["params"], expected);
        let end = json!({"resultType": "complete", "_meta": {SUBSCRIPTION: open.id(), "own": 2}});
        stack.stream(open.exchange, &result(open.id(), end));
        let expected = json!({"resultType": "complete", "_meta": {SUBSCRIPTION: id, "own": 2}});
        assert_eq!(stack.answer(id)["result"], expected);
        stack.assert_quiet();
    }
}

/// The wire ids of two are each other's host ids, to confuse them if anything can.
#[test]
fn subscriptions_are_told_apart() {
    let mut stack = Stack::new();
    let first = stack.listening(json!(2));
    let second = stack.listening(json!(1));
    assert_eq!((first.id(), second.id()), (&json!(1), &json!(2)));
    stack.stream(first.exchange, &list_changed(first.id()));
    stack.stream(second.exchange, &list_changed(second.id()));
    assert_eq!(stack.tagged(&json!(2)), list_changed(&json!(2)));
    assert_eq!(stack.tagged(&json!(1)), list_changed(&json!(1)));
    stack.send(cancelled(json!(1)));
    assert_eq!(stack.aborted, [second.exchange]);
    stack.failure(json!(1));
    stack.stream(first.exchange, &list_changed(first.id()));
    assert_eq!(stack.tagged(&json!(2)), list_changed(&json!(2)));
}

#[test]
fn what_is_not_of_the_subscription_does_not_reach_the_host() {
    let mut stack = Stack::new();
    let open = stack.listening(json!("l"));
    for foreign in [
        list_changed(&json!(999)),
        list_changed(&json!("l")),
        list_changed(&json!({"a": 1})),
        acknowledged(open.id()),
        notification(
            "notifications/prompts/list_changed",
            json!({"_meta": {SUBSCRIPTION: open.id()}}),
        ),
        notification("notifications/message", json!({"level": "info", "data": 1})),
        cancelled(json!(999)),
        result(&json!(999), json!({})),
        crate::message::request(json!(1), "ping", json!({})),
    ] {
        stack.events.clear();
        stack.stream(open.exchange, &foreign);
        assert!(stack.messages.is_empty(), "{foreign}: {:?}", stack.messages);
        assert!(stack.opened.is_empty(), "{foreign}: {:?}", stack.opened);
    }
    // One without a tag can be of no other.
    stack.stream(
        open.exchange,
        &notification("notifications/tools/list_changed", json!({})),
    );
    assert_eq!(stack.tagged(&json!("l")), list_changed(&json!("l")));
}

#[test]
fn nothing_comes_before_the_acknowledgement() {
    let mut stack = Stack::new();
    stack.send(listen(json!("l")));
    let open = stack.received("subscriptions/listen");
    stack.head(open.exchange, 200, SSE);
    stack.stream(open.exchange, &list_changed(open.id()));
    assert!(stack.messages.is_empty());
    stack.stream(open.exchange, &acknowledged(open.id()));
    assert_eq!(stack.tagged(&json!("l")), acknowledged(&json!("l")));
}

#[test]
fn the_filter_that_the_server_grants_comes_as_it_is() {
    let mut stack = Stack::new();
    stack.send(listen(json!("l")));
    let open = stack.received("subscriptions/listen");
    stack.head(open.exchange, 200, SSE);
    let text = r#"{ "com.example/own" : 1.50 }"#;
    let data = format!(
        "data: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\
         \"params\":{{\"notifications\":{text}}}}}\n\n"
    );
    stack.feed(ClientInput::Chunk {
        exchange: open.exchange,
        data: data.as_bytes(),
    });
    let (message, value) = stack.message();
    assert!(String::from_utf8_lossy(&message.text).contains(text));
    assert_eq!(value["params"]["_meta"][SUBSCRIPTION], "l");
}

/// The hard maximum of a call is none of a subscription.
#[test]
fn a_subscription_lives_as_long_as_its_stream() {
    let mut stack = Stack::new();
    let open = stack.listening(json!("l"));
    stack.wait(Duration::from_secs(48 * 60 * 60));
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    stack.stream(open.exchange, &list_changed(open.id()));
    assert_eq!(stack.tagged(&json!("l")), list_changed(&json!("l")));
}

#[test]
fn subscriptions_leave_a_place_for_calls() {
    let mut stack = Stack::with(|config| config.limits.exchanges = Some(4));
    stack.listening(json!("l"));
    stack.send(listen(json!("m")));
    assert_eq!(stack.failure(json!("m")).kind, FailureKind::Overloaded);
    stack.send(call_of(json!(1), "echo"));
    let sent = stack.received("tools/call");
    stack.reply(&sent, json!({}));
    stack.answer(json!(1));
}
