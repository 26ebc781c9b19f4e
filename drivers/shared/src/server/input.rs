//! Questions to the client in the midst of a request, in the way of its era.

use bytes::Bytes;
use mcp_sansio::Era;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::request::Request;
use crate::error::CallError;

/// What came of a question to the client. From [`Request::input`].
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// The client's answer, such as an `ElicitResult`. It is the client's word: one may come that was never
    /// asked for.
    Answer(Value),
    /// The result that asks the client. Return it: the client makes its request again, with the answer.
    Required(Value),
}

impl Request {
    /// Asks the client for something in the midst of its request, in the way of its era: in a session by
    /// [`ask`](Self::ask), while the handler waits; since 2026-07-28 by an `input_required` result, upon which
    /// the client makes its request again with the answer, and the handler runs from its start. `key` names the
    /// question within the request.
    ///
    /// This is for one question at a time, and only in `tools/call`, `prompts/get` and `resources/read`. Several
    /// at once, or a state that the client carries from round to round, are a result that the handler
    /// writes itself: `{"resultType": "input_required", "inputRequests": {..}, "requestState": ".."}`. What a
    /// client sends back as `requestState` is to be trusted only if it was sealed: by `core::seal_state`, with
    /// the feature `seal`.
    ///
    /// ```
    /// use mcp_sansio_driver::server::{Input, Request};
    /// use mcp_sansio::RpcError;
    /// use serde_json::{Value, json};
    ///
    /// async fn book(request: Request) -> Result<Value, RpcError> {
    ///     let form = json!({
    ///         "message": "How many seats?",
    ///         "requestedSchema": {"type": "object", "properties": {"seats": {"type": "integer"}}},
    ///     });
    ///     let answer = match request.input("seats", "elicitation/create", form).await {
    ///         Ok(Input::Answer(answer)) => answer,
    ///         Ok(Input::Required(question)) => return Ok(question),
    ///         Err(error) => return Err(RpcError::new(-32000, error.to_string())),
    ///     };
    ///     let text = format!("booked: {}", answer["content"]["seats"]);
    ///     Ok(json!({"content": [{"type": "text", "text": text}]}))
    /// }
    /// # let _ = book;
    /// ```
    ///
    /// # Errors
    /// As [`ask`](Self::ask): above all, the client cannot be asked. Since 2026-07-28 the client is told of that
    /// instead, when the question is returned.
    pub async fn input(
        &self,
        key: &str,
        method: &str,
        params: impl Serialize,
    ) -> Result<Input, CallError> {
        let params = serde_json::to_value(params).map_err(CallError::Arguments)?;
        if self.version().era() == Era::Legacy {
            let answer = self.ask(method.to_owned(), params).await?;
            return Ok(Input::Answer(answer));
        }
        Ok(match answered(self.params_json(), key) {
            Some(answer) => Input::Answer(answer),
            None => Input::Required(json!({
                "resultType": "input_required",
                "inputRequests": {key: {"method": method, "params": params}},
            })),
        })
    }
}

/// The answer that the client sent with its request.
fn answered(params: Option<&Bytes>, key: &str) -> Option<Value> {
    #[derive(Deserialize)]
    struct Params {
        #[serde(rename = "inputResponses")]
        responses: serde_json::Map<String, Value>,
    }
    let mut params: Params = serde_json::from_slice(params?).ok()?;
    params.responses.remove(key)
}
