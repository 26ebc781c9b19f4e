//! Sessions, which clients of the first era have, and what is kept for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::{Request, Session};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Level;
use crate::host::Host;
use crate::run::Call;

/// The handler of a session. It lives as long as the session does.
pub(crate) async fn handle(host: Arc<Host>, session: Session) {
    let log = Arc::new(LogLevel::everything());
    let answer = move |request: Request| {
        let (host, log) = (Arc::clone(&host), Arc::clone(&log));
        async move {
            let request = &request;
            host.answer(Call {
                request,
                log: Some(&log),
            })
            .await
        }
    };
    session.run(answer).await;
}

/// Which lines of the log a session wants.
pub(crate) struct LogLevel(AtomicU8);

impl LogLevel {
    /// All of them, until the client says otherwise.
    fn everything() -> Self {
        Self(AtomicU8::new(Level::Debug as u8))
    }

    /// Whether a line of this level is wanted.
    pub(crate) fn wants(&self, level: Level) -> bool {
        level as u8 >= self.0.load(Ordering::Relaxed)
    }

    /// Answers `logging/setLevel`.
    pub(crate) fn set(&self, request: &Request) -> Result<Value, RpcError> {
        #[derive(Deserialize)]
        struct Params {
            level: Level,
        }
        let Params { level } = request.params()?;
        self.0.store(level as u8, Ordering::Relaxed);
        Ok(json!({}))
    }
}
