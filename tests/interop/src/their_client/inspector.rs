//! The MCP Inspector's command line: one request for each start of it.

use anyhow::{Context as _, Result, ensure};
use mcp_sansio_tokio::Era;
use serde_json::{Value, json};
use tokio::process::Command;

use super::stage::Stage;

pub(super) async fn look(stage: &Stage, tools: &[&str]) -> Result<()> {
    let version = run(stage, &["--version"]).await?;
    ensure!(
        version.trim() == stage.way.client.version,
        "the installed version is {version}, not {}",
        stage.way.client.version
    );
    list(stage, tools).await?;
    let listed = ask(stage, &["resources/list"]).await?;
    ensure!(
        names(&listed["resources"], "uri") == ["test://greeting"],
        "it printed {listed}"
    );
    let listed = ask(stage, &["prompts/list"]).await?;
    ensure!(
        names(&listed["prompts"], "name") == ["greet"],
        "it printed {listed}"
    );
    if stage.way.spoken() == Era::Modern {
        // It listens to all changes by itself, under an id that is no number.
        let acknowledged = stage
            .proxy
            .brought("notifications/subscriptions/acknowledged");
        ensure!(acknowledged > 0, "its listen stream was not acknowledged");
    }
    Ok(())
}

pub(super) async fn list(stage: &Stage, tools: &[&str]) -> Result<()> {
    let listed = ask(stage, &["tools/list"]).await?;
    ensure!(
        names(&listed["tools"], "name") == tools,
        "it printed {listed}"
    );
    Ok(())
}

pub(super) async fn read(stage: &Stage) -> Result<()> {
    let read = ask(stage, &["resources/read", "--uri", "test://greeting"]).await?;
    ensure!(
        read["contents"][0]["text"] == "good day",
        "it printed {read}"
    );
    let arguments = [
        "prompts/get",
        "--prompt-name",
        "greet",
        "--prompt-args",
        "name=everybody",
    ];
    let prompt = ask(stage, &arguments).await?;
    let text = &prompt["messages"][0]["content"]["text"];
    ensure!(*text == "Greet everybody.", "it printed {prompt}");
    Ok(())
}

pub(super) async fn calls(stage: &Stage) -> Result<()> {
    let call = [
        "tools/call",
        "--tool-name",
        "echo",
        "--tool-arg",
        "text=hi from a shell",
    ];
    let answer = ask(stage, &call).await?;
    let expected = json!([{ "type": "text", "text": "hi from a shell" }]);
    ensure!(answer["content"] == expected, "it printed {answer}");
    let call = [
        "tools/call",
        "--tool-name",
        "add",
        "--tool-arg",
        "a=40",
        "b=2",
    ];
    let answer = ask(stage, &call).await?;
    ensure!(answer["content"][0]["text"] == "42", "it printed {answer}");
    Ok(())
}

pub(super) async fn mirror(stage: &Stage, region: &str) -> Result<()> {
    let region = format!("region={region}");
    let call = [
        "tools/call",
        "--tool-name",
        "mirror",
        "--tool-arg",
        &region,
        "level=7",
        "plain=as it is",
    ];
    let answer = ask(stage, &call).await?;
    let text = &answer["content"][0]["text"];
    ensure!(text.is_string(), "it printed {answer}");
    Ok(())
}

fn names(of: &Value, key: &str) -> Vec<Value> {
    let all = of.as_array().into_iter().flatten();
    all.map(|one| one[key].clone()).collect()
}

/// Makes a request of our server, and gives what the Inspector prints as JSON.
async fn ask(stage: &Stage, request: &[&str]) -> Result<Value> {
    let url = stage.url();
    let era = stage.way.asked.name();
    let mut arguments = vec![url.as_str(), "--transport", "http"];
    arguments.extend(["--protocol-era", era, "--method"]);
    arguments.extend(request);
    let printed = run(stage, &arguments).await?;
    serde_json::from_str(&printed).with_context(|| format!("it printed {printed:?}"))
}

/// Gives what the Inspector prints.
async fn run(stage: &Stage, arguments: &[&str]) -> Result<String> {
    let package = "inspector/node_modules/@modelcontextprotocol/inspector";
    let program = stage
        .options
        .peers
        .join(package)
        .join("clients/launcher/build/index.js");
    let mut command = Command::new("node");
    command.arg(program).arg("--cli").args(arguments);
    let output = command.kill_on_drop(true).output().await?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "it ended with {}: {told}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}
