//! The checks about credentials.

use crate::stage::{Stage, call, head};
use mcp_sansio::{CallId, ClientEvent, ClientOutput, Instant, Lifeline};
use mcp_sansio_tests::Op;

#[track_caller]
fn breaks(promise: &str, what: &str, mut stage: Stage, op: Op, tamper: impl FnOnce(&mut Stage)) {
    stage.act(op);
    tamper(&mut stage);
    stage.close_step(what, Some(promise));
}

const END: Op = Op::End { exchange: 7 };
const GRANT: Op = Op::Authorize { granted: true };
const DENY: Op = Op::Authorize { granted: false };

/// Tells the question to the host as `change` makes it.
fn question(stage: &mut Stage, change: impl Fn(&mut u16, &mut Vec<CallId>)) {
    for output in &mut stage.outputs {
        if let ClientOutput::Event(ClientEvent::Unauthorized { refusal, calls }) = output {
            return change(&mut refusal.status, calls);
        }
    }
    panic!("nothing was asked");
}

fn lifelines(stage: &mut Stage, call: u64) -> &mut Vec<Lifeline> {
    let mut calls = stage.inspection.calls.iter_mut();
    let owed = calls.find(|owed| owed.id.as_u64() == call);
    &mut owed.expect("the call has not settled").lifelines
}

#[test]
fn what_is_told_rightly_passes() {
    for op in [GRANT, DENY, call(), Op::Close, Op::Timeout] {
        let mut stage = Stage::parked();
        stage.act(op);
        stage.close_step("nothing is wrong", None);
    }
}

#[test]
fn p2_sees_a_question_beside_another() {
    breaks("P2", "twice", Stage::refused(), END, |stage| {
        stage.outputs.extend(stage.outputs.clone());
    });
}

#[test]
fn p3_sees_a_question_that_says_something_else() {
    breaks("P3", "another call", Stage::refused(), END, |stage| {
        question(stage, |_, calls| *calls = vec![CallId::from_u64(4)]);
    });
    breaks("P3", "a call twice", Stage::refused(), END, |stage| {
        question(stage, |_, calls| calls.extend(calls.clone()));
    });
    breaks("P3", "no refusal", Stage::refused(), END, |stage| {
        question(stage, |status, _| *status = 500);
    });
    breaks("P3", "no authorizer", Stage::refused(), END, |stage| {
        stage.watch.config.authorizer = false;
    });
}

#[test]
fn p3_sees_a_call_that_waits_for_credentials_in_vain() {
    breaks("P3", "unasked", Stage::refused(), END, |stage| {
        stage.outputs.clear();
    });
    breaks("P3", "without a bound", Stage::refused(), END, |stage| {
        stage.after = Some(Instant::from_micros(6 * 60 * 1_000_000));
    });
    breaks("P3", "after the grant", Stage::parked(), GRANT, |stage| {
        *lifelines(stage, 6) = vec![Lifeline::Authorization];
    });
    breaks(
        "P3",
        "after the bound",
        Stage::parked(),
        Op::Drain,
        |stage| {
            stage.watch.asked_for_credentials = None;
        },
    );
}

#[test]
fn p3_sees_a_denial_that_settles_nothing() {
    breaks("P3", "denied", Stage::parked(), GRANT, |stage| {
        stage.op = DENY;
    });
}

#[test]
fn p8_sees_what_goes_out_again_and_again() {
    let mut stage = Stage::refused();
    for exchange in 8..11 {
        stage.act(GRANT);
        stage.close_step("new credentials", None);
        stage.act(Op::End {
            exchange: exchange - 1,
        });
        stage.close_step("older ones were refused", None);
        stage.act(head(exchange, 401, &[]));
        stage.close_step("so are these", None);
    }
    stage.act(Op::Drain);
    for seen in stage.watch.exchanges.values_mut() {
        seen.wants_credentials |= seen.call == Some(4);
        seen.call = seen.call.map(|_| 6);
    }
    stage.close_step("a fifth refusal", Some("P8"));
}
