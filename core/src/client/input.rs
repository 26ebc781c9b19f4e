//! What the driver feeds a client.

use alloc::string::String;
use core::time::Duration;

use crate::ids::ExchangeId;

/// What the driver saw. Inputs for an exchange that is unknown, ended or aborted are ignored.
#[derive(Clone, Debug)]
pub enum ClientInput<'a> {
    /// The head of a response. Header names in any case.
    Head {
        /// The exchange.
        exchange: ExchangeId,
        /// The status; 0 for an opaque redirect of a browser.
        status: u16,
        /// The headers.
        headers: &'a [(&'a str, &'a [u8])],
    },
    /// Bytes of a response's body, split anywhere.
    Chunk {
        /// The exchange.
        exchange: ExchangeId,
        /// The bytes.
        data: &'a [u8],
    },
    /// An event of a response, for hosts that decode SSE themselves.
    SseEvent {
        /// The exchange.
        exchange: ExchangeId,
        /// The event.
        event: SseEvent<'a>,
    },
    /// The response ended as HTTP says it should.
    End {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// The exchange failed.
    Failed {
        /// The exchange.
        exchange: ExchangeId,
        /// How.
        failure: TransportFailure,
    },
    /// The time that `poll_timeout` gave has come. Feeding it early or often does no harm.
    Timeout,
}

/// One event of a stream, for hosts that decode SSE themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct SseEvent<'a> {
    /// The event's type; empty means `message`.
    pub event: &'a str,
    /// The data, its lines joined by LF.
    pub data: &'a str,
    /// The `id` field of this very event (not the last one of the stream); `Some("")` resets the cursor.
    pub id: Option<&'a str>,
    /// The `retry` field of this very event.
    pub retry: Option<Duration>,
}

/// How an exchange failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransportFailure {
    /// Whether anything can have left.
    pub sent: Sent,
    /// The error with its chain of sources, for people.
    pub detail: String,
}

/// Whether any byte of a request can have left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// Perhaps.
    Maybe,
    /// Certainly not: no connection was made, or not a byte was written.
    No,
}
