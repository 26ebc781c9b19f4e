//! A source with all its mutants, each behind its switch.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::operators;

/// What a switch looks like: a call of what [`SWITCH`] defines.
pub fn is_on(mutant: u32) -> String {
    format!("crate::mutants::on({mutant})")
}

/// Stands at the end of the crate root: which mutant is on, and, where somebody wants to know, which switches were
/// come to.
pub const SWITCH: &str = r#"
#[doc(hidden)]
pub mod mutants {
    extern crate std;
    use std::{collections::BTreeSet, env, fs::File, io::Write as _, sync::LazyLock, sync::Mutex};
    struct Switch {
        on: u32,
        reached: Option<Mutex<(BTreeSet<u32>, File)>>,
    }
    static SWITCH: LazyLock<Switch> = LazyLock::new(|| Switch {
        on: env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or_default(),
        reached: env::var_os("REACHED").map(|path| {
            Mutex::new((BTreeSet::new(), File::create(path).expect("REACHED is a file")))
        }),
    });
    #[inline]
    pub fn on(mutant: u32) -> bool {
        if let Some(reached) = &SWITCH.reached {
            note(reached, mutant);
        }
        SWITCH.on == mutant
    }
    fn note(reached: &Mutex<(BTreeSet<u32>, File)>, mutant: u32) {
        let mut reached = reached.lock().expect("nobody panics here");
        let (known, file) = &mut *reached;
        if known.insert(mutant) {
            writeln!(file, "{mutant}").expect("REACHED is writable");
        }
    }
}
"#;

/// One way to break a source.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its switch. Numbers count from 1 over all modules.
    pub number: u32,
    /// Below `core/src`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// The function, with the type that it belongs to.
    pub function: String,
    /// What is different; no two of a function have the same.
    pub change: String,
}

impl Mutant {
    /// What it goes by, wherever it stands and whatever its number is.
    pub fn name(&self) -> String {
        format!("{}: {}: {}", self.file, self.function, self.change)
    }
}

/// A change of the text. What stands around the same piece of source nests as it was made, the first outermost.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) at: usize,
    /// Ends before beginnings, inner ends before outer ones, outer beginnings before inner ones.
    pub(crate) order: i32,
    pub(crate) removes: usize,
    pub(crate) text: String,
    pub(crate) mutant: Option<u32>,
}

/// A source with its switches.
#[derive(Debug)]
pub struct Schemata {
    /// The new source.
    pub text: String,
    /// Also those that are left out.
    pub mutants: Vec<Mutant>,
    /// What was put into the new source, and for which mutant.
    pub inserted: Vec<(Range<usize>, u32)>,
}

impl Schemata {
    /// The source with every mutant but those that are left out; numbers go on from `first`.
    ///
    /// # Errors
    ///
    /// The source is no Rust.
    pub fn of(
        file: &str,
        source: &str,
        first: u32,
        left_out: &BTreeSet<u32>,
    ) -> Result<Self, syn::Error> {
        let (mutants, mut edits) = operators::find(file, source, first, left_out)?;
        edits.sort_by_key(|edit| (edit.at, edit.order));
        let (mut text, mut inserted) = (String::new(), Vec::new());
        let mut done = 0;
        for edit in edits {
            text.push_str(&source[done..edit.at]);
            let start = text.len();
            text.push_str(&edit.text);
            if let Some(mutant) = edit.mutant {
                inserted.push((start..text.len(), mutant));
            }
            done = edit.at + edit.removes;
        }
        text.push_str(&source[done..]);
        Ok(Self {
            text,
            mutants,
            inserted,
        })
    }

    /// The mutants to which a piece of the new source belongs: in whose text it stands, or around whose original;
    /// else all that begin or end in it.
    pub fn at(&self, piece: &Range<usize>) -> BTreeSet<u32> {
        let within = |which: fn(&Range<usize>, &Range<usize>) -> bool| {
            let found = self
                .inserted
                .iter()
                .filter(move |(own, _)| which(own, piece));
            found.map(|&(_, mutant)| mutant).collect::<BTreeSet<u32>>()
        };
        let own = within(|own, piece| own.start <= piece.start && piece.end <= own.end);
        if !own.is_empty() {
            return own;
        }
        if let Some(mutant) = self.around(piece) {
            return BTreeSet::from([mutant]);
        }
        within(|own, piece| own.start < piece.end && piece.start < own.end)
    }

    /// The innermost mutant within whose switch this piece stands.
    fn around(&self, piece: &Range<usize>) -> Option<u32> {
        let mut wholes: Vec<(usize, u32)> = Vec::new();
        for mutant in &self.mutants {
            let own = self.inserted.iter().filter(|(_, m)| *m == mutant.number);
            let (mut start, mut end) = (usize::MAX, 0);
            for (range, _) in own {
                (start, end) = (start.min(range.start), end.max(range.end));
            }
            if start <= piece.start && piece.end <= end {
                wholes.push((end - start, mutant.number));
            }
        }
        wholes.into_iter().min().map(|(_, mutant)| mutant)
    }
}
