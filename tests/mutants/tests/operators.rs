//! Each operator on a tiny source: it is found, it compiles, and its switch makes a difference.

use mcp_sansio_mutants::schemata::{Mutant, SWITCH, Schemata};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program in which every change of every function changes what is printed.
const SOURCE: &str = r#"
struct Counter {
    count: i32,
    log: Vec<&'static str>,
}

impl Counter {
    const fn add(&mut self, n: i32) {
        self.count += n;
    }

    fn note(&mut self, wanted: Option<i32>) {
        if let Some(n) = wanted
            && n > 0
        {
            self.add(n);
            self.log.push("noted");
        }
    }

    fn tell(&self) -> String {
        format!("{} {:?}", self.count, self.log)
    }

    fn small(&self) -> impl Iterator<Item = usize> {
        self.log.iter().map(|text| text.len())
    }
}

fn kind(n: i32) -> &'static str {
    match n {
        0 => "none",
        n if n < 0 => "minus",
        _ => "many",
    }
}

fn logic(a: bool, b: bool) -> bool {
    !(a && b)
}

fn minus(n: i32) -> Option<i32> {
    Some(-n)
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9')
}

fn until(most: i32) -> i32 {
    let mut n = 5;
    while n < most {
        n += 2;
    }
    n
}

fn main() {
    let mut counter = Counter { count: 1, log: Vec::new() };
    counter.note(Some(4));
    counter.note(Some(0));
    counter.note(None);
    println!("{} {:?}", counter.tell(), counter.small().collect::<Vec<_>>());
    println!("{:?}", [kind(0), kind(-1), kind(1)]);
    println!("{:?}", [logic(true, true), logic(false, true), logic(false, false)]);
    println!("{:?} {} {} {}", minus(3), is_digit('7'), is_digit('x'), until(9));
}
"#;

const CHANGES: &[&str] = &[
    "Counter::add: `self.count += n;` was deleted",
    "Counter::add: `+=` became `-=` in `self.count += n`",
    "Counter::note: returned at once",
    "Counter::note: condition `let Some(n) = wanted && n > 0` became false",
    "Counter::note: condition `n > 0` became true",
    "Counter::note: `>` became `>=` in `n > 0`",
    "Counter::note: `>` became `<=` in `n > 0`",
    "Counter::note: `self.add(n);` was deleted",
    "Counter::note: `self.log.push(\"noted\");` was deleted",
    "Counter::tell: returned Default::default()",
    "Counter::small: returned nothing to iterate over",
    "kind: returned \"\"",
    "kind: arm `0` was deleted",
    "kind: arm `n if n < 0` was deleted",
    "kind: guard `n < 0` became true",
    "kind: guard `n < 0` became false",
    "kind: `<` became `<=` in `n < 0`",
    "kind: `<` became `>=` in `n < 0`",
    "logic: returned true",
    "logic: returned false",
    "logic: `!(a && b)` lost its operator",
    "logic: `&&` became `||` in `a && b`",
    "minus: returned None",
    "minus: returned Some(0)",
    "minus: returned Some(1)",
    "minus: `-n` lost its operator",
    "is_digit: returned true",
    "is_digit: returned false",
    "is_digit: `matches!(c, '0'..='9')` was negated",
    "until: returned 0",
    "until: returned 1",
    "until: condition `n < most` became false",
    "until: `<` became `<=` in `n < most`",
    "until: `<` became `>=` in `n < most`",
    "until: `n += 2;` was deleted",
    "until: `+=` became `-=` in `n += 2`",
    "main: returned at once",
    "main: `counter.note(Some(4));` was deleted",
    "main: `counter.note(Some(0));` was deleted",
    "main: `counter.note(None);` was deleted",
];

/// These make no difference here: nothing is noted without a number above 0, one more round is needed to see it, or
/// it never ends.
const NOT_SEEN: [&str; 7] = [
    "main: `counter.note(Some(0));` was deleted",
    "main: `counter.note(None);` was deleted",
    "kind: `<` became `<=` in `n < 0`",
    "until: returned 0",
    "until: returned 1",
    "until: `n += 2;` was deleted",
    "until: `+=` became `-=` in `n += 2`",
];

fn name(mutant: &Mutant) -> String {
    format!("{}: {}", mutant.function, mutant.change)
}

fn all() -> Result<Schemata, syn::Error> {
    Schemata::of("tiny.rs", SOURCE, 1, &BTreeSet::new())
}

#[test]
fn each_operator_is_found_once_where_it_applies() -> Result<(), Box<dyn Error>> {
    let found: Vec<_> = all()?.mutants.iter().map(name).collect();
    assert_eq!(found, CHANGES);
    Ok(())
}

fn compile(text: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("operators");
    fs::create_dir_all(&folder)?;
    let (source, program) = (folder.join("tiny.rs"), folder.join("tiny"));
    fs::write(&source, format!("{text}{SWITCH}"))?;
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition", "2024", "--cap-lints", "allow", "-o"])
        .args([&program, &source])
        .status()?;
    assert!(status.success());
    Ok(program)
}

fn run(program: &Path, mutant: u32) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut command = Command::new(program);
    Ok(command.env("MUTANT", mutant.to_string()).output()?.stdout)
}

#[test]
fn each_switch_breaks_the_program_in_its_way() -> Result<(), Box<dyn Error>> {
    let tiny = all()?;
    let program = compile(&tiny.text)?;
    let whole = run(&program, 0)?;
    let original = "5 [\"noted\"] [5]\n[\"none\", \"minus\", \"many\"]\n[false, true, true]\nSome(-3) true false 9\n";
    assert_eq!(String::from_utf8(whole.clone())?, original);
    for mutant in &tiny.mutants {
        let name = name(mutant);
        if !NOT_SEEN.contains(&name.as_str()) {
            assert_ne!(run(&program, mutant.number)?, whole, "{name}");
        }
    }
    Ok(())
}

#[test]
fn a_mutant_that_is_left_out_keeps_its_number_and_loses_its_switch() -> Result<(), Box<dyn Error>> {
    let without = Schemata::of("tiny.rs", SOURCE, 1, &BTreeSet::from([2, 3]))?;
    assert_eq!(without.mutants.len(), CHANGES.len());
    for (number, is_there) in [(1, true), (2, false), (3, false), (4, true)] {
        let switch = format!("on({number})");
        assert_eq!(without.text.contains(&switch), is_there, "{number}");
    }
    let none = Schemata::of("tiny.rs", SOURCE, 1, &(1..100).collect())?;
    assert_eq!(none.text, SOURCE);
    Ok(())
}

#[test]
fn an_error_is_blamed_on_the_mutant_in_whose_text_or_around_whose_original_it_is()
-> Result<(), Box<dyn Error>> {
    let tiny = all()?;
    let number = |change: &str| {
        let mut mutants = tiny.mutants.iter();
        mutants
            .find(|one| name(one) == change)
            .map(|one| one.number)
    };
    for (piece, change) in [
        (
            "Default::default()",
            "Counter::tell: returned Default::default()",
        ),
        ("self.add(n);", "Counter::note: `self.add(n);` was deleted"),
        (
            "'0'..='9') } else",
            "is_digit: `matches!(c, '0'..='9')` was negated",
        ),
    ] {
        let at = tiny.text.find(piece).ok_or(piece)?;
        let blamed = tiny.at(&(at..at + piece.len()));
        assert_eq!(blamed, number(change).into_iter().collect(), "{piece}");
    }
    Ok(())
}
