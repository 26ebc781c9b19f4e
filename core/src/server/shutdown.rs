//! The end of all: nothing new, a grace for what runs, then an honest end for the rest.

use alloc::vec::Vec;
use core::time::Duration;

use super::event::{EndReason, ServerEvent};
use super::reject::Reason;
use super::{Server, Timer};
use crate::ids::{ExchangeId, ObligationId};
use crate::jsonrpc::code::INTERNAL_ERROR;
use crate::message::RpcError;
use crate::outcome::Withdrawal;

#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Phase {
    Down,
    Draining,
    Serving,
}

impl Server {
    pub(super) fn begin_shut_down(&mut self, grace: Duration) {
        if self.phase != Phase::Serving {
            return;
        }
        self.phase = Phase::Draining;
        let at = self.after(grace);
        self.timers.set(Timer::Drain, at);
        // Streams that end by no answer would use up the grace for nothing.
        let standalone: Vec<_> = self
            .streams
            .iter()
            .filter(|(_, stream)| stream.is_standalone())
            .map(|(&id, _)| id)
            .collect();
        for stream in standalone {
            self.leave(stream, None);
        }
        self.end_listens();
    }

    pub(super) fn grace_is_over(&mut self) {
        let receiving: Vec<ExchangeId> = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.stream().is_none())
            .map(|(&id, _)| id)
            .collect();
        for exchange in receiving {
            self.reject(exchange, &Reason::ShuttingDown, None, None);
        }
        for session in self.sessions.all() {
            self.close_session(session, EndReason::Shutdown);
        }
        let owed: Vec<ObligationId> = self.obligations.keys().copied().collect();
        for obligation in owed {
            let error = RpcError::new(INTERNAL_ERROR, EndReason::Shutdown.sentence());
            self.withdraw(obligation, Withdrawal::SessionEnded, 503, &error);
        }
    }

    /// Down as soon as nothing is owed any more. Bytes that are not written yet have their own bound.
    pub(super) fn finish_shut_down(&mut self) {
        let is_quiet = self.obligations.is_empty() && self.calls.is_empty();
        if self.phase != Phase::Draining || !is_quiet {
            return;
        }
        for session in self.sessions.all() {
            self.close_session(session, EndReason::Shutdown);
        }
        if self.exchanges.is_empty() && self.sessions.is_empty() {
            self.phase = Phase::Down;
            self.timers.remove_all();
            self.event(ServerEvent::ShutDown);
        }
    }
}
