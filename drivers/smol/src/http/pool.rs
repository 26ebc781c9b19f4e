//! Connections that are kept for the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use smol::Timer;

use super::request::Origin;

/// One end of a connection: requests go in.
pub(super) type Sender = SendRequest<Full<Bytes>>;

/// The connections that wait for a request.
#[derive(Debug)]
pub(super) struct Pool {
    /// How long one may wait.
    idle: Duration,
    /// How many may wait for one origin.
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The longest waiting first.
    connections: HashMap<Origin, Vec<(Sender, Instant)>>,
    /// A task sees to it that none waits for too long.
    is_watched: bool,
}

impl Pool {
    pub(super) fn new(idle: Duration, most: usize) -> Arc<Self> {
        Arc::new(Self {
            idle,
            most,
            waiting: Mutex::default(),
        })
    }

    /// A connection that is open as far as is known: the one used last.
    pub(super) fn take(&self, origin: &Origin) -> Option<Sender> {
        let mut waiting = self.lock();
        let connections = waiting.connections.get_mut(origin)?;
        while let Some((sender, since)) = connections.pop() {
            if sender.is_ready() && since.elapsed() < self.idle {
                return Some(sender);
            }
        }
        None
    }

    /// Takes a connection whose response was read to its end, as soon as it is ready for the next request.
    pub(super) fn put(self: &Arc<Self>, origin: Origin, mut sender: Sender) {
        if sender.is_ready() {
            return self.keep(origin, sender);
        }
        let pool = Arc::downgrade(self);
        let ready = async move {
            if sender.ready().await.is_ok()
                && let Some(pool) = pool.upgrade()
            {
                pool.keep(origin, sender);
            }
        };
        smol::spawn(ready).detach();
    }

    fn keep(self: &Arc<Self>, origin: Origin, sender: Sender) {
        let mut waiting = self.lock();
        let connections = waiting.connections.entry(origin).or_default();
        connections.push((sender, Instant::now()));
        if connections.len() > self.most {
            connections.remove(0);
        }
        if !waiting.is_watched {
            waiting.is_watched = true;
            smol::spawn(watch(Arc::downgrade(self))).detach();
        }
    }

    /// Drops what is closed, or has waited for too long; gives the time when that is to be done again.
    fn tidy(&self) -> Option<Instant> {
        let mut waiting = self.lock();
        waiting.connections.retain(|_, connections| {
            connections
                .retain(|(sender, since)| !sender.is_closed() && since.elapsed() < self.idle);
            !connections.is_empty()
        });
        let first = |connections: &Vec<(Sender, Instant)>| connections.first().map(|(_, at)| *at);
        let oldest = waiting.connections.values().filter_map(first).min();
        waiting.is_watched = oldest.is_some();
        Some(oldest? + self.idle)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tidies up for as long as a connection waits.
async fn watch(pool: Weak<Pool>) {
    while let Some(next) = pool.upgrade().and_then(|pool| pool.tidy()) {
        Timer::at(next).await;
    }
}
