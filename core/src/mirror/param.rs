//! A call's mirrored arguments: the headers that say them, and whether a header says what the body says.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use bytes::Bytes;
use core::slice;

use super::{Mirrored, decode, encode, shown};
use crate::jsonrpc::{Decimal, members, string};

/// The headers for a call with these arguments (JSON text). A value that is missing or null has none, nor
/// has an array or an object, which the schema does not allow. Any other value has one even if it is not
/// what the schema says: that is for the server to judge.
pub(crate) fn param_headers(
    mirrored: &[Mirrored],
    arguments: Option<&str>,
) -> Vec<(Box<str>, Bytes)> {
    let values = values(mirrored, arguments)
        .into_iter()
        .map(|raw| written(raw?));
    mirrored
        .iter()
        .zip(values)
        .filter_map(|(mirrored, value)| Some((mirrored.header.clone(), encode(&value?))))
        .collect()
}

/// Whether a header says what the arguments say: strings exactly, numbers by their value. If not, what is
/// wrong, as part of a sentence.
pub(crate) fn compare_param(
    mirrored: &Mirrored,
    header: Option<&[u8]>,
    arguments: Option<&str>,
) -> Result<(), String> {
    let raw = values(slice::from_ref(mirrored), arguments)[0];
    let body = raw.and_then(written);
    let name = spelled(&mirrored.header);
    let said = match (header, &body) {
        (Some(value), _) => decode(value)
            .ok_or_else(|| format!("{name} has characters or an encoding that it cannot have"))?,
        (None, Some(_)) => return Err(format!("{name} is missing")),
        (None, None) => return Ok(()),
    };
    match &body {
        Some(body) if said == *body || raw.is_some_and(|raw| is_same_number(&said, raw)) => Ok(()),
        Some(body) => Err(format!(
            "{name} says {}, the body says {}",
            shown(&said),
            shown(body)
        )),
        None => Err(format!(
            "{name} says {}, the body says nothing",
            shown(&said)
        )),
    }
}

/// The JSON texts of the mirrored values, in the same order. Arguments that are no object have none.
fn values<'a>(mirrored: &[Mirrored], arguments: Option<&'a str>) -> Vec<Option<&'a str>> {
    let mut values = vec![None; mirrored.len()];
    if let Some(arguments) = arguments {
        find(mirrored, 0, arguments, &mut values);
    }
    values
}

/// Finds the values of paths that are all longer than `depth` and the same up to there, in the object that
/// this leads to. All at once: arguments and schema are written by different parties, and either may be long.
fn find<'a>(mirrored: &[Mirrored], depth: usize, object: &'a str, values: &mut [Option<&'a str>]) {
    let read = members(object, |key, value| {
        let start = mirrored.partition_point(|m| *m.path[depth] < *key);
        let len = mirrored[start..].partition_point(|m| *m.path[depth] == *key);
        let (mirrored, values) = (&mirrored[start..][..len], &mut values[start..][..len]);
        // Those that end here come first.
        let ends = mirrored.partition_point(|m| m.path.len() == depth + 1);
        values[..ends].fill(Some(value));
        if ends < len {
            // Of members that come twice, the last counts.
            values[ends..].fill(None);
            find(&mirrored[ends..], depth + 1, value, &mut values[ends..]);
        }
    });
    if read.is_err() {
        values.fill(None);
    }
}

/// A JSON value as the text that its header stands for, if it has one. Integers are written in decimal
/// digits, unless not everyone would read them as the same number.
fn written(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => string(raw),
        b'[' | b'n' | b'{' => None,
        b'f' | b't' => Some(raw.into()),
        _ if Decimal::is_plain(raw) => Some(raw.into()),
        _ => match Decimal::parse(raw).and_then(|number| number.safe_integer()) {
            Some(integer) => Some(integer.to_string().into()),
            None => Some(raw.into()),
        },
    }
}

/// Whether a header's text and a JSON value are the same number.
fn is_same_number(said: &str, raw: &str) -> bool {
    Decimal::parse(raw).is_some_and(|number| Some(number) == Decimal::parse(said))
}

/// A header's name as the specification spells such names.
fn spelled(header: &str) -> String {
    let mut upper = true;
    let spell = |c: char| {
        let spelled = if upper { c.to_ascii_uppercase() } else { c };
        upper = c == '-';
        spelled
    };
    header.chars().map(spell).collect()
}
