//! The suite's own program.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::hosts::Host;
use crate::judge::{self, Check, Complaint, Finding};
use crate::options::Options;
use crate::plan::{Cell, Leg};
use crate::process::Process;

/// Three times what the suite gives a scenario, or a client; its listing takes a second.
const LONGEST: Duration = Duration::from_secs(90);

/// The suite, installed.
pub(crate) struct Tool {
    node: PathBuf,
    suite: PathBuf,
    /// What each scenario leaves behind goes below this folder.
    results: PathBuf,
}

impl Tool {
    /// Forgets the results of the last time.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let results = options.suite.join("results");
        if results.exists() {
            fs::remove_dir_all(&results)?;
        }
        fs::create_dir_all(&results)?;
        Ok(Self {
            node: options.node.clone(),
            suite: options.suite.clone(),
            results,
        })
    }

    /// What a revision requires, as the suite lists it.
    pub(crate) async fn requirements(&self, revision: &str) -> Result<String> {
        let log = self.results.join(format!("requirements-{revision}.log"));
        let mut process = Process::start(self.command(["list", "--requirements", revision]), &log)?;
        let ended = process.end(LONGEST).await?;
        ensure!(
            ended.is_some_and(|status| status.success()),
            "the suite does not list what {revision} requires: see {}",
            log.display()
        );
        Ok(fs::read_to_string(log)?)
    }

    /// A folder for what a cell, or what several have in common, leaves behind.
    pub(crate) fn folder<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<PathBuf> {
        let mut folder = self.results.clone();
        folder.extend(names);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Plays a scenario on a host; `url` is where its server listens, if it is a server's.
    pub(crate) async fn play(&self, cell: &Cell, host: &Host, url: &str) -> Result<Finding> {
        let scenario = &cell.scenario;
        let leg = scenario.leg.name();
        let folder = self.folder([cell.host, leg, scenario.revision, &scenario.name])?;
        let log = folder.join("suite.log");
        let mut command = self.command([leg, "--scenario", &scenario.name]);
        // Which scenarios a revision has is said by its requirements, and that is what `--force` is for.
        command.args(["--spec-version", scenario.revision, "--force"]);
        command.arg("--output-dir").arg(&folder);
        match scenario.leg {
            Leg::Server => command.args(["--url", url]),
            Leg::Client => command.args(["--command", &host.client.join(" ")]),
        };
        let mut process = Process::start(command, &log)?;
        let ended = process.end(LONGEST).await?;
        drop(process);
        let Some(status) = ended else {
            return Ok(Finding::Lost(format!("it did not end within {LONGEST:?}")));
        };
        let said = fs::read_to_string(&log)?;
        let Some(path) = find_file(&folder, "checks.json")? else {
            return Ok(Finding::Lost(lost(&said)));
        };
        let text = fs::read_to_string(&path)?;
        let checks: Vec<Check> = serde_json::from_str(&text)
            .with_context(|| format!("{} is not what the suite used to write", path.display()))?;
        let complaint = (!status.success()).then(|| complaint(&said));
        Ok(judge::find(&checks, complaint))
    }

    fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.node);
        let package = "node_modules/@modelcontextprotocol/conformance/dist/bundled.js";
        command.arg(self.suite.join(package)).args(arguments);
        // The suite is one file of five megabytes, compiled once this way and not each time.
        command.env("NODE_COMPILE_CACHE", self.suite.join("compiled"));
        // What a scenario does not set must not come from outside.
        command.env_remove("MCP_CONFORMANCE_CONTEXT");
        command
    }
}

/// What the suite has against a host when it ends badly: its checks, or beside them that a client hung or failed.
fn complaint(said: &str) -> Complaint {
    let line = said.lines().find(|line| line.starts_with("⚠️"));
    line.map_or(Complaint::Checks, |line| {
        Complaint::Client(line.replace("⚠️", "").trim().to_owned())
    })
}

/// Why there are no checks: the suite's last words.
fn lost(said: &str) -> String {
    let last = said
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    let last = last.unwrap_or("nothing");
    format!("the suite wrote no checks; the last that it said is: {last}")
}

/// The suite puts its files into a folder that it names after the scenario and the time.
fn find_file(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find_file(&path, name)? {
                return Ok(Some(found));
            }
        } else if path.file_name() == Some(OsStr::new(name)) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_hung_is_noticed() {
        let said = "Passed: 1/1\n\n⚠️  CLIENT TIMED OUT - Test incomplete\n\n✅ OVERALL";
        let hung = Complaint::Client("CLIENT TIMED OUT - Test incomplete".to_owned());
        assert_eq!(complaint(said), hung);
    }

    #[test]
    fn nothing_is_made_up() {
        assert_eq!(complaint("Passed: 0/1\n"), Complaint::Checks);
        assert!(lost("Error: x\n\n").ends_with("Error: x"));
        assert!(lost("").ends_with("nothing"));
    }
}
