//! The books take in what is done.

use super::{CallSeen, ExchangeSeen, Modern, Over, Watch};
use crate::server::act::Act;
use mcp_sansio::Instant;

impl Watch {
    /// Enters an input, which may have made an exchange or a call.
    pub fn input(&mut self, now: Instant, act: &Act, made: Option<u64>) {
        if now != self.now || !matches!(act, Act::Written(_)) {
            self.exchanges
                .values_mut()
                .for_each(|exchange| exchange.began_now = false);
        }
        self.now = now;
        if matches!(act, Act::Release(..)) {
            self.may_end_early();
        }
        match act {
            Act::Accept { .. } => self.accept(act, made.unwrap_or(0)),
            Act::Chunk(id, bytes) => {
                if let Some(exchange) = self.exchanges.get_mut(id)
                    && exchange.is_open()
                {
                    exchange.body.extend_from_slice(bytes);
                }
            }
            Act::End(id) => {
                let speaks_modern = self.speaks_modern();
                if let Some(exchange) = self.exchanges.get_mut(id)
                    && exchange.is_open()
                {
                    exchange.has_body = true;
                    exchange.modern = Modern::read(exchange, speaks_modern);
                }
            }
            Act::Gone(id) => {
                if let Some(exchange) = self.exchanges.get_mut(id)
                    && exchange.is_open()
                {
                    exchange.over = Some(Over::Gone);
                }
            }
            Act::Written(id) => {
                if let Some(exchange) = self.exchanges.get_mut(id) {
                    exchange.in_hand = false;
                }
            }
            Act::Take(id) => self.begin(*id),
            Act::Respond(id, answer) => {
                self.begin(*id);
                if let mcp_sansio::Answer::Result(result) = answer {
                    self.largest = self.largest.max(result.len());
                }
                if let Some(request) = self.requests.get_mut(id)
                    && request.ends == 0
                {
                    request.ends = 1;
                }
            }
            Act::Notify(to, notification) => {
                let size = notification.params.as_ref().map_or(0, bytes::Bytes::len);
                self.largest = self.largest.max(size);
                match to {
                    mcp_sansio::To::All => self.said_to_all(notification),
                    mcp_sansio::To::Request(id) => {
                        self.begin(id.as_u64());
                        if let Some(request) = self.requests.get_mut(&id.as_u64()) {
                            request.has_told = true;
                        }
                    }
                    mcp_sansio::To::Session(_) => {}
                }
            }
            Act::Call(to, call) => {
                let size = call.params.as_ref().map_or(0, bytes::Bytes::len);
                self.largest = self.largest.max(size);
                let session = match to {
                    mcp_sansio::To::All => None,
                    mcp_sansio::To::Request(id) => {
                        self.begin(id.as_u64());
                        self.requests
                            .get(&id.as_u64())
                            .and_then(|seen| seen.session)
                    }
                    mcp_sansio::To::Session(id) => Some(id.as_u64()),
                };
                let seen = CallSeen {
                    session,
                    settled: 0,
                };
                self.calls.insert(made.unwrap_or(0), seen);
            }
            Act::Release(mcp_sansio::To::Request(id), _) => self.begin(id.as_u64()),
            Act::ShutDown(_) => self.draining = self.draining.or(Some(now)),
            Act::Cancel(..)
            | Act::DeclareTools(_)
            | Act::EndSession(..)
            | Act::Release(..)
            | Act::Timeout => {}
        }
    }

    fn accept(&mut self, act: &Act, made: u64) {
        let Act::Accept {
            method,
            headers,
            principal,
            body,
        } = act
        else {
            return;
        };
        let header = |wanted: &str| {
            let (_, value) = headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            str::from_utf8(value)
                .ok()
                .map(|text| text.trim().to_owned())
        };
        let mut seen = ExchangeSeen {
            method: method.clone(),
            version: header("mcp-protocol-version"),
            session: header("mcp-session-id"),
            cursor: header("last-event-id"),
            principal: principal.clone(),
            accepted: self.now,
            body: body.clone().unwrap_or_default(),
            has_body: body.is_some(),
            ..ExchangeSeen::default()
        };
        if seen.has_body {
            seen.modern = Modern::read(&seen, self.speaks_modern());
        }
        if seen.cursor.is_some() {
            self.may_end_early();
        }
        self.exchanges.insert(made, seen);
    }

    /// A stream that is open now may go on elsewhere.
    fn may_end_early(&mut self) {
        let open = self.exchanges.values_mut();
        open.filter(|exchange| exchange.is_open())
            .for_each(|exchange| exchange.may_end_early = true);
    }

    fn begin(&mut self, id: u64) {
        let now = self.now;
        if let Some(request) = self.requests.get_mut(&id)
            && request.ends == 0
        {
            request.begun = Some(now);
        }
    }
}
