//! What the compiler says of the mutants, and the programs that it makes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};

use crate::modules;
use crate::schemata::{Mutant, SWITCH, Schemata};
use crate::tree::Tree;

/// The crate root, which gets the switch.
const ROOT: &str = "core/src/lib.rs";

/// All mutants, and what the compiler made of them.
#[derive(Debug)]
pub struct Built {
    /// Those that can be played.
    pub mutants: Vec<Mutant>,
    /// Those that do not compile, and why.
    pub left_out: Vec<(Mutant, String)>,
    /// Programs by the names of their targets.
    pub programs: BTreeMap<String, PathBuf>,
}

/// Puts all mutants into a copy of the project, leaves out what does not compile, and builds the tests.
///
/// # Errors
///
/// The copy cannot be made, or does not build for a reason that is no mutant's.
pub fn build(project: &Path, out: &Path) -> Result<Built> {
    let source = |path: &str| PathBuf::from("core/src").join(path);
    let mut changed: BTreeSet<_> = modules::all().map(|(_, path)| source(path)).collect();
    changed.insert(ROOT.into());
    let tree = Tree::copy(project, out.join("tree"), &changed)?;
    let root = fs::read_to_string(project.join(ROOT))?;
    tree.put(ROOT.as_ref(), (root + SWITCH).as_bytes())?;
    let mut reasons: BTreeMap<u32, String> = BTreeMap::new();
    loop {
        let left_out = reasons.keys().copied().collect();
        let mut schemata = BTreeMap::new();
        let mut next = 1;
        for (_, path) in modules::all() {
            let text = fs::read_to_string(project.join(source(path)))
                .with_context(|| format!("core/src/{path} is no module"))?;
            let one = Schemata::of(path, &text, next, &left_out)
                .with_context(|| format!("core/src/{path} cannot be parsed"))?;
            next += u32::try_from(one.mutants.len())?;
            tree.put(&source(path), one.text.as_bytes())?;
            schemata.insert(source(path), one);
        }
        let errors = check(&tree, out)?;
        if errors.is_empty() {
            let programs = programs(&tree, out)?;
            return Ok(divide(schemata.into_values(), &reasons, programs));
        }
        let before = reasons.len();
        for error in &errors {
            for mutant in culprits(error, &schemata) {
                reasons
                    .entry(mutant)
                    .or_insert_with(|| error.message.clone());
            }
        }
        if reasons.len() == before {
            let told: Vec<_> = errors
                .iter()
                .filter_map(|one| one.rendered.as_deref())
                .collect();
            bail!("no mutant is to blame for this:\n{}", told.join("\n"));
        }
    }
}

fn divide(
    schemata: impl Iterator<Item = Schemata>,
    reasons: &BTreeMap<u32, String>,
    programs: BTreeMap<String, PathBuf>,
) -> Built {
    let (mut mutants, mut left_out) = (Vec::new(), Vec::new());
    for mutant in schemata.flat_map(|one| one.mutants) {
        match reasons.get(&mutant.number) {
            Some(reason) => left_out.push((mutant, reason.clone())),
            None => mutants.push(mutant),
        }
    }
    mutants.sort_by_key(|mutant| mutant.number);
    Built {
        mutants,
        left_out,
        programs,
    }
}

/// The mutants that an error is of: those at its main place, else those of the places it mentions.
fn culprits(error: &Diagnostic, schemata: &BTreeMap<PathBuf, Schemata>) -> BTreeSet<u32> {
    let of = |span: &DiagnosticSpan| {
        let one = schemata.get(Path::new(&span.file_name))?;
        Some(one.at(&(span.byte_start as usize..span.byte_end as usize)))
    };
    let (main, others): (Vec<_>, Vec<_>) = error.spans.iter().partition(|span| span.is_primary);
    let of_main: BTreeSet<u32> = main.into_iter().filter_map(of).flatten().collect();
    if of_main.is_empty() {
        others.into_iter().filter_map(of).flatten().collect()
    } else {
        of_main
    }
}

/// Runs cargo; what it says besides its messages goes to `said`.
fn cargo(tree: &Tree, out: &Path, arguments: &[&str], said: Stdio) -> Result<(bool, Vec<Message>)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut child = Command::new(cargo)
        .args(arguments)
        .args(["--quiet", "--message-format=json"])
        .arg("--target-dir")
        .arg(out.join("build"))
        .current_dir(tree.root())
        .stdout(Stdio::piped())
        .stderr(said)
        .spawn()
        .context("cargo cannot be started")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let messages = Message::parse_stream(BufReader::new(stdout)).collect::<Result<_, _>>()?;
    Ok((child.wait()?.success(), messages))
}

/// The errors of the core with its mutants.
fn check(tree: &Tree, out: &Path) -> Result<Vec<Diagnostic>> {
    let arguments = ["check", "-p", "mcp-sansio", "--features", "internals"];
    // That mutants do not compile is nothing to tell.
    let (passed, messages) = cargo(tree, out, &arguments, Stdio::null())?;
    let errors: Vec<_> = messages
        .into_iter()
        .filter_map(|message| match message {
            Message::CompilerMessage(one) => Some(one.message),
            _ => None,
        })
        .filter(|one| one.level == DiagnosticLevel::Error && !one.spans.is_empty())
        .collect();
    if !passed && errors.is_empty() {
        bail!(
            "`cargo {}` failed without a word on the sources",
            arguments.join(" ")
        );
    }
    Ok(errors)
}

fn programs(tree: &Tree, out: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let arguments = [
        "test",
        "--no-run",
        "-p",
        "mcp-sansio",
        "-p",
        "mcp-sansio-tests",
    ];
    let (passed, messages) = cargo(tree, out, &arguments, Stdio::inherit())?;
    if !passed {
        bail!(
            "`cargo {}` failed, though the core itself compiles",
            arguments.join(" ")
        );
    }
    let mut programs = BTreeMap::new();
    for message in messages {
        if let Message::CompilerArtifact(one) = message
            && let Some(program) = one.executable
        {
            programs.insert(one.target.name, program.into_std_path_buf());
        }
    }
    Ok(programs)
}
