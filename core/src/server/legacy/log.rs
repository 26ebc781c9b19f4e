//! The events that a stream keeps for a client that comes back.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::server::stream::StreamId;
use crate::server::{Server, Timer};

#[derive(Clone, Debug)]
pub(in crate::server) struct Log {
    /// The number of the latest event; 0 stands for the moment before the first.
    last: u64,
    /// The latest events, oldest first.
    events: VecDeque<Bytes>,
    bytes: usize,
    /// The client was given an event id, so it can come back.
    has_given_ids: bool,
}

impl Log {
    pub(in crate::server) const fn new() -> Self {
        Self {
            last: 0,
            events: VecDeque::new(),
            bytes: 0,
            has_given_ids: false,
        }
    }

    pub(in crate::server) const fn last(&self) -> u64 {
        self.last
    }

    pub(in crate::server) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(in crate::server) const fn has_given_ids(&self) -> bool {
        self.has_given_ids
    }

    pub(in crate::server) const fn give_id(&mut self) {
        self.has_given_ids = true;
    }

    fn push(&mut self, event: Bytes) {
        self.last += 1;
        self.has_given_ids = true;
        self.bytes += event.len();
        self.events.push_back(event);
    }

    fn drop_oldest(&mut self) -> usize {
        let freed = self.events.pop_front().map_or(0, |event| event.len());
        self.bytes -= freed;
        freed
    }

    /// What is still there.
    pub(in crate::server) fn all(&self) -> Vec<Bytes> {
        self.events.iter().cloned().collect()
    }

    /// What came after the event with this number; `None` if some of it is gone.
    pub(in crate::server) fn after(&self, seq: u64) -> Option<Vec<Bytes>> {
        let missed = usize::try_from(self.last.checked_sub(seq)?).ok()?;
        let skipped = self.events.len().checked_sub(missed)?;
        Some(self.events.iter().skip(skipped).cloned().collect())
    }
}

#[cfg(feature = "explore")]
impl Log {
    pub(in crate::server) fn fingerprint(&self, canon: &mut crate::canon::Canon<'_>) {
        canon.add(&(self.last, self.has_given_ids, self.events.len()));
        for event in &self.events {
            crate::server::fingerprint::event(canon, event);
        }
    }
}

impl Server {
    /// Keeps an event, within the bounds of its stream.
    pub(in crate::server) fn store(&mut self, id: StreamId, event: Bytes) {
        let limits = &self.config.limits;
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        self.logged += event.len();
        stream.log.push(event);
        while stream.log.events.len() > limits.log_events || stream.log.bytes > limits.log_bytes {
            self.logged -= stream.log.drop_oldest();
        }
        self.trim_logs();
    }

    /// Keeps all streams within the bound of the server: the oldest finished ones go first, then the oldest
    /// events of the oldest streams.
    pub(in crate::server) fn trim_logs(&mut self) {
        let most = self.config.limits.log_total;
        while self.logged > most {
            let finished = self
                .streams
                .iter()
                .find(|&(&id, _)| self.timers.at(Timer::Replay(id)).is_some())
                .map(|(&id, _)| id);
            if let Some(id) = finished {
                self.forget_stream(id);
                continue;
            }
            let Some(stream) = self
                .streams
                .values_mut()
                .find(|stream| stream.log.bytes > 0)
            else {
                return;
            };
            self.logged -= stream.log.drop_oldest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_gets_exactly_what_came_after_it() {
        let mut log = Log::new();
        for text in ["a", "b", "c"] {
            log.push(Bytes::from_static(text.as_bytes()));
        }
        assert_eq!(log.after(0), Some(["a", "b", "c"].map(Bytes::from).into()));
        assert_eq!(log.after(2), Some(["c"].map(Bytes::from).into()));
        assert_eq!(log.after(3), Some(Vec::new()));
        assert_eq!(log.after(4), None);
        log.drop_oldest();
        assert_eq!(log.after(0), None);
        assert_eq!(log.after(1), Some(["b", "c"].map(Bytes::from).into()));
    }
}
