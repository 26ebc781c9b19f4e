//! The elements of an array, as texts.

use alloc::string::String;

use super::malformed::Malformed;
use super::scan::{Next, Stop, between, end, next, space, token, value};

/// Shows the text of each element of the array that `text` must be, in their order. What was shown counts
/// only if the text proves valid to its end.
pub(crate) fn elements<'a>(text: &'a str, mut see: impl FnMut(&'a str)) -> Result<(), Malformed> {
    visit(text, |value, _| see(value)).map_err(|stop| stop.malformed(text))
}

/// The array with only those elements that `keep` says yes to, asked in their order; everything else stays
/// byte for byte, and each kept element has in front of it what was there. A text that is not an array
/// comes back as it is.
pub(crate) fn retain_elements(array: &str, mut keep: impl FnMut(&str) -> bool) -> String {
    let mut retained = String::with_capacity(array.len());
    // Where the element before this one ended, if there was one; whether one has been kept.
    let mut before = None;
    let mut any = false;
    let visited = visit(array, |element, end| {
        let gap = &array[before.unwrap_or_default()..end - element.len()];
        let kept = keep(element);
        // The bracket, whatever becomes of the first; the comma only between two that are kept.
        if before.is_none() || (kept && any) {
            retained.push_str(gap);
        }
        if kept {
            retained.push_str(element);
        }
        any |= kept;
        before = Some(end);
    });
    if visited.is_err() {
        return array.into();
    }
    retained.push_str(&array[before.unwrap_or_default()..]);
    retained
}

/// As [`elements`]; tells too where the element ends.
fn visit<'a>(text: &'a str, mut see: impl FnMut(&'a str, usize)) -> Result<(), Stop> {
    let mut rest = space(token(text.as_bytes(), b'[')?);
    if let [b']', rest @ ..] = rest {
        return end(rest);
    }
    loop {
        let start = space(rest);
        rest = value(start, 1)?;
        see(between(text, start, rest), text.len() - rest.len());
        rest = match next(rest, b']')? {
            Next::Another(rest) => rest,
            Next::End(rest) => return end(rest),
        };
    }
}
