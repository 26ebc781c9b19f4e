//! What is done in which scenario.

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::{LocalBoxFuture, try_join_all};
use mcp_sansio_tokio::Client;
use serde_json::{Value, json};

use crate::schema;
use crate::task::Task;

/// Something to do with a connected client.
pub(crate) type Behaviour = for<'a> fn(&'a Client, &'a Task) -> LocalBoxFuture<'a, Result<()>>;

/// What to do in a scenario.
pub(crate) fn of(scenario: &str) -> Result<Behaviour> {
    Ok(match scenario {
        "initialize" | "json-schema-ref-no-deref" | "request-metadata" => {
            |client, _| Box::pin(list_tools(client))
        }
        "elicitation-sep1034-client-defaults"
        | "http-invalid-tool-headers"
        | "sep-2322-client-request-state"
        | "sse-retry"
        | "tools_call" => |client, _| Box::pin(call_all_tools(client)),
        "http-standard-headers" => |client, _| Box::pin(use_everything(client)),
        "http-custom-headers" => |client, task| Box::pin(make_calls(client, task)),
        "json-schema-2020-12-preservation" => |client, _| Box::pin(give_schema_back(client)),
        // Authorization is not implemented here. What a client without it comes to, the suite may judge.
        _ if scenario.starts_with("auth/") => |client, _| Box::pin(call_all_tools(client)),
        _ => bail!(
            "there is no behaviour for the scenario {scenario:?}; it may be new in the suite: add one to {}",
            file!()
        ),
    })
}

async fn list_tools(client: &Client) -> Result<()> {
    client.list_tools().await.context("listing the tools")?;
    Ok(())
}

/// Calls all tools at once, as nothing of one call may find its way into another.
async fn call_all_tools(client: &Client) -> Result<()> {
    let tools = client.list_tools().await.context("listing the tools")?;
    let calls = tools.iter().map(|tool| async {
        let name = text(tool, "name")?;
        call(client, name, &schema::example(&tool["inputSchema"])).await
    });
    try_join_all(calls).await?;
    Ok(())
}

/// Lists what there is, and uses each of it.
async fn use_everything(client: &Client) -> Result<()> {
    call_all_tools(client).await?;
    for resource in list(client, "resources/list", "resources").await? {
        let uri = text(&resource, "uri")?;
        let read = client.request("resources/read", json!({"uri": uri})).await;
        read.with_context(|| format!("reading {uri}"))?;
    }
    for prompt in list(client, "prompts/list", "prompts").await? {
        let name = text(&prompt, "name")?;
        let got = client.request("prompts/get", json!({"name": name})).await;
        got.with_context(|| format!("getting the prompt {name}"))?;
    }
    Ok(())
}

/// Makes the calls that the context has, after the tools are known.
async fn make_calls(client: &Client, task: &Task) -> Result<()> {
    list_tools(client).await?;
    let calls = task.context["toolCalls"].as_array();
    for wanted in calls.context("the context has no array `toolCalls`")? {
        call(client, text(wanted, "name")?, &wanted["arguments"]).await?;
    }
    Ok(())
}

/// Gives the schema of one tool to another, as it came.
async fn give_schema_back(client: &Client) -> Result<()> {
    let tools = client.list_tools().await.context("listing the tools")?;
    let focal = tools
        .iter()
        .find(|tool| tool["name"] == "json_schema_2020_12_tool");
    let focal = focal.context("there is no tool json_schema_2020_12_tool")?;
    let arguments = json!({"schema": focal["inputSchema"]});
    call(client, "json_schema_echo", &arguments).await
}

async fn call(client: &Client, tool: &str, arguments: &Value) -> Result<()> {
    let result = client.call_tool(tool, arguments).await;
    let result = result.with_context(|| format!("calling the tool {tool}"))?;
    ensure!(
        result["isError"] != true,
        "the tool {tool} failed: {}",
        result["content"]
    );
    Ok(())
}

async fn list(client: &Client, method: &'static str, what: &str) -> Result<Vec<Value>> {
    let mut result = client.request(method, ()).await.context(method)?;
    match result[what].take() {
        Value::Array(items) => Ok(items),
        _ => bail!("the result of {method} has no array `{what}`"),
    }
}

fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str> {
    let value = of[name].as_str();
    value.with_context(|| format!("`{name}` is missing in {of}"))
}
