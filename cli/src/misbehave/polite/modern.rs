//! A server of the modern era (2026-07-28, "Streamable HTTP"): each POST stands alone and says what it is,
//! in its body and in its headers.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::exchange::{Exchange, SUBSCRIPTION_ID, VERSION_KEY};
use super::{call, tools};

/// The one revision that it speaks.
const REVISION: &str = "2026-07-28";

const INVALID_REQUEST: i64 = -32600;
pub(crate) const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_VERSION: i64 = -32022;

/// Between two comments that keep a listen stream open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn answer(x: &mut Exchange) -> io::Result<()> {
    if x.http() != "POST" {
        let allow = [("allow", "POST")];
        return x.whole(405, &allow, "", "405".into()).await;
    }
    if let Some(refusal) = refusal(x) {
        return x.json(400, &refusal).await;
    }
    if x.message().get("id").is_none() {
        return x.status(202).await;
    }
    let result = match x.rpc() {
        "server/discover" => json!({
            "supportedVersions": [REVISION],
            "capabilities": {"tools": {"listChanged": true}},
            "ttlMs": 0,
            "cacheScope": "private",
        }),
        "tools/list" => json!({"tools": tools::list(), "ttlMs": 0, "cacheScope": "private"}),
        "subscriptions/listen" => return listen(x).await,
        _ => return call(x).await,
    };
    let answer = x.result(&result);
    x.json(200, &answer).await
}

/// Opens the listen stream of this request and says which of what it asks for will come.
pub(crate) async fn acknowledge(x: &mut Exchange) -> io::Result<()> {
    let wanted = &x.message()["params"]["notifications"];
    let filter = match wanted["toolsListChanged"].as_bool() {
        Some(true) => json!({"toolsListChanged": true}),
        _ => json!({}),
    };
    let acknowledgement = json!({
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": {"_meta": {SUBSCRIPTION_ID: x.id()}, "notifications": filter},
    });
    x.open_stream().await?;
    x.message_event(&acknowledgement).await
}

async fn listen(x: &mut Exchange) -> io::Result<()> {
    acknowledge(x).await?;
    while x.unless_left(sleep(KEEP_ALIVE)).await.is_some() {
        x.keep_alive().await?;
    }
    Ok(())
}

/// Why a message is not taken, as the body of a 400.
fn refusal(x: &Exchange) -> Option<Value> {
    if x.rpc().is_empty() {
        let why = "the body is no request and no notification";
        return Some(x.error(INVALID_REQUEST, why));
    }
    let params = &x.message()["params"];
    let revision = params["_meta"][VERSION_KEY].as_str();
    if revision != Some(REVISION) {
        return Some(unsupported(x));
    }
    let name = match x.rpc() {
        "tools/call" | "prompts/get" => params["name"].as_str(),
        "resources/read" => params["uri"].as_str(),
        _ => None,
    };
    let mirrored = [
        ("mcp-protocol-version", revision),
        ("mcp-method", Some(x.rpc())),
        ("mcp-name", name),
    ];
    let (header, _) = mirrored
        .into_iter()
        .find(|(header, value)| value.is_some() && x.header(header) != *value)?;
    let why = format!("the header {header} is missing or says something else than the body");
    Some(x.error(HEADER_MISMATCH, &why))
}

/// The error that names what this server speaks. Clients of the legacy era get it too: it is all that
/// their users see.
pub(crate) fn unsupported(x: &Exchange) -> Value {
    let why = format!("this server speaks {REVISION} alone");
    let params = &x.message()["params"];
    let requested = params["_meta"][VERSION_KEY]
        .as_str()
        .or_else(|| params["protocolVersion"].as_str())
        .or_else(|| x.header("mcp-protocol-version"));
    let mut error = x.error(UNSUPPORTED_VERSION, &why);
    error["error"]["data"] = json!({"supported": [REVISION], "requested": requested});
    error
}
