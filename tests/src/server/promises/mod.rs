//! The promises of the server, each as a check of one step against the books. P7 (splits) is about whole
//! runs: [`treatment`](super::treatment) has it. P1 (no panic) holds if a run returns.
//!
//! The modern era has two of its own. S1: a modern request is answered by itself, without a trace of sessions,
//! with the status that its answer calls for, and lives no longer than its client. S2: a subscription is
//! acknowledged first, gets exactly what it asked for, each message tagged, and ends with at most one answer.

mod exchanges;
mod modern;
mod requests;
mod resources;
mod streams;

use super::watch::{StepSeen, Watch};
use crate::subject::Broken;
use exchanges::{ends_in_time, is_silent_before_the_application, knows_no_other_principal};
use mcp_sansio::Instant;
use modern::{cancels_with_its_client, tells_subscribers_all};
use requests::{ends_each_request_once, settles_calls_once};
use resources::{
    announces_what_it_has, delivers_once_in_order, holds_no_more_than_configured, keeps_secrets,
};
use std::time::Duration;
use streams::{ends_streams_with_their_answers, replays_exactly};

type Verdict = Result<(), String>;

/// Checks every promise.
///
/// # Errors
/// The first that does not hold.
pub fn check(watch: &Watch, step: &StepSeen<'_>) -> Result<(), Broken> {
    if let Some((promise, what)) = watch.wrongs.first() {
        return Err(Broken {
            promise,
            what: what.clone(),
        });
    }
    let verdicts = [
        ("P2", settles_calls_once(watch, step)),
        ("P10", delivers_once_in_order(watch, step)),
        ("P11", ends_in_time(watch, step)),
        ("P12", is_silent_before_the_application(watch)),
        ("P13", replays_exactly(watch)),
        ("P13", ends_streams_with_their_answers(watch)),
        ("P14", holds_no_more_than_configured(watch, step)),
        ("P15", announces_what_it_has(watch, step)),
        ("P16", knows_no_other_principal(watch)),
        ("S1", cancels_with_its_client(watch)),
        ("S2", tells_subscribers_all(watch, step)),
        ("P17", ends_each_request_once(watch, step)),
        ("P18", keeps_secrets(watch, step)),
    ];
    for (promise, verdict) in verdicts {
        verdict.map_err(|what| Broken { promise, what })?;
    }
    Ok(())
}

fn sorted(ids: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

fn after(at: Instant, delay: Duration) -> Instant {
    let micros = u64::try_from(delay.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
    Instant::from_micros(at.as_micros().saturating_add(micros))
}
