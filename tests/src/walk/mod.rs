//! Random walks: a client, and inputs that nobody thought of. Every promise is checked after each step.
//!
//! Half of what the server of a walk does is right, for a server of one kind or another, so that walks get
//! somewhere; the rest is whatever the dice say. A walk that breaks a promise gives its record, which is a
//! vector.

mod config;
mod host;
mod messages;
mod met;
mod network;

use crate::dice::Dice;
use crate::op::Op;
use crate::subject::Subject;
use crate::watch::{ListenSeen, ListenStage};
use mcp_sansio::{Instant, Recording};
pub use met::Met;
pub(crate) use network::{Server, happens_to};

/// Deadlines after the walk within which the client must come to rest.
const MOST_DEADLINES: usize = 5_000;

/// What went wrong on a walk.
#[derive(Debug, thiserror::Error)]
#[error("{what}\nIts record:\n{record}")]
pub struct Stumbled {
    /// The promise, and how it broke.
    pub what: String,
    /// The record, a line a step.
    pub record: String,
}

/// Takes that many steps, or as many as the dice have bytes for; then closes, or lets time pass until every call
/// has settled. Gives what it met.
///
/// # Errors
/// The first promise that does not hold.
pub fn walk(mut dice: Dice, steps: usize) -> Result<Met, Stumbled> {
    let mut config = config::invent(&mut dice);
    let server = Server::invent(&mut dice, &config);
    config.recording = Recording::Whole;
    let mut subject = Subject::new(config, [7; 32]).map_err(|error| Stumbled {
        what: error.to_string(),
        record: String::new(),
    })?;
    let end = go(&mut subject, &mut dice, server, steps);
    let met = Met::of(subject.watch());
    end.map(|()| met).map_err(|what| Stumbled {
        what,
        record: std::iter::from_fn(|| subject.client().poll_record())
            .collect::<Vec<_>>()
            .join("\n"),
    })
}

fn go(subject: &mut Subject, dice: &mut Dice, server: Server, steps: usize) -> Result<(), String> {
    let closes = dice.one_in(2);
    for _ in 0..steps {
        if dice.is_spent() {
            break;
        }
        subject.room = !dice.one_in(8);
        let (now, op) = invent(subject, dice, server);
        subject
            .step(now, &op)
            .map_err(|broken| broken.to_string())?;
    }
    subject.room = true;
    if closes {
        let now = subject.now();
        subject
            .step(now, &Op::Close)
            .map_err(|broken| broken.to_string())?;
    }
    for _ in 0..MOST_DEADLINES {
        match subject.advance() {
            Some(given) => given.map_err(|broken| broken.to_string())?,
            None => break,
        };
    }
    let waiting: Vec<_> = subject.watch().unsettled().map(|(id, _)| id).collect();
    if !waiting.is_empty() {
        return Err(format!("calls {waiting:?} never settled"));
    }
    // Where connections are few, a subscription may wait for its turn behind others that last.
    if subject.watch().config.limits.exchanges.is_some() {
        return Ok(());
    }
    let restless = |(_, listen): &(u64, &ListenSeen)| listen.stage != ListenStage::Open;
    match subject.watch().listening().find(restless) {
        Some((id, listen)) => Err(format!("subscription {id} is {:?} for ever", listen.stage)),
        None => Ok(()),
    }
}

fn invent(subject: &mut Subject, dice: &mut Dice, server: Server) -> (Instant, Op) {
    let now = subject.now();
    let next = subject.client().poll_timeout();
    if dice.one_in(server.pace) {
        let at = next.filter(|_| !dice.one_in(6));
        let random = later(now, dice.below(20_000_000));
        return (at.unwrap_or(random).max(now), Op::Timeout);
    }
    if dice.below(8) < 3 {
        return (now, host::asks(subject, dice));
    }
    let at = later(now, dice.below(3) * 150_000);
    (at, network::happens(subject, dice, server))
}

fn later(now: Instant, micros: usize) -> Instant {
    Instant::from_micros(now.as_micros() + u64::try_from(micros).unwrap_or(0))
}
