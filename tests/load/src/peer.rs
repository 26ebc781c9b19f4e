//! A server of the load tests, as a child process.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A running server; it ends when this is dropped.
pub(crate) struct Peer {
    /// `127.0.0.1:` and its port.
    pub(crate) address: String,
    pub(crate) url: String,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

/// What a server says of itself at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Bytes that are allocated.
    pub(crate) heap: i64,
    /// Bytes that are resident.
    pub(crate) rss: i64,
    /// Microseconds of CPU time since its start.
    pub(crate) cpu_us: i64,
    pub(crate) owed: Owed,
}

/// What our server holds for clients; rmcp's does not tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Owed {
    pub(crate) requests: i64,
    pub(crate) calls: i64,
    pub(crate) exchanges: i64,
    pub(crate) bytes: i64,
    pub(crate) sessions: i64,
    pub(crate) connections: i64,
    /// Handlers that panicked, or did not answer, since the start.
    pub(crate) unanswered: i64,
}

impl Peer {
    pub(crate) async fn start(program: &Path, args: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let input = child.stdin.take().context("its input is a pipe")?;
        let output = child.stdout.take().context("its output is a pipe")?;
        let mut output = BufReader::new(output).lines();
        let told = next(&mut output).await?;
        let url = told["url"].as_str().context("it tells no URL")?.to_owned();
        let address = url.trim_start_matches("http://").trim_end_matches("/mcp");
        ensure!(
            address.starts_with("127.0.0.1:"),
            "{address} is not loopback, and load goes nowhere else"
        );
        Ok(Self {
            address: address.to_owned(),
            url,
            input,
            output,
            _child: child,
        })
    }

    pub(crate) async fn read(&mut self) -> Result<Reading> {
        self.input.write_all(b"\n").await?;
        let told = next(&mut self.output).await?;
        let number = |value: &Value| value.as_i64().unwrap_or_default();
        let owed = &told["owed"];
        Ok(Reading {
            heap: number(&told["heap"]),
            rss: number(&told["rss"]),
            cpu_us: number(&told["cpu_us"]),
            owed: Owed {
                requests: number(&owed["requests"]),
                calls: number(&owed["calls"]),
                exchanges: number(&owed["exchanges"]),
                bytes: number(&owed["bytes"]),
                sessions: number(&owed["sessions"]),
                connections: number(&owed["connections"]),
                unanswered: number(&owed["unanswered"]),
            },
        })
    }
}

async fn next(output: &mut Lines<BufReader<ChildStdout>>) -> Result<Value> {
    let line = output.next_line().await?.context("the server has ended")?;
    serde_json::from_str(&line)
        .with_context(|| format!("the server says {line:?}, which is no JSON"))
}
