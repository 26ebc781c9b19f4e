//! The simulation's own tests: it does the same twice, and what it checks can fail.

use mcp_sansio_tests::dice::Dice;
use mcp_sansio_tests::sim::{self, Beat, Cast, Deed, Fault, Job, Plan, What};
use std::time::Duration;

/// Exchanges of a client that come before its first call: `initialize`, and its acknowledgement.
const HANDSHAKE: usize = 2;

/// A plan in which nothing goes wrong: one call, a tick of progress, a result.
fn quiet() -> Plan {
    let mut plan = Plan::invent(&mut Dice::of_bytes(&[]));
    plan.setup.cast = Cast::Honest;
    plan.setup.clients.truncate(1);
    plan.setup.is_patient = true;
    plan.setup.demands_tokens = false;
    plan.setup.takes_after = Duration::ZERO;
    plan.setup.server.sessions = true;
    plan.end = Duration::from_secs(1);
    let job = Job {
        number: 0,
        method: "tools/call",
        progress: true,
        is_marked_safe: false,
        idle: None,
        max: None,
        beats: vec![
            (Duration::ZERO, Beat::Progress),
            (Duration::ZERO, Beat::Result),
        ],
    };
    plan.deeds = vec![Deed {
        at: Duration::ZERO,
        what: What::Call(0, job.into()),
    }];
    plan
}

/// The same, with a fault on the exchange of its call; the promise that breaks.
fn breaks(fault: Fault) -> Option<&'static str> {
    let mut plan = quiet();
    plan.deeds.push(Deed {
        at: Duration::ZERO,
        what: What::Exchange {
            client: 0,
            nth: HANDSHAKE,
            fault,
        },
    });
    sim::play(&plan).err().map(|fallen| fallen.broken.promise)
}

#[test]
fn one_seed_gives_one_log() {
    for seed in 0..40 {
        let (one, other) = (sim::run(seed), sim::run(seed));
        assert_eq!(
            one.map(|done| done.log).map_err(|found| found.to_string()),
            other
                .map(|done| done.log)
                .map_err(|found| found.to_string()),
        );
    }
}

#[test]
fn a_quiet_call_is_answered() {
    let done = sim::play(&quiet()).expect("nothing goes wrong");
    assert_eq!(done.tally.get("outcome: result"), 1, "{}", done.log);
    assert_eq!(done.tally.get("server answers 200"), 3, "{}", done.log);
}

#[test]
fn faults_that_may_happen_break_no_promise() {
    for fault in [
        Fault::Refused,
        Fault::ResetRequest(10),
        Fault::ResetResponse(10),
        Fault::Instead(503),
        Fault::GaveUp(504),
        Fault::Silence(3),
    ] {
        assert_eq!(breaks(fault), None, "{fault:?}");
    }
}

#[test]
fn a_reset_at_any_byte_breaks_no_promise() {
    for at in 0..400 {
        for fault in [Fault::ResetRequest(at), Fault::ResetResponse(at)] {
            assert_eq!(breaks(fault), None, "{fault:?}");
        }
    }
}

#[test]
fn a_request_that_comes_twice_is_noticed() {
    assert_eq!(breaks(Fault::Doubled), Some("W2"));
}

#[test]
fn a_refusal_of_what_has_run_is_noticed() {
    assert_eq!(breaks(Fault::GaveUp(405)), Some("W3"));
}

#[test]
fn an_answer_that_nobody_gave_is_noticed() {
    let mut plan = quiet();
    let Some(What::Call(_, job)) = plan.deeds.first_mut().map(|deed| &mut deed.what) else {
        panic!("the plan begins with its call");
    };
    job.beats.remove(0);
    plan.deeds.push(Deed {
        at: Duration::ZERO,
        what: What::Exchange {
            client: 0,
            nth: HANDSHAKE,
            fault: Fault::Altered,
        },
    });
    let fallen = sim::play(&plan).expect_err("the answer was changed");
    assert_eq!(fallen.broken.promise, "W1", "{}", fallen.log);
    assert_eq!(breaks(Fault::Altered), Some("W7"));
}

#[test]
fn bytes_are_dice_too() {
    for seed in 0..50_u8 {
        let bytes: Vec<u8> = (0..200_u8)
            .map(|at| at.wrapping_mul(seed).rotate_left(3))
            .collect();
        let done = sim::run_bytes(&bytes).expect("no promise is broken");
        assert_eq!(sim::run_bytes(&bytes).expect("the same again"), done);
    }
}
