//! Where a source can be broken, and how.

use std::collections::BTreeSet;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Pat, Stmt, UnOp};

use crate::schemata::{Edit, Mutant, is_on};
use crate::syntax::{has_let, is_effect, is_wildcard, operation, swaps};
use crate::values;

/// All mutants of a source, and the edits for those that are not left out.
pub(crate) fn find(
    file: &str,
    source: &str,
    first: u32,
    left_out: &BTreeSet<u32>,
) -> Result<(Vec<Mutant>, Vec<Edit>), syn::Error> {
    let parsed = syn::parse_file(source)?;
    let mut finder = Finder {
        file,
        source,
        next: first,
        left_out,
        mutants: Vec::new(),
        edits: Vec::new(),
        owner: String::new(),
        function: String::new(),
        returns_unit: false,
        is_unit: false,
    };
    finder.visit_file(&parsed);
    Ok((finder.mutants, finder.edits))
}

pub(crate) struct Finder<'a> {
    pub(crate) file: &'a str,
    pub(crate) source: &'a str,
    pub(crate) next: u32,
    pub(crate) left_out: &'a BTreeSet<u32>,
    pub(crate) mutants: Vec<Mutant>,
    pub(crate) edits: Vec<Edit>,
    /// The type that the functions belong to.
    owner: String,
    pub(crate) function: String,
    /// The function returns nothing.
    returns_unit: bool,
    /// The expression that is visited next has no value, wherever it ends: it is there for its effect.
    is_unit: bool,
}

impl Finder<'_> {
    fn condition(&mut self, condition: &Expr, is_loop: bool) {
        if !has_let(condition) && !is_loop {
            self.becomes_true(condition, "condition");
        }
        self.becomes_false(condition, "condition");
        self.chain(condition);
    }

    /// The operands of a chain with `let` in it can be left out one by one; what stands in them is visited.
    fn chain(&mut self, condition: &Expr) {
        match condition {
            Expr::Binary(both) if has_let(condition) => {
                self.chain(&both.left);
                if !has_let(&both.right) {
                    self.becomes_true(&both.right, "condition");
                }
                self.chain(&both.right);
            }
            Expr::Let(binding) => self.visit_expr(&binding.expr),
            other => self.visit_expr(other),
        }
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block, at: &impl Spanned) {
        let outer = (self.function.clone(), self.returns_unit);
        let name = signature.ident.to_string();
        self.function = match self.owner.as_str() {
            "" => name,
            owner => format!("{owner}::{name}"),
        };
        self.returns_unit = matches!(signature.output, syn::ReturnType::Default);
        let before = self.edits.len();
        self.body(signature, body, at);
        self.is_unit = self.returns_unit;
        self.visit_block(body);
        // A switch is no constant.
        if let Some(constant) = &signature.constness
            && self.edits.len() > before
        {
            let range = constant.span().byte_range();
            self.edits.push(Edit {
                at: range.start,
                order: 0,
                removes: range.len(),
                text: String::new(),
                mutant: None,
            });
        }
        (self.function, self.returns_unit) = outer;
    }

    /// The whole body becomes a plain value, unless it is one.
    fn body(&mut self, signature: &syn::Signature, body: &syn::Block, at: &impl Spanned) {
        if let (true, Some(Stmt::Expr(tail, None))) =
            (values::is_iterator(&signature.output), body.stmts.last())
        {
            if let Some(n) = self.add(at, "returned nothing to iterate over") {
                let after = format!(").filter(|_| !{})", is_on(n));
                self.wrap(&tail.span().byte_range(), n, "(".into(), &after);
            }
            return;
        }
        let only = match body.stmts.as_slice() {
            [] => return,
            [Stmt::Expr(only, _)] => Some(only),
            _ => None,
        };
        for value in values::plain(&signature.output) {
            let is_same = only.is_some_and(|only| {
                self.text(only) == value || self.returns_unit && is_effect(only)
            });
            if is_same {
                continue;
            }
            let what = if value.is_empty() { "at once" } else { &value };
            if let Some(n) = self.add(at, &format!("returned {what}")) {
                let after_brace = body.brace_token.span.open().byte_range().end;
                let order = i32::try_from(self.edits.len()).unwrap_or(i32::MAX);
                let text = format!(" if {} {{ return {value}; }}", is_on(n));
                self.insert(after_brace, order, text, n);
            }
        }
    }

    /// An arm never matches, or its guard does not decide.
    fn arm(&mut self, arm: &syn::Arm, may_go: bool) {
        let (pattern, guard) = match &arm.pat {
            Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            other => (other, None),
        };
        if may_go {
            let change = format!("arm `{}` was deleted", self.text(&arm.pat));
            if let Some(n) = self.add(arm, &change) {
                if let Some(guard) = guard {
                    let before = format!("(!{} && (", is_on(n));
                    self.wrap(&guard.span().byte_range(), n, before, "))");
                } else {
                    let end = pattern.span().byte_range().end;
                    self.insert(end, 0, format!(" if !{}", is_on(n)), n);
                }
            }
        }
        if let Some(guard) = guard {
            self.becomes_true(guard, "guard");
            self.becomes_false(guard, "guard");
            self.visit_expr(guard);
        }
    }

    /// A list of items that only some builds have is none of ours.
    fn is_conditional(attributes: &[syn::Attribute]) -> bool {
        attributes.iter().any(|one| one.path().is_ident("cfg"))
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !Self::is_conditional(&item.attrs) {
            self.function(&item.sig, &item.block, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !Self::is_conditional(&item.attrs) {
            let owner = self.text(&item.self_ty).to_owned();
            // Without lifetimes and parameters.
            owner
                .split('<')
                .next()
                .unwrap_or_default()
                .clone_into(&mut self.owner);
            visit::visit_item_impl(self, item);
            self.owner.clear();
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !Self::is_conditional(&item.attrs) {
            self.function(&item.sig, &item.block, &item.sig);
        }
    }

    // What is computed by the compiler has no switch.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let is_unit = std::mem::take(&mut self.is_unit);
        for (n, stmt) in block.stmts.iter().enumerate() {
            match stmt {
                Stmt::Expr(effect, Some(_)) if is_effect(effect) => self.deletion(stmt),
                // Without a semicolon, only the last has a value.
                Stmt::Expr(_, None) => self.is_unit = is_unit || n + 1 < block.stmts.len(),
                _ => {}
            }
            self.visit_stmt(stmt);
            self.is_unit = false;
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let is_unit = std::mem::take(&mut self.is_unit);
        if is_unit && is_effect(expr) {
            self.deletion(expr);
        }
        match expr {
            Expr::Binary(both) => {
                let (left, right) = (self.text(&both.left), self.text(&both.right));
                let own = self.text(&both.op).to_owned();
                let instead: Vec<_> = if has_let(expr) {
                    Vec::new()
                } else {
                    let ops = swaps(&both.op).iter().copied();
                    ops.map(|op| (op, operation(left, op, right))).collect()
                };
                for (op, instead) in instead {
                    let change = format!("`{own}` became `{op}` in `{}`", self.text(expr));
                    self.swap(expr, &instead, &change);
                }
                visit::visit_expr_binary(self, both);
            }
            Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => {
                let change = format!("`{}` lost its operator", self.text(expr));
                let instead = self.text(&unary.expr).to_owned();
                self.swap(expr, &instead, &change);
                self.visit_expr(&unary.expr);
            }
            Expr::Macro(call) if call.mac.path.is_ident("matches") => {
                let change = format!("`{}` was negated", self.text(expr));
                let instead = format!("!{}", self.text(expr));
                self.swap(expr, &instead, &change);
            }
            Expr::If(branch) => {
                self.condition(&branch.cond, false);
                self.is_unit = is_unit;
                self.visit_block(&branch.then_branch);
                if let Some((_, other)) = &branch.else_branch {
                    self.is_unit = is_unit;
                    self.visit_expr(other);
                }
            }
            Expr::Match(choice) => {
                self.visit_expr(&choice.expr);
                let has_wildcard = choice
                    .arms
                    .last()
                    .is_some_and(|last| is_wildcard(&last.pat));
                for (n, arm) in choice.arms.iter().enumerate() {
                    self.arm(arm, has_wildcard && n + 1 < choice.arms.len());
                    self.is_unit = is_unit;
                    self.visit_expr(&arm.body);
                }
            }
            Expr::While(repeat) => {
                self.condition(&repeat.cond, true);
                self.is_unit = true;
                self.visit_block(&repeat.body);
            }
            Expr::ForLoop(repeat) => {
                self.visit_expr(&repeat.expr);
                self.is_unit = true;
                self.visit_block(&repeat.body);
            }
            Expr::Loop(repeat) => {
                self.is_unit = true;
                self.visit_block(&repeat.body);
            }
            Expr::Block(block) => {
                self.is_unit = is_unit;
                self.visit_block(&block.block);
            }
            Expr::Return(syn::ExprReturn {
                expr: Some(value), ..
            }) => {
                self.is_unit = self.returns_unit;
                self.visit_expr(value);
            }
            Expr::Closure(closure) => {
                let outer = std::mem::replace(&mut self.returns_unit, false);
                self.visit_expr(&closure.body);
                self.returns_unit = outer;
            }
            other => visit::visit_expr(self, other),
        }
    }
}
