//! Headers as one block of text: `name: value` lines, each character of a value one byte of it.

use std::borrow::Cow;

use bytes::Bytes;
use mcp_sansio::Header;

/// A block, read.
pub(crate) struct Headers<'a>(Vec<(&'a str, Cow<'a, [u8]>)>);

impl<'a> Headers<'a> {
    pub(crate) fn read(block: &'a str) -> Self {
        let lines = block.split('\n').filter_map(|line| line.split_once(':'));
        Self(lines.map(|(name, value)| (name, octets(value))).collect())
    }

    /// As the machines take what came in.
    pub(crate) fn borrow(&self) -> Vec<(&'a str, &[u8])> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (*name, &value[..])).collect()
    }

    /// As the machines take what goes out.
    pub(crate) fn into_owned(self) -> Vec<Header> {
        let pairs = self.0.into_iter();
        pairs
            .map(|(name, value)| Header::new(name.to_ascii_lowercase(), value.into_owned()))
            .collect()
    }
}

/// A block of headers that go out.
pub(crate) fn write<'a>(headers: impl IntoIterator<Item = &'a Header>) -> String {
    let mut block = String::new();
    for Header { name, value } in headers {
        if !block.is_empty() {
            block.push('\n');
        }
        block.push_str(name);
        block.push(':');
        push(&mut block, value);
    }
    block
}

/// Bytes as text, each a character.
pub(crate) fn latin1(bytes: &Bytes) -> String {
    let mut text = String::with_capacity(bytes.len());
    push(&mut text, bytes);
    text
}

fn push(text: &mut String, bytes: &[u8]) {
    text.extend(bytes.iter().map(|&byte| char::from(byte)));
}

/// The bytes of a value. A character that no byte can be, which no HTTP library gives, stands as its UTF-8.
fn octets(value: &str) -> Cow<'_, [u8]> {
    let value = value.trim_matches([' ', '\t', '\r']);
    if value.is_ascii() {
        return value.as_bytes().into();
    }
    let bytes: Result<Vec<u8>, _> = value.chars().map(u8::try_from).collect();
    bytes.map_or_else(|_| value.as_bytes().into(), Cow::Owned)
}
