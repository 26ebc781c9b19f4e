//! Progress: the token that each request carries, and what comes back with it (utilities, progress).

use alloc::string::{String, ToString as _};
use bytes::Bytes;

use super::Client;
use super::event::ClientEvent;
use super::ledger::Entry;
use crate::ids::CallId;
use crate::jsonrpc;
use crate::story::Seen;

/// Our tokens are strings `sio-<wire id>`.
const PREFIX: &str = "sio-";

/// The params of a request with our progress token in their `_meta`; all else stays as it is. `has_meta`
/// says whether they have one: who hands params over has read them already.
pub(crate) fn attach_token(params: Option<&str>, has_meta: bool, wire_id: u64) -> String {
    let params = params.unwrap_or("{}").trim_end();
    let token = ["\"", PREFIX, &wire_id.to_string(), "\""].concat();
    let meta = ["{\"progressToken\":", &token, "}"].concat();
    if has_meta {
        return jsonrpc::splice_member(params, "_meta", |before| match before {
            Some(before) => jsonrpc::splice_member(before, "progressToken", |_| token.clone()),
            None => meta.clone(),
        });
    }
    let open = params.strip_suffix('}').unwrap_or(params).trim_end();
    let comma = if open.ends_with('{') { "" } else { "," };
    [open, comma, "\"_meta\":", &meta, "}"].concat()
}

impl Client {
    /// Feeds the idle clock of the call that a progress notification names, and tells the application if
    /// it asked. `false`: the progress belongs to a task, whose call is settled; it is a notification
    /// like any other.
    pub(super) fn on_progress(&mut self, params: Option<&str>) -> bool {
        let Some((params, token)) =
            params.and_then(|params| Some((params, jsonrpc::member(params, "progressToken")?)))
        else {
            return true;
        };
        let Some(call) = self.call_of_token(token) else {
            return !self.ledger.is_task_token(token);
        };
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

    /// Whether the call's request carries a token of ours.
    fn has_our_token(&self, call: CallId) -> bool {
        self.ledger.get(call).is_some_and(Entry::takes_token)
    }

    fn call_of_token(&self, raw: &str) -> Option<CallId> {
        let ours = raw
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
            .and_then(|token| token.strip_prefix(PREFIX))
            .and_then(super::answer::exact);
        match ours {
            Some(id) => self
                .ledger
                .by_wire_id(id)
                .filter(|call| self.has_our_token(*call)),
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
