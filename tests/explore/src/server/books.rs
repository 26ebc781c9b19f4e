//! What the books say that the machine need not know, but that decides what the promises ask of it, or what
//! can happen next.

use super::State;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher};

/// Feeds the machine's fingerprint, the books and what can still happen.
pub(super) fn feed(hasher: &mut impl Hasher, server: u64, state: &State) {
    server.hash(hasher);
    state.left.hash(hasher);
    let watch = state.subject.watch();
    watch.draining.is_some().hash(hasher);
    for (_, request) in watch.owed() {
        (request.begun.is_some(), request.has_told).hash(hasher);
    }
    for (_, seen) in watch.open() {
        (&seen.method, seen.status, seen.has_body).hash(hasher);
        (seen.in_hand, seen.is_stream, seen.may_end_early).hash(hasher);
        if let Some(modern) = &seen.modern {
            let listen = &modern.listen;
            (modern.answers, listen.accepted.is_some()).hash(hasher);
            (listen.said.len() - listen.heard).hash(hasher);
        }
    }
    // Streams are numbered anew, in order; what is answered already is told by its session and number.
    let mut streams = BTreeMap::new();
    for cursor in state.cursors() {
        let (stream, seq) = cursor.split_once('-').unwrap_or((&cursor, ""));
        let next = streams.len();
        let rank = *streams.entry(stream.to_owned()).or_insert(next);
        (rank, seq).hash(hasher);
    }
    state.asked().count().hash(hasher);
}
