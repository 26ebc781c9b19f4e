//! How the bytes of a stream leave: one chunk at a time is in the driver's hands, the rest waits here, within
//! bounds. A reader that does not read is cut off, and slows nobody else.

use alloc::collections::VecDeque;
use bytes::Bytes;

use super::event::ServerOutput;
use super::exchange::State;
use super::stream::StreamId;
use super::{Server, Timer};
use crate::ids::ExchangeId;
use crate::sse::encode;
use crate::time::Instant;

/// Bytes of a chunk, at most.
const MOST_IN_HAND: usize = 64 << 10;

#[derive(Clone, Debug)]
pub(super) struct Writer {
    queue: VecDeque<Bytes>,
    bytes: usize,
    /// A chunk is with the driver.
    in_hand: bool,
    /// The response ends when all is written.
    is_ending: bool,
    /// When the reader last took something.
    pub(super) last_written: Instant,
}

impl Writer {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            queue: VecDeque::new(),
            bytes: 0,
            in_hand: false,
            is_ending: false,
            last_written: now,
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What goes into the driver's hands next: never so much that a slow reader looks like a stuck one.
    fn next_chunk(&mut self) -> Option<Bytes> {
        let front = self.queue.front_mut()?;
        if front.len() > MOST_IN_HAND {
            Some(front.split_to(last_boundary(front, MOST_IN_HAND)))
        } else {
            self.queue.pop_front()
        }
    }
}

/// Where a character begins, at `at` or as little before it as can be: a driver may hand chunks on as text.
fn last_boundary(text: &[u8], at: usize) -> usize {
    let is_boundary = |&at: &usize| text.get(at).is_some_and(|byte| byte & 0xC0 != 0x80);
    (at - 3..=at).rev().find(is_boundary).unwrap_or(at)
}

#[cfg(feature = "explore")]
impl Writer {
    pub(super) fn fingerprint(&self, canon: &mut crate::canon::Canon<'_>) {
        canon.add(&(self.in_hand, self.is_ending, self.queue.len()));
        for event in &self.queue {
            super::fingerprint::event(canon, event);
        }
    }
}

impl Server {
    fn writer(&mut self, exchange: ExchangeId) -> Option<&mut Writer> {
        match &mut self.exchanges.get_mut(&exchange)?.state {
            State::Streaming(_, writer) => Some(writer),
            State::Receiving(_) | State::Waiting(_) => None,
        }
    }

    pub(super) fn write(&mut self, exchange: ExchangeId, bytes: Bytes) {
        let Some(writer) = self.writer(exchange) else {
            return;
        };
        writer.bytes += bytes.len();
        writer.queue.push_back(bytes);
        self.flush(exchange);
    }

    /// Ends the response once all of it is written.
    pub(super) fn end(&mut self, exchange: ExchangeId) {
        if let Some(writer) = self.writer(exchange) {
            writer.is_ending = true;
            self.flush(exchange);
        }
    }

    fn flush(&mut self, exchange: ExchangeId) {
        let Some(writer) = self.writer(exchange) else {
            return;
        };
        if writer.in_hand {
            return;
        }
        if let Some(data) = writer.next_chunk() {
            writer.bytes -= data.len();
            writer.in_hand = true;
            self.out.push_back(ServerOutput::Chunk { exchange, data });
            let stall = self.after(self.config.timing.stall);
            self.timers.set(Timer::Stall(exchange), stall);
            self.keep_alive_later(exchange);
        } else if writer.is_ending {
            self.exchange_is_over(exchange);
            self.out.push_back(ServerOutput::End { exchange });
        }
    }

    pub(super) fn on_written(&mut self, exchange: ExchangeId) {
        let now = self.now;
        let Some(writer) = self.writer(exchange) else {
            return;
        };
        if core::mem::take(&mut writer.in_hand) {
            writer.last_written = now;
            self.timers.clear(Timer::Stall(exchange));
            self.flush(exchange);
        }
    }

    /// Whether a message of this size fits beside what its reader has not taken yet.
    pub(super) fn has_room(&mut self, stream: StreamId, size: usize) -> bool {
        let most = self.config.limits.unwritten;
        let exchange = self.streams.get(&stream).and_then(|stream| stream.exchange);
        exchange
            .and_then(|exchange| self.writer(exchange))
            .is_none_or(|writer| writer.bytes + size <= most)
    }

    pub(super) fn keep_alive_later(&mut self, exchange: ExchangeId) {
        if let Some(interval) = self.config.timing.keep_alive {
            let at = self.after(interval);
            self.timers.set(Timer::KeepAlive(exchange), at);
        }
    }

    pub(super) fn keep_alive(&mut self, exchange: ExchangeId) {
        let is_silent = self.writer(exchange).is_some_and(|writer| !writer.in_hand);
        if is_silent {
            self.write(exchange, Bytes::from_static(encode::KEEP_ALIVE));
        } else {
            self.keep_alive_later(exchange);
        }
    }

    /// The reader did not take its chunk in time: it is cut off, and treated as gone.
    pub(super) fn cut_off(&mut self, exchange: ExchangeId) {
        self.out.push_back(ServerOutput::Abort { exchange });
        self.on_gone(exchange);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn a_large_message_leaves_in_pieces_that_a_slow_reader_can_take_in_time() {
        let message = Bytes::from(vec![7; 2 * MOST_IN_HAND + 1]);
        let mut writer = Writer::new(Instant::default());
        writer.queue.push_back(message.clone());
        writer.queue.push_back(Bytes::from_static(b"next"));
        let chunks: Vec<Bytes> = core::iter::from_fn(|| writer.next_chunk()).collect();
        let sizes: Vec<usize> = chunks.iter().map(Bytes::len).collect();
        assert_eq!(sizes, [MOST_IN_HAND, MOST_IN_HAND, 1, 4]);
        assert_eq!(chunks[..3].concat(), message);
    }

    #[test]
    fn no_character_is_split() {
        for offset in 0..4 {
            let text = "x".repeat(offset) + &"\u{1F600}".repeat(MOST_IN_HAND / 2);
            let mut writer = Writer::new(Instant::default());
            writer.queue.push_back(Bytes::from(text.clone()));
            let chunks: Vec<Bytes> = core::iter::from_fn(|| writer.next_chunk()).collect();
            assert!(
                chunks
                    .iter()
                    .all(|chunk| core::str::from_utf8(chunk).is_ok())
            );
            assert!(chunks.iter().all(|chunk| chunk.len() <= MOST_IN_HAND));
            assert_eq!(chunks.concat(), text.as_bytes());
        }
    }
}
