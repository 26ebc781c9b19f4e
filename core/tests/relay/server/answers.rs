//! What the host answers modern requests: it goes out as it is, under the client's id and the status that fits,
//! unless the protocol forbids it.

use mcp_sansio::{NoticeKind, ObligationId, ResponseMode, ServerEvent};
use serde_json::{Value, json};

use super::stack::Stack;
use crate::message::{CAPABILITIES, call_of, modern, with_meta};

impl Stack {
    fn ignored(&self) -> bool {
        matches!(
            &self.events[..],
            [ServerEvent::Notice(notice)] if notice.kind == NoticeKind::Ignored
        )
    }
}

/// What the protocol wants in a result is the host's to say.
#[test]
fn results_go_out_byte_for_byte_under_the_client_s_id() {
    for raw in ["1", "-1.50", r#""c""#, r#""\u0063""#, r#""""#] {
        for result in [
            r#"{"content":[ ],"n":1.50}"#,
            r#"{ "resultType":"com.example/later"}"#,
            r#"{"tools":[{"name":"t"}]}"#,
        ] {
            for method in ["tools/list", "com.example/own"] {
                let mut stack = Stack::new();
                let params = with_meta(json!({}));
                let text = format!(
                    r#"{{"jsonrpc":"2.0","id":{raw},"method":"{method}","params":{params}}}"#
                );
                let headers = [
                    ("mcp-protocol-version", "2026-07-28"),
                    ("mcp-method", method),
                ];
                let exchange = stack.post_text(&headers, &text);
                let (request, _) = stack.message();
                let handle = request.obligation.expect("a handle").as_u64();
                let answer = format!(r#"{{"jsonrpc":"2.0","id":{handle},"result":{result}}}"#);
                let answered = stack.send_text(None, answer.as_bytes(), None);
                assert_eq!(answered, request.obligation);
                let received = stack.on(exchange).expect("a response");
                let expected = format!(r#"{{"jsonrpc":"2.0","id":{raw},"result":{result}}}"#);
                assert_eq!(received.text, expected);
                assert_eq!(received.status, 200);
                assert!(stack.events.is_empty(), "{:?}", stack.events);
            }
        }
    }
}

#[test]
fn the_host_is_told_what_it_answers() {
    let mut stack = Stack::new();
    for (text, answered) in [
        (r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, Some(7)),
        (
            r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":""}}"#,
            Some(7),
        ),
        // No message, but it was to answer.
        (r#"{"jsonrpc":"1.0","id":7,"result":{}}"#, Some(7)),
        (r#"{"jsonrpc":"2.0","id":"7","result":{}}"#, None),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#, None),
        (r#"{"jsonrpc":"2.0","method":"notifications/x"}"#, None),
        ("{nonsense", None),
    ] {
        let answered = answered.map(ObligationId::from_u64);
        assert_eq!(
            stack.send_text(None, text.as_bytes(), None),
            answered,
            "{text}"
        );
    }
}

#[test]
fn the_host_s_error_decides_the_status() {
    for (code, status) in [
        (-32601, 404),
        (-32020, 400),
        (-32021, 400),
        (-32022, 400),
        (-32602, 200),
        (-32603, 200),
        (7, 200),
    ] {
        let error = json!({"code": code, "message": "no", "data": {"supported": ["x"]}});
        let mut stack = Stack::new();
        let (exchange, request) = stack.asked(modern(json!("c"), "tools/list", json!({})));
        stack.answer(&request, json!({"error": error}));
        let received = stack.on(exchange).expect("a response");
        assert_eq!(received.status, status, "{code}");
        assert_eq!(
            received.messages(),
            [json!({"jsonrpc": "2.0", "id": "c", "error": error})]
        );

        // A stream has begun with 200.
        let mut stack = Stack::with(|config| config.mode = ResponseMode::Sse);
        let (exchange, request) = stack.asked(modern(json!("c"), "tools/list", json!({})));
        stack.answer(&request, json!({"error": error}));
        let received = stack.on(exchange).expect("a response");
        assert_eq!((received.status, received.is_stream()), (200, true));
        assert_eq!(stack.last_on(exchange)["error"], error);
    }
}

#[test]
fn questions_are_for_clients_that_can_answer_them() {
    let asks = json!({"resultType": "input_required", "requestState": "s",
        "inputRequests": {"k": {"method": "elicitation/create", "params": {}}}});
    let with = |capabilities: Value| {
        let meta = json!({CAPABILITIES: capabilities});
        modern(json!(1), "tools/call", json!({"name": "a", "_meta": meta}))
    };
    let mut stack = Stack::new();
    let (exchange, request) = stack.asked(with(json!({"elicitation": {}})));
    stack.answer(&request, json!({"result": asks}));
    assert_eq!(stack.last_on(exchange)["result"], asks);
    assert!(stack.events.is_empty(), "{:?}", stack.events);

    let (exchange, request) = stack.asked(with(json!({"sampling": {}})));
    stack.answer(&request, json!({"result": asks}));
    let received = stack.on(exchange).expect("a response");
    assert_eq!(received.status, 400);
    let error = &stack.last_on(exchange)["error"];
    assert_eq!(error["code"], -32021);
    let needed = json!({"requiredCapabilities": {"elicitation": {}}});
    assert_eq!(error["data"], needed);
    assert!(stack.ignored(), "{:?}", stack.events);
}

#[test]
fn a_result_that_the_protocol_forbids_does_not_go_out() {
    let asks = |more: Value| {
        let mut asks = json!({"resultType": "input_required"});
        for (key, value) in more.as_object().expect("an object") {
            asks[key] = value.clone();
        }
        asks
    };
    for (method, result) in [
        ("tools/list", asks(json!({"requestState": "s"}))),
        ("tools/call", asks(json!({}))),
        (
            "tools/call",
            asks(json!({"inputRequests": {"k": {"method": "tools/list"}}})),
        ),
        ("tools/call", json!([1])),
    ] {
        let mut stack = Stack::new();
        let (exchange, request) = stack.asked(modern(json!(1), method, json!({"name": "a"})));
        stack.answer(&request, json!({"result": result}));
        let error = &stack.last_on(exchange)["error"];
        assert_eq!(error["code"], -32603, "{method} {result}");
        assert!(stack.ignored(), "{:?}", stack.events);
    }
}

#[test]
fn a_broken_response_of_the_host_s_is_an_error_for_the_client() {
    for broken in [
        r#""result":{},"error":{"code":1,"message":""}"#,
        r#""result":{},"error":1"#,
    ] {
        let mut stack = Stack::new();
        let (exchange, request) = stack.asked(call_of(json!("c"), "a"));
        let handle = request.obligation.expect("a handle").as_u64();
        let text = format!(r#"{{"jsonrpc":"2.0","id":{handle},{broken}}}"#);
        stack.send_text(None, text.as_bytes(), request.obligation);
        assert_eq!(stack.last_on(exchange)["id"], "c");
        assert_eq!(stack.last_on(exchange)["error"]["code"], -32603);
        assert!(stack.messages.is_empty(), "{:?}", stack.messages);
        assert!(stack.ignored(), "{:?}", stack.events);
    }
}
