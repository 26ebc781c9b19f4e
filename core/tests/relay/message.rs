//! Messages as hosts and peers write them.

use serde_json::{Value, json};

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
pub(crate) const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
pub(crate) const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

pub(crate) fn request(id: Value, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

/// A request of the modern era: its `_meta` says what the protocol wants there, beside what is there already.
pub(crate) fn modern(id: Value, method: &str, params: Value) -> Value {
    request(id, method, with_meta(params))
}

pub(crate) fn with_meta(mut params: Value) -> Value {
    params["_meta"][VERSION] = json!(MODERN);
    if params["_meta"].get(CAPABILITIES).is_none() {
        params["_meta"][CAPABILITIES] = json!({});
    }
    params
}

pub(crate) fn call_of(id: Value, tool: &str) -> Value {
    modern(id, "tools/call", json!({"name": tool}))
}

pub(crate) fn listen(id: Value) -> Value {
    let params = json!({"notifications": {"toolsListChanged": true}});
    modern(id, "subscriptions/listen", params)
}

pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

pub(crate) fn cancelled(id: Value) -> Value {
    notification("notifications/cancelled", json!({"requestId": id}))
}

/// The acknowledgement of a subscription, under the id that tags it.
pub(crate) fn acknowledged(id: &Value) -> Value {
    let params = json!({"notifications": {"toolsListChanged": true}, "_meta": {SUBSCRIPTION: id}});
    notification("notifications/subscriptions/acknowledged", params)
}

pub(crate) fn list_changed(id: &Value) -> Value {
    let params = json!({"_meta": {SUBSCRIPTION: id}});
    notification("notifications/tools/list_changed", params)
}

pub(crate) fn result(id: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

pub(crate) fn error(id: &Value, code: i64) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": "no"}})
}
