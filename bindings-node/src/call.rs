//! What an application hands over: calls, notifications, answers.

use std::time::Duration;

use bytes::Bytes;
use mcp_sansio::{Answer, Call, CallOptions, Notification, RpcError};
use napi_derive::napi;

use crate::headers::Headers;

/// How a call is made. What is left out is as the settings have it; times are milliseconds.
#[napi(object)]
pub struct Options {
    /// It may run twice.
    pub safe: Option<bool>,
    /// Its progress is wanted.
    pub progress: Option<bool>,
    /// It fails after so long without progress.
    pub idle: Option<f64>,
    /// It fails after so long.
    pub max: Option<f64>,
    /// Headers for its requests, as a block.
    pub headers: Option<String>,
}

pub(crate) fn options(given: Option<Options>) -> CallOptions {
    let mut options = CallOptions::default();
    if let Some(given) = given {
        options.safe = given.safe.unwrap_or_default();
        options.progress = given.progress.unwrap_or_default();
        options.idle = given.idle.map(duration);
        options.max = given.max.map(duration);
        if let Some(block) = given.headers {
            options.headers = Headers::read(&block).into_owned();
        }
    }
    options
}

pub(crate) fn call(method: String, params: Option<String>, given: Option<Options>) -> Call {
    Call::new(method, params.map(Bytes::from)).with(options(given))
}

pub(crate) fn notification(method: String, params: Option<String>) -> Notification {
    Notification::new(method, params.map(Bytes::from))
}

/// A result, or an error with its code, message and data.
pub(crate) fn answer(
    result: Option<String>,
    code: Option<f64>,
    message: Option<String>,
    data: Option<String>,
) -> Answer {
    match result {
        Some(text) => Answer::Result(text.into()),
        None => Answer::Error(error(code, message, data)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is no code becomes the nearest that is one"
)]
fn error(code: Option<f64>, message: Option<String>, data: Option<String>) -> RpcError {
    let mut error = RpcError::new(code.unwrap_or(-32603.0) as i64, message.unwrap_or_default());
    error.data = data.map(Bytes::from);
    error
}

/// Milliseconds: what is no time is none at all, and what is too long is for ever.
pub(crate) fn duration(milliseconds: f64) -> Duration {
    let seconds = milliseconds.max(0.0) / 1e3;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
