//! The lines of a record below its first one, and those that only vectors have.

use crate::op::Millis;
use serde::Deserialize;
use serde_json::Value;

/// One line.
#[derive(Clone, Debug)]
pub enum Line {
    /// Something was done to the machine.
    Input {
        /// When.
        now: Millis,
        /// What.
        input: Value,
    },
    /// The machine said something.
    Output {
        /// What.
        output: Value,
        /// Polled with room for messages; `None`: as before.
        room: Option<bool>,
        /// Whom the exchange serves that this opens. No run compares it.
        serves: Option<Value>,
    },
    /// From here on the host has room for messages, or has not. In vectors only.
    Room(bool),
    /// What `poll_timeout` must say. In vectors only.
    Deadline(Option<Millis>),
    /// What `inspect` must count. In vectors only.
    Inspect(Counts),
}

/// Counts of `inspect`; those given are compared.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Calls not settled.
    pub calls: Option<usize>,
    /// Exchanges open.
    pub exchanges: Option<usize>,
    /// The peer's requests at the host.
    pub obligations: Option<usize>,
    /// Bytes held.
    pub bytes: Option<usize>,
}

impl Line {
    /// Reads by the members that are there, so that a mistake is told for what the line was meant to be.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut value = json(line).map_err(|error| error.to_string())?;
        let members = value.as_object_mut().ok_or("a line is a JSON object")?;
        let line = if let Some(input) = members.remove("input") {
            let now = members.remove("now").ok_or("an input has a `now`")?;
            Self::Input {
                now: read_as(now)?,
                input,
            }
        } else if let Some(output) = members.remove("output") {
            Self::Output {
                output,
                room: members.remove("room").map(read_as).transpose()?,
                serves: members.remove("for"),
            }
        } else if let Some(room) = members.remove("room") {
            Self::Room(read_as(room)?)
        } else if let Some(deadline) = members.remove("deadline") {
            Self::Deadline(read_as(deadline)?)
        } else if let Some(counts) = members.remove("inspect") {
            Self::Inspect(read_as(counts)?)
        } else {
            return Err(
                "a line has one of `input`, `output`, `room`, `deadline` and `inspect`".to_owned(),
            );
        };
        match members.keys().next() {
            Some(name) => Err(format!("`{name}` is no member of this kind of line")),
            None => Ok(line),
        }
    }
}

/// Payloads may be as deep as the core allows, and a line is a little deeper.
fn json(line: &str) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(line);
    reader.disable_recursion_limit();
    let value = Value::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

pub(crate) fn read_as<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
