//! The members of an object, as texts.

use alloc::string::String;

use super::encode::push_quoted;
use super::malformed::Malformed;
use super::scan::{Next, Stop, between, colon, end, key, next, space, token, value};
use super::string::{inner, unescape};

/// Shows each member of the object that `text` must be, in their order: its key, and the text of its
/// value. What was shown counts only if the text proves valid to its end.
pub(crate) fn members<'a>(
    text: &'a str,
    mut see: impl FnMut(&str, &'a str),
) -> Result<(), Malformed> {
    visit(text, |key, value, _| see(key, value)).map_err(|stop| stop.malformed(text))
}

/// The text of a member's value; the last one if several have this key. `None` too if `text` is not an
/// object.
pub(crate) fn member<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut found = None;
    visit(text, |k, value, _| {
        if k == key {
            found = Some(value);
        }
    })
    .ok()?;
    found
}

/// The object with one member more at its end, or with its value replaced wherever the key is there
/// already; everything else stays byte for byte. A text that is not an object comes back as it is.
/// `value` makes the text of the value out of the old one, if there is one.
pub(crate) fn splice_member(
    object: &str,
    key: &str,
    value: impl Fn(Option<&str>) -> String,
) -> String {
    let mut spliced = String::with_capacity(object.len() + key.len() + 64);
    let mut copied = 0;
    // Where a new member goes: behind the last one, or behind the opening bracket.
    let mut last = object.find('{').map_or(0, |bracket| bracket + 1);
    let mut comma = "";
    let visited = visit(object, |k, old, end| {
        last = end;
        comma = ",";
        if k == key {
            spliced.push_str(&object[copied..end - old.len()]);
            spliced.push_str(&value(Some(old)));
            copied = end;
        }
    });
    if visited.is_err() {
        return object.into();
    }
    if copied == 0 {
        spliced.push_str(&object[..last]);
        spliced.push_str(comma);
        push_quoted(&mut spliced, key);
        spliced.push(':');
        spliced.push_str(&value(None));
        copied = last;
    }
    spliced.push_str(&object[copied..]);
    spliced
}

/// The object with these members at its end. They are JSON text, and not there already.
pub(crate) fn with_members(object: &str, members: &str) -> String {
    let object = object.trim_end();
    let open = object.strip_suffix('}').unwrap_or(object).trim_end();
    let comma = if open.ends_with('{') || members.is_empty() {
        ""
    } else {
        ","
    };
    [open, comma, members, "}"].concat()
}

/// As [`members`]; tells too where the value ends.
#[inline]
fn visit<'a>(text: &'a str, mut see: impl FnMut(&str, &'a str, usize)) -> Result<(), Stop> {
    let mut rest = space(token(text.as_bytes(), b'{')?);
    if let [b'}', rest @ ..] = rest {
        return end(rest);
    }
    loop {
        let behind = key(rest)?;
        let literal = between(text, space(rest), behind);
        let start = space(colon(behind)?);
        rest = value(start, 1)?;
        let key = inner(literal).map(unescape).unwrap_or_default();
        see(&key, between(text, start, rest), text.len() - rest.len());
        rest = match next(rest, b'}')? {
            Next::Another(rest) => rest,
            Next::End(rest) => return end(rest),
        };
    }
}
