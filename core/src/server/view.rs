//! A look at what the server holds.

use super::exchange::State;
use super::{Server, Timer};
use crate::inspect::{Inspection, Lifeline, Owed};

impl Server {
    pub(super) fn look(&self) -> Inspection {
        Inspection {
            calls: self
                .calls
                .iter()
                .map(|(&id, open)| Owed {
                    id,
                    method: open.method.clone(),
                    deadline: self.timers.at(Timer::Call(id)),
                    lifelines: [if open.is_held() {
                        Lifeline::Queue
                    } else {
                        Lifeline::Standalone
                    }]
                    .into(),
                    story: open.teller.so_far().clone(),
                })
                .collect(),
            obligations: self
                .obligations
                .iter()
                .map(|(&id, open)| Owed {
                    id,
                    method: open.method.clone(),
                    deadline: self
                        .timers
                        .at(Timer::Take(id))
                        .or_else(|| self.timers.at(Timer::Answer(id))),
                    lifelines: [Lifeline::Application].into(),
                    story: open.teller.so_far().clone(),
                })
                .collect(),
            exchanges: self
                .exchanges
                .iter()
                .map(|(&id, exchange)| {
                    let timer = match exchange.state {
                        State::Receiving(_) => Timer::Body(id),
                        State::Streaming(..) => Timer::Stall(id),
                        State::Waiting(_) => Timer::Head(id),
                    };
                    (id, self.timers.at(timer))
                })
                .collect(),
            bytes: self.bytes(),
        }
    }

    fn bytes(&self) -> usize {
        let exchanges: usize = self
            .exchanges
            .values()
            .map(|exchange| match &exchange.state {
                State::Receiving(body) => body.len(),
                State::Streaming(_, writer) => writer.bytes(),
                State::Waiting(_) => 0,
            })
            .sum();
        let waiting: usize = self
            .streams
            .values()
            .flat_map(|stream| &stream.collected)
            .map(bytes::Bytes::len)
            .sum();
        let listens: usize = self.streams.values().map(super::stream::Stream::held).sum();
        let held: usize = self.calls.values().map(super::calls::Pending::bytes).sum();
        exchanges + waiting + listens + held + self.logged
    }
}
