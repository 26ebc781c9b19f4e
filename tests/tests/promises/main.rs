//! Each promise's check must be able to fail: a step of a real client is told wrongly, and the check
//! must say so.

mod authorization;
mod eras;
mod stage;

use mcp_sansio::{
    ClientEvent, ClientOutput, ExchangeId, Execution, Instant, Notification, ObligationId, Outcome,
    Source, Withdrawal,
};
use mcp_sansio_tests::Op;
use mcp_sansio_tests::op::Millis;
use serde_json::json;
use stage::{Stage, notice, open, settled};
use std::borrow::Cow;

#[track_caller]
fn breaks(promise: &str, what: &str, op: Op, tamper: impl FnOnce(&mut Stage)) {
    let mut stage = Stage::in_session();
    stage.act(op);
    tamper(&mut stage);
    stage.close_step(what, Some(promise));
}

fn event(message: &serde_json::Value) -> Op {
    Op::chunk(5, format!("data: {message}\n\n").as_bytes())
}

fn answer() -> Op {
    event(&json!({"jsonrpc": "2.0", "id": 2, "result": {}}))
}

fn log() -> Op {
    event(
        &json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": 1}}),
    )
}

#[test]
fn p2_sees_a_second_outcome_and_one_that_never_comes() {
    breaks("P2", "twice", answer(), |stage| {
        stage.outputs.push(settled(4));
    });
    breaks("P2", "nobody's", answer(), |stage| {
        stage.outputs.push(settled(99));
    });
    breaks("P2", "swallowed", answer(), |stage| stage.outputs.clear());
    breaks("P2", "not at close", Op::Close, |stage| {
        stage
            .outputs
            .retain(|output| !matches!(output, ClientOutput::Event(ClientEvent::Settled { .. })));
        stage.inspection = Stage::in_session().client.inspect();
    });
    breaks("P2", "late", Op::Timeout, |stage| {
        stage.now = Instant::from_micros(u64::MAX);
    });
}

#[test]
fn p3_sees_a_call_without_a_lifeline_or_a_deadline() {
    breaks("P3", "no lifeline", log(), |stage| {
        stage.inspection.calls[0].lifelines.clear();
    });
    breaks("P3", "no deadline", log(), |stage| {
        stage.inspection.calls[0].deadline = None;
    });
    breaks("P3", "nobody wakes it", log(), |stage| stage.after = None);
}

#[test]
fn p4_sees_a_lie_about_execution() {
    for lie in [Execution::NotSent, Execution::Refused] {
        breaks("P4", "it may have run", Op::End { exchange: 5 }, |stage| {
            for output in &mut stage.outputs {
                if let ClientOutput::Event(ClientEvent::Settled {
                    outcome: Outcome::Failed(failure),
                    ..
                }) = output
                {
                    failure.execution = lie;
                }
            }
        });
    }
}

#[test]
fn p5_sees_a_call_that_is_sent_twice() {
    breaks("P5", "not refused, not safe", log(), |stage| {
        let again = r#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"work"}}"#;
        stage.outputs.push(open(6, None, again));
        stage.inspection.calls[0].lifelines =
            vec![mcp_sansio::Lifeline::Exchange(ExchangeId::from_u64(6))];
    });
}

#[test]
fn p6_sees_what_is_left_behind() {
    breaks("P6", "unbounded", answer(), |stage| {
        stage.inspection.exchanges[0].1 = None;
    });
    breaks("P6", "forgotten", answer(), |stage| {
        stage.inspection.exchanges.clear();
    });
}

#[test]
fn p8_sees_a_flood() {
    breaks("P8", "notices", log(), |stage| {
        stage.outputs.extend((0..50).map(|_| notice("again")));
    });
}

#[test]
fn p9_sees_a_clock_that_moves() {
    let later = Instant::from_micros(200_000_000);
    breaks("P9", "idle", log(), |stage| {
        stage.inspection.calls[0].deadline = Some(later);
        stage.after = Some(later);
    });
    let never = Instant::from_micros(9_000_000_000);
    breaks("P9", "maximum", log(), |stage| {
        stage.inspection.calls[0].deadline = Some(never);
        stage.after = Some(Instant::from_micros(1));
    });
}

#[test]
fn p10_sees_a_message_twice_and_one_after_close() {
    breaks("P10", "twice", log(), |stage| {
        let first = stage.outputs[0].clone();
        stage.outputs.push(first);
    });
    breaks("P10", "invented", log(), |stage| {
        stage
            .outputs
            .push(ClientOutput::Event(ClientEvent::Notification {
                source: Source::Standalone,
                notification: Notification::new("notifications/invented", None),
            }));
    });
    let mut stage = Stage::in_session();
    stage.act(Op::Close);
    stage.close_step("closing is well", None);
    stage.act(Op::Timeout);
    stage.outputs.push(settled(4));
    stage.close_step("an outcome after close", Some("P2"));
}

#[test]
fn p14_sees_more_bytes_than_the_limits_allow() {
    breaks("P14", "bytes", log(), |stage| {
        stage.inspection.bytes = usize::MAX;
    });
}

#[test]
fn p15_sees_outputs_that_nobody_announced() {
    breaks("P15", "unannounced", log(), |stage| stage.announced = None);
    breaks("P15", "spinning", Op::Timeout, |stage| {
        stage.after = Some(stage.now);
    });
    breaks("P15", "close without an end", Op::Close, |stage| {
        stage.after = None;
    });
}

#[test]
fn p17_sees_a_request_that_ends_twice() {
    let ask = || {
        event(&json!({"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage", "params": {}}))
    };
    let withdrawn = |id| {
        ClientOutput::Event(ClientEvent::Withdrawn {
            id: ObligationId::from_u64(id),
            why: Withdrawal::Cancelled,
        })
    };
    breaks("P17", "twice", ask(), |stage| {
        stage.outputs.extend([withdrawn(6), withdrawn(6)]);
        // Withdrawn, it stops no clock any more.
        let idle = Some(Instant::from_micros(120_000_000));
        stage.inspection.calls[0].deadline = idle;
        stage.after = idle;
    });
    breaks("P17", "forgotten", ask(), |stage| {
        stage.inspection.obligations.clear();
        let idle = Some(Instant::from_micros(120_000_000));
        stage.inspection.calls[0].deadline = idle;
        stage.after = idle;
    });
}

#[test]
fn p18_sees_secrets_and_other_origins() {
    breaks("P18", "session id", log(), |stage| {
        stage
            .outputs
            .push(notice("the session session-4711 is odd"));
    });
    breaks("P18", "origin", log(), |stage| {
        stage
            .outputs
            .push(open(6, Some("http://server.test.evil/"), "{}"));
        stage
            .inspection
            .exchanges
            .push((ExchangeId::from_u64(6), None));
    });
}

#[test]
fn times_are_counted_in_milliseconds() {
    assert_eq!(Millis(1.5).instant(), Instant::from_micros(1_500));
    assert_eq!(
        Cow::Borrowed("1.5ms"),
        format!("{:?}", Millis(1.5).duration())
    );
}
