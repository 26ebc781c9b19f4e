//! The codecs, for `benches/`. **Not public API**: it changes without notice.

use crate::client::SseEvent;
use crate::{jsonrpc, sse};

/// The decoder of event streams.
#[derive(Debug)]
pub struct Decoder(sse::Decoder);

impl Decoder {
    /// A decoder with a limit of 16 MiB.
    #[expect(clippy::new_without_default, reason = "a benchmark needs no default")]
    pub fn new() -> Self {
        Self(sse::Decoder::new(16 << 20))
    }

    /// The next event of `input`, none of which is too large.
    #[inline]
    pub fn next<'d, 'i: 'd>(&'d mut self, input: &mut &'i [u8]) -> Option<SseEvent<'d>> {
        self.0.next(input)?.ok()
    }
}

/// Reads a message; whether it is one.
pub fn scan(text: &str) -> bool {
    matches!(jsonrpc::scan(text), Ok(jsonrpc::Scanned::One(_)))
}
