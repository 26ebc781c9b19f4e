//! The scan of JSON-RPC messages, against what `serde_json` makes of the same text.

use mcp_sansio::RpcError;
use mcp_sansio::internals::{Envelope, Text, scan};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// How deep arrays and objects may be nested.
const DEPTH: usize = 128;
const INTERNAL_ERROR: i64 = -32603;
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The bytes are a text. If it is JSON, it is read once more in as many arrays as just make it too deep, and in
/// one less.
///
/// # Panics
/// If the scan takes it for another message, or for another batch, than one that reads it with `serde_json` and
/// goes by JSON-RPC.
pub fn jsonrpc_scan(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    agrees(text);
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        let room = DEPTH.saturating_sub(nesting(text));
        for levels in [room, room + 1] {
            agrees(&["[".repeat(levels), text.to_owned(), "]".repeat(levels)].concat());
        }
    }
}

fn agrees(text: &str) {
    match (scan(text), by_serde(text)) {
        // How that is said is for people.
        (Text::Malformed(_), None) => {}
        (ours, theirs) => assert_eq!(Some(ours), theirs),
    }
}

/// What the text is; `None` if it is malformed.
fn by_serde(text: &str) -> Option<Text<'_>> {
    if nesting(text) > DEPTH {
        return None;
    }
    // This reads the whole text by the grammar and judges no value: not whether a number can be held, and not
    // whether both halves of a surrogate pair are there.
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let value = text.trim_matches(WHITE_SPACE);
    match value.as_bytes().first()? {
        b'{' => envelope(value).map(Text::One),
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(value).ok()?;
            let messages = elements.iter().map(|element| envelope(element.get()));
            (!elements.is_empty()).then(|| Text::Batch(messages.collect()))
        }
        _ => None,
    }
}

/// How deep brackets are nested, outside of strings. What is no JSON is malformed whatever this says.
fn nesting(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

/// The message that an object is: JSON-RPC 2.0, sections 4 and 5, and the ids that MCP allows. A response may do
/// without `jsonrpc`.
fn envelope(object: &str) -> Option<Envelope<'_>> {
    let members = Members::of(object)?;
    let is_told = members.get("jsonrpc").map(string) == Some(Some("2.0".to_owned()));
    let may_be_untold = members.get("jsonrpc").is_none() && members.get("method").is_none();
    if !is_told && !may_be_untold {
        return None;
    }
    let id = members.get("id");
    if id.is_some_and(|id| id.starts_with(['[', '{', 't', 'f'])) {
        return None;
    }
    let is_null = id == Some("null");
    let id = id.filter(|_| !is_null);
    let read = |method| Envelope {
        id,
        method,
        ..Envelope::default()
    };
    let parts = (
        members.get("method"),
        members.get("result"),
        members.get("error"),
    );
    match parts {
        (Some(method), None, None) if !is_null => Some(Envelope {
            params: members.get("params"),
            ..read(Some(Cow::Owned(string(method)?)))
        }),
        (None, Some(result), None) if id.is_some() => Some(Envelope {
            result: Some(result),
            ..read(None)
        }),
        (None, None, Some(raw)) => Some(Envelope {
            error: Some(error(raw)),
            ..read(None)
        }),
        _ => None,
    }
}

/// What can be read of an error, whatever it is.
fn error(raw: &str) -> RpcError {
    let members = Members::of(raw).unwrap_or_default();
    let code = members.get("code").and_then(|code| code.parse().ok());
    let message = members.get("message").and_then(string);
    let message = message.or_else(|| string(raw));
    let mut error = RpcError::new(
        code.unwrap_or(INTERNAL_ERROR),
        message.unwrap_or_else(|| raw.to_owned()),
    );
    error.data = members.get("data").map(|data| data.to_owned().into());
    error
}

/// The text of a JSON string; `None` for any other value.
fn string(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok().map(|Octets(text)| {
        let mut read = String::new();
        // Half a surrogate pair is three bytes, of which only the first can be an 0xed that no UTF-8 has.
        for chunk in text.utf8_chunks() {
            read.push_str(chunk.valid());
            if chunk.invalid() == [0xed] {
                read.push(char::REPLACEMENT_CHARACTER);
            }
        }
        read
    })
}

/// The members of an object, in their order: their keys, and the texts of their values.
#[derive(Default)]
struct Members<'a>(Vec<(Vec<u8>, &'a str)>);

impl<'a> Members<'a> {
    fn of(object: &'a str) -> Option<Self> {
        serde_json::from_str(object).ok()
    }

    /// Of members that come twice, the last counts.
    fn get(&self, key: &str) -> Option<&'a str> {
        let found = self.0.iter().rfind(|(name, _)| name == key.as_bytes());
        found.map(|&(_, value)| value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Octets(key), value)) = map.next_entry::<_, &RawValue>()? {
                    members.push((key, value.get()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A JSON string as bytes: so `serde_json` reads those too that are no UTF-8, because half a surrogate pair is
/// missing.
struct Octets(Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Octets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Octets(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Reader)
    }
}
