//! What can be done to a server: the methods of its two sides, as data.

use super::names::{Names, is_name};
use crate::op::{Error, Millis, Octets, Options};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_sansio::EndReason;
use serde::Deserialize;
use serde_json::Value;

/// One input of a vector, by the words of the format.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// `Server::accept`.
    Accept {
        /// The handle that it must get, or the name of the handle that it gets.
        id: Option<Handle>,
        /// The HTTP method.
        method: String,
        /// The headers.
        #[serde(default)]
        headers: Vec<(String, Octets)>,
        /// Who asks.
        principal: Option<String>,
    },
    /// A whole POST: `accept` with the usual headers, a chunk with the body, and its end.
    Post(Box<Whole>),
    /// A GET with the usual headers.
    Get(Box<Whole>),
    /// A DELETE with the usual headers.
    Delete(Box<Whole>),
    /// `Server::take`.
    Take {
        /// The client's request.
        id: Handle,
        /// What it must return.
        taken: Option<bool>,
    },
    /// `Server::respond`, with one of `result`, `result_text` and `error`.
    Respond {
        /// The client's request.
        id: Handle,
        /// The answer, if it is a result.
        result: Option<Value>,
        /// A text handed over as the result that is perhaps no JSON.
        result_text: Option<String>,
        /// The answer, if it is an error.
        error: Option<Error>,
    },
    /// `Server::notify`.
    Notify {
        /// For whom.
        to: To,
        /// The JSON-RPC method.
        method: String,
        /// Its `params`.
        params: Option<Value>,
        /// A text handed over as `params` that is perhaps no JSON.
        params_text: Option<String>,
    },
    /// `Server::call`.
    Call {
        /// Whom to ask.
        to: To,
        /// The JSON-RPC method.
        method: String,
        /// Its `params`.
        params: Option<Value>,
        /// A text handed over as `params` that is perhaps no JSON.
        params_text: Option<String>,
        /// How the call is to be treated.
        #[serde(default)]
        options: Options,
        /// The handle that it must get, or the name of the handle that it gets.
        id: Option<Handle>,
    },
    /// `Server::cancel`.
    Cancel {
        /// The call.
        call: Handle,
        /// The host's reason.
        reason: Option<String>,
    },
    /// `Server::release_connection`.
    ReleaseConnection {
        /// Whose.
        to: To,
        /// When the client is to come back.
        retry: Option<Millis>,
    },
    /// `Server::end_session`.
    EndSession {
        /// The session.
        session: Handle,
        /// Why.
        reason: Reason,
    },
    /// `Server::declare_tools`.
    DeclareTools {
        /// The tools, or a `tools/list` result.
        tools: Option<Value>,
        /// A text handed over as the tools that is perhaps no JSON.
        tools_text: Option<String>,
        /// What stands in the error that it must return; absent: none.
        error: Option<String>,
    },
    /// `Server::shut_down`.
    ShutDown {
        /// What requests in flight get.
        grace: Millis,
    },
    /// Bytes of a request's body.
    Chunk {
        /// The exchange.
        exchange: Handle,
        /// The bytes, if they are UTF-8.
        data: Option<String>,
        /// The bytes, if they are not.
        base64: Option<String>,
    },
    /// The request's body ended.
    End {
        /// The exchange.
        exchange: Handle,
    },
    /// The client has gone.
    Gone {
        /// The exchange.
        exchange: Handle,
    },
    /// The last chunk is taken.
    Written {
        /// The exchange.
        exchange: Handle,
    },
    /// A deadline has come.
    Timeout,
}

/// A request in one line.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Whole {
    /// The handle that it must get, or the name of the handle that it gets.
    pub id: Option<Handle>,
    /// Headers instead of the usual ones, or beside them; `null` leaves a usual one out.
    pub headers: Vec<(String, Option<Octets>)>,
    /// `mcp-session-id`.
    pub session: Option<String>,
    /// `mcp-protocol-version`.
    pub version: Option<String>,
    /// `last-event-id`.
    pub cursor: Option<String>,
    /// Who asks.
    pub principal: Option<String>,
    /// The body of a POST, if it is JSON.
    pub body: Option<Value>,
    /// The body of a POST, as it is.
    pub text: Option<String>,
}

/// A handle, or its name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Handle {
    /// Its number.
    Number(u64),
    /// The name that it was given.
    Name(String),
}

impl Handle {
    /// Its number; 0, which is no handle, for a name that stands for none.
    pub fn number(&self, names: &Names) -> u64 {
        match self {
            Self::Number(number) => *number,
            Self::Name(name) => names.get(name).and_then(Value::as_u64).unwrap_or(0),
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Name(name) if !is_name(name) => {
                Err(format!("{name:?} is no handle: a name begins with $"))
            }
            _ => Ok(()),
        }
    }
}

/// Whom a message of the application's is for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum To {
    /// All sessions.
    All,
    /// The client that made this request.
    Request(Handle),
    /// The client of this session.
    Session(Handle),
}

/// Why a session ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// See the core.
    Deleted,
    /// See the core.
    Evicted,
    /// See the core.
    HandlerFailed,
    /// See the core.
    HandlerReturned,
    /// See the core.
    Idle,
    /// See the core.
    Refused,
    /// See the core.
    Shutdown,
}

impl Reason {
    /// As the core says it.
    pub const fn build(self) -> EndReason {
        match self {
            Self::Deleted => EndReason::Deleted,
            Self::Evicted => EndReason::Evicted,
            Self::HandlerFailed => EndReason::HandlerFailed,
            Self::HandlerReturned => EndReason::HandlerReturned,
            Self::Idle => EndReason::Idle,
            Self::Refused => EndReason::Refused,
            Self::Shutdown => EndReason::Shutdown,
        }
    }
}

impl Op {
    /// What the types cannot say.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::Chunk { data, base64, .. } => {
                let bytes = match (data, base64) {
                    (Some(text), None) => text.len(),
                    (None, Some(base64)) => STANDARD.decode(base64).map_or(0, |bytes| bytes.len()),
                    _ => 0,
                };
                if bytes == 0 {
                    return Err("a chunk has bytes, in one of `data` and `base64`".to_owned());
                }
            }
            Self::Respond {
                result,
                result_text,
                error,
                ..
            } if usize::from(result.is_some())
                + usize::from(result_text.is_some())
                + usize::from(error.is_some())
                != 1 =>
            {
                return Err("a response has one of `result`, `result_text` and `error`".to_owned());
            }
            Self::DeclareTools {
                tools, tools_text, ..
            } if tools.is_some() == tools_text.is_some() => {
                return Err("tools are declared by one of `tools` and `tools_text`".to_owned());
            }
            Self::Post(whole) if whole.body.is_some() == whole.text.is_some() => {
                return Err("a post has one of `body` and `text`".to_owned());
            }
            Self::Get(whole) | Self::Delete(whole)
                if whole.body.is_some() || whole.text.is_some() =>
            {
                return Err("only a post has a body".to_owned());
            }
            _ => {}
        }
        self.handles().try_for_each(Handle::check)
    }

    fn handles(&self) -> impl Iterator<Item = &Handle> {
        let (first, to) = match self {
            Self::Accept { id, .. } => (id.as_ref(), None),
            Self::Post(whole) | Self::Get(whole) | Self::Delete(whole) => (whole.id.as_ref(), None),
            Self::Take { id, .. } | Self::Respond { id, .. } => (Some(id), None),
            Self::Notify { to, .. } | Self::ReleaseConnection { to, .. } => (None, Some(to)),
            Self::Call { to, id, .. } => (id.as_ref(), Some(to)),
            Self::Cancel { call, .. } => (Some(call), None),
            Self::EndSession { session, .. } => (Some(session), None),
            Self::Chunk { exchange, .. }
            | Self::End { exchange }
            | Self::Gone { exchange }
            | Self::Written { exchange } => (Some(exchange), None),
            Self::DeclareTools { .. } | Self::ShutDown { .. } | Self::Timeout => (None, None),
        };
        let to = to.and_then(|to| match to {
            To::All => None,
            To::Request(handle) | To::Session(handle) => Some(handle),
        });
        first.into_iter().chain(to)
    }

    /// The handle that what this makes must get, or its name.
    pub const fn made(&self) -> Option<&Handle> {
        match self {
            Self::Accept { id, .. } | Self::Call { id, .. } => id.as_ref(),
            Self::Post(whole) | Self::Get(whole) | Self::Delete(whole) => whole.id.as_ref(),
            _ => None,
        }
    }
}
