//! Of what is handed out and held: messages, bytes, deadlines, secrets.

use super::Verdict;
use crate::server::act::Act;
use crate::server::watch::{StepSeen, Watch};
use mcp_sansio::{Outcome, ServerEvent, ServerOutput};

/// Bytes that a message has beside what the application handed over.
const FRAME: usize = 4 << 10;
/// Bytes that the machine may hold beside payloads that a limit counts.
const SLACK: usize = 64 << 10;

/// P10: each message reaches the application at most once, in stream order.
pub(super) fn delivers_once_in_order(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    for (id, exchange) in &watch.exchanges {
        if exchange.delivered.is_empty() {
            continue;
        }
        let messages = exchange.messages();
        let mut fed = messages
            .iter()
            .filter_map(|message| message["method"].as_str());
        for method in &exchange.delivered {
            if !fed.any(|fed| fed == method) {
                return Err(format!(
                    "{method} of exchange {id} was delivered twice, out of order, or was never received"
                ));
            }
        }
    }
    let was_down = step
        .outputs
        .iter()
        .position(|output| matches!(output, ServerOutput::Event(ServerEvent::ShutDown)))
        .or_else(|| (watch.downs > 0).then_some(0));
    let after = was_down.map_or(&[][..], |at| step.outputs.get(at..).unwrap_or_default());
    let late = after.iter().find(|output| {
        matches!(output, ServerOutput::Event(event)
            if !matches!(event, ServerEvent::ShutDown | ServerEvent::Notice(_) | ServerEvent::Settled { .. }))
    });
    match late {
        Some(late) => Err(format!("{late:?} came after the end")),
        None => Ok(()),
    }
}

/// P14: the bytes held never exceed the sum of the configured limits.
pub(super) fn holds_no_more_than_configured(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let limits = &watch.config.limits;
    let message = watch.largest.saturating_add(FRAME);
    let exchanges = step
        .inspection
        .exchanges
        .len()
        .saturating_mul(limits.body.max(limits.unwritten.saturating_add(message)));
    // Questions that wait for a stream are bounded in number.
    let live = watch.sessions.values().filter(|session| session.ends == 0);
    let held = live
        .count()
        .saturating_mul(limits.held)
        .saturating_mul(message);
    let most = exchanges
        .saturating_add(held)
        .saturating_add(limits.log_total)
        .saturating_add(SLACK);
    if step.inspection.bytes > most {
        return Err(format!(
            "{} bytes are held, where the limits allow {most}",
            step.inspection.bytes
        ));
    }
    Ok(())
}

/// P15: queued outputs are announced by `poll_timeout`; after a drain and `Timeout` at t, `poll_timeout` is
/// `None` or later than t. After `ShutDown` it is `None`.
pub(super) fn announces_what_it_has(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let ends = step.announced.iter().skip(1).map(|(count, _)| *count);
    let ends = ends.chain([step.outputs.len()]);
    for ((begin, said), end) in step.announced.iter().zip(ends) {
        if end > *begin && said.is_none_or(|at| at > step.now) {
            return Err(format!(
                "outputs were queued at {:?}, but `poll_timeout` said {said:?}",
                step.now
            ));
        }
    }
    if matches!(step.act, Act::Timeout) && step.after.is_some_and(|at| at <= step.now) {
        return Err(format!(
            "after a Timeout at {:?} `poll_timeout` still says {:?}",
            step.now, step.after
        ));
    }
    if watch.downs > 1 {
        return Err("`ShutDown` came twice".to_owned());
    }
    if watch.downs == 1 && step.after.is_some() {
        return Err(format!(
            "the server is down, but `poll_timeout` says {:?}",
            step.after
        ));
    }
    Ok(())
}

/// P18: no event, story or error holds a credential.
pub(super) fn keeps_secrets(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let principals = watch
        .exchanges
        .values()
        .filter_map(|exchange| exchange.principal.as_deref());
    let keys = watch.sessions.values().map(|session| session.key.as_str());
    let secrets: Vec<&str> = keys
        .chain(principals)
        .filter(|text| text.len() > 5)
        .collect();
    for output in step.outputs {
        let told = match output {
            ServerOutput::Event(ServerEvent::Notice(notice)) => notice.detail.clone(),
            ServerOutput::Event(ServerEvent::Settled {
                outcome: Outcome::Failed(failure),
                ..
            }) => format!("{failure:#}"),
            _ => continue,
        };
        if let Some(secret) = secrets.iter().find(|secret| told.contains(**secret)) {
            return Err(format!("{secret:?} stands in: {told}"));
        }
    }
    Ok(())
}
