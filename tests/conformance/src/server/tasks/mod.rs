//! Tasks: what a request begins and its client looks after later, by the extension
//! `io.modelcontextprotocol/tasks`.

mod store;
mod task;

use std::sync::Arc;

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::Request;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) use store::Tasks;
pub(crate) use task::Task;

use crate::asking::Open;
use crate::capabilities::Capabilities;
use crate::errors;
use crate::fixture::Step;
use crate::host::Host;
use crate::run::{Run, Side};

/// The params of all that is said of a task.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    task_id: String,
    #[serde(default)]
    input_responses: Map<String, Value>,
}

impl Host {
    /// Lets the rest of a run go on as a task; the request that it was for is answered with the task.
    pub(crate) fn begin_task(
        self: &Arc<Self>,
        run: Run<'_>,
        steps: &'static [Step],
    ) -> Result<Value, RpcError> {
        // A client may look for the task as soon as it has the answer, so it is stored first.
        let task = self.tasks.create()?;
        let mut run = Run {
            host: run.host,
            scope: run.scope,
            capabilities: run.capabilities,
            side: Side::Task(Arc::clone(&task)),
        };
        let created = task.created();
        let work = {
            let (host, task) = (Arc::clone(self), Arc::clone(&task));
            async move {
                let outcome = run.steps(steps).await;
                // The last step answers: the fixture was checked.
                task.end(outcome.map(Option::unwrap_or_default));
                host.tell(&task);
            }
        };
        task.worked_on_by(tokio::spawn(work).abort_handle());
        Ok(created)
    }

    /// Asks the client of a task, and waits for all answers.
    pub(crate) async fn ask_in_task(
        &self,
        task: &Task,
        questions: Vec<Open<'_>>,
    ) -> Map<String, Value> {
        let answers = task.ask(questions);
        self.tell(task);
        // Without its sender the task is over, and so is this.
        answers.await.unwrap_or_default()
    }

    /// Answers `tasks/get`.
    pub(crate) fn get_task(&self, request: &Request) -> Result<Value, RpcError> {
        let (task, _) = self.task(request)?;
        Ok(task.detailed())
    }

    /// Answers `tasks/update`.
    pub(crate) fn update_task(&self, request: &Request) -> Result<Value, RpcError> {
        let (task, answers) = self.task(request)?;
        if task.answer(answers) {
            self.tell(&task);
        }
        Ok(json!({}))
    }

    /// Answers `tasks/cancel`.
    pub(crate) fn cancel_task(&self, request: &Request) -> Result<Value, RpcError> {
        let (task, _) = self.task(request)?;
        if task.cancel() {
            self.tell(&task);
        }
        Ok(json!({}))
    }

    /// The task that a request names, and the answers that it brings.
    fn task(&self, request: &Request) -> Result<(Arc<Task>, Map<String, Value>), RpcError> {
        Capabilities::new(request.client_capabilities()).need_tasks()?;
        let Params {
            task_id,
            input_responses,
        } = request.params()?;
        let task = self.tasks.get(&task_id);
        let task =
            task.ok_or_else(|| errors::invalid_params(format!("there is no task {task_id:?}")))?;
        Ok((task, input_responses))
    }

    /// Tells who listens what has become of a task.
    fn tell(&self, task: &Task) {
        self.announce("notifications/tasks".into(), Some(task.detailed()));
    }
}
