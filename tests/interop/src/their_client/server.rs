//! Our server, with the tools that every peer offers, and a resource and a prompt.

mod asking;
mod offer;
mod tools;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mcp_sansio_tokio::server::{ResponseMode, Service, ServiceHandle, Session};
use mcp_sansio_tokio::{Era, Identity, Version};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::said::Said;
use offer::answer;
pub(crate) use tools::log_message;

/// Its name, as clients are told it.
pub(crate) const NAME: &str = "ours";
/// What clients are told to wait before they come back to a stream.
const RETRY: Duration = Duration::from_millis(100);
/// How often silent streams say that they are alive: so often that every client meets it.
const KEEP_ALIVE: Duration = Duration::from_millis(50);
/// How long it may take until nothing is owed any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. It stops when this is dropped.
pub(crate) struct OurServer {
    port: u16,
    handle: ServiceHandle,
    said: Said,
    leave: Arc<Notify>,
    serving: JoinHandle<()>,
}

/// How it answers.
#[derive(Clone, Copy)]
pub(crate) struct Answering {
    pub(crate) sessions: bool,
    pub(crate) mode: ResponseMode,
}

impl OurServer {
    /// Starts it on a free port of the loopback interface. It speaks both eras, or `only` one; its sessions end
    /// when they were idle for `idle`.
    pub(crate) async fn start(
        answering: Answering,
        only: Option<Era>,
        idle: Option<Duration>,
    ) -> Result<Self> {
        let said = Said::default();
        let leave = Arc::new(Notify::new());
        let service = service(answering, only, idle, &said, &leave)?;
        let handle = service.handle();
        handle.declare_tools(&offer::tools())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let app = axum::Router::new().route_service("/mcp", service);
        let serving = async move {
            // It ends only when the task is aborted.
            let _ = axum::serve(listener, app).await;
        };
        Ok(Self {
            port,
            handle,
            said,
            leave,
            serving: tokio::spawn(serving),
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn handle(&self) -> &ServiceHandle {
        &self.handle
    }

    /// Waits until the server tells an event: `started` and `cancelled` with the label of a call, `ended` with
    /// the reason of a session's end as its label.
    pub(crate) async fn hear(&self, event: &str, label: &str) -> Result<Value> {
        self.said.hear(event, Some(label)).await
    }

    /// How often it told an event until now.
    pub(crate) fn count(&self, event: &str, label: &str) -> usize {
        self.said.heard(event, Some(label)).len()
    }

    /// The handlers of all sessions return, whatever is in flight.
    pub(crate) fn leave(&self) {
        self.leave.notify_waiters();
    }

    /// Checks that nothing is left of what was asked of the server, sooner or later, now that the client is
    /// gone; and that the server had no accident.
    pub(crate) async fn owes_nothing(&self) -> Result<()> {
        let settling = async {
            loop {
                let inspection = self.handle.inspect();
                let is_idle = inspection.obligations.is_empty()
                    && inspection.calls.is_empty()
                    && inspection.exchanges.is_empty();
                if is_idle {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let settled = tokio::time::timeout(PATIENCE, settling).await;
        settled.with_context(|| format!("the server still owes: {:?}", self.handle.inspect()))?;
        let counters = self.handle.counters();
        let accidents = [
            counters.not_taken,
            counters.unanswered,
            counters.panicked,
            counters.handler_failed,
        ];
        ensure!(
            accidents == [0; 4],
            "the server had accidents: {counters:?}"
        );
        Ok(())
    }
}

impl Drop for OurServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn service(
    answering: Answering,
    only: Option<Era>,
    idle: Option<Duration>,
    said: &Said,
    leave: &Arc<Notify>,
) -> Result<Service> {
    let mut identity = Identity::new(NAME, env!("CARGO_PKG_VERSION"));
    identity.capabilities = json!({
        "logging": {},
        "prompts": { "listChanged": true },
        "resources": { "listChanged": true, "subscribe": true },
        "tools": { "listChanged": true },
    })
    .to_string()
    .into();
    let builder = Service::builder(identity).configure(|config| {
        config.mode = answering.mode;
        config.sessions = answering.sessions;
        match only {
            None => {}
            Some(Era::Legacy) => config.versions = Version::V2024_11_05..=Version::V2025_11_25,
            Some(Era::Modern) => config.versions = Version::V2026_07_28..=Version::V2026_07_28,
        }
        config.timing.retry = RETRY;
        config.timing.keep_alive = Some(KEEP_ALIVE);
        if idle.is_some() {
            config.timing.idle = idle;
        }
    });
    let requests = {
        let said = said.clone();
        move |request| answer(request, None, said.clone())
    };
    if !answering.sessions || only == Some(Era::Modern) {
        return Ok(builder.serve(requests)?);
    }
    let (said, leave) = (said.clone(), Arc::clone(leave));
    let sessions = move |session| host(session, said.clone(), Arc::clone(&leave));
    Ok(builder.sessions_and(sessions, requests)?)
}

/// The handler of a session. It returns early when it is told to leave.
async fn host(session: Session, said: Said, leave: Arc<Notify>) {
    let handler = {
        let (session, said) = (session.clone(), said.clone());
        move |request| answer(request, Some(session.clone()), said.clone())
    };
    tokio::select! {
        reason = session.run(handler) => {
            said.say(json!({ "event": "ended", "label": reason.as_str() }));
        }
        () = leave.notified() => {}
    }
}
