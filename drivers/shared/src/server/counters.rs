//! What a service counts.

use mcp_sansio::EndReason;

/// What a service has counted since it was made. From [`ServiceHandle::counters`](super::ServiceHandle::counters).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Requests that came to the application.
    pub requests: u64,
    /// Requests that no session handler took in time: it runs no loop. Their clients got a 500 that says so.
    pub not_taken: u64,
    /// Requests whose handler ended without an answer, or could not write it. Their clients got -32603.
    pub unanswered: u64,
    /// Request handlers that panicked. Their clients got -32603.
    pub panicked: u64,
    /// Session handlers that returned while their session was still alive, and so ended it.
    pub handler_returned: u64,
    /// Session handlers that panicked, and so ended their session.
    pub handler_failed: u64,
    /// Sessions that began.
    pub sessions_started: u64,
    ended: Vec<(EndReason, u64)>,
}

impl Counters {
    /// Sessions that ended for this reason.
    pub fn sessions_ended(&self, reason: EndReason) -> u64 {
        let counted = self.ended.iter().find(|(counted, _)| *counted == reason);
        counted.map_or(0, |(_, count)| *count)
    }

    pub(super) fn session_ended(&mut self, reason: EndReason) {
        match self
            .ended
            .iter_mut()
            .find(|(counted, _)| *counted == reason)
        {
            Some((_, count)) => *count += 1,
            None => self.ended.push((reason, 1)),
        }
    }
}
