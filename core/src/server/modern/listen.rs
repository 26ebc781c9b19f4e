//! Subscriptions: the core acknowledges them, gives each what it asked for, and ends them in order.
//!
//! Source: 2026-07-28, basic/patterns/subscriptions.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use super::Asker;
use super::answer::completed;
use crate::jsonrpc;
use crate::message::Handshake;
use crate::server::Server;
use crate::server::reject::Reason;
use crate::server::route::{Place, text_of};
use crate::server::stream::{Kind, StreamId, Weight};
use crate::subscription::{ACKNOWLEDGED, Filter, LISTEN, Wanted, tagged};

/// A subscription that is open.
#[derive(Clone, Hash, Debug)]
pub(in crate::server) struct Listen {
    /// The raw JSON of the request's id, which tags all that goes out on its stream.
    wire: Box<str>,
    /// What the client asked for and we have.
    filter: Filter,
}

impl Listen {
    pub(in crate::server) fn held(&self) -> usize {
        self.wire.len() + self.filter.held()
    }
}

impl Server {
    pub(super) fn open_listen(
        &mut self,
        place: Place,
        raw: &str,
        params: Option<&str>,
        client: &Asker,
    ) -> Result<(), Reason> {
        let asked = params.and_then(|params| jsonrpc::member(params, "notifications"));
        let asked =
            Filter::read(asked).map_err(|reason| Reason::BadParams(format!("params: {reason}")))?;
        if self.listens().count() >= self.config.limits.listens {
            return Err(Reason::TooMany("subscriptions are open"));
        }
        let filter = match &self.config.handshake {
            Handshake::Core(identity) => asked.covered_by(text_of(&identity.capabilities)),
            Handshake::Host => asked,
        };
        if let Some(missing) = filter.not_declared(&client.capabilities) {
            return Err(Reason::NotDeclared(missing));
        }
        let params = format!(r#"{{"notifications":{}}}"#, filter.to_json());
        let acknowledgement = tagged(Some(&params), raw);
        let stream = self.new_response_stream(place);
        if let Some(open) = self.streams.get_mut(&stream) {
            open.kind = Kind::Listen(Box::new(Listen {
                wire: raw.into(),
                filter,
            }));
        }
        let message = jsonrpc::notification(ACKNOWLEDGED, Some(&acknowledgement));
        self.send_event(stream, &message, Weight::Owed);
        Ok(())
    }

    fn listens(&self) -> impl Iterator<Item = (StreamId, &Listen)> {
        self.streams
            .iter()
            .filter_map(|(&id, stream)| match &stream.kind {
                Kind::Listen(listen) => Some((id, &**listen)),
                Kind::Response | Kind::Standalone => None,
            })
    }

    /// Tells every subscription that asked for it.
    pub(in crate::server) fn notify_listens(&mut self, method: &str, params: Option<&str>) {
        let messages: Vec<(StreamId, Bytes)> = self
            .listens()
            .filter(|(_, listen)| listen.filter.wants(method, params) == Wanted::Yes)
            .map(|(id, listen)| {
                let params = tagged(params, &listen.wire);
                (id, jsonrpc::notification(method, Some(&params)))
            })
            .collect();
        for (id, message) in messages {
            self.send_event(id, &message, Weight::Passing);
        }
    }

    /// Ends every subscription as the protocol wants it: by its result.
    pub(in crate::server) fn end_listens(&mut self) {
        let mut result = String::from(r#"{"resultType":"complete"}"#);
        if let Handshake::Core(identity) = &self.config.handshake {
            result = completed(LISTEN, &result, identity).unwrap_or(result);
        }
        let ends: Vec<(StreamId, Bytes)> = self
            .listens()
            .map(|(id, listen)| {
                let result = tagged(Some(&result), &listen.wire);
                (id, jsonrpc::result(&listen.wire, &result))
            })
            .collect();
        for (id, message) in ends {
            self.send_event(id, &message, Weight::Owed);
            self.finish_stream(id);
        }
    }
}
