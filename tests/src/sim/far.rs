//! The server of a run, as the network sees it.

use super::agenda::{Happening, later};
use super::cause::Cause;
use super::link::{Ending, LinkId};
use super::near::seed;
use super::plan::Fault;
use super::server_app::Application;
use super::setup::{Cast, Setup};
use super::world::{World, wrong};
use crate::op::Left;
use crate::server::Subject;
use crate::server::act::{Act, Returned};
use crate::subject::Broken;
use mcp_sansio::{Body, ExchangeId, Instant, ServerOutput};
use std::collections::BTreeMap;
use std::time::Duration;

/// What stands at the server's address.
#[derive(Debug)]
pub(super) enum Far {
    /// The real one.
    Real(Box<Real>),
    /// One that follows no rules.
    Rogue,
    /// Nothing: connections are refused, or nothing answers at all.
    Down { is_silent: bool },
}

/// A real server with its application.
#[derive(Debug)]
pub(super) struct Real {
    pub(super) subject: Subject,
    pub(super) life: u32,
    pub(super) deadline: Option<Instant>,
    pub(super) links: BTreeMap<u64, LinkId>,
    pub(super) application: Application,
}

impl Far {
    pub(super) fn begin(setup: &Setup, life: u32) -> Result<Self, Broken> {
        if setup.cast == Cast::RogueServer {
            return Ok(Self::Rogue);
        }
        let mut subject = Subject::new(setup.server.clone(), seed(setup.salt, usize::MAX, life))
            .map_err(|error| wrong("P1", format!("the server cannot be made: {error}")))?;
        subject.quick_reader = false;
        Ok(Self::Real(Box::new(Real {
            subject,
            life,
            deadline: None,
            links: BTreeMap::new(),
            application: Application::new(),
        })))
    }

    pub(super) fn real(&mut self) -> Option<&mut Real> {
        match self {
            Self::Real(real) => Some(real),
            Self::Rogue | Self::Down { .. } => None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Real(real) => real.deadline,
            Self::Rogue | Self::Down { .. } => None,
        }
    }

    /// It has shut down, or never was a real one.
    pub(super) const fn is_down(&self) -> bool {
        !matches!(self, Self::Real(_))
    }
}

impl World<'_> {
    /// One step of the server: an input, and what comes of it.
    pub(super) fn server(&mut self, act: &Act) -> Result<(), Broken> {
        let (_, outputs) = self.server_does(act)?;
        self.server_said(outputs)
    }

    /// The same, when what it returned must be noted before its outputs are looked at.
    pub(super) fn server_does(
        &mut self,
        act: &Act,
    ) -> Result<(Returned, Vec<ServerOutput>), Broken> {
        let Some(real) = self.far.real() else {
            return Ok((Returned::Nothing, Vec::new()));
        };
        self.log.server(self.now, act);
        let seen = real.subject.apply(self.now, act)?;
        real.deadline = real.subject.server().poll_timeout();
        Ok((seen.returned, seen.outputs))
    }

    pub(super) fn server_said(&mut self, outputs: Vec<ServerOutput>) -> Result<(), Broken> {
        for output in outputs {
            self.log.server_output(self.now, &output);
            match output {
                ServerOutput::Head {
                    exchange,
                    status,
                    headers,
                    body,
                } => {
                    self.tally.add(&format!("server answers {status}"), 1);
                    let Some(id) = self.link_of(exchange) else {
                        continue;
                    };
                    if let Some(Fault::GaveUp(status)) = self.links[id.0].fault {
                        self.met(id, Cause::Status);
                        self.hang_up(id);
                        self.answer_instead(id, status);
                        continue;
                    }
                    let link = &mut self.links[id.0];
                    link.head = Some((status, headers));
                    if let Body::Whole(bytes) = body {
                        link.buffer.extend_from_slice(&bytes);
                        link.end(Ending::Whole);
                    }
                    self.flush(id);
                }
                ServerOutput::Chunk { exchange, data } => {
                    let Some(id) = self.link_of(exchange) else {
                        continue;
                    };
                    let link = &mut self.links[id.0];
                    if link.far_open {
                        link.buffer.extend_from_slice(&data);
                    }
                    let delay = match link.fault {
                        Some(Fault::SlowReader(delay)) => delay,
                        _ => Duration::ZERO,
                    };
                    let at = later(self.now, delay);
                    self.agenda.enter(at, Happening::Written(id));
                    self.flush(id);
                }
                ServerOutput::End { exchange } => self.server_ends(exchange, Ending::Whole),
                ServerOutput::Abort { exchange } => self.server_ends(exchange, Ending::Reset),
                ServerOutput::Event(event) => self.server_event(event)?,
            }
        }
        Ok(())
    }

    fn link_of(&mut self, exchange: ExchangeId) -> Option<LinkId> {
        self.far.real()?.links.get(&exchange.as_u64()).copied()
    }

    fn server_ends(&mut self, exchange: ExchangeId, ending: Ending) {
        if let Some(id) = self.link_of(exchange)
            && self.links[id.0].far_open
        {
            self.links[id.0].end(ending);
            self.flush(id);
        }
    }

    /// A request comes to the server's address; whether anything there takes it.
    pub(super) fn accept(&mut self, id: LinkId) -> Result<bool, Broken> {
        let request = self.links[id.0].request.clone();
        match &self.far {
            Far::Down { is_silent: true } => {
                self.links[id.0].is_mute = true;
                return Ok(false);
            }
            Far::Down { is_silent: false } => {
                self.met(id, Cause::Refused);
                self.fail(id, Left::No, "connection refused")?;
                return Ok(false);
            }
            Far::Rogue => {
                self.improvise(id);
                return Ok(false);
            }
            Far::Real(_) => {}
        }
        let headers = request.headers.iter();
        let accept = Act::Accept {
            method: request.method.as_str().to_owned(),
            headers: headers
                .map(|header| (header.name.to_string(), header.value.to_vec()))
                .collect(),
            principal: Some(request.principal),
            body: None,
        };
        let (returned, outputs) = self.server_does(&accept)?;
        if let (Returned::Exchange(exchange), Some(real)) = (returned, self.far.real()) {
            real.links.insert(exchange, id);
            let link = &mut self.links[id.0];
            link.far = Some(exchange);
            link.far_open = true;
        }
        self.server_said(outputs)?;
        Ok(true)
    }

    /// The server learns that a client has gone.
    pub(super) fn gone(&mut self, id: LinkId) -> Result<(), Broken> {
        let link = &mut self.links[id.0];
        let Some(exchange) = link.far.filter(|_| link.far_open && !link.is_mute) else {
            return Ok(());
        };
        link.far_open = false;
        self.server(&Act::Gone(exchange))
    }

    /// The last chunk is taken.
    pub(super) fn written(&mut self, id: LinkId) -> Result<(), Broken> {
        let link = &self.links[id.0];
        match link.far {
            Some(exchange) if link.far_open => self.server(&Act::Written(exchange)),
            _ => Ok(()),
        }
    }

    /// The server's process ends. Its connections are reset, or hang in the air.
    pub(super) fn server_falls(&mut self, is_silent: bool) {
        self.far = Far::Down { is_silent };
        for at in 0..self.links.len() {
            let id = LinkId(at);
            if !self.links[at].far_open {
                continue;
            }
            let link = &mut self.links[at];
            link.far_open = false;
            if is_silent {
                link.is_mute = true;
                continue;
            }
            if link.dice.one_in(2) {
                link.head = None;
                link.buffer = Vec::new();
            }
            link.ending = Some(Ending::Reset);
            self.flush(id);
        }
    }

    /// W5: a server that has shut down holds nothing. Its process ends.
    pub(super) fn has_shut_down(&mut self) -> Result<(), Broken> {
        let Some(real) = self.far.real() else {
            return Ok(());
        };
        let held = real.subject.server().inspect();
        let is_empty = held.calls.is_empty()
            && held.obligations.is_empty()
            && held.exchanges.is_empty()
            && held.bytes == 0;
        if !is_empty || real.deadline.is_some() {
            let what = format!(
                "the server is down, and holds {held:?} until {:?}",
                real.deadline
            );
            return Err(wrong("W5", what));
        }
        self.server_falls(false);
        Ok(())
    }

    /// A promise that holds for what a real server said; one that follows no rules may say anything.
    pub(super) fn unless_rogue(&self, promise: &'static str, what: String) -> Result<(), Broken> {
        if self.plan.setup.cast == Cast::RogueServer {
            Ok(())
        } else {
            Err(wrong(promise, what))
        }
    }
}
