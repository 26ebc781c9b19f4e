//! A peer's process: started, listened to, killed.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::said::Said;

/// How to start a peer.
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Where its standard error goes.
    pub(crate) log: PathBuf,
    /// The version that is pinned, and that it must report.
    pub(crate) version: &'static str,
}

/// A running peer. It is killed when this is dropped; should the tests themselves be killed, it exits
/// because its standard input ends.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    said: Said,
    ready: Value,
    /// How many of its events [`next`](Self::next) has gone past.
    seen: usize,
}

impl Process {
    /// Starts a peer, waits until it is ready, and checks that it is the version that it should be.
    pub(crate) async fn start(launch: Launch) -> Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(launch.log)?;
        let mut child = Command::new(&launch.program)
            .args(launch.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", launch.program.display()))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        let said = Said::default();
        tokio::spawn(listen(output, said.clone()));
        let ready = said.hear("ready", None).await?;
        ensure!(
            ready["version"] == launch.version,
            "the installed version is {}, not {}; remove the folder of the peers and run again",
            ready["version"],
            launch.version
        );
        Ok(Self {
            child,
            input,
            said,
            ready,
            seen: 0,
        })
    }

    /// The port that it listens on, if it does.
    pub(crate) fn port(&self) -> Result<u16> {
        let port = self.ready["port"].as_u64();
        let port = port.and_then(|port| u16::try_from(port).ok());
        port.context("the peer told no port")
    }

    /// Waits until the peer tells an event, for a label if one is given.
    pub(crate) async fn hear(&self, event: &str, label: Option<&str>) -> Result<Value> {
        self.said.hear(event, label).await
    }

    /// The events told until now.
    pub(crate) fn heard(&self, event: &str, label: Option<&str>) -> Vec<Value> {
        self.said.heard(event, label)
    }

    /// Waits for the next event of these names, and goes past it.
    pub(crate) async fn next(&mut self, names: &[&str]) -> Result<Value> {
        let is_wanted = |told: &Value| names.iter().any(|name| told["event"] == *name);
        let what = names.join(" or ");
        let (place, event) = self.said.next(self.seen, is_wanted, &what).await?;
        self.seen = place + 1;
        Ok(event)
    }

    /// Tells it something, as one line.
    pub(crate) async fn tell(&mut self, what: &Value) -> Result<()> {
        let line = format!("{what}\n");
        let written = self.input.write_all(line.as_bytes()).await;
        written.context("the peer does not listen")
    }

    /// Kills the peer, with no chance to say goodbye.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.context("killing the peer")
    }
}

/// Takes down what the peer says until its output ends.
async fn listen(output: ChildStdout, said: Said) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        // Not every line need be ours: SDKs log to standard output too.
        if let Ok(event) = serde_json::from_str(&line) {
            said.say(event);
        }
    }
    said.end();
}
