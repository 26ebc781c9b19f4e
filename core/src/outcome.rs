//! The words of the law: every request settles exactly once, and the outcome says what happened.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

use crate::http::Header;
use crate::jsonrpc::quote;
use crate::message::RpcError;
use crate::story::{Seen, Story};

/// How a request ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The peer's error object. That is an answer: the peer got the request and said no.
    Error(RpcError),
    /// No answer came, and none can come any more.
    Failed(Box<Failure>),
    /// The JSON text of the peer's `result`.
    Result(Bytes),
}

/// Why no answer came.
///
/// `{}` prints one sentence; `{:#}` prints the story below it, a line for each thing that was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// Whether the peer may have run the request.
    pub execution: Execution,
    /// The peer's HTTP refusal, if that is what ended the call.
    pub refusal: Option<Refusal>,
    /// What was seen on the way.
    pub story: Story,
}

impl Failure {
    /// The failure as a JSON-RPC error, for hosts that know nothing else: [`FailureKind::code`], the
    /// sentence, and `data` with `kind`, `execution`, `status` and `story`.
    pub fn to_rpc_error(&self) -> RpcError {
        let story: Vec<_> = self
            .story
            .lines()
            .iter()
            .map(|line| quote(&line.to_string()))
            .collect();
        let status = self
            .refusal
            .as_ref()
            .map_or_else(|| "null".to_string(), |refusal| refusal.status.to_string());
        let data = format!(
            r#"{{"kind":"{}","execution":"{}","status":{status},"story":[{}]}}"#,
            self.kind.as_str(),
            self.execution.as_str(),
            story.join(",")
        );
        RpcError {
            code: self.kind.code(),
            message: self.to_string(),
            data: Some(data.into()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.sentence())?;
        match (&self.refusal, self.story.reason()) {
            // That the refusal was read to its end explains nothing.
            (Some(refusal), None | Some(Seen::Bytes { .. } | Seen::Ended)) => {
                write!(f, ": HTTP {}", refusal.status)?;
            }
            (_, Some(reason)) => write!(f, ": {reason}")?,
            (None, None) => {}
        }
        write!(f, " ({})", self.execution.sentence())?;
        if f.alternate() {
            for line in self.story.lines() {
                write!(f, "\n  {line}")?;
            }
        }
        Ok(())
    }
}

impl core::error::Error for Failure {}

/// Whether the peer may have run a request that brought no answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Execution {
    /// It cannot have left this machine.
    NotSent,
    /// The peer answered with an HTTP status that says it did not run the request.
    Refused,
    /// It may have run.
    Unknown,
}

impl Execution {
    /// A stable word: `not_sent`, `refused` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::NotSent => "the request was not sent",
            Self::Refused => "the peer refused the request and did not run it",
            Self::Unknown => "the peer may have run the request",
        }
    }
}

/// What went wrong with a request that brought no answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FailureKind {
    /// The peer answered with something that is no answer to this request.
    BadAnswer,
    /// The application cancelled the call.
    Cancelled,
    /// The machine was closed.
    Closed,
    /// The connection or stream ended before the answer, and nothing can resume it.
    ConnectionLost,
    /// The peer answered with an HTTP status that is an error.
    HttpStatus,
    /// The application asked for something that cannot be done.
    Misuse,
    /// The two sides speak no common revision of the protocol.
    NoCommonVersion,
    /// A limit on what is in flight was reached.
    Overloaded,
    /// The peer redirected somewhere that the transport must not follow.
    Redirected,
    /// The peer would not resume the stream that the answer was to come on.
    ResumeRefused,
    /// The session ended, and with it whatever could bring the answer.
    SessionLost,
    /// The call's idle clock or hard maximum ran out.
    TimedOut,
    /// The answer is larger than the configured limit.
    TooLarge,
    /// The server kept asking for more input (2026-07-28, multi round-trip requests).
    TooManyRounds,
    /// The peer wants credentials.
    Unauthorized,
    /// There is nowhere to send the request.
    Undeliverable,
    /// No connection could be made.
    Unreachable,
}

impl FailureKind {
    /// A stable word for logs and other languages, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadAnswer => "bad_answer",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::ConnectionLost => "connection_lost",
            Self::HttpStatus => "http_status",
            Self::Misuse => "misuse",
            Self::NoCommonVersion => "no_common_version",
            Self::Overloaded => "overloaded",
            Self::Redirected => "redirected",
            Self::ResumeRefused => "resume_refused",
            Self::SessionLost => "session_lost",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::TooManyRounds => "too_many_rounds",
            Self::Unauthorized => "unauthorized",
            Self::Undeliverable => "undeliverable",
            Self::Unreachable => "unreachable",
        }
    }

    /// The JSON-RPC error code of [`Failure::to_rpc_error`]. `-32000` (connection closed), `-32001`
    /// (timeout) and `-32800` (cancelled) are the codes that the field's SDKs use.
    pub const fn code(self) -> i64 {
        match self {
            Self::Cancelled => -32800,
            Self::Misuse => -32600,
            Self::NoCommonVersion => -32602,
            Self::TimedOut => -32001,
            Self::BadAnswer | Self::TooLarge | Self::TooManyRounds => -32603,
            Self::Closed
            | Self::ConnectionLost
            | Self::HttpStatus
            | Self::Overloaded
            | Self::Redirected
            | Self::ResumeRefused
            | Self::SessionLost
            | Self::Unauthorized
            | Self::Undeliverable
            | Self::Unreachable => -32000,
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::BadAnswer => "the answer cannot be used",
            Self::Cancelled => "the call was cancelled",
            Self::Closed => "the client was closed",
            Self::ConnectionLost => "the connection was lost before the answer came",
            Self::HttpStatus => "the server answered with an HTTP error",
            Self::Misuse => "the call cannot be made",
            Self::NoCommonVersion => "client and server speak no common protocol version",
            Self::Overloaded => "too many calls are in flight",
            Self::Redirected => "the server redirected somewhere that must not be followed",
            Self::ResumeRefused => "the server would not resume the stream of this call",
            Self::SessionLost => "the session was lost",
            Self::TimedOut => "the call timed out",
            Self::TooLarge => "the answer is too large",
            Self::TooManyRounds => "the server kept asking for more input",
            Self::Unauthorized => "the server wants authorization",
            Self::Undeliverable => "the request cannot be brought to the client",
            Self::Unreachable => "the server cannot be reached",
        }
    }
}

/// What the peer's HTTP refusal said.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The headers that a host acts on: `www-authenticate`, `retry-after`, `location`, `content-type`.
    pub headers: Vec<Header>,
    /// The first 4 KiB of the body.
    pub body: Bytes,
}

/// Why a request of the peer needs no answer any more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Withdrawal {
    /// The peer cancelled it.
    Cancelled,
    /// The peer has gone, and nothing can bring it the answer.
    Gone,
    /// The application did not take it in time; the peer was told.
    NotTaken,
    /// Its session ended.
    SessionEnded,
    /// The application took too long; the peer was told.
    TimedOut,
}

impl Withdrawal {
    /// A stable word, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Gone => "gone",
            Self::NotTaken => "not_taken",
            Self::SessionEnded => "session_ended",
            Self::TimedOut => "timed_out",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Teller;
    use crate::time::Instant;

    #[test]
    fn a_refusal_that_was_read_to_its_end_names_its_status() {
        let mut teller = Teller::new(Instant::default());
        for seen in [
            Seen::Head { status: 401 },
            Seen::Bytes { count: 7 },
            Seen::Ended,
        ] {
            teller.saw(Instant::default(), None, seen);
        }
        let failure = Failure {
            kind: FailureKind::Unauthorized,
            execution: Execution::Refused,
            refusal: Some(Refusal {
                status: 401,
                headers: Vec::new(),
                body: Bytes::new(),
            }),
            story: teller.finish(),
        };
        let said = failure.to_string();
        assert!(
            said.starts_with("the server wants authorization: HTTP 401 ("),
            "{said}"
        );
    }
}
