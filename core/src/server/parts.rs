//! The parts of a server, for the tables of an explorer.

use alloc::vec::Vec;
use strum::VariantNames as _;

use super::exchange::State;
use super::shutdown::Phase;
use super::stream::{Kind, Stream, StreamId};
use super::{Server, Timer};
use crate::parts::{Part, PartKind};

impl Server {
    /// Each part of the server, with the state that it is in.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut add = |what, role, id, state| {
            parts.push(Part {
                what,
                role,
                id,
                state,
            });
        };
        for (id, exchange) in &self.exchanges {
            let role = exchange.stream().map_or(UNROUTED, |id| self.role_of(id));
            add("exchange", role, id.0, (&exchange.state).into());
        }
        for (&id, stream) in &self.streams {
            add("stream", self.role_of(id), id, standing(stream));
        }
        for (id, open) in &self.obligations {
            let role = if open.asker.is_some() {
                "Modern"
            } else {
                "Legacy"
            };
            let state = if open.is_taken { "Taken" } else { "Waiting" };
            add("request", role, id.0, state);
        }
        for (id, open) in &self.calls {
            let state = if open.is_held() { "Held" } else { "Sent" };
            add("call", "", id.0, state);
        }
        for (id, state) in self.sessions.states() {
            add("session", "", id.0, state);
        }
        add("machine", "", 0, self.phase.into());
        for (_, timer) in self.timers.iter() {
            add("timer", timer.into(), 0, "Set");
        }
        parts
    }

    /// What the parts of a server can be, and be in.
    pub fn part_kinds() -> Vec<PartKind> {
        let roles: Vec<&str> = Kind::VARIANTS.iter().copied().chain([UNROUTED]).collect();
        [
            PartKind::new("exchange", &roles, State::VARIANTS),
            PartKind::new("stream", Kind::VARIANTS, &["Read", "Unread", "Finished"]),
            PartKind::new("request", &["Legacy", "Modern"], &["Waiting", "Taken"]),
            PartKind::new("call", &[""], &["Held", "Sent"]),
            PartKind::new("session", &[""], &["Provisional", "Unused", "Used"]),
            PartKind::new("machine", &[""], Phase::VARIANTS),
            PartKind::new("timer", Timer::VARIANTS, &["Set"]),
        ]
        .into()
    }

    fn role_of(&self, stream: StreamId) -> &'static str {
        self.streams
            .get(&stream)
            .map_or(UNROUTED, |stream| (&stream.kind).into())
    }
}

/// What an exchange is for before its request has been read.
const UNROUTED: &str = "Unrouted";

/// Whether somebody reads the stream, and whether there is more to come on it.
const fn standing(stream: &Stream) -> &'static str {
    match stream.exchange {
        Some(_) => "Read",
        None if stream.expected == 0 && !stream.is_standalone() => "Finished",
        None => "Unread",
    }
}
