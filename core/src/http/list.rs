//! Lists in the values of headers.

use core::mem;

/// What stands between the separators that no quotes enclose (RFC 9110, sections 5.6.1 and 5.6.4), trimmed.
pub(crate) fn split(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value
        .split(move |c| {
            let was_escaped = mem::replace(&mut is_escaped, false);
            match c {
                '\\' if is_quoted && !was_escaped => is_escaped = true,
                '"' if !was_escaped => is_quoted = !is_quoted,
                _ => {}
            }
            c == separator && !is_quoted
        })
        .map(str::trim)
}
