//! What this client answers when the server asks, whether in a session or in the answer to a call.

use mcp_sansio_tokio::{RpcError, ServerRequest};
use serde_json::{Value, json};

use crate::schema;

/// What the server may ask.
pub(crate) const CAPABILITIES: &str = r#"{"elicitation":{},"roots":{},"sampling":{}}"#;

pub(crate) fn answer(request: &ServerRequest) -> Result<Value, RpcError> {
    match request.method.as_str() {
        "elicitation/create" => Ok(accept(request.params.as_ref())),
        "roots/list" => Ok(json!({"roots": [{"uri": "file:///project", "name": "project"}]})),
        "sampling/createMessage" => Ok(json!({
            "role": "assistant",
            "content": {"type": "text", "text": "An answer of the model."},
            "model": "no-model",
            "stopReason": "endTurn",
        })),
        method => Err(RpcError::new(-32601, format!("{method} is not supported"))),
    }
}

/// What a user says who changes nothing in the form, and only ticks the boxes.
fn accept(params: Option<&Value>) -> Value {
    let asked = params.map_or(&Value::Null, |params| &params["requestedSchema"]);
    json!({"action": "accept", "content": schema::example(asked)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_accepted_with_its_defaults() {
        let params = json!({"message": "?", "requestedSchema": {"type": "object", "properties": {
            "score": {"type": "number", "default": 95.5},
            "confirmed": {"type": "boolean"},
        }}});
        let accepted = accept(Some(&params));
        let expected = json!({"action": "accept", "content": {"score": 95.5, "confirmed": true}});
        assert_eq!(accepted, expected);
    }
}
