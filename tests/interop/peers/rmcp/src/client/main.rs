//! A client on rmcp, for the tests to play with against our server.
//!
//! Standard input has one play a line: `{"play": NAME, "url": URL, ..}`. What the client saw is told as one
//! line, `{"event": "saw", ..}`; that it could not play, as `{"event": "failed", "why": ..}`. In between
//! `{"event": "waiting"}` asks for a cue, and the next line is it.

mod listener;
mod listening;
mod plays;

use std::cell::RefCell;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use listener::{Listener, Messages};
use rmcp::model::{Implementation, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, RoleClient};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin};
use tokio::sync::Mutex;

/// A client as rmcp runs it.
type Client = RunningService<RoleClient, Listener>;

/// What a play has: clients, the log messages that they get, and the tests' cues.
pub(crate) struct Stage<'a> {
    pub(crate) task: &'a Value,
    pub(crate) messages: Messages,
    input: &'a Mutex<Lines<BufReader<Stdin>>>,
    /// The clients of this play, to be closed after it.
    opened: RefCell<Vec<Arc<Client>>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let input = Mutex::new(BufReader::new(tokio::io::stdin()).lines());
    // rmcp names itself where a client gives no name of its own.
    let version = Implementation::from_build_env().version;
    report(&json!({ "event": "ready", "version": version }));
    loop {
        // When standard input ends, so does the client: the tests hold its other end.
        let Some(line) = input.lock().await.next_line().await? else {
            return Ok(());
        };
        let task = serde_json::from_str(&line)?;
        let stage = Stage {
            task: &task,
            messages: Messages::default(),
            input: &input,
            opened: RefCell::default(),
        };
        let played = plays::play(&stage).await;
        stage.close().await;
        match played {
            Ok(mut saw) => {
                saw["event"] = "saw".into();
                report(&saw);
            }
            Err(error) => report(&json!({ "event": "failed", "why": format!("{error:#}") })),
        }
    }
}

impl Stage<'_> {
    /// A client of the server that the task names, in the era that it asks for; in the legacy one in the
    /// revision that it asks for.
    pub(crate) async fn connect(&self) -> Result<Arc<Client>> {
        let url = self.task["url"].as_str().context("the task has no url")?;
        let transport = StreamableHttpClientTransport::from_uri(url);
        let version = match self.task["versions"].get(0) {
            Some(version) => serde_json::from_value(version.clone())?,
            None => ProtocolVersion::default(),
        };
        let listener = Listener::new(version, self.messages.clone());
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        let lifecycle = match self.task["era"].as_str() {
            Some("modern") => ClientLifecycleMode::Discover { preferred_versions },
            Some("auto") => ClientLifecycleMode::Auto {
                preferred_versions,
                legacy_version: None,
            },
            _ => ClientLifecycleMode::Initialize,
        };
        let client = listener.serve_with_lifecycle(transport, lifecycle).await?;
        let client = Arc::new(client);
        self.opened.borrow_mut().push(Arc::clone(&client));
        Ok(client)
    }

    /// Waits for the tests.
    pub(crate) async fn cue(&self) -> Result<()> {
        report(&json!({ "event": "waiting" }));
        let line = self.input.lock().await.next_line().await?;
        line.context("the tests are gone")?;
        Ok(())
    }

    /// Closing a client ends its session.
    async fn close(self) {
        for client in self.opened.into_inner() {
            if let Ok(client) = Arc::try_unwrap(client) {
                // A client that ended by itself cannot be cancelled, and need not be.
                let _ = client.cancel().await;
            }
        }
    }
}

/// Tells the tests something.
#[expect(clippy::print_stdout, reason = "the tests read it")]
fn report(event: &Value) {
    println!("{event}");
}
