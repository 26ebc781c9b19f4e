//! Responses on their way to a client: cut and merged, slow, broken off.

use super::agenda::{Happening, later};
use super::cause::Cause;
use super::link::{Ending, Link, LinkId};
use super::network::failed;
use super::plan::Fault;
use super::world::World;
use crate::op::{Left, Octets, Op};
use crate::subject::Broken;

impl World<'_> {
    /// Enters when the next bytes of a response come, unless that is known.
    pub(super) fn flush(&mut self, id: LinkId) {
        let link = &mut self.links[id.0];
        if link.is_flushing || !link.has_more() {
            return;
        }
        link.is_flushing = true;
        let slow = match link.fault {
            Some(Fault::SlowReader(delay)) => Some(delay),
            _ => None,
        };
        let delay = match slow {
            Some(delay) => {
                self.met(id, Cause::SlowReader);
                delay
            }
            None => self.latency(id),
        };
        self.agenda
            .enter(later(self.now, delay), Happening::Down(id));
    }

    /// The next bytes of a response reach the client.
    pub(super) fn down(&mut self, id: LinkId) -> Result<(), Broken> {
        self.links[id.0].is_flushing = false;
        if !self.links[id.0].has_more() || self.strikes(id)? {
            return Ok(());
        }
        let link = &mut self.links[id.0];
        if let Some((status, headers)) = link.head.take() {
            let headers = headers
                .into_iter()
                .map(|header| (header.name.into_owned(), octets(&header.value)))
                .collect();
            self.give(id, |exchange| Op::Head {
                exchange,
                status,
                headers,
            })?;
        } else if !link.buffer.is_empty() {
            let left = link.left_to_fault(link.buffer.len());
            let piece = link.cut(left);
            let mut bytes: Vec<u8> = link.buffer.drain(..piece).collect();
            link.down += piece;
            if link.fault == Some(Fault::Altered) {
                bytes.iter_mut().for_each(alter);
            }
            self.give(id, |exchange| Op::chunk(exchange, &bytes))?;
        } else {
            let is_whole = link.ending == Some(Ending::Whole);
            self.over(id);
            if is_whole {
                self.give(id, |exchange| Op::End { exchange })?;
            } else {
                self.give(id, |exchange| {
                    failed(exchange, Left::Maybe, "reset by peer")
                })?;
            }
        }
        let link = &mut self.links[id.0];
        if link.has_more() && !link.is_flushing && link.dice.one_in(2) {
            // What has come in one packet is read in one go.
            link.is_flushing = true;
            self.agenda.enter(self.now, Happening::Down(id));
        } else {
            self.flush(id);
            self.speak_later(id);
        }
        Ok(())
    }

    /// The fault of a response, if this is its moment; whether nothing more comes now.
    fn strikes(&mut self, id: LinkId) -> Result<bool, Broken> {
        let link = &mut self.links[id.0];
        let has_head = link.head.is_none();
        let reached = |at: usize| (at == 0 || has_head) && link.down >= at;
        match link.fault {
            Some(Fault::ResetResponse(at)) if reached(at) => {
                self.met(id, Cause::Reset);
                self.break_off(id, Left::Maybe)?;
                Ok(true)
            }
            Some(Fault::CutResponse(at)) if has_head && link.down >= at => {
                self.met(id, Cause::Cut);
                self.hang_up(id);
                self.over(id);
                self.give(id, |exchange| Op::End { exchange })?;
                Ok(true)
            }
            Some(Fault::Stall(at, delay)) if reached(at) => {
                link.fault = None;
                link.is_flushing = true;
                self.met(id, Cause::Stalled);
                self.agenda
                    .enter(later(self.now, delay), Happening::Down(id));
                Ok(true)
            }
            Some(Fault::Silence(at)) if reached(at) => {
                link.is_mute = true;
                self.met(id, Cause::Silence);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

impl Link {
    /// How many of `left` bytes come before the place of the fault.
    fn left_to_fault(&self, left: usize) -> usize {
        match self.fault {
            Some(
                Fault::ResetResponse(at)
                | Fault::CutResponse(at)
                | Fault::Stall(at, _)
                | Fault::Silence(at),
            ) if at > self.down => left.min(at - self.down),
            _ => left,
        }
    }
}

/// What is told of a job names it no more.
const fn alter(byte: &mut u8) {
    if *byte == b'#' {
        *byte = b'*';
    }
}

fn octets(value: &[u8]) -> Octets {
    Octets::Text(String::from_utf8_lossy(value).into_owned())
}
