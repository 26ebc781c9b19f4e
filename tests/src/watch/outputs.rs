//! Entering what the client said.

use super::sendings::entry;
use super::{ListenStage, StepSeen, Watch};
use mcp_sansio::{ClientEvent, ClientOutput, Instant, Lifeline, ListenState, Outcome, Source};
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
                    url,
                    headers,
                    body,
                } => {
                    let mut seen = entry(step.now, *method, headers, body);
                    seen.at_endpoint = url.is_some();
                    self.opened(exchange.as_u64(), seen, &serves);
                }
                ClientOutput::Abort { exchange } => self.aborted(step.now, exchange.as_u64()),
                ClientOutput::Event(event) => self.event(step.now, event),
            }
        }
        // A call may come to wait on an exchange only after its opening, when it was queued in between; and what
        // was opened and dropped in one step is told by its story only, when it settles.
        for (id, call) in serves {
            if self.carries(id, call) {
                self.found_out(id, call);
            }
        }
        self.parked = step
            .inspection
            .calls
            .iter()
            .filter(|owed| owed.lifelines.contains(&Lifeline::Authorization))
            .map(|owed| owed.id.as_u64())
            .collect();
        for owed in &step.inspection.calls {
            if let Some(call) = self.calls.get_mut(&owed.id.as_u64()) {
                call.deadline = owed.deadline;
            }
        }
    }

    fn aborted(&mut self, now: Instant, id: u64) {
        match self.exchanges.get_mut(&id) {
            Some(exchange) if exchange.is_open() => {
                exchange.end(now);
                exchange.break_off();
            }
            _ => self
                .strays
                .push(format!("exchange {id} was aborted, but is not open")),
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
            ClientEvent::Notification {
                source,
                notification,
            } => {
                deliver(&notification.method, notification.params.as_deref());
                if let Source::Listen(listen) = source {
                    self.heard(listen.as_u64(), &notification.method);
                }
            }
            ClientEvent::Listen { listen, state } => self.listen_state(listen.as_u64(), state),
            ClientEvent::Progress { params, .. } => deliver("notifications/progress", Some(params)),
            ClientEvent::Request {
                id, method, params, ..
            } => {
                let asked = self.questions.iter().position(|question| {
                    question["method"] == **method
                        && question["params"]
                            == params.as_deref().map_or(Value::Null, |text| {
                                serde_json::from_slice(text).unwrap_or_default()
                            })
                });
                match asked {
                    Some(at) => {
                        self.questions.remove(at);
                    }
                    None => deliver(method, params.as_deref()),
                }
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
            ClientEvent::Unauthorized { .. } => {
                self.questions_of_credentials += 1;
                if self.asked_for_credentials.replace(now).is_some() {
                    self.strays
                        .push("the host was asked for credentials twice at once".to_owned());
                }
            }
            ClientEvent::Closed => self.closed.push(now),
            _ => {}
        }
    }

    /// A subscription tells where it stands: Open, then Gap and Open in turn, then Ended.
    fn listen_state(&mut self, id: u64, state: &ListenState) {
        let Some(listen) = self.listens.get_mut(&id) else {
            self.strays
                .push(format!("{id} is told of, but is no subscription"));
            return;
        };
        let now_at = match state {
            ListenState::Open { .. } => ListenStage::Open,
            ListenState::Gap => ListenStage::Gap,
            ListenState::Ended(_) => ListenStage::Ended,
            other => {
                self.strays
                    .push(format!("{other:?} is no state of a subscription"));
                return;
            }
        };
        listen.opened += u32::from(now_at == ListenStage::Open);
        listen.ended += u32::from(now_at == ListenStage::Ended);
        let may_follow: &[ListenStage] = match now_at {
            ListenStage::Open => &[ListenStage::Asked, ListenStage::Gap],
            ListenStage::Gap => &[ListenStage::Open],
            ListenStage::Asked => &[],
            ListenStage::Ended => &[ListenStage::Asked, ListenStage::Open, ListenStage::Gap],
        };
        if !may_follow.contains(&listen.stage) {
            self.disordered.push(format!(
                "subscription {id} went from {:?} to {now_at:?}",
                listen.stage
            ));
        }
        listen.stage = now_at;
    }

    /// A notification came from a subscription. Without room, its end may have passed it.
    fn heard(&mut self, id: u64, method: &str) {
        match self.listens.get(&id) {
            None => self
                .strays
                .push(format!("{method} came from {id}, which is no subscription")),
            Some(listen) if self.always_room && listen.stage != ListenStage::Open => {
                self.disordered.push(format!(
                    "{method} came from subscription {id}, which is {:?}",
                    listen.stage
                ));
            }
            Some(_) => {}
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
