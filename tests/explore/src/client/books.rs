//! What the books say that the machine need not know, but that decides what the promises ask of it, or what
//! can happen next.

use super::State;
use mcp_sansio_tests::{ExchangeSeen, Fate, Watch};
use std::hash::{Hash as _, Hasher};

/// Feeds the machine's fingerprint, the books and what can still happen.
pub(super) fn feed(hasher: &mut impl Hasher, client: u64, state: &State) {
    client.hash(hasher);
    state.left.hash(hasher);
    let watch = state.subject.watch();
    watch.closing.is_some().hash(hasher);
    for (id, call) in watch.unsettled() {
        call.safe.hash(hasher);
        (call.kind as u8, call.between_rounds, call.round.is_some()).hash(hasher);
        fates(watch, &call.sendings).hash(hasher);
        refusals(watch, id).hash(hasher);
        state.cursors.get(&id).hash(hasher);
    }
    state.cursors.get(&0).hash(hasher);
    for (_, seen) in watch.open() {
        exchange(watch, seen).hash(hasher);
    }
    for (_, listen) in watch.listening() {
        (listen.stage as u8).hash(hasher);
    }
    watch.outstanding().count().hash(hasher);
    watch.asked_for_credentials.is_some().hash(hasher);
}

/// How often each fate met what was sent for a call.
fn fates(watch: &Watch, sendings: &[u64]) -> [usize; 5] {
    let mut counts = [0; 5];
    for fate in sendings.iter().filter_map(|sent| watch.exchanges.get(sent)) {
        counts[number(fate.fate)] += 1;
    }
    counts
}

/// How often a call was refused for want of credentials.
fn refusals(watch: &Watch, call: u64) -> usize {
    let of_it = |seen: &&ExchangeSeen| seen.wants_credentials && seen.call == Some(call);
    watch.exchanges.values().filter(of_it).count()
}

const fn number(fate: Fate) -> usize {
    match fate {
        Fate::NotSent => 0,
        Fate::Refused => 1,
        Fate::Asked => 2,
        Fate::Doubtful => 3,
        Fate::Unknown => 4,
    }
}

fn exchange(watch: &Watch, seen: &ExchangeSeen) -> impl std::hash::Hash + use<> {
    let rank = seen
        .call
        .map(|call| watch.unsettled().position(|(id, _)| id == call));
    let answers = (seen.has_head, seen.answered, seen.is_sse(), seen.has_body());
    (
        rank,
        number(seen.fate),
        answers,
        seen.redirects,
        seen.at_endpoint,
    )
}
