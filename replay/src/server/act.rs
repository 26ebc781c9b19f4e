//! Inputs with their names filled in, and what they do to a server.

use super::names::Names;
use super::op::{Op, To, Whole};
use crate::op::{Millis, Octets};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mcp_sansio::{
    Answer, Call, CallId, CallOptions, EndReason, ExchangeHead, ExchangeId, Instant, Notification,
    ObligationId, Server, ServerInput, SessionId,
};
use serde_json::Value;
use std::time::Duration;

/// One input, with nothing left to look up.
#[derive(Clone, Debug)]
pub enum Act {
    /// A request, with its body if it came in the same line.
    Accept {
        /// The HTTP method.
        method: String,
        /// The headers.
        headers: Vec<(String, Vec<u8>)>,
        /// Who asks.
        principal: Option<String>,
        /// The body; `None`: it comes in other lines, or not at all.
        body: Option<Vec<u8>>,
    },
    /// `Server::take`.
    Take(u64),
    /// `Server::respond`.
    Respond(u64, Answer),
    /// `Server::notify`.
    Notify(mcp_sansio::To, Notification),
    /// `Server::call`.
    Call(mcp_sansio::To, Box<Call>),
    /// `Server::cancel`.
    Cancel(u64, Option<String>),
    /// `Server::release_connection`.
    Release(mcp_sansio::To, Option<Duration>),
    /// `Server::end_session`.
    EndSession(u64, EndReason),
    /// `Server::declare_tools`.
    DeclareTools(Bytes),
    /// `Server::shut_down`.
    ShutDown(Duration),
    /// Bytes of a request's body.
    Chunk(u64, Vec<u8>),
    /// The request's body ended.
    End(u64),
    /// The client has gone.
    Gone(u64),
    /// The last chunk is taken.
    Written(u64),
    /// A deadline has come.
    Timeout,
}

/// What a method returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Returned {
    /// `accept`.
    Exchange(u64),
    /// `call`.
    Call(u64),
    /// `declare_tools`: what is wrong with them.
    Declared(Option<String>),
    /// `take`.
    Taken(bool),
    /// The rest.
    Nothing,
}

impl Returned {
    /// The handle of what was made.
    pub const fn made(&self) -> Option<u64> {
        match self {
            Self::Exchange(id) | Self::Call(id) => Some(*id),
            Self::Declared(_) | Self::Taken(_) | Self::Nothing => None,
        }
    }
}

impl Act {
    /// Looks up the names of an input.
    pub fn of(op: &Op, names: &Names) -> Self {
        match op {
            Op::Accept {
                method,
                headers,
                principal,
                ..
            } => Self::Accept {
                method: method.clone(),
                headers: headers
                    .iter()
                    .map(|(name, value)| (name.clone(), octets(value, names)))
                    .collect(),
                principal: principal.clone(),
                body: None,
            },
            Op::Post(whole) => request("POST", whole, names),
            Op::Get(whole) => request("GET", whole, names),
            Op::Delete(whole) => request("DELETE", whole, names),
            Op::Take { id, .. } => Self::Take(id.number(names)),
            Op::Respond {
                id,
                result,
                result_text,
                error,
            } => {
                let answer = match error {
                    Some(error) => Answer::Error(error.build()),
                    None => Answer::Result(
                        text(result.as_ref(), result_text.as_deref(), names).unwrap_or_default(),
                    ),
                };
                Self::Respond(id.number(names), answer)
            }
            Op::Notify {
                to,
                method,
                params,
                params_text,
            } => {
                let params = text(params.as_ref(), params_text.as_deref(), names);
                Self::Notify(
                    address(to, names),
                    Notification::new(method.clone(), params),
                )
            }
            Op::Call {
                to,
                method,
                params,
                params_text,
                options,
                ..
            } => {
                let params = text(params.as_ref(), params_text.as_deref(), names);
                let options: CallOptions = options.build();
                let call = Call::new(method.clone(), params).with(options);
                Self::Call(address(to, names), call.into())
            }
            Op::Cancel { call, reason } => Self::Cancel(call.number(names), reason.clone()),
            Op::ReleaseConnection { to, retry } => {
                Self::Release(address(to, names), retry.map(Millis::duration))
            }
            Op::EndSession { session, reason } => {
                Self::EndSession(session.number(names), reason.build())
            }
            Op::DeclareTools {
                tools, tools_text, ..
            } => Self::DeclareTools(
                text(tools.as_ref(), tools_text.as_deref(), names).unwrap_or_default(),
            ),
            Op::ShutDown { grace } => Self::ShutDown(grace.duration()),
            Op::Chunk {
                exchange,
                data,
                base64,
            } => {
                let bytes = match (data, base64) {
                    (Some(data), _) => data.clone().into_bytes(),
                    (None, Some(base64)) => STANDARD.decode(base64).unwrap_or_default(),
                    (None, None) => Vec::new(),
                };
                Self::Chunk(exchange.number(names), bytes)
            }
            Op::End { exchange } => Self::End(exchange.number(names)),
            Op::Gone { exchange } => Self::Gone(exchange.number(names)),
            Op::Written { exchange } => Self::Written(exchange.number(names)),
            Op::Timeout => Self::Timeout,
        }
    }

    /// Does it, but for the body of a request in one line, which the caller feeds in pieces.
    pub fn apply(&self, server: &mut Server, now: Instant) -> Returned {
        match self {
            Self::Accept {
                method,
                headers,
                principal,
                ..
            } => {
                let headers: Vec<_> = headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_slice()))
                    .collect();
                let head = ExchangeHead {
                    method,
                    headers: &headers,
                    principal: principal.as_deref(),
                };
                return Returned::Exchange(server.accept(now, head).as_u64());
            }
            Self::Take(id) => {
                return Returned::Taken(server.take(now, ObligationId::from_u64(*id)));
            }
            Self::Call(to, call) => {
                let call = Call::clone(call);
                return Returned::Call(server.call(now, *to, call).as_u64());
            }
            Self::DeclareTools(tools) => {
                let error = server.declare_tools(tools).err();
                return Returned::Declared(error.map(|error| error.to_string()));
            }
            Self::Respond(id, answer) => {
                server.respond(now, ObligationId::from_u64(*id), answer.clone());
            }
            Self::Notify(to, notification) => server.notify(now, *to, notification.clone()),
            Self::Cancel(call, reason) => {
                server.cancel(now, CallId::from_u64(*call), reason.as_deref());
            }
            Self::Release(to, retry) => server.release_connection(now, *to, *retry),
            Self::EndSession(session, reason) => {
                server.end_session(now, SessionId::from_u64(*session), *reason);
            }
            Self::ShutDown(grace) => server.shut_down(now, *grace),
            Self::Chunk(exchange, data) => {
                let exchange = ExchangeId::from_u64(*exchange);
                server.handle_input(now, ServerInput::Chunk { exchange, data });
            }
            Self::End(exchange) => {
                let exchange = ExchangeId::from_u64(*exchange);
                server.handle_input(now, ServerInput::End { exchange });
            }
            Self::Gone(exchange) => {
                let exchange = ExchangeId::from_u64(*exchange);
                server.handle_input(now, ServerInput::Gone { exchange });
            }
            Self::Written(exchange) => {
                let exchange = ExchangeId::from_u64(*exchange);
                server.handle_input(now, ServerInput::Written { exchange });
            }
            Self::Timeout => server.handle_input(now, ServerInput::Timeout),
        }
        Returned::Nothing
    }
}

/// The headers that every client sends.
const USUAL: [(&str, &str, &[&str]); 4] = [
    ("host", "localhost", &["POST", "GET", "DELETE"]),
    ("content-type", "application/json", &["POST"]),
    ("accept", "application/json, text/event-stream", &["POST"]),
    ("accept", "text/event-stream", &["GET"]),
];

fn request(method: &str, whole: &Whole, names: &Names) -> Act {
    let replaced = |name: &str| whole.headers.iter().any(|(own, _)| own == name);
    let usual = USUAL
        .iter()
        .filter(|(name, _, methods)| methods.contains(&method) && !replaced(name))
        .map(|(name, value, _)| ((*name).to_owned(), value.as_bytes().to_vec()));
    let short = [
        ("mcp-session-id", &whole.session),
        ("mcp-protocol-version", &whole.version),
        ("last-event-id", &whole.cursor),
    ];
    let short = short.into_iter().filter_map(|(name, value)| {
        let value = names.text(value.as_deref()?);
        Some((name.to_owned(), value.into_bytes()))
    });
    let own = whole.headers.iter().filter_map(|(name, value)| {
        let value = octets(value.as_ref()?, names);
        Some((name.clone(), value))
    });
    let body = text(whole.body.as_ref(), whole.text.as_deref(), names);
    Act::Accept {
        method: method.to_owned(),
        headers: usual.chain(short).chain(own).collect(),
        principal: whole.principal.clone(),
        body: body.map(|body| body.to_vec()),
    }
}

fn octets(value: &Octets, names: &Names) -> Vec<u8> {
    match value {
        Octets::Text(text) => names.text(text).into_bytes(),
        Octets::Encoded { .. } => value.decode(),
    }
}

fn address(to: &To, names: &Names) -> mcp_sansio::To {
    match to {
        To::All => mcp_sansio::To::All,
        To::Request(id) => mcp_sansio::To::Request(ObligationId::from_u64(id.number(names))),
        To::Session(id) => mcp_sansio::To::Session(SessionId::from_u64(id.number(names))),
    }
}

fn text(value: Option<&Value>, raw: Option<&str>, names: &Names) -> Option<Bytes> {
    raw.map(|text| text.to_owned().into())
        .or_else(|| value.map(|value| names.fill(value).to_string().into()))
}
