//! One pass over nested values, for readers that decide at each whether to go into it.
//!
//! [`members`](super::members()) reads a value to its end before it shows it, so that who goes into the value
//! reads it again: in a nested text, once a level. Here each function takes a text that starts with a value
//! and gives what follows it, so that `read` can call them for what is inside. `None` is for what is not
//! JSON; a text should be validated before, which bounds its depth too.

use super::scan::{Next, between, colon, key, next, space, token, value};
use super::string::{inner, unescape};

/// Reads an object: for each member, `read` is called with its key and the text from its value on, and
/// gives what follows the value.
pub(crate) fn read_members<'a>(
    text: &'a str,
    mut read: impl FnMut(&str, &'a str) -> Option<&'a str>,
) -> Option<&'a str> {
    let mut rest = space(token(text.as_bytes(), b'{').ok()?);
    if let [b'}', rest @ ..] = rest {
        return Some(tail(text, rest));
    }
    loop {
        let behind = key(rest).ok()?;
        let key = inner(between(text, space(rest), behind)).map(unescape)?;
        let start = space(colon(behind).ok()?);
        rest = read(&key, tail(text, start))?.as_bytes();
        rest = match next(rest, b'}').ok()? {
            Next::Another(rest) => rest,
            Next::End(rest) => return Some(tail(text, rest)),
        };
    }
}

/// Reads an array: for each element, `read` is called with the text from it on, and gives what follows it.
pub(crate) fn read_elements<'a>(
    text: &'a str,
    mut read: impl FnMut(&'a str) -> Option<&'a str>,
) -> Option<&'a str> {
    let mut rest = space(token(text.as_bytes(), b'[').ok()?);
    if let [b']', rest @ ..] = rest {
        return Some(tail(text, rest));
    }
    loop {
        rest = read(tail(text, space(rest)))?.as_bytes();
        rest = match next(rest, b']').ok()? {
            Next::Another(rest) => rest,
            Next::End(rest) => return Some(tail(text, rest)),
        };
    }
}

/// Reads any value as a whole: its text, and what follows it.
pub(crate) fn read_value(text: &str) -> Option<(&str, &str)> {
    let start = space(text.as_bytes());
    let rest = value(start, 0).ok()?;
    Some((between(text, start, rest), tail(text, rest)))
}

/// `rest` is what is left of `text`.
fn tail<'a>(text: &'a str, rest: &[u8]) -> &'a str {
    &text[text.len() - rest.len()..]
}
