//! What stands before the server and wants to see a token; and the clients' applications that get new ones.

use super::agenda::{Happening, later, millis};
use super::cause::Cause;
use super::link::{Ending, LinkId};
use super::world::World;
use crate::dice::Dice;
use crate::op::Op;
use crate::subject::Broken;
use mcp_sansio::Header;

/// The challenges of a front, each with its status. The last is none.
const CHALLENGES: [(u16, Option<&str>); 6] = [
    (401, Some("Bearer error=\"invalid_token\"")),
    (401, Some("Bearer error=\"invalid_token\"")),
    (401, Some("Basic realm=\"x\", Bearer scope=\"a b\"")),
    (401, Some("Bearer")),
    (
        403,
        Some("Bearer error=\"insufficient_scope\", scope=\"work\""),
    ),
    (401, None),
];

impl World<'_> {
    /// Refuses a request whose token is too old; whether it did.
    pub(super) fn refuses(&mut self, id: LinkId) -> bool {
        let link = &mut self.links[id.0];
        let is_good = link.client().is_none() || link.request.token >= self.token;
        if !self.plan.setup.demands_tokens || is_good {
            return false;
        }
        let (status, challenge) = *link.dice.pick(&CHALLENGES);
        let challenge = challenge.map(|challenge| Header::new("www-authenticate", challenge));
        link.head = Some((status, challenge.into_iter().collect()));
        link.buffer = b"who are you?".to_vec();
        link.end(Ending::Whole);
        self.met(id, Cause::Unauthorized);
        self.flush(id);
        true
    }

    /// The client asks its application for credentials, which gets them soon, late, or not at all; or says that
    /// there are none.
    pub(super) fn asked_for_credentials(&mut self, client: usize) {
        self.tally.add("questions for credentials", 1);
        let near = &mut self.near[client];
        near.credential_questions += 1;
        let mut dice = Dice::apart(self.plan.setup.salt ^ 0xACE, near.credential_questions);
        let delay = *dice.pick(&[0, 0, 10, 300, 300, 4_000, 30_000]);
        let granted = !dice.one_in(5);
        if dice.one_in(8) {
            self.cause(client, Cause::HostSilent);
            return;
        }
        if !granted {
            self.cause(client, Cause::HostRefused);
        }
        let life = self.near[client].life;
        let answer = Happening::Authorize {
            client,
            life,
            granted,
        };
        self.agenda.enter(later(self.now, millis(delay)), answer);
    }

    /// An application has new credentials, or none.
    pub(super) fn authorize(&mut self, client: usize, granted: bool) -> Result<(), Broken> {
        if granted {
            self.near[client].token = self.token;
        }
        self.client(client, &Op::Authorize { granted })
    }
}
