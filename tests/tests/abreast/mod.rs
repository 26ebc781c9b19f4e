//! Work shared out among threads, for the tests whose parts know nothing of each other: vectors, and seeds.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

/// Lets as many threads as there are processors take one item after the other; gives what each made of those that it
/// took. The order in which they are taken is that of the items; which thread takes one, and when it is done, differs
/// from run to run.
pub(crate) fn abreast<I, R>(
    items: I,
    take: impl Fn(&mut R, I::Item) -> ControlFlow<()> + Sync,
) -> impl Iterator<Item = R>
where
    I: Iterator + Send,
    R: Default + Send,
{
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let made: Vec<R> = thread::scope(|scope| {
        let work = || {
            let mut made = R::default();
            while let Some(item) = next() {
                if take(&mut made, item).is_break() {
                    break;
                }
            }
            made
        };
        let threads: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        let made = threads.into_iter().map(ScopedJoinHandle::join);
        made.map(|made| made.unwrap_or_else(|cause| resume_unwind(cause)))
            .collect()
    });
    made.into_iter()
}
