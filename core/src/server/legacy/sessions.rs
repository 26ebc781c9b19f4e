//! The table of sessions.
//!
//! Source: 2025-11-25, basic/transports, "Session Management".

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use crate::http::{self, Headers, names};
use crate::ids::{CallId, ObligationId, SessionId};
use crate::jsonrpc;
use crate::jsonrpc::code::INTERNAL_ERROR;
use crate::message::RpcError;
use crate::outcome::{FailureKind, Withdrawal};
use crate::questions::capability_for;
use crate::server::event::{EndReason, ServerEvent};
use crate::server::exchange::State;
use crate::server::reject::Reason;
use crate::server::stream::Kind;
use crate::server::stream::{Stream, StreamId};
use crate::server::{Server, Timer};
use crate::time::Instant;
use crate::version::Version;

/// A standalone stream whose reader has taken something within this many keep-alives is alive.
pub(in crate::server) const LIVE_KEEP_ALIVES: u32 = 3;

#[derive(Clone, Debug, Default)]
pub(in crate::server) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    by_key: BTreeMap<Box<str>, SessionId>,
}

#[derive(Clone, Debug)]
struct Session {
    /// `Mcp-Session-Id`.
    key: Box<str>,
    principal: Option<Box<str>>,
    version: Version,
    /// The params of its `initialize`.
    params: Bytes,
    standalone: StreamId,
    /// A second request has come.
    was_used: bool,
    last_used: Instant,
    /// Requests in flight, in both directions.
    work: usize,
    /// When its standalone stream was taken over, lately.
    takeovers: Vec<Instant>,
}

impl Sessions {
    pub(in crate::server) fn find(&self, key: &str, principal: Option<&str>) -> Option<SessionId> {
        let id = *self.by_key.get(key)?;
        let session = self.by_id.get(&id)?;
        (session.principal.as_deref() == principal).then_some(id)
    }

    pub(in crate::server) fn ids(&self) -> Vec<SessionId> {
        self.by_key.values().copied().collect()
    }

    pub(in crate::server) fn version(&self, id: SessionId) -> Version {
        self.by_id
            .get(&id)
            .map_or(Version::V2025_03_26, |session| session.version)
    }

    pub(in crate::server) fn standalone(&self, id: SessionId) -> Option<StreamId> {
        self.by_id.get(&id).map(|session| session.standalone)
    }

    pub(in crate::server) fn in_flight(&self, id: SessionId) -> usize {
        self.by_id.get(&id).map_or(0, |session| session.work)
    }

    pub(in crate::server) fn began_work(&mut self, id: SessionId) {
        if let Some(session) = self.by_id.get_mut(&id) {
            session.work += 1;
        }
    }

    /// The capability that the client would have to declare for this request, if it has not.
    pub(in crate::server) fn lacks_capability(
        &self,
        id: SessionId,
        method: &str,
    ) -> Option<&'static str> {
        let needed = capability_for(method)?;
        let params = &self.by_id.get(&id)?.params;
        let declared = core::str::from_utf8(params)
            .ok()
            .and_then(|params| jsonrpc::member(params, "capabilities"))
            .and_then(|capabilities| jsonrpc::member(capabilities, needed));
        declared.is_none().then_some(needed)
    }

    /// How often the standalone stream was taken over lately.
    pub(super) fn takeovers(&mut self, id: SessionId, now: Instant, lately: Duration) -> usize {
        let Some(session) = self.by_id.get_mut(&id) else {
            return 0;
        };
        session
            .takeovers
            .retain(|at| now.saturating_since(*at) < lately);
        session.takeovers.len()
    }

    pub(super) fn taken_over(&mut self, id: SessionId, now: Instant) {
        if let Some(session) = self.by_id.get_mut(&id) {
            session.takeovers.push(now);
        }
    }

    pub(in crate::server) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(in crate::server) fn all(&self) -> Vec<SessionId> {
        self.by_id.keys().copied().collect()
    }
}

/// The shard in a session id, which is its first four digits.
pub(in crate::server) fn shard_of(headers: Headers<'_>) -> Option<u16> {
    let key = http::text(headers, names::SESSION_ID)?;
    let (shard, _) = key.split_once('-')?;
    u16::from_str_radix(shard, 16).ok()
}

impl Server {
    /// Makes a session, provisional until it is published: nothing can be routed to it, and its id has not
    /// gone out.
    pub(super) fn new_session(
        &mut self,
        principal: Option<&str>,
        version: Version,
        params: &Bytes,
    ) -> Result<SessionId, Reason> {
        self.make_room(principal)?;
        let id = self.ids.session();
        let key = format!("{:04x}-{}", self.config.shard, self.rng.hex128());
        let standalone = self.ids.next();
        let stream = Stream {
            kind: Kind::Standalone,
            ..Stream::new(Some(id), version, None)
        };
        self.streams.insert(standalone, stream);
        self.sessions.by_id.insert(
            id,
            Session {
                key: key.into(),
                principal: principal.map(Into::into),
                version,
                params: params.clone(),
                standalone,
                was_used: false,
                last_used: self.now,
                work: 0,
                takeovers: Vec::new(),
            },
        );
        self.watch_session(id);
        Ok(id)
    }

    /// The session is agreed on: it can be used from here on.
    pub(super) fn publish_session(&mut self, id: SessionId, version: Version) -> Option<String> {
        let session = self.sessions.by_id.get_mut(&id)?;
        session.version = version;
        if let Some(stream) = self.streams.get_mut(&session.standalone) {
            stream.version = version;
        }
        self.sessions.by_key.insert(session.key.clone(), id);
        Some(session.key.as_ref().into())
    }

    pub(super) fn key_of(&self, id: SessionId) -> String {
        self.sessions
            .by_id
            .get(&id)
            .map_or_else(String::new, |session| session.key.as_ref().into())
    }

    fn make_room(&mut self, principal: Option<&str>) -> Result<(), Reason> {
        if let Some(most) = self.config.limits.sessions_per_principal
            && principal.is_some()
        {
            let own = self.sessions.by_id.values();
            let own = own
                .filter(|session| session.principal.as_deref() == principal)
                .count();
            if own >= most {
                return Err(Reason::TooMany("sessions of this principal"));
            }
        }
        if self.sessions.by_id.len() < self.config.limits.sessions {
            return Ok(());
        }
        let victim = self
            .sessions
            .by_id
            .iter()
            .filter(|(_, session)| session.work == 0 && !self.is_listening(session))
            .min_by_key(|(_, session)| (session.was_used, session.last_used))
            .map(|(&id, _)| id);
        match victim {
            Some(id) => {
                self.close_session(id, EndReason::Evicted);
                Ok(())
            }
            None => Err(Reason::TooMany("sessions")),
        }
    }

    /// A request of the session has come.
    pub(in crate::server) fn use_session(&mut self, id: SessionId) {
        let now = self.now;
        if let Some(session) = self.sessions.by_id.get_mut(&id) {
            session.was_used = true;
            session.last_used = now;
            self.watch_session(id);
        }
    }

    pub(in crate::server) fn session_finished_work(&mut self, id: SessionId) {
        let now = self.now;
        if let Some(session) = self.sessions.by_id.get_mut(&id) {
            session.work = session.work.saturating_sub(1);
            session.last_used = now;
            self.watch_session(id);
        }
    }

    fn watch_session(&mut self, id: SessionId) {
        let Some(session) = self.sessions.by_id.get(&id) else {
            return;
        };
        let bound = if session.was_used {
            self.config.timing.idle
        } else {
            Some(self.config.timing.unused)
        };
        match bound {
            Some(bound) => {
                let at = self.after(bound);
                self.timers.set(Timer::Session(id), at);
            }
            None => {
                self.timers.clear(Timer::Session(id));
            }
        }
    }

    /// The session was not used for its bound: it ends, unless work is in flight or its client listens.
    pub(in crate::server) fn session_is_idle(&mut self, id: SessionId) {
        let Some(session) = self.sessions.by_id.get(&id) else {
            return;
        };
        if session.work > 0 || self.is_listening(session) {
            self.watch_session(id);
        } else {
            self.close_session(id, EndReason::Idle);
        }
    }

    pub(super) fn has_listener(&self, id: SessionId) -> bool {
        self.sessions
            .by_id
            .get(&id)
            .is_some_and(|session| self.is_listening(session))
    }

    /// Whether the client reads its standalone stream: an open one that nobody reads pins nothing.
    fn is_listening(&self, session: &Session) -> bool {
        let exchange = self
            .streams
            .get(&session.standalone)
            .and_then(|stream| stream.exchange)
            .and_then(|exchange| self.exchanges.get(&exchange));
        let Some(State::Streaming(_, writer)) = exchange.map(|exchange| &exchange.state) else {
            return false;
        };
        self.config.timing.keep_alive.is_none_or(|interval| {
            self.now.saturating_since(writer.last_written) < interval * LIVE_KEEP_ALIVES
        })
    }

    /// Ends a session: everything that is owed in it is settled, every exchange of it ends.
    pub(in crate::server) fn close_session(&mut self, id: SessionId, reason: EndReason) {
        let Some(session) = self.sessions.by_id.remove(&id) else {
            return;
        };
        self.sessions.by_key.remove(&session.key);
        self.timers.clear(Timer::Session(id));
        let owed: Vec<ObligationId> = self
            .obligations
            .iter()
            .filter(|(_, open)| open.session == Some(id))
            .map(|(&id, _)| id)
            .collect();
        let status = if reason == EndReason::Shutdown {
            503
        } else {
            500
        };
        for obligation in owed {
            let error = RpcError::new(INTERNAL_ERROR, reason.sentence());
            self.withdraw(obligation, Withdrawal::SessionEnded, status, &error);
        }
        let asked: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, open)| open.session == id)
            .map(|(&id, _)| id)
            .collect();
        for call in asked {
            self.fail_call(call, FailureKind::SessionLost);
        }
        self.close_streams_of(id);
        self.event(ServerEvent::SessionEnded {
            session: id,
            reason,
        });
    }

    /// Ends what is still open of a session, and forgets what it kept: its cursors mean nothing any more.
    fn close_streams_of(&mut self, session: SessionId) {
        let streams: Vec<StreamId> = self
            .streams
            .iter()
            .filter(|(_, stream)| stream.session == Some(session))
            .map(|(&id, _)| id)
            .collect();
        for id in streams {
            if let Some(exchange) = self.streams.get(&id).and_then(|stream| stream.exchange) {
                self.end(exchange);
            }
            self.forget_stream(id);
        }
    }
}

#[cfg(feature = "explore")]
impl Sessions {
    pub(in crate::server) fn fingerprint(&self, canon: &mut crate::canon::Canon<'_>, now: Instant) {
        // Ids on the wire are drawn at random: what is left of them is which sessions can be found by one,
        // and in which order.
        for &id in self.by_key.values() {
            canon.id(id.0);
        }
        for (&id, session) in &self.by_id {
            canon.id(id.0);
            canon.add(&(&session.principal, session.version, &session.params));
            canon.id(session.standalone);
            canon.add(&(session.was_used, session.work));
            // Which one was used last decides who is evicted; how long ago matters to its timer only.
            let later = self.by_id.values();
            let later = later.filter(|other| other.last_used > session.last_used);
            canon.add(&later.count());
            let takeovers = session.takeovers.iter();
            let ago = takeovers.map(|at| now.saturating_since(*at));
            ago.filter(|ago| *ago < super::standalone::TAKEOVERS_WITHIN)
                .for_each(|ago| canon.add(&ago));
        }
    }

    pub(in crate::server) fn states(&self) -> impl Iterator<Item = (SessionId, &'static str)> {
        self.by_id.iter().map(|(&id, session)| {
            let state = match session.was_used {
                _ if !self.by_key.contains_key(&session.key) => "Provisional",
                true => "Used",
                false => "Unused",
            };
            (id, state)
        })
    }

    /// Whose session id this is, as far as a fingerprint can say it.
    pub(in crate::server) fn canonical(&self, key: &str) -> Option<u64> {
        self.by_key.get(key).map(|id| id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Handshake, Identity};
    use crate::server::ServerConfig;

    #[test]
    fn the_shard_stands_before_the_first_dash_of_a_session_id() {
        let of = |key: &str| shard_of(&[("Mcp-Session-Id", key.as_bytes())]);
        assert_eq!(of("00ff-5f2c"), Some(255));
        assert_eq!(of("0000-5f2c"), Some(0));
        assert_eq!(of("00ff5f2c"), None);
        assert_eq!(of("door-5f2c"), None);
        assert_eq!(shard_of(&[]), None);
    }

    #[test]
    fn nothing_of_a_session_that_has_ended_is_kept() {
        let config = ServerConfig::new(Handshake::Core(Identity::new("test", "1")));
        let mut server = Server::new(config, [0; 32]).unwrap_or_else(|error| panic!("{error}"));
        let version = Version::V2025_11_25;
        let session = server.new_session(None, version, &Bytes::new());
        let session = session.unwrap_or_else(|reason| panic!("{reason:?}"));
        assert!(server.publish_session(session, version).is_some());
        server.close_session(session, EndReason::Deleted);
        assert!(server.sessions.by_id.is_empty());
        assert!(server.sessions.by_key.is_empty());
        assert!(server.streams.is_empty());
    }
}
