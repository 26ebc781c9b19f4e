//! One exchange on its way through the simulated network, seen from both of its ends.

use super::cause::Cause;
use super::plan::Fault;
use crate::dice::Dice;
use bytes::Bytes;
use mcp_sansio::{Header, Method};
use std::collections::BTreeSet;

/// A link of a run, never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct LinkId(pub(super) usize);

/// Who opened a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    /// A real client, in one of its lives.
    Client {
        client: usize,
        life: u32,
        exchange: u64,
    },
    /// The misbehaving one.
    Rogue,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) headers: Vec<Header>,
    pub(super) body: Bytes,
    /// Who asks, as whatever stands before the server has found out.
    pub(super) principal: String,
    /// The credential that the driver has put in.
    pub(super) token: u32,
    /// Another URL than the configured one.
    pub(super) is_elsewhere: bool,
}

/// How a response is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    Whole,
    Reset,
}

/// One exchange.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own: both ends go on by themselves"
)]
pub(super) struct Link {
    pub(super) owner: Owner,
    pub(super) request: Request,
    pub(super) fault: Option<Fault>,
    pub(super) dice: Dice,
    /// Bytes of the request's body that the server has.
    pub(super) up: usize,
    /// The server's handle for it, once it knows of it.
    pub(super) far: Option<u64>,
    /// A byte of it can have arrived somewhere.
    pub(super) has_left: bool,
    /// The server may still say something.
    pub(super) far_open: bool,
    /// The client still wants something.
    pub(super) near_open: bool,
    /// A head on its way.
    pub(super) head: Option<(u16, Vec<Header>)>,
    /// Bytes on their way.
    pub(super) buffer: Vec<u8>,
    /// What comes after them.
    pub(super) ending: Option<Ending>,
    /// Bytes of the response's body that the client has.
    pub(super) down: usize,
    /// There is an entry for the next bytes of the response.
    pub(super) is_flushing: bool,
    /// What it met.
    pub(super) met: BTreeSet<Cause>,
    /// Nothing passes any more, and nobody is told.
    pub(super) is_mute: bool,
    /// How much a server without rules may still say.
    pub(super) words: usize,
}

impl Link {
    pub(super) fn new(owner: Owner, request: Request, fault: Option<Fault>, dice: Dice) -> Self {
        Self {
            owner,
            request,
            fault,
            dice,
            up: 0,
            far: None,
            has_left: false,
            far_open: false,
            near_open: true,
            head: None,
            buffer: Vec::new(),
            ending: None,
            down: 0,
            is_flushing: false,
            met: BTreeSet::new(),
            is_mute: false,
            words: 0,
        }
    }

    /// The client that it belongs to, if that is a real one.
    pub(super) const fn client(&self) -> Option<usize> {
        match self.owner {
            Owner::Client { client, .. } => Some(client),
            Owner::Rogue => None,
        }
    }

    /// The client sees its end when all that is before it has come.
    pub(super) fn has_more(&self) -> bool {
        self.near_open
            && !self.is_mute
            && (self.head.is_some() || !self.buffer.is_empty() || self.ending.is_some())
    }

    /// The server's side is over, and this is how.
    pub(super) const fn end(&mut self, ending: Ending) {
        self.far_open = false;
        self.ending = Some(ending);
    }

    /// How many of `left` bytes come at once: all of them, some, or a few.
    pub(super) fn cut(&mut self, left: usize) -> usize {
        match self.dice.below(4) {
            0 => 1 + self.dice.below(left),
            1 => 1 + self.dice.below(left.min(8)),
            _ => left,
        }
    }
}
