//! A client under test: applies one input, drains, checks every promise.

use crate::op::Op;
use crate::promises;
use crate::watch::{StepSeen, Watch};
use mcp_sansio::{Client, ClientConfig, ClientOutput, ConfigError, Instant, Version};

/// More outputs than this in one drain are taken for a loop.
const MOST_OUTPUTS: usize = 1_000_000;

/// A client with the books that are kept about it.
#[cfg_attr(feature = "explore", derive(Clone))]
#[derive(Debug)]
pub struct Subject {
    client: Client,
    watch: Watch,
    now: Instant,
    room_before: bool,
    made: Option<u64>,
    /// Whether the host has room for messages; it has at first.
    pub room: bool,
}

/// A promise that does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{promise} is broken: {what}")]
pub struct Broken {
    /// Its name, such as `P3`.
    pub promise: &'static str,
    /// What was seen.
    pub what: String,
}

impl Subject {
    /// A fresh client.
    ///
    /// # Errors
    /// The configuration's.
    pub fn new(config: ClientConfig, seed: [u8; 32]) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(config.clone(), seed)?,
            watch: Watch::new(config),
            now: Instant::from_micros(0),
            room_before: true,
            made: None,
            room: true,
        })
    }

    /// Applies an input, drains the outputs, and checks the promises.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn step(&mut self, now: Instant, op: &Op) -> Result<Vec<ClientOutput>, Broken> {
        self.steps(now, std::slice::from_ref(op), op)
    }

    /// Applies parts that make up one input, draining after each; the promises are checked for the whole.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn steps(
        &mut self,
        now: Instant,
        parts: &[Op],
        whole: &Op,
    ) -> Result<Vec<ClientOutput>, Broken> {
        self.now = now.max(self.now);
        let calls_before = self.watch.unsettled().count();
        let obligations_before = self.watch.outstanding().count();
        let exchanges_before = self.watch.open().count();
        let listens_before = self.watch.listening().count();
        let parked_before = self.watch.parked.clone();
        let spoke = self.speaks();
        let mut outputs = Vec::new();
        let mut made = None;
        let mut announced = None;
        for part in parts {
            let given = part.apply(&mut self.client, self.now);
            made = made.or(given);
            let polled = self.client.poll_timeout();
            let before = outputs.len();
            while let Some(output) = self.client.poll_output(self.room) {
                outputs.push(output);
                if outputs.len() > MOST_OUTPUTS {
                    return Err(Broken {
                        promise: "P8",
                        what: format!("a drain gave {MOST_OUTPUTS} outputs"),
                    });
                }
            }
            if announced.is_none() || outputs.len() > before {
                announced = Some(polled);
            }
        }
        self.made = made;
        let messages = self.watch.input(self.now, whole, made);
        let inspection = self.client.inspect();
        let step = StepSeen {
            now: self.now,
            op: whole,
            made,
            room: self.room,
            room_before: self.room_before,
            announced: announced.flatten(),
            after: self.client.poll_timeout(),
            outputs: &outputs,
            inspection: &inspection,
            messages,
            calls_before,
            obligations_before,
            exchanges_before,
            listens_before,
            parked_before,
            spoke,
            speaks: self.speaks(),
        };
        self.watch.outputs(&step);
        promises::check(&self.watch, &step)?;
        self.room_before = self.room;
        Ok(outputs)
    }

    /// Moves to the time that `poll_timeout` gave, and feeds `Timeout` there; `None` if it gave none.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub fn advance(&mut self) -> Option<Result<Vec<ClientOutput>, Broken>> {
        let at = self.client.poll_timeout()?;
        Some(self.step(at.max(self.now), &Op::Timeout))
    }

    /// The client.
    pub const fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// The client, to look at.
    pub const fn peek(&self) -> &Client {
        &self.client
    }

    /// The handle of the call or subscription that the last step made.
    pub const fn made(&self) -> Option<u64> {
        self.made
    }

    fn speaks(&self) -> Option<Version> {
        self.client.known().map(|known| known.version)
    }

    /// The books.
    pub const fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The time of the last step.
    pub const fn now(&self) -> Instant {
        self.now
    }
}
