//! A host's server, running.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::hosts::Host;
use crate::process::Process;

/// How long a server may take until it listens.
const STARTING: Duration = Duration::from_secs(30);

/// A server that listens. It is killed when this is dropped.
pub(crate) struct Server {
    process: Process,
    pub(crate) url: String,
}

impl Server {
    /// Starts the server of a host on a free port, and waits until it listens.
    pub(crate) async fn start(host: &Host, log: &Path) -> Result<Self> {
        let (program, arguments) = host
            .server
            .split_first()
            .context("a host without a server")?;
        let mut command = Command::new(program);
        command.args(arguments).env("PORT", "0");
        let mut server = Self {
            process: Process::start(command, log)?,
            url: String::new(),
        };
        let url = server.told_url(log).await;
        server.url =
            url.with_context(|| format!("the server of {}: see {}", host.name, log.display()))?;
        Ok(server)
    }

    /// Fails if the server has ended by itself.
    pub(crate) fn still_runs(&mut self) -> Result<()> {
        match self.process.ended()? {
            None => Ok(()),
            Some(status) => bail!("the server ended by itself, with {status}"),
        }
    }

    async fn told_url(&mut self, log: &Path) -> Result<String> {
        let until = Instant::now() + STARTING;
        loop {
            if let Some(url) = url_in(&fs::read_to_string(log)?) {
                return Ok(url);
            }
            self.still_runs()?;
            if Instant::now() > until {
                bail!("it tells no URL within {STARTING:?}");
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The line that is a URL, once it is whole.
fn url_in(said: &str) -> Option<String> {
    let is_whole = |line: &&str| line.starts_with("http://") && line.ends_with('\n');
    let line = said.split_inclusive('\n').find(is_whole)?;
    Some(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_whole_line() {
        assert_eq!(url_in("starting\nhttp://127.0.0.1:80"), None);
        let url = url_in("starting\nhttp://127.0.0.1:8001/mcp\n");
        assert_eq!(url.as_deref(), Some("http://127.0.0.1:8001/mcp"));
    }
}
