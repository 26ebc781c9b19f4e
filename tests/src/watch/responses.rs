//! Entering what came from the server, and what that says about the request it answers.

use super::{Fate, Round, Watch};
use crate::op::{Left, Octets, Op};
use crate::raw::member;
use crate::sse;
use mcp_sansio::Handshake;
use serde_json::Value;

/// HTTP statuses that say that a request was not run.
const REFUSALS: [u16; 12] = [400, 401, 403, 404, 405, 406, 411, 413, 415, 421, 429, 431];

/// Codes of the modern era with which a server says that it did not run a request.
const REFUSING_CODES: [i64; 3] = [-32020, -32021, -32022];

/// Methods whose answer may be a question (2026-07-28, multi round-trip requests).
const ASKING: [&str; 3] = ["tools/call", "prompts/get", "resources/read"];

impl Watch {
    /// What the driver saw; gives the number of messages that it completed, with those that they hold.
    pub(super) fn saw(&mut self, op: &Op) -> usize {
        let Some((id, texts)) = self.received(op) else {
            return 0;
        };
        let mut count = 0;
        for text in texts {
            for message in sse::in_text(&text) {
                count += 1 + parts(&message);
                self.learn(id, &message, &text);
                self.fed.push(message);
            }
        }
        count
    }

    /// Enters what was seen on an exchange; gives the texts of messages that came whole.
    fn received(&mut self, op: &Op) -> Option<(u64, Vec<String>)> {
        let id = op.exchange()?;
        let exchange = self
            .exchanges
            .get_mut(&id)
            .filter(|exchange| exchange.is_open())?;
        let mut texts = Vec::new();
        match op {
            Op::Head { .. } if exchange.has_head => {}
            Op::Head {
                status, headers, ..
            } => {
                exchange.has_head = true;
                exchange.is_success = (200..300).contains(status);
                // Browsers show a redirect that they did not follow as status 0.
                exchange.redirects = *status == 0 || (300..400).contains(status);
                if exchange.redirects || REFUSALS.contains(status) {
                    exchange.fate = Fate::Refused;
                }
                exchange.wants_credentials = *status == 401
                    || *status == 403
                        && headers
                            .iter()
                            .any(|(name, value)| is_about_scope(name, value));
                for (name, value) in headers {
                    let Octets::Text(value) = value else {
                        continue;
                    };
                    if name.eq_ignore_ascii_case("content-type") {
                        // An error's body is one text, whatever its type.
                        exchange.is_sse = exchange.is_success
                            && value.to_ascii_lowercase().starts_with("text/event-stream");
                    } else if name.eq_ignore_ascii_case("mcp-session-id") {
                        self.secrets.push(value.clone());
                    }
                }
                // This status promises no answer, but on a stream.
                exchange.answered |= *status == 202 && !exchange.is_sse;
            }
            Op::Chunk { .. } => {
                exchange.received.extend(op.bytes().unwrap_or_default());
                if exchange.is_sse {
                    let events = sse::events(&exchange.received);
                    texts.extend(events.iter().skip(exchange.events).cloned());
                    exchange.events = events.len();
                }
            }
            Op::SseEvent { data, .. } => texts.push(data.clone()),
            Op::End { .. } => {
                exchange.end(self.now);
                texts.push(exchange.text_so_far());
            }
            Op::Failed { sent, .. } => {
                exchange.end(self.now);
                if *sent == Left::No {
                    exchange.fate = Fate::NotSent;
                } else {
                    exchange.break_off();
                }
            }
            _ => {}
        }
        Some((id, texts))
    }

    /// In the legacy era an answer may come on another stream than that of its request.
    fn is_of_another(&mut self, id: u64, message: &Value) -> bool {
        let first = self.wire_ids.get(&message["id"].to_string());
        let Some(&first) = first.filter(|first| **first != id && message["method"].is_null())
        else {
            return false;
        };
        let code = message["error"]["code"].as_i64();
        if let Some(exchange) = self.exchanges.get_mut(&first)
            && code.is_some_and(is_refusing)
            && exchange.fate == Fate::Unknown
            && !exchange.is_modern()
        {
            exchange.fate = Fate::Doubtful;
        }
        // A redirected request goes on under the id that it had.
        self.exchanges
            .get(&id)
            .is_some_and(|exchange| exchange.body["id"] != message["id"])
    }

    /// What a message says about the request of its exchange: that it was refused, or that the server has
    /// a question first.
    fn learn(&mut self, id: u64, message: &Value, text: &str) {
        if self.is_of_another(id, message) {
            return;
        }
        // Over HTTP+SSE the answer comes on the stream for all, and a POST's body says nothing; whether that
        // is what is spoken cannot be seen from here.
        let may_say_nothing =
            self.may_be_http_sse() && self.open().any(|(_, open)| open.is_stream_of_all());
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        let is_own = message["id"] == exchange.body["id"]
            || message["id"].is_null() && message["result"].is_null();
        // A batch is no answer, but at the one revision that had them, which asks no questions.
        let is_answer =
            !text.trim_start().starts_with('[') && message["method"].is_null() && is_own;
        if exchange.answered || !is_answer || exchange.body["method"].is_null() {
            return;
        }
        exchange.answered = true;
        if let Some(code) = message["error"]["code"].as_i64() {
            if is_refusing(code) && exchange.fate == Fate::Unknown {
                exchange.fate = if may_say_nothing && !exchange.is_modern() {
                    Fate::Doubtful
                } else {
                    Fate::Refused
                };
            }
            return;
        }
        let asks = exchange.is_success
            && message["result"]["resultType"] == "input_required"
            && ASKING
                .iter()
                .any(|method| exchange.body["method"] == *method)
            && exchange.is_modern()
            && matches!(self.config.handshake, Handshake::Core(_));
        if !asks {
            return;
        }
        exchange.fate = Fate::Asked;
        let questions = message["result"]["inputRequests"].as_object();
        let round = Round {
            state: member(text, "result")
                .and_then(|result| member(result, "requestState"))
                .map(ToOwned::to_owned),
            keys: questions
                .filter(|questions| !questions.is_empty())
                .map(|questions| questions.keys().cloned().collect()),
        };
        self.questions
            .extend(questions.into_iter().flat_map(|all| all.values().cloned()));
        if let Some(call) = exchange.call.and_then(|call| self.calls.get_mut(&call)) {
            call.round = Some(round);
            call.between_rounds = true;
        }
    }
}

/// Whether an error of this code says that the request was not run.
pub(super) fn is_refusing(code: i64) -> bool {
    REFUSING_CODES.contains(&code)
}

/// Whether a header says that the credentials are good, but not enough (RFC 6750, section 3.1).
fn is_about_scope(name: &str, value: &Octets) -> bool {
    let value = String::from_utf8_lossy(&value.decode()).to_ascii_lowercase();
    name.eq_ignore_ascii_case("www-authenticate")
        && value.starts_with("bearer ")
        && value.contains("error=\"insufficient_scope\"")
}

/// What one message may bring beside itself: questions for the host, and remarks about tools.
fn parts(message: &Value) -> usize {
    let count = |value: &Value| {
        value.as_array().map_or(0, Vec::len) + value.as_object().map_or(0, serde_json::Map::len)
    };
    count(&message["result"]["inputRequests"]) + count(&message["result"]["tools"])
}
