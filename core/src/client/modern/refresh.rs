//! The headers that tools want, and finding them out anew when a server refuses a call for them.
//!
//! Source: 2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters", "Client
//! Behavior".

use alloc::boxed::Box;
use alloc::format;
use bytes::Bytes;

use crate::client::errand::{Errand, Reply};
use crate::client::exchange::{Purpose, Request};
use crate::client::ledger::{Cause, Stage};
use crate::client::{Client, Timer};
use crate::http::Method;
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc;
use crate::message::RpcError;
use crate::mirror;
use crate::outcome::{Execution, Outcome};
use crate::version::Era;

/// Pages of a list that are read for one call.
const MOST_PAGES: u32 = 64;

/// A call whose headers are being found out.
#[derive(Clone, Hash, Debug)]
pub(in crate::client) struct Refresh {
    /// What the server said to it; its answer, if the list does not help.
    error: RpcError,
    pages: u32,
}

impl Client {
    /// The server refused the call for its headers: the list of tools may say what it wants now.
    pub(super) fn refresh_tools(&mut self, call: CallId, error: RpcError) {
        let can_help = self.ledger.get(call).is_some_and(|entry| {
            entry.method == "tools/call" && entry.tries.allow(Cause::HeaderMismatch)
        });
        if !can_help || self.session.era() != Some(Era::Modern) {
            return self.answer(call, Outcome::Error(error));
        }
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.tries.note(Cause::HeaderMismatch);
            entry.execution = entry.execution.max(Execution::Refused);
            entry.refresh = Some(Box::new(Refresh { error, pages: 0 }));
            entry.teller.note(
                self.now,
                "the server wants other headers; asking for its tools",
            );
        }
        self.list_tools(call, None);
    }

    fn list_tools(&mut self, call: CallId, cursor: Option<&str>) {
        let Some(version) = self.session.version else {
            return;
        };
        let id = self.take_wire_id();
        let params = cursor.map(|cursor| format!(r#"{{"cursor":{cursor}}}"#));
        let params = self.modern_params(params.as_deref(), false, version, None);
        let request = Request {
            method: Method::Post,
            url: None,
            headers: Self::modern_headers(version.header(), Bytes::from_static(b"tools/list")),
            body: jsonrpc::request(id, "tools/list", Some(&params)),
        };
        let exchange = self.open_modern(Purpose::Errand(Errand::ListTools(call), id), request);
        let until = self.after(self.config.timing.exchange);
        self.timers.set(Timer::Exchange(exchange), until);
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Refreshing(exchange);
        }
    }

    pub(in crate::client) fn tools_replied(&mut self, call: CallId, reply: &Reply) {
        let Some(refresh) = self
            .ledger
            .get_mut(call)
            .and_then(|entry| entry.refresh.as_deref_mut())
        else {
            return;
        };
        refresh.pages += 1;
        let (error, pages) = (refresh.error.clone(), refresh.pages);
        let list = match reply {
            Reply::Result(result) => core::str::from_utf8(result)
                .ok()
                .and_then(mirror::read_list),
            Reply::Error(..) | Reply::Failed(_) => None,
        };
        let Some(list) = list else {
            return self.answer(call, Outcome::Error(error));
        };
        let is_there = self.ledger.get(call).is_some_and(|entry| {
            let params = entry.params.as_deref().unwrap_or_default();
            let name = core::str::from_utf8(params)
                .ok()
                .and_then(|params| jsonrpc::member(params, "name"))
                .and_then(jsonrpc::string);
            list.tools
                .iter()
                .any(|(tool, _)| Some(&**tool) == name.as_deref())
        });
        self.mirrors.learn(list.tools);
        match list.next_cursor {
            Some(cursor) if !is_there && pages < MOST_PAGES => self.list_tools(call, Some(&cursor)),
            _ if is_there => self.enqueue(call),
            _ => self.answer(call, Outcome::Error(error)),
        }
    }

    /// The list did not come in time.
    pub(in crate::client) fn tools_are_late(&mut self, call: CallId) {
        let error = self
            .ledger
            .get_mut(call)
            .and_then(|entry| entry.refresh.take());
        if let Some(refresh) = error {
            self.answer(call, Outcome::Error(refresh.error));
        }
    }

    pub(in crate::client) fn refresh_moved(&mut self, call: CallId, to: ExchangeId) {
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Refreshing(to);
        }
    }
}

/// What a refused call and its error weigh, beside the call itself.
impl Refresh {
    pub(in crate::client) fn held(&self) -> usize {
        self.error.data.as_ref().map_or(0, Bytes::len)
    }
}
