//! Whose request is whose call: the one table that a relay keeps.

use alloc::collections::BTreeMap;
use bytes::Bytes;

use super::RelayMessage;
use crate::ids::{CallId, SessionId};
use crate::jsonrpc;
use crate::message::RpcError;
use crate::outcome::Outcome;

/// The host's requests in flight. A host of several sessions may use one id in each of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    calls: BTreeMap<CallId, Sent>,
    by_id: BTreeMap<(Option<SessionId>, Bytes), CallId>,
}

#[derive(Clone, Debug)]
struct Sent {
    session: Option<SessionId>,
    /// The host's id, as raw JSON.
    id: Bytes,
    /// The request was malformed, and this is what it is answered.
    rejected: Option<RpcError>,
}

impl Table {
    pub(super) fn call(&self, session: Option<SessionId>, id: &[u8]) -> Option<CallId> {
        let id = Bytes::copy_from_slice(id);
        self.by_id.get(&(session, id)).copied()
    }

    /// Takes an id out of use, because the host uses it again; gives the older call.
    pub(super) fn replace(&mut self, session: Option<SessionId>, id: &str) -> Option<CallId> {
        let id = Bytes::copy_from_slice(id.as_bytes());
        let older = self.by_id.remove(&(session, id))?;
        self.calls.remove(&older);
        Some(older)
    }

    pub(super) fn insert(
        &mut self,
        call: CallId,
        session: Option<SessionId>,
        id: &str,
        rejected: Option<RpcError>,
    ) {
        let id = Bytes::copy_from_slice(id.as_bytes());
        self.by_id.insert((session, id.clone()), call);
        let sent = Sent {
            session,
            id,
            rejected,
        };
        self.calls.insert(call, sent);
    }

    pub(super) fn id_of(&self, call: CallId) -> Option<Bytes> {
        self.calls.get(&call).map(|sent| sent.id.clone())
    }

    pub(super) fn session_of(&self, call: CallId) -> Option<SessionId> {
        self.calls.get(&call).and_then(|sent| sent.session)
    }

    /// The response to the host's request; the outcome comes back if it was not the host's.
    pub(super) fn settle(
        &mut self,
        call: CallId,
        outcome: Outcome,
    ) -> Result<RelayMessage, Outcome> {
        let Some(Sent {
            session,
            id,
            rejected,
        }) = self.calls.remove(&call)
        else {
            return Err(outcome);
        };
        self.by_id.remove(&(session, id.clone()));
        let raw = core::str::from_utf8(&id).unwrap_or("null");
        let (text, failure) = match outcome {
            Outcome::Result(result) => {
                let result = core::str::from_utf8(&result).unwrap_or("null");
                (jsonrpc::result(raw, result), None)
            }
            Outcome::Error(error) => (jsonrpc::error(raw, &error), None),
            Outcome::Failed(failure) => {
                let error = rejected.unwrap_or_else(|| failure.to_rpc_error());
                (jsonrpc::error(raw, &error), Some(failure))
            }
        };
        Ok(RelayMessage {
            answers: Some(id),
            failure,
            session,
            ..RelayMessage::new(text)
        })
    }
}
