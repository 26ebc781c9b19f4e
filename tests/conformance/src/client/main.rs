//! The client that the conformance suite tests: an application on the tokio driver, as anyone would write it.
//!
//!     MCP_CONFORMANCE_SCENARIO=tools_call mcp-sansio-conformance-client http://localhost:3000/mcp
//!
//! The suite starts it once for each scenario and judges what arrives at its own server, so all that is to do
//! here is to use that server in the way that the scenario is about. It exits with 0 if everything that it tried
//! worked.

mod answers;
mod behaviours;
mod schema;
mod task;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use mcp_sansio_tokio::{CallError, Client, Identity};

use crate::task::Task;

/// The suite gives a client 30 s, and then kills the shell that it runs in, not the client.
const LONGEST: Duration = Duration::from_secs(25);
/// A call ends sooner, so that it can say what it waited for.
const LONGEST_CALL: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ran = tokio::time::timeout(LONGEST, run()).await;
    let ran = ran.unwrap_or_else(|_| Err(anyhow::anyhow!("not done after {LONGEST:?}")));
    let Err(error) = ran else {
        return ExitCode::SUCCESS;
    };
    // If nobody reads it, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "{}", explain(&error));
    ExitCode::FAILURE
}

async fn run() -> Result<()> {
    let task = Task::from_environment()?;
    let behave = behaviours::of(&task.scenario)?;
    let client = connect(&task)
        .await
        .with_context(|| format!("connecting to {}", task.url))?;
    let behaved = behave(&client, &task).await;
    client.close().await;
    behaved
}

async fn connect(task: &Task) -> Result<Client, CallError> {
    let mut identity = Identity::new("mcp-sansio-conformance-client", env!("CARGO_PKG_VERSION"));
    identity.capabilities = answers::CAPABILITIES.into();
    Client::builder(&task.url)
        .identity(identity)
        .configure(|config| {
            config.versions = task.versions();
            config.timing.handshake = LONGEST_CALL;
            config.timing.max = LONGEST_CALL;
            // There are servers that ask on the standalone stream only, and drop what they ask before it is open.
            config.timing.standalone_wait = LONGEST_CALL;
        })
        .on_request(|request| async move { answers::answer(&request) })
        .connect()
        .await
}

/// What went wrong and where, with the story of the call if there is one.
fn explain(error: &anyhow::Error) -> String {
    let causes: Vec<_> = error
        .chain()
        .map(|cause| match cause.downcast_ref() {
            Some(CallError::Failed(failure)) => format!("{failure:#}"),
            _ => cause.to_string(),
        })
        .collect();
    causes.join(": ")
}
