//! What is done with a server's vector: as written, and in every way that must make no difference or must
//! still keep the promises.

mod end;
mod replay;
mod split;
mod written;

use super::op::Op;
use super::output::to_json;
use super::subject::{Seen, Subject};
use super::{Step, Vector};
use crate::subject::Broken;
use crate::treatment::Failed;
use crate::vector::Place;
use mcp_sansio::{Instant, Recording, ServerOutput};

/// How a server is treated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Treatment {
    /// The inputs as they stand, and the outputs compared with those expected.
    Written,
    /// Each body fed byte by byte: the outputs must be the same.
    Bytes,
    /// Each body fed in random pieces, by this seed: the outputs must be the same.
    Pieces(u64),
    /// `shut_down` after that many inputs, with a grace of that many milliseconds, then the deadlines up to
    /// `ShutDown`.
    ShutDown(usize, u16),
    /// `shut_down` after that many inputs, then the rest of the inputs, late.
    ShutDownEarly(usize, u16),
    /// After that many inputs, each deadline in turn at exactly its time, and nothing else.
    Deadlines(usize),
    /// The same with readers that take nothing any more.
    Stuck(usize),
    /// After that many inputs, the clock jumps past all deadlines at once.
    Jump(usize),
    /// After that many inputs every client goes for good: in the end nothing is left.
    Gone(usize),
    /// Recorded whole, replayed into a fresh server, and recorded redacted.
    Replay,
}

/// Every treatment of this vector.
pub fn all(vector: &Vector) -> Vec<Treatment> {
    let mut all = vec![Treatment::Written, Treatment::Bytes, Treatment::Replay];
    all.extend((1..=3).map(Treatment::Pieces));
    for after in 0..=vector.steps.len() {
        all.extend([
            Treatment::ShutDown(after, 0),
            Treatment::ShutDown(after, 1_000),
            Treatment::ShutDownEarly(after, 0),
            Treatment::ShutDownEarly(after, 1_000),
            Treatment::Deadlines(after),
            Treatment::Stuck(after),
            Treatment::Jump(after),
            Treatment::Gone(after),
        ]);
    }
    all
}

/// Runs one treatment; gives the number of steps that it took.
///
/// # Errors
/// The first expectation or promise that does not hold.
pub fn run(vector: &Vector, treatment: Treatment) -> Result<usize, Failed> {
    let mut run = Run::new(vector, treatment, Recording::Off)?;
    if treatment == Treatment::Written {
        run.written()?;
        return Ok(run.steps);
    }
    // Whatever the treatment does, the names stand for what they stand for in the run as written.
    let mut written = Run::new(vector, treatment, Recording::Off)?;
    written.written()?;
    run.subject.names = written.subject.names;
    match treatment {
        Treatment::Written => Ok(()),
        Treatment::Bytes => run.split(None),
        Treatment::Pieces(seed) => run.split(Some(seed)),
        Treatment::ShutDown(after, grace) => run.shut_down(after, grace, false),
        Treatment::ShutDownEarly(after, grace) => run.shut_down(after, grace, true),
        Treatment::Deadlines(after) => run.deadlines(after, true),
        Treatment::Stuck(after) => run.deadlines(after, false),
        Treatment::Jump(after) => run.jump(after),
        Treatment::Gone(after) => run.gone(after),
        Treatment::Replay => run.replay(),
    }?;
    Ok(run.steps)
}

/// One server on its way through a vector.
struct Run<'a> {
    vector: &'a Vector,
    treatment: Treatment,
    subject: Subject,
    place: Place,
    steps: usize,
}

impl<'a> Run<'a> {
    fn new(vector: &'a Vector, treatment: Treatment, recording: Recording) -> Result<Self, Failed> {
        let mut config = vector.config.clone();
        config.recording = recording;
        let place = Place::first_line(&vector.name);
        let mut subject = Subject::new(config, vector.seed).map_err(|error| Failed {
            place: place.clone(),
            treatment: format!("{treatment:?}"),
            what: error.to_string(),
            outputs: Vec::new(),
        })?;
        subject.quick_reader = vector.quick_reader;
        Ok(Self {
            vector,
            treatment,
            subject,
            place,
            steps: 0,
        })
    }

    /// Performs a step of the vector as it is written.
    fn step(&mut self, step: &Step) -> Result<Seen, Failed> {
        self.place = step.place.clone();
        self.op(step.now, &step.op)
    }

    /// The first steps of the vector, their outputs unseen: [`Treatment::Written`] compares them.
    fn first(&mut self, count: usize) -> Result<(), Failed> {
        for step in self.vector.steps.iter().take(count) {
            self.step(step)?;
        }
        Ok(())
    }

    fn op(&mut self, now: Instant, op: &Op) -> Result<Seen, Failed> {
        self.steps += 1;
        let seen = self.subject.step(now, op);
        self.kept(seen)
    }

    fn kept<T>(&self, given: Result<T, Broken>) -> Result<T, Failed> {
        given.map_err(|broken| {
            self.failed(format!("{broken}\n    at {:?}", self.subject.now()), &[])
        })
    }

    fn failed(&self, what: impl Into<String>, outputs: &[ServerOutput]) -> Failed {
        Failed {
            place: self.place.clone(),
            treatment: format!("{:?}", self.treatment),
            what: what.into(),
            outputs: outputs.iter().map(to_json).collect(),
        }
    }
}
