//! Messages to text. Members come in the order `jsonrpc`, `id`, `method`, `params`, so that a reader
//! meets what it routes by before what may be long.

use alloc::string::{String, ToString as _};
use bytes::Bytes;
use core::fmt::Write as _;

use super::scan::plain_len;
use crate::RpcError;

/// A request. `params` is JSON text, and is not checked.
pub(crate) fn request(id: u64, method: &str, params: Option<&str>) -> Bytes {
    let mut text = start(method.len() + params.map_or(0, str::len));
    text.push_str(",\"id\":");
    push_number(&mut text, id);
    push_method(&mut text, method, params);
    text.into()
}

/// A notification. `params` is JSON text, and is not checked.
pub(crate) fn notification(method: &str, params: Option<&str>) -> Bytes {
    let mut text = start(method.len() + params.map_or(0, str::len));
    push_method(&mut text, method, params);
    text.into()
}

/// A response with a result. Both are JSON text, and are not checked.
pub(crate) fn result(id: &str, result: &str) -> Bytes {
    let mut text = start(id.len() + result.len());
    for part in [",\"id\":", id, ",\"result\":", result, "}"] {
        text.push_str(part);
    }
    text.into()
}

/// A response with an error. The id is JSON text, and is not checked. Error data that is not UTF-8 is
/// left out.
pub(crate) fn error(id: &str, error: &RpcError) -> Bytes {
    let mut text = start(id.len() + weight(error));
    text.push_str(",\"id\":");
    text.push_str(id);
    push_error(&mut text, error);
    text.into()
}

/// The same where no id could be read.
pub(crate) fn error_without_id(error: &RpcError) -> Bytes {
    let mut text = start(weight(error));
    push_error(&mut text, error);
    text.into()
}

fn weight(error: &RpcError) -> usize {
    error.message.len() + error.data.as_ref().map_or(0, Bytes::len)
}

fn push_error(text: &mut String, error: &RpcError) {
    text.push_str(",\"error\":{\"code\":");
    text.push_str(&error.code.to_string());
    text.push_str(",\"message\":");
    push_quoted(text, &error.message);
    if let Some(Ok(data)) = error.data.as_deref().map(str::from_utf8) {
        text.push_str(",\"data\":");
        text.push_str(data);
    }
    text.push_str("}}");
}

/// A JSON string literal.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    push_quoted(&mut quoted, text);
    quoted
}

/// Adds a JSON string literal.
pub(super) fn push_quoted(quoted: &mut String, text: &str) {
    quoted.push('"');
    let mut rest = text;
    loop {
        let end = plain_len(rest);
        quoted.push_str(&rest[..end]);
        let Some(&byte) = rest.as_bytes().get(end) else {
            break;
        };
        rest = &rest[end + 1..];
        match byte {
            b'"' => quoted.push_str("\\\""),
            b'\\' => quoted.push_str("\\\\"),
            b'\x08' => quoted.push_str("\\b"),
            b'\x0c' => quoted.push_str("\\f"),
            b'\n' => quoted.push_str("\\n"),
            b'\r' => quoted.push_str("\\r"),
            b'\t' => quoted.push_str("\\t"),
            // Writing to a String does not fail.
            _ => _ = write!(quoted, "\\u{byte:04x}"),
        }
    }
    quoted.push('"');
}

/// With room for this many bytes beside the members' names.
fn start(len: usize) -> String {
    let mut text = String::with_capacity(len + 80);
    text.push_str("{\"jsonrpc\":\"2.0\"");
    text
}

fn push_method(text: &mut String, method: &str, params: Option<&str>) {
    text.push_str(",\"method\":");
    push_quoted(text, method);
    if let Some(params) = params {
        text.push_str(",\"params\":");
        text.push_str(params);
    }
    text.push('}');
}

/// Every request has an id, and formatting costs more than all else in it.
fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    let digit = u8::try_from(number % 10).unwrap_or_default();
    text.push(char::from(b'0' + digit));
}
