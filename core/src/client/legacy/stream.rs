//! What is remembered of a stream that can be resumed: its cursor, and how often bringing it back failed.
//!
//! Source: 2025-11-25, basic/transports, "Resumability and Redelivery".

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use bytes::Bytes;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::client::backoff::doubled;
use crate::client::input::SseEvent;
use crate::http::is_header_value;
use crate::rng::Rng;

/// A server's `retry` is honoured in full, but not below this: `retry: 0` must not make a storm.
const SHORTEST_RETRY: Duration = Duration::from_millis(100);
/// How far the back-off doubles for a server that ends its streams on purpose and wants to be polled.
const LONGEST_POLL: Duration = Duration::from_secs(5);
/// Event ids are remembered, to know a replayed frame again, up to this many and this many bytes.
const MOST_SEEN: usize = 64;
const MOST_SEEN_BYTES: usize = 8 << 10;
/// The longest event id that goes into a header.
const LONGEST_ID: usize = 4 << 10;

#[derive(Clone, Hash, Debug, Default)]
pub(in crate::client) struct Stream {
    cursor: Option<Arc<str>>,
    /// Ids of events with a message, oldest first.
    seen: VecDeque<Arc<str>>,
    seen_bytes: usize,
    retry: Option<Duration>,
    /// Attempts since something new came: the budget.
    attempts: u32,
    /// Attempts since a message came: the back-off.
    doublings: u32,
    /// A new event id came since the last attempt: the server lives, it is only brief.
    moved: bool,
    /// The next exchange of the call is a GET that brings the stream back.
    resuming: bool,
    /// The stream has been brought back at least once, so frames may come twice.
    resumed: bool,
}

/// Whether a frame was there before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::client) enum Frame {
    New,
    Replayed,
}

impl Stream {
    /// Notes an event: its id moves the cursor and refills the budget; a message lets the back-off start
    /// over.
    pub(in crate::client) fn take(&mut self, event: &SseEvent<'_>, is_message: bool) -> Frame {
        if let Some(retry) = event.retry {
            self.retry = Some(retry);
        }
        // Some servers give a priming event and the message after it the same id, so only ids that came
        // with a message tell that a message came before.
        if let Some(id) = event.id {
            if is_message && self.resumed && self.seen.iter().any(|seen| **seen == *id) {
                return Frame::Replayed;
            }
            self.move_cursor(id);
            if let (true, Some(id)) = (is_message, &self.cursor) {
                self.seen_bytes += id.len();
                self.seen.push_back(id.clone());
                self.forget_oldest();
            }
        }
        if is_message {
            self.doublings = 0;
        }
        Frame::New
    }

    fn move_cursor(&mut self, id: &str) {
        if self.cursor.as_deref() == Some(id) {
            return;
        }
        // An id that no header can carry cannot be resumed from; an empty one resets the cursor.
        let is_usable = !id.is_empty() && id.len() <= LONGEST_ID && is_header_value(id.as_bytes());
        self.cursor = is_usable.then(|| id.into());
        if is_usable {
            self.refill();
            self.moved = true;
        }
    }

    fn forget_oldest(&mut self) {
        while self.seen.len() > MOST_SEEN || self.seen_bytes > MOST_SEEN_BYTES {
            self.seen_bytes -= self.seen.pop_front().map_or(0, |id| id.len());
        }
    }

    /// Forgets the cursor, so that what comes next is only what is new.
    pub(in crate::client) fn skip_ahead(&mut self) {
        self.cursor = None;
    }

    pub(in crate::client) const fn refill(&mut self) {
        self.attempts = 0;
    }

    pub(in crate::client) fn cursor(&self) -> Option<Bytes> {
        let id = self.cursor.as_ref()?;
        Some(Bytes::copy_from_slice(id.as_bytes()))
    }

    pub(in crate::client) const fn has_cursor(&self) -> bool {
        self.cursor.is_some()
    }

    /// How long to wait before the next attempt; `None` when the budget is spent. The first attempt
    /// after a message waits what the server asked for; those after it back off.
    pub(in crate::client) fn next_delay(
        &mut self,
        budget: u32,
        backoff: &RangeInclusive<Duration>,
        rng: &mut Rng,
    ) -> Option<Duration> {
        if self.attempts >= budget {
            return None;
        }
        let longest = if self.moved {
            LONGEST_POLL.min(*backoff.end())
        } else {
            *backoff.end()
        };
        let base = doubled(*backoff.start(), self.doublings).min(longest);
        let delay = match self.retry {
            Some(retry) if self.doublings == 0 => retry,
            Some(retry) => retry.max(rng.jitter(base)),
            None => rng.jitter(base),
        };
        self.attempts += 1;
        self.doublings += 1;
        self.moved = false;
        self.resuming = true;
        Some(delay.max(SHORTEST_RETRY))
    }

    pub(in crate::client) const fn is_resuming(&self) -> bool {
        self.resuming
    }

    /// The last attempt was refused, and is made again.
    pub(in crate::client) const fn resume(&mut self) {
        self.resuming = true;
    }

    /// The attempt begins.
    pub(in crate::client) const fn begin(&mut self) {
        self.resuming = false;
        self.resumed = true;
    }

    /// Bytes held.
    pub(in crate::client) fn held(&self) -> usize {
        self.seen_bytes + self.cursor.as_ref().map_or(0, |id| id.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const BACKOFF: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(30);

    fn event(id: &str) -> SseEvent<'_> {
        SseEvent {
            id: Some(id),
            ..SseEvent::default()
        }
    }

    #[test]
    fn attempts_back_off_until_the_budget_is_spent() {
        let mut stream = Stream::default();
        let mut rng = Rng::new([1; 32]);
        stream.take(&event("a"), true);
        for n in 0..5 {
            let delay = stream.next_delay(5, &BACKOFF, &mut rng);
            let base =
                Duration::from_secs(1 << n).min(LONGEST_POLL.max(Duration::from_secs(1 << n)));
            assert!(
                delay.is_some_and(|delay| delay >= base / 2 && delay < base),
                "{n}: {delay:?}"
            );
        }
        assert_eq!(stream.next_delay(5, &BACKOFF, &mut rng), None);
    }

    #[test]
    fn an_empty_event_refills_the_budget_but_not_the_backoff() {
        let mut stream = Stream::default();
        let mut rng = Rng::new([1; 32]);
        let mut waited = Duration::ZERO;
        for n in 0..20 {
            stream.take(&event(&alloc::format!("e{n}")), false);
            let delay = stream.next_delay(1, &BACKOFF, &mut rng).unwrap_or_default();
            assert!(delay <= LONGEST_POLL);
            waited += delay;
        }
        assert!(
            waited > Duration::from_secs(40),
            "a storm: 20 attempts in {waited:?}"
        );
    }

    #[test]
    fn a_server_s_retry_is_honoured_with_a_floor() {
        let mut rng = Rng::new([1; 32]);
        for (retry, expected) in [(0, 100), (500, 500), (90_000, 90_000)] {
            let mut stream = Stream::default();
            let retry = Some(Duration::from_millis(retry));
            stream.take(
                &SseEvent {
                    retry,
                    ..event("a")
                },
                false,
            );
            let delay = stream.next_delay(5, &BACKOFF, &mut rng);
            assert_eq!(delay, Some(Duration::from_millis(expected)));
        }
    }

    #[test]
    fn only_after_a_resume_can_a_frame_be_old() {
        let mut stream = Stream::default();
        assert_eq!(stream.take(&event("a"), true), Frame::New);
        assert_eq!(stream.take(&event("a"), true), Frame::New);
        stream.begin();
        assert_eq!(stream.take(&event("a"), true), Frame::Replayed);
        assert_eq!(stream.take(&event("b"), true), Frame::New);
    }

    #[test]
    fn a_priming_event_may_share_the_id_of_the_message_after_it() {
        let mut stream = Stream::default();
        stream.take(&event("0"), false);
        stream.begin();
        assert_eq!(stream.take(&event("0"), false), Frame::New);
        assert_eq!(stream.take(&event("0"), true), Frame::New);
        assert_eq!(stream.take(&event("0"), true), Frame::Replayed);
    }

    #[test]
    fn the_same_id_again_is_nothing_new() {
        let mut stream = Stream::default();
        let mut rng = Rng::new([1; 32]);
        for _ in 0..3 {
            stream.take(&event("a"), false);
            assert!(stream.next_delay(3, &BACKOFF, &mut rng).is_some());
        }
        stream.take(&event("a"), false);
        assert_eq!(stream.next_delay(3, &BACKOFF, &mut rng), None);
    }

    #[test]
    fn what_no_header_can_carry_is_no_cursor() {
        let mut stream = Stream::default();
        stream.take(&event("a"), true);
        stream.take(&event("b\u{1}"), true);
        assert_eq!(stream.cursor(), None);
        stream.take(&event("c"), true);
        assert_eq!(stream.cursor().as_deref(), Some(&b"c"[..]));
        stream.take(&event(""), true);
        assert_eq!(stream.cursor(), None);
    }

    /// What a stream that was brought back takes for new of these ids, each of them with a message.
    fn known_after(ids: &[alloc::string::String]) -> (Stream, Vec<bool>) {
        let mut stream = Stream::default();
        for id in ids {
            stream.take(&event(id), true);
        }
        stream.begin();
        let mut again = stream.clone();
        let known = ids
            .iter()
            .map(|id| again.take(&event(id), true) == Frame::Replayed);
        (stream, known.collect())
    }

    #[test]
    fn event_ids_are_known_again_up_to_a_number_and_a_size() {
        let short: Vec<_> = (100..=100 + MOST_SEEN)
            .map(|n| alloc::format!("{n}"))
            .collect();
        let (stream, known) = known_after(&short[1..]);
        assert!(known.iter().all(|known| *known));
        assert_eq!(stream.held(), 3 * MOST_SEEN + 3);
        let (stream, known) = known_after(&short);
        assert!(!known[0]);
        assert_eq!(stream.held(), 3 * MOST_SEEN + 3);

        let long: Vec<_> = ["a", "b", "c"].map(|id| id.repeat(LONGEST_ID)).into();
        let (stream, known) = known_after(&long[1..]);
        assert_eq!(known, [true, true]);
        assert_eq!(stream.held(), MOST_SEEN_BYTES + LONGEST_ID);
        let (stream, _) = known_after(&long);
        assert_eq!(stream.held(), MOST_SEEN_BYTES + LONGEST_ID);
    }

    #[test]
    fn the_longest_id_is_a_cursor_and_a_longer_one_is_none() {
        let mut stream = Stream::default();
        stream.take(&event(&"a".repeat(LONGEST_ID)), true);
        assert!(stream.has_cursor());
        stream.take(&event(&"a".repeat(LONGEST_ID + 1)), true);
        assert!(!stream.has_cursor());
    }

    #[test]
    fn an_id_that_is_no_cursor_refills_nothing() {
        let mut stream = Stream::default();
        let mut rng = Rng::new([1; 32]);
        stream.take(&event("a"), false);
        assert!(stream.next_delay(1, &BACKOFF, &mut rng).is_some());
        stream.take(&event(""), false);
        assert_eq!(stream.next_delay(1, &BACKOFF, &mut rng), None);
    }

    #[test]
    fn an_attempt_that_has_begun_is_not_to_come() {
        let mut stream = Stream::default();
        let mut rng = Rng::new([1; 32]);
        assert!(!stream.is_resuming());
        stream.next_delay(1, &BACKOFF, &mut rng);
        assert!(stream.is_resuming());
        stream.begin();
        assert!(!stream.is_resuming());
    }
}
