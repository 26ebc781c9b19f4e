//! GET and DELETE: the standalone stream, the resumption of any stream, and the end of a session.
//!
//! Source: 2025-11-25, basic/transports, "Listening for Messages from the Server", "Resumability and
//! Redelivery", "Session Management".

use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use crate::ids::{ExchangeId, SessionId};
use crate::jsonrpc;
use crate::jsonrpc::code::INTERNAL_ERROR;
use crate::message::RpcError;
use crate::server::Server;
use crate::server::event::{Body, EndReason, ServerOutput};
use crate::server::exchange::{Exchange, Said, State};
use crate::server::reject::Reason;
use crate::server::route::text_of;
use crate::server::stream::{Stream, StreamId, Weight};
use crate::server::writer::Writer;
use crate::sse::encode;
use crate::version::Version;

/// A client that is told to come back after losing its stream to another is told to wait this long.
const AFTER_TAKEOVER: Duration = Duration::from_secs(10);
/// The third take-over within this time is refused: two clients take the stream from each other.
pub(super) const TAKEOVERS_WITHIN: Duration = Duration::from_secs(10);
const MOST_TAKEOVERS: usize = 2;

impl Server {
    pub(in crate::server) fn on_get(&mut self, id: ExchangeId, said: &Said, cursor: Option<&str>) {
        let session = match self.session_and_version(said) {
            Ok(session) => session,
            Err(reason) => return self.reject(id, &reason, None, said.named_version()),
        };
        self.use_session(session);
        match cursor {
            Some(cursor) => self.resume(id, said, session, cursor),
            None => self.listen(id, said, session),
        }
    }

    pub(in crate::server) fn on_delete(&mut self, id: ExchangeId, said: &Said) {
        let session = match self.session_and_version(said) {
            Ok(session) => session,
            Err(reason) => return self.reject(id, &reason, None, said.named_version()),
        };
        self.close_session(session, EndReason::Deleted);
        self.out.push_back(ServerOutput::Head {
            exchange: id,
            status: 200,
            headers: Vec::new(),
            body: Body::Whole(Bytes::new()),
        });
    }

    fn session_and_version(&self, said: &Said) -> Result<SessionId, Reason> {
        if let Some(name) = said.version.as_deref() {
            let is_spoken =
                Version::from_name(name).is_some_and(|v| self.config.versions.contains(&v));
            if !is_spoken {
                return Err(Reason::UnsupportedVersion(name.into()));
            }
        }
        self.session_of(said)
    }

    /// The newest reader wins: an older one may be a connection that died without a word.
    fn listen(&mut self, id: ExchangeId, said: &Said, session: SessionId) {
        let Some(stream) = self.sessions.standalone(session) else {
            return;
        };
        let is_taken = self
            .streams
            .get(&stream)
            .is_some_and(|open| open.exchange.is_some());
        if is_taken {
            let lately = self.sessions.takeovers(session, self.now, TAKEOVERS_WITHIN);
            if lately >= MOST_TAKEOVERS && self.has_listener(session) {
                return self.reject(id, &Reason::StreamTaken, None, said.named_version());
            }
            self.sessions.taken_over(session, self.now);
            self.leave(stream, Some(AFTER_TAKEOVER));
        }
        self.attach(id, said, stream);
        self.prime(stream);
        self.send_waiting(session, stream);
    }

    /// Brings a stream back from where its client lost it: exactly the suffix, then what comes, or its end.
    fn resume(&mut self, id: ExchangeId, said: &Said, session: SessionId, cursor: &str) {
        let named = parse_cursor(cursor).filter(|(stream, seq)| {
            self.streams
                .get(stream)
                .is_some_and(|open| open.session == Some(session) && *seq <= open.log.last())
        });
        let Some((stream, seq)) = named else {
            return self.reject(id, &Reason::BadCursor, None, said.named_version());
        };
        let Some(open) = self.streams.get(&stream) else {
            return;
        };
        let suffix = open.log.after(seq);
        let is_finished = !open.is_standalone() && open.expected == 0;
        let is_standalone = open.is_standalone();
        let asked = open.asked.clone();
        if open.exchange.is_some() {
            self.leave(stream, is_standalone.then_some(AFTER_TAKEOVER));
        }
        self.attach(id, said, stream);
        match suffix {
            Some(events) => {
                for event in events {
                    self.write(id, event);
                }
            }
            // What is lost of a standalone stream is lost, and nobody is owed it: the rest goes on.
            None if is_standalone => {
                let rest = self.streams.get(&stream).map(|open| open.log.all());
                for event in rest.unwrap_or_default() {
                    self.write(id, event);
                }
            }
            None => {
                let sentence = "events of this stream are gone: it cannot be resumed";
                let error = RpcError::new(INTERNAL_ERROR, sentence);
                for wire in asked {
                    let message = jsonrpc::error(&wire, &error);
                    self.write(id, encode::message(None, text_of(&message)));
                }
                return self.leave(stream, None);
            }
        }
        if is_finished {
            self.finish_stream(stream);
        } else if is_standalone {
            self.send_waiting(session, stream);
        }
    }

    /// Puts a stream on a new exchange.
    fn attach(&mut self, id: ExchangeId, said: &Said, stream: StreamId) {
        self.send_event_head(id, &[]);
        let state = State::Streaming(stream, Writer::new(self.now));
        let said = said.clone();
        self.exchanges.insert(id, Exchange { said, state });
        if let Some(open) = self.streams.get_mut(&stream) {
            open.exchange = Some(id);
        }
        self.keep_alive_later(id);
    }

    /// What was said while nobody listened.
    fn send_waiting(&mut self, session: SessionId, stream: StreamId) {
        let Some(open) = self.streams.get_mut(&stream) else {
            return;
        };
        self.logged -= open.waiting_bytes();
        let waiting = core::mem::take(&mut open.waiting);
        for message in waiting {
            self.send_event(stream, &message, Weight::Owed);
        }
        self.send_held(session, stream);
    }
}

/// `<stream>-<number>`, as we give them out.
fn parse_cursor(cursor: &str) -> Option<(StreamId, u64)> {
    let (stream, seq) = cursor.split_once('-')?;
    let (stream, seq) = (crate::client::exact(stream)?, crate::client::exact(seq)?);
    (Stream::event_id(stream, seq) == cursor).then_some((stream, seq))
}
