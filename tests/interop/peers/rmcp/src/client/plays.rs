//! What the tests ask a client for.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::future::try_join_all;
use rmcp::ServiceError;
use rmcp::model::{
    CallToolRequestParams, ClientRequest, CustomRequest, GetPromptRequestParams, PingRequest,
    ReadResourceRequestParams, Request, RequestMetaObject,
};
use rmcp::service::PeerRequestOptions;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Client, Stage, listening};

/// How long the tests may wait for notifications that are sure to come, in steps of 20 ms.
const PATIENCE: u32 = 1500;

/// Plays the task, and gives what the client saw.
pub(crate) async fn play(stage: &Stage<'_>) -> Result<Value> {
    match stage.task["play"].as_str() {
        Some("look") => look(stage).await,
        Some("read") => read(stage).await,
        Some("ping") => ping(stage).await,
        Some("request") => request(stage).await,
        Some("listen") => listening::listen(stage).await,
        Some("calls") => calls(stage).await,
        _ => bail!("no such play: {}", stage.task),
    }
}

async fn look(stage: &Stage<'_>) -> Result<Value> {
    let client = stage.connect().await?;
    let info = client
        .peer_info()
        .context("the server said nothing of itself")?;
    let tools = client.list_all_tools().await?;
    let resources = client.list_all_resources().await?;
    let prompts = client.list_all_prompts().await?;
    Ok(json!({
        "version": info.protocol_version,
        "server": info.server_info.as_ref().map(|server| &server.name),
        "tools": tools.iter().map(|tool| &tool.name).collect::<Vec<_>>(),
        "resources": resources.iter().map(|resource| &resource.uri).collect::<Vec<_>>(),
        "prompts": prompts.iter().map(|prompt| &prompt.name).collect::<Vec<_>>(),
    }))
}

async fn read(stage: &Stage<'_>) -> Result<Value> {
    let client = stage.connect().await?;
    let task = stage.task;
    let uri = task["uri"].as_str().context("the task has no uri")?;
    let name = task["prompt"].as_str().context("the task has no prompt")?;
    let resource = client
        .read_resource(ReadResourceRequestParams::new(uri))
        .await?;
    let mut params = GetPromptRequestParams::new(name);
    params.arguments = task["arguments"].as_object().cloned();
    let prompt = client.get_prompt(params).await?;
    Ok(json!({
        "resource": serde_json::to_value(resource)?["contents"][0]["text"],
        "prompt": serde_json::to_value(prompt)?["messages"][0]["content"]["text"],
    }))
}

async fn ping(stage: &Stage<'_>) -> Result<Value> {
    let client = stage.connect().await?;
    let ping = ClientRequest::PingRequest(PingRequest::default());
    client.send_request(ping).await?;
    Ok(json!({}))
}

async fn request(stage: &Stage<'_>) -> Result<Value> {
    let client = stage.connect().await?;
    let method = stage.task["method"]
        .as_str()
        .context("the task has no method")?;
    let request = ClientRequest::CustomRequest(CustomRequest::new(method, None));
    let answer = settled(client.send_request(request).await);
    Ok(json!({ "answer": answer }))
}

/// Calls, one after the other or all at once, after the tools are listed if the task says `list`. One with
/// `cue` waits for it first, one with `anew` is made by a new client, one with `cancel` is given up at the cue,
/// one with `max_ms` takes no longer. `log` is the level from which a call wants log messages.
async fn calls(stage: &Stage<'_>) -> Result<Value> {
    let task = stage.task;
    let calls = task["calls"].as_array().context("the task has no calls")?;
    let mut client = stage.connect().await?;
    if task["list"] == true {
        client.list_all_tools().await?;
    }
    let mut answers = Vec::new();
    if task["at_once"] == true {
        answers = try_join_all(calls.iter().map(|each| call(stage, &client, each))).await?;
    } else {
        for each in calls {
            if each["cue"] == true {
                stage.cue().await?;
            }
            if each["anew"] == true {
                client = stage.connect().await?;
            }
            answers.push(call(stage, &client, each).await?);
        }
    }
    let expected = task["messages"].as_u64().unwrap_or(0);
    for _ in 0..PATIENCE {
        if stage.messages.until_now().len() as u64 >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(json!({ "answers": answers, "messages": stage.messages.until_now() }))
}

async fn call(stage: &Stage<'_>, client: &Client, call: &Value) -> Result<Value> {
    let tool = call["tool"].as_str().context("the call has no tool")?;
    let mut params = CallToolRequestParams::new(tool.to_owned());
    params.arguments = call["arguments"].as_object().cloned();
    if tool == "ask" {
        // Only this one answers what a result asks for, and it takes no options.
        let mut answer = settled(client.call_tool(params).await);
        answer["steps"] = json!([]);
        return Ok(answer);
    }
    let mut options = PeerRequestOptions::no_options();
    if let Some(level) = stage.task.get("log") {
        let mut meta = RequestMetaObject::default();
        meta.set_log_level(serde_json::from_value(level.clone())?);
        options.meta = Some(meta);
    }
    options.timeout = call["max_ms"].as_u64().map(Duration::from_millis);
    let request = ClientRequest::CallToolRequest(Request::new(params));
    let handle = client.send_cancellable_request(request, options).await;
    let handle = match handle {
        Ok(handle) => handle,
        Err(error) => return Ok(settled(Err::<(), _>(error))),
    };
    let token = handle.progress_token.clone();
    let mut answer = if call["cancel"] == true {
        stage.cue().await?;
        handle.cancel(Some("no longer wanted".to_owned())).await?;
        json!({ "error": { "message": "given up" } })
    } else {
        settled(handle.await_response().await)
    };
    answer["steps"] = client.service().steps(&token).into();
    Ok(answer)
}

/// What came of a request: the text of a tool's result, or the error.
fn settled(answer: Result<impl Serialize, ServiceError>) -> Value {
    match answer.map(serde_json::to_value) {
        Ok(Ok(result)) => json!({
            "text": result["content"][0]["text"],
            "failed": result["isError"] == true,
        }),
        Ok(Err(error)) => json!({ "error": { "message": error.to_string() } }),
        Err(ServiceError::McpError(error)) => {
            json!({ "error": { "code": error.code.0, "message": error.message } })
        }
        Err(error) => json!({ "error": { "message": error.to_string() } }),
    }
}
