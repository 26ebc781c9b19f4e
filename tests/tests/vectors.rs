//! Runs every vector in every treatment, and prints what it ran.
//!
//! `cargo test -p mcp-sansio-tests --test vectors -- 06 resume` runs those whose names contain one of the
//! words; `-- --written` leaves the other treatments out, `-- --first` ends with the first failure.

use mcp_sansio_tests::treatment::Failed;
use mcp_sansio_tests::{AnyVector, server, treatment};
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Default)]
struct Totals {
    vectors: usize,
    lines: usize,
    treatments: usize,
    steps: usize,
}

fn main() -> io::Result<ExitCode> {
    let (flags, words): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|arg| arg.starts_with("--"));
    let only_written = flags.iter().any(|flag| flag == "--written");
    let most = if flags.iter().any(|flag| flag == "--first") {
        1
    } else {
        usize::MAX
    };
    let mut out = io::stdout().lock();
    let mut totals = Totals::default();
    let mut failures = 0;
    for path in files()? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if failures >= most {
            break;
        }
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        match AnyVector::load(&path) {
            Ok(vector) => failures += one(&vector, only_written, &mut totals, &mut out)?,
            Err(error) => {
                failures += 1;
                writeln!(out, "FAILED {error}")?;
            }
        }
    }
    writeln!(
        out,
        "\n{} vectors with {} steps; {} treatments of them took {} steps; {failures} failed",
        totals.vectors, totals.lines, totals.treatments, totals.steps
    )?;
    // No vectors at all must not pass for a success; words that name none are for another test.
    let passed = failures == 0 && (totals.vectors > 0 || !words.is_empty());
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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

/// Runs one vector; gives the number of kinds of treatment that failed.
fn one(
    vector: &AnyVector,
    only_written: bool,
    totals: &mut Totals,
    out: &mut impl io::Write,
) -> io::Result<usize> {
    totals.vectors += 1;
    totals.lines += vector.len();
    let mut failed = BTreeSet::new();
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
                if failed.insert(kind.to_owned()) {
                    writeln!(out, "FAILED {what}")?;
                }
            }
        }
        // A vector that does not hold as written says nothing in its other treatments.
        if failed.contains("Written") {
            break;
        }
    }
    Ok(failed.len())
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
