//! A server that follows no rules, or only most of the time: the opponent of the client's walks, behind the
//! simulated network.

use super::agenda::{Happening, later, millis};
use super::link::{Ending, LinkId, Owner};
use super::world::World;
use crate::op::Op;
use crate::walk;
use mcp_sansio::Header;

/// What it says on one exchange at most.
const MOST_WORDS: usize = 60;

impl World<'_> {
    /// A request has come: something will be said to it.
    pub(super) fn improvise(&mut self, id: LinkId) {
        self.links[id.0].words = MOST_WORDS;
        self.speak_later(id);
    }

    /// Goes on once all that was said has come.
    pub(super) fn speak_later(&mut self, id: LinkId) {
        let link = &mut self.links[id.0];
        if link.words == 0 || !link.near_open || link.has_more() {
            return;
        }
        let delay = millis(*link.dice.pick(&[0, 0, 0, 20, 20, 700, 6_000, 50_000]));
        let at = later(self.now, delay);
        self.agenda.enter(at, Happening::Reply(id));
    }

    /// The next thing that it says on an exchange.
    pub(super) fn reply(&mut self, id: LinkId) {
        let link = &mut self.links[id.0];
        let Owner::Client {
            client, exchange, ..
        } = link.owner
        else {
            return;
        };
        let subject = &self.near[client].subject;
        let Some(seen) = subject.watch().exchanges.get(&exchange) else {
            return;
        };
        if !link.near_open || link.ending.is_some() {
            return;
        }
        link.words -= 1;
        match walk::happens_to(subject, exchange, seen, &mut link.dice, self.rogue_server) {
            Op::Head {
                status, headers, ..
            } => {
                let headers = headers
                    .into_iter()
                    .map(|(name, value)| Header::new(name, value.decode()));
                link.head = Some((status, headers.collect()));
            }
            op @ Op::Chunk { .. } => link.buffer.extend(op.bytes().unwrap_or_default()),
            Op::Failed { .. } => link.end(Ending::Reset),
            _ => link.end(Ending::Whole),
        }
        self.flush(id);
    }
}
