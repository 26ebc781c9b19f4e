//! What was agreed proves wrong: it is found out anew, and what met it goes again, once.

use crate::client::Client;
use crate::client::ledger::{Cause, Stage};
use crate::client::session::{Guess, Phase};
use crate::ids::CallId;
use crate::outcome::Execution;
use crate::version::Era;

impl Client {
    /// What the server is was assumed, and proved wrong: it is found out anew, and the call goes again once.
    pub(in crate::client) fn negotiate_again(&mut self, call: CallId, server: Option<Era>) -> bool {
        let Some(entry) = self.ledger.get_mut(call) else {
            return false;
        };
        if !entry.tries.allow(Cause::OtherEra) {
            return false;
        }
        entry.tries.note(Cause::OtherEra);
        entry.execution = entry.execution.max(Execution::Refused);
        entry
            .teller
            .note(self.now, "the server speaks another revision than it did");
        let epoch = entry.wire.map(|wire| wire.epoch);
        let stage = entry.stage;
        self.enqueue(call);
        if let Stage::Open(exchange) | Stage::Refused(exchange) = stage {
            self.release(exchange); // What told us may have come on another stream.
        }
        if epoch == Some(self.session.epoch) {
            self.assume_nothing(server);
        }
        true
    }

    /// What is agreed does not hold. What waits for its turn makes a new handshake.
    pub(in crate::client) fn assume_nothing(&mut self, server: Option<Era>) {
        if !matches!(self.session.phase, Phase::Ready(_)) {
            return;
        }
        if self.session.era() == Some(Era::Legacy) {
            self.end_session("the server is of another era now");
        } else {
            self.session.phase = Phase::Idle;
            self.session.was_lost = self.session.guess == Guess::None;
        }
        self.session.server = server;
        if self.session.guess == Guess::Open {
            self.session.guess = Guess::Wrong(self.session.epoch);
        }
    }
}
