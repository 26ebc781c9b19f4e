//! What the server asks in the midst of a call.

use mcp_sansio_tokio::{Builder, RpcError, ServerRequest};
use serde_json::{Value, json};

use crate::connect::identity;
use crate::terminal::{complain, printable};

const METHOD_NOT_FOUND: i64 = -32601;

/// Lets the server ask for input, and gives it this answer; without one, declines and says what was asked.
pub(crate) fn answering(builder: Builder, answer: Option<Value>) -> Builder {
    let mut identity = identity();
    identity.capabilities = r#"{"elicitation":{}}"#.into();
    builder.identity(identity).on_request(move |request| {
        let result = respond(&request, answer.as_ref());
        async { result }
    })
}

fn respond(request: &ServerRequest, answer: Option<&Value>) -> Result<Value, RpcError> {
    if request.method != "elicitation/create" {
        let why = format!("{} is not supported", request.method);
        return Err(RpcError::new(METHOD_NOT_FOUND, why));
    }
    let params = request.params.as_ref().unwrap_or(&Value::Null);
    // Only a form has content: a page to visit is for a person.
    let is_form = params["mode"].as_str().is_none_or(|mode| mode == "form");
    match answer {
        Some(content) if is_form => Ok(json!({"action": "accept", "content": content})),
        _ => {
            complain(&printable(&declined(params, is_form)));
            Ok(json!({"action": "decline"}))
        }
    }
}

/// `the server asks: How many? This was declined; answer with --answer '{"seats": ..}'`.
fn declined(params: &Value, is_form: bool) -> String {
    let message = params["message"]
        .as_str()
        .unwrap_or("(it does not say what)");
    if !is_form {
        let url = params["url"].as_str().unwrap_or("a page");
        return format!(
            "the server asks: {message} This was declined; it wants a person to visit {url}"
        );
    }
    let members = params["requestedSchema"]["properties"].as_object();
    let members: Vec<_> = members
        .into_iter()
        .flatten()
        .map(|(name, _)| format!("{}: ..", json!(name)))
        .collect();
    format!(
        "the server asks: {message} This was declined; answer with --answer '{{{}}}'",
        members.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declined_is_told_with_the_answer_to_give() {
        let form = json!({
            "message": "How many?",
            "requestedSchema": {"type": "object", "properties": {"n": {"type": "integer"}}},
        });
        let told = declined(&form, true);
        assert!(
            told.ends_with(r#"answer with --answer '{"n": ..}'"#),
            "{told}"
        );
        let page = json!({"mode": "url", "message": "Sign in.", "url": "https://a.example/"});
        let told = declined(&page, false);
        assert!(told.ends_with("to visit https://a.example/"), "{told}");
    }
}
