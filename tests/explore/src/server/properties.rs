//! What must hold, and what must be met, so that no search passes by meeting nothing.

use super::Property;
use mcp_sansio::{
    Body, EndReason, FailureKind, NoticeKind, Outcome, ServerEvent, ServerOutput, Withdrawal,
};
use mcp_sansio_tests::server::events::Event;

/// Of every server.
pub(super) fn of_all() -> Vec<Property> {
    vec![
        Property::always("what is down holds nothing", |state, _| {
            let watch = state.subject.watch();
            let live = state.sessions().next().is_some();
            watch.downs == 0 || !live && watch.open().next().is_none()
        }),
        Property::sometimes("two requests are at the application", |state, _| {
            state.subject.watch().owed().count() > 1
        }),
        Property::sometimes("a request is answered as JSON", |_, outputs| {
            heads(outputs).any(|(status, body)| status == 200 && matches!(body, Body::Whole(_)))
        }),
        Property::sometimes("a request is answered by a stream", |_, outputs| {
            heads(outputs).any(|(_, body)| *body == Body::Stream)
        }),
        Property::sometimes("nobody takes a request", |_, outputs| {
            withdrawals(outputs).any(|why| why == Withdrawal::NotTaken)
        }),
        Property::sometimes("the server is down", |state, _| {
            state.subject.watch().downs > 0
        }),
    ]
}

/// Of sessions.
pub(super) fn of_sessions() -> Vec<Property> {
    vec![
        Property::sometimes(
            "a client deletes its session with work in flight",
            |_, outputs| {
                has_ended(outputs, EndReason::Deleted)
                    && withdrawals(outputs).any(|why| why == Withdrawal::SessionEnded)
            },
        ),
        Property::sometimes("the application ends a session", |_, outputs| {
            has_ended(outputs, EndReason::HandlerReturned)
        }),
        Property::sometimes("a client cancels a request", |_, outputs| {
            withdrawals(outputs).any(|why| why == Withdrawal::Cancelled)
        }),
        Property::sometimes("another principal is refused", |_, outputs| {
            heads(outputs).any(|(status, _)| status == 404)
        }),
    ]
}

/// Of requests of the application.
pub(super) fn of_calls() -> Vec<Property> {
    vec![
        Property::sometimes("a client answers the application", |_, outputs| {
            outcomes(outputs).any(|outcome| matches!(outcome, Outcome::Result(_)))
        }),
        Property::sometimes("a call waits for the client to listen", |state, _| {
            let parts = state.subject.peek().parts();
            parts
                .iter()
                .any(|part| part.what == "call" && part.state == "Held")
        }),
        Property::sometimes("a call ends with its session", |_, outputs| {
            outcomes(outputs).any(|outcome| {
                matches!(outcome, Outcome::Failed(failure) if failure.kind == FailureKind::SessionLost)
            })
        }),
    ]
}

/// Of streams that clients come back to.
pub(super) fn of_streams() -> Vec<Property> {
    vec![
        Property::sometimes("a client comes back to an answer", |state, outputs| {
            let watch = state.subject.watch();
            let ended = outputs.iter().filter_map(|output| match output {
                ServerOutput::End { exchange } => watch.exchanges.get(&exchange.as_u64()),
                _ => None,
            });
            let mut resumed = ended.filter(|seen| seen.cursor.is_some());
            resumed.any(|seen| {
                let mut messages = seen.events.iter().filter_map(Event::message);
                messages.any(|message| !message["result"].is_null())
            })
        }),
        Property::sometimes("a client comes back before the answer", |state, outputs| {
            let watch = state.subject.watch();
            let begins = heads(outputs).any(|(_, body)| *body == Body::Stream);
            begins
                && watch.owed().next().is_some()
                && watch
                    .open()
                    .any(|(_, seen)| seen.cursor.is_some() && seen.is_stream)
        }),
        Property::sometimes("a client takes its stream from another", |state, _| {
            let listening = state.subject.watch().exchanges.values();
            let gets = listening.filter(|seen| seen.method == "GET" && seen.cursor.is_none());
            gets.clone().count() > 1 && gets.clone().any(|seen| !seen.is_open())
        }),
        Property::sometimes("an idle session ends", |_, outputs| {
            has_ended(outputs, EndReason::Idle)
        }),
    ]
}

/// Of readers that are slow.
pub(super) fn of_readers() -> Vec<Property> {
    vec![
        Property::sometimes("a stuck reader is cut off", |_, outputs| {
            outputs
                .iter()
                .any(|output| matches!(output, ServerOutput::Abort { .. }))
        }),
        Property::sometimes(
            "a stream ends when its reader has taken all",
            |_, outputs| matches!(outputs, [ServerOutput::End { .. }]),
        ),
    ]
}

/// Of the modern era.
pub(super) fn of_modern() -> Vec<Property> {
    vec![
        Property::sometimes("a client that goes cancels its request", |_, outputs| {
            withdrawals(outputs).any(|why| why == Withdrawal::Gone)
        }),
        Property::sometimes("two subscriptions are open", |state, _| {
            state
                .subject
                .watch()
                .open()
                .filter(|(_, seen)| seen.is_listening())
                .count()
                > 1
        }),
        Property::sometimes("a request is refused for its headers", |_, outputs| {
            heads(outputs).any(|(status, _)| status == 400)
        }),
        Property::sometimes("subscriptions are told of a change", |state, _| {
            let mut open = state.subject.watch().open();
            open.any(|(_, seen)| {
                seen.modern
                    .as_ref()
                    .is_some_and(|modern| modern.listen.heard > 0)
            })
        }),
    ]
}

/// Of handshakes that the application answers.
pub(super) fn of_hosts() -> Vec<Property> {
    vec![
        Property::sometimes("a handshake waits for the application", |state, _| {
            let parts = state.subject.peek().parts();
            parts.iter().any(|part| part.state == "Provisional")
        }),
        Property::sometimes("a session is refused", |_, outputs| {
            has_ended(outputs, EndReason::Refused)
        }),
        Property::sometimes("the application answers in a session", |state, outputs| {
            let sessions = state.sessions().count();
            sessions > 0 && heads(outputs).any(|(status, _)| status == 200)
        }),
    ]
}

/// Of limits.
pub(super) fn of_limits() -> Vec<Property> {
    vec![
        Property::sometimes("a session makes room for another", |_, outputs| {
            has_ended(outputs, EndReason::Evicted)
        }),
        Property::sometimes("a request is refused for want of room", |_, outputs| {
            heads(outputs).any(|(status, _)| status == 503)
        }),
        Property::sometimes("a call is refused for want of room", |_, outputs| {
            outcomes(outputs).any(|outcome| {
                matches!(outcome, Outcome::Failed(failure) if failure.kind == FailureKind::Overloaded)
            })
        }),
        Property::sometimes("a message is dropped for a slow reader", |_, outputs| {
            events(outputs).any(|event| {
                matches!(event, ServerEvent::Notice(notice) if notice.kind == NoticeKind::Dropped)
            })
        }),
        Property::sometimes("what a client comes back for is gone", |state, outputs| {
            let watch = state.subject.watch();
            let ended = outputs.iter().filter_map(|output| match output {
                ServerOutput::Chunk { exchange, .. } => watch.exchanges.get(&exchange.as_u64()),
                _ => None,
            });
            let mut resumed = ended.filter(|seen| seen.cursor.is_some());
            resumed.any(|seen| {
                let mut messages = seen.events.iter().filter_map(Event::message);
                messages.any(|message| !message["error"].is_null())
            })
        }),
    ]
}

fn events(outputs: &[ServerOutput]) -> impl Iterator<Item = &ServerEvent> {
    outputs.iter().filter_map(|output| match output {
        ServerOutput::Event(event) => Some(event),
        _ => None,
    })
}

fn heads(outputs: &[ServerOutput]) -> impl Iterator<Item = (u16, &Body)> {
    outputs.iter().filter_map(|output| match output {
        ServerOutput::Head { status, body, .. } => Some((*status, body)),
        _ => None,
    })
}

fn withdrawals(outputs: &[ServerOutput]) -> impl Iterator<Item = Withdrawal> {
    events(outputs).filter_map(|event| match event {
        ServerEvent::Withdrawn { why, .. } => Some(*why),
        _ => None,
    })
}

fn outcomes(outputs: &[ServerOutput]) -> impl Iterator<Item = &Outcome> {
    events(outputs).filter_map(|event| match event {
        ServerEvent::Settled { outcome, .. } => Some(outcome),
        _ => None,
    })
}

fn has_ended(outputs: &[ServerOutput], why: EndReason) -> bool {
    events(outputs)
        .any(|event| matches!(event, ServerEvent::SessionEnded { reason, .. } if *reason == why))
}
