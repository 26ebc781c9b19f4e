//! Asking the client, in the way that is open: by requests in a session, by a result since 2026-07-28, and by
//! the state of a task in a task.

use mcp_sansio_tokio::server::Request;
use mcp_sansio_tokio::{Era, RpcError};
use serde_json::{Map, Value, json};

use crate::capabilities;
use crate::errors;
use crate::fixture::{Method, Question};
use crate::rounds::Round;
use crate::run::{Run, Side};

/// What came of asking.
pub(crate) enum Asked {
    /// All questions are answered; the answers are in the scope.
    Answered,
    /// The result that asks the client.
    Required(Value),
}

impl Run<'_> {
    /// Asks the client what it has not answered yet.
    pub(crate) async fn ask<'q>(
        &mut self,
        questions: impl Iterator<Item = (&'q String, &'q Question)>,
    ) -> Result<Asked, RpcError> {
        let answers = self.scope.answers();
        let open: Vec<_> = questions
            .filter(|(name, _)| answers.get(*name).is_none())
            .map(|(name, question)| Open {
                name,
                method: question.method,
                params: self.scope.fill_members(&question.params),
            })
            .collect();
        if open.is_empty() {
            return Ok(Asked::Answered);
        }
        let answers = match &self.side {
            Side::Task(task) => {
                let methods = open.iter().map(|open| open.method);
                self.capabilities
                    .need(&capabilities::for_questions(methods))?;
                self.host.ask_in_task(task, open).await
            }
            Side::Call(call, _) if call.request.version().era() == Era::Legacy => {
                by_requests(call.request, open).await?
            }
            Side::Call(call, round) => {
                let (answers, missing) = by_round(round, open);
                self.scope.answer(answers);
                if missing.is_empty() {
                    return Ok(Asked::Answered);
                }
                let asks = self
                    .host
                    .seal
                    .ask(call.request, &missing, self.scope.answers())?;
                return Ok(Asked::Required(asks));
            }
        };
        self.scope.answer(answers);
        Ok(Asked::Answered)
    }
}

/// A question that is not answered yet.
pub(crate) struct Open<'a> {
    pub(crate) name: &'a str,
    pub(crate) method: Method,
    pub(crate) params: Map<String, Value>,
}

impl Open<'_> {
    /// The question as an input request of the protocol.
    pub(crate) fn request(&self) -> Value {
        json!({ "method": self.method.as_str(), "params": self.params })
    }
}

/// Whether this can be an answer to such a question.
pub(crate) fn is_answer(method: Method, answer: &Value) -> bool {
    match method {
        Method::Elicitation => answer["action"].is_string(),
        Method::Roots => answer["roots"].is_array(),
        Method::Sampling => answer["role"].is_string() && !answer["content"].is_null(),
    }
}

/// In a session the client is asked on the stream of its request, all at once.
async fn by_requests(
    request: &Request,
    open: Vec<Open<'_>>,
) -> Result<Map<String, Value>, RpcError> {
    let asked: Vec<_> = open
        .into_iter()
        .map(|open| {
            let asked = request.ask(open.method.as_str(), open.params);
            (open.name, open.method, asked)
        })
        .collect();
    let mut answers = Map::new();
    for (name, method, asked) in asked {
        let cannot =
            |why: String| errors::internal(format!("the client was asked for {name}: {why}"));
        let answer = asked.await.map_err(|error| cannot(error.to_string()))?;
        if !is_answer(method, &answer) {
            return Err(cannot(format!(
                "{answer} is no answer to {}",
                method.as_str()
            )));
        }
        answers.insert(name.into(), answer);
    }
    Ok(answers)
}

/// The answers that came with a request, and what is still to be asked.
fn by_round(round: &Round, open: Vec<Open<'_>>) -> (Map<String, Value>, Map<String, Value>) {
    let (mut answers, mut missing) = (Map::new(), Map::new());
    for open in open {
        let answer = round.answer(open.name);
        match answer.filter(|answer| is_answer(open.method, answer)) {
            Some(answer) => answers.insert(open.name.into(), answer.clone()),
            None => missing.insert(open.name.into(), open.request()),
        };
    }
    (answers, missing)
}
