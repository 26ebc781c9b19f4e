//! Telling what comes while something is waited for.

use std::future::{Future, ready};
use std::pin::pin;

/// Waits for `work`, and gives `tell` what comes meanwhile. What had come before `work` was done is told before this
/// returns, in order: even what came between the last look for it and the end.
pub(crate) async fn beside<T, I>(
    work: impl Future<Output = T>,
    mut next: impl AsyncFnMut() -> Option<I>,
    mut tell: impl FnMut(I),
) -> T {
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            Some(item) = next() => tell(item),
            done = &mut work => break done,
        }
    };
    loop {
        tokio::select! {
            biased;
            Some(item) = next() => tell(item),
            () = ready(()) => return done,
        }
    }
}
