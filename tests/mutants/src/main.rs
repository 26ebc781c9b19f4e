//! Builds the mutants, runs them, and tells which no check sees. `./test mutants` starts it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use mcp_sansio_mutants::accounts::Accounts;
use mcp_sansio_mutants::compile::{self, Built};
use mcp_sansio_mutants::modules;
use mcp_sansio_mutants::options::Options;
use mcp_sansio_mutants::play;
use mcp_sansio_mutants::reach::Reach;
use mcp_sansio_mutants::report::Report;
use mcp_sansio_mutants::schemata::Mutant;
use mcp_sansio_mutants::steps::Steps;

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = here
        .ancestors()
        .nth(2)
        .context("the crate is not in tests/")?;
    let accounts = Accounts::read(&here.join("accounts.toml"))?;
    fs::create_dir_all(&options.out)?;
    let folder = options.out.canonicalize()?;
    let mut out = io::stdout().lock();
    for file in &options.files {
        if !modules::all().any(|(_, path)| path.ends_with(file.as_str())) {
            bail!("{file} is none of the modules in tests/mutants/src/modules.rs");
        }
    }
    writeln!(out, "building the mutants in {}", folder.display())?;
    let built = compile::build(project, &folder)?;
    let of_none = accounts.of_none(&built.mutants);
    let survivors = folder.join("survivors.txt");
    let wanted = wanted(&built, &options, &survivors)?;
    if options.list {
        for mutant in &wanted {
            writeln!(out, "{mutant}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "looking which vectors come to which mutant, and running all steps without one"
    )?;
    let program = built
        .programs
        .get("vectors")
        .context("cargo built no vectors")?;
    let reach = Reach::measure(
        program,
        &project.join("tests/vectors"),
        &folder.join("reach"),
        options.jobs,
    )?;
    let steps = Steps::measure(built.programs, reach)?;
    let played = play::play(&steps, wanted, options.jobs, &mut out)?;
    let report = Report {
        played: &played,
        left_out: &built.left_out,
        accounts: &accounts,
        of_none,
    };
    let failures = report.failures();
    writeln!(out, "\n{report}")?;
    fs::write(folder.join("report.txt"), report.in_full()?)?;
    fs::write(&survivors, report.survivors().join("\n"))?;
    for failure in &failures {
        writeln!(out, "FAILED {failure}")?;
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The mutants that the command line asks for.
fn wanted(built: &Built, options: &Options, survivors: &Path) -> Result<Vec<Mutant>> {
    let before = if options.again {
        fs::read_to_string(survivors).context("there was no run before this one")?
    } else {
        String::new()
    };
    let is_wanted = |mutant: &&Mutant| {
        let of_file = options
            .files
            .iter()
            .any(|file| mutant.file.ends_with(file.as_str()));
        let survived = before.lines().any(|line| line == mutant.name());
        (options.files.is_empty() || of_file) && (!options.again || survived)
    };
    Ok(built.mutants.iter().filter(is_wanted).cloned().collect())
}
