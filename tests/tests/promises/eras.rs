//! The checks about subscriptions and the eras.

use crate::stage::{STATE, Stage, call};
use mcp_sansio::{
    ClientEvent, ClientOutput, ExchangeId, Header, ListenId, ListenState, Method, Notification,
    Outcome, Source,
};
use mcp_sansio_tests::Op;
use serde_json::json;

#[track_caller]
fn breaks(promise: &str, what: &str, op: Op, tamper: impl FnOnce(&mut Stage)) {
    let mut stage = Stage::modern();
    stage.act(op);
    tamper(&mut stage);
    stage.close_step(what, Some(promise));
}

fn told(state: ListenState) -> ClientOutput {
    ClientOutput::Event(ClientEvent::Listen {
        listen: ListenId::from_u64(3),
        state,
    })
}

fn ended() -> ClientOutput {
    told(ListenState::Ended(Outcome::Result("{}".into())))
}

fn unlisten() -> Op {
    Op::Unlisten { listen: 3 }
}

/// The host's answer, with which the next round goes out: exchange 8.
fn answer() -> Op {
    Op::Respond {
        id: 7,
        result: Some(json!({"action": "decline"})),
        result_text: None,
        error: None,
    }
}

/// Tells of the only exchange that was opened as `change` makes it.
fn reopened(stage: &mut Stage, change: impl Fn(&mut Method, &mut Vec<Header>, &mut String)) {
    for output in &mut stage.outputs {
        if let ClientOutput::Open {
            method,
            headers,
            body,
            ..
        } = output
        {
            let mut text = String::from_utf8(body.to_vec()).expect("JSON is UTF-8");
            change(method, headers, &mut text);
            *body = text.into();
            return;
        }
    }
    panic!("nothing was opened");
}

#[test]
fn what_is_told_rightly_passes() {
    for op in [unlisten(), answer(), call(), Op::Close, Op::Timeout] {
        let mut stage = Stage::modern();
        stage.act(op);
        stage.close_step("nothing is wrong", None);
    }
}

#[test]
fn p2_sees_a_subscription_that_ends_twice_or_never() {
    breaks("P2", "twice", unlisten(), |stage| {
        stage.outputs.push(ended());
    });
    breaks("P2", "not at close", Op::Close, |stage| {
        stage
            .outputs
            .retain(|output| !matches!(output, ClientOutput::Event(ClientEvent::Listen { .. })));
    });
    breaks("P2", "nobody's", Op::Timeout, |stage| {
        stage.outputs.push(ClientOutput::Event(ClientEvent::Listen {
            listen: ListenId::from_u64(99),
            state: ListenState::Gap,
        }));
        stage.announced = Some(stage.now);
    });
}

#[test]
fn p6_sees_a_stream_that_outlives_its_subscription() {
    breaks("P6", "not aborted", unlisten(), |stage| {
        stage
            .outputs
            .retain(|output| !matches!(output, ClientOutput::Abort { .. }));
        stage
            .inspection
            .exchanges
            .push((ExchangeId::from_u64(4), None));
    });
}

#[test]
fn p10_sees_a_subscription_out_of_order() {
    let open = || {
        told(ListenState::Open {
            filter: "{}".into(),
        })
    };
    for (what, output) in [
        ("open again", open()),
        (
            "not asked for",
            ClientOutput::Event(ClientEvent::Notification {
                source: Source::Listen(ListenId::from_u64(3)),
                notification: Notification::new("notifications/prompts/list_changed", None),
            }),
        ),
    ] {
        breaks("P10", what, Op::Timeout, |stage| {
            // It was received, so that it is not the invention that is seen.
            stage
                .watch
                .fed
                .push(json!({"method": "notifications/prompts/list_changed", "params": null}));
            stage.announced = Some(stage.now);
            stage.outputs.push(output);
        });
    }
    breaks("P10", "a gap after the end", unlisten(), |stage| {
        stage.outputs.push(told(ListenState::Gap));
    });
}

#[test]
fn e1_sees_headers_that_say_something_else() {
    for (what, name, value) in [
        ("no method", "mcp-method", None),
        ("another method", "mcp-method", Some("tools/list")),
        ("another name", "mcp-name", Some("play")),
        ("a name that cannot be sent", "mcp-name", Some("w\u{f6}rk")),
        (
            "another version",
            "mcp-protocol-version",
            Some("2025-11-25"),
        ),
        ("a session", "mcp-session-id", Some("session-4711")),
        ("an invented argument", "mcp-param-region", Some("eu")),
    ] {
        breaks("E1", what, call(), |stage| {
            reopened(stage, |_, headers, _| {
                headers.retain(|header| header.name != name);
                headers.extend(value.map(|value| Header::new(name, value)));
            });
        });
    }
    breaks("E1", "twice", call(), |stage| {
        reopened(stage, |_, headers, _| {
            headers.push(Header::new("mcp-name", "work"));
        });
    });
}

#[test]
fn e2_sees_what_belongs_to_the_other_era() {
    breaks("E2", "a GET", call(), |stage| {
        reopened(stage, |method, headers, body| {
            *method = Method::Get;
            headers.clear();
            body.clear();
        });
    });
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3}});
    let response = json!({"jsonrpc": "2.0", "id": "q1", "result": {}});
    for message in [cancelled, response] {
        breaks("E2", "a message", call(), |stage| {
            reopened(stage, |_, headers, body| {
                headers.clear();
                *body = message.to_string();
            });
        });
    }
}

#[test]
fn e3_sees_an_id_that_is_used_again() {
    breaks("E3", "the subscription's", call(), |stage| {
        reopened(stage, |_, _, body| {
            *body = body.replace("\"id\":4", "\"id\":2");
        });
    });
}

#[test]
fn e4_sees_a_round_that_says_something_else() {
    breaks("E4", "written anew", answer(), |stage| {
        reopened(stage, |_, _, body| *body = body.replace(STATE, "\"A/\""));
    });
    breaks("E4", "another answer", answer(), |stage| {
        reopened(stage, |_, _, body| *body = body.replace("\"q\":", "\"p\":"));
    });
    breaks("E4", "other params", answer(), |stage| {
        reopened(stage, |_, headers, body| {
            *body = body.replace("\"work\"", "\"play\"");
            headers.retain(|header| header.name != "mcp-name");
            headers.push(Header::new("mcp-name", "play"));
        });
    });
}

#[test]
fn p5_sees_a_round_that_goes_out_twice() {
    let mut stage = Stage::modern();
    stage.act(answer());
    stage.close_step("the round goes out", None);
    stage.act(Op::Timeout);
    let again = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"work"}}"#;
    stage.outputs.push(crate::stage::open(9, None, again));
    stage.announced = Some(stage.now);
    stage.inspection.calls[0].lifelines =
        vec![mcp_sansio::Lifeline::Exchange(ExchangeId::from_u64(9))];
    stage.close_step("the round again", Some("P5"));
}
