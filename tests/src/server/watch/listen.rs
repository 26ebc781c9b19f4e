//! Subscriptions as their clients see them: what was accepted, what was said since, what came.

use super::modern::SUBSCRIPTION;
use serde_json::{Value, json};

const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// A subscription, as its client sees it.
#[derive(Clone, Debug, Default)]
pub struct Listen {
    /// The filter in its acknowledgement.
    pub accepted: Option<Value>,
    /// What the application has said since that the filter accepts.
    pub said: Vec<Value>,
    /// How much of that came, or was passed over.
    pub heard: usize,
    /// How much of it was passed over.
    pub missed: usize,
}

impl Listen {
    /// Whether its acknowledged filter accepts a notification.
    pub(super) fn wants(&self, method: &str, params: &Value) -> bool {
        let Some(filter) = &self.accepted else {
            return false;
        };
        match method {
            "notifications/tools/list_changed" => filter["toolsListChanged"] == true,
            "notifications/prompts/list_changed" => filter["promptsListChanged"] == true,
            "notifications/resources/list_changed" => filter["resourcesListChanged"] == true,
            "notifications/resources/updated" => filter["resourceSubscriptions"]
                .as_array()
                .is_some_and(|uris| uris.contains(&params["uri"])),
            "notifications/tasks" => filter["taskIds"]
                .as_array()
                .is_some_and(|ids| ids.contains(&params["taskId"])),
            _ => false,
        }
    }
}

/// A notification on a subscription's stream.
pub(super) fn hear(listen: &mut Listen, method: &str, params: &Value) -> Result<(), String> {
    if method == ACKNOWLEDGED {
        let filter = params["notifications"].clone();
        if !filter.is_object() {
            return Err(format!("an acknowledgement without a filter: {params}"));
        }
        return match listen.accepted.replace(filter) {
            None => Ok(()),
            Some(_) => Err("it is acknowledged twice".to_owned()),
        };
    }
    if !listen.wants(method, params) {
        return Err(format!("{method} {params} was not asked for"));
    }
    let came = untagged(json!({"method": method, "params": params}));
    let rest = listen.said.iter().skip(listen.heard);
    let Some(passed) = rest.clone().position(|said| *said == came) else {
        return Err(format!("{came} was not said, or came before"));
    };
    listen.heard += passed + 1;
    listen.missed += passed;
    Ok(())
}

/// A notification without what the core adds to it.
pub(super) fn untagged(mut notification: Value) -> Value {
    let params = &mut notification["params"];
    if let Some(Value::Object(meta)) = params.get_mut("_meta") {
        meta.remove(SUBSCRIPTION);
    }
    if let Some(members) = params.as_object_mut() {
        members.retain(|name, value| name != "_meta" || *value != json!({}));
    }
    if *params == json!({}) {
        *params = Value::Null;
    }
    notification
}
