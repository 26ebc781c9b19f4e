//! Questions to the client: by a request, or by a result upon which the client makes its own again.

use mcp_sansio_tokio::server::{Input, Request, Session};
use mcp_sansio_tokio::{CallError, RpcError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const INTERNAL_ERROR: i64 = -32603;
const INVALID_PARAMS: i64 = -32602;
/// It has characters that do not survive a change of encoding.
const STATE: &str = "st.ate/with+special=chars \"quotes\"\n\t\u{e9}\u{1f980}";

/// Which stream something goes on.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Via {
    Call,
    Standalone,
}

/// What the client is asked for.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    #[default]
    Sampling,
    Elicitation,
    Roots,
    /// The three at once, which only a result can.
    All,
    /// One after the other, by results.
    Rounds,
}

/// What came of a question.
pub(super) enum Asked {
    /// What the client said.
    Answer(String),
    /// The result that asks.
    Question(Value),
}

/// Asks the client.
pub(super) async fn ask(
    request: &Request,
    session: Option<&Session>,
    via: Via,
    kind: Kind,
) -> Result<Asked, RpcError> {
    let kind = match kind {
        Kind::Sampling => "sampling",
        Kind::Elicitation => "elicitation",
        Kind::Roots => "roots",
        Kind::All => return all(request),
        Kind::Rounds => return rounds(request),
    };
    let (method, params) = question(kind);
    match via {
        Via::Call => single(request, kind).await,
        Via::Standalone => {
            let answer = standalone(session)?.ask(method, params).await;
            Ok(Asked::Answer(said(kind, &answer.map_err(told)?)))
        }
    }
}

/// Elicits.
pub(super) async fn elicit(request: &Request) -> Result<Asked, RpcError> {
    single(request, "elicitation").await
}

pub(super) fn standalone(session: Option<&Session>) -> Result<&Session, RpcError> {
    session.ok_or_else(|| RpcError::new(INVALID_PARAMS, "without sessions there is one way only"))
}

/// One question, in the way of the request's era.
async fn single(request: &Request, kind: &str) -> Result<Asked, RpcError> {
    let (method, params) = question(kind);
    let input = request.input(kind, method, params).await.map_err(told)?;
    Ok(match input {
        Input::Answer(answer) => Asked::Answer(said(kind, &answer)),
        Input::Required(result) => Asked::Question(result),
    })
}

/// What a client sends with its request when it makes it again.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Again {
    request_state: Option<String>,
    #[serde(default)]
    input_responses: Map<String, Value>,
}

impl Again {
    fn said(&self, kind: &str) -> String {
        let answer = self.input_responses.get(kind);
        answer.map(|answer| said(kind, answer)).unwrap_or_default()
    }
}

/// All questions at once, with a state that must come back.
fn all(request: &Request) -> Result<Asked, RpcError> {
    let kinds = ["sampling", "elicitation", "roots"];
    let again: Again = request.params()?;
    match again.request_state.as_deref() {
        None => Ok(required(&kinds, STATE)),
        Some(STATE) => Ok(Asked::Answer(kinds.map(|kind| again.said(kind)).join(" "))),
        Some(other) => {
            let message = format!("the state came back as {other:?}");
            Err(RpcError::new(INVALID_PARAMS, message))
        }
    }
}

/// Two questions one after the other, and then a round in which nothing is asked.
fn rounds(request: &Request) -> Result<Asked, RpcError> {
    let again: Again = request.params()?;
    let answer = again.said("elicitation");
    Ok(match again.request_state {
        None => required(&["elicitation"], "one"),
        Some(state) if state == "one" => required(&["elicitation"], &format!("two {answer}")),
        Some(state) if state.starts_with("two") => {
            required(&[], format!("three {state} {answer}").trim_end())
        }
        Some(state) => Asked::Answer(state),
    })
}

fn required(kinds: &[&str], state: &str) -> Asked {
    let mut result = json!({ "resultType": "input_required", "requestState": state });
    for kind in kinds {
        let (method, params) = question(kind);
        result["inputRequests"][*kind] = json!({ "method": method, "params": params });
    }
    Asked::Question(result)
}

/// A question, as method and params.
fn question(kind: &str) -> (&'static str, Value) {
    match kind {
        "sampling" => (
            "sampling/createMessage",
            json!({
                "messages": [{ "role": "user", "content": { "type": "text", "text": "What is the answer?" } }],
                "maxTokens": 16,
            }),
        ),
        "elicitation" => (
            "elicitation/create",
            json!({
                "mode": "form",
                "message": "What is the answer?",
                "requestedSchema": { "type": "object", "properties": { "answer": { "type": "string" } } },
            }),
        ),
        _ => ("roots/list", json!({})),
    }
}

/// What the client said, of the result of a question.
fn said(kind: &str, answer: &Value) -> String {
    let place = match kind {
        "sampling" => "/content/text",
        "elicitation" => "/content/answer",
        _ => "/roots/0/uri",
    };
    let words = answer.pointer(place).and_then(Value::as_str);
    words.unwrap_or_default().to_owned()
}

/// What went wrong with a question, told to the client that was asked.
fn told(error: CallError) -> RpcError {
    match error {
        CallError::Peer(error) => error,
        error => RpcError::new(INTERNAL_ERROR, format!("{error:#}")),
    }
}
