//! The start-up of a session: calls wait a little for what makes them safer, never for long.

use core::time::Duration;

use crate::client::session::Phase;
use crate::client::{Client, Timer};

/// How long calls wait for the acknowledgement of `initialized`.
const ACKNOWLEDGEMENT: Duration = Duration::from_secs(2);

/// What the first calls of a session wait for.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::client) enum Gate {
    /// The acknowledgement of `initialized`: a server may refuse requests before it has it.
    Acknowledgement,
    Open,
    /// The head of the standalone stream: what the server says before it has that stream would be lost.
    StandaloneHead,
}

impl Client {
    pub(in crate::client) fn await_acknowledgement(&mut self) {
        self.session.phase = Phase::Ready(Gate::Acknowledgement);
        let until = self.after(ACKNOWLEDGEMENT);
        self.timers.set(Timer::Gate, until);
    }

    /// `initialized` is acknowledged, or its fate is known: the standalone stream may begin.
    pub(in crate::client) fn initialized_is_settled(&mut self) {
        let Phase::Ready(gate) = self.session.phase else {
            return;
        };
        let is_opened = self.begin_standalone();
        if gate == Gate::Open {
            return;
        }
        let wait = self.config.timing.standalone_wait;
        if is_opened && !wait.is_zero() {
            self.session.phase = Phase::Ready(Gate::StandaloneHead);
            let until = self.after(wait);
            self.timers.set(Timer::Gate, until);
        } else {
            self.open_gate();
        }
    }

    /// The head of the standalone stream came, or will not come.
    pub(in crate::client) fn standalone_head_is_settled(&mut self) {
        if self.session.phase == Phase::Ready(Gate::StandaloneHead) {
            self.open_gate();
        }
    }

    pub(in crate::client) fn open_gate(&mut self) {
        if let Phase::Ready(_) = self.session.phase {
            self.session.phase = Phase::Ready(Gate::Open);
            self.timers.clear(Timer::Gate);
        }
    }
}
