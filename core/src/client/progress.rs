//! Progress: the token that each request carries, and what comes back with it (utilities, progress).

use alloc::string::{String, ToString as _};
use bytes::Bytes;

use super::Client;
use super::event::{ClientEvent, Source};
use super::ledger::Entry;
use crate::ids::CallId;
use crate::jsonrpc;
use crate::story::Seen;
use crate::version::Era;

/// Our tokens are strings `sio-<wire id>`.
const PREFIX: &str = "sio-";

/// The JSON text of the token of the request with this id.
pub(super) fn token(wire_id: u64) -> String {
    ["\"", PREFIX, &wire_id.to_string(), "\""].concat()
}

/// The params of a request with our progress token in their `_meta`; all else stays as it is. `has_meta`
/// says whether they have one: who hands params over has read them already.
pub(crate) fn attach_token(params: Option<&str>, has_meta: bool, wire_id: u64) -> String {
    let params = params.unwrap_or("{}").trim_end();
    let token = token(wire_id);
    let meta = ["{\"progressToken\":", &token, "}"].concat();
    if has_meta {
        return jsonrpc::splice_member(params, "_meta", |before| match before {
            Some(before) => jsonrpc::splice_member(before, "progressToken", |_| token.clone()),
            None => meta.clone(),
        });
    }
    jsonrpc::with_members(params, &["\"_meta\":", &meta].concat())
}

impl Client {
    /// Feeds the idle clock of the call that a progress notification names, and tells the application if
    /// it asked. `false`: the progress belongs to a task, whose call is settled; it is a notification
    /// like any other.
    pub(super) fn on_progress(&mut self, source: Source, params: Option<&str>) -> bool {
        let Some((params, token)) =
            params.and_then(|params| Some((params, jsonrpc::member(params, "progressToken")?)))
        else {
            return true;
        };
        // Hosts that share a client may choose the same token: a call's own stream decides first.
        let own = match source {
            Source::Call(call) => Some(call).filter(|call| self.has_chosen(*call, token)),
            Source::Listen(_) | Source::Standalone => None,
        };
        let Some(call) = own.or_else(|| self.call_of_token(token)) else {
            return !self.ledger.is_task_token(token);
        };
        let is_foreign = self
            .ledger
            .get(call)
            .is_some_and(|entry| entry.era == Era::Modern && source != Source::Call(call));
        if is_foreign {
            return true; // Progress of a modern call comes on its own response only.
        }
        self.saw(call, None, Seen::Progress);
        self.start_idle(call);
        let is_wanted = self
            .ledger
            .get(call)
            .is_some_and(|entry| entry.options.progress);
        if is_wanted {
            self.out.message(ClientEvent::Progress {
                call,
                params: Bytes::copy_from_slice(params.as_bytes()),
            });
        }
        true
    }

    /// Whether the host chose this token for the call.
    fn has_chosen(&self, call: CallId, token: &str) -> bool {
        self.ledger
            .get(call)
            .is_some_and(|entry| entry.own_token.as_deref() == Some(token))
    }

    /// Whether the call's request carries a token of ours. The params of a host that speaks for itself go
    /// out as they are.
    pub(super) fn adds_token(&self, entry: &Entry) -> bool {
        !self.host_speaks() && entry.takes_token()
    }

    fn call_of_token(&self, raw: &str) -> Option<CallId> {
        let ours = raw
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
            .and_then(|token| token.strip_prefix(PREFIX))
            .and_then(super::answer::exact);
        match ours {
            Some(id) => self.ledger.by_wire_id(id).filter(|call| {
                let entry = self.ledger.get(*call);
                entry.is_some_and(|entry| self.adds_token(entry))
            }),
            None => self.ledger.by_token(raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_where_meta_is_and_nothing_else_moves() {
        assert_eq!(
            attach_token(None, false, 7),
            r#"{"_meta":{"progressToken":"sio-7"}}"#
        );
        assert_eq!(
            attach_token(Some("{\"name\": \"echo\" }\n"), false, 7),
            r#"{"name": "echo","_meta":{"progressToken":"sio-7"}}"#
        );
        assert_eq!(
            attach_token(Some(r#"{"_meta":{"a":1},"b": 1.50}"#), true, 7),
            r#"{"_meta":{"a":1,"progressToken":"sio-7"},"b": 1.50}"#
        );
    }
}
