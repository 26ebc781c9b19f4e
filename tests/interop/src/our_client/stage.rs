//! What a scenario plays on: a peer behind a proxy, and clients for it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mcp_sansio_tokio::{
    Builder, CallError, Client, Era, Identity, RpcError, ServerRequest, Version,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::peers::{Mode, Sessions, Way};
use super::scenarios;
use crate::options::Options;
use crate::process::Process;
use crate::proxy::Proxy;
use crate::suite::{self, Asked, Scenario};

/// What the client answers when the peer samples or elicits.
pub(crate) const ANSWERED: &str = "forty-two";
/// What it answers when the peer asks for its roots.
pub(crate) const ROOT: &str = "file:///forty-two";

/// A peer in one mode, behind a proxy of this scenario's own.
pub(crate) struct Stage {
    options: &'static Options,
    pub(crate) way: Way,
    pub(crate) mode: &'static Mode,
    pub(crate) process: Process,
    pub(crate) proxy: Proxy,
}

impl suite::Stage for Stage {
    const DIRECTION: &'static str = "our-client";
    type Way = Way;

    fn ways() -> Vec<Way> {
        Way::all()
    }

    fn scenarios(era: Era) -> Vec<Scenario<Self>> {
        scenarios::of(era)
    }

    async fn set(options: &'static Options, way: Way, process: Option<Process>) -> Result<Self> {
        let process = match process {
            Some(process) => process,
            None => Process::start(way.launch(options, way.mode.name, None)).await?,
        };
        let proxy = Proxy::start(process.port()?)?;
        Ok(Self {
            options,
            way,
            mode: way.mode,
            process,
            proxy,
        })
    }

    fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    async fn is_clean(&self) -> Result<()> {
        // What our client must have left behind is checked where it is closed.
        Ok(())
    }

    fn strike(self) -> Option<Process> {
        Some(self.process)
    }
}

impl Stage {
    /// The project's own command line program.
    pub(crate) fn cli(&self) -> &Path {
        &self.options.cli
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.proxy.address())
    }

    /// A client to be, in the era of this mode, that can be asked for everything.
    pub(crate) fn builder(&self) -> Builder {
        let builder = self.builder_of_both();
        match self.mode.asked {
            Asked::Auto => builder,
            Asked::Legacy => pinned(builder, Era::Legacy),
            Asked::Modern => pinned(builder, Era::Modern),
        }
    }

    /// A client to be, of both eras.
    pub(crate) fn builder_of_both(&self) -> Builder {
        let mut identity = Identity::new("interop", env!("CARGO_PKG_VERSION"));
        identity.capabilities = r#"{"elicitation":{},"roots":{},"sampling":{}}"#.into();
        let is_old = self.mode.sessions == Sessions::Stream;
        Client::builder(self.url())
            .identity(identity)
            .configure(|config| {
                config.http_sse = is_old;
                // How slow a peer may begin is not what is tested here: nothing but what it says leads to another era.
                config.timing.probe = config.timing.handshake;
            })
            .on_request(answer)
    }

    pub(crate) async fn connect(&self) -> Result<Client> {
        self.builder()
            .connect()
            .await
            .map_err(told)
            .context("connecting")
    }

    /// How many handshakes there were by now, of either era.
    pub(crate) fn handshakes(&self) -> usize {
        self.proxy.sent(match self.mode.spoken {
            Era::Legacy => r#""method":"initialize""#,
            Era::Modern => r#""method":"server/discover""#,
        })
    }

    /// The HTTP status of a request in a session, sent without our client: a POST is a ping.
    pub(crate) async fn raw(&self, method: Method, session: &str) -> Result<u16> {
        let response = reqwest::Client::new()
            .request(method, self.url())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .header("mcp-session-id", session)
            .body(r#"{"jsonrpc":"2.0","id":"raw","method":"ping"}"#)
            .send()
            .await?;
        Ok(response.status().as_u16())
    }

    /// Kills the peer, and waits until the client knows that its connections are broken: before, it may well
    /// send a call on one that it has kept.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.process.kill().await?;
        self.proxy.lead_nowhere();
        self.proxy.deserted().await
    }

    /// Kills the peer and starts it anew, with nothing remembered, at the same address as the client
    /// sees it.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.restart_as(self.mode.name, None).await
    }

    /// [`restart`](Self::restart) in another mode, and its sessions end when they were idle for so long.
    pub(crate) async fn restart_as(
        &mut self,
        mode: &'static str,
        idle: Option<Duration>,
    ) -> Result<()> {
        self.kill().await?;
        self.process = Process::start(self.way.launch(self.options, mode, idle)).await?;
        self.proxy.lead_to(self.process.port()?);
        Ok(())
    }
}

/// A client that speaks one era only.
pub(crate) fn pinned(builder: Builder, era: Era) -> Builder {
    builder.configure(|config| {
        config.versions = match era {
            Era::Legacy => Version::V2024_11_05..=Version::V2025_11_25,
            Era::Modern => Version::V2026_07_28..=Version::V2026_07_28,
        };
    })
}

/// Answers what a peer asks.
async fn answer(request: ServerRequest) -> Result<Value, RpcError> {
    match request.method.as_str() {
        "sampling/createMessage" => Ok(json!({
            "role": "assistant",
            "model": "none",
            "content": { "type": "text", "text": ANSWERED },
        })),
        "elicitation/create" => {
            Ok(json!({ "action": "accept", "content": { "answer": ANSWERED } }))
        }
        "roots/list" => Ok(json!({ "roots": [{ "uri": ROOT }] })),
        method => Err(RpcError::new(-32601, format!("no handler for {method}"))),
    }
}

/// An error with its whole story, as the driver prints it.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(crate) fn told(error: CallError) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}

/// Calls a tool, and gives the text that it answered.
pub(crate) async fn call(client: &Client, tool: &str, arguments: Value) -> Result<String> {
    let result = client.call_tool(tool, arguments).await.map_err(told);
    text_of(&result.with_context(|| format!("calling {tool}"))?)
}

/// Checks that `echo` answers what it is given.
pub(crate) async fn echoes(client: &Client, text: &str) -> Result<()> {
    let answer = call(client, "echo", json!({ "text": text })).await?;
    ensure!(answer == text, "echo answered {answer:?} to {text:?}");
    Ok(())
}

/// The text of a `CallToolResult` that is no error.
pub(crate) fn text_of(result: &Value) -> Result<String> {
    ensure!(result["isError"] != true, "the tool failed: {result}");
    let text = result["content"][0]["text"].as_str();
    Ok(text
        .with_context(|| format!("a result without text: {result}"))?
        .to_owned())
}

/// Checks that nothing of the client's calls is left, and closes it.
pub(crate) async fn finish(client: Client) -> Result<()> {
    let left = client.inspect().calls;
    ensure!(left.is_empty(), "calls are left over: {left:?}");
    client.close().await;
    Ok(())
}
