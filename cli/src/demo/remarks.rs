//! What the client tells its application beside the outcomes of calls.

use std::time::Instant;

use mcp_sansio_tokio::{Event, Events, Failure, SessionChange};

/// What the application was told beside the outcomes.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) at: Instant,
    pub(super) text: String,
}

/// Collects what the application is told beside the outcomes, until the client is closed.
pub(super) async fn remarks(mut events: Events) -> Vec<Remark> {
    let mut remarks = Vec::new();
    while let Some(event) = events.next().await {
        let text = match event {
            Event::Notice(notice) => notice.detail,
            Event::Session { change, .. } => match change {
                SessionChange::Lost(failure) => lost(&failure),
                SessionChange::Reinitialized => "connected anew".into(),
                _ => continue,
            },
            _ => continue,
        };
        let at = Instant::now();
        remarks.push(Remark { at, text });
    }
    remarks
}

fn lost(failure: &Failure) -> String {
    match &failure.refusal {
        Some(refusal) => format!("the session is lost: HTTP {}", refusal.status),
        None => "the session is lost".into(),
    }
}
