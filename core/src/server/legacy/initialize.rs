//! The handshake: `initialize` makes a session.
//!
//! Source: 2025-11-25, basic/lifecycle, "Initialization".

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::http::{Header, names};
use crate::ids::{ExchangeId, ObligationId, SessionId};
use crate::jsonrpc;
use crate::jsonrpc::code::INVALID_PARAMS;
use crate::message::{Answer, Handshake, Identity, RpcError};
use crate::server::Server;
use crate::server::event::{EndReason, ServerEvent};
use crate::server::exchange::{Said, State};
use crate::server::reject::Reason;
use crate::server::route::{Place, text_of};
use crate::server::stream::Author;
use crate::version::{Era, Version};

impl Server {
    pub(in crate::server) fn on_initialize(
        &mut self,
        id: ExchangeId,
        said: &Said,
        raw_id: &str,
        params: Option<&str>,
    ) {
        // A dead session's id on it is a client that starts anew; a live one's is a mistake.
        if self.config.sessions && self.session_of(said).is_ok() {
            return self.reject(id, &Reason::LiveSession, Some(raw_id), said.named_version());
        }
        let asked = params
            .and_then(|params| jsonrpc::member(params, "protocolVersion"))
            .and_then(jsonrpc::string);
        let (Some(params), Some(asked)) = (params, asked) else {
            let error = RpcError::new(INVALID_PARAMS, "initialize names no protocolVersion");
            return self.answer_whole(id, 200, jsonrpc::error(raw_id, &error));
        };
        let version = self.negotiated(&asked);
        let params = Bytes::copy_from_slice(params.as_bytes());
        let session = if self.config.sessions {
            match self.new_session(said.principal.as_deref(), version, &params) {
                Ok(session) => Some(session),
                Err(reason) => return self.reject(id, &reason, Some(raw_id), Some(version)),
            }
        } else {
            None
        };
        if let Some(session) = session {
            let key = self.key_of(session);
            self.event(ServerEvent::SessionStarted {
                session,
                exchange: id,
                key,
                params: params.clone(),
            });
        }
        let place = Place {
            exchange: id,
            session,
            version,
        };
        let stream = self.open_response_stream(place);
        if let Some(exchange) = self.exchanges.get_mut(&id) {
            exchange.state = State::Waiting(stream);
        }
        match &self.config.handshake {
            Handshake::Core(identity) => {
                let message = jsonrpc::result(raw_id, &initialize_result(identity, version));
                let extra = self.publish(session, version);
                self.deliver(stream, message, Author::Application { status: 200 }, &extra);
            }
            Handshake::Host => {
                let method = "initialize".into();
                self.oblige(place, stream, raw_id, method, Some(text_of(&params)));
            }
        }
    }

    /// The host's own answer: only a result makes the session.
    pub(in crate::server) fn respond_to_initialize(&mut self, id: ObligationId, answer: Answer) {
        let Some(obligation) = self.obligations.get(&id) else {
            return;
        };
        let (session, wire) = (obligation.session, obligation.wire.clone());
        match answer {
            Answer::Result(result) => {
                let text = text_of(&result);
                let version = jsonrpc::member(text, "protocolVersion")
                    .and_then(jsonrpc::string)
                    .and_then(|name| Version::from_name(&name));
                let extra = match version {
                    Some(version) => self.publish(session, version),
                    // A revision that this machine does not know: what it has negotiated itself stands.
                    None => self.publish(
                        session,
                        session.map_or(Version::V2025_03_26, |id| self.sessions.version(id)),
                    ),
                };
                self.discharge(
                    id,
                    jsonrpc::result(&wire, text),
                    Author::Application { status: 200 },
                    &extra,
                );
            }
            Answer::Error(error) => {
                self.discharge(
                    id,
                    jsonrpc::error(&wire, &error),
                    Author::Application { status: 200 },
                    &[],
                );
                if let Some(session) = session {
                    self.refuse_session(session);
                }
            }
        }
    }

    pub(in crate::server) fn refuse_session(&mut self, session: SessionId) {
        self.close_session(session, EndReason::Refused);
    }

    /// The client's own revision if we speak it; else our newest, for the client to take or leave.
    fn negotiated(&self, asked: &str) -> Version {
        Version::from_name(asked)
            .filter(|version| version.era() == Era::Legacy)
            .filter(|version| self.config.versions.contains(version))
            .unwrap_or_else(|| Version::NEWEST_LEGACY.min(*self.config.versions.end()))
    }

    fn publish(&mut self, session: Option<SessionId>, version: Version) -> Vec<Header> {
        session
            .and_then(|session| self.publish_session(session, version))
            .map(|key| Header::new(names::SESSION_ID, key))
            .into_iter()
            .collect()
    }
}

fn initialize_result(identity: &Identity, version: Version) -> String {
    let instructions = identity
        .instructions
        .as_ref()
        .map_or_else(String::new, |text| {
            format!(r#","instructions":{}"#, jsonrpc::quote(text))
        });
    let meta = identity
        .meta
        .as_ref()
        .map_or_else(String::new, |meta| format!(r#","_meta":{}"#, text_of(meta)));
    format!(
        r#"{{"protocolVersion":"{version}","capabilities":{},"serverInfo":{}{instructions}{meta}}}"#,
        text_of(&identity.capabilities),
        text_of(&identity.info),
    )
}
