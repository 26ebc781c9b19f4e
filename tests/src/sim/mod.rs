//! A simulation: real clients and a real server, joined by an HTTP in which everything happens that happens to
//! HTTP, on a clock that moves exactly to the next event or deadline. Everything follows from one seed.
//!
//! A [`Plan`] is decided before the run: how the machines are set up, what their applications do and when, and
//! what goes wrong. [`play`] plays it. After every step of a machine its promises are checked
//! ([`promises`](crate::promises), [`server::promises`](crate::server::promises)); beside them, what only both
//! ends together can show:
//!
//! | | |
//! |---|---|
//! | W1 | an answer that a client reports was given by the server's application, for that very request |
//! | W2 | no request is taken by the application twice, unless it may run twice |
//! | W3 | what an outcome says of execution is true: `NotSent` and `Refused` never ran, and never will |
//! | W4 | each call settles once, within its hard maximum, and the run comes to rest |
//! | W5 | a client that is closed, and a server that has shut down, hold nothing |
//! | W6 | each outcome that is no answer has its reason: what was done to the call, or what went wrong |
//! | W7 | what a client is told of a call was said in it, once, in order, and all of it before its answer |
//! | W8 | the server's application learns soon that a client has given a call up |
//!
//! In place of the server there can be one that follows no rules, and beside the clients one that does not: the
//! opponents of the [walks](crate::walk), here behind a network. What only a server of ours promises is not asked
//! of the former.
//!
//! A plan that fails is shrunk: [`run`] gives the smallest part of it that still fails, with its log.
//!
//! ```
//! use mcp_sansio_tests::sim;
//! let done = sim::run(42).expect("no promise is broken");
//! assert_eq!(done.log, sim::run(42).expect("the same again").log);
//! ```

mod agenda;
mod beats;
mod books;
mod cause;
mod client_app;
mod deeds;
mod far;
mod front;
mod link;
mod log;
mod model;
mod near;
mod network;
mod plan;
mod response;
mod rogue_client;
mod rogue_server;
mod script;
mod server_app;
mod setup;
mod shrink;
mod tally;
mod world;

use crate::dice::Dice;
use crate::subject::Broken;
pub use plan::{Deed, Fault, Plan, What};
pub use script::{Beat, Job};
pub use setup::{Cast, Setup};
use std::any::Any;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
pub use tally::Tally;
use world::{World, wrong};

/// A run that broke no promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// What happened, line by line.
    pub log: String,
    /// What happened, counted.
    pub tally: Tally,
}

/// A run that broke one.
#[derive(Clone, Debug)]
pub struct Fallen {
    /// The promise.
    pub broken: Broken,
    /// What happened until then, line by line.
    pub log: String,
}

/// A plan that breaks a promise, made as small as it will go.
#[derive(Clone, Debug)]
pub struct Found {
    /// The promise, in the small plan.
    pub broken: Broken,
    /// The small plan.
    pub plan: Plan,
    /// How many deeds the plan had before.
    pub deeds_before: usize,
    /// What happens in the small plan.
    pub log: String,
}

/// Plays the plan of a seed.
///
/// # Errors
/// The first promise that does not hold.
pub fn run(seed: u64) -> Result<Done, Box<Found>> {
    run_dice(&mut Dice::new(seed))
}

/// Plays the plan that a fuzzer's bytes come to.
///
/// # Errors
/// The first promise that does not hold.
pub fn run_bytes(bytes: &[u8]) -> Result<Done, Box<Found>> {
    run_dice(&mut Dice::of_bytes(bytes))
}

fn run_dice(dice: &mut Dice) -> Result<Done, Box<Found>> {
    let plan = Plan::invent(dice);
    play(&plan).map_err(|fallen| Box::new(reduce(&plan, &fallen)))
}

/// Plays a plan.
///
/// # Errors
/// The first promise that does not hold.
pub fn play(plan: &Plan) -> Result<Done, Box<Fallen>> {
    let mut world = World::new(plan).map_err(|broken| Fallen {
        broken,
        log: String::new(),
    })?;
    let end = catch_unwind(AssertUnwindSafe(|| world.play()))
        .unwrap_or_else(|panic| Err(panicked(&*panic)));
    let log = mem::take(&mut world.log.0);
    match end {
        Ok(()) => Ok(Done {
            log,
            tally: mem::take(&mut world.tally),
        }),
        Err(broken) => Err(Box::new(Fallen { broken, log })),
    }
}

/// P1: no machine panics. (Nor does the harness, or it is to be mended.)
fn panicked(panic: &(dyn Any + Send)) -> Broken {
    let literal = panic.downcast_ref::<&str>().copied();
    let text = literal.or_else(|| panic.downcast_ref().map(String::as_str));
    let what = format!("a panic: {}", text.unwrap_or("without a word"));
    wrong("P1", what)
}

/// The smallest part of a plan that still breaks the same promise.
fn reduce(plan: &Plan, fallen: &Fallen) -> Found {
    let promise = fallen.broken.promise;
    let small = shrink::shrink(plan, |plan| {
        play(plan).is_err_and(|fallen| fallen.broken.promise == promise)
    });
    let fallen = play(&small).err();
    let (broken, log) = match fallen {
        Some(fallen) => (fallen.broken, fallen.log),
        None => (
            wrong("P1", "two runs of one plan differ".to_owned()),
            String::new(),
        ),
    };
    Found {
        broken,
        deeds_before: plan.deeds.len(),
        plan: small,
        log,
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setup = &self.plan.setup;
        writeln!(f, "{}", self.broken)?;
        writeln!(
            f,
            "{:?}, patient: {}, latency {:?} ms, timers first: {}, stubborn: {}, takes after {:?}",
            setup.cast,
            setup.is_patient,
            setup.latency,
            setup.timers_first,
            setup.is_stubborn,
            setup.takes_after
        )?;
        for (client, config) in setup.clients.iter().enumerate() {
            writeln!(f, "client {client}: {config:?}")?;
        }
        writeln!(f, "server: {:?}", setup.server)?;
        writeln!(
            f,
            "{} of {} deeds are needed:",
            self.plan.deeds.len(),
            self.deeds_before
        )?;
        for deed in &self.plan.deeds {
            writeln!(f, "  at {:?}: {:?}", deed.at, deed.what)?;
        }
        f.write_str(&self.log)
    }
}
