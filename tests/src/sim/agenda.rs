//! What is to happen when. Time goes from one entry to the next, and nowhere else.

use super::link::LinkId;
use mcp_sansio::Instant;
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that happens at its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Happening {
    /// The deed at this place of the plan.
    Deed(usize),
    /// The last deed is done; what is still owed may settle, or is closed.
    Finish,
    /// The next bytes of a request reach the server.
    Up(LinkId),
    /// The next bytes of a response reach the client.
    Down(LinkId),
    /// The server learns that the client has gone.
    Gone(LinkId),
    /// The HTTP library of the server has taken the last chunk.
    Written(LinkId),
    /// The next part of a scripted server's response is written.
    Reply(LinkId),
    /// A client's application answers a request of the server.
    Answer {
        client: usize,
        life: u32,
        obligation: u64,
    },
    /// A client's application has new credentials, or says that there are none.
    Authorize {
        client: usize,
        life: u32,
        granted: bool,
    },
    /// The server's application goes on with a request.
    Beat { life: u32, request: u64 },
}

/// The entries in the order of their times, and of their making.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BTreeMap<(Instant, u64), Happening>,
    made: u64,
}

impl Agenda {
    pub(super) fn enter(&mut self, at: Instant, happening: Happening) {
        self.made += 1;
        self.entries.insert((at, self.made), happening);
    }

    /// The time of the first entry.
    pub(super) fn next(&self) -> Option<Instant> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn take(&mut self) -> Option<Happening> {
        self.entries.pop_first().map(|(_, happening)| happening)
    }
}

pub(super) fn later(now: Instant, delay: Duration) -> Instant {
    let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
    Instant::from_micros(now.as_micros().saturating_add(micros))
}

pub(super) fn millis(count: usize) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or(0))
}
