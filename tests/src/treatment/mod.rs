//! What is done with a vector: as written, and in every way that must make no difference or must still
//! keep the promises.

mod close;
mod hour;
mod jump;
mod replay;
mod split;
mod written;

pub use hour::Mood;
pub(crate) use replay::replays;

use crate::op::Op;
use crate::output::to_json;
use crate::subject::{Broken, Subject};
use crate::vector::{Place, Step, Vector};
use mcp_sansio::{ClientOutput, Era, Recording};
use serde_json::Value;
use std::fmt::{self, Write as _};

/// How a client is treated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Treatment {
    /// The inputs as they stand, and the outputs compared with those expected.
    Written,
    /// Each body fed byte by byte: the outputs must be the same.
    Bytes,
    /// Each body fed in random pieces, by this seed: the outputs must be the same.
    Pieces(u64),
    /// `close` after that many inputs, then the deadlines up to `Closed`.
    Close(usize),
    /// `close` after that many inputs, then the rest of the inputs, late.
    CloseEarly(usize),
    /// After that many inputs, each deadline in turn at exactly its time, and nothing else.
    Deadlines(usize),
    /// After that many inputs, the clock jumps past all deadlines at once.
    Jump(usize),
    /// Recorded whole, replayed into a fresh client, and recorded redacted.
    Replay,
    /// An hour more, in which the server treats every exchange in one way.
    Hour(Mood),
}

/// What went wrong.
#[derive(Debug)]
pub struct Failed {
    /// Where: the line of the input, or of the output expected.
    pub place: Place,
    /// The treatment, as it prints itself.
    pub treatment: String,
    /// What was expected, and what came.
    pub what: String,
    /// The outputs of that step.
    pub outputs: Vec<Value>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ({}) {}", self.place, self.treatment, self.what)?;
        for output in &self.outputs {
            write!(f, "\n    came: {output}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failed {}

/// Every treatment of this vector.
pub fn all(vector: &Vector) -> Vec<Treatment> {
    let mut all = vec![Treatment::Written, Treatment::Bytes, Treatment::Replay];
    all.extend((1..=3).map(Treatment::Pieces));
    for after in 0..=vector.steps.len() {
        all.extend([
            Treatment::Close(after),
            Treatment::CloseEarly(after),
            Treatment::Deadlines(after),
            Treatment::Jump(after),
        ]);
    }
    let is_modern = vector.config.versions.end().era() == Era::Modern;
    let moods = Mood::ALL.into_iter();
    all.extend(
        moods
            .filter(|mood| *mood != Mood::Asks || is_modern)
            .map(Treatment::Hour),
    );
    all
}

/// Runs one treatment; gives the number of steps that it took.
///
/// # Errors
/// The first expectation or promise that does not hold.
pub fn run(vector: &Vector, treatment: Treatment) -> Result<usize, Failed> {
    let mut run = Run::new(vector, treatment, Recording::Off)?;
    match treatment {
        Treatment::Written => written::run(&mut run),
        Treatment::Bytes => split::run(&mut run, None),
        Treatment::Pieces(seed) => split::run(&mut run, Some(seed)),
        Treatment::Close(after) => close::run(&mut run, after, false),
        Treatment::CloseEarly(after) => close::run(&mut run, after, true),
        Treatment::Deadlines(after) => jump::each(&mut run, after),
        Treatment::Jump(after) => jump::past_all(&mut run, after),
        Treatment::Replay => replay::run(&mut run),
        Treatment::Hour(mood) => hour::run(&mut run, mood),
    }?;
    Ok(run.steps)
}

/// One client on its way through a vector.
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
        let subject = Subject::new(config, vector.seed).map_err(|error| Failed {
            place: Place::first_line(&vector.name),
            treatment: format!("{treatment:?}"),
            what: error.to_string(),
            outputs: Vec::new(),
        })?;
        Ok(Self {
            vector,
            treatment,
            subject,
            place: Place::first_line(&vector.name),
            steps: 0,
        })
    }

    /// Performs a step of the vector as it is written.
    fn step(&mut self, step: &Step) -> Result<Vec<ClientOutput>, Failed> {
        self.subject.room = step.room;
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

    fn op(&mut self, now: mcp_sansio::Instant, op: &Op) -> Result<Vec<ClientOutput>, Failed> {
        self.steps += 1;
        let given = self.subject.step(now, op);
        self.kept(given)
    }

    /// The next deadline, at its time; `None` if there is none.
    fn advance(&mut self) -> Result<Option<Vec<ClientOutput>>, Failed> {
        self.steps += 1;
        match self.subject.advance() {
            Some(given) => self.kept(given).map(Some),
            None => Ok(None),
        }
    }

    fn kept<T>(&self, given: Result<T, Broken>) -> Result<T, Failed> {
        given.map_err(|broken| {
            let mut what = broken.to_string();
            // The state says most about a promise that broke.
            let _ = write!(what, "\n    at {:?}", self.subject.now());
            self.failed(what, &[])
        })
    }

    fn failed(&self, what: impl Into<String>, outputs: &[ClientOutput]) -> Failed {
        Failed {
            place: self.place.clone(),
            treatment: format!("{:?}", self.treatment),
            what: what.into(),
            outputs: outputs.iter().map(to_json).collect(),
        }
    }
}
