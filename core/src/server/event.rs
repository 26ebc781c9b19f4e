//! What goes in and out of a server.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::http::Header;
use crate::ids::{CallId, ExchangeId, ObligationId, SessionId};
use crate::message::Notification;
use crate::notice::Notice;
use crate::outcome::{Outcome, Withdrawal};
use crate::version::Version;

/// The head of a request, as the driver sees it.
#[derive(Clone, Copy, Debug)]
pub struct ExchangeHead<'a> {
    /// The HTTP method, as it was sent.
    pub method: &'a str,
    /// The headers; names in any case. HTTP/2's `:authority` is given as `host`.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Who asks, as the host has found out; sessions are bound to it.
    pub principal: Option<&'a str>,
}

/// What the driver saw. Inputs for an exchange that is unknown or ended are ignored.
#[derive(Clone, Copy, Debug)]
pub enum ServerInput<'a> {
    /// Bytes of a request's body, split anywhere.
    Chunk {
        /// The exchange.
        exchange: ExchangeId,
        /// The bytes.
        data: &'a [u8],
    },
    /// The request's body ended.
    End {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// The client has gone: it closed the connection, or reset the stream.
    Gone {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// The HTTP library has taken the last chunk of this exchange.
    Written {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// The time that `poll_timeout` gave has come. Feeding it early or often does no harm.
    Timeout,
}

/// What the driver is to do, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerOutput {
    /// Cut the response off: the client must see that it is not complete.
    Abort {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// Send bytes, and say [`ServerInput::Written`] when they are taken. No other chunk comes before.
    Chunk {
        /// The exchange.
        exchange: ExchangeId,
        /// The bytes.
        data: Bytes,
    },
    /// End the response.
    End {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// For the application.
    Event(ServerEvent),
    /// Begin the response. The rest of the request's body need not be read.
    Head {
        /// The exchange.
        exchange: ExchangeId,
        /// The HTTP status.
        status: u16,
        /// The headers, names in lower case.
        headers: Vec<Header>,
        /// The body, or what it will be.
        body: Body,
    },
}

/// The body of a response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// Chunks follow, and an end.
    Stream,
    /// This is all of it: nothing follows.
    Whole(Bytes),
}

/// What the application learns.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// Something to log.
    Notice(Notice),
    /// A notification of a client.
    Notification {
        /// The exchange that it came on.
        exchange: ExchangeId,
        /// Its session, if it has one.
        session: Option<SessionId>,
        /// The notification.
        notification: Notification,
    },
    /// Progress of a call of the application's that asked for it.
    Progress {
        /// The call.
        call: CallId,
        /// The JSON text of the notification's `params`.
        params: Bytes,
    },
    /// A request of a client. Say [`Server::take`](crate::Server::take) when the application begins with
    /// it, and [`Server::respond`](crate::Server::respond) when it is done.
    Request {
        /// The handle to answer by.
        id: ObligationId,
        /// The exchange that it came on.
        exchange: ExchangeId,
        /// Its session, if it has one.
        session: Option<SessionId>,
        /// The revision that it is spoken in.
        version: Version,
        /// Its JSON-RPC method.
        method: Cow<'static, str>,
        /// The JSON text of its `params`.
        params: Option<Bytes>,
    },
    /// A session ended. What was owed in it is settled.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// A session began.
    SessionStarted {
        /// Its handle.
        session: SessionId,
        /// The exchange of its `initialize`.
        exchange: ExchangeId,
        /// Its id on the wire, a secret of its client.
        key: String,
        /// The JSON text of the params of `initialize`.
        params: Bytes,
    },
    /// A call of the application's ended. Exactly one for each call.
    Settled {
        /// The call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
    },
    /// Everything is answered and ended; nothing follows.
    ShutDown,
    /// A request of a client needs no answer any more: stop working on it.
    Withdrawn {
        /// The request.
        id: ObligationId,
        /// Why.
        why: Withdrawal,
    },
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum EndReason {
    /// The client sent DELETE.
    Deleted,
    /// It made room for another.
    Evicted,
    /// The application's handler for it failed.
    HandlerFailed,
    /// The application's handler for it returned.
    HandlerReturned,
    /// It was not used for too long.
    Idle,
    /// The application refused its `initialize`.
    Refused,
    /// The server was shut down.
    Shutdown,
}

impl EndReason {
    /// Every reason, in the order of their words.
    pub const ALL: [Self; 7] = [
        Self::Deleted,
        Self::Evicted,
        Self::HandlerFailed,
        Self::HandlerReturned,
        Self::Idle,
        Self::Refused,
        Self::Shutdown,
    ];

    /// The reason with this word, if it is one.
    ///
    /// ```
    /// use mcp_sansio::EndReason;
    /// assert_eq!(EndReason::from_name("handler_failed"), Some(EndReason::HandlerFailed));
    /// assert_eq!(EndReason::from_name("tired"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// A stable word, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Evicted => "evicted",
            Self::HandlerFailed => "handler_failed",
            Self::HandlerReturned => "handler_returned",
            Self::Idle => "idle",
            Self::Refused => "refused",
            Self::Shutdown => "shutdown",
        }
    }

    /// What the client is told of its requests in flight.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Deleted => "the session was deleted by its client",
            Self::Evicted => "the session made room for another",
            Self::HandlerFailed => "the server's session handler failed",
            Self::HandlerReturned => "the server's session handler returned before it answered",
            Self::Idle => "the session was not used for too long",
            Self::Refused => "the server refused the session",
            Self::Shutdown => "the server is shutting down",
        }
    }
}

/// Whom a message of the application's is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum To {
    /// The clients of all sessions, and all subscriptions whose filter asks for it. `notifications/tasks` goes to
    /// subscriptions only: whoever does not name a task must not learn of it.
    All,
    /// The client that made this request, on the stream that answers it.
    Request(ObligationId),
    /// The client of this session, on its standalone stream.
    Session(SessionId),
}
