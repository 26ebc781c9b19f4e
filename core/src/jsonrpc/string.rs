//! JSON string literals to text.

use alloc::borrow::Cow;
use alloc::string::String;

use super::scan::{plain_len, whole};

/// The text of a JSON string literal; `None` if `raw` is not one. A surrogate without its other half,
/// which JSON can write and UTF-8 cannot, becomes U+FFFD.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    whole(raw).ok()?;
    inner(raw.trim_matches([' ', '\t', '\n', '\r'])).map(unescape)
}

/// What a validated value has between its quotes; `None` if it is no string.
pub(super) fn inner(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

/// The text of what a validated literal has between its quotes.
pub(super) fn unescape(inner: &str) -> Cow<'_, str> {
    let mut end = plain_len(inner);
    if end == inner.len() {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    loop {
        text.push_str(&rest[..end]);
        rest = &rest[end..];
        // `rest` is empty now, or starts with a backslash.
        let Some(&kind) = rest.as_bytes().get(1) else {
            return Cow::Owned(text);
        };
        rest = &rest[2..];
        text.push(match kind {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => unicode(&mut rest),
            other => other.into(),
        });
        end = plain_len(rest);
    }
}

/// The character of a `\u` escape; takes its digits, and the second half of a pair, from `rest`.
fn unicode(rest: &mut &str) -> char {
    let unit = |digits: Option<&str>| digits.and_then(|d| u32::from_str_radix(d, 16).ok());
    let first = unit(rest.get(..4)).unwrap_or_default();
    *rest = rest.get(4..).unwrap_or_default();
    if let 0xd800..0xdc00 = first
        && let Some(second @ 0xdc00..0xe000) =
            unit(rest.strip_prefix("\\u").and_then(|rest| rest.get(..4)))
    {
        *rest = &rest[6..];
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
}
