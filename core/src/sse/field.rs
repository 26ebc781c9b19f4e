//! What one line says.

use core::time::Duration;
use memchr::memchr;

/// That many bytes of a line tell its field and where its value starts: the longest are `event: ` and
/// `retry: `.
pub(super) const HEAD: usize = 7;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Field {
    Comment,
    Data,
    Event,
    Id,
    Retry,
    Unknown,
}

impl Field {
    /// The field and value of a line that is no comment. The first [`HEAD`] bytes of a longer line do.
    #[inline]
    pub(super) fn split(line: &[u8]) -> (Self, &[u8]) {
        let (field, rest) = match line {
            [b'd', b'a', b't', b'a', rest @ ..] => (Self::Data, rest),
            [b'e', b'v', b'e', b'n', b't', rest @ ..] => (Self::Event, rest),
            [b'i', b'd', rest @ ..] => (Self::Id, rest),
            [b'r', b'e', b't', b'r', b'y', rest @ ..] => (Self::Retry, rest),
            _ => (Self::Unknown, line),
        };
        match rest {
            [b':', b' ', value @ ..] | [b':', value @ ..] | value @ [] => (field, value),
            _ => (Self::Unknown, rest),
        }
    }
}

/// The standard ignores an id with NUL, because it could not be sent back in a header.
pub(super) fn is_id(value: &[u8]) -> bool {
    memchr(0, value).is_none()
}

/// A `retry` value: ASCII digits and nothing else, in milliseconds.
pub(super) fn milliseconds(value: &[u8]) -> Option<Duration> {
    if value.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    for byte in value {
        let digit = byte.checked_sub(b'0').filter(|&digit| digit < 10)?;
        total = total.saturating_mul(10).saturating_add(digit.into());
    }
    Some(Duration::from_millis(total))
}
