//! A look at what the client holds.

use alloc::vec::Vec;

use super::exchange::Exchange;
use super::ledger::{Entry, Stage};
use super::legacy::gate::Gate;
use super::queue::Waiting;
use super::session::Phase;
use super::{Client, Timer};
use crate::ids::CallId;
use crate::inspect::{Inspection, Lifeline, Owed, Weigh as _};
use crate::time::Instant;

impl Client {
    pub(super) fn look(&self) -> Inspection {
        Inspection {
            calls: self
                .ledger
                .calls
                .iter()
                .map(|(&id, entry)| Owed {
                    id,
                    method: entry.method.clone(),
                    deadline: self.deadline_of(id),
                    lifelines: self.lifelines_of(id, entry),
                    story: entry.teller.so_far().clone(),
                })
                .collect(),
            obligations: self
                .obligations
                .open
                .iter()
                .map(|(&id, obligation)| Owed {
                    id,
                    method: obligation.method.clone(),
                    deadline: self.timers.at(Timer::Answer(id)),
                    lifelines: [Lifeline::Application].into(),
                    story: obligation.teller.so_far().clone(),
                })
                .collect(),
            exchanges: self
                .exchanges
                .keys()
                .map(|&id| (id, self.timers.at(Timer::Exchange(id))))
                .collect(),
            bytes: self.bytes(),
        }
    }

    /// The first of the call's clocks.
    pub(super) fn deadline_of(&self, call: CallId) -> Option<Instant> {
        [Timer::Grace(call), Timer::Idle(call), Timer::Max(call)]
            .into_iter()
            .filter_map(|timer| self.timers.at(timer))
            .min()
    }

    fn lifelines_of(&self, call: CallId, entry: &Entry) -> Vec<Lifeline> {
        let main = match entry.stage {
            Stage::Asking => None,
            Stage::Parked(_) => Some(Lifeline::Authorization),
            Stage::Refreshing(exchange) if self.authorization.is_parked(exchange) => {
                Some(Lifeline::Authorization)
            }
            Stage::Open(exchange) | Stage::Refreshing(exchange) | Stage::Refused(exchange) => {
                Some(Lifeline::Exchange(exchange))
            }
            Stage::Handshake => Some(self.handshake_lifeline()),
            Stage::Queued(_) => Some(match self.session.phase {
                Phase::Ready(Gate::Open) => Lifeline::Queue,
                _ if entry.named_version.is_some() => Lifeline::Queue,
                _ => self.handshake_lifeline(),
            }),
            Stage::Resuming(at) => Some(Lifeline::Resume(at)),
            Stage::Retrying(at) => Some(Lifeline::Retry(at)),
            Stage::Standalone => Some(Lifeline::Standalone),
        };
        let questions = self.questions_of(call).map(Lifeline::Question);
        main.into_iter().chain(questions).collect()
    }

    fn handshake_lifeline(&self) -> Lifeline {
        if self.authorization.holds_handshake() {
            return Lifeline::Authorization;
        }
        self.timers
            .at(Timer::HandshakeAgain)
            .map_or(Lifeline::Handshake, Lifeline::Retry)
    }

    fn bytes(&self) -> usize {
        let bodies: usize = self.exchanges.values().map(Exchange::held).sum();
        let params: usize = self.ledger.calls.values().map(|entry| entry.held()).sum();
        let waiting: usize = self
            .queue
            .iter()
            .map(|waiting| match waiting {
                Waiting::Call(_) | Waiting::Listen(_) => 0,
                Waiting::Notification(notification) => notification.params.weight(),
            })
            .sum();
        bodies
            + params
            + waiting
            + self.obligations.bytes()
            + self.authorization.held()
            + self.standalone.held()
            + self.listens.held()
            + self.out.bytes()
    }
}
