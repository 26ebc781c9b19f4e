//! `docs/requirements.md` says which vectors show what the specification asks. It must not name what is not
//! there, and no demand may stand without a vector or a reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The tables, and how many rows each has at least: fewer would mean that the file is not read rightly.
const TABLES: [(&str, usize); 5] = [
    ("T25", 40),
    ("A25", 5),
    ("H26", 70),
    ("P26", 30),
    ("M26", 9),
];
const WORDS: [&str; 7] = [
    "MUST",
    "MUST NOT",
    "REQUIRED",
    "SHOULD",
    "SHOULD NOT",
    "must",
    "should",
];
const WHOSE: [&str; 3] = ["both", "client", "server"];
/// A reason that is shorter is none.
const SHORTEST_REASON: usize = 30;

/// A row of one of the tables.
#[derive(Clone, Debug)]
struct Row {
    id: String,
    cells: Vec<String>,
}

impl Row {
    fn table(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }

    /// What shows the demand, or why nothing does.
    fn shown(&self) -> &str {
        self.cells.last().map_or("", String::as_str)
    }

    /// What is wrong with it.
    fn judge(&self, root: &Path) -> Result<(), String> {
        let wanted = if self.table() == "M26" { 5 } else { 6 };
        if self.cells.len() != wanted || self.cells.iter().any(String::is_empty) {
            return Err(format!("{}: it does not have {wanted} cells", self.id));
        }
        let has = |at: usize, list: &[&str]| list.contains(&self.cells[at].as_str());
        if self.table() != "M26" && !(has(2, &WHOSE) && has(3, &WORDS)) {
            return Err(format!("{}: whose duty is it, and how firm?", self.id));
        }
        let mut vectors = 0;
        for name in quoted(self.shown()) {
            let path = if name.contains('/') {
                root.join(name)
            } else {
                vectors += 1;
                root.join("tests/vectors").join(format!("{name}.jsonl"))
            };
            if !path.exists() {
                return Err(format!("{}: there is no {name}", self.id));
            }
        }
        let reason = self.shown().strip_prefix("Left out: ");
        let has_reason = reason.is_some_and(|reason| reason.len() >= SHORTEST_REASON);
        if vectors == 0 && !has_reason {
            return Err(format!("{}: neither a vector nor a reason", self.id));
        }
        Ok(())
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The rows of the tables whose first cell is an id, such as `H26-7`.
fn rows(text: &str) -> Vec<Row> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|cells| {
            let id = cells.first()?.clone();
            let (table, number) = id.split_once('-')?;
            let is_row = TABLES.iter().any(|(name, _)| *name == table);
            (is_row && number.parse::<usize>().is_ok()).then_some(Row { id, cells })
        })
        .collect()
}

/// What is wrong with a text of requirements.
fn judge(text: &str, root: &Path) -> Vec<String> {
    let rows = rows(text);
    let mut wrongs: Vec<_> = rows
        .iter()
        .filter_map(|row| row.judge(root).err())
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        let count = counts.entry(row.table()).or_default();
        *count += 1;
        if row.id != format!("{}-{count}", row.table()) {
            wrongs.push(format!("{} is out of order", row.id));
        }
    }
    for (table, least) in TABLES {
        let count = counts.get(table).copied().unwrap_or_default();
        if count < least {
            wrongs.push(format!("{table} has {count} rows, of {least} at least"));
        }
    }
    wrongs
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn file() -> String {
    let path = root().join("docs/requirements.md");
    std::fs::read_to_string(path).expect("the requirements are there")
}

#[test]
fn each_demand_has_a_vector_or_a_reason() {
    assert_eq!(judge(&file(), &root()), Vec::<String>::new());
}

#[test]
fn a_row_that_shows_nothing_is_found() {
    let text = file();
    let first = rows(&text).first().expect("a row").clone();
    let shown = first.shown();
    for (instead, word) in [
        ("`no-such-vector`", "there is no no-such-vector"),
        ("Left out: so.", "neither"),
        ("", "neither"),
        ("The core does it.", "neither"),
        ("`core/no/such.rs`", "there is no core/no/such.rs"),
    ] {
        let wrongs = judge(&text.replacen(shown, instead, 1), &root());
        let is_told = |wrong: &String| wrong.contains(word) || wrong.contains("cells");
        assert!(wrongs.iter().any(is_told), "{instead}: {wrongs:?}");
    }
    let wrongs = judge(&text.replacen("| T25-2 |", "| T25-3 |", 1), &root());
    assert!(wrongs.iter().any(|wrong| wrong.contains("out of order")));
    assert_eq!(judge("", &root()).len(), TABLES.len());
}
