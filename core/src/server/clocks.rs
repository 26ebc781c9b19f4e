//! Whatever a time ends.

use super::exchange::State;
use super::{Server, Timer};
use crate::ids::ExchangeId;

impl Server {
    pub(super) fn on_timeout(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Answer(id) => self.answer_is_late(id),
                Timer::Body(id) => self.body_is_late(id),
                Timer::Call(id) => self.call_is_late(id),
                Timer::Drain => self.grace_is_over(),
                Timer::Head(id) => self.head_is_due(id),
                Timer::KeepAlive(id) => self.keep_alive(id),
                Timer::Replay(id) => self.forget_stream(id),
                Timer::Session(id) => self.session_is_idle(id),
                Timer::Stall(id) => self.cut_off(id),
                Timer::Take(id) => self.is_not_taken(id),
            }
        }
    }

    /// The answer did not come at once: the client gets a stream, and with it signs of life.
    fn head_is_due(&mut self, id: ExchangeId) {
        if let Some(State::Waiting(stream)) = self.exchanges.get(&id).map(|open| &open.state) {
            let stream = *stream;
            self.begin_events(stream, &[]);
        }
    }
}
