//! What can be done to a client: the methods of its two sides, as data.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mcp_sansio::{
    Answer, Call, CallId, CallOptions, Client, ClientInput, ExchangeId, Header, Instant, ListenId,
    Notification, ObligationId, RpcError, Sent, SseEvent, TransportFailure,
};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// One input of a vector, by the words of the format.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// `Client::connect`.
    Connect {
        /// The handle that it must get.
        id: Option<u64>,
    },
    /// `Client::call`.
    Call {
        /// The JSON-RPC method.
        method: String,
        /// Its `params`.
        params: Option<Value>,
        /// A text handed over as `params` that is perhaps no JSON.
        params_text: Option<String>,
        /// How the call is to be treated.
        #[serde(default)]
        options: Options,
        /// The handle that it must get.
        id: Option<u64>,
    },
    /// `Client::listen`.
    Listen {
        /// Its `params`.
        params: Option<Value>,
        /// A text handed over as `params` that is perhaps no JSON.
        params_text: Option<String>,
        /// The handle that it must get.
        id: Option<u64>,
    },
    /// `Client::unlisten`.
    Unlisten {
        /// The subscription.
        listen: u64,
    },
    /// `Client::notify`.
    Notify {
        /// The JSON-RPC method.
        method: String,
        /// Its `params`.
        params: Option<Value>,
        /// A text handed over as `params` that is perhaps no JSON.
        params_text: Option<String>,
    },
    /// `Client::respond`, with one of `result`, `result_text` and `error`.
    Respond {
        /// The obligation.
        id: u64,
        /// The answer, if it is a result.
        result: Option<Value>,
        /// A text handed over as the result that is perhaps no JSON.
        result_text: Option<String>,
        /// The answer, if it is an error.
        error: Option<Error>,
    },
    /// `Client::cancel`.
    Cancel {
        /// The call.
        call: u64,
        /// The host's reason.
        reason: Option<String>,
    },
    /// `Client::authorize`.
    Authorize {
        /// New credentials are there.
        granted: bool,
    },
    /// `Client::close`.
    Close,
    /// The head of a response.
    Head {
        /// The exchange.
        exchange: u64,
        /// The HTTP status.
        status: u16,
        /// The headers.
        #[serde(default)]
        headers: Vec<(String, Octets)>,
    },
    /// Bytes of a response's body.
    Chunk {
        /// The exchange.
        exchange: u64,
        /// The bytes, if they are UTF-8.
        data: Option<String>,
        /// The bytes, if they are not.
        base64: Option<String>,
    },
    /// An event of a response, from a host that decodes SSE itself.
    SseEvent {
        /// The exchange.
        exchange: u64,
        /// Its type.
        #[serde(default)]
        event: String,
        /// Its data.
        data: String,
        /// Its `id` field.
        id: Option<String>,
        /// Its `retry` field.
        retry: Option<Millis>,
    },
    /// The response ended.
    End {
        /// The exchange.
        exchange: u64,
    },
    /// The exchange failed.
    Failed {
        /// The exchange.
        exchange: u64,
        /// Whether anything can have left: `maybe` or `no`.
        sent: Left,
        /// The driver's words.
        #[serde(default)]
        detail: String,
    },
    /// A deadline has come.
    Timeout,
    /// Nothing but a drain: the host reads again.
    #[serde(skip)]
    Drain,
}

/// The options of a call.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// It may run twice.
    pub safe: bool,
    /// Its progress is wanted.
    pub progress: bool,
    /// Its idle clock.
    pub idle: Option<Millis>,
    /// Its hard maximum.
    pub max: Option<Millis>,
    /// Extra headers.
    pub headers: Vec<(String, Octets)>,
}

/// A JSON-RPC error object that the host answers with.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Error {
    /// The code.
    pub code: i64,
    /// The sentence.
    pub message: String,
    /// More.
    pub data: Option<Value>,
}

/// A header's value: text, or `{"base64": ".."}`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Octets {
    /// UTF-8.
    Text(String),
    /// Any bytes.
    Encoded {
        /// The bytes in base64.
        base64: String,
    },
}

impl Octets {
    /// The bytes.
    pub fn decode(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Encoded { base64 } => decode(base64),
        }
    }
}

/// Whether any byte of a request can have left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Perhaps.
    Maybe,
    /// Certainly not.
    No,
}

/// A time or a duration in a vector: milliseconds, down to a microsecond.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub struct Millis(pub f64);

impl TryFrom<f64> for Millis {
    type Error = &'static str;

    fn try_from(millis: f64) -> Result<Self, Self::Error> {
        if millis.is_sign_negative() {
            Err("a time cannot be negative")
        } else {
            Ok(Self(millis))
        }
    }
}

impl Millis {
    /// As the core counts.
    pub fn duration(self) -> Duration {
        Duration::from_micros(self.instant().as_micros())
    }

    /// As the core counts.
    pub fn instant(self) -> Instant {
        Instant::from_secs_f64(self.0 / 1e3)
    }
}

impl Op {
    /// Does it to a client; gives the handle of the call or subscription that this made.
    pub fn apply(&self, client: &mut Client, now: Instant) -> Option<u64> {
        match self {
            Self::Connect { .. } => return Some(client.connect(now).as_u64()),
            Self::Call {
                method,
                params,
                params_text,
                options,
                ..
            } => {
                let params = text(params.as_ref(), params_text.as_deref());
                let call = Call::new(method.clone(), params).with(options.build());
                return Some(client.call(now, call).as_u64());
            }
            Self::Listen {
                params,
                params_text,
                ..
            } => {
                let params = text(params.as_ref(), params_text.as_deref()).unwrap_or_default();
                return Some(client.listen(now, params).as_u64());
            }
            Self::Unlisten { listen } => client.unlisten(now, ListenId::from_u64(*listen)),
            Self::Notify {
                method,
                params,
                params_text,
            } => {
                let params = text(params.as_ref(), params_text.as_deref());
                client.notify(now, Notification::new(method.clone(), params));
            }
            Self::Respond {
                id,
                result,
                result_text,
                error,
            } => {
                let answer = match error {
                    Some(error) => Answer::Error(error.build()),
                    None => Answer::Result(
                        text(result.as_ref(), result_text.as_deref()).unwrap_or_default(),
                    ),
                };
                client.respond(now, ObligationId::from_u64(*id), answer);
            }
            Self::Cancel { call, reason } => {
                client.cancel(now, CallId::from_u64(*call), reason.as_deref());
            }
            Self::Authorize { granted } => client.authorize(now, *granted),
            Self::Close => client.close(now),
            Self::Drain => {}
            _ => self.feed(client, now),
        }
        None
    }

    fn feed(&self, client: &mut Client, now: Instant) {
        match self {
            Self::Head {
                exchange,
                status,
                headers,
            } => {
                let values: Vec<_> = headers.iter().map(|(_, value)| value.decode()).collect();
                let headers: Vec<_> = headers
                    .iter()
                    .zip(&values)
                    .map(|((name, _), value)| (name.as_str(), value.as_slice()))
                    .collect();
                let exchange = ExchangeId::from_u64(*exchange);
                client.handle_input(
                    now,
                    ClientInput::Head {
                        exchange,
                        status: *status,
                        headers: &headers,
                    },
                );
            }
            Self::Chunk { exchange, .. } => {
                let data = self.bytes().unwrap_or_default();
                let exchange = ExchangeId::from_u64(*exchange);
                client.handle_input(
                    now,
                    ClientInput::Chunk {
                        exchange,
                        data: &data,
                    },
                );
            }
            Self::SseEvent {
                exchange,
                event,
                data,
                id,
                retry,
            } => {
                let event = SseEvent {
                    event,
                    data,
                    id: id.as_deref(),
                    retry: retry.map(Millis::duration),
                };
                let exchange = ExchangeId::from_u64(*exchange);
                client.handle_input(now, ClientInput::SseEvent { exchange, event });
            }
            Self::End { exchange } => {
                client.handle_input(
                    now,
                    ClientInput::End {
                        exchange: ExchangeId::from_u64(*exchange),
                    },
                );
            }
            Self::Failed {
                exchange,
                sent,
                detail,
            } => {
                let sent = match sent {
                    Left::Maybe => Sent::Maybe,
                    Left::No => Sent::No,
                };
                let failure = TransportFailure {
                    sent,
                    detail: detail.clone(),
                };
                let exchange = ExchangeId::from_u64(*exchange);
                client.handle_input(now, ClientInput::Failed { exchange, failure });
            }
            Self::Timeout => client.handle_input(now, ClientInput::Timeout),
            Self::Connect { .. }
            | Self::Call { .. }
            | Self::Listen { .. }
            | Self::Unlisten { .. }
            | Self::Notify { .. }
            | Self::Respond { .. }
            | Self::Cancel { .. }
            | Self::Authorize { .. }
            | Self::Close
            | Self::Drain => {}
        }
    }

    /// The bytes of a chunk.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Chunk {
                data: Some(data), ..
            } => Some(data.clone().into_bytes()),
            Self::Chunk {
                base64: Some(base64),
                ..
            } => Some(decode(base64)),
            _ => None,
        }
    }

    /// A chunk with these bytes.
    pub fn chunk(exchange: u64, bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Chunk {
                exchange,
                data: Some(text.to_owned()),
                base64: None,
            },
            Err(_) => Self::Chunk {
                exchange,
                data: None,
                base64: Some(STANDARD.encode(bytes)),
            },
        }
    }

    /// The handle that the call or subscription made by this must get.
    pub const fn handle(&self) -> Option<u64> {
        match self {
            Self::Connect { id } | Self::Call { id, .. } | Self::Listen { id, .. } => *id,
            _ => None,
        }
    }

    /// The exchange that the driver saw something of.
    pub const fn exchange(&self) -> Option<u64> {
        match self {
            Self::Head { exchange, .. }
            | Self::Chunk { exchange, .. }
            | Self::SseEvent { exchange, .. }
            | Self::End { exchange }
            | Self::Failed { exchange, .. } => Some(*exchange),
            _ => None,
        }
    }
}

impl Options {
    /// As the core takes them.
    pub fn build(&self) -> CallOptions {
        let mut options = CallOptions::default();
        options.safe = self.safe;
        options.progress = self.progress;
        options.idle = self.idle.map(Millis::duration);
        options.max = self.max.map(Millis::duration);
        options.headers = self
            .headers
            .iter()
            .map(|(name, value)| Header::new(name.clone(), value.decode()))
            .collect();
        options
    }
}

impl Error {
    /// As the core takes it.
    pub fn build(&self) -> RpcError {
        let mut error = RpcError::new(self.code, self.message.clone());
        error.data = self.data.as_ref().map(|data| data.to_string().into());
        error
    }
}

fn text(value: Option<&Value>, raw: Option<&str>) -> Option<Bytes> {
    raw.map(|text| text.to_owned().into())
        .or_else(|| value.map(|value| value.to_string().into()))
}

/// Vectors are checked when they are read; what is no base64 there is no chunk here.
fn decode(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap_or_default()
}
