//! Clocks: when nothing comes any more, every call settles by its deadlines alone, and nothing loops.

use super::{Failed, Run};
use crate::op::Op;
use crate::watch::ListenStage;
use mcp_sansio::Instant;

/// Deadlines that a client may need to come to rest.
const MOST_DEADLINES: usize = 10_000;
/// A time after which nothing that a call waits for may still be running.
const A_DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// Each deadline in turn, at exactly its time.
pub(super) fn each(run: &mut Run<'_>, after: usize) -> Result<(), Failed> {
    run.first(after)?;
    run.subject.room = true;
    let last = later(run.subject.now());
    for _ in 0..MOST_DEADLINES {
        if run.subject.now() > last || run.advance()?.is_none() {
            settled(run)?;
            return listens_stand(run);
        }
    }
    Err(run.failed(
        format!("{MOST_DEADLINES} deadlines later there is still one more"),
        &[],
    ))
}

/// All at once: one `Timeout`, a day later.
pub(super) fn past_all(run: &mut Run<'_>, after: usize) -> Result<(), Failed> {
    run.first(after)?;
    run.subject.room = true;
    let at = later(run.subject.now());
    run.op(at, &Op::Timeout)?;
    settled(run)
}

fn later(now: Instant) -> Instant {
    Instant::from_micros(now.as_micros() + A_DAY)
}

fn settled(run: &Run<'_>) -> Result<(), Failed> {
    let waiting: Vec<_> = run.subject.watch().unsettled().map(|(id, _)| id).collect();
    if waiting.is_empty() {
        Ok(())
    } else {
        Err(run.failed(
            format!("past all deadlines calls {waiting:?} still wait"),
            &[],
        ))
    }
}

/// Left alone, a subscription is open or over: it does not wait for ever to become one of them.
fn listens_stand(run: &Run<'_>) -> Result<(), Failed> {
    match run
        .subject
        .watch()
        .listening()
        .find(|(_, listen)| listen.stage != ListenStage::Open)
    {
        Some((id, listen)) => Err(run.failed(
            format!("past all deadlines subscription {id} is {:?}", listen.stage),
            &[],
        )),
        None => Ok(()),
    }
}
