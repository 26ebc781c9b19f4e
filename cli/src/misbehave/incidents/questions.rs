//! Questions to the client, where they must not be or without an end.

use serde_json::json;

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::polite::echo;

pub(crate) const ASKS_FOR_EVER: Incident = Incident {
    name: "asks-for-ever",
    does: "Answers every round of a tool call with the same question again.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            let schema = json!({"type": "object", "properties": {"sure": {"type": "boolean"}}});
            let params = json!({"mode": "form", "message": "Sure?", "requestedSchema": schema});
            let mut answer = x.result(&json!({
                "inputRequests": {"sure": {"method": "elicitation/create", "params": params}},
                "requestState": "not sure yet",
            }));
            answer["result"]["resultType"] = "input_required".into();
            x.json(200, &answer).await
        })
    },
};

pub(crate) const ASKS_ON_STREAM: Incident = Incident {
    name: "asks-on-stream",
    does: "Sends a request on the stream of a tool call, as the modern era forbids, and then the answer.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            let question = json!({
                "jsonrpc": "2.0",
                "id": x.id(),
                "method": "elicitation/create",
                "params": {"message": "Sure?", "requestedSchema": {"type": "object"}},
            });
            x.message_event(&question).await?;
            let answer = echo(x);
            x.message_event(&answer).await?;
            x.end().await
        })
    },
};
