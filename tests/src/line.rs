//! The lines of a vector below its header.

use crate::op::Millis;
use crate::vector::Counts;
use serde::Deserialize;
use serde_json::Value;

pub(crate) enum Line {
    Input { now: Millis, input: Value },
    Output { output: Value, room: Option<bool> },
    Room(bool),
    Deadline(Option<Millis>),
    Inspect(Counts),
}

impl Line {
    /// Reads by the members that are there, so that a mistake is told for what the line was meant to be.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
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
