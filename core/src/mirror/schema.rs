//! The annotations in a tool's `inputSchema`.
//!
//! A schema says with `x-mcp-header` that a property is mirrored. Properties only, of a primitive type, and
//! only those that a chain of `properties` leads to: where the value is must be plain without evaluating
//! the schema. An annotation in any other place makes the tool invalid, so all places are looked at.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Mirrored, shown};
use crate::jsonrpc::{read_elements, read_members, read_value, string};

/// What a schema mirrors, in the order of the paths; or why the tool is invalid. `schema` is JSON that has
/// been validated. A property that is there twice counts twice.
pub(super) fn annotations(schema: &str) -> Result<Vec<Mirrored>, String> {
    let mut reader = Reader::default();
    match (reader.anything(schema, Place::Root), reader.bad) {
        (Some(_), None) => {
            let mut found = reader.found;
            found.sort_by(|a, b| a.path.cmp(&b.path));
            Ok(found)
        }
        (_, bad) => Err(bad.unwrap_or_else(|| "its inputSchema is not JSON".into())),
    }
}

/// How a schema is reached from the root.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// By `properties` alone.
    Property,
    Elsewhere,
}

#[derive(Default)]
struct Reader {
    /// The properties around what is being read.
    path: Vec<Box<str>>,
    found: Vec<Mirrored>,
    headers: BTreeSet<Box<str>>,
    /// The first thing that is wrong; reading ends there.
    bad: Option<String>,
}

impl Reader {
    /// A value that is a schema if it is an object.
    fn anything<'a>(&mut self, text: &'a str, place: Place) -> Option<&'a str> {
        match text.trim_start().as_bytes().first() {
            Some(b'{') => self.schema(text, place),
            Some(b'[') => read_elements(text, |element| self.anything(element, Place::Elsewhere)),
            _ => read_value(text).map(|(_, rest)| rest),
        }
    }

    fn schema<'a>(&mut self, text: &'a str, place: Place) -> Option<&'a str> {
        let mut annotation = None;
        let mut kind = None;
        let rest = read_members(text, |keyword, text| match keyword {
            "x-mcp-header" | "type" => {
                let (value, rest) = read_value(text)?;
                let place = if keyword == "type" {
                    &mut kind
                } else {
                    &mut annotation
                };
                *place = Some(value);
                Some(rest)
            }
            "properties" if place != Place::Elsewhere => self.named(text, Place::Property),
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
            | "dependencies" => self.named(text, Place::Elsewhere),
            // Data, not schemas.
            "const" | "default" | "dependentRequired" | "enum" | "examples" => {
                read_value(text).map(|(_, rest)| rest)
            }
            _ => self.anything(text, Place::Elsewhere),
        })?;
        match annotation.map(|header| self.annotation(header, kind, place)) {
            Some(Err(bad)) => {
                self.bad = Some(bad);
                None
            }
            _ => Some(rest),
        }
    }

    /// An object whose keys are names of any kind, and whose values are schemas.
    fn named<'a>(&mut self, text: &'a str, place: Place) -> Option<&'a str> {
        if !text.trim_start().starts_with('{') {
            return self.anything(text, Place::Elsewhere);
        }
        read_members(text, |name, schema| {
            self.path.push(name.into());
            let rest = self.anything(schema, place);
            self.path.pop();
            rest
        })
    }

    /// The annotation of the schema that has just been read; `kind` is its `type`. Both are JSON.
    fn annotation(&mut self, raw: &str, kind: Option<&str>, place: Place) -> Result<(), String> {
        if place != Place::Property {
            return Err(
                "an `x-mcp-header` is not on a property that `properties` alone lead to".into(),
            );
        }
        let property = shown(&self.path.join("."));
        let Some(name) = string(raw) else {
            return Err(format!("the `x-mcp-header` of {property} is not a string"));
        };
        if name.is_empty() {
            return Err(format!("the `x-mcp-header` of {property} is empty"));
        }
        if !name.bytes().all(is_token) {
            let name = shown(&name);
            return Err(format!(
                "{name}, the `x-mcp-header` of {property}, cannot be in a header's name"
            ));
        }
        if !kind
            .and_then(string)
            .is_some_and(|kind| matches!(&*kind, "boolean" | "integer" | "string"))
        {
            return Err(format!(
                "{property} has an `x-mcp-header`, but not the type boolean, integer or string"
            ));
        }
        let header: Box<str> = format!("mcp-param-{}", name.to_ascii_lowercase()).into();
        if !self.headers.insert(header.clone()) {
            let name = shown(&name);
            return Err(format!(
                "more than one property has the `x-mcp-header` {name}"
            ));
        }
        let path = self.path.clone();
        self.found.push(Mirrored { path, header });
        Ok(())
    }
}

/// A byte of an HTTP token (RFC 9110).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
