//! A look inside a machine: who is owed what, and what can still bring it. It answers "why is it
//! waiting?", and lets the tests check the promises after every step.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::client::ClientEvent;
use crate::ids::{CallId, ExchangeId, ObligationId};
use crate::story::Story;
use crate::time::Instant;

/// Everything that a machine holds at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// The calls not yet settled.
    pub calls: Vec<Owed<CallId>>,
    /// The peer's requests not yet answered.
    pub obligations: Vec<Owed<ObligationId>>,
    /// The open exchanges, each with when it is ended at the latest, where that is bounded by itself and
    /// not by the call or stream it serves.
    pub exchanges: Vec<(ExchangeId, Option<Instant>)>,
    /// Payload bytes held: partial bodies and events, parked requests, messages not yet polled.
    pub bytes: usize,
}

/// One request that is owed an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Owed<Id> {
    /// Its handle.
    pub id: Id,
    /// Its JSON-RPC method.
    pub method: Cow<'static, str>,
    /// When it is settled at the latest.
    pub deadline: Option<Instant>,
    /// What can still bring its answer.
    pub lifelines: Vec<Lifeline>,
    /// What was seen for it so far.
    pub story: Story,
}

/// Something that can still bring an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Lifeline {
    /// The application has the request.
    Application,
    /// New credentials, which the application was asked for.
    Authorization,
    /// An open exchange.
    Exchange(ExchangeId),
    /// A handshake that is under way, or about to be.
    Handshake,
    /// A question of the peer that the application must answer first.
    Question(ObligationId),
    /// A place in the queue for a free exchange.
    Queue,
    /// A stream that will be resumed at this time.
    Resume(Instant),
    /// A request that will be sent again at this time.
    Retry(Instant),
    /// The standalone stream.
    Standalone,
}

impl Lifeline {
    /// A stable word for logs and other languages, in snake case; of what it leads to it says nothing.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Authorization => "authorization",
            Self::Exchange(_) => "exchange",
            Self::Handshake => "handshake",
            Self::Question(_) => "question",
            Self::Queue => "queue",
            Self::Resume(_) => "resume",
            Self::Retry(_) => "retry",
            Self::Standalone => "standalone",
        }
    }
}

/// How many payload bytes something holds.
pub(crate) trait Weigh {
    fn weight(&self) -> usize;
}

impl Weigh for Option<Bytes> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Bytes::len)
    }
}

impl Weigh for ClientEvent {
    fn weight(&self) -> usize {
        match self {
            Self::Notification { notification, .. } => notification.params.weight(),
            Self::Progress { params, .. } => params.len(),
            Self::Request { params, .. } => params.weight(),
            Self::Closed
            | Self::Listen { .. }
            | Self::Notice(_)
            | Self::SessionChanged { .. }
            | Self::Settled { .. }
            | Self::Unauthorized { .. }
            | Self::Withdrawn { .. } => 0,
        }
    }
}
