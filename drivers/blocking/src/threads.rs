//! Threads as a runtime: one for each task.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant as Clock};

use mcp_sansio_driver::Runtime;
use mcp_sansio_driver::core::Instant;

/// A thread for each task, the clock of std, and the system's entropy.
#[derive(Clone, Debug)]
pub struct Threads {
    origin: Clock,
}

impl Runtime for Threads {
    fn current() -> Result<Self, String> {
        let origin = Clock::now();
        Ok(Self { origin })
    }

    /// A task for which the system has no thread is dropped, as one that panicked is.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let named = thread::Builder::new().name("mcp-sansio".into());
        drop(named.spawn(move || block_on(task)));
    }

    fn now(&self) -> Instant {
        let elapsed = self.origin.elapsed().as_micros();
        Instant::from_micros(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    async fn sleep_until(&self, deadline: Instant) {
        let after = Duration::from_micros(deadline.as_micros());
        match self.origin.checked_add(after) {
            Some(deadline) => sleep(deadline).await,
            None => std::future::pending().await,
        }
    }
}

thread_local! {
    /// When the task that this thread runs wants to be polled at the latest.
    static ALARM: Cell<Option<Clock>> = const { Cell::new(None) };
}

/// Completes at `deadline`. Only within [`block_on`], and one at a time.
pub(crate) async fn sleep(deadline: Clock) {
    poll_fn(|_| {
        if Clock::now() >= deadline {
            return Poll::Ready(());
        }
        ALARM.set(Some(deadline));
        Poll::Pending
    })
    .await;
}

/// Runs a future on this thread, which sleeps while there is nothing to do.
pub(crate) fn block_on<T>(task: impl Future<Output = T>) -> T {
    let alarm = Arc::new(Rouser {
        thread: thread::current(),
        roused: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&alarm));
    let mut task = pin!(task);
    loop {
        ALARM.set(None);
        if let Poll::Ready(value) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        // The flag, and not the thread's own token, says whether there is something to do: a handler that waits for
        // a call of its own is a loop within this one, and would take the token.
        while !alarm.roused.swap(false, Ordering::AcqRel) {
            match ALARM
                .get()
                .map(|at| at.saturating_duration_since(Clock::now()))
            {
                Some(Duration::ZERO) => break,
                Some(left) => thread::park_timeout(left),
                None => thread::park(),
            }
        }
    }
}

struct Rouser {
    thread: Thread,
    roused: AtomicBool,
}

impl Wake for Rouser {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.roused.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
