//! Messages, waited for one by one.

use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use mcp_sansio_driver as driver;

use crate::threads::{block_on, sleep};

/// Messages in the order in which they came: an iterator that waits for the next one, and ends when no more can come.
///
/// It does not keep the client open. Read it or drop it: while it is full, the messages of all others wait in the
/// machine. Outcomes never do.
pub struct Messages<T>(driver::Messages<T>);

impl<T> Messages<T> {
    pub(crate) fn new(messages: driver::Messages<T>) -> Self {
        Self(messages)
    }

    /// The next message, waited for no longer than so long. [`Waited::Nothing`] when none has come.
    pub fn next_within(&mut self, patience: Duration) -> Waited<T> {
        let until = Instant::now().checked_add(patience);
        block_on(async {
            let next = std::pin::pin!(self.0.next());
            let Some(until) = until else {
                return Waited::from(next.await);
            };
            match select(next, std::pin::pin!(sleep(until))).await {
                Either::Left((next, _)) => Waited::from(next),
                Either::Right(_) => Waited::Nothing,
            }
        })
    }
}

impl<T> Iterator for Messages<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        block_on(self.0.next())
    }
}

/// What came within a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited<T> {
    /// A message.
    Message(T),
    /// Nothing came in that time.
    Nothing,
    /// No more can come.
    Ended,
}

impl<T> From<Option<T>> for Waited<T> {
    fn from(next: Option<T>) -> Self {
        next.map_or(Self::Ended, Self::Message)
    }
}
