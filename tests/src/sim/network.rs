//! The simulated HTTP between clients and server: connections, requests on their way, and how both break.

use super::agenda::{Happening, later, millis};
use super::cause::Cause;
use super::link::{Ending, Link, LinkId, Owner, Request};
use super::plan::Fault;
use super::world::World;
use crate::dice::Dice;
use crate::op::{Left, Op};
use crate::server::act::Act;
use crate::subject::Broken;
use mcp_sansio::Header;
use std::time::Duration;

impl World<'_> {
    /// A client opens an exchange; it may have to wait for a connection.
    pub(super) fn open(&mut self, owner: Owner, request: Request) -> LinkId {
        let id = LinkId(self.links.len());
        let (mut fault, mut salt) = (None, self.plan.setup.salt);
        if let Owner::Client { client, .. } = owner {
            let nth = self.near[client].opened;
            self.near[client].opened += 1;
            fault = self.faults.get(&(client, nth)).copied();
            salt ^= u64::try_from((client + 1) << 32 | nth).unwrap_or(0);
        }
        // A redirection leads to the server, and nowhere else again.
        if request.is_elsewhere && matches!(fault, Some(Fault::Redirected(_))) {
            fault = None;
        }
        let dice = Dice::apart(salt, u64::try_from(id.0).unwrap_or(0));
        self.links.push(Link::new(owner, request, fault, dice));
        match owner {
            Owner::Client { client, .. } => {
                self.near[client].waiting.push_back(id);
                self.lend_connections(client);
            }
            Owner::Rogue => self.depart(id),
        }
        id
    }

    /// Gives free connections to the exchanges that wait for one.
    pub(super) fn lend_connections(&mut self, client: usize) {
        loop {
            let near = &mut self.near[client];
            if near.connections.is_some_and(|most| near.busy.len() >= most) {
                if !near.waiting.is_empty() {
                    self.cause(client, Cause::Exhausted);
                }
                return;
            }
            let Some(id) = near.waiting.pop_front() else {
                return;
            };
            if self.links[id.0].near_open {
                self.near[client].busy.insert(id);
                self.depart(id);
            }
        }
    }

    fn depart(&mut self, id: LinkId) {
        let at = later(self.now, self.latency(id));
        self.agenda.enter(at, Happening::Up(id));
    }

    pub(super) fn latency(&mut self, id: LinkId) -> Duration {
        let (least, most) = self.plan.setup.latency;
        millis(least + self.links[id.0].dice.below(most - least + 1))
    }

    /// The next bytes of a request reach the server.
    pub(super) fn up(&mut self, id: LinkId) -> Result<(), Broken> {
        let link = &mut self.links[id.0];
        if link.is_mute {
            return Ok(());
        }
        if link.far.is_none() && !(link.near_open && self.arrives(id)?) {
            return Ok(());
        }
        let link = &mut self.links[id.0];
        if !link.far_open {
            return Ok(());
        }
        let Some(far) = link.far else {
            return Ok(());
        };
        let mut piece = match link.request.body.len() - link.up {
            0 => 0,
            left => link.cut(left),
        };
        let reset = match link.fault {
            Some(Fault::ResetRequest(at)) if at <= link.up + piece => Some(at - link.up),
            _ => None,
        };
        piece = reset.unwrap_or(piece);
        let bytes = link.request.body.slice(link.up..link.up + piece);
        link.up += piece;
        let is_whole = link.up == link.request.body.len();
        if !bytes.is_empty() {
            self.server(&Act::Chunk(far, bytes.to_vec()))?;
        }
        if reset.is_some() {
            self.met(id, Cause::Reset);
            return self.break_off(id, Left::Maybe);
        }
        if matches!(self.links[id.0].fault, Some(Fault::StallRequest(at)) if self.links[id.0].up >= at)
        {
            self.met(id, Cause::Stalled);
            return Ok(());
        }
        if is_whole {
            return self.server(&Act::End(far));
        }
        let delay = if self.links[id.0].dice.one_in(2) {
            Duration::ZERO
        } else {
            self.latency(id)
        };
        self.agenda.enter(later(self.now, delay), Happening::Up(id));
        Ok(())
    }

    /// A request comes to the server, or to what stands in its place; whether it goes on.
    fn arrives(&mut self, id: LinkId) -> Result<bool, Broken> {
        if self.links[id.0].fault != Some(Fault::Refused) {
            self.links[id.0].has_left = true;
        }
        match self.links[id.0].fault {
            Some(Fault::Refused) => {
                self.met(id, Cause::Refused);
                self.fail(id, Left::No, "connection refused")?;
                return Ok(false);
            }
            Some(Fault::ResetRequest(0)) => {
                self.met(id, Cause::Reset);
                self.fail(id, Left::Maybe, "connection reset by peer")?;
                return Ok(false);
            }
            Some(Fault::Instead(status)) => {
                self.met(id, Cause::Status);
                self.answer_instead(id, status);
                return Ok(false);
            }
            Some(Fault::Redirected(status)) => {
                self.met(id, Cause::Redirected);
                self.answer_instead(id, status);
                return Ok(false);
            }
            Some(Fault::Doubled) => {
                let link = &self.links[id.0];
                let request = link.request.clone();
                self.open(Owner::Rogue, request);
            }
            _ => {}
        }
        if self.refuses(id) {
            return Ok(false);
        }
        self.accept(id)
    }

    /// Something between client and server answers.
    pub(super) fn answer_instead(&mut self, id: LinkId, status: u16) {
        let link = &mut self.links[id.0];
        let headers = match status {
            300..400 => vec![Header::new("location", "/mcp/elsewhere")],
            _ => vec![Header::new("content-type", "text/plain")],
        };
        link.head = Some((status, headers));
        link.buffer = b"the gateway says no".to_vec();
        link.end(Ending::Whole);
        self.flush(id);
    }

    /// Breaks a connection for both sides at once.
    pub(super) fn break_off(&mut self, id: LinkId, sent: Left) -> Result<(), Broken> {
        self.hang_up(id);
        self.fail(id, sent, "connection reset by peer")
    }

    /// The server will learn that its client has gone.
    pub(super) fn hang_up(&mut self, id: LinkId) {
        if self.links[id.0].far_open {
            let at = later(self.now, self.latency(id));
            self.agenda.enter(at, Happening::Gone(id));
        }
    }

    pub(super) fn fail(&mut self, id: LinkId, sent: Left, detail: &str) -> Result<(), Broken> {
        if !self.links[id.0].near_open {
            return Ok(());
        }
        self.over(id);
        self.give(id, |exchange| failed(exchange, sent, detail))
    }

    /// The client's side is over; its connection is free for another exchange.
    pub(super) fn over(&mut self, id: LinkId) {
        let link = &mut self.links[id.0];
        link.near_open = false;
        link.head = None;
        link.buffer = Vec::new();
        if let Some(client) = link.client() {
            self.near[client].busy.remove(&id);
            self.lend_connections(client);
        }
    }

    /// Feeds a client what has come for it.
    pub(super) fn give(&mut self, id: LinkId, op: impl FnOnce(u64) -> Op) -> Result<(), Broken> {
        match self.links[id.0].owner {
            Owner::Client {
                client,
                life,
                exchange,
            } if self.near[client].life == life => self.client(client, &op(exchange)),
            Owner::Client { .. } => Ok(()),
            Owner::Rogue => {
                self.rogue_reads(id, &op(0));
                Ok(())
            }
        }
    }

    /// Notes that a fault took effect on the client whose exchange this is.
    pub(super) fn met(&mut self, id: LinkId, cause: Cause) {
        self.links[id.0].met.insert(cause);
        if let Some(client) = self.links[id.0].client() {
            self.cause(client, cause);
        }
    }
}

pub(super) fn failed(exchange: u64, sent: Left, detail: &str) -> Op {
    Op::Failed {
        exchange,
        sent,
        detail: detail.to_owned(),
    }
}
