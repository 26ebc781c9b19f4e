//! The table of calls not yet settled, and the only place that settles one.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use super::authorize::Asked;
use super::event::ClientEvent;
use super::legacy::stream::Stream;
use super::modern::refresh::Refresh;
use super::modern::rounds::Rounds;
use super::queue::Ticket;
use super::{Client, Timer};
use crate::ids::{CallId, ExchangeId};
use crate::inspect::Weigh as _;
use crate::message::CallOptions;
use crate::outcome::{Execution, Failure, FailureKind, Outcome, Refusal};
use crate::story::{Seen, Teller};
use crate::time::Instant;
use crate::version::Era;

/// Tokens of tasks that stay known after the call that made the task.
const MOST_TASK_TOKENS: usize = 256;

/// One call that is owed an outcome.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) method: Cow<'static, str>,
    pub(super) params: Option<Bytes>,
    pub(super) options: CallOptions,
    /// The raw JSON of the progress token that the host chose, if it did.
    pub(super) own_token: Option<Box<str>>,
    /// The params have a `_meta` of the host's.
    pub(super) has_meta: bool,
    /// The revision that the host wrote into `_meta`, if the host speaks the handshake: then this request is
    /// a modern one, whatever else is agreed.
    pub(super) named_version: Option<Box<str>>,
    /// The call may run twice without harm.
    pub(super) safe: bool,
    /// The request asks for a task, which outlives it.
    pub(super) task: bool,
    pub(super) stage: Stage,
    /// The era of the latest sending.
    pub(super) era: Era,
    /// The wire id of the latest sending, and the epoch that it was sent in.
    pub(super) wire: Option<Wire>,
    /// What is known of all sendings that are over.
    pub(super) execution: Execution,
    pub(super) tries: Tries,
    /// How often credentials were asked for on its account.
    pub(super) asked: Asked,
    pub(super) stream: Stream,
    /// The server refused the headers, and is asked what it wants.
    pub(super) refresh: Option<Box<Refresh>>,
    /// What the server asked for before it can answer, and what it got.
    pub(super) rounds: Option<Box<Rounds>>,
    pub(super) idle: Idle,
    pub(super) teller: Teller,
}

#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Kind {
    /// The application's `connect`: settles with the handshake.
    Connect,
    /// The host's own `initialize`: likewise, but its message is the handshake.
    Initialize,
    /// Anything else.
    Request,
}

/// What can bring the call's outcome: its main lifeline.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// The application answers the server's questions; then the request goes out again.
    Asking,
    /// The handshake that is under way, or about to be.
    Handshake,
    /// An open exchange: the POST, or a GET that resumes its stream.
    Open(ExchangeId),
    /// The application gets credentials for this exchange, which was refused for want of them.
    Parked(ExchangeId),
    /// A place in the queue.
    Queued(Ticket),
    /// An open exchange whose status says that the request was refused; the body may say why.
    Refused(ExchangeId),
    /// An open exchange that asks for the list of tools, to send the request with the right headers.
    Refreshing(ExchangeId),
    /// The stream will be resumed at this time.
    Resuming(Instant),
    /// The request will be sent again at this time.
    Retrying(Instant),
    /// The server said 202: the standalone stream.
    Standalone,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wire {
    pub(super) epoch: u32,
    pub(super) id: u64,
}

/// Why a call goes on the wire again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Cause {
    /// Its connection was lost, and running it twice does no harm.
    ConnectionLost = 1,
    /// The server wanted other headers.
    HeaderMismatch = 2,
    /// It certainly did not leave.
    NotSent = 4,
    /// The server is of another era than it was.
    OtherEra = 8,
    /// The server speaks another revision.
    OtherVersion = 16,
    SessionLost = 32,
}

/// Sendings so far. A call goes on the wire again at most once per cause, and three times in all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Tries {
    sendings: u8,
    causes: u8,
}

impl Tries {
    const MOST: u8 = 3;

    pub(super) const fn allow(self, cause: Cause) -> bool {
        self.sendings < Self::MOST && self.causes & cause as u8 == 0
    }

    pub(super) const fn note(&mut self, cause: Cause) {
        self.causes |= cause as u8;
    }

    pub(super) const fn sent(&mut self) {
        self.sendings += 1;
    }

    /// The last sending was refused for want of credentials; with new ones it is made anew.
    pub(super) const fn uncount(&mut self) {
        self.sendings = self.sendings.saturating_sub(1);
    }
}

/// The idle clock of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Idle {
    /// What it is set to; `None` is off.
    pub(super) bound: Option<Duration>,
    /// What was left of it when it was stopped; `None` while it runs.
    pub(super) stopped_with: Option<Duration>,
    /// Requests that the server made on this call's stream, and that are with the application.
    pub(super) questions: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub(super) calls: BTreeMap<CallId, Box<Entry>>,
    /// By the wire id of the latest sending; wire ids are never reused.
    wires: BTreeMap<u64, CallId>,
    /// Progress tokens that hosts chose, as raw JSON.
    tokens: BTreeMap<Box<str>, CallId>,
    /// Tokens of tasks whose call is settled, oldest first.
    task_tokens: VecDeque<Box<str>>,
}

impl Ledger {
    pub(super) fn get(&self, call: CallId) -> Option<&Entry> {
        self.calls.get(&call).map(Box::as_ref)
    }

    pub(super) fn get_mut(&mut self, call: CallId) -> Option<&mut Entry> {
        self.calls.get_mut(&call).map(Box::as_mut)
    }

    pub(super) fn insert(&mut self, call: CallId, entry: Entry) {
        if let Some(token) = &entry.own_token {
            self.tokens.insert(token.clone(), call);
        }
        self.calls.insert(call, Box::new(entry));
    }

    /// Notes that the call is sent under this wire id; an id of an earlier sending is forgotten.
    pub(super) fn sent_as(&mut self, call: CallId, wire: Wire) {
        if let Some(entry) = self.calls.get_mut(&call)
            && let Some(before) = entry.wire.replace(wire)
        {
            self.wires.remove(&before.id);
        }
        self.wires.insert(wire.id, call);
    }

    pub(super) fn by_wire_id(&self, id: u64) -> Option<CallId> {
        self.wires.get(&id).copied()
    }

    /// Like [`by_wire_id`](Self::by_wire_id), for what comes in answer: an id means the call only within
    /// the session in which it was sent.
    pub(super) fn by_wire(&self, wire: Wire) -> Option<CallId> {
        let call = self.by_wire_id(wire.id)?;
        (self.get(call)?.wire == Some(wire)).then_some(call)
    }

    pub(super) fn by_token(&self, raw: &str) -> Option<CallId> {
        self.tokens.get(raw).copied()
    }

    pub(super) fn is_task_token(&self, raw: &str) -> bool {
        self.task_tokens.iter().any(|token| **token == *raw)
    }

    /// The calls in the order of their handles, which is the order in which they were made.
    pub(super) fn ids(&self) -> Vec<CallId> {
        self.calls.keys().copied().collect()
    }

    #[cfg(feature = "explore")]
    pub(super) fn task_tokens(&self) -> impl Iterator<Item = &str> {
        self.task_tokens.iter().map(|token| &**token)
    }

    fn remove(&mut self, call: CallId) -> Option<Box<Entry>> {
        let entry = self.calls.remove(&call)?;
        if let Some(wire) = entry.wire {
            self.wires.remove(&wire.id);
        }
        if let Some(token) = &entry.own_token
            && self.tokens.get(token) == Some(&call)
        {
            self.tokens.remove(token);
            if entry.task {
                if self.task_tokens.len() == MOST_TASK_TOKENS {
                    self.task_tokens.pop_front();
                }
                self.task_tokens.push_back(token.clone());
            }
        }
        Some(entry)
    }
}

impl Entry {
    /// Whether the request has room for a progress token of ours: not if the application chose one, and
    /// not a ping.
    pub(super) fn takes_token(&self) -> bool {
        self.own_token.is_none() && self.method != "ping"
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.params.weight()
            + self.stream.held()
            + self.refresh.as_ref().map_or(0, |refresh| refresh.held())
            + self.rounds.as_ref().map_or(0, |rounds| rounds.held())
    }

    /// Whether the server may have run the request, as far as is known now.
    pub(super) fn execution(&self) -> Execution {
        match self.stage {
            Stage::Open(_) | Stage::Resuming(_) | Stage::Standalone => Execution::Unknown,
            Stage::Refused(_) => self.execution.max(Execution::Refused),
            Stage::Asking
            | Stage::Handshake
            | Stage::Parked(_)
            | Stage::Queued(_)
            | Stage::Refreshing(_)
            | Stage::Retrying(_) => self.execution,
        }
    }
}

impl Client {
    /// Settles a call with what the server said.
    pub(super) fn answer(&mut self, call: CallId, outcome: Outcome) {
        self.settle(call, |_| outcome);
    }

    /// Settles a call as failed. Whether it may have run follows from where it stands.
    pub(super) fn fail(&mut self, call: CallId, kind: FailureKind) {
        self.settle(call, |entry| {
            let execution = entry.execution();
            failed(kind, execution, None, entry.teller)
        });
    }

    /// Settles a call as failed, with a last line for its story.
    pub(super) fn fail_because(
        &mut self,
        call: CallId,
        kind: FailureKind,
        reason: impl Into<String>,
    ) {
        let now = self.now;
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.teller.note(now, reason);
        }
        self.fail(call, kind);
    }

    /// Settles a call that an HTTP status ended. `execution` is what that status says of this sending;
    /// an earlier one may have run.
    pub(super) fn fail_refused(
        &mut self,
        call: CallId,
        kind: FailureKind,
        execution: Execution,
        refusal: Refusal,
    ) {
        self.settle(call, |entry| {
            let execution = execution.max(entry.execution);
            failed(kind, execution, Some(refusal), entry.teller)
        });
    }

    pub(super) fn saw(&mut self, call: CallId, exchange: Option<ExchangeId>, seen: Seen) {
        let now = self.now;
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.teller.saw(now, exchange, seen);
        }
    }

    /// Ends a call exactly once, and releases in the same step what served only it.
    fn settle(&mut self, call: CallId, outcome: impl FnOnce(Entry) -> Outcome) {
        self.withdraw_questions(call);
        let Some(entry) = self.ledger.remove(call) else {
            return;
        };
        for timer in [
            Timer::Again(call),
            Timer::Grace(call),
            Timer::Idle(call),
            Timer::Max(call),
        ] {
            self.timers.clear(timer);
        }
        let stage = entry.stage;
        self.out.event(ClientEvent::Settled {
            call,
            outcome: outcome(*entry),
        });
        match stage {
            Stage::Open(exchange)
            | Stage::Parked(exchange)
            | Stage::Refreshing(exchange)
            | Stage::Refused(exchange) => self.release(exchange),
            Stage::Queued(ticket) => drop(self.queue.remove(ticket)),
            Stage::Asking
            | Stage::Handshake
            | Stage::Resuming(_)
            | Stage::Retrying(_)
            | Stage::Standalone => {}
        }
    }
}

pub(super) fn failed(
    kind: FailureKind,
    execution: Execution,
    refusal: Option<Refusal>,
    teller: Teller,
) -> Outcome {
    Outcome::Failed(Box::new(Failure {
        kind,
        execution,
        refusal,
        story: teller.finish(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientConfig, ClientInput, ClientOutput, Known, Sent, TransportFailure};
    use crate::message::{Call, Handshake, Identity};
    use crate::version::Version;

    fn client() -> Client {
        let handshake = Handshake::Core(Identity::new("test", "1"));
        let mut config = ClientConfig::new("http://server.test/mcp", handshake);
        config.versions = Version::V2025_11_25..=Version::V2025_11_25;
        config.known = Some(Known::new(Version::V2025_11_25, None));
        config.standalone = false;
        Client::new(config, [0; 32]).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The exchanges that it opens.
    fn opened(client: &mut Client) -> Vec<ExchangeId> {
        let outputs = core::iter::from_fn(|| client.poll_output(true));
        let exchanges = outputs.filter_map(|output| match output {
            ClientOutput::Open { exchange, .. } => Some(exchange),
            _ => None,
        });
        exchanges.collect()
    }

    fn with_token(token: &str, more: &str) -> Call {
        let params =
            alloc::format!(r#"{{"name":"t","_meta":{{"progressToken":"{token}"}}{more}}}"#);
        Call::new("tools/call", Some(params.into()))
    }

    #[test]
    fn nothing_of_a_settled_call_is_kept() {
        let mut client = client();
        let now = Instant::from_micros(0);
        let call = client.call(now, with_token("job", ""));
        for exchange in opened(&mut client) {
            let detail = String::new();
            let sent = Sent::No;
            let failure = TransportFailure { sent, detail };
            client.handle_input(now, ClientInput::Failed { exchange, failure });
        }
        // It goes again, under another id.
        client.handle_input(Instant::from_micros(2_000_000), ClientInput::Timeout);
        assert_eq!(opened(&mut client).len(), 1);
        assert_eq!(client.ledger.wires.len(), 1);
        client.cancel(now, call, None);
        assert!(client.ledger.calls.is_empty());
        assert!(client.ledger.wires.is_empty());
        assert!(client.ledger.tokens.is_empty());
        assert!(client.ledger.task_tokens.is_empty());
    }

    #[test]
    fn tokens_of_tasks_are_kept_up_to_a_bound_the_latest_ones() {
        let mut client = client();
        let now = Instant::from_micros(0);
        for n in 0..=MOST_TASK_TOKENS {
            let call = client.call(now, with_token(&alloc::format!("job-{n}"), r#","task":{}"#));
            client.cancel(now, call, None);
            assert_eq!(
                client.ledger.task_tokens.len(),
                (n + 1).min(MOST_TASK_TOKENS)
            );
        }
        assert!(!client.ledger.is_task_token(r#""job-0""#));
        assert!(client.ledger.is_task_token(r#""job-1""#));
        let last = alloc::format!(r#""job-{MOST_TASK_TOKENS}""#);
        assert!(client.ledger.is_task_token(&last));
    }
}
