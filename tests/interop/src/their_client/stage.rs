//! What a scenario plays on: our server behind a proxy, and a client that plays what it is told.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::clients::{Client, Mode};
use super::server::OurServer;
use crate::options::Options;
use crate::process::Process;
use crate::proxy::Proxy;

/// A client, and a server and a proxy of this scenario's own.
pub(crate) struct Stage<'a> {
    pub(crate) options: &'a Options,
    pub(crate) client: &'a Client,
    pub(crate) mode: &'a Mode,
    /// The client's process, if it has one.
    process: &'a mut Option<Process>,
    pub(crate) server: OurServer,
    pub(crate) proxy: Proxy,
}

impl<'a> Stage<'a> {
    pub(crate) async fn new(
        options: &'a Options,
        client: &'a Client,
        mode: &'a Mode,
        process: &'a mut Option<Process>,
    ) -> Result<Self> {
        let server = OurServer::start(mode.answering, None).await;
        let server = server.context("starting our server")?;
        let proxy = Proxy::start(server.port()).await;
        Ok(Self {
            options,
            client,
            mode,
            process,
            server,
            proxy: proxy.context("starting the proxy")?,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.proxy.address())
    }

    /// Has the client play to the end, and gives what it saw.
    pub(crate) async fn play(&mut self, task: Value) -> Result<Value> {
        self.begin(task).await?;
        self.saw().await
    }

    /// Has the client begin.
    pub(crate) async fn begin(&mut self, mut task: Value) -> Result<()> {
        task["url"] = self.url().into();
        self.process()?.tell(&task).await
    }

    /// Waits until the client is done, and gives what it saw.
    pub(crate) async fn saw(&mut self) -> Result<Value> {
        let saw = self.process()?.next(&["saw", "failed"]).await?;
        ensure!(
            saw["event"] == "saw",
            "the client failed: {}",
            saw["why"].as_str().unwrap_or_default()
        );
        Ok(saw)
    }

    /// Like [`saw`](Self::saw), of a play in which connections break. `None` if the client has fallen with one,
    /// as is declared of it.
    pub(crate) async fn saw_or_fell(&mut self) -> Result<Option<Value>> {
        let event = self.process()?.next(&["saw", "failed"]).await?;
        if event["event"] == "saw" {
            return Ok(Some(event));
        }
        let why = event["why"].as_str().unwrap_or_default();
        let broke = ["ConnectError", "ReadError", "RemoteProtocolError"];
        let has_fallen = broke.iter().any(|name| why.contains(name));
        ensure!(
            self.client.falls_with_connections && has_fallen,
            "the client failed: {why}"
        );
        Ok(None)
    }

    /// Waits until the client waits for its cue.
    pub(crate) async fn waiting(&mut self) -> Result<()> {
        let event = self.process()?.next(&["waiting", "saw", "failed"]).await?;
        ensure!(
            event["event"] == "waiting",
            "the client does not wait: {event}"
        );
        Ok(())
    }

    /// Gives the client its cue.
    pub(crate) async fn cue(&mut self) -> Result<()> {
        self.process()?.tell(&Value::Bool(true)).await
    }

    /// Kills the client. The next scenario gets another.
    pub(crate) async fn kill_client(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => bail!("the client does not run"),
        }
    }

    /// Another server takes the place of this one, and knows nothing of it. To the client it looks as if the
    /// server had crashed and come back.
    pub(crate) async fn crash(&mut self, idle: Option<Duration>) -> Result<()> {
        self.server = OurServer::start(self.mode.answering, idle).await?;
        self.proxy.lead_to(self.server.port());
        self.proxy.cut();
        Ok(())
    }

    fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().context("the client does not run")
    }
}

/// The text of a call's answer, which must be no error.
pub(crate) fn text(saw: &Value, call: usize) -> Result<&str> {
    let answer = &saw["answers"][call];
    ensure!(
        answer["failed"] == false,
        "call {call} was answered {answer}"
    );
    let text = answer["text"].as_str();
    text.with_context(|| format!("call {call} was answered {answer}"))
}

/// The message of a call's error, which it must have got.
pub(crate) fn error(saw: &Value, call: usize) -> Result<&str> {
    let answer = &saw["answers"][call];
    let message = answer["error"]["message"].as_str();
    message.with_context(|| format!("call {call} was answered {answer} instead of an error"))
}
