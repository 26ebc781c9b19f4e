//! `_meta` of a modern request: its revision, who we are and what we can do, its progress token.
//!
//! Source: 2026-07-28, basic, "`_meta`".

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use bytes::Bytes;

use crate::client::Client;
use crate::client::progress::token;
use crate::jsonrpc;
use crate::message::{Handshake, Identity};
use crate::meta;
use crate::version::Version;

/// What every modern request of a client says, written once.
#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Stamp {
    /// Members of `_meta` beside the revision, each as its key and the JSON text of its value.
    members: Vec<(String, String)>,
    /// The same as one text, each member with a comma in front.
    text: String,
}

impl Stamp {
    pub(in crate::client) fn new(handshake: &Handshake) -> Self {
        let Handshake::Core(identity) = handshake else {
            return Self::default(); // The host writes its own.
        };
        let members = members_of(identity);
        let text = members
            .iter()
            .map(|(key, value)| [",", &jsonrpc::quote(key), ":", value].concat())
            .collect();
        Self { members, text }
    }

    /// What is missing in a `_meta` that the host has begun.
    fn missing_in(&self, before: &str, version: Version) -> String {
        let mut missing = String::new();
        let named = ["\"", version.as_str(), "\""].concat();
        let version = (meta::PROTOCOL_VERSION, &*named);
        let own = self.members.iter().map(|(key, value)| (&**key, &**value));
        for (key, value) in core::iter::once(version).chain(own) {
            if jsonrpc::member(before, key).is_none() {
                let comma = if missing.is_empty() { "" } else { "," };
                missing = [&missing, comma, &jsonrpc::quote(key), ":", value].concat();
            }
        }
        missing
    }
}

fn members_of(identity: &Identity) -> Vec<(String, String)> {
    let utf8 = |text: &Bytes| String::from_utf8_lossy(text).into_owned();
    let mut members = Vec::from([
        (meta::CLIENT_INFO.to_string(), utf8(&identity.info)),
        (
            meta::CLIENT_CAPABILITIES.to_string(),
            utf8(&identity.capabilities),
        ),
    ]);
    let own = identity.meta.as_ref().map(utf8).unwrap_or_default();
    // What is no object was refused when the client was made.
    let _ = jsonrpc::members(&own, |key, value| {
        let is_new = key != meta::PROTOCOL_VERSION && members.iter().all(|(other, _)| other != key);
        if is_new {
            members.push((key.to_string(), value.to_string()));
        }
    });
    members
}

impl Client {
    /// The params of a modern request: those of the host, with what the protocol wants in their `_meta`.
    /// What the host itself wrote there stays. `has_meta` says whether it wrote any: who hands params over has
    /// read them already. `wire_id` is given if the request may report progress.
    pub(in crate::client) fn modern_params(
        &self,
        params: Option<&str>,
        has_meta: bool,
        version: Version,
        wire_id: Option<u64>,
    ) -> String {
        let params = params.unwrap_or("{}").trim_end();
        if has_meta && let Some(before) = jsonrpc::member(params, "_meta") {
            let mut missing = self.stamp.missing_in(before, version);
            let is_asked = jsonrpc::member(before, "progressToken").is_some();
            if let Some(id) = wire_id.filter(|_| !is_asked) {
                let comma = if missing.is_empty() { "" } else { "," };
                missing = [&missing, comma, "\"progressToken\":", &token(id)].concat();
            }
            return jsonrpc::splice_member(params, "_meta", |_| {
                jsonrpc::with_members(before, &missing)
            });
        }
        let open = params.strip_suffix('}').unwrap_or(params).trim_end();
        let mut stamped = String::with_capacity(open.len() + self.stamp.text.len() + 128);
        stamped.push_str(open);
        if !open.ends_with('{') {
            stamped.push(',');
        }
        for part in [
            "\"_meta\":{\"",
            meta::PROTOCOL_VERSION,
            "\":\"",
            version.as_str(),
            "\"",
            &self.stamp.text,
        ] {
            stamped.push_str(part);
        }
        if let Some(id) = wire_id {
            stamped.push_str(",\"progressToken\":");
            stamped.push_str(&token(id));
        }
        stamped.push_str("}}");
        stamped
    }
}
