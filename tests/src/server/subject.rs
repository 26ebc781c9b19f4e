//! A server under test: applies one input, drains, checks every promise.

use super::act::{Act, Returned};
use super::names::Names;
use super::op::Op;
use super::promises;
use super::watch::{StepSeen, Watch};
use crate::subject::Broken;
use mcp_sansio::{ConfigError, Instant, Server, ServerConfig, ServerOutput};

/// More outputs than this in one drain are taken for a loop.
const MOST_OUTPUTS: usize = 1_000_000;

/// A server with the books that are kept about it.
#[cfg_attr(feature = "explore", derive(Clone))]
#[derive(Debug)]
pub struct Subject {
    server: Server,
    watch: Watch,
    now: Instant,
    /// What the names of the inputs stand for.
    pub names: Names,
    /// Each chunk that comes out is taken at once.
    pub quick_reader: bool,
}

/// What one step brought.
#[derive(Debug)]
pub struct Seen {
    /// The outputs, in order.
    pub outputs: Vec<ServerOutput>,
    /// What the method returned.
    pub returned: Returned,
}

impl Subject {
    /// A fresh server, with a reader that is quick.
    ///
    /// # Errors
    /// The configuration's.
    pub fn new(config: ServerConfig, seed: [u8; 32]) -> Result<Self, ConfigError> {
        Ok(Self {
            server: Server::new(config.clone(), seed)?,
            watch: Watch::new(config),
            now: Instant::from_micros(0),
            names: Names::default(),
            quick_reader: true,
        })
    }

    /// Applies an input, drains the outputs, and checks the promises.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn step(&mut self, now: Instant, op: &Op) -> Result<Seen, Broken> {
        self.step_in_pieces(now, op, |bytes| vec![bytes.to_vec()])
    }

    /// The same, with the bytes of a body cut into pieces, and a drain after each.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn step_in_pieces(
        &mut self,
        now: Instant,
        op: &Op,
        cut: impl FnMut(&[u8]) -> Vec<Vec<u8>>,
    ) -> Result<Seen, Broken> {
        let act = Act::of(op, &self.names);
        self.act(now, &act, cut)
    }

    /// Applies an input in which no name is left to look up, drains the outputs, and checks the promises.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn apply(&mut self, now: Instant, act: &Act) -> Result<Seen, Broken> {
        self.act(now, act, |bytes| vec![bytes.to_vec()])
    }

    /// Moves to the time that `poll_timeout` gave, and feeds `Timeout` there; `None` if it gave none.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn advance(&mut self) -> Option<Result<Seen, Broken>> {
        let at = self.server.poll_timeout()?;
        Some(self.step(at.max(self.now), &Op::Timeout))
    }

    /// The server.
    pub const fn server(&mut self) -> &mut Server {
        &mut self.server
    }

    /// The server, to look at.
    pub const fn peek(&self) -> &Server {
        &self.server
    }

    /// The books.
    pub const fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The time of the last step.
    pub const fn now(&self) -> Instant {
        self.now
    }

    fn act(
        &mut self,
        now: Instant,
        act: &Act,
        mut cut: impl FnMut(&[u8]) -> Vec<Vec<u8>>,
    ) -> Result<Seen, Broken> {
        self.now = now.max(self.now);
        let mut outputs = Vec::new();
        let mut announced = Vec::new();
        let mut returned = Returned::Nothing;
        match act {
            Act::Chunk(exchange, bytes) => {
                for piece in cut(bytes) {
                    Act::Chunk(*exchange, piece).apply(&mut self.server, self.now);
                    self.drain(&mut outputs, &mut announced)?;
                }
            }
            other => {
                returned = other.apply(&mut self.server, self.now);
            }
        }
        self.watch.input(self.now, act, returned.made());
        if let (
            Act::Accept {
                body: Some(body), ..
            },
            Returned::Exchange(id),
        ) = (act, &returned)
        {
            let id = *id;
            for piece in cut(body) {
                Act::Chunk(id, piece).apply(&mut self.server, self.now);
                self.drain(&mut outputs, &mut announced)?;
            }
            Act::End(id).apply(&mut self.server, self.now);
        }
        self.drain(&mut outputs, &mut announced)?;
        let inspection = self.server.inspect();
        let step = StepSeen {
            now: self.now,
            act,
            announced: &announced,
            after: self.server.poll_timeout(),
            outputs: &outputs,
            inspection: &inspection,
        };
        promises::check(&self.watch, &step)?;
        Ok(Seen { outputs, returned })
    }

    /// Takes what is there; a quick reader then takes each chunk, and what that brings is there too.
    fn drain(
        &mut self,
        outputs: &mut Vec<ServerOutput>,
        announced: &mut Vec<(usize, Option<Instant>)>,
    ) -> Result<(), Broken> {
        loop {
            announced.push((outputs.len(), self.server.poll_timeout()));
            let before = outputs.len();
            while let Some(output) = self.server.poll_output() {
                self.watch.output(self.now, &output);
                outputs.push(output);
                if outputs.len() > MOST_OUTPUTS {
                    return Err(Broken {
                        promise: "P1",
                        what: format!("a drain gave {MOST_OUTPUTS} outputs"),
                    });
                }
            }
            let chunks: Vec<u64> = outputs
                .iter()
                .skip(before)
                .filter_map(|output| match output {
                    ServerOutput::Chunk { exchange, .. } => Some(exchange.as_u64()),
                    _ => None,
                })
                .collect();
            if !self.quick_reader || chunks.is_empty() {
                return Ok(());
            }
            for exchange in chunks {
                let written = Act::Written(exchange);
                written.apply(&mut self.server, self.now);
                self.watch.input(self.now, &written, None);
            }
        }
    }
}
