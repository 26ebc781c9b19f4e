//! Promises about what is held, opened and told: exchanges, bytes, the next deadline, secrets.

use super::{Verdict, after};
use crate::watch::{StepSeen, Watch};
use mcp_sansio::{ClientEvent, ClientOutput, Method, Outcome, SessionChange};
use std::collections::BTreeMap;

/// Bytes that the machine may hold beside payloads that a limit counts.
const SLACK: usize = 64 << 10;
/// Shorter values are not looked for, since they stand in other words by chance.
const LEAST_SECRET: usize = 6;

/// P6: when a call settles, what served only it is released in the same step, or handed to a drain that
/// no call waits for and that ends within its bound.
pub(super) fn releases(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let listed: BTreeMap<_, _> = step
        .inspection
        .exchanges
        .iter()
        .map(|(id, bound)| (id.as_u64(), *bound))
        .collect();
    let ours: Vec<_> = watch.open().map(|(id, _)| id).collect();
    if !ours.iter().eq(listed.keys()) {
        return Err(format!(
            "exchanges {ours:?} are open, but `inspect` shows {:?}",
            listed.keys()
        ));
    }
    let linger = after(step.now, watch.config.timing.linger);
    for (id, exchange) in watch.open() {
        let settled = exchange
            .call
            .and_then(|call| watch.calls.get(&call))
            .is_some_and(|call| call.settled > 0);
        let bound = listed.get(&id).copied().flatten();
        if settled && bound.is_none_or(|at| at > linger) {
            return Err(format!(
                "exchange {id} serves a settled call only, and is bounded by {bound:?}"
            ));
        }
    }
    Ok(())
}

/// P14: the bytes held never exceed the sum of the configured limits.
pub(super) fn holds_no_more_than_configured(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let limits = &watch.config.limits;
    let bodies = step
        .inspection
        .exchanges
        .len()
        .saturating_mul(limits.body.saturating_add(limits.event));
    let messages = limits.messages.saturating_mul(limits.event);
    let parked: usize = watch.unsettled().map(|(_, call)| call.size).sum();
    let listening: usize = watch.listening().map(|(_, listen)| listen.size).sum();
    // A call between two rounds holds the server's question and the host's answers.
    let rounds = watch
        .unsettled()
        .filter(|(_, call)| call.round.is_some())
        .count()
        .saturating_mul(limits.body.saturating_add(limits.event));
    let most = bodies
        .saturating_add(messages)
        .saturating_add(parked)
        .saturating_add(listening)
        .saturating_add(rounds)
        .saturating_add(SLACK);
    if step.inspection.bytes > most {
        return Err(format!(
            "{} bytes are held, where the limits allow {most}",
            step.inspection.bytes
        ));
    }
    Ok(())
}

/// P15: queued outputs are announced by `poll_timeout`; after a drain and `Timeout` at t, `poll_timeout`
/// is `None` or later than t. After `Closed` it is `None`.
pub(super) fn announces_what_it_has(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    // What was withheld for want of room is announced by nobody: the host asks again when it has room.
    let withheld = step.room && !step.room_before;
    if !step.outputs.is_empty() && !withheld && step.announced.is_none_or(|at| at > step.now) {
        return Err(format!(
            "outputs were queued at {:?}, but `poll_timeout` said {:?}",
            step.now, step.announced
        ));
    }
    if matches!(step.op, crate::Op::Timeout) && step.after.is_some_and(|at| at <= step.now) {
        return Err(format!(
            "after a Timeout at {:?} `poll_timeout` still says {:?}",
            step.now, step.after
        ));
    }
    if !watch.closed.is_empty() && step.after.is_some() {
        return Err(format!(
            "the client is closed, but `poll_timeout` says {:?}",
            step.after
        ));
    }
    if watch.closed.len() > 1 {
        return Err("`Closed` came twice".to_owned());
    }
    if let Some(asked) = watch.closing
        && watch.closed.is_empty()
        && step
            .after
            .is_none_or(|at| at > after(asked, watch.config.timing.close))
    {
        return Err(format!(
            "closing since {asked:?}, and `poll_timeout` says {:?}",
            step.after
        ));
    }
    Ok(())
}

/// P18: no output targets another origin, and no event, story or error holds a credential.
pub(super) fn keeps_secrets_and_its_origin(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    for output in step.outputs {
        match output {
            ClientOutput::Open { url: Some(url), .. } if !same_origin(&watch.config.url, url) => {
                return Err(format!("an exchange goes to {url}"));
            }
            ClientOutput::Open {
                method: Method::Get | Method::Delete,
                body,
                ..
            } if !body.is_empty() => {
                return Err("a GET or DELETE has a body".to_owned());
            }
            ClientOutput::Event(event) => {
                let told = told(event);
                let secret = |secret: &&String| {
                    secret.len() >= LEAST_SECRET && told.contains(secret.as_str())
                };
                if watch.secrets.iter().any(|value| secret(&value)) {
                    return Err(format!(
                        "a session id or a header of the host stands in: {told}"
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The core's own words in an event.
fn told(event: &ClientEvent) -> String {
    match event {
        ClientEvent::Notice(notice) => notice.detail.clone(),
        ClientEvent::Settled {
            outcome: Outcome::Failed(failure),
            ..
        }
        | ClientEvent::SessionChanged {
            change: SessionChange::Lost(failure),
            ..
        } => {
            format!("{failure:#} {}", failure.to_rpc_error())
        }
        _ => String::new(),
    }
}

fn same_origin(configured: &str, url: &str) -> bool {
    let after_scheme = configured.find("://").map_or(0, |at| at + 3);
    let end = configured
        .get(after_scheme..)
        .and_then(|rest| rest.find(['/', '?', '#']));
    let origin = end
        .and_then(|end| configured.get(..after_scheme + end))
        .unwrap_or(configured);
    url.strip_prefix(origin)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}
