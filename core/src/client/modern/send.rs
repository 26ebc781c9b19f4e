//! Sending modern requests: what the body says is said again in headers, so that what stands between can
//! route by them.
//!
//! Source: 2026-07-28, basic/transports/streamable-http, "Request Metadata".

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::client::Client;
use crate::client::admit::MOST_HEADER_BYTES;
use crate::client::ledger::Entry;
use crate::http::{Header, is_header_value, names};
use crate::ids::CallId;
use crate::jsonrpc;
use crate::mirror;
use crate::outcome::FailureKind;
use crate::version::{Era, Version};

/// Headers whose values are known to be good: the two of every POST.
const FIXED_HEADERS: usize = 2;

impl Client {
    /// Whether a call goes out as a modern request: by what is agreed with the server, or, where the host
    /// speaks the handshake, by what the host wrote into it.
    pub(in crate::client) fn goes_out_modern(&self, entry: &Entry) -> bool {
        entry.named_version.is_some() || self.session.era() == Some(Era::Modern)
    }

    pub(in crate::client) fn send_modern(&mut self, call: CallId) {
        let id = self.next_wire;
        let Some(entry) = self.ledger.get(call) else {
            return;
        };
        let (headers, body) = match self.modern_message(entry, id) {
            Ok(message) => message,
            Err(reason) => return self.fail_because(call, FailureKind::Misuse, reason),
        };
        self.post_call(call, Era::Modern, headers, body);
        self.restart_clock(call);
    }

    fn modern_message(&self, entry: &Entry, id: u64) -> Result<(Vec<Header>, Bytes), String> {
        let params = entry
            .params
            .as_ref()
            .and_then(|p| core::str::from_utf8(p).ok());
        let version = match &entry.named_version {
            Some(named) => Bytes::copy_from_slice(named.as_bytes()),
            None => self.modern_version_of_ours().header(),
        };
        let mut headers = Self::modern_headers(version, value_of(&entry.method));
        self.mirror_into(&mut headers, &entry.method, params);
        check_headers(&headers)?;
        let ours = headers.len();
        for own in &entry.options.headers {
            let is_new = headers
                .iter()
                .take(ours)
                .all(|header| !header.name.eq_ignore_ascii_case(&own.name));
            if is_new {
                headers.push(own.clone());
            }
        }
        if entry.named_version.is_some() {
            return Ok((headers, jsonrpc::request(id, &entry.method, params)));
        }
        let next_round = entry.rounds.as_ref().map(|rounds| rounds.params(params));
        let params = next_round.as_deref().or(params);
        let token = self.adds_token(entry).then_some(id);
        let version = self.modern_version_of_ours();
        let params = self.modern_params(params, entry.has_meta, version, token);
        Ok((headers, jsonrpc::request(id, &entry.method, Some(&params))))
    }

    /// The revision of our own modern requests.
    pub(in crate::client) fn modern_version_of_ours(&self) -> Version {
        let newest = *self.config.versions.end();
        self.session.version.unwrap_or(newest)
    }

    /// What every modern POST says in its headers.
    pub(in crate::client) fn modern_headers(version: Bytes, method: Bytes) -> Vec<Header> {
        let mut headers = Vec::with_capacity(6);
        headers.extend([
            Header::new(
                names::ACCEPT,
                Bytes::from_static(b"application/json, text/event-stream"),
            ),
            Header::new(names::CONTENT_TYPE, Bytes::from_static(b"application/json")),
            Header::new(names::PROTOCOL_VERSION, version),
            Header::new(names::METHOD, method),
        ]);
        headers
    }

    /// The headers that repeat a part of the params: the name of what is asked for, and the arguments that
    /// its tool wants to see there.
    fn mirror_into(&self, headers: &mut Vec<Header>, method: &str, params: Option<&str>) {
        let name = mirror::named_by(method)
            .and_then(|key| jsonrpc::member(params?, key))
            .and_then(jsonrpc::string);
        let Some(name) = name else {
            return;
        };
        headers.push(Header::new(names::NAME, mirror::encode(&name)));
        let mirrored = self.mirrors.of(&name);
        if method == "tools/call" && !mirrored.is_empty() {
            let arguments = params.and_then(|params| jsonrpc::member(params, "arguments"));
            for (name, value) in mirror::param_headers(mirrored, arguments) {
                headers.push(Header::new(String::from(name), value));
            }
        }
    }
}

/// A header's value; of a text that is the program's own nothing is copied.
#[expect(
    clippy::ptr_arg,
    reason = "only a Cow knows whether its text is static"
)]
fn value_of(text: &Cow<'static, str>) -> Bytes {
    match text {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => Bytes::copy_from_slice(text.as_bytes()),
    }
}

/// What headers repeat must fit into them: the params, the method and the revision are the application's.
pub(in crate::client) fn check_headers(headers: &[Header]) -> Result<(), String> {
    let is_unfit = |header: &&Header| {
        header.value.len() > MOST_HEADER_BYTES || !is_header_value(&header.value)
    };
    let unfit = headers.iter().skip(FIXED_HEADERS).find(is_unfit);
    unfit.map_or(Ok(()), |header| {
        Err(format!(
            "header {} would be longer than {MOST_HEADER_BYTES} bytes, or have control characters; it \
             repeats what the message says",
            header.name
        ))
    })
}
