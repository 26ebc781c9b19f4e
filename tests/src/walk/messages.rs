//! What the server of a walk says.

use super::network::{Peer, Server};
use crate::dice::Dice;
use crate::subject::Subject;
use crate::watch::ExchangeSeen;
use mcp_sansio::{Method, Version};
use serde_json::{Value, json};

/// One message for the body of this exchange.
pub(super) fn invent(
    subject: &Subject,
    seen: &ExchangeSeen,
    dice: &mut Dice,
    server: Server,
) -> Value {
    // On a stream for all, the answer is one to any request that is under way.
    let seen = match seen.method {
        Method::Get => under_way(subject, dice).unwrap_or(seen),
        Method::Delete | Method::Post => seen,
    };
    let id = seen.body["id"].clone();
    let goes_right = !dice.one_in(server.slips);
    if goes_right && !server.peer.serves(seen) {
        return refusal(&id, dice, server.peer);
    }
    match seen.body["method"].as_str() {
        Some("initialize") if goes_right => initialized(&id, dice, server.slips),
        Some("server/discover") if goes_right => discovered(&id, dice, server.slips),
        Some("subscriptions/listen") if goes_right && !seen.has_body() => acknowledged(&id),
        Some("subscriptions/listen") if goes_right => of_subscription(&id, dice),
        Some("tools/list") if goes_right && dice.one_in(2) => tools(&id, dice),
        _ if seen.is_modern() && dice.one_in(2) => modern(&id, dice),
        _ => anything(subject, &id, dice),
    }
}

fn under_way<'a>(subject: &'a Subject, dice: &mut Dice) -> Option<&'a ExchangeSeen> {
    let requests = subject.watch().exchanges.values().rev();
    let latest: Vec<_> = requests
        .filter(|other| !other.body["method"].is_null() && !other.body["id"].is_null())
        .take(3)
        .collect();
    if latest.is_empty() {
        None
    } else {
        Some(*dice.pick::<&ExchangeSeen>(&latest))
    }
}

/// A server that cannot serve a request says so, as its kind does.
fn refusal(id: &Value, dice: &mut Dice, peer: Peer) -> Value {
    let supported = match peer {
        Peer::Modern => json!(["2026-07-28"]),
        Peer::Legacy | Peer::Oldest => json!(["2025-11-25", "2024-11-05"]),
        Peer::Dual => json!(["2026-07-28", "2025-11-25"]),
    };
    let code = match peer {
        Peer::Modern => *dice.pick(&[-32020, -32022, -32022]),
        _ => *dice.pick(&[-32600, -32601, -32000]),
    };
    let id = if dice.one_in(3) { &Value::Null } else { id };
    json!({"jsonrpc": "2.0", "id": id, "error":
        {"code": code, "message": "not here", "data": {"supported": supported}}})
}

fn initialized(id: &Value, dice: &mut Dice, slips: usize) -> Value {
    let version = if dice.one_in(slips) {
        dice.pick(&Version::ALL).as_str()
    } else {
        "2025-11-25"
    };
    let result = json!({"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}});
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn discovered(id: &Value, dice: &mut Dice, slips: usize) -> Value {
    let versions = match dice.below(3 * slips) {
        0 => json!(["2025-11-25"]),
        1 => json!(["2099-01-01"]),
        2 => json!("2026-07-28"),
        3 => json!(["2099-01-01", "2026-07-28", "2025-11-25"]),
        _ => json!(["2026-07-28"]),
    };
    json!({"jsonrpc": "2.0", "id": id, "result":
        {"resultType": "complete", "supportedVersions": versions, "capabilities": {}}})
}

fn tools(id: &Value, dice: &mut Dice) -> Value {
    let header = *dice.pick(&["Region", "Region", "Area", "not a token", ""]);
    let tool = json!({"name": "work", "inputSchema": {"type": "object", "properties":
        {"region": {"type": "string", "x-mcp-header": header}}}});
    let mut result = json!({"resultType": "complete", "tools": [tool]});
    if dice.one_in(3) {
        result["nextCursor"] = json!(format!("page {}", dice.below(3)));
    }
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn acknowledged(id: &Value) -> Value {
    let tag = json!({"io.modelcontextprotocol/subscriptionId": id});
    json!({"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
        "params": {"notifications": {"toolsListChanged": true}, "_meta": tag}})
}

fn of_subscription(id: &Value, dice: &mut Dice) -> Value {
    let foreign = json!(4711);
    let tag = if dice.one_in(8) { &foreign } else { id };
    let tag = json!({"io.modelcontextprotocol/subscriptionId": tag});
    let told = |method: &str, more: Value| {
        let mut params = more;
        params["_meta"] = tag.clone();
        json!({"jsonrpc": "2.0", "method": method, "params": params})
    };
    match dice.below(10) {
        0 => acknowledged(id),
        1..=5 => told(
            "notifications/tools/list_changed",
            json!({"n": dice.below(1 << 20)}),
        ),
        6 => told(
            "notifications/prompts/list_changed",
            json!({"n": dice.below(1 << 20)}),
        ),
        7 => told(
            "notifications/resources/updated",
            json!({"uri": *dice.pick(&["file:///a", "file:///b"]), "n": dice.below(1 << 20)}),
        ),
        8 if dice.one_in(2) => {
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
        }
        8 => {
            json!({"jsonrpc": "2.0", "id": id, "result": {"resultType": "complete", "_meta": tag}})
        }
        _ => json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32603, "message": "no"}}),
    }
}

/// What a modern server may answer to any request, allowed for it or not.
fn modern(id: &Value, dice: &mut Dice) -> Value {
    let questions = json!({
        "b": {"method": "elicitation/create", "params": {"message": dice.below(1 << 20)}},
        "a": {"method": *dice.pick(&["sampling/createMessage", "elicitation/create", "tools/call"]),
            "params": {"n": dice.below(1 << 20)}},
    });
    let one =
        json!({"q": {"method": "elicitation/create", "params": {"message": dice.below(1 << 20)}}});
    let result = match dice.below(11) {
        0 => json!({"resultType": "input_required", "inputRequests": questions}),
        1 | 2 => {
            json!({"resultType": "input_required", "inputRequests": one, "requestState": "\u{e9}\\ \"s\""})
        }
        3 => {
            json!({"resultType": "input_required", "requestState": format!("s{}", dice.below(100))})
        }
        5 => json!({"resultType": *dice.pick(&["task", "input_required", "odd"])}),
        6 | 7 => {
            let code = *dice.pick(&[-32020, -32020, -32021, -32022]);
            let supported = dice.pick(&["2026-07-28", "2025-11-25", "2099-01-01"]);
            return json!({"jsonrpc": "2.0", "id": id, "error":
                {"code": code, "message": "modern", "data": {"supported": [supported]}}});
        }
        _ => json!({"resultType": "complete", "content": []}),
    };
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn anything(subject: &Subject, id: &Value, dice: &mut Dice) -> Value {
    let others: Vec<_> = subject
        .watch()
        .exchanges
        .values()
        .map(|other| other.body["id"].clone())
        .collect();
    let count = subject.watch().fed.len();
    match dice.below(10) {
        0..=2 => json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}}),
        3 => json!({"jsonrpc": "2.0", "id": dice.pick(&others), "result": {}}),
        4 => json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no"}}),
        5 => {
            let token = format!("sio-{}", dice.below(12));
            json!({"jsonrpc": "2.0", "method": "notifications/progress",
                "params": {"progressToken": token, "progress": count}})
        }
        6 => {
            json!({"jsonrpc": "2.0", "id": format!("q{}", dice.below(4)), "method": "sampling/createMessage",
            "params": {"n": count}})
        }
        7 => {
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": format!("q{}", dice.below(4))}})
        }
        8 => json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}),
        _ => json!({"jsonrpc": "2.0", "method": "notifications/message",
            "params": {"level": "info", "data": count}}),
    }
}
