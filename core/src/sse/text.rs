//! Bytes to text.

use alloc::string::String;

#[cfg(not(feature = "simd"))]
pub(super) use core::str::from_utf8;
#[cfg(feature = "simd")]
pub(super) use simdutf8::basic::from_utf8;

use super::TooLarge;

/// The texts of a held event that had to be repaired.
#[derive(Clone, Hash, Default, Debug)]
pub(super) struct Repaired {
    pub(super) data: String,
    pub(super) event: String,
    pub(super) id: String,
}

/// The text of `bytes`, with U+FFFD for what is not UTF-8; takes its length from `room`.
pub(super) fn text<'d>(
    bytes: &'d [u8],
    repaired: &'d mut String,
    room: &mut usize,
) -> Result<&'d str, TooLarge> {
    let text = if let Ok(text) = from_utf8(bytes) {
        text
    } else {
        for part in bytes.utf8_chunks() {
            repaired.push_str(part.valid());
            if !part.invalid().is_empty() {
                repaired.push(char::REPLACEMENT_CHARACTER);
            }
            if repaired.len() > *room {
                return Err(TooLarge);
            }
        }
        repaired
    };
    *room = room.checked_sub(text.len()).ok_or(TooLarge)?;
    Ok(text)
}
