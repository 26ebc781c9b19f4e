//! Vectors: reading their files.

use crate::op::Millis;
use mcp_sansio::Instant;
pub use mcp_sansio_replay::line::Counts;
use mcp_sansio_replay::line::Line;
use mcp_sansio_replay::{ClientRole, Role, seed};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::rc::Rc;

/// A file of `tests/vectors`, or a record.
#[derive(Clone, Debug)]
pub struct Vector<R: Role = ClientRole> {
    /// The file's name.
    pub name: String,
    /// The behaviour, in a sentence.
    pub about: String,
    /// How the machine is set up.
    pub config: R::Config,
    /// Its seed.
    pub seed: [u8; 32],
    /// Each chunk that comes out is taken at once: the runner feeds `written` by itself.
    pub quick_reader: bool,
    /// What is done to it, and what it must say.
    pub steps: Vec<Step<R::Op>>,
}

/// A vector of either machine.
#[derive(Clone, Debug)]
pub enum AnyVector {
    /// Of the client.
    Client(Vector),
    /// Of the server.
    Server(crate::server::Vector),
}

impl AnyVector {
    /// Reads a file. `config.role` of its header says whose it is.
    ///
    /// # Errors
    /// The first line that is not of the format.
    pub fn load(path: &Path) -> Result<Self, BadVector> {
        let text = read(path)?;
        let header: Value =
            serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap_or_default();
        if header["config"]["role"] == "server" {
            Vector::load(path).map(Self::Server)
        } else {
            Vector::load(path).map(Self::Client)
        }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Client(vector) => &vector.name,
            Self::Server(vector) => &vector.name,
        }
    }

    /// The number of its inputs.
    pub const fn len(&self) -> usize {
        match self {
            Self::Client(vector) => vector.steps.len(),
            Self::Server(vector) => vector.steps.len(),
        }
    }

    /// It has no input.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One input, and what must come of it.
#[derive(Clone, Debug)]
pub struct Step<O = crate::Op> {
    /// Where the input stands.
    pub place: Place,
    /// When.
    pub now: Instant,
    /// What.
    pub op: O,
    /// Whether the host has room for messages in the drain that follows.
    pub room: bool,
    /// The outputs of that drain.
    pub expected: Vec<Expected>,
    /// What `poll_timeout` must say after it.
    pub deadline: Option<(Place, Option<Instant>)>,
    /// What `inspect` must count after it.
    pub inspect: Option<(Place, Counts)>,
}

/// One output that must come.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Where it stands.
    pub place: Place,
    /// What it must say.
    pub output: Value,
    /// Polled with room for messages.
    pub room: bool,
}

/// A line of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    file: Rc<str>,
    line: usize,
}

impl Place {
    pub(crate) fn first_line(file: &str) -> Self {
        Self {
            file: file.into(),
            line: 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What is wrong with a vector's file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {what}")]
pub struct BadVector {
    place: Place,
    what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    about: String,
    #[expect(dead_code, reason = "for readers of the file")]
    source: Option<String>,
    #[expect(dead_code, reason = "for readers of a record")]
    writer: Option<String>,
    prelude: Option<String>,
    #[expect(
        dead_code,
        reason = "such a record has nothing to replay, so it fails at its first line"
    )]
    redacted: Option<bool>,
    seed: Option<String>,
    reader: Option<Reader>,
    #[serde(default = "no_settings")]
    config: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reader {
    Quick,
}

fn no_settings() -> Value {
    json!({})
}

impl<R: Role> Vector<R> {
    /// Reads a file, and the prelude that it names from the folder `preludes` beside it.
    ///
    /// # Errors
    /// The first line that is not of the format.
    pub fn load(path: &Path) -> Result<Self, BadVector> {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let text = read(path)?;
        Self::parse(&name, &text, |prelude| {
            let mut file = path.to_owned();
            file.pop();
            file.push("preludes");
            file.push(format!("{prelude}.jsonl"));
            read(&file)
        })
    }

    /// Reads the text of a file, or of a record.
    ///
    /// # Errors
    /// The first line that is not of the format.
    pub fn parse(
        name: &str,
        text: &str,
        prelude: impl FnOnce(&str) -> Result<String, BadVector>,
    ) -> Result<Self, BadVector> {
        let mut lines = places(name, text);
        let (place, first) = lines
            .next()
            .ok_or_else(|| bad(&Place::first_line(name), "the file is empty"))?;
        let header: Header = serde_json::from_str(first).map_err(|error| bad(&place, error))?;
        let config = R::config(header.config).map_err(|error| bad(&place, error))?;
        let seed = match &header.seed {
            Some(hex) => {
                seed(hex).ok_or_else(|| bad(&place, "seed: 64 hexadecimal digits are needed"))?
            }
            None => [0; 32],
        };
        let mut steps = Steps::<R>::default();
        if let Some(named) = header.prelude {
            let text = prelude(&named)?;
            for (place, line) in places(&format!("preludes/{named}.jsonl"), &text) {
                steps.add(place, line)?;
            }
        }
        for (place, line) in lines {
            steps.add(place, line)?;
        }
        Ok(Self {
            name: name.to_owned(),
            about: header.about,
            config,
            seed,
            quick_reader: header.reader == Some(Reader::Quick),
            steps: steps.list,
        })
    }
}

struct Steps<R: Role> {
    list: Vec<Step<R::Op>>,
    without_room: bool,
}

impl<R: Role> Default for Steps<R> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            without_room: false,
        }
    }
}

impl<R: Role> Steps<R> {
    fn add(&mut self, place: Place, line: &str) -> Result<(), BadVector> {
        let line = Line::parse(line).map_err(|error| bad(&place, error))?;
        let last = self
            .list
            .last()
            .map_or(Instant::from_micros(0), |step| step.now);
        match line {
            Line::Input { now, input } => {
                if now.instant() < last {
                    return Err(bad(&place, "time goes backwards"));
                }
                let op = R::input(input).map_err(|what| bad(&place, what))?;
                self.step(place, now.instant(), op);
            }
            Line::Room(room) => {
                let drain = R::drain()
                    .ok_or_else(|| bad(&place, "a server always has room for its outputs"))?;
                self.without_room = !room;
                self.step(place, last, drain);
            }
            Line::Output { output, room, .. } => {
                let room = room.unwrap_or(!self.without_room);
                let step = self.last(&place)?;
                step.expected.push(Expected {
                    place,
                    output,
                    room,
                });
            }
            Line::Deadline(deadline) => {
                let step = self.last(&place)?;
                step.deadline = Some((place, deadline.map(Millis::instant)));
            }
            Line::Inspect(inspect) => {
                let step = self.last(&place)?;
                step.inspect = Some((place, inspect));
            }
        }
        Ok(())
    }

    fn step(&mut self, place: Place, now: Instant, op: R::Op) {
        self.list.push(Step {
            place,
            now,
            op,
            room: !self.without_room,
            expected: Vec::new(),
            deadline: None,
            inspect: None,
        });
    }

    fn last(&mut self, place: &Place) -> Result<&mut Step<R::Op>, BadVector> {
        self.list
            .last_mut()
            .ok_or_else(|| bad(place, "there is no input before this line"))
    }
}

fn places<'a>(file: &str, text: &'a str) -> impl Iterator<Item = (Place, &'a str)> {
    let file: Rc<str> = file.into();
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(move |(at, line)| {
            (
                Place {
                    file: file.clone(),
                    line: at + 1,
                },
                line,
            )
        })
}

fn read(path: &Path) -> Result<String, BadVector> {
    std::fs::read_to_string(path).map_err(|error| {
        bad(
            &Place {
                file: path.to_string_lossy().as_ref().into(),
                line: 1,
            },
            error,
        )
    })
}

fn bad(place: &Place, what: impl fmt::Display) -> BadVector {
    BadVector {
        place: place.clone(),
        what: what.to_string(),
    }
}
