//! Entering what was done to the client.

use super::{CallKind, CallSeen, Fate, Watch};
use crate::op::{Left, Octets, Op, Options};
use crate::sse;
use mcp_sansio::Instant;
use std::time::Duration;

/// HTTP statuses that say that a request was not run.
const REFUSALS: [u16; 12] = [400, 401, 403, 404, 405, 406, 411, 413, 415, 421, 429, 431];

/// Methods that may run twice without harm.
const SAFE: [&str; 6] = [
    "ping",
    "resources/list",
    "resources/read",
    "prompts/get",
    "completion/complete",
    "server/discover",
];

impl Watch {
    /// Enters an input, before its outputs; gives the number of messages that it completed.
    pub fn input(&mut self, now: Instant, op: &Op, made: Option<u64>) -> usize {
        self.pass_time(now);
        match op {
            Op::Connect { .. } | Op::Call { .. } => {
                if let Some(id) = made {
                    self.made(now, op, id);
                }
            }
            Op::Respond { id, .. } => {
                if let Some(ended @ 0) = self.obligations.get_mut(id) {
                    *ended = 1;
                }
            }
            Op::Notify { .. } => self.notified += 1,
            Op::Close => {
                self.closing.get_or_insert(now);
            }
            _ => {
                let messages = self.saw(op);
                self.restart_clocks(now, messages);
                return messages;
            }
        }
        0
    }

    /// Idle clocks stand still while a request of the server is with the host.
    fn pass_time(&mut self, now: Instant) {
        let passed = now.saturating_since(self.now);
        self.now = self.now.max(now);
        if self.asks {
            for call in self.calls.values_mut() {
                call.paused += passed;
            }
        }
    }

    /// Progress that came in this step starts the idle clock of its call again.
    fn restart_clocks(&mut self, now: Instant, messages: usize) {
        let first = self.fed.len().saturating_sub(messages);
        for message in self
            .fed
            .iter()
            .skip(first)
            .filter(|message| message["method"] == "notifications/progress")
        {
            let token = &message["params"]["progressToken"];
            for call in self
                .calls
                .values_mut()
                .filter(|call| call.tokens.contains(token))
            {
                call.restarted = now;
                call.paused = Duration::ZERO;
            }
        }
    }

    fn made(&mut self, now: Instant, op: &Op, id: u64) {
        let kind = match op {
            Op::Call { method, .. } if method == "initialize" => CallKind::Initialize,
            Op::Call { .. } => CallKind::Request,
            _ => CallKind::Connect,
        };
        let handshake = self.open().find(|(_, exchange)| exchange.is_handshake());
        let mut call = CallSeen {
            made: now,
            max: self.config.timing.max,
            safe: false,
            first_handshake: match handshake.filter(|_| kind == CallKind::Connect) {
                Some((_, exchange)) if exchange.has_head => None,
                Some((handshake, _)) => Some(handshake),
                None => Some(id),
            },
            kind,
            after_close: self.closing.is_some(),
            size: 0,
            settled: 0,
            idle: self.config.timing.idle,
            restarted: now,
            paused: Duration::ZERO,
            deadline: None,
            sendings: Vec::new(),
            tokens: Vec::new(),
        };
        if let Op::Call {
            method,
            params,
            params_text,
            options,
            ..
        } = op
        {
            call.size = params_text.as_ref().map_or_else(
                || params.as_ref().map_or(0, |params| params.to_string().len()),
                String::len,
            );
            // What goes on with an earlier request is never sent twice, whatever its method.
            let goes_on = |name| {
                params
                    .as_ref()
                    .is_some_and(|params| params.get(name).is_some())
            };
            let is_new = !goes_on("requestState") && !goes_on("inputResponses");
            let reads = SAFE.contains(&method.as_str()) || method.ends_with("/list");
            call.safe = is_new && (options.safe || reads);
            self.chose(&mut call, options);
        }
        if self.calls.insert(id, call).is_some() {
            self.strays.push(format!("the handle {id} was given twice"));
        }
    }

    fn chose(&mut self, call: &mut CallSeen, options: &Options) {
        let options = options.build();
        call.max = options.max.unwrap_or(call.max);
        call.idle = options.idle.or(call.idle);
        let values = options
            .headers
            .iter()
            .map(|header| String::from_utf8_lossy(&header.value).into_owned());
        self.secrets.extend(values);
    }

    /// What the driver saw; gives the number of messages that it completed.
    fn saw(&mut self, op: &Op) -> usize {
        let Some(exchange) = op.exchange().and_then(|id| self.exchanges.get_mut(&id)) else {
            return 0;
        };
        if !exchange.is_open() {
            return 0;
        }
        let before = self.fed.len();
        match op {
            Op::Head { .. } if exchange.has_head => {}
            Op::Head {
                status, headers, ..
            } => {
                exchange.has_head = true;
                // Browsers show a redirect that they did not follow as status 0.
                exchange.redirects = *status == 0 || (300..400).contains(status);
                if exchange.redirects || REFUSALS.contains(status) {
                    exchange.fate = Fate::Refused;
                }
                for (name, value) in headers {
                    let Octets::Text(value) = value else {
                        continue;
                    };
                    if name.eq_ignore_ascii_case("content-type") {
                        exchange.is_sse =
                            value.to_ascii_lowercase().starts_with("text/event-stream");
                    } else if name.eq_ignore_ascii_case("mcp-session-id") {
                        self.secrets.push(value.clone());
                    }
                }
            }
            Op::Chunk { .. } => {
                exchange.received.extend(op.bytes().unwrap_or_default());
                if exchange.is_sse {
                    let messages = sse::in_events(&exchange.received);
                    self.fed
                        .extend(messages.iter().skip(exchange.messages).cloned());
                    exchange.messages = messages.len();
                }
            }
            Op::SseEvent { data, .. } => self.fed.extend(sse::in_text(data)),
            Op::End { .. } => {
                exchange.end(self.now);
                if !exchange.is_sse {
                    self.fed
                        .extend(sse::in_text(&String::from_utf8_lossy(&exchange.received)));
                }
            }
            Op::Failed { sent, .. } => {
                exchange.end(self.now);
                if *sent == Left::No {
                    exchange.fate = Fate::NotSent;
                }
            }
            _ => {}
        }
        self.fed.len() - before
    }
}
