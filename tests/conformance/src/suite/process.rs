//! Processes that nothing outlives.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// A process with all that it starts. When this is dropped before the process has ended, all of them are killed.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a command, whose output goes into a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("creating {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            // A group of its own: the suite starts clients through a shell, which does not pass signals on.
            .process_group(0)
            .spawn();
        let program = command.as_std().get_program().to_owned();
        let child = child.with_context(|| format!("{} cannot be started", program.display()))?;
        Ok(Self(child))
    }

    /// How it ended, if it does within the bound.
    pub(crate) async fn end(&mut self, bound: Duration) -> Result<Option<ExitStatus>> {
        match tokio::time::timeout(bound, self.0.wait()).await {
            Ok(ended) => Ok(Some(ended?)),
            Err(_) => Ok(None),
        }
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that has ended and was waited for has no id any more.
        let group = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = group {
            // It may have ended in the meantime, and then there is nothing to kill.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn what_a_process_started_is_killed_with_it() {
        let folder = std::env::temp_dir().join(format!("conformance-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let fifo = folder.join("fifo");
        let mut command = Command::new("sh");
        // The grandchild holds the writing end, and would do so for an hour.
        command
            .args([
                "-c",
                "mkfifo \"$1\"; (exec 3>\"$1\"; sleep 3600) & wait",
                "sh",
            ])
            .arg(&fifo);
        let mut process = Process::start(command, &folder.join("log")).expect("it starts");
        while !fifo.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut reading = tokio::fs::File::open(fifo).await.expect("it is a pipe");
        assert_eq!(process.ended().expect("it can be asked"), None);
        drop(process);
        // Only when the last writer is gone does the pipe end.
        let mut rest = Vec::new();
        let ended = reading.read_to_end(&mut rest);
        let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
        ended.expect("nobody writes any more").expect("it is read");
        std::fs::remove_dir_all(folder).expect("the folder is there");
    }
}
