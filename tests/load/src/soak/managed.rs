//! Callers that are our own client: the whole way round, with questions of the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mcp_sansio_tokio::{CallOptions, Client, Identity, Version};
use serde_json::{Value, json};

use crate::tally::Tally;

/// Calls of one caller at most.
const MOST: usize = 100_000;

/// Calls until the time is up, and closes every second client; the others are dropped.
pub(super) async fn run(
    number: usize,
    url: String,
    sessions: usize,
    until: Instant,
    tally: Arc<Tally>,
) {
    let mut clients = Vec::new();
    for _ in 0..sessions {
        match connect(&url).await {
            Ok(client) => {
                tally.add("our client: connect", Ok::<_, String>(()));
                clients.push(client);
            }
            Err(error) => tally.add("our client: connect", Err(error)),
        }
    }
    if clients.is_empty() {
        return;
    }
    for turn in 0..MOST {
        if turn >= clients.len() && Instant::now() >= until {
            break;
        }
        let client = &clients[turn % clients.len()];
        let text = format!("turn {turn} of {number}");
        let (name, tool) = match turn % 7 {
            2 => ("our client: slow, with progress", "slow"),
            4 => ("our client: ask, and be asked", "ask"),
            6 => {
                // Dropping a call cancels it.
                let call =
                    client.call_tool_with("slow", json!({"steps": 100}), CallOptions::default());
                let dropped = tokio::time::timeout(Duration::from_millis(50), call).await;
                let dropped = dropped.map_or(Ok(()), |done| Err(format!("it was over: {done:?}")));
                tally.add("our client: a call is dropped", dropped);
                continue;
            }
            _ => ("our client: echo", "echo"),
        };
        let mut options = CallOptions::default();
        options.progress = tool == "slow";
        let arguments = json!({"text": text, "steps": 3});
        let answer = client.call_tool_with(tool, arguments, options).await;
        let result = match answer {
            Ok(result) if result["content"][0]["text"] == text.as_str() => Ok(()),
            Ok(other) => Err(format!("the answer to {text:?} was {other}")),
            Err(error) => Err(format!("{error:#}")),
        };
        tally.add(name, result);
    }
    for (place, client) in clients.into_iter().enumerate() {
        if place % 2 == 0 {
            client.close().await;
        }
    }
}

/// A client that answers questions with the question.
async fn connect(url: &str) -> Result<Client, String> {
    let mut identity = Identity::new("mcp-sansio load", env!("CARGO_PKG_VERSION"));
    identity.capabilities = r#"{"elicitation":{}}"#.into();
    Client::builder(url)
        .identity(identity)
        .on_request(|request| async move {
            let params = request.params.unwrap_or(Value::Null);
            let answer = &params["message"];
            Ok(json!({"action": "accept", "content": {"answer": answer}}))
        })
        // What is soaked here are sessions.
        .configure(|config| config.versions = Version::V2024_11_05..=Version::V2025_11_25)
        .connect()
        .await
        .map_err(|error| format!("{error:#}"))
}
