//! Of requests in both directions: each ends once, and in time.

use super::{Verdict, after, sorted};
use crate::server::act::Act;
use crate::server::watch::{StepSeen, Watch};
use mcp_sansio::Instant;

/// P2: each call gets exactly one outcome, queued no later than the step of its deadline.
pub(super) fn settles_calls_once(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    if let Some((id, call)) = watch.calls.iter().find(|(_, call)| call.settled > 1) {
        return Err(format!("call {id} settled {} times", call.settled));
    }
    let ours: Vec<_> = watch.unsettled().map(|(id, _)| id).collect();
    let theirs = sorted(step.inspection.calls.iter().map(|owed| owed.id.as_u64()));
    if ours != theirs {
        return Err(format!(
            "calls {ours:?} have not settled, but `inspect` shows {theirs:?}"
        ));
    }
    for owed in &step.inspection.calls {
        let id = owed.id.as_u64();
        has_a_bound(step, "call", id, owed.deadline)?;
        let is_dead = |session: u64| watch.sessions.get(&session).is_some_and(|s| s.ends > 0);
        if watch
            .calls
            .get(&id)
            .and_then(|call| call.session)
            .is_some_and(is_dead)
        {
            return Err(format!("call {id} has not settled, and its session ended"));
        }
    }
    Ok(())
}

/// P17: each request given to the host is answered or withdrawn exactly once, in time.
pub(super) fn ends_each_request_once(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    if let Some((id, request)) = watch.requests.iter().find(|(_, request)| request.ends > 1) {
        return Err(format!("request {id} ended {} times", request.ends));
    }
    if let Some((id, session)) = watch.sessions.iter().find(|(_, session)| session.ends > 1) {
        return Err(format!("session {id} ended {} times", session.ends));
    }
    let ours: Vec<_> = watch.owed().map(|(id, _)| id).collect();
    let theirs = sorted(
        step.inspection
            .obligations
            .iter()
            .map(|owed| owed.id.as_u64()),
    );
    if ours != theirs {
        return Err(format!(
            "the host owes answers to {ours:?}, but `inspect` shows {theirs:?}"
        ));
    }
    for owed in &step.inspection.obligations {
        let id = owed.id.as_u64();
        let Some(seen) = watch.requests.get(&id) else {
            continue;
        };
        let may_last = watch.config.timing.answer.is_none() || watch.lasts(seen);
        if !may_last || owed.deadline.is_some() {
            has_a_bound(step, "request", id, owed.deadline)?;
        }
        if seen.begun.is_none() {
            let until = after(seen.given, watch.config.timing.take);
            if owed.deadline != Some(until) {
                return Err(format!(
                    "request {id} must be taken until {until:?}, but `inspect` says {:?}",
                    owed.deadline
                ));
            }
        }
        let session = seen
            .session
            .and_then(|session| watch.sessions.get(&session));
        if session.is_some_and(|session| session.ends > 0) {
            return Err(format!(
                "request {id} is owed an answer, and its session ended"
            ));
        }
    }
    Ok(())
}

fn has_a_bound(step: &StepSeen<'_>, what: &str, id: u64, bound: Option<Instant>) -> Verdict {
    let Some(bound) = bound else {
        return Err(format!("{what} {id} has no deadline"));
    };
    if matches!(step.act, Act::Timeout) && bound <= step.now {
        return Err(format!("{what} {id} has not ended at its deadline"));
    }
    if step.after.is_none_or(|at| at > bound) {
        return Err(format!(
            "{what} {id} ends at {bound:?}, but `poll_timeout` says {:?}",
            step.after
        ));
    }
    Ok(())
}
