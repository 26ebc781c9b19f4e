//! The one task of a client or a server that is always there: it feeds `Timeout`.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures_util::future::select;
use mcp_sansio::Instant;

use crate::runtime::Runtime;

/// A machine whose time is kept.
pub(crate) trait Clocked: Send + Sync + 'static {
    /// Whose clock it is.
    type Runtime: Runtime;

    fn runtime(&self) -> &Self::Runtime;

    /// Gives the alarm, and the machine's next deadline, under the lock; `None` when the machine is done.
    fn look<T>(&self, look: impl FnOnce(&mut Alarm, Option<Instant>) -> T) -> Option<T>;

    /// Feeds `Timeout`.
    fn time_out(&self);

    /// The runtime goes away: whoever waits is released, instead of waiting for a clock that stands still.
    fn stop(&self);
}

/// When the timekeeper wakes at the latest.
///
/// It is only moved when a deadline comes earlier: most deadlines move later with every call, and waking up
/// early once in a while is cheaper than setting the clock each time.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    at: Option<Instant>,
    keeper: Option<Waker>,
}

impl Alarm {
    /// Takes note of the machine's next deadline, and gives the timekeeper's waker if it would come too late.
    pub(crate) fn not_after(&mut self, next: Option<Instant>) -> Option<Waker> {
        let next = next?;
        if self.at.is_some_and(|at| at <= next) {
            return None;
        }
        self.at = Some(next);
        self.keeper.take()
    }

    /// The timekeeper's waker, so that it finds the machine done.
    pub(crate) fn end(&mut self) -> Option<Waker> {
        self.keeper.take()
    }
}

/// Feeds `Timeout` when it is due, until the machine is done.
pub(crate) async fn keep<C: Clocked>(clocked: C) {
    let keeper = Keeper(clocked);
    let clocked = &keeper.0;
    loop {
        let alarm = clocked.look(|alarm, next| {
            alarm.at = next;
            next
        });
        let Some(at) = alarm else {
            return;
        };
        let moved = poll_fn(|cx| poll_moved(clocked, at, cx));
        match at {
            Some(at) => {
                select(pin!(clocked.runtime().sleep_until(at)), pin!(moved)).await;
                if clocked.runtime().now() >= at {
                    clocked.time_out();
                }
            }
            None => moved.await,
        }
    }
}

/// Ready when the alarm is not at `at` any more, or the machine is done.
fn poll_moved(clocked: &impl Clocked, at: Option<Instant>, cx: &Context<'_>) -> Poll<()> {
    let before =
        clocked.look(|alarm, _| (alarm.at == at).then(|| alarm.keeper.replace(cx.waker().clone())));
    match before {
        Some(Some(before)) => {
            drop(before);
            Poll::Pending
        }
        Some(None) | None => Poll::Ready(()),
    }
}

struct Keeper<C: Clocked>(C);

impl<C: Clocked> Drop for Keeper<C> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
