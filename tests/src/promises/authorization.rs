//! Promises about credentials: who waits for them, how long, and how often they are asked for.

use super::{Verdict, after};
use crate::op::Op;
use crate::watch::{CallKind, StepSeen, Watch};
use mcp_sansio::{CallId, ClientEvent, ClientOutput, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// Authorizations of one call, and of anything else that goes out again.
const MOST_AUTHORIZATIONS: usize = 3;

/// P3: a call waits for credentials only while the host is asked for them, and that has a bound; the event
/// names the calls that wait.
pub(super) fn parks_with_a_bound(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    for output in step.outputs {
        if let ClientOutput::Event(ClientEvent::Unauthorized { refusal, calls }) = output {
            asks(watch, step, refusal, calls)?;
        }
    }
    let Some(waiting) = watch.parked.first() else {
        return Ok(());
    };
    let Some(asked) = watch.asked_for_credentials else {
        return Err(format!(
            "call {waiting} waits for credentials, which nobody was asked for"
        ));
    };
    let bound = after(asked, watch.config.timing.authorization);
    if step.after.is_none_or(|at| at > bound) {
        return Err(format!(
            "call {waiting} waits for credentials until {bound:?}, but `poll_timeout` says {:?}",
            step.after
        ));
    }
    Ok(())
}

fn asks(watch: &Watch, step: &StepSeen<'_>, refusal: &Refusal, calls: &[CallId]) -> Verdict {
    if !watch.config.authorizer {
        return Err("a host that has no credentials to give was asked for them".to_owned());
    }
    if !matches!(refusal.status, 401 | 403) {
        return Err(format!(
            "the host was asked for credentials after {refusal:?}"
        ));
    }
    let named: BTreeSet<_> = calls.iter().map(|call| call.as_u64()).collect();
    // What is late settles in the same step as what is asked for then, and more may have joined.
    let is_true = if matches!(step.op, Op::Timeout) {
        let waits = |call: &u64| watch.calls.get(call).is_none_or(|call| call.settled == 0);
        named
            .iter()
            .filter(|call| waits(call))
            .all(|call| watch.parked.contains(call))
    } else {
        named == watch.parked
    };
    if !is_true || named.len() != calls.len() {
        return Err(format!(
            "the host was asked for credentials for {calls:?}, but {:?} wait for them",
            watch.parked
        ));
    }
    Ok(())
}

/// P8: nothing goes out again with other credentials more than three times.
pub(super) fn is_asked_for_a_few_times(watch: &Watch) -> Verdict {
    let mut of_calls: BTreeMap<u64, usize> = BTreeMap::new();
    let mut of_others: BTreeMap<&str, usize> = BTreeMap::new();
    let refused = watch
        .exchanges
        .values()
        .filter(|exchange| exchange.wants_credentials);
    for exchange in refused {
        let call = exchange.call.filter(|call| {
            let call = watch.calls.get(call);
            call.is_some_and(|call| call.kind == CallKind::Request)
        });
        match call {
            Some(call) => *of_calls.entry(call).or_default() += 1,
            None if !exchange.body["id"].is_null() => {
                *of_others.entry(&exchange.text).or_default() += 1;
            }
            None => {}
        }
    }
    if let Some((call, times)) = of_calls
        .iter()
        .find(|(_, times)| **times > MOST_AUTHORIZATIONS + 1)
    {
        return Err(format!(
            "call {call} was refused {times} times for want of credentials"
        ));
    }
    match of_others
        .iter()
        .find(|(_, times)| **times > MOST_AUTHORIZATIONS + 1)
    {
        Some((body, times)) => Err(format!(
            "{body} was refused {times} times for want of credentials"
        )),
        None => Ok(()),
    }
}

/// P3: what the host answers ends the waiting of every call: it goes on with the grant, and settles with the
/// denial, unless its refusal says more (that the server is of another era), and a handshake is under way.
pub(super) fn ends_with_the_answer(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let Op::Authorize { granted } = step.op else {
        return Ok(());
    };
    if let Some(waiting) = watch.parked.first() {
        return Err(format!(
            "call {waiting} waits for credentials although the host has answered"
        ));
    }
    let outlives = step
        .parked_before
        .iter()
        .find(|call| watch.calls.get(call).is_some_and(|call| call.settled == 0));
    match outlives {
        Some(call) if !granted && !watch.is_shaking() => Err(format!(
            "call {call} has not settled although the host has no credentials for it"
        )),
        _ => Ok(()),
    }
}
