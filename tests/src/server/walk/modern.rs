//! The modern clients of a walk, and what an application says to them.

use super::{any, initialize};
use crate::dice::Dice;
use crate::server::subject::Subject;
use serde_json::{Value, json};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
const NEWEST: &str = "2026-07-28";
const CHANGES: [&str; 5] = [
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/resources/updated",
    "notifications/message",
    "notifications/tasks",
];
const TASKS: [&str; 2] = ["t1", "t2"];
const URIS: [&str; 3] = ["file:///a", "file:///b", "file:///c"];

/// What the server of a walk can do: a part of what its clients subscribe to.
pub(super) fn capabilities() -> Value {
    json!({
        "logging": {}, "prompts": {}, "resources": {"subscribe": true}, "tools": {"listChanged": true},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    })
}

/// The tools of a walk: one with a parameter that is mirrored.
pub(super) fn tools() -> Value {
    let region = json!({"type": "string", "x-mcp-header": "Region"});
    let schema = json!({"type": "object", "properties": {"region": region}});
    json!({"type": "declare_tools", "tools": [{"name": "work", "inputSchema": schema}]})
}

/// The next thing that happens.
pub(super) fn invent(subject: &Subject, dice: &mut Dice) -> Value {
    match dice.below(18) {
        0..=3 => request(dice),
        4 => spoil(request(dice), dice),
        5 | 6 => listen(dice),
        7 => foreign(dice),
        8..=12 => {
            let params = json!({"uri": dice.pick(&URIS), "taskId": dice.pick(&TASKS)});
            json!({"type": "notify", "to": "all", "method": dice.pick(&CHANGES), "params": params})
        }
        13 => log(subject, dice),
        14 => answer(subject, dice),
        15 => {
            json!({"type": "gone", "exchange": any(dice, subject.watch().open().map(|(id, _)| id))})
        }
        16 => {
            let waits = subject.watch().open().filter(|(_, seen)| seen.in_hand);
            json!({"type": "written", "exchange": any(dice, waits.map(|(id, _)| id))})
        }
        _ => json!({"type": "timeout"}),
    }
}

/// One request, mostly not as it must be.
pub(super) fn mischief(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => listen(dice),
        1 => foreign(dice),
        2 => request(dice),
        _ => spoil(request(dice), dice),
    }
}

/// A request as it must be.
fn request(dice: &mut Dice) -> Value {
    let (method, mut params, name) = match dice.below(9) {
        0 | 1 => ("tools/call", json!({"name": "work"}), Some("work")),
        2 => {
            let params = json!({"name": "work", "arguments": {"region": "eu"}});
            ("tools/call", params, Some("work"))
        }
        3 => ("prompts/get", json!({"name": "p"}), Some("=?base64?cA==?=")),
        4 => {
            let uri = *dice.pick(&URIS);
            ("resources/read", json!({"uri": uri}), Some(uri))
        }
        5 => ("tools/list", json!({}), None),
        6 => ("server/discover", json!({}), None),
        7 => {
            let task = *dice.pick(&TASKS);
            ("tasks/get", json!({"taskId": task}), Some(task))
        }
        _ => ("ping", json!({}), None),
    };
    let capabilities = *dice.pick(&["elicitation", "roots", "tasks"]);
    params["_meta"] = json!({VERSION: NEWEST, CAPABILITIES: {capabilities: {}}});
    if let Some(level) = dice.pick(&[None, Some("debug"), Some("error")]) {
        params["_meta"][LOG_LEVEL] = json!(level);
    }
    let mut headers = vec![json!(["mcp-method", method])];
    headers.extend(name.map(|name| json!(["mcp-name", name])));
    if params.get("arguments").is_some() {
        headers.push(json!(["Mcp-Param-Region", "eu"]));
    }
    post(dice, method, &params, &headers)
}

fn listen(dice: &mut Dice) -> Value {
    let filter = match dice.below(5) {
        0 => json!({"toolsListChanged": true}),
        1 => json!({"promptsListChanged": true, "toolsListChanged": dice.one_in(2)}),
        2 => json!({"resourceSubscriptions": [dice.pick(&URIS), dice.pick(&URIS)]}),
        3 => json!({"taskIds": [dice.pick(&TASKS)], "toolsListChanged": dice.one_in(2)}),
        _ => json!({}),
    };
    let can = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let meta = json!({VERSION: NEWEST, CAPABILITIES: can});
    let params = json!({"_meta": meta, "notifications": filter});
    let method = "subscriptions/listen";
    post(dice, method, &params, &[json!(["mcp-method", method])])
}

fn post(dice: &mut Dice, method: &str, params: &Value, headers: &[Value]) -> Value {
    let id = match dice.below(4) {
        0 => json!("one"),
        other => json!(other),
    };
    let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    json!({"type": "post", "version": NEWEST, "headers": headers, "body": body})
}

/// Takes one thing away from a request, or adds one that is wrong.
fn spoil(mut request: Value, dice: &mut Dice) -> Value {
    let body = &mut request["body"];
    let meta = &mut body["params"]["_meta"];
    match dice.below(12) {
        0 => meta[VERSION] = json!("1999-01-01"),
        1 => meta[VERSION] = json!(7),
        2 => meta[CAPABILITIES] = json!([]),
        3 => meta[LOG_LEVEL] = json!("loud"),
        4 => *meta = Value::Null,
        5 => body["method"] = json!("tools/other"),
        6 => body["id"] = Value::Null,
        7 => *body = json!([body]),
        8 => *body = json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
        9 => request["version"] = json!(dice.pick(&[None, Some("2025-11-25"), Some("1999-01-01")])),
        10 => request["headers"] = json!([["mcp-method", "TOOLS/CALL"]]),
        _ => {
            request["session"] = json!("a-session");
            request["cursor"] = json!("1-1");
        }
    }
    request
}

/// What belongs to another era, with a modern header.
fn foreign(dice: &mut Dice) -> Value {
    let mut input = match dice.below(4) {
        0 => json!({"type": "get"}),
        1 => json!({"type": "delete", "session": "a-session"}),
        2 => initialize(dice),
        _ => {
            let body = json!({"jsonrpc": "2.0", "method": "notifications/x"});
            json!({"type": "post", "body": body})
        }
    };
    input["version"] = json!(NEWEST);
    input
}

fn log(subject: &Subject, dice: &mut Dice) -> Value {
    let request = any(dice, subject.watch().owed().map(|(id, _)| id));
    let level = *dice.pick(&["debug", "warning", "emergency", "loud"]);
    let params = json!({"level": level, "data": "x"});
    json!({"type": "notify", "to": {"request": request}, "method": "notifications/message", "params": params})
}

/// Answers that mean something to the era, right ones and wrong ones.
fn answer(subject: &Subject, dice: &mut Dice) -> Value {
    let request = any(dice, subject.watch().owed().map(|(id, _)| id));
    let question =
        json!({"method": dice.pick(&["elicitation/create", "roots/list", "tools/call"])});
    let result = match dice.below(6) {
        0 => json!({"resultType": "input_required", "inputRequests": {"q": question}}),
        1 => json!({"resultType": "input_required", "requestState": "s"}),
        2 => json!({"resultType": "input_required"}),
        3 => json!({"resultType": "complete", "ttlMs": 5}),
        4 => json!({"_meta": {"a/b": 1}}),
        _ => {
            let code = *dice.pick(&[-32601, -32602, -32021, -32603]);
            let error = json!({"code": code, "message": "no"});
            return json!({"type": "respond", "id": request, "error": error});
        }
    };
    json!({"type": "respond", "id": request, "result": result})
}
