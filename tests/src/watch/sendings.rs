//! Entering what went out: an exchange, the call that it carries, and what it must say.

use super::{CallKind, ExchangeSeen, Fate, Watch};
use crate::raw::member;
use mcp_sansio::{Header, Instant, Method};
use serde_json::Value;
use std::collections::BTreeMap;

/// Members of params that are not the call's alone: each round has its own.
const ADDED: [&str; 3] = ["_meta", "inputResponses", "requestState"];

impl Watch {
    pub(super) fn opened(&mut self, id: u64, exchange: ExchangeSeen, serves: &BTreeMap<u64, u64>) {
        self.used_id(id, &exchange);
        if self.exchanges.insert(id, exchange).is_some() {
            self.strays.push(format!("the handle {id} was given twice"));
        }
        if let Some(&call) = serves.get(&id).filter(|call| self.carries(id, **call)) {
            if let Some(exchange) = self.exchanges.get_mut(&id) {
                exchange.call = Some(call);
            }
            self.sent(id, call);
        }
    }

    /// Whether an exchange that a call waits on serves this call alone: a stream for all does not, nor does
    /// what the client asks on its own account.
    pub(super) fn carries(&self, exchange: u64, call: u64) -> bool {
        let (Some(exchange), Some(call)) = (self.exchanges.get(&exchange), self.calls.get(&call))
        else {
            return false;
        };
        match exchange.method {
            Method::Get => !exchange.is_stream_of_all(),
            Method::Post => {
                call.kind != CallKind::Request || exchange.body["method"] == call.method.as_str()
            }
            Method::Delete => false,
        }
    }

    /// A POST carries a call: for the first time, again, or with what the server asked for.
    fn sent(&mut self, id: u64, call_id: u64) {
        let (Some(exchange), Some(call)) = (self.exchanges.get(&id), self.calls.get_mut(&call_id))
        else {
            return;
        };
        if exchange.method != Method::Post {
            return;
        }
        // What was sent before the server's last question was another request.
        let unknown = call
            .sendings
            .iter()
            .rev()
            .filter_map(|sent| self.exchanges.get(sent))
            .take_while(|sent| sent.fate != Fate::Asked)
            .any(|sent| sent.fate == Fate::Unknown);
        let may_run_twice = call.safe && call.round.is_none();
        if unknown && !may_run_twice && call.kind == CallKind::Request {
            self.resent.push(format!(
                "exchange {id} sends a call again that may have run already"
            ));
        }
        if let Some(round) = &call.round {
            let params = member(&exchange.text, "params").unwrap_or_default();
            let state = member(params, "requestState");
            if state != round.state.as_deref() {
                self.misspoken.push(format!(
                    "exchange {id} has the requestState {state:?}, where the server gave {:?}",
                    round.state
                ));
            }
            let answers = exchange.body["params"]["inputResponses"].as_object();
            let keys = answers.map(|answers| answers.keys().cloned().collect::<Vec<_>>());
            if keys != round.keys {
                self.misspoken.push(format!(
                    "exchange {id} answers {keys:?}, where the server asked {:?}",
                    round.keys
                ));
            }
        }
        if exchange.is_modern() && !keeps_params(&call.params, &exchange.body["params"]) {
            self.misspoken
                .push(format!("exchange {id} has other params than the call"));
        }
        call.between_rounds = false;
        call.sendings.push(id);
        let token = &exchange.body["params"]["_meta"]["progressToken"];
        if !token.is_null() {
            call.tokens.push(token.clone());
        }
    }

    /// Only now it shows which call an exchange serves, or served.
    pub(super) fn found_out(&mut self, id: u64, call_id: u64) {
        let (Some(exchange), Some(call)) =
            (self.exchanges.get_mut(&id), self.calls.get_mut(&call_id))
        else {
            return;
        };
        if exchange.call.is_none() {
            exchange.call = Some(call_id);
            if exchange.method == Method::Post && call.kind == CallKind::Request {
                call.sendings.push(id);
            }
        }
    }

    /// The ids of JSON-RPC are never used twice, but by a request that follows a redirect, or goes out again as
    /// it was with other credentials.
    fn used_id(&mut self, id: u64, exchange: &ExchangeSeen) {
        let wire = &exchange.body["id"];
        if wire.is_null() || exchange.body["method"].is_null() {
            return;
        }
        let first = *self.wire_ids.entry(wire.to_string()).or_insert(id);
        let follows = self.exchanges.get(&first).is_some_and(|first| {
            (first.redirects || first.wants_credentials) && first.body == exchange.body
        });
        if first != id && !follows {
            self.reused.push(format!(
                "exchange {id} uses the JSON-RPC id {wire} of exchange {first} again"
            ));
        }
    }
}

pub(super) fn entry(now: Instant, method: Method, headers: &[Header], body: &[u8]) -> ExchangeSeen {
    ExchangeSeen {
        method,
        call: None,
        fate: Fate::Unknown,
        ended: None,
        has_head: false,
        opened: now,
        at_endpoint: false,
        headers: headers
            .iter()
            .map(|header| {
                let value = String::from_utf8_lossy(&header.value).into_owned();
                (header.name.to_string(), value)
            })
            .collect(),
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
        text: String::from_utf8_lossy(body).into_owned(),
        answered: false,
        redirects: false,
        wants_credentials: false,
        is_success: false,
        is_sse: false,
        received: Vec::new(),
        events: 0,
    }
}

/// Whether params that go out are those of the call, but for what the core adds to each modern request.
fn keeps_params(given: &Value, sent: &Value) -> bool {
    let Some(given) = given.as_object() else {
        return true;
    };
    given
        .iter()
        .filter(|(name, _)| !ADDED.contains(&name.as_str()))
        .all(|(name, value)| sent.get(name) == Some(value))
}
