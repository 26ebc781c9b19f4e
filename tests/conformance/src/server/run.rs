//! Running the steps of an item, for a request or as a task.

use std::sync::Arc;
use std::time::Duration;

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::Request;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::asking::Asked;
use crate::capabilities::Capabilities;
use crate::errors;
use crate::fixture::{Log, Progress, Step, Wait};
use crate::host::Host;
use crate::rounds::Round;
use crate::scope::Scope;
use crate::session::LogLevel;
use crate::tasks::Task;

/// Steps that run.
pub(crate) struct Run<'a> {
    pub(crate) host: Arc<Host>,
    pub(crate) scope: Scope,
    /// What the client could do when it made its request.
    pub(crate) capabilities: Capabilities,
    pub(crate) side: Side<'a>,
}

/// Whom the steps run for.
pub(crate) enum Side<'a> {
    /// For a request, in one of its rounds.
    Call(Call<'a>, Round),
    Task(Arc<Task>),
}

/// A request, with what its session knows.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// Which lines of the log the session wants; in the second era each request says it.
    pub(crate) log: Option<&'a LogLevel>,
}

impl Run<'_> {
    /// Runs the steps until there is a result; `None`: they came to their end without.
    pub(crate) async fn steps(&mut self, steps: &[Step]) -> Result<Option<Value>, RpcError> {
        for step in steps {
            match step {
                Step::Announce(message) => {
                    let params = message.params.as_ref();
                    let params = params.map(|params| self.scope.fill(params));
                    self.host.announce(message.method.clone(), params);
                }
                Step::Answer(result) => return Ok(Some(self.scope.fill_members(result).into())),
                Step::Ask(questions) => {
                    if let Asked::Required(result) = self.ask(questions.iter()).await? {
                        return Ok(Some(result));
                    }
                }
                Step::AskAny(questions) => {
                    let can = self.capabilities.clone();
                    let able = questions
                        .iter()
                        .filter(|(_, question)| can.can_answer(question.method));
                    if let Asked::Required(result) = self.ask(able).await? {
                        return Ok(Some(result));
                    }
                }
                Step::Error(failure) => {
                    let message = self.scope.fill_text(&failure.message);
                    return Err(RpcError::new(failure.code, message));
                }
                Step::Log(log) => self.log(log),
                Step::Need(needed) => self.capabilities.need(&needed.clone().into())?,
                Step::Progress(progress) => self.progress(progress),
                Step::Release(release) => {
                    if let Side::Call(call, _) = &self.side {
                        let retry = release.retry_ms.map(Duration::from_millis);
                        call.request.release_connection(retry);
                    }
                }
                // What is after it became a task before, if it could.
                Step::Task(_) => {}
                Step::Wait(wait) => sleep(self.duration(wait)?).await,
            }
        }
        Ok(None)
    }

    fn log(&self, log: &Log) {
        let Side::Call(call, _) = &self.side else {
            return; // Tasks have no log.
        };
        if call.log.is_none_or(|least| least.wants(log.level)) {
            let mut params = json!({ "level": log.level, "data": self.scope.fill(&log.data) });
            if let Some(logger) = &log.logger {
                params["logger"] = logger.as_str().into();
            }
            call.request.notify("notifications/message", Some(params));
        }
    }

    fn progress(&self, step: &Progress) {
        let Side::Call(call, _) = &self.side else {
            return; // Nor do they tell their progress.
        };
        let message = step.message.as_deref();
        let message = message.map(|text| self.scope.fill_text(text));
        call.request
            .progress(step.done, step.total, message.as_deref());
    }

    fn duration(&self, wait: &Wait) -> Result<Duration, RpcError> {
        let (value, unit) = match wait {
            Wait::Ms(value) => (value, 1000.0),
            Wait::Seconds(value) => (value, 1.0),
        };
        let value = self.scope.fill(value);
        let seconds = value.as_f64().map(|value| value / unit);
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| errors::invalid_params(format!("{value} is no time to wait")))
    }
}
