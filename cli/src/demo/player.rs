//! A client of a play, with its record.

use mcp_sansio_tokio::{CallError, Identity, Known, RpcError, ServerRequest};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::driver::{Client, Driver};
use super::play::Play;
use super::record::Record;
use super::remarks::{Remark, remarks};

/// A client of a play.
pub(super) struct Player {
    pub(super) client: Box<dyn Client>,
    record: Record,
    remarks: JoinHandle<Vec<Remark>>,
    /// The calls and subscriptions that were started.
    pub(super) calls: usize,
}

impl Player {
    /// Sets a client up; it connects with its first call, or goes on with what is known.
    pub(super) fn new(
        play: &Play,
        driver: Driver,
        url: &str,
        known: Option<Known>,
    ) -> Result<Self, CallError> {
        let record = Record::default();
        let client = driver.client(play, url, known, record.clone())?;
        let remarks = tokio::spawn(remarks(client.events()));
        Ok(Self {
            client,
            record,
            remarks,
            calls: 0,
        })
    }

    /// The promises to the client's calls that did not hold; it is closed.
    pub(super) fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let times_settled = self.record.times_settled();
        if times_settled.len() < self.calls {
            broken.push("the machine's record lacks calls".into());
        }
        for settled in times_settled {
            if settled != 1 {
                broken.push(format!("a call settled {settled} times"));
            }
        }
        broken.extend(self.record.not_the_machines());
        broken
    }

    /// What the application was told beside the outcomes. The client must be closed.
    pub(super) async fn remarks(self) -> Vec<Remark> {
        drop(self.client);
        let remarks = tokio::time::timeout(std::time::Duration::from_secs(5), self.remarks).await;
        remarks.ok().and_then(Result::ok).unwrap_or_default()
    }
}

/// Who the client says that it is: one that can be asked.
pub(super) fn identity() -> Identity {
    let mut identity = Identity::new("mcp-sansio demo", env!("CARGO_PKG_VERSION"));
    identity.capabilities = r#"{"elicitation":{}}"#.into();
    identity
}

/// Answers every question at once.
pub(super) async fn agree(_: ServerRequest) -> Result<Value, RpcError> {
    Ok(json!({"action": "accept", "content": {"sure": true}}))
}
