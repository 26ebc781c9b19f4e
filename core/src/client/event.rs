//! What a client tells its driver and its application.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::http::{Header, Method};
use crate::ids::{CallId, ExchangeId, ListenId, ObligationId};
use crate::message::Notification;
use crate::notice::Notice;
use crate::outcome::{Failure, Outcome, Refusal, Withdrawal};

/// What the driver is to do, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientOutput {
    /// Drop the exchange: nothing that it brings is wanted.
    Abort {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// For the application.
    Event(ClientEvent),
    /// Perform an HTTP request, and feed what comes of it.
    Open {
        /// The exchange, named in every input about it.
        exchange: ExchangeId,
        /// The HTTP method.
        method: Method,
        /// Where to; `None` is the configured URL.
        url: Option<String>,
        /// The headers, names in lower case.
        headers: Vec<Header>,
        /// The body; empty for GET and DELETE.
        body: Bytes,
    },
}

/// What the application learns.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ClientEvent {
    /// The client is closed; nothing follows.
    Closed,
    /// A subscription opened, was interrupted, or ended.
    Listen {
        /// The subscription.
        listen: ListenId,
        /// Where it stands now.
        state: ListenState,
    },
    /// Something to log.
    Notice(Notice),
    /// A notification of the server.
    Notification {
        /// The stream that it came on.
        source: Source,
        /// The notification.
        notification: Notification,
    },
    /// Progress of a call that asked for it.
    Progress {
        /// The call.
        call: CallId,
        /// The JSON text of the notification's `params`.
        params: Bytes,
    },
    /// A request of the server; answer it with [`Client::respond`](crate::Client::respond).
    Request {
        /// The handle to answer by.
        id: ObligationId,
        /// The stream that it came on.
        source: Source,
        /// Its JSON-RPC method.
        method: Cow<'static, str>,
        /// The JSON text of its `params`.
        params: Option<Bytes>,
    },
    /// The session began, ended, or was made again.
    SessionChanged {
        /// Counts the sessions of this client, from 1.
        epoch: u32,
        /// What happened.
        change: SessionChange,
    },
    /// A call ended. Exactly one for each call.
    Settled {
        /// The call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The server refused our credentials, with 401, or with 403 because their scope is too small. What it
    /// refused waits: answer with [`Client::authorize`](crate::Client::authorize). There is one such event
    /// until then, however much is refused meanwhile. Only with
    /// [`ClientConfig::authorizer`](crate::ClientConfig::authorizer).
    Unauthorized {
        /// What the server said: the raw `WWW-Authenticate` challenges are among its headers.
        refusal: Refusal,
        /// The calls that wait now; [`Client::inspect`](crate::Client::inspect) shows those that join them.
        calls: Vec<CallId>,
    },
    /// A request of the server needs no answer any more.
    Withdrawn {
        /// The request.
        id: ObligationId,
        /// Why.
        why: Withdrawal,
    },
}

/// The stream that a message came on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Source {
    /// The response of this call, or its resumption.
    Call(CallId),
    /// The stream of this subscription.
    Listen(ListenId),
    /// The standalone stream, or a response that belongs to no call of the application.
    Standalone,
}

/// Where a subscription stands (2026-07-28, basic/patterns/subscriptions).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ListenState {
    /// It is over; nothing follows. A result is the server's own, graceful end.
    Ended(Outcome),
    /// The stream was lost, and is being opened again. What the server said meanwhile is lost: list again
    /// what you watch, once it is [`Open`](Self::Open).
    Gap,
    /// The server listens to what we asked for, or to a part of it.
    Open {
        /// The JSON text of the filter that the server agreed to.
        filter: Bytes,
    },
}

/// What happened to the session.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SessionChange {
    /// A handshake succeeded, and no session was lost before it.
    Connected,
    /// The server lost the session.
    Lost(Box<Failure>),
    /// A handshake after a loss succeeded. What the server held for the old session is gone:
    /// subscriptions, log level, cursors.
    Reinitialized,
}

impl SessionChange {
    pub(super) const fn made(was_lost: bool) -> Self {
        if was_lost {
            Self::Reinitialized
        } else {
            Self::Connected
        }
    }
}
