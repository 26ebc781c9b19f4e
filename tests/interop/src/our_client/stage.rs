//! What a scenario plays on: a peer behind a proxy, and clients for it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mcp_sansio_tokio::{Builder, CallError, Client, Identity, RpcError, ServerRequest};
use reqwest::Method;
use serde_json::{Value, json};

use super::peers::{Mode, Peer};
use crate::options::Options;
use crate::process::Process;
use crate::proxy::Proxy;

/// What the client answers when the peer samples.
pub(crate) const SAMPLED: &str = "forty-two";

/// A peer in one mode, behind a proxy of this scenario's own.
pub(crate) struct Stage<'a> {
    options: &'a Options,
    peer: &'a Peer,
    pub(crate) mode: &'a Mode,
    pub(crate) process: &'a mut Process,
    pub(crate) proxy: Proxy,
}

impl<'a> Stage<'a> {
    pub(crate) async fn new(
        options: &'a Options,
        peer: &'a Peer,
        mode: &'a Mode,
        process: &'a mut Process,
    ) -> Result<Self> {
        let proxy = Proxy::start(process.port()?)
            .await
            .context("starting the proxy")?;
        Ok(Self {
            options,
            peer,
            mode,
            process,
            proxy,
        })
    }

    /// The project's own command line program.
    pub(crate) fn cli(&self) -> &Path {
        &self.options.cli
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.proxy.address())
    }

    /// A client to be, that can be sampled.
    pub(crate) fn builder(&self) -> Builder {
        let mut identity = Identity::new("interop", env!("CARGO_PKG_VERSION"));
        identity.capabilities = r#"{"sampling":{}}"#.into();
        Client::builder(self.url())
            .identity(identity)
            .on_request(sample)
    }

    pub(crate) async fn connect(&self) -> Result<Client> {
        self.builder()
            .connect()
            .await
            .map_err(told)
            .context("connecting")
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

    /// Kills the peer and starts it anew, with nothing remembered, at the same address as the client
    /// sees it.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.restart_with(None).await
    }

    /// [`restart`](Self::restart), and its sessions end when they were idle for so long.
    pub(crate) async fn restart_with(&mut self, idle: Option<Duration>) -> Result<()> {
        self.process.kill().await?;
        *self.process = Process::start(self.peer.launch(self.options, self.mode, idle)).await?;
        self.proxy.lead_to(self.process.port()?);
        Ok(())
    }
}

/// Answers `sampling/createMessage`.
async fn sample(request: ServerRequest) -> Result<Value, RpcError> {
    if request.method != "sampling/createMessage" {
        return Err(RpcError::new(
            -32601,
            format!("no handler for {}", request.method),
        ));
    }
    Ok(json!({
        "role": "assistant",
        "model": "none",
        "content": { "type": "text", "text": SAMPLED },
    }))
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
