//! Subscriptions that the host serves itself: what it says for one goes out under the client's id.

use std::time::Duration;

use mcp_sansio::{ExchangeId, RelayMessage, ResponseMode, ServerInput};
use serde_json::{Value, json};

use super::stack::Stack;
use crate::message::{SUBSCRIPTION, acknowledged, list_changed, listen, notification};

impl Stack {
    /// A client subscribes, and the host acknowledges it under the id that it saw.
    fn listened(&mut self, id: Value) -> (ExchangeId, RelayMessage, Value) {
        let (exchange, request) = self.asked(listen(id));
        let handle = json!(request.obligation.expect("a handle").as_u64());
        assert!(self.take(&request));
        self.send(None, acknowledged(&handle), request.obligation);
        (exchange, request, handle)
    }
}

#[test]
fn everything_of_a_subscription_bears_the_client_s_id() {
    for id in [json!(7), json!("seven"), json!("7"), json!(-1.5)] {
        let mut stack = Stack::new();
        let (exchange, request, handle) = stack.listened(id.clone());
        stack.send(None, list_changed(&handle), request.obligation);
        // A host that does not know of tags.
        let bare = notification("notifications/tools/list_changed", json!({}));
        stack.send(None, bare, request.obligation);
        let own = json!({"uri": "x", "_meta": {"own": 1, SUBSCRIPTION: handle}});
        stack.send(
            None,
            notification("com.example/changed", own),
            request.obligation,
        );
        let end = json!({"resultType": "complete", "_meta": {SUBSCRIPTION: handle, "own": 2}});
        stack.answer(&request, json!({"result": end}));
        let own = json!({"uri": "x", "_meta": {"own": 1, SUBSCRIPTION: id}});
        let end = json!({"resultType": "complete", "_meta": {SUBSCRIPTION: id, "own": 2}});
        let received = stack.on(exchange).expect("a response");
        assert_eq!(
            received.messages(),
            [
                acknowledged(&id),
                list_changed(&id),
                list_changed(&id),
                notification("com.example/changed", own),
                json!({"jsonrpc": "2.0", "id": id, "result": end}),
            ]
        );
        assert!(received.is_stream() && received.is_over);
        assert!(stack.events.is_empty(), "{:?}", stack.events);
    }
}

/// Ids are a client's own: two clients choose the same, or another's handle.
#[test]
fn subscriptions_are_told_apart() {
    let mut stack = Stack::new();
    let (one, first, first_handle) = stack.listened(json!(1));
    let (two, second, handle) = stack.listened(json!(1));
    let (three, _, _) = stack.listened(first_handle.clone());
    stack.send(None, list_changed(&handle), second.obligation);
    let counts = |stack: &Stack| {
        [one, two, three].map(|on| stack.on(on).expect("a response").messages().len())
    };
    assert_eq!(counts(&stack), [1, 2, 1]);
    assert_eq!(stack.last_on(two), list_changed(&json!(1)));
    assert_eq!(stack.last_on(three), acknowledged(&first_handle));
    stack.answer(&first, json!({"result": {}}));
    assert_eq!(counts(&stack), [2, 2, 1]);
    assert_eq!(stack.last_on(one)["result"]["_meta"][SUBSCRIPTION], 1);
}

/// A subscription is a stream whatever the mode: nothing else has room for it.
#[test]
fn a_subscription_is_a_stream_in_every_mode() {
    for mode in [
        ResponseMode::Adaptive,
        ResponseMode::Json,
        ResponseMode::Sse,
    ] {
        let mut stack = Stack::with(|config| config.mode = mode);
        let (exchange, request, handle) = stack.listened(json!("l"));
        stack.send(None, list_changed(&handle), request.obligation);
        let received = stack
            .on(exchange)
            .unwrap_or_else(|| panic!("nothing goes out in {mode:?}"));
        assert!(received.is_stream());
        let expected = [acknowledged(&json!("l")), list_changed(&json!("l"))];
        assert_eq!(received.messages(), expected, "{mode:?}");
    }
}

/// The bound on an answer is none of a subscription's, which is not over for as long as nothing changes.
#[test]
fn a_silent_subscription_lives() {
    let mut stack = Stack::new();
    let (exchange, request, handle) = stack.listened(json!("l"));
    stack.wait(Duration::from_secs(48 * 60 * 60));
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
    assert!(!stack.on(exchange).expect("a response").is_over);
    stack.send(None, list_changed(&handle), request.obligation);
    assert_eq!(stack.last_on(exchange), list_changed(&json!("l")));
}

#[test]
fn a_subscription_that_is_not_acknowledged_ends() {
    let mut stack = Stack::new();
    let (exchange, request) = stack.asked(listen(json!("l")));
    assert!(stack.take(&request));
    stack.wait(Duration::from_secs(60 * 60));
    let (_, value) = stack.message();
    let handle = request.obligation.expect("a handle").as_u64();
    assert_eq!(value["params"]["requestId"], handle);
    assert!(stack.on(exchange).expect("a response").is_over);
    assert_eq!(stack.last_on(exchange)["error"]["code"], -32603);
}

#[test]
fn a_client_that_goes_away_ends_its_subscription() {
    let mut stack = Stack::new();
    let (exchange, request, handle) = stack.listened(json!("l"));
    let (other, second, second_handle) = stack.listened(json!("l"));
    stack.feed(ServerInput::Gone { exchange });
    let (_, value) = stack.message();
    assert_eq!(value["method"], "notifications/cancelled");
    assert_eq!(value["params"]["requestId"], handle);
    stack.send(None, list_changed(&handle), request.obligation);
    stack.answer(&request, json!({"result": {}}));
    stack.send(None, list_changed(&second_handle), second.obligation);
    assert_eq!(stack.last_on(other), list_changed(&json!("l")));
    assert!(stack.messages.is_empty(), "{:?}", stack.messages);
}

#[test]
fn the_host_may_refuse_a_subscription() {
    for (code, status) in [(-32601, 404), (-32602, 200), (-32603, 200)] {
        let mut stack = Stack::new();
        let (exchange, request) = stack.asked(listen(json!("l")));
        stack.answer(&request, json!({"error": {"code": code, "message": "no"}}));
        let received = stack.on(exchange).expect("a response");
        assert_eq!((received.status, received.is_over), (status, true));
        assert_eq!(stack.last_on(exchange)["error"]["code"], code);
    }
}

#[test]
fn a_shut_down_ends_what_the_host_does_not() {
    let mut stack = Stack::new();
    let (one, request, _) = stack.listened(json!("l"));
    let (two, _, _) = stack.listened(json!("m"));
    stack.server.shut_down(stack.now, Duration::from_secs(5));
    stack.drain();
    stack.answer(&request, json!({"result": {"resultType": "complete"}}));
    assert_eq!(stack.last_on(one)["result"]["_meta"][SUBSCRIPTION], "l");
    stack.wait(Duration::from_secs(5));
    let received = stack.on(two).expect("a response");
    assert!(received.is_over);
    assert_eq!(stack.last_on(two)["id"], "m");
    let (_, value) = stack.message();
    assert_eq!(value["method"], "notifications/cancelled");
}
