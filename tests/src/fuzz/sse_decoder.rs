//! The decoder of event streams: against itself, however the stream is split, and against two public parsers.

use crate::dice::Dice;
use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use mcp_sansio::internals::Decoder;
use std::convert::Infallible;
use std::fmt::Debug;
use std::time::Duration;

/// What no input of the fuzzer reaches.
const NO_LIMIT: usize = 1 << 20;
const LONGEST_PIECE: usize = 12;

/// The first byte chooses how the stream is cut into pieces, the second a limit, or none; the rest is the stream.
///
/// # Panics
/// * If the pieces, or single bytes, give anything else than the whole.
/// * If more is held than the limit allows.
/// * Without a limit: if a public parser reads other events.
pub fn sse_decoder(data: &[u8]) {
    let &[cuts, limit, ref stream @ ..] = data else {
        return;
    };
    let limit = if limit.is_multiple_of(2) {
        NO_LIMIT
    } else {
        limit.into()
    };
    let whole = decode(limit, [stream]);
    assert_eq!(whole, decode(limit, stream.chunks(1)), "byte by byte");
    let pieces = pieces(stream, &mut Dice::new(cuts.into()));
    assert_eq!(whole, decode(limit, pieces.iter().copied()), "{pieces:?}");
    if limit == NO_LIMIT {
        // Decoding UTF-8 comes first in the standard, and the parsers refuse what is none.
        let text = String::from_utf8_lossy(stream);
        agrees_with_sse_stream(&whole.events, &text);
        agrees_with_sseer(&whole.events, &text);
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Decoded {
    events: Vec<Event>,
    is_too_large: bool,
    comments: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Event {
    name: String,
    data: String,
    id: Option<String>,
    retry: Option<Duration>,
}

fn decode<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
    let mut decoder = Decoder::new(limit);
    let mut given = Decoded::default();
    for mut piece in pieces {
        while let Some(next) = decoder.next(&mut piece) {
            assert!(!given.is_too_large, "{next:?} after the end");
            match next {
                Ok(event) => given.events.push(Event {
                    name: event.event.to_owned(),
                    data: event.data.to_owned(),
                    id: event.id.map(str::to_owned),
                    retry: event.retry,
                }),
                Err(_) => given.is_too_large = true,
            }
        }
        assert!(piece.is_empty(), "{} bytes were left", piece.len());
        assert!(decoder.held() <= limit, "{} bytes are held", decoder.held());
    }
    given.comments = decoder.comments();
    given
}

/// Pieces of any length; some are empty.
fn pieces<'a>(mut stream: &'a [u8], dice: &mut Dice) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        let (piece, rest) = stream.split_at(dice.below(LONGEST_PIECE).min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

/// `sse-stream` gives each block by itself, as we do. It differs where a `retry` is more than 64 bits hold:
/// for us that is a long time, for it no field.
fn agrees_with_sse_stream(ours: &[Event], text: &str) {
    let longest = Some(Duration::from_millis(u64::MAX));
    if ours.iter().any(|event| event.retry == longest) {
        return;
    }
    let theirs: Vec<_> = all(sse_stream::SseByteStream::new(once(text)))
        .into_iter()
        .map(|event| Event {
            name: event.event.unwrap_or_default(),
            data: event.data.unwrap_or_default(),
            id: event.id,
            retry: event.retry.map(Duration::from_millis),
        })
        .collect();
    assert_eq!(ours, theirs, "`sse-stream` read the right side");
}

/// `sseer` gives what a page in a browser would see: only events with data, named `message` if they have no name,
/// with the last id so far. It differs in three things, which are left out here: a line `event` without a colon
/// does not take the name back; a `retry` may have a sign; and whether an event without data had a line for it
/// is not known of ours.
fn agrees_with_sseer(ours: &[Event], text: &str) {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text);
    if lines.split(['\r', '\n']).any(|line| line == "event") {
        return;
    }
    let mut last_id = "";
    let mut seen = Vec::new();
    for event in ours {
        last_id = event.id.as_deref().unwrap_or(last_id);
        let name = match &*event.name {
            "" => "message",
            name => name,
        };
        if !event.data.is_empty() {
            seen.push((name, &*event.data, last_id));
        }
    }
    let theirs = all(sseer::event_stream::EventStream::new(once(text)));
    let theirs: Vec<_> = theirs
        .iter()
        .filter(|event| !event.data.is_empty())
        .map(|event| (&*event.event, &*event.data, &*event.id))
        .collect();
    assert_eq!(seen, theirs, "`sseer` read the right side");
}

fn once(text: &str) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin {
    stream::iter([Ok(Bytes::copy_from_slice(text.as_bytes()))])
}

/// All items of a stream that never waits, and that read valid UTF-8.
fn all<T, E: Debug>(stream: impl Stream<Item = Result<T, E>>) -> Vec<T> {
    let items = stream.collect::<Vec<_>>().now_or_never();
    items
        .expect("nothing to wait for")
        .into_iter()
        .map(|item| item.expect("valid UTF-8"))
        .collect()
}
