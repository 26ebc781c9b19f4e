//! The annotated arguments of the tools that are known.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Mirrored;

/// Tools whose annotations are remembered.
const MOST_TOOLS: usize = 4096;

/// The annotated arguments of tools, by the tool's name.
#[derive(Clone, Hash, Debug, Default)]
pub(crate) struct Mirrors(BTreeMap<Box<str>, Vec<Mirrored>>);

impl Mirrors {
    /// Those of one tool; none, if the tool has none or is not known.
    pub(crate) fn of(&self, tool: &str) -> &[Mirrored] {
        self.0.get(tool).map_or(&[], Vec::as_slice)
    }

    /// Takes in what a list says of its tools; of others it says nothing.
    pub(crate) fn learn(&mut self, tools: Vec<(Box<str>, Vec<Mirrored>)>) {
        for (name, mirrored) in tools {
            if mirrored.is_empty() {
                self.0.remove(&name);
            } else if self.0.len() < MOST_TOOLS || self.0.contains_key(&name) {
                self.0.insert(name, mirrored);
            }
        }
    }
}
