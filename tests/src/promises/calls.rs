//! Promises about calls: their outcomes, their clocks, their sendings.

use super::{Verdict, after};
use crate::watch::{CallKind, Fate, StepSeen, Watch};
use mcp_sansio::{ClientEvent, ClientOutput, Execution, Outcome};
use std::time::Duration;

/// What a call has left at least when its idle clock goes on.
const MOMENT: Duration = Duration::from_millis(1);
/// Sendings of one call: the first, and three more.
const MOST_SENDINGS: usize = 4;

/// P2: each call gets exactly one outcome, queued no later than the step of its deadline or of `close`.
pub(super) fn settles_once(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    if let Some(stray) = watch.strays.first() {
        return Err(stray.clone());
    }
    if let Some((id, call)) = watch.calls.iter().find(|(_, call)| call.settled > 1) {
        return Err(format!("call {id} settled {} times", call.settled));
    }
    let ours: Vec<_> = watch.unsettled().map(|(id, _)| id).collect();
    let mut theirs: Vec<_> = step
        .inspection
        .calls
        .iter()
        .map(|owed| owed.id.as_u64())
        .collect();
    theirs.sort_unstable();
    if ours != theirs {
        return Err(format!(
            "calls {ours:?} have not settled, but `inspect` shows {theirs:?}"
        ));
    }
    if watch.closing.is_some() && !ours.is_empty() {
        return Err(format!(
            "calls {ours:?} have not settled although the client was closed"
        ));
    }
    if matches!(step.op, crate::Op::Timeout) {
        let late = step
            .inspection
            .calls
            .iter()
            .find(|owed| owed.deadline.is_some_and(|at| at <= step.now));
        if let Some(owed) = late {
            return Err(format!(
                "call {} has not settled at its deadline",
                owed.id.as_u64()
            ));
        }
    }
    Ok(())
}

/// P3: each unsettled call has at least one lifeline and a finite deadline, and `poll_timeout` is not later.
pub(super) fn waits_with_a_bound(_: &Watch, step: &StepSeen<'_>) -> Verdict {
    for owed in &step.inspection.calls {
        let id = owed.id.as_u64();
        if owed.lifelines.is_empty() {
            return Err(format!("call {id} has no lifeline"));
        }
        let Some(deadline) = owed.deadline else {
            return Err(format!("call {id} has no deadline"));
        };
        if step.after.is_none_or(|at| at > deadline) {
            return Err(format!(
                "call {id} ends at {deadline:?}, but `poll_timeout` says {:?}",
                step.after
            ));
        }
    }
    Ok(())
}

/// P4: an outcome names its kind; a failure says not sent, refused or may have run, truly.
pub(super) fn tells_the_truth(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    for output in step.outputs {
        let ClientOutput::Event(ClientEvent::Settled {
            call,
            outcome: Outcome::Failed(failure),
        }) = output
        else {
            continue;
        };
        let Some(seen) = watch.calls.get(&call.as_u64()) else {
            continue;
        };
        let fates = if seen.kind == CallKind::Request {
            watch.sendings(seen)
        } else {
            match watch.handshakes(seen) {
                Some(fates) => fates,
                None => continue,
            }
        };
        let truth = if fates.contains(&Fate::Unknown) || fates.contains(&Fate::Asked) {
            Execution::Unknown
        } else if fates.contains(&Fate::Doubtful) && failure.execution != Execution::NotSent {
            failure.execution
        } else if fates.contains(&Fate::Refused) {
            Execution::Refused
        } else {
            Execution::NotSent
        };
        // A search for the server's era is more than one request: the outcome may be about any of them.
        // A host's own `initialize` can take the place of one that is under way, and nothing of it went out.
        let replaced = failure.execution == Execution::NotSent
            && (seen.kind == CallKind::Initialize
                || fates
                    .iter()
                    .all(|fate| execution(*fate) != Execution::Unknown));
        let may_be = |fate: &Fate| {
            execution(*fate) == failure.execution
                || *fate == Fate::Doubtful && failure.execution == Execution::Refused
        };
        let in_part = seen.kind != CallKind::Request
            && watch.searches()
            && (replaced
                || fates.iter().any(may_be)
                || failure.execution == Execution::Unknown && watch.looked_for_http_sse(seen));
        if failure.execution != truth && !in_part {
            return Err(format!(
                "call {} settled as {:?}, {}, but what was seen says {}",
                call.as_u64(),
                failure.kind,
                failure.execution.as_str(),
                truth.as_str()
            ));
        }
    }
    Ok(())
}

const fn execution(fate: Fate) -> Execution {
    match fate {
        Fate::NotSent => Execution::NotSent,
        Fate::Refused => Execution::Refused,
        Fate::Asked | Fate::Doubtful | Fate::Unknown => Execution::Unknown,
    }
}

/// P5: a call goes on the wire again only if every earlier sending was not sent or refused, or the call
/// is safe. The books note a sending that breaks this; nor may one call be sent more than four times, and
/// once more for each question of the server. (What was refused for want of credentials has a bound of its
/// own.)
pub(super) fn sends_again_only_what_did_not_run(watch: &Watch) -> Verdict {
    if let Some(resent) = watch.resent.first() {
        return Err(resent.clone());
    }
    for (id, call) in watch
        .calls
        .iter()
        .filter(|(_, call)| call.kind == CallKind::Request)
    {
        let sendings = call
            .sendings
            .iter()
            .filter(|sent| {
                watch.exchanges.get(sent).is_some_and(|sent| {
                    !sent.redirects && !sent.wants_credentials && sent.fate != Fate::Asked
                })
            })
            .count();
        if sendings > MOST_SENDINGS {
            return Err(format!("call {id} was sent {sendings} times"));
        }
    }
    Ok(())
}

/// P9: only progress with the call's own token restarts its idle clock; nothing moves the hard maximum.
/// (The idle clock stands still while a request of the server is with the host, between rounds, and while the
/// call waits for credentials.)
pub(super) fn keeps_its_clocks(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    for (id, call) in watch.unsettled() {
        let Some(deadline) = call.deadline else {
            continue;
        };
        let hard = after(call.made, call.max);
        if deadline > hard {
            return Err(format!(
                "call {id} ends at {deadline:?}, after its hard maximum at {hard:?}"
            ));
        }
        // While a request is with the host, nobody can say yet when the clock will have run out.
        let stands_still = watch.asks() || call.between_rounds || watch.parked.contains(&id);
        let runs = call.kind == CallKind::Request && !stands_still;
        let Some(idle) = call.idle.filter(|_| runs) else {
            continue;
        };
        let quiet = after(call.restarted, idle + call.paused);
        // What comes late, before its timeout was fed, still beats the deadline; a round that goes out then
        // has a moment left.
        if deadline > quiet.max(after(step.now, MOMENT)) {
            return Err(format!(
                "call {id} ends at {deadline:?}, but without progress its idle clock runs out at {quiet:?}"
            ));
        }
    }
    Ok(())
}
