//! How a mutant comes into a source: what is put around the original.

use std::ops::Range;

use syn::Expr;
use syn::spanned::Spanned;

use crate::operators::Finder;
use crate::schemata::{Edit, Mutant, is_on};
use crate::syntax::has_let;

impl Finder<'_> {
    pub(crate) fn text(&self, of: &impl Spanned) -> &str {
        &self.source[of.span().byte_range()]
    }

    /// A new mutant; gives its number if it is not left out.
    pub(crate) fn add(&mut self, of: &impl Spanned, change: &str) -> Option<u32> {
        let number = self.next;
        self.next += 1;
        let change = self.unique(change);
        self.mutants.push(Mutant {
            number,
            file: self.file.to_owned(),
            line: of.span().start().line,
            function: self.function.clone(),
            change,
        });
        (!self.left_out.contains(&number)).then_some(number)
    }

    /// The change with its spaces joined, and counted where the function has it more than once.
    pub(crate) fn unique(&self, change: &str) -> String {
        let change = change.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_taken = |candidate: &str| {
            let mut own = self.mutants.iter().rev();
            own.any(|other| other.function == self.function && other.change == candidate)
        };
        let mut candidate = change.clone();
        let mut count = 1;
        while is_taken(&candidate) {
            count += 1;
            candidate = format!("{change} ({count})");
        }
        candidate
    }

    pub(crate) fn insert(&mut self, at: usize, order: i32, text: String, mutant: u32) {
        self.edits.push(Edit {
            at,
            order,
            removes: 0,
            text,
            mutant: Some(mutant),
        });
    }

    /// Puts text before and after a piece of source.
    pub(crate) fn wrap(&mut self, piece: &Range<usize>, mutant: u32, before: String, after: &str) {
        let order = i32::try_from(self.edits.len()).unwrap_or(i32::MAX);
        self.insert(piece.start, order, before, mutant);
        self.insert(piece.end, -order, after.to_owned(), mutant);
    }

    /// One expression instead of another.
    pub(crate) fn swap(&mut self, expr: &Expr, instead: &str, change: &str) {
        if let Some(n) = self.add(expr, change) {
            let before = format!("(if {} {{ {instead} }} else {{ ", is_on(n));
            self.wrap(&expr.span().byte_range(), n, before, " })");
        }
    }

    pub(crate) fn becomes_true(&mut self, condition: &Expr, name: &str) {
        let change = format!("{name} `{}` became true", self.text(condition));
        if let Some(n) = self.add(condition, &change) {
            let before = format!("({} || (", is_on(n));
            self.wrap(&condition.span().byte_range(), n, before, "))");
        }
    }

    /// Also of a chain with `let` in it, which bears no parentheses.
    pub(crate) fn becomes_false(&mut self, condition: &Expr, name: &str) {
        let change = format!("{name} `{}` became false", self.text(condition));
        if let Some(n) = self.add(condition, &change) {
            let (open, close) = if has_let(condition) {
                ("", "")
            } else {
                ("(", ")")
            };
            let before = format!("{open}!{} && {open}", is_on(n));
            let after = close.repeat(2);
            self.wrap(&condition.span().byte_range(), n, before, &after);
        }
    }

    /// What is there for its effect is left out.
    pub(crate) fn deletion(&mut self, of: &impl Spanned) {
        let change = format!("`{}` was deleted", self.text(of));
        if let Some(n) = self.add(of, &change) {
            let before = format!("if !{} {{ ", is_on(n));
            self.wrap(&of.span().byte_range(), n, before, " }");
        }
    }
}
