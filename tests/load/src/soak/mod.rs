//! The soak: a thousand sessions, 64 callers at once, many of them with bad manners; and afterwards the
//! server owes nothing and holds nothing.

mod actions;
mod bad;
mod caller;
mod managed;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::peer::{Owed, Peer, Reading};
use crate::tally::{Checks, Tally, print};

/// Callers on bare connections; what they do includes what no good client does.
const BARE: usize = 56;
/// Callers that are our own client.
const MANAGED: usize = 8;
/// Sessions of each caller.
const SESSIONS: usize = 16;
/// Sessions at the same time that the soak must have reached.
const WANTED: i64 = 1_000;
/// How long the server may take to forget what its clients have left behind: above every clock that
/// [`server`](crate::server) is given.
const FORGETTING: Duration = Duration::from_secs(60);
/// What may be left of the heap: capacities that have grown, never what grows with the number of calls.
const SLACK: i64 = 256 << 10;

/// Plays the soak for about so long.
pub(crate) async fn run(length: Duration, checks: &mut Checks) -> Result<()> {
    let program = std::env::current_exe().context("this program has no path")?;
    let mut server = Peer::start(&program, &["server", "soak"]).await?;
    let fresh = server.read().await?;

    // Everything has grown to its size after a first round; what a second one leaves is a leak.
    let warm_up = Tally::default();
    round(&mut server, length / 6, warm_up).await?;
    let before = idle(&mut server).await?;
    let began = Instant::now();
    let (tally, peak) = round(&mut server, length, Tally::default()).await?;
    let took = began.elapsed();
    let after = idle(&mut server).await?;

    print(format!(
        "soak: {} callers for {:.0} s, {peak} sessions at once",
        BARE + MANAGED,
        took.as_secs_f64()
    ));
    let mut lines = tally.all();
    for action in actions::ALL {
        // What was not even done has not passed.
        lines.entry(action.name()).or_default();
    }
    for (what, line) in lines {
        checks.check(
            line.failed == 0 && line.done > 0,
            format!("{what}: {} times", line.done),
        );
        for told in &line.told {
            print(format!("          {told}"));
        }
        if line.failed > 0 {
            print(format!("          {} failed", line.failed));
        }
    }
    checks.check(
        peak >= WANTED,
        format!("{peak} sessions at once, {WANTED} at least"),
    );
    checks.check(
        after.owed == Owed::default(),
        format!(
            "afterwards nothing is owed and nothing held: {:?}",
            after.owed
        ),
    );
    let grown = after.heap - before.heap;
    checks.check(
        grown <= SLACK,
        format!(
            "live heap is back: {} KiB before, {} KiB after ({} KiB when fresh)",
            before.heap >> 10,
            after.heap >> 10,
            fresh.heap >> 10
        ),
    );
    print(format!(
        "  resident: {} MiB when fresh, {} MiB before, {} MiB after",
        fresh.rss >> 20,
        before.rss >> 20,
        after.rss >> 20
    ));
    Ok(())
}

/// Lets all callers do their worst for so long, and gives the sessions that there were at once.
async fn round(server: &mut Peer, length: Duration, tally: Tally) -> Result<(Arc<Tally>, i64)> {
    let tally = Arc::new(tally);
    let until = Instant::now() + length;
    let mut callers = JoinSet::new();
    for number in 0..BARE {
        let caller = caller::Caller::new(number, server.address.clone(), Arc::clone(&tally));
        callers.spawn(caller.run(SESSIONS, until));
    }
    for number in 0..MANAGED {
        let url = server.url.clone();
        callers.spawn(managed::run(
            number,
            url,
            SESSIONS,
            until,
            Arc::clone(&tally),
        ));
    }
    let mut peak = 0;
    while !callers.is_empty() {
        peak = peak.max(server.read().await?.owed.sessions);
        tokio::select! {
            Some(ended) = callers.join_next() => ended.context("a caller panicked")?,
            () = sleep(Duration::from_millis(250)) => {}
        }
    }
    Ok((tally, peak))
}

/// Waits until the server has forgotten its clients, but not for ever.
async fn idle(server: &mut Peer) -> Result<Reading> {
    let began = Instant::now();
    loop {
        let reading = server.read().await?;
        if reading.owed == Owed::default() || began.elapsed() > FORGETTING {
            return Ok(reading);
        }
        sleep(Duration::from_millis(100)).await;
    }
}
