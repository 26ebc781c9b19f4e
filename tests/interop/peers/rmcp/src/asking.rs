//! Asking the client: by a request in the legacy era, by a result in the modern one.

#![expect(
    deprecated,
    reason = "the newest revision deprecates sampling and roots, and serves them still"
)]

use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, CreateMessageRequest,
    CreateMessageRequestParams, ElicitRequest, InputRequest, InputRequests, InputRequiredResult,
    InputResponses, ListRootsRequest, SamplingMessage,
};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{ErrorData, Peer, RoleServer};
use serde::Deserialize;
use serde_json::{Value, json};

/// It has characters that do not survive a change of encoding.
const STATE: &str = "st.ate/with+special=chars \"quotes\"\n\t\u{e9}\u{1f980}";

/// What the client is asked for.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    Sampling,
    Elicitation,
    Roots,
    /// The three at once.
    All,
    /// One after the other.
    Rounds,
}

/// Samples by a request.
pub(crate) async fn sample(peer: Peer<RoleServer>) -> Result<String, ErrorData> {
    let result = peer
        .create_message(question())
        .await
        .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    let text = result
        .message
        .content
        .first()
        .and_then(|block| block.as_text());
    text.map(|text| text.text.clone())
        .ok_or_else(|| ErrorData::internal_error("the client answered with no text", None))
}

/// The answer of `ask`, or what it asks, with a state that must come back.
pub(crate) fn by_result(
    kind: Kind,
    state: Option<&str>,
    responses: &InputResponses,
) -> Result<CallToolResponse, ErrorData> {
    let asked: &[_] = match kind {
        Kind::Sampling => &["sampling"],
        Kind::Elicitation => &["elicitation"],
        Kind::Roots => &["roots"],
        Kind::All => &["sampling", "elicitation", "roots"],
        Kind::Rounds => return rounds(state, responses),
    };
    match state {
        None => required(asked, STATE),
        Some(STATE) => {
            let answers: Vec<_> = asked.iter().map(|kind| said(kind, responses)).collect();
            Ok(done(answers.join(" ")))
        }
        Some(other) => {
            let message = format!("the state came back as {other:?}");
            Err(ErrorData::invalid_params(message, None))
        }
    }
}

/// Two questions one after the other, and then a round in which nothing is asked.
fn rounds(state: Option<&str>, responses: &InputResponses) -> Result<CallToolResponse, ErrorData> {
    let answer = said("elicitation", responses);
    match state {
        None => required(&["elicitation"], "one"),
        Some("one") => required(&["elicitation"], &format!("two {answer}")),
        Some(state) if state.starts_with("two") => {
            Ok(InputRequiredResult::from_request_state(format!("three {state} {answer}")).into())
        }
        Some(state) => Ok(done(state.to_owned())),
    }
}

fn required(kinds: &[&str], state: &str) -> Result<CallToolResponse, ErrorData> {
    let mut requests = InputRequests::new();
    for kind in kinds {
        let request = match *kind {
            "sampling" => InputRequest::CreateMessage(CreateMessageRequest::new(question())),
            "elicitation" => InputRequest::Elicitation(elicitation()?),
            _ => InputRequest::ListRoots(ListRootsRequest::default()),
        };
        requests.insert((*kind).to_owned(), request);
    }
    Ok(InputRequiredResult::new(Some(requests), Some(state.to_owned())).into())
}

fn question() -> CreateMessageRequestParams {
    let question = SamplingMessage::user_text("What is the answer?");
    CreateMessageRequestParams::new(vec![question], 16)
}

fn elicitation() -> Result<ElicitRequest, ErrorData> {
    let request = json!({
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": "What is the answer?",
            "requestedSchema": { "type": "object", "properties": { "answer": { "type": "string" } } },
        },
    });
    serde_json::from_value(request)
        .map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// What the client said, of the result of a question; nothing if it did not.
fn said(kind: &str, responses: &InputResponses) -> String {
    let place = match kind {
        "sampling" => "/content/text",
        "elicitation" => "/content/answer",
        _ => "/roots/0/uri",
    };
    let result = responses.get(kind).and_then(|result| result.pointer(place));
    result
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn done(text: String) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}
