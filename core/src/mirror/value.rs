//! Values in headers: as they are where every part of the way leaves them so, else as Base64 in markers.

use alloc::borrow::Cow;
use alloc::string::String;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

const PREFIX: &str = "=?base64?";
const SUFFIX: &str = "?=";

/// A text as the value of a header.
pub(crate) fn encode(text: &str) -> Bytes {
    if is_safe(text) {
        return Bytes::copy_from_slice(text.as_bytes());
    }
    let mut value = String::with_capacity(PREFIX.len() + text.len().div_ceil(3) * 4 + SUFFIX.len());
    value.push_str(PREFIX);
    STANDARD.encode_string(text, &mut value);
    value.push_str(SUFFIX);
    value.into()
}

/// The text that the value of a header stands for. `None` if it has a byte that no header should have, or
/// markers around what is not the Base64 of a text. Where the markers are not complete, exact and apart
/// from each other, it is no Base64 but the text itself.
pub(crate) fn decode(value: &[u8]) -> Option<Cow<'_, str>> {
    let text = str::from_utf8(value).ok()?;
    if !text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return None;
    }
    let text = text.trim_matches([' ', '\t']);
    let encoded = text
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    match encoded {
        Some(encoded) => {
            let decoded = STANDARD.decode(encoded).ok()?;
            String::from_utf8(decoded).ok().map(Cow::Owned)
        }
        None => Some(Cow::Borrowed(text)),
    }
}

/// Whether a text comes through as it is: visible ASCII and inner spaces, which nobody takes for Base64. A
/// tab may stand in a header, but is a control character all the same, and not everyone lets it pass.
fn is_safe(text: &str) -> bool {
    let looks_encoded = text.starts_with(PREFIX) && text.ends_with(SUFFIX);
    let has_edges = text.starts_with(' ') || text.ends_with(' ');
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !has_edges && !looks_encoded
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn what_is_safe_stays_and_what_is_not_is_encoded() {
        for (text, value) in [
            ("us-west1", "us-west1"),
            ("us west 1", "us west 1"),
            ("", ""),
            ("a:b,c;\"d\"\\", "a:b,c;\"d\"\\"),
            ("file:///a%20b?c=d", "file:///a%20b?c=d"),
            (" us-west1", "=?base64?IHVzLXdlc3Qx?="),
            ("us-west1 ", "=?base64?dXMtd2VzdDEg?="),
            (" ", "=?base64?IA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("\tindented", "=?base64?CWluZGVudGVk?="),
            ("a\tb", "=?base64?YQli?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("line1\r\nline2", "=?base64?bGluZTENCmxpbmUy?="),
            ("\0", "=?base64?AA==?="),
            ("\u{7f}", "=?base64?fw==?="),
            ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            ("日本語", "=?base64?5pel5pys6Kqe?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
            ("=?base64??=", "=?base64?PT9iYXNlNjQ/Pz0=?="),
            // The markers overlap, which not everyone looks at.
            ("=?base64?=", "=?base64?PT9iYXNlNjQ/PQ==?="),
            ("=?base64?x", "=?base64?x"),
            ("x?=", "x?="),
            ("=?BASE64?eA==?=", "=?BASE64?eA==?="),
        ] {
            assert_eq!(encode(text), value, "{text:?}");
            assert_eq!(decode(value.as_bytes()).as_deref(), Some(text));
        }
    }

    #[test]
    fn every_character_comes_back() {
        let all = (0..=0x2ff).chain(0x1_f600..0x1_f610);
        for character in all.filter_map(char::from_u32) {
            for text in [
                String::from(character),
                format!("a{character}b"),
                format!("{character}b"),
            ] {
                let value = encode(&text);
                assert!(value.iter().all(|byte| matches!(byte, b' '..=b'~')));
                assert_eq!(decode(&value).as_deref(), Some(&*text));
            }
        }
    }

    #[test]
    fn literals_and_white_space_around_them() {
        for (value, text) in [
            (" foo ", "foo"),
            ("\t foo\t", "foo"),
            ("a\tb", "a\tb"),
            ("SGVsbG8=", "SGVsbG8="),
            ("=?base64?SGVsbG8=", "=?base64?SGVsbG8="),
            ("SGVsbG8=?=", "SGVsbG8=?="),
            ("=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="),
            ("=?base64?=", "=?base64?="),
            (" =?base64?SGVsbG8=?= ", "Hello"),
            ("=?base64?SGVsbG8=?=", "Hello"),
            ("=?base64??=", ""),
        ] {
            assert_eq!(decode(value.as_bytes()).as_deref(), Some(text), "{value:?}");
        }
    }

    #[test]
    fn what_cannot_be_decoded() {
        for value in [
            &b"=?base64?SGVsbG8?="[..],
            b"=?base64?SGVs!!!bG8=?=",
            b"=?base64?SGVsbG9=?=",
            b"=?base64?SGVsbG8= ?=",
            b"=?base64?SGVsbG8==?=",
            b"=?base64?_-8=?=",
            b"=?base64?/w==?=",
            b"a\nb",
            b"a\rb",
            b"\0",
            b"\x7f",
            b"\x80",
            "é".as_bytes(),
        ] {
            assert_eq!(decode(value), None, "{:?}", String::from_utf8_lossy(value));
        }
    }
}
