//! Waiting, with an end to it.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};

use super::server::{Request, Server};
use crate::runtime::sleep;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what must come, and fails the test if it does not. A future that is ready only when it is
/// polled once more at the end was never woken, and that is a failure too.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let begun = Instant::now();
    let Either::Left((output, _)) = select(pin!(future), pin!(sleep(PATIENCE))).await else {
        panic!("it never came");
    };
    assert!(begun.elapsed() < PATIENCE, "it woke nobody");
    output
}

/// Waits until it is so, and fails the test if it never is.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    soon(async {
        while !is_so() {
            sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

impl Server {
    /// Waits until such a request was seen, and gives the first.
    pub(crate) async fn saw(&self, what: &str) -> Request {
        until(|| !self.seen(what).is_empty()).await;
        self.seen(what).remove(0)
    }
}
