//! A value that is set once, and waited for by any number of tasks.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A value that is set once.
#[derive(Debug)]
pub(crate) struct Watch<T>(Mutex<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    value: Option<T>,
    wakers: Vec<Waker>,
}

impl<T> Default for Watch<T> {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            value: None,
            wakers: Vec::new(),
        }))
    }
}

impl<T: Clone> Watch<T> {
    pub(crate) fn get(&self) -> Option<T> {
        self.lock().value.clone()
    }

    /// Sets the value, unless that is done, and gives who waits for it.
    pub(crate) fn set(&self, value: T) -> Vec<Waker> {
        let mut inner = self.lock();
        inner.value.get_or_insert(value);
        std::mem::take(&mut inner.wakers)
    }

    pub(crate) async fn wait(&self) -> T {
        poll_fn(|cx| self.poll(cx)).await
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<T> {
        let mut inner = self.lock();
        if let Some(value) = &inner.value {
            return Poll::Ready(value.clone());
        }
        wait_in(&mut inner.wakers, cx);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a task to those that wait, unless it does already.
pub(crate) fn wait_in(wakers: &mut Vec<Waker>, cx: &Context<'_>) {
    if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
        wakers.push(cx.waker().clone());
    }
}
