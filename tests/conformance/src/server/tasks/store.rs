//! The tasks that there are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_sansio_tokio::RpcError;

use super::Task;
use crate::errors;
use crate::fixture::TaskTerms;

/// The most tasks at a time; for one more there is no room.
const MOST: usize = 10_000;

/// The tasks that there are, by their ids.
pub(crate) struct Tasks {
    terms: TaskTerms,
    tasks: Mutex<HashMap<String, Arc<Task>>>,
}

impl Tasks {
    /// No tasks yet, and the terms of those to come.
    pub(crate) fn new(terms: TaskTerms) -> Self {
        Self {
            terms,
            tasks: Mutex::default(),
        }
    }

    /// A new task, which can be found from now on.
    ///
    /// # Errors
    /// There is no room for it, or no entropy for its id.
    pub(crate) fn create(&self) -> Result<Arc<Task>, RpcError> {
        let mut tasks = self.lock();
        tasks.retain(|_, task| {
            let stays = !task.is_over_time();
            if !stays {
                task.cancel();
            }
            stays
        });
        if tasks.len() >= MOST {
            return Err(errors::internal(format!(
                "there are {MOST} tasks, and no room for more"
            )));
        }
        let id = id()?;
        let task = Arc::new(Task::new(id.clone(), self.terms));
        tasks.insert(id, Arc::clone(&task));
        Ok(task)
    }

    /// A task that has not outlived its time.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Task>> {
        let task = self.lock().get(id).map(Arc::clone);
        task.filter(|task| !task.is_over_time())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Task>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id that nobody guesses: whoever knows it may ask for the task.
fn id() -> Result<String, RpcError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| errors::internal(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
