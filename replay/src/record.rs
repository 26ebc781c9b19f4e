//! Reading a record: all of it, or what can be read of it.

use crate::line::Line;
use mcp_sansio::Instant;
use serde::Deserialize;
use serde_json::Value;

/// The version of the core that is in this program, as records name it.
pub const WRITER: &str = concat!("mcp-sansio ", env!("CARGO_PKG_VERSION"));

/// What a machine recorded.
#[derive(Clone, Debug)]
pub struct Record {
    /// Whose it is.
    pub side: Side,
    /// What wrote it, such as `mcp-sansio 0.1.0`.
    pub writer: Option<String>,
    /// The machine's seed; `None` in a redacted record.
    pub seed: Option<[u8; 32]>,
    /// How the machine was set up, by the names of the core's fields.
    pub config: Value,
    /// What was done to it, and what it said, in order.
    pub entries: Vec<Entry>,
    /// Why this is not all.
    pub damage: Option<Damage>,
}

/// Which machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// A client.
    Client,
    /// A server.
    Server,
}

/// A line below the first one.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number in the file.
    pub line: usize,
    /// What it says.
    pub said: Said,
}

/// What a line says.
#[derive(Clone, Debug)]
pub enum Said {
    /// Something was done to the machine.
    Input {
        /// When.
        now: Instant,
        /// What.
        input: Value,
    },
    /// The machine said something.
    Output {
        /// What.
        output: Value,
        /// Polled with room for messages.
        room: bool,
        /// Whom the exchange serves that this opens.
        serves: Option<Value>,
    },
    /// The host of a client got room for messages, or lacks it from now on, and nothing came.
    Room(bool),
}

/// Where a record stops being one. What stands before is read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Damage {
    /// The last line is there in part: what wrote the file ended in the midst of it.
    #[error("the last line, {line}, is cut off; what stands before it is used")]
    CutOff {
        /// Its number.
        line: usize,
    },
    /// A line is not of the format.
    #[error("line {line} is no line of a record ({why}); what stands before it is used")]
    Broken {
        /// Its number.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Why a file is no record at all.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRecord {
    /// There is nothing in it.
    #[error("it is empty: nothing was recorded, or it was not written out")]
    Empty,
    /// It is something else.
    #[error(
        "it is no record: {why}. A record begins with a line such as {{\"about\":\"The record of a client.\",..}}"
    )]
    Foreign {
        /// What its first line lacks.
        why: String,
    },
    /// It is one of the project's test vectors.
    #[error(
        "it is a test vector, not a record; `cargo test -p mcp-sansio-tests --test vectors` runs those"
    )]
    Vector,
}

#[derive(Deserialize)]
struct Header {
    writer: Option<String>,
    #[serde(default)]
    redacted: bool,
    seed: Option<String>,
    config: Value,
}

impl Record {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// If its first line is not that of a record.
    pub fn read(bytes: &[u8]) -> Result<Self, NoRecord> {
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .enumerate()
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .peekable();
        let (_, first) = lines.next().ok_or(NoRecord::Empty)?;
        let (side, header) = first_line(first)?;
        let mut record = Self {
            side,
            writer: header.writer,
            seed: None,
            config: header.config,
            entries: Vec::new(),
            damage: None,
        };
        if !header.redacted {
            record.seed = Some(read_seed(header.seed.as_deref())?);
        }
        let mut room = true;
        let ends_within_a_line = !bytes.ends_with(b"\n");
        while let Some((line, text)) = lines.next() {
            match entry(text, side, &mut room) {
                Ok(said) => record.entries.push(Entry { line, said }),
                Err(_) if ends_within_a_line && lines.peek().is_none() => {
                    record.damage = Some(Damage::CutOff { line });
                }
                Err(why) => {
                    record.damage = Some(Damage::Broken { line, why });
                    break;
                }
            }
        }
        Ok(record)
    }

    /// Whether the core that wrote it is another than the one here.
    pub fn is_of_another_version(&self) -> bool {
        self.writer.as_deref() != Some(WRITER)
    }
}

/// The seed that 64 hexadecimal digits stand for.
pub fn seed(hex: &str) -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
    }
    Some(seed)
}

fn first_line(line: &[u8]) -> Result<(Side, Header), NoRecord> {
    let foreign = |why: String| NoRecord::Foreign { why };
    let value: Value = serde_json::from_slice(line)
        .map_err(|error| foreign(format!("its first line is not JSON ({error})")))?;
    let names = |name: &str| value.get(name).is_some();
    if names("about")
        && (names("prelude") || names("source") || names("reader") || !names("config"))
    {
        return Err(NoRecord::Vector);
    }
    if !names("config") {
        return Err(foreign("its first line has no `config`".to_owned()));
    }
    let side = match value["config"]["role"].as_str() {
        Some("client") => Side::Client,
        Some("server") => Side::Server,
        // A vector of the client may leave it out; a record never does.
        None if names("about") => return Err(NoRecord::Vector),
        other => {
            return Err(foreign(format!(
                "its role is {other:?}, neither client nor server"
            )));
        }
    };
    if !names("seed") && !names("redacted") {
        return Err(NoRecord::Vector);
    }
    let header = serde_json::from_value(value).map_err(|error| foreign(error.to_string()))?;
    Ok((side, header))
}

fn read_seed(hex: Option<&str>) -> Result<[u8; 32], NoRecord> {
    hex.and_then(seed).ok_or_else(|| NoRecord::Foreign {
        why: "its seed is not 64 hexadecimal digits".to_owned(),
    })
}

/// `has_room` is what the lines before say of the host's room for messages.
fn entry(text: &[u8], side: Side, has_room: &mut bool) -> Result<Said, String> {
    let text = str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    match Line::parse(text)? {
        Line::Input { now, input } => Ok(Said::Input {
            now: now.instant(),
            input,
        }),
        Line::Output {
            output,
            room,
            serves,
        } => Ok(Said::Output {
            output,
            room: room.unwrap_or(*has_room),
            serves,
        }),
        Line::Room(room) if side == Side::Client => {
            *has_room = room;
            Ok(Said::Room(room))
        }
        Line::Room(_) | Line::Deadline(_) | Line::Inspect(_) => {
            Err("such a line is in test vectors only".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"about":"The record of a client.","writer":"mcp-sansio 9.9.9","redacted":true,"config":{"role":"client"}}"#;
    const INPUT: &str = r#"{"now":0,"input":{"type":"connect","id":1}}"#;

    fn read(text: &str) -> Result<Record, NoRecord> {
        Record::read(text.as_bytes())
    }

    #[test]
    fn what_is_no_record_is_told_apart() {
        assert_eq!(read("").err(), Some(NoRecord::Empty));
        assert_eq!(read(" \n\n").err(), Some(NoRecord::Empty));
        for vector in [
            r#"{"about":"x"}"#,
            r#"{"about":"x","prelude":"connected","config":{"role":"client"}}"#,
            r#"{"about":"x","config":{"role":"server"}}"#,
            r#"{"about":"x","config":{}}"#,
        ] {
            assert_eq!(read(vector).err(), Some(NoRecord::Vector), "{vector}");
        }
        for (foreign, hint) in [
            ("\u{7f}ELF\u{2}", "not JSON"),
            ("[1]", "no `config`"),
            (r#"{"log":{"version":"1.2"}}"#, "no `config`"),
            (
                r#"{"config":{"role":"relay"},"seed":""}"#,
                "neither client nor server",
            ),
            (
                r#"{"config":{"role":"client"},"seed":"0f"}"#,
                "64 hexadecimal",
            ),
        ] {
            let told = read(foreign).expect_err(foreign).to_string();
            assert!(told.contains(hint), "{told}");
        }
    }

    #[test]
    fn a_record_that_is_cut_off_is_used_as_far_as_it_goes() {
        for end in ["{\"now\":1,\"inp", "{\"output\":{\"type\":\"cl", "{"] {
            let record = read(&format!("{FIRST}\n{INPUT}\n{end}")).expect("a record");
            assert_eq!(record.entries.len(), 1);
            assert_eq!(record.damage, Some(Damage::CutOff { line: 3 }));
        }
        // A whole line without its line break is a whole line.
        let record = read(&format!("{FIRST}\n{INPUT}")).expect("a record");
        assert_eq!((record.entries.len(), record.damage), (1, None));
        assert_eq!(record.writer.as_deref(), Some("mcp-sansio 9.9.9"));
    }

    #[test]
    fn a_broken_line_ends_what_can_be_used() {
        for (broken, hint) in [
            ("rubbish", "expected value"),
            ("{\"now\":1}", "one of `input`"),
            ("{\"deadline\":1}", "vectors only"),
            ("{\"now\":1,\"input\":{},\"more\":2}", "`more`"),
        ] {
            let text = format!("{FIRST}\n\n{broken}\n{INPUT}\n");
            let record = read(&text).expect("a record");
            assert!(record.entries.is_empty());
            let told = record.damage.expect("damage").to_string();
            assert!(told.contains("line 3") && told.contains(hint), "{told}");
        }
    }
}
