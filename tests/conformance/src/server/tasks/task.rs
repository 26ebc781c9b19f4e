//! One task, from its beginning to its end.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use humantime::format_rfc3339_millis;
use mcp_sansio_tokio::RpcError;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::asking::{Open, is_answer};
use crate::fixture::{Method, TaskTerms};

/// A task.
pub(crate) struct Task {
    id: String,
    terms: TaskTerms,
    began: Instant,
    created: SystemTime,
    state: Mutex<State>,
}

struct State {
    status: Status,
    updated: SystemTime,
    work: Option<AbortHandle>,
}

enum Status {
    Working,
    InputRequired(Asking),
    Completed(Value),
    Failed(RpcError),
    Cancelled,
}

/// What a task has asked its client.
struct Asking {
    /// Without an answer yet, by name.
    open: Vec<(String, Method, Value)>,
    answers: Map<String, Value>,
    /// Gets the answers when there are all of them.
    answered: oneshot::Sender<Map<String, Value>>,
}

impl Task {
    pub(super) fn new(id: String, terms: TaskTerms) -> Self {
        let created = SystemTime::now();
        Self {
            id,
            terms,
            began: Instant::now(),
            created,
            state: Mutex::new(State {
                status: Status::Working,
                updated: created,
                work: None,
            }),
        }
    }

    /// Who does the task's work, to be stopped when the task is cancelled.
    pub(super) fn worked_on_by(&self, work: AbortHandle) {
        self.lock().work = Some(work);
    }

    /// Whether its time is over, and nobody may ask for it any more.
    pub(super) fn is_over_time(&self) -> bool {
        self.began.elapsed() > Duration::from_millis(self.terms.ttl_ms)
    }

    /// Asks the client. Gives all the answers together.
    pub(super) fn ask(&self, questions: Vec<Open<'_>>) -> oneshot::Receiver<Map<String, Value>> {
        let (answered, answers) = oneshot::channel();
        let open = questions
            .into_iter()
            .map(|open| (open.name.to_owned(), open.method, open.request()))
            .collect();
        self.turn(Status::InputRequired(Asking {
            open,
            answers: Map::new(),
            answered,
        }));
        answers
    }

    /// Takes answers of the client to what is open. Others say nothing, as late ones do. Gives whether there
    /// were any.
    pub(super) fn answer(&self, mut answers: Map<String, Value>) -> bool {
        let mut state = self.lock();
        let Status::InputRequired(asking) = &mut state.status else {
            return false;
        };
        let before = asking.open.len();
        asking.open.retain(|(name, method, _)| {
            let answer = answers.remove(name);
            match answer.filter(|answer| is_answer(*method, answer)) {
                Some(answer) => {
                    asking.answers.insert(name.clone(), answer);
                    false
                }
                None => true,
            }
        });
        let (has_changed, is_done) = (asking.open.len() < before, asking.open.is_empty());
        if has_changed {
            state.updated = SystemTime::now();
        }
        if is_done
            && let Status::InputRequired(asking) = mem::replace(&mut state.status, Status::Working)
        {
            // Whoever asked is stopped only when the task is over.
            let _ = asking.answered.send(asking.answers);
        }
        has_changed
    }

    /// Ends the task by what its steps came to.
    pub(super) fn end(&self, outcome: Result<Value, RpcError>) {
        self.turn(match outcome {
            Ok(result) => Status::Completed(result),
            Err(error) => Status::Failed(error),
        });
    }

    /// Ends the task and its work. Gives whether it had not ended before.
    pub(super) fn cancel(&self) -> bool {
        let was_running = self.turn(Status::Cancelled);
        if was_running && let Some(work) = self.lock().work.take() {
            work.abort();
        }
        was_running
    }

    /// What the client is answered when the task begins.
    pub(super) fn created(&self) -> Value {
        let mut task = self.summary(&self.lock());
        task["resultType"] = "task".into();
        task
    }

    /// All that there is to say of the task.
    pub(super) fn detailed(&self) -> Value {
        let state = self.lock();
        let mut task = self.summary(&state);
        match &state.status {
            Status::InputRequired(asking) => {
                let open = asking
                    .open
                    .iter()
                    .map(|(name, _, request)| (name.clone(), request.clone()));
                task["inputRequests"] = open.collect();
            }
            Status::Completed(result) => {
                task["result"] = result.clone();
                task["result"]["resultType"] = "complete".into();
            }
            Status::Failed(error) => {
                task["error"] = json!({ "code": error.code, "message": error.message });
            }
            Status::Working | Status::Cancelled => {}
        }
        task
    }

    fn summary(&self, state: &State) -> Value {
        json!({
            "taskId": self.id,
            "status": state.status.as_str(),
            "createdAt": format_rfc3339_millis(self.created).to_string(),
            "lastUpdatedAt": format_rfc3339_millis(state.updated).to_string(),
            "ttlMs": self.terms.ttl_ms,
            "pollIntervalMs": self.terms.poll_interval_ms,
        })
    }

    /// A task that has ended stays as it is.
    fn turn(&self, status: Status) -> bool {
        let mut state = self.lock();
        let goes_on = matches!(state.status, Status::Working | Status::InputRequired(_));
        if goes_on {
            state.status = status;
            state.updated = SystemTime::now();
        }
        goes_on
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Status {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::InputRequired(_) => "input_required",
            Self::Completed(_) => "completed",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let terms = TaskTerms {
            ttl_ms: 60_000,
            poll_interval_ms: 100,
        };
        Task::new("t".into(), terms)
    }

    fn ask(task: &Task) -> oneshot::Receiver<Map<String, Value>> {
        let open = |name| Open {
            name,
            method: Method::Elicitation,
            params: Map::new(),
        };
        task.ask(vec![open("a"), open("b")])
    }

    fn answers(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn answers_come_together_when_there_are_all() {
        let task = task();
        let mut all = ask(&task);
        let accept = json!({"action": "accept"});
        assert!(task.answer(answers(json!({"a": accept, "c": accept}))));
        assert_eq!(task.detailed()["status"], "input_required");
        let open = json!({"b": {"method": "elicitation/create", "params": {}}});
        assert_eq!(task.detailed()["inputRequests"], open);
        // Answered already, no answer, and never asked.
        assert!(!task.answer(answers(json!({"a": accept, "b": 1, "c": accept}))));
        assert!(all.try_recv().is_err());
        assert!(task.answer(answers(json!({"b": accept}))));
        assert_eq!(task.detailed()["status"], "working");
        let got = all.try_recv().expect("all answers");
        assert_eq!(Value::from(got), json!({"a": accept, "b": accept}));
    }

    #[test]
    fn a_task_ends_once() {
        let task = task();
        let mut all = ask(&task);
        assert!(task.cancel());
        assert!(!task.cancel());
        task.end(Ok(json!({"content": []})));
        let detailed = task.detailed();
        assert_eq!(detailed["status"], "cancelled");
        assert!(detailed.get("result").is_none() && detailed.get("inputRequests").is_none());
        assert!(all.try_recv().is_err());
    }

    #[test]
    fn what_it_came_to_is_told() {
        let (good, bad) = (task(), task());
        assert_eq!(good.created()["resultType"], "task");
        good.end(Ok(json!({"content": [], "isError": true})));
        assert_eq!(good.detailed()["status"], "completed");
        assert_eq!(good.detailed()["result"]["isError"], true);
        bad.end(Err(RpcError::new(-32603, "broken")));
        assert_eq!(bad.detailed()["status"], "failed");
        assert_eq!(
            bad.detailed()["error"],
            json!({"code": -32603, "message": "broken"})
        );
    }
}
