//! Searches the worlds one after the other, and tells what was seen.

mod options;

use clap::Parser as _;
use mcp_sansio::{Client, Server};
use mcp_sansio_explore::model::Model;
use mcp_sansio_explore::search::{Bounds, Seen, search};
use mcp_sansio_explore::tables::Tables;
use mcp_sansio_explore::{Machine, worlds};
use mimalloc::MiMalloc;
use options::Options;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

/// A search copies states, and forgets most of them: with the system's allocator it did little else.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the exit code tells.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// What was seen of one machine in all its worlds.
#[derive(Default)]
struct Sum {
    states: BTreeSet<u64>,
    tables: Tables,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let (mut clients, mut servers) = (Sum::default(), Sum::default());
    for world in worlds() {
        let depth = options.depth.unwrap_or(world.depth);
        match &world.machine {
            Machine::Client(model) => explore(model, depth, options, &mut clients)?,
            Machine::Server(model) => explore(model, depth, options, &mut servers)?,
        }
    }
    let mut out = io::stdout().lock();
    let mut tables = String::new();
    for (name, sum, kinds) in [
        ("client", &clients, Client::part_kinds()),
        ("server", &servers, Server::part_kinds()),
    ] {
        write!(tables, "{name}: transitions\n{}\n", sum.tables)?;
        writeln!(out, "\n{name}: states that no part of it was seen in")?;
        for line in sum.tables.never_reached(&kinds) {
            writeln!(out, "  {line}")?;
            writeln!(tables, "never reached: {line}")?;
        }
    }
    if let Some(file) = &options.tables {
        fs::write(file, tables).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let states = clients.states.len() + servers.states.len();
    writeln!(out, "\nin all: {states} distinct states")?;
    if states < options.at_least {
        return Err(format!("{} distinct states were to be seen", options.at_least).into());
    }
    Ok(())
}

fn explore<M: Model>(
    model: &M,
    depth: u32,
    options: &Options,
    sum: &mut Sum,
) -> Result<(), Box<dyn Error>> {
    let name = model.name();
    if options
        .only
        .as_ref()
        .is_some_and(|only| !name.contains(only.as_str()))
    {
        return Ok(());
    }
    let bounds = Bounds {
        depth,
        threads: options.threads,
        memory: options.memory << 30,
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it took is told, and decides nothing"
    )]
    let began = Instant::now();
    let seen = search(model, bounds).map_err(|failed| format!("{name}: {failed}"))?;
    let Seen {
        states,
        situations,
        steps,
        depth,
        is_exhausted,
        memory,
        ..
    } = &seen;
    let end = if *is_exhausted {
        ", where all ends"
    } else {
        ""
    };
    writeln!(
        io::stdout(),
        "{name}: {} distinct states, {situations} situations, {steps} steps, depth {depth}{end}, {:.1} s, {} MiB",
        states.len(),
        began.elapsed().as_secs_f64(),
        memory >> 20
    )?;
    if !seen.never_met.is_empty() {
        return Err(format!("{name}: never met: {}", seen.never_met.join("; ")).into());
    }
    sum.states.extend(seen.states);
    sum.tables.merge(seen.tables);
    Ok(())
}
