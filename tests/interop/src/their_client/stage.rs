//! What a scenario plays on: our server behind a proxy, and a client that plays what it is told.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::Era;
use serde_json::Value;

use super::clients::{Program, Way};
use super::scenarios;
use super::server::OurServer;
use crate::options::Options;
use crate::process::Process;
use crate::proxy::Proxy;
use crate::suite::{self, Scenario};

/// A client, and a server and a proxy of this scenario's own.
pub(crate) struct Stage {
    pub(crate) options: &'static Options,
    pub(crate) way: Way,
    /// The client's process, if it has one.
    process: Option<Process>,
    pub(crate) server: OurServer,
    pub(crate) proxy: Proxy,
}

impl suite::Stage for Stage {
    const DIRECTION: &'static str = "their-client";
    type Way = Way;

    fn ways() -> Vec<Way> {
        Way::all()
    }

    fn scenarios(era: Era) -> Vec<Scenario<Self>> {
        scenarios::of(era)
    }

    async fn set(options: &'static Options, way: Way, process: Option<Process>) -> Result<Self> {
        let process = match (process, way.launch(options)) {
            (None, Some(launch)) => Some(Process::start(launch).await?),
            (process, _) => process,
        };
        let server = OurServer::start(way.mode.answering, None, None).await?;
        let proxy = Proxy::start(server.port())?;
        Ok(Self {
            options,
            way,
            process,
            server,
            proxy,
        })
    }

    fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    async fn is_clean(&self) -> Result<()> {
        self.server.owes_nothing().await
    }

    fn strike(self) -> Option<Process> {
        self.process
    }
}

impl Stage {
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.proxy.address())
    }

    /// Whether the client is the Inspector's command line, which is told what to do in its own way.
    pub(crate) fn is_inspected(&self) -> bool {
        self.way.client.program == Program::Inspector
    }

    /// Has the client play to the end, and gives what it saw.
    pub(crate) async fn play(&mut self, task: Value) -> Result<Value> {
        self.begin(task).await?;
        self.saw().await
    }

    /// Has the client begin.
    pub(crate) async fn begin(&mut self, mut task: Value) -> Result<()> {
        task["url"] = self.url().into();
        if task["era"].is_null() {
            task["era"] = self.way.asked.name().into();
        }
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
            self.way.client.falls_with_connections && has_fallen,
            "the client failed: {why}"
        );
        Ok(None)
    }

    /// Waits until the client waits for its cue.
    pub(crate) async fn waiting(&mut self) -> Result<()> {
        self.hears("waiting").await.map(drop)
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

    /// Waits until the client tells an event.
    pub(crate) async fn hears(&mut self, event: &str) -> Result<Value> {
        let told = self.process()?.next(&[event, "saw", "failed"]).await?;
        ensure!(told["event"] == event, "the client is done: {told}");
        Ok(told)
    }

    /// Another server takes the place of this one, and knows nothing of it. To the client it looks as if the
    /// server had crashed and come back.
    pub(crate) async fn crash(&mut self) -> Result<()> {
        self.replace(None, None).await
    }

    /// [`crash`](Self::crash), and the new server speaks one era only, or its sessions end when they were idle
    /// for so long.
    pub(crate) async fn replace(
        &mut self,
        only: Option<Era>,
        idle: Option<Duration>,
    ) -> Result<()> {
        self.server = OurServer::start(self.way.mode.answering, only, idle).await?;
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
