//! A mutation check of the core: its sources are broken in many small ways, and each time some check must fail. A
//! mutant that no check sees is a check that is missing, or a difference that makes none, which somebody has
//! explained.
//!
//! The mutants are compiled once, all of them: a copy of the core has each behind a switch, `if mutants::on(17) {
//! mutated } else { original }`, and the environment says which one is on. So a mutant costs a run, not a build.
//!
//! | module | concern |
//! |---|---|
//! | [`modules`] | which sources are broken |
//! | `operators` | how, and where in a source (with `edits`, `syntax` and `values`) |
//! | [`schemata`] | a source with all its switches |
//! | [`tree`] | the copy that is built |
//! | [`compile`] | which mutants the compiler takes, and the programs |
//! | [`reach`] | which vectors come to a mutant's switch: no other can see it |
//! | [`steps`], [`play`] | what must see a mutant, and the running of it (with `pool`) |
//! | [`accounts`], [`report`] | what was explained, and what is told |

pub mod accounts;
pub mod compile;
mod edits;
pub mod modules;
mod operators;
pub mod options;
pub mod play;
mod pool;
pub mod reach;
pub mod report;
pub mod schemata;
pub mod steps;
mod syntax;
pub mod tree;
mod values;
