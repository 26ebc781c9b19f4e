//! The books take in what comes out. What breaks a promise by itself is noted at once.

use super::{CallSeen, ExchangeSeen, Over, RequestSeen, Sent, SessionSeen, Watch};
use crate::server::events::{self, Event};
use mcp_sansio::{Body, CallId, Instant, ServerEvent, ServerOutput, SessionId};

impl Watch {
    /// Enters an output.
    pub fn output(&mut self, now: Instant, output: &ServerOutput) {
        self.now = now;
        match output {
            ServerOutput::Abort { exchange } => self.over(exchange.as_u64(), Over::Aborted),
            ServerOutput::End { exchange } => self.over(exchange.as_u64(), Over::Ended),
            ServerOutput::Head {
                exchange,
                status,
                headers,
                body,
            } => {
                self.head(exchange.as_u64(), *status, body);
                self.modern_head(exchange.as_u64(), *status, headers, body);
            }
            ServerOutput::Chunk { exchange, data } => self.chunk(exchange.as_u64(), data),
            ServerOutput::Event(event) => self.event(event),
        }
    }

    pub(super) fn wrong(&mut self, promise: &'static str, what: String) {
        self.wrongs.push((promise, what));
    }

    /// The exchange that an output is for; it must be open.
    fn open_mut(&mut self, id: u64, what: &str) -> Option<&mut ExchangeSeen> {
        if self.exchanges.get(&id).is_some_and(ExchangeSeen::is_open) {
            return self.exchanges.get_mut(&id);
        }
        self.wrong("P11", format!("exchange {id} is not open, and gets {what}"));
        None
    }

    fn over(&mut self, id: u64, how: Over) {
        let Some(exchange) = self.open_mut(id, "an end") else {
            return;
        };
        exchange.over = Some(how);
        let (is_stream, in_hand) = (exchange.is_stream, exchange.in_hand);
        if how == Over::Ended {
            self.modern_end(id);
        }
        if !is_stream {
            self.wrong(
                "P11",
                format!("exchange {id} gets an end without a head before it"),
            );
        }
        if in_hand && how == Over::Ended {
            self.wrong(
                "P11",
                format!("exchange {id} ends before its last chunk is taken"),
            );
        }
    }

    fn head(&mut self, id: u64, status: u16, body: &Body) {
        let Some(exchange) = self.open_mut(id, "a head") else {
            return;
        };
        let had = exchange.status.replace(status);
        exchange.began_now = true;
        match body {
            Body::Stream => exchange.is_stream = true,
            Body::Whole(_) => exchange.over = Some(Over::Ended),
        }
        if had.is_some() {
            self.wrong("P11", format!("exchange {id} gets a second head"));
        }
    }

    fn chunk(&mut self, id: u64, data: &[u8]) {
        let Some(exchange) = self.open_mut(id, "a chunk") else {
            return;
        };
        let (is_stream, in_hand) = (exchange.is_stream, exchange.in_hand);
        exchange.in_hand = true;
        if !is_stream {
            self.wrong("P11", format!("exchange {id} gets a chunk before its head"));
        }
        if in_hand {
            self.wrong(
                "P11",
                format!("exchange {id} gets a chunk before the last one is taken"),
            );
        }
        match events::read(data) {
            Some(events) => events.into_iter().for_each(|event| self.sse(id, event)),
            None => self.wrong(
                "P13",
                format!("a chunk of exchange {id} is not whole events"),
            ),
        }
    }

    /// P13, event by event: one id means one thing, for ever; on one exchange ids go up by one.
    fn sse(&mut self, exchange: u64, event: Event) {
        if let Some(id) = &event.id
            && event.data.as_deref() != Some("")
        {
            match self.sent.get(id) {
                None => {
                    let sent = Sent {
                        data: event.data.clone(),
                        exchange,
                    };
                    self.sent.insert(id.clone(), sent);
                }
                Some(sent) if sent.data == event.data => {}
                Some(_) => self.wrong("P13", format!("event id {id} stands for two events")),
            }
        }
        self.modern_event(exchange, &event);
        if let Some(seen) = self.exchanges.get_mut(&exchange) {
            seen.events.push(event);
        }
    }

    fn event(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::Request {
                id,
                exchange,
                session,
                method,
                ..
            } => {
                self.delivered(exchange.as_u64(), method);
                let seen = RequestSeen {
                    exchange: exchange.as_u64(),
                    session: session.map(SessionId::as_u64),
                    given: self.now,
                    begun: None,
                    has_told: false,
                    ends: 0,
                };
                if self.requests.insert(id.as_u64(), seen).is_some() {
                    self.wrong("P17", format!("request {} came twice", id.as_u64()));
                }
            }
            ServerEvent::Notification {
                exchange,
                notification,
                ..
            } => self.delivered(exchange.as_u64(), &notification.method),
            ServerEvent::Withdrawn { id, .. } => match self.requests.get_mut(&id.as_u64()) {
                Some(request) => request.ends += 1,
                None => self.wrong("P17", format!("request {} is not known", id.as_u64())),
            },
            ServerEvent::Settled { call, .. } => self.settle(*call),
            ServerEvent::SessionStarted {
                session,
                exchange,
                key,
                ..
            } => {
                self.modern_session(exchange.as_u64());
                if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                    self.wrong("P16", format!("a session id is not visible ASCII: {key:?}"));
                }
                let principal = self
                    .exchanges
                    .get(&exchange.as_u64())
                    .and_then(|exchange| exchange.principal.clone());
                let seen = SessionSeen {
                    key: key.clone(),
                    principal,
                    ended: None,
                    ends: 0,
                };
                self.sessions.insert(session.as_u64(), seen);
            }
            ServerEvent::SessionEnded { session, reason } => {
                let id = session.as_u64();
                if let Some(seen) = self.sessions.get_mut(&id) {
                    seen.ended = Some(*reason);
                    seen.ends += 1;
                } else {
                    self.wrong("P17", format!("session {id} ended, and never started"));
                }
            }
            ServerEvent::ShutDown => self.downs += 1,
            _ => {}
        }
    }

    fn settle(&mut self, call: CallId) {
        // A call that is refused settles before its handle is handed out.
        let seen = self.calls.entry(call.as_u64()).or_insert(CallSeen {
            session: None,
            settled: 0,
        });
        seen.settled += 1;
    }

    fn delivered(&mut self, exchange: u64, method: &str) {
        match self.exchanges.get_mut(&exchange) {
            Some(seen) => seen.delivered.push(method.to_owned()),
            None => self.wrong("P10", format!("a message came on no exchange: {exchange}")),
        }
    }
}
