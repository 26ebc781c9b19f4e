//! Entering what the client said.

use super::{CallKind, ExchangeSeen, Fate, StepSeen, Watch};
use mcp_sansio::{ClientEvent, ClientOutput, Instant, Lifeline, Method, Outcome};
use serde_json::Value;
use std::collections::BTreeMap;

impl Watch {
    /// Enters the outputs of a step, and what `inspect` tells of them.
    pub fn outputs(&mut self, step: &StepSeen<'_>) {
        self.always_room &= step.room;
        self.asks = !step.inspection.obligations.is_empty();
        let serves = serves(step);
        for output in step.outputs {
            match output {
                ClientOutput::Open {
                    exchange,
                    method,
                    body,
                    ..
                } => {
                    let body = serde_json::from_slice(body).unwrap_or(Value::Null);
                    self.opened(step.now, exchange.as_u64(), *method, body, &serves);
                }
                ClientOutput::Abort { exchange } => {
                    match self.exchanges.get_mut(&exchange.as_u64()) {
                        Some(exchange) if exchange.is_open() => exchange.end(step.now),
                        _ => self.strays.push(format!(
                            "exchange {} was aborted, but is not open",
                            exchange.as_u64()
                        )),
                    }
                }
                ClientOutput::Event(event) => self.event(step.now, event),
            }
        }
        // A call may come to wait on an exchange only after its opening, when it was queued in between.
        for (exchange, call) in serves {
            if let Some(exchange) = self.exchanges.get_mut(&exchange) {
                exchange.call.get_or_insert(call);
            }
        }
        for owed in &step.inspection.calls {
            if let Some(call) = self.calls.get_mut(&owed.id.as_u64()) {
                call.deadline = owed.deadline;
            }
        }
    }

    fn opened(
        &mut self,
        now: Instant,
        id: u64,
        method: Method,
        body: Value,
        serves: &BTreeMap<u64, u64>,
    ) {
        let call = serves.get(&id).copied();
        if method == Method::Post
            && let Some(call) = call.and_then(|call| self.calls.get_mut(&call))
        {
            let unknown = call.sendings.iter().any(|sent| {
                self.exchanges
                    .get(sent)
                    .is_some_and(|sent| sent.fate == Fate::Unknown)
            });
            if unknown && !call.safe && call.kind == CallKind::Request {
                self.resent.push(format!(
                    "exchange {id} sends a call again that may have run already"
                ));
            }
            call.sendings.push(id);
            let token = &body["params"]["_meta"]["progressToken"];
            if !token.is_null() {
                call.tokens.push(token.clone());
            }
        }
        let exchange = ExchangeSeen {
            method,
            call,
            fate: Fate::Unknown,
            ended: None,
            has_head: false,
            opened: now,
            body,
            redirects: false,
            is_sse: false,
            received: Vec::new(),
            messages: 0,
        };
        if self.exchanges.insert(id, exchange).is_some() {
            self.strays.push(format!("the handle {id} was given twice"));
        }
    }

    fn event(&mut self, now: Instant, event: &ClientEvent) {
        let mut deliver = |method: &str, params: Option<&[u8]>| {
            let params = params.map_or(Value::Null, |text| {
                serde_json::from_slice(text).unwrap_or_default()
            });
            self.delivered
                .push(serde_json::json!({"method": method, "params": params}));
        };
        match event {
            ClientEvent::Notification { notification, .. } => {
                deliver(&notification.method, notification.params.as_deref());
            }
            ClientEvent::Progress { params, .. } => deliver("notifications/progress", Some(params)),
            ClientEvent::Request {
                id, method, params, ..
            } => {
                deliver(method, params.as_deref());
                if self.obligations.insert(id.as_u64(), 0).is_some() {
                    self.strays
                        .push(format!("the handle {} was given twice", id.as_u64()));
                }
            }
            ClientEvent::Withdrawn { id, .. } => match self.obligations.get_mut(&id.as_u64()) {
                Some(ended) => *ended += 1,
                None => self.strays.push(format!(
                    "{} was withdrawn, but never given to the host",
                    id.as_u64()
                )),
            },
            ClientEvent::Settled { call, .. } => match self.calls.get_mut(&call.as_u64()) {
                Some(call) => call.settled += 1,
                None => self
                    .strays
                    .push(format!("{} settled, but is no call", call.as_u64())),
            },
            ClientEvent::Closed => self.closed.push(now),
            _ => {}
        }
    }
}

/// Which exchange serves which call, by `inspect` and by the stories of the failures in this step.
fn serves(step: &StepSeen<'_>) -> BTreeMap<u64, u64> {
    let mut serves = BTreeMap::new();
    for owed in &step.inspection.calls {
        for lifeline in &owed.lifelines {
            if let Lifeline::Exchange(exchange) = lifeline {
                serves.insert(exchange.as_u64(), owed.id.as_u64());
            }
        }
    }
    for output in step.outputs {
        if let ClientOutput::Event(ClientEvent::Settled {
            call,
            outcome: Outcome::Failed(failure),
        }) = output
        {
            for line in failure.story.lines() {
                if let Some(exchange) = line.exchange {
                    serves.insert(exchange.as_u64(), call.as_u64());
                }
            }
        }
    }
    serves
}
