//! The promises, each as a check of one step against the books. P7 (splits) and the reconnects of P8 are
//! about whole runs: [`treatment`](crate::treatment) has them. P1 (no panic) holds if a run returns. What
//! holds for calls holds for subscriptions too, where it can; E1 to E4 are about the two eras.

mod authorization;
mod calls;
mod eras;
mod listens;
mod messages;
mod resources;

use crate::subject::Broken;
use crate::watch::{StepSeen, Watch};
use mcp_sansio::Instant;
use std::time::Duration;

type Verdict = Result<(), String>;

/// Checks every promise.
///
/// # Errors
/// The first that does not hold.
pub fn check(watch: &Watch, step: &StepSeen<'_>) -> Result<(), Broken> {
    let verdicts = [
        ("P2", calls::settles_once(watch, step)),
        ("P2", listens::end_once(watch)),
        ("P3", calls::waits_with_a_bound(watch, step)),
        ("P3", authorization::parks_with_a_bound(watch, step)),
        ("P3", authorization::ends_with_the_answer(watch, step)),
        ("P4", calls::tells_the_truth(watch, step)),
        ("P5", calls::sends_again_only_what_did_not_run(watch)),
        ("P6", resources::releases(watch, step)),
        ("P6", listens::release_their_streams(watch, step)),
        ("P8", messages::answers_in_measure(watch, step)),
        ("P8", authorization::is_asked_for_a_few_times(watch)),
        ("P9", calls::keeps_its_clocks(watch, step)),
        ("P10", messages::delivers_once_in_order(watch, step)),
        ("P10", listens::tell_in_order(watch, step)),
        ("P14", resources::holds_no_more_than_configured(watch, step)),
        ("P15", resources::announces_what_it_has(watch, step)),
        ("P17", messages::ends_each_obligation_once(watch, step)),
        ("P18", resources::keeps_secrets_and_its_origin(watch, step)),
        ("E1", eras::headers_mirror_the_body(watch, step)),
        ("E2", eras::modern_servers_hear_nothing_else(watch, step)),
        ("E3", eras::ids_are_used_once(watch)),
        ("E4", eras::rounds_go_on_exactly(watch)),
    ];
    for (promise, verdict) in verdicts {
        verdict.map_err(|what| Broken { promise, what })?;
    }
    Ok(())
}

fn after(at: Instant, delay: Duration) -> Instant {
    let micros = u64::try_from(delay.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
    Instant::from_micros(at.as_micros().saturating_add(micros))
}
