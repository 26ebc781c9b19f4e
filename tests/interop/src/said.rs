//! What was said, as it is said: events, one JSON object each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;
use tokio::sync::Notify;

/// How long something may take to be said that is sure to be said.
const PATIENCE: Duration = Duration::from_secs(60);

/// A list of events that grows. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Shared>);

#[derive(Default)]
struct Shared {
    log: Mutex<Log>,
    more: Notify,
}

#[derive(Default)]
struct Log {
    events: Vec<Value>,
    /// Nothing more will be said.
    is_over: bool,
}

impl Said {
    pub(crate) fn say(&self, event: Value) {
        self.change(|log| log.events.push(event));
    }

    /// Whoever said all this is gone.
    pub(crate) fn end(&self) {
        self.change(|log| log.is_over = true);
    }

    /// Waits for an event, with this label if one is given.
    pub(crate) async fn hear(&self, event: &str, label: Option<&str>) -> Result<Value> {
        let is_wanted = |told: &Value| is(told, event, label);
        let what = format!("{event:?} {}", label.unwrap_or(""));
        Ok(self.next(0, is_wanted, &what).await?.1)
    }

    /// The events told until now.
    pub(crate) fn heard(&self, event: &str, label: Option<&str>) -> Vec<Value> {
        self.locked(|log| {
            let told = log.events.iter().filter(|told| is(told, event, label));
            told.cloned().collect()
        })
    }

    /// Waits for the first event of this kind that is not among the first `from`, and gives its place too.
    /// `what` is said if it does not come.
    pub(crate) async fn next(
        &self,
        from: usize,
        is_wanted: impl Fn(&Value) -> bool,
        what: &str,
    ) -> Result<(usize, Value)> {
        let waiting = async {
            loop {
                let more = self.0.more.notified();
                let (found, is_over) = self.locked(|log| {
                    let mut told = log.events.iter().enumerate().skip(from);
                    let found = told.find(|(_, told)| is_wanted(told));
                    (
                        found.map(|(place, told)| (place, told.clone())),
                        log.is_over,
                    )
                });
                match found {
                    Some(found) => return Ok(found),
                    None if is_over => bail!("it ended without saying {what}"),
                    None => more.await,
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => bail!("it did not say {what} within {PATIENCE:?}"),
        }
    }

    fn change(&self, work: impl FnOnce(&mut Log)) {
        self.locked(work);
        self.0.more.notify_waiters();
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut self.0.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is(told: &Value, event: &str, label: Option<&str>) -> bool {
    told["event"] == event && label.is_none_or(|label| told["label"] == label)
}
