//! The validator: one pass over a text, accepting exactly what is JSON (RFC 8259), up to a depth.
//!
//! Its functions take the rest of the text and give what follows the thing they read.

#![expect(
    clippy::inline_always,
    reason = "measured: called, the short functions cost twice what they do"
)]

use super::malformed::Malformed;

/// How deep arrays and objects may be nested.
pub(super) const DEPTH: u32 = 128;

/// Whether these bytes are UTF-8, and valid JSON, and an object.
pub(crate) fn is_object(text: &[u8]) -> bool {
    space(text).first() == Some(&b'{') && is_value(text)
}

/// Whether these bytes are UTF-8 and valid JSON.
pub(crate) fn is_value(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| whole(text).is_ok())
}

/// Checks that the text is one value, with nothing but white space around it.
pub(super) fn whole(text: &str) -> Result<(), Malformed> {
    value(text.as_bytes(), 0)
        .and_then(end)
        .map_err(|stop| stop.malformed(text))
}

/// Why the scan stopped: this many bytes before the end is one that cannot stand there, or the end itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stop(usize);

impl Stop {
    /// Not a place, but the reason that there are too many levels.
    const TOO_DEEP: Self = Self(usize::MAX);

    const fn before(rest: &[u8]) -> Self {
        Self(rest.len())
    }

    #[cold]
    pub(super) fn malformed(self, text: &str) -> Malformed {
        if self == Self::TOO_DEEP {
            return Malformed::too_deep();
        }
        let byte = text.len() - self.0;
        match text.get(byte..).and_then(|rest| rest.chars().next()) {
            Some(found) => Malformed::unexpected(found, byte),
            None => Malformed::ends(byte),
        }
    }
}

/// What follows the thing that was read.
pub(super) type Scan<'a> = Result<&'a [u8], Stop>;

/// Any value, after white space, with all that is in it; `depth` is how many arrays and objects are
/// around it.
#[inline(always)]
pub(super) fn value(text: &[u8], depth: u32) -> Scan<'_> {
    match text {
        [b'"', rest @ ..] => string(rest),
        [b'{', rest @ ..] => object(rest, depth),
        [b'[', rest @ ..] => array(rest, depth),
        [b'-', rest @ ..] => number(rest),
        [b'0'..=b'9', ..] => number(text),
        [b't', b'r', b'u', b'e', rest @ ..]
        | [b'n', b'u', b'l', b'l', rest @ ..]
        | [b'f', b'a', b'l', b's', b'e', rest @ ..] => Ok(rest),
        [b' ' | b'\t' | b'\n' | b'\r', ..] => value_behind_space(text, depth),
        _ => Err(Stop::before(text)),
    }
}

#[inline(never)]
fn value_behind_space(text: &[u8], depth: u32) -> Scan<'_> {
    value(space(text), depth)
}

/// The rest of an object, behind its opening bracket.
fn object(text: &[u8], depth: u32) -> Scan<'_> {
    if depth == DEPTH {
        return Err(Stop::TOO_DEEP);
    }
    let mut rest = space(text);
    if let [b'}', rest @ ..] = rest {
        return Ok(rest);
    }
    loop {
        rest = value(colon(key(rest)?)?, depth + 1)?;
        rest = match next(rest, b'}')? {
            Next::Another(rest) => rest,
            Next::End(rest) => return Ok(rest),
        };
    }
}

/// The rest of an array, behind its opening bracket.
fn array(text: &[u8], depth: u32) -> Scan<'_> {
    if depth == DEPTH {
        return Err(Stop::TOO_DEEP);
    }
    let mut rest = space(text);
    if let [b']', rest @ ..] = rest {
        return Ok(rest);
    }
    loop {
        rest = value(rest, depth + 1)?;
        rest = match next(rest, b']')? {
            Next::Another(rest) => rest,
            Next::End(rest) => return Ok(rest),
        };
    }
}

/// What follows a member or an element.
pub(super) enum Next<'a> {
    Another(&'a [u8]),
    End(&'a [u8]),
}

/// A comma, or this closing bracket, after white space.
#[inline(always)]
pub(super) fn next(text: &[u8], close: u8) -> Result<Next<'_>, Stop> {
    match text {
        [b',', rest @ ..] => Ok(Next::Another(rest)),
        &[byte, ref rest @ ..] if byte == close => Ok(Next::End(rest)),
        _ => next_behind_space(text, close),
    }
}

#[inline(never)]
fn next_behind_space(text: &[u8], close: u8) -> Result<Next<'_>, Stop> {
    match space(text) {
        [b',', rest @ ..] => Ok(Next::Another(rest)),
        &[byte, ref rest @ ..] if byte == close => Ok(Next::End(rest)),
        rest => Err(Stop::before(rest)),
    }
}

/// Nothing more but white space.
pub(super) fn end(text: &[u8]) -> Result<(), Stop> {
    match space(text) {
        [] => Ok(()),
        rest => Err(Stop::before(rest)),
    }
}

/// The piece of `text` from one place to another.
#[inline]
pub(super) fn between<'a>(text: &'a str, start: &[u8], end: &[u8]) -> &'a str {
    &text[text.len() - start.len()..text.len() - end.len()]
}

/// White space, if there is any.
#[inline(always)]
pub(super) fn space(mut text: &[u8]) -> &[u8] {
    while let [byte, rest @ ..] = text
        && *byte <= b' '
        && matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
    {
        text = rest;
    }
    text
}

/// A key, after white space.
#[inline(always)]
pub(super) fn key(text: &[u8]) -> Scan<'_> {
    string(token(text, b'"')?)
}

/// The colon behind a key, after white space.
#[inline(always)]
pub(super) fn colon(text: &[u8]) -> Scan<'_> {
    token(text, b':')
}

/// This byte, after white space.
#[inline(always)]
pub(super) fn token(text: &[u8], token: u8) -> Scan<'_> {
    match text {
        &[byte, ref rest @ ..] if byte == token => Ok(rest),
        _ => token_behind_space(text, token),
    }
}

#[inline(never)]
fn token_behind_space(text: &[u8], token: u8) -> Scan<'_> {
    match space(text) {
        &[byte, ref rest @ ..] if byte == token => Ok(rest),
        rest => Err(Stop::before(rest)),
    }
}

/// The rest of a string, behind its opening quote.
#[inline(always)]
pub(super) fn string(text: &[u8]) -> Scan<'_> {
    match plain(text) {
        [b'"', rest @ ..] => Ok(rest),
        rest => interrupted_string(rest),
    }
}

#[inline(never)]
fn interrupted_string(mut text: &[u8]) -> Scan<'_> {
    loop {
        match text {
            [b'"', rest @ ..] => return Ok(rest),
            [b'\\', rest @ ..] => text = plain(escape(rest)?),
            rest => return Err(Stop::before(rest)),
        }
    }
}

/// An escape, behind its backslash.
#[inline]
fn escape(text: &[u8]) -> Scan<'_> {
    match text {
        [
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            rest @ ..,
        ] => Ok(rest),
        [b'u', digits @ ..] => {
            let found = digits.iter().take_while(|byte| byte.is_ascii_hexdigit());
            match found.take(4).count() {
                4 => Ok(&digits[4..]),
                found => Err(Stop::before(&digits[found..])),
            }
        }
        _ => Err(Stop::before(text)),
    }
}

/// How many bytes come before the first that is special in a string.
pub(super) fn plain_len(text: &str) -> usize {
    text.len() - plain(text.as_bytes()).len()
}

/// Skips what neither ends nor interrupts a string: all up to a quote, a backslash or a control
/// character, or to the end of the text.
#[inline(always)]
fn plain(text: &[u8]) -> &[u8] {
    match text.split_first_chunk() {
        Some((word, rest)) => match first_special(*word) {
            Some(n) => &text[n..],
            None => plain_in_long(rest),
        },
        None => plain_by_byte(text),
    }
}

#[inline(never)]
fn plain_in_long(mut text: &[u8]) -> &[u8] {
    if let Some((word, rest)) = text.split_first_chunk() {
        if let Some(n) = first_special(*word) {
            return &text[n..];
        }
        text = rest;
    }
    while let Some((block, rest)) = text.split_first_chunk()
        && !any_special(block)
    {
        text = rest;
    }
    while let Some((word, rest)) = text.split_first_chunk() {
        if let Some(n) = first_special(*word) {
            return &text[n..];
        }
        text = rest;
    }
    plain_by_byte(text)
}

#[inline(never)]
fn plain_by_byte(mut text: &[u8]) -> &[u8] {
    while let [byte, rest @ ..] = text
        && *byte >= 0x20
        && *byte != b'"'
        && *byte != b'\\'
    {
        text = rest;
    }
    text
}

/// Whether a block has a special byte. Written for the compiler, which makes vector instructions of it.
#[inline(always)]
fn any_special(block: &[u8; 32]) -> bool {
    block.iter().fold(false, |any, byte| {
        let differs = (byte ^ b'"').min(byte ^ b'\\');
        any | (differs.min(byte.saturating_sub(0x1f)) == 0)
    })
}

/// Which of eight bytes is the first special one.
#[inline(always)]
fn first_special(word: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    // Taking 1 from each byte of a word sets the high bit of those that were 0, and perhaps of bytes
    // above such a one: the lowest that is found is right. A high bit that was there before belongs to a
    // character beyond ASCII, which is not special.
    let word = u64::from_le_bytes(word);
    let quotes = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
    let backslashes = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    let controls = word.wrapping_sub(ONES * 0x20);
    let found = (quotes | backslashes | controls) & !word & (ONES << 7);
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// A number, behind its sign.
#[inline(always)]
fn number(text: &[u8]) -> Scan<'_> {
    let rest = match text {
        [b'0', rest @ ..] => rest,
        _ => digits(text)?,
    };
    match rest {
        [b'.' | b'e' | b'E', ..] => fraction_and_exponent(rest),
        _ => Ok(rest),
    }
}

#[inline(never)]
fn fraction_and_exponent(mut text: &[u8]) -> Scan<'_> {
    if let [b'.', rest @ ..] = text {
        text = digits(rest)?;
    }
    match text {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => digits(rest),
        _ => Ok(text),
    }
}

/// At least one.
#[inline(always)]
fn digits(text: &[u8]) -> Scan<'_> {
    let [b'0'..=b'9', rest @ ..] = text else {
        return Err(Stop::before(text));
    };
    let mut text = rest;
    while let [b'0'..=b'9', rest @ ..] = text {
        text = rest;
    }
    Ok(text)
}
