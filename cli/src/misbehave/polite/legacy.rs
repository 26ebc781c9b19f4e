//! A server of the legacy era (2025-11-25, "Streamable HTTP"): sessions, and no standalone stream.

use std::io;

use serde_json::json;

use super::super::exchange::{Exchange, server_info};
use super::super::server::Server;
use super::{call, tools};

const NEWEST: &str = "2025-11-25";
const VERSIONS: [&str; 3] = ["2025-03-26", "2025-06-18", NEWEST];

pub(super) async fn answer(server: &Server, x: &mut Exchange) -> io::Result<()> {
    if x.http() == "POST" && x.rpc() == "initialize" {
        return initialize(server, x).await;
    }
    let Some(session) = x.session().map(str::to_owned) else {
        return x.status(400).await;
    };
    if !server.knows(&session) {
        return x.status(404).await;
    }
    match x.http() {
        "DELETE" => {
            server.end_session(&session);
            x.status(200).await
        }
        "POST" => post(x).await,
        _ => {
            let allow = [("allow", "POST, DELETE")];
            x.whole(405, &allow, "", "405".into()).await
        }
    }
}

async fn initialize(server: &Server, x: &mut Exchange) -> io::Result<()> {
    let offered = x.message()["params"]["protocolVersion"]
        .as_str()
        .unwrap_or_default();
    let version = VERSIONS
        .into_iter()
        .find(|known| *known == offered)
        .unwrap_or(NEWEST);
    let result = x.result(&json!({
        "protocolVersion": version,
        "capabilities": {"tools": {}},
        "serverInfo": server_info(),
    }));
    let session = server.new_session();
    let headers = [
        ("content-type", "application/json"),
        ("mcp-session-id", session.as_str()),
    ];
    x.whole(
        200,
        &headers,
        &result.to_string(),
        format!("200, {session}").into(),
    )
    .await
}

async fn post(x: &mut Exchange) -> io::Result<()> {
    if !x.message().is_object() {
        let error = x.error(-32700, "the body is no JSON object");
        return x.json(400, &error).await;
    }
    if x.answers() || x.message().get("id").is_none() {
        return x.status(202).await;
    }
    let result = match x.rpc() {
        "ping" => json!({}),
        "tools/list" => json!({"tools": tools::list()}),
        _ => return call(x).await,
    };
    let answer = x.result(&result);
    x.json(200, &answer).await
}
