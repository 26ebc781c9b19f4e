//! What must hold, and what must be met, so that no search passes by meeting nothing.

use super::State;
use crate::model;
use mcp_sansio::{
    ClientEvent, ClientOutput, Execution, FailureKind, Lifeline, ListenState, Outcome,
    SessionChange,
};
use mcp_sansio_tests::ExchangeSeen;

type Property = model::Property<State, ClientOutput>;

impl State {
    /// Exchanges of a call on which something came.
    fn heard(&self, call: u64) -> impl Iterator<Item = &ExchangeSeen> {
        let exchanges = self.subject.watch().exchanges.values();
        exchanges.filter(move |seen| seen.call == Some(call) && seen.has_body())
    }

    /// Notes what properties ask about more than one step.
    pub(super) fn note(&mut self, outputs: &[ClientOutput]) {
        self.reinitialized |= events(outputs).any(|event| {
            matches!(
                event,
                ClientEvent::SessionChanged {
                    change: SessionChange::Reinitialized,
                    ..
                }
            )
        });
    }

    fn sendings(&self, call: u64) -> usize {
        let calls = &self.subject.watch().calls;
        calls.get(&call).map_or(0, |call| call.sendings.len())
    }
}

fn has_cursor(seen: &ExchangeSeen) -> bool {
    seen.header("last-event-id").is_some()
}

/// Of every client that calls something.
pub(super) fn of_calls() -> Vec<Property> {
    vec![
        Property::sometimes("a call is answered", |_, outputs| has_result(outputs)),
        Property::sometimes("two calls are in flight", |state, _| {
            let calls = state.subject.watch().unsettled();
            calls.filter(|(_, call)| !call.sendings.is_empty()).count() > 1
        }),
        Property::sometimes("a call is cancelled", |_, outputs| {
            has_failed(outputs, FailureKind::Cancelled)
        }),
        Property::sometimes("a call ends with its client", |_, outputs| {
            has_failed(outputs, FailureKind::Closed)
        }),
        Property::sometimes("a call may have run", |_, outputs| {
            failures(outputs).any(|failure| failure.execution == Execution::Unknown)
        }),
    ]
}

/// Of calls that go out more than once.
pub(super) fn of_retries() -> Vec<Property> {
    vec![Property::sometimes(
        "a call is sent again, and answered",
        |state, outputs| results(outputs).any(|call| state.sendings(call) > 1),
    )]
}

/// Of every client.
pub(super) fn of_all() -> Vec<Property> {
    vec![
        Property::always("what is closed holds nothing", |state, _| {
            let watch = state.subject.watch();
            watch.closed.is_empty() || watch.open().next().is_none()
        }),
        Property::sometimes("the client has closed", |state, _| {
            !state.subject.watch().closed.is_empty()
        }),
    ]
}

/// Of sessions.
pub(super) fn of_sessions() -> Vec<Property> {
    vec![
        Property::sometimes(
            "a call is answered in a second session",
            |state, outputs| state.reinitialized && has_result(outputs),
        ),
        Property::sometimes("a call ends with its session", |_, outputs| {
            has_failed(outputs, FailureKind::SessionLost)
        }),
        Property::sometimes("two calls wait while a session is made anew", |state, _| {
            let watch = state.subject.watch();
            let shakes = watch
                .open()
                .any(|(_, seen)| seen.body["method"] == "initialize");
            shakes && watch.unsettled().count() > 1
        }),
    ]
}

/// Of streams that can be resumed.
pub(super) fn of_streams() -> Vec<Property> {
    vec![
        Property::sometimes(
            "a stream is brought back, and brings the answer",
            |state, outputs| results(outputs).any(|call| state.heard(call).any(has_cursor)),
        ),
        Property::sometimes("a stream cannot be brought back", |_, outputs| {
            has_failed(outputs, FailureKind::ResumeRefused)
        }),
        Property::sometimes("the answer comes on another stream", |state, outputs| {
            results(outputs).any(|call| state.heard(call).next().is_none())
        }),
    ]
}

/// Of credentials for whatever wants some.
pub(super) fn of_authorization_of_all() -> Vec<Property> {
    vec![
        Property::sometimes(
            "the search for the era waits for credentials",
            |state, _| {
                let parts = state.subject.peek().parts();
                let waits = |role| {
                    parts
                        .iter()
                        .any(|part| part.state == "Parked" && part.role == role)
                };
                waits("Discover") || waits("Initialize")
            },
        ),
        Property::sometimes("a subscription waits for credentials", |state, _| {
            let parts = state.subject.peek().parts();
            let mut parked = parts.iter().filter(|part| part.state == "Parked");
            parked.any(|part| part.role == "Listen")
        }),
    ]
}

/// Of credentials.
pub(super) fn of_authorization() -> Vec<Property> {
    vec![
        Property::sometimes("two calls wait for credentials", |state, _| {
            let waiting = state.subject.peek().inspect().calls.into_iter();
            waiting
                .filter(|owed| owed.lifelines.contains(&Lifeline::Authorization))
                .count()
                > 1
        }),
        Property::sometimes("a call is refused for want of credentials", |_, outputs| {
            has_failed(outputs, FailureKind::Unauthorized)
        }),
        Property::sometimes("new credentials are asked for again", |state, outputs| {
            let asks = |event: &ClientEvent| matches!(event, ClientEvent::Unauthorized { .. });
            events(outputs).any(asks) && state.left.challenges == 0
        }),
    ]
}

/// Of requests of the server.
pub(super) fn of_questions() -> Vec<Property> {
    vec![Property::sometimes(
        "a request of the server is withdrawn",
        |_, outputs| events(outputs).any(|event| matches!(event, ClientEvent::Withdrawn { .. })),
    )]
}

/// Of requests that stand for themselves.
pub(super) fn of_rounds() -> Vec<Property> {
    vec![
        Property::sometimes("a call is answered after a round", |state, outputs| {
            results(outputs).any(|call| {
                let calls = &state.subject.watch().calls;
                calls.get(&call).is_some_and(|call| call.round.is_some())
            })
        }),
        Property::sometimes("a call waits for the list of tools", |state, _| {
            let mut open = state.subject.watch().open();
            open.any(|(_, seen)| seen.body["method"] == "tools/list")
        }),
    ]
}

/// Of subscriptions.
pub(super) fn of_subscriptions() -> Vec<Property> {
    vec![
        Property::sometimes("a subscription is interrupted", |_, outputs| {
            listens(outputs).any(|state| matches!(state, ListenState::Gap))
        }),
        Property::sometimes("a subscription opens again", |state, _| {
            let mut listens = state.subject.watch().listens.values();
            listens.any(|listen| listen.opened > 1)
        }),
        Property::sometimes("the server ends a subscription", |_, outputs| {
            listens(outputs).any(|state| matches!(state, ListenState::Ended(Outcome::Result(_))))
        }),
        Property::sometimes(
            "two subscriptions are told of a change",
            |state, outputs| {
                let mut told = events(outputs)
                    .filter(|event| matches!(event, ClientEvent::Notification { .. }));
                told.next().is_some() && state.subject.watch().listening().count() > 1
            },
        ),
    ]
}

/// Of the search for the server's era.
pub(super) fn of_eras() -> Vec<Property> {
    vec![
        Property::sometimes("a legacy server is found", |state, outputs| {
            has_result(outputs)
                && state.subject.peek().known().is_some_and(|known| {
                    known.version.era() == mcp_sansio::Era::Legacy && !known.http_sse
                })
        }),
        Property::sometimes("a modern server is found", |state, outputs| {
            has_result(outputs)
                && state
                    .subject
                    .peek()
                    .known()
                    .is_some_and(|known| known.version.era() == mcp_sansio::Era::Modern)
        }),
    ]
}

/// Of saved sessions.
pub(super) fn of_saved() -> Vec<Property> {
    vec![
        Property::sometimes("a saved session holds", |state, outputs| {
            let mut exchanges = state.subject.watch().exchanges.values();
            has_result(outputs) && exchanges.all(|seen| seen.body["method"] != "initialize")
        }),
        Property::sometimes(
            "the server of a saved session has become modern",
            |state, outputs| {
                let known = state.subject.peek().known();
                let era = known.map(|known| known.version.era());
                has_result(outputs) && era == Some(mcp_sansio::Era::Modern)
            },
        ),
        Property::sometimes(
            "an answer is to come on the standalone stream",
            |state, _| {
                let waiting = state.subject.peek().inspect().calls.into_iter();
                waiting
                    .filter(|owed| owed.lifelines.contains(&Lifeline::Standalone))
                    .count()
                    > 0
            },
        ),
        Property::sometimes(
            "a doubtful session is asked whether it lives",
            |state, _| {
                let mut open = state.subject.watch().open();
                open.any(|(_, seen)| seen.body["method"] == "ping")
            },
        ),
    ]
}

/// Of the transport of 2024-11-05.
pub(super) fn of_http_sse() -> Vec<Property> {
    vec![Property::sometimes(
        "a call is answered over HTTP+SSE",
        |state, outputs| {
            let known = state.subject.peek().known();
            has_result(outputs) && known.is_some_and(|known| known.http_sse)
        },
    )]
}

fn events(outputs: &[ClientOutput]) -> impl Iterator<Item = &ClientEvent> {
    outputs.iter().filter_map(|output| match output {
        ClientOutput::Event(event) => Some(event),
        _ => None,
    })
}

fn outcomes(outputs: &[ClientOutput]) -> impl Iterator<Item = (u64, &Outcome)> {
    events(outputs).filter_map(|event| match event {
        ClientEvent::Settled { call, outcome } => Some((call.as_u64(), outcome)),
        _ => None,
    })
}

/// The calls that got a result.
fn results(outputs: &[ClientOutput]) -> impl Iterator<Item = u64> {
    outcomes(outputs)
        .filter(|(_, outcome)| matches!(outcome, Outcome::Result(_)))
        .map(|(call, _)| call)
}

fn has_result(outputs: &[ClientOutput]) -> bool {
    results(outputs).next().is_some()
}

fn failures(outputs: &[ClientOutput]) -> impl Iterator<Item = &mcp_sansio::Failure> {
    outcomes(outputs).filter_map(|(_, outcome)| match outcome {
        Outcome::Failed(failure) => Some(&**failure),
        _ => None,
    })
}

fn has_failed(outputs: &[ClientOutput], kind: FailureKind) -> bool {
    failures(outputs).any(|failure| failure.kind == kind)
}

fn listens(outputs: &[ClientOutput]) -> impl Iterator<Item = &ListenState> {
    events(outputs).filter_map(|event| match event {
        ClientEvent::Listen { state, .. } => Some(state),
        _ => None,
    })
}
