//! Runs every vector in every treatment, and prints what it ran.
//!
//! `cargo test -p mcp-sansio-tests --test vectors -- 06 resume` runs those whose names contain one of the
//! words; `-- --written` leaves the other treatments out, `-- --first` ends with the first failure.

mod abreast;

use abreast::abreast;
use mcp_sansio_tests::treatment::Failed;
use mcp_sansio_tests::{AnyVector, server, treatment};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write as _};
use std::ops::{AddAssign, ControlFlow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Default)]
struct Totals {
    vectors: usize,
    lines: usize,
    treatments: usize,
    steps: usize,
    failures: usize,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.vectors += other.vectors;
        self.lines += other.lines;
        self.treatments += other.treatments;
        self.steps += other.steps;
        self.failures += other.failures;
    }
}

fn main() -> io::Result<ExitCode> {
    let (flags, words): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|arg| arg.starts_with("--"));
    let only_written = flags.iter().any(|flag| flag == "--written");
    let ends_early = flags.iter().any(|flag| flag == "--first");
    let is_chosen = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
    };
    let has_failed = AtomicBool::new(false);
    let chosen = files()?.into_iter().filter(is_chosen);
    let shares = abreast(chosen, |totals: &mut Totals, path| {
        if ends_early && has_failed.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let failures = totals.failures;
        match AnyVector::load(&path) {
            Ok(vector) => one(&vector, only_written, totals),
            Err(error) => {
                totals.failures += 1;
                failed(format_args!("{error}"));
            }
        }
        has_failed.fetch_or(totals.failures > failures, Ordering::Relaxed);
        ControlFlow::Continue(())
    });
    let mut totals = Totals::default();
    shares.for_each(|share| totals += share);
    writeln!(
        io::stdout(),
        "\n{} vectors with {} steps; {} treatments of them took {} steps; {} failed",
        totals.vectors,
        totals.lines,
        totals.treatments,
        totals.steps,
        totals.failures
    )?;
    // No vectors at all must not pass for a success; words that name none are for another test.
    let passed = totals.failures == 0 && (totals.vectors > 0 || !words.is_empty());
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Says what failed, in one piece, so that what threads say is not mixed up.
fn failed(what: fmt::Arguments<'_>) {
    // The exit code tells, too, where nobody reads.
    let _ = writeln!(io::stdout().lock(), "FAILED {what}");
}

/// A way to run a vector: its name, and itself.
type Treat<'a> = (String, Box<dyn Fn() -> Result<usize, Failed> + 'a>);

fn treatments(vector: &AnyVector) -> Vec<Treat<'_>> {
    match vector {
        AnyVector::Client(vector) => treatment::all(vector)
            .into_iter()
            .map(|treatment| -> Treat<'_> {
                let run = move || treatment::run(vector, treatment);
                (format!("{treatment:?}"), Box::new(run))
            })
            .collect(),
        AnyVector::Server(vector) => server::treatment::all(vector)
            .into_iter()
            .map(|treatment| -> Treat<'_> {
                let run = move || server::treatment::run(vector, treatment);
                (format!("{treatment:?}"), Box::new(run))
            })
            .collect(),
    }
}

/// Runs one vector; each kind of treatment that fails is counted.
fn one(vector: &AnyVector, only_written: bool, totals: &mut Totals) {
    totals.vectors += 1;
    totals.lines += vector.len();
    let mut kinds = BTreeSet::new();
    for (treatment, run) in treatments(vector) {
        if only_written && treatment != "Written" {
            continue;
        }
        totals.treatments += 1;
        match kept(vector.name(), &treatment, &run) {
            Ok(steps) => totals.steps += steps,
            // The first of each kind tells enough.
            Err(what) => {
                let kind = treatment.split('(').next().unwrap_or_default();
                if kinds.insert(kind.to_owned()) {
                    failed(format_args!("{what}"));
                }
            }
        }
        // A vector that does not hold as written says nothing in its other treatments.
        if kinds.contains("Written") {
            break;
        }
    }
    totals.failures += kinds.len();
}

/// P1: no sequence of calls and inputs panics.
fn kept(
    name: &str,
    treatment: &str,
    run: &dyn Fn() -> Result<usize, Failed>,
) -> Result<usize, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|failed| failed.to_string()),
        Err(_) => Err(format!(
            "{name}: ({treatment}) P1 is broken: the machine panicked"
        )),
    }
}

fn files() -> io::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
