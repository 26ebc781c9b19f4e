//! A canonical fingerprint, for bounded exploration: two servers that will behave alike have the same one,
//! whatever handles they have used up, whatever session ids they have drawn, and whatever the clock says.
//! Left out are what cannot change behaviour (stories, records) and the random generator.

use core::hash::Hasher;

use super::exchange::{Exchange, Said, State};
use super::legacy::sessions::LIVE_KEEP_ALIVES;
use super::{Server, Timer};
use crate::canon::Canon;
use crate::ids::{CallId, ExchangeId, ObligationId, SessionId};

impl Server {
    /// Feeds everything that can change the server's behaviour to `hasher`: handles and wire ids renumbered
    /// in order, session ids as the sessions that they stand for, times relative to the last clock reading.
    /// Queued outputs are not part of it: drain first.
    pub fn fingerprint(&self, hasher: &mut dyn Hasher) {
        let mut canon = self.canon(hasher);
        canon.add(&(self.phase, &self.mirrors));
        self.sessions.fingerprint(&mut canon, self.now);
        for (&id, exchange) in &self.exchanges {
            canon.id(id.as_u64());
            self.exchange(&mut canon, exchange);
        }
        for (&id, stream) in &self.streams {
            canon.id(id);
            stream.fingerprint(&mut canon);
        }
        for (&id, obligation) in &self.obligations {
            canon.id(id.as_u64());
            obligation.fingerprint(&mut canon);
        }
        for (&id, call) in &self.calls {
            canon.id(id.as_u64());
            call.fingerprint(&mut canon);
        }
        for (at, timer) in self.timers.iter() {
            canon.add(&at.saturating_since(self.now));
            canon.add(&core::mem::discriminant(&timer));
            canon.id(subject(timer));
        }
    }

    /// Handles and wire ids that are live.
    fn canon<'a>(&self, hasher: &'a mut dyn Hasher) -> Canon<'a> {
        let exchanges = self.exchanges.keys().map(|id| id.as_u64());
        let streams = self.streams.keys().copied();
        let obligations = self.obligations.keys().map(|id| id.as_u64());
        let calls = self.calls.keys().map(|id| id.as_u64());
        let sessions = self.sessions.all().into_iter().map(SessionId::as_u64);
        let ids = exchanges.chain(streams).chain(obligations);
        let wires = self.calls.values().map(super::calls::Pending::wire);
        Canon::new(hasher, ids.chain(calls).chain(sessions), wires)
    }

    fn exchange(&self, canon: &mut Canon<'_>, exchange: &Exchange) {
        canon.add(&core::mem::discriminant(&exchange.state));
        match &exchange.state {
            State::Receiving(body) => {
                canon.add(body);
                self.said(canon, &exchange.said);
            }
            State::Streaming(stream, writer) => {
                canon.id(*stream);
                writer.fingerprint(canon);
                // An unread stream stops pinning its session after a while.
                let silent = self.now.saturating_since(writer.last_written);
                let keep_alive = self.config.timing.keep_alive;
                canon.add(&keep_alive.map(|interval| silent.min(interval * LIVE_KEEP_ALIVES)));
            }
            State::Waiting(stream) => canon.id(*stream),
        }
    }

    fn said(&self, canon: &mut Canon<'_>, said: &Said) {
        let session = said.session.as_deref();
        canon.add(&session.is_some());
        canon.id(session
            .and_then(|key| self.sessions.canonical(key))
            .unwrap_or_default());
        canon.add(&(&said.version, &said.principal, &said.mirrored));
    }
}

/// An event as it goes out, with its stream for the number that the stream has used up.
pub(super) fn event(canon: &mut Canon<'_>, event: &[u8]) {
    let text = core::str::from_utf8(event).unwrap_or_default();
    let cursor = text
        .strip_prefix("id: ")
        .and_then(|rest| rest.split_once('\n'))
        .and_then(|(id, rest)| Some((id.split_once('-')?, rest)));
    match cursor {
        Some(((stream, seq), rest)) => {
            canon.id(stream.parse().unwrap_or_default());
            canon.add(&(seq, rest));
        }
        None => canon.add(event),
    }
}

/// Whose timer it is.
const fn subject(timer: Timer) -> u64 {
    match timer {
        Timer::Answer(ObligationId(id))
        | Timer::Take(ObligationId(id))
        | Timer::Body(ExchangeId(id))
        | Timer::Head(ExchangeId(id))
        | Timer::KeepAlive(ExchangeId(id))
        | Timer::Stall(ExchangeId(id))
        | Timer::Call(CallId(id))
        | Timer::Session(SessionId(id))
        | Timer::Replay(id) => id,
        Timer::Drain => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExchangeHead, Handshake, Identity, Instant, ServerConfig, ServerInput};
    use crate::{ServerOutput, To};
    use alloc::string::String;
    use alloc::vec::Vec;

    const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
    const CALL: &str = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call"}"#;

    fn server(seed: u8) -> Server {
        let config = ServerConfig::new(Handshake::Core(Identity::new("test", "1")));
        Server::new(config, [seed; 32]).unwrap_or_else(|error| panic!("{error}"))
    }

    fn at(secs: u64) -> Instant {
        Instant::from_micros(secs * 1_000_000)
    }

    fn fingerprint(server: &mut Server) -> u64 {
        while server.poll_output().is_some() {}
        #[expect(deprecated, reason = "a hasher that is the same in every run")]
        let mut hasher = core::hash::SipHasher::new();
        server.fingerprint(&mut hasher);
        hasher.finish()
    }

    /// Gives the session id that comes back.
    fn post(server: &mut Server, now: Instant, session: Option<&[u8]>, body: &str) -> Vec<u8> {
        let mut headers: Vec<(&str, &[u8])> = Vec::from([
            ("host", &b"localhost"[..]),
            ("content-type", b"application/json"),
            ("accept", b"application/json, text/event-stream"),
        ]);
        headers.extend(session.map(|key| ("mcp-session-id", key)));
        let head = ExchangeHead {
            method: "POST",
            headers: &headers,
            principal: None,
        };
        let exchange = server.accept(now, head);
        let data = body.as_bytes();
        server.handle_input(now, ServerInput::Chunk { exchange, data });
        server.handle_input(now, ServerInput::End { exchange });
        let outputs = core::iter::from_fn(|| server.poll_output());
        let headers = outputs.filter_map(|output| match output {
            ServerOutput::Head { headers, .. } => Some(headers),
            _ => None,
        });
        let mut keys = headers
            .flatten()
            .filter(|header| header.name == "mcp-session-id");
        keys.next()
            .map_or_else(Vec::new, |header| header.value.to_vec())
    }

    #[test]
    fn handles_session_ids_and_the_clock_do_not_matter_and_behaviour_does() {
        let mut early = server(1);
        let one = post(&mut early, at(0), None, INITIALIZE);
        let mut late = server(2);
        post(&mut late, at(5), None, "{");
        let two = post(&mut late, at(50), None, INITIALIZE);
        assert_ne!(one, two);
        assert_eq!(fingerprint(&mut early), fingerprint(&mut late));

        post(&mut early, at(0), Some(&one), CALL);
        assert_ne!(fingerprint(&mut early), fingerprint(&mut late));
        post(&mut late, at(50), Some(&two), CALL);
        assert_eq!(fingerprint(&mut early), fingerprint(&mut late));
        assert_eq!(fingerprint(&mut late), fingerprint(&mut late.clone()));
    }

    #[test]
    fn event_ids_are_those_of_their_streams() {
        let (mut early, mut late) = (server(1), server(2));
        post(&mut late, at(0), None, "{");
        for server in [&mut early, &mut late] {
            let key = post(server, at(0), None, INITIALIZE);
            post(server, at(0), Some(&key), CALL);
            let Some(&request) = server.obligations.keys().next() else {
                panic!("a request is owed")
            };
            let notification = crate::Notification::new(String::from("notifications/x"), None);
            server.notify(at(0), To::Request(request), notification);
        }
        assert_eq!(fingerprint(&mut early), fingerprint(&mut late));
    }
}
