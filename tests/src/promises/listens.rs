//! Promises about subscriptions (2026-07-28, `subscriptions/listen`).

use super::{Verdict, after};
use crate::watch::{StepSeen, Watch};
use mcp_sansio::{ClientEvent, ClientOutput, Notification, Source};
use serde_json::Value;

/// Which member of a filter asks for which notification.
const ASKED_BY: [(&str, &str); 3] = [
    ("notifications/tools/list_changed", "toolsListChanged"),
    ("notifications/prompts/list_changed", "promptsListChanged"),
    (
        "notifications/resources/list_changed",
        "resourcesListChanged",
    ),
];

/// Each subscription ends exactly once: no later than in the step of `close`.
pub(super) fn end_once(watch: &Watch) -> Verdict {
    if let Some((id, listen)) = watch.listens.iter().find(|(_, listen)| listen.ended > 1) {
        return Err(format!("subscription {id} ended {} times", listen.ended));
    }
    match watch.listening().next() {
        Some((id, _)) if watch.closing.is_some() => Err(format!(
            "subscription {id} has not ended although the client was closed"
        )),
        _ => Ok(()),
    }
}

/// A subscription tells Open first, then Gap and Open in turn, and nothing after its end; what comes from
/// it was asked for.
pub(super) fn tell_in_order(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    if let Some(disordered) = watch.disordered.first() {
        return Err(disordered.clone());
    }
    for output in step.outputs {
        if let ClientOutput::Event(ClientEvent::Notification {
            source: Source::Listen(id),
            notification,
        }) = output
            && let Some(listen) = watch.listens.get(&id.as_u64())
            && !asks_for(&listen.params["notifications"], notification)
        {
            return Err(format!(
                "{} came from subscription {}, which did not ask for it",
                notification.method,
                id.as_u64()
            ));
        }
    }
    Ok(())
}

fn asks_for(filter: &Value, notification: &Notification) -> bool {
    let named = match &*notification.method {
        "notifications/resources/updated" => Some(("resourceSubscriptions", "uri")),
        "notifications/tasks" => Some(("taskIds", "taskId")),
        _ => None,
    };
    if let Some((names, name)) = named {
        let params: Value = notification
            .params
            .as_deref()
            .and_then(|params| serde_json::from_slice(params).ok())
            .unwrap_or_default();
        return filter[names]
            .as_array()
            .is_some_and(|names| names.contains(&params[name]));
    }
    ASKED_BY
        .iter()
        .find(|(method, _)| *method == notification.method)
        .is_some_and(|(_, member)| filter[*member] == true)
}

/// No more streams of subscriptions are open than there are subscriptions, but for those that only linger.
pub(super) fn release_their_streams(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let linger = after(step.now, watch.config.timing.linger);
    let streams = step
        .inspection
        .exchanges
        .iter()
        .filter(|(id, bound)| {
            let listens = watch
                .exchanges
                .get(&id.as_u64())
                .is_some_and(|exchange| exchange.body["method"] == "subscriptions/listen");
            listens && bound.is_none_or(|at| at > linger)
        })
        .count();
    let live = watch.listening().count();
    if streams > live {
        return Err(format!(
            "{streams} streams of subscriptions are open, for {live} subscriptions"
        ));
    }
    Ok(())
}
