//! The parts of a client, for the tables of an explorer.

use alloc::vec::Vec;
use strum::VariantNames as _;

use super::errand::Errand;
use super::exchange::{Exchange, Post, Purpose, Reading};
use super::ledger::{Kind, Stage};
use super::legacy::gate::Gate;
use super::legacy::standalone;
use super::modern::listen;
use super::obligations::Reply;
use super::session::{Guess, Phase, Suspect};
use super::{Client, Timer};
use crate::parts::{Part, PartKind};

impl Client {
    /// Each part of the client, with the state that it is in.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut add = |what, role, id, state| {
            parts.push(Part {
                what,
                role,
                id,
                state,
            });
        };
        for (id, entry) in &self.ledger.calls {
            add("call", entry.kind.into(), id.0, (&entry.stage).into());
        }
        for (id, exchange) in &self.exchanges {
            add("exchange", role(exchange), id.0, (&exchange.reading).into());
        }
        for (id, exchange) in self.authorization.parked() {
            add("parked exchange", role(exchange), id.0, "Parked");
        }
        for (id, open) in &self.obligations.open {
            add("obligation", open.reply().into(), id.0, "Open");
        }
        for (id, state) in self.listens.states() {
            add("subscription", "", id, state);
        }
        add("session", "", 0, self.session.phase.into());
        if let Phase::Ready(gate) = self.session.phase {
            add("gate", "", 0, gate.into());
        }
        add("guess", "", 0, self.session.guess.into());
        add("suspicion", "", 0, self.session.suspect.into());
        add("standalone stream", "", 0, self.standalone.state_name());
        for (_, timer) in self.timers.iter() {
            add("timer", timer.into(), 0, "Set");
        }
        parts
    }

    /// What the parts of a client can be, and be in.
    pub fn part_kinds() -> Vec<PartKind> {
        let purposes: Vec<&str> = Purpose::VARIANTS
            .iter()
            .filter(|purpose| !matches!(**purpose, "Errand" | "Post"))
            .chain(Errand::VARIANTS)
            .chain(Post::VARIANTS)
            .copied()
            .collect();
        [
            PartKind::new("call", Kind::VARIANTS, Stage::VARIANTS),
            PartKind::new("exchange", &purposes, Reading::VARIANTS),
            PartKind::new("parked exchange", &purposes, &["Parked"]),
            PartKind::new("obligation", Reply::VARIANTS, &["Open"]),
            PartKind::new("subscription", &[""], listen::State::VARIANTS),
            PartKind::new("session", &[""], Phase::VARIANTS),
            PartKind::new("gate", &[""], Gate::VARIANTS),
            PartKind::new("guess", &[""], Guess::VARIANTS),
            PartKind::new("suspicion", &[""], Suspect::VARIANTS),
            PartKind::new("standalone stream", &[""], standalone::State::VARIANTS),
            PartKind::new("timer", Timer::VARIANTS, &["Set"]),
        ]
        .into()
    }
}

fn role(exchange: &Exchange) -> &'static str {
    match exchange.purpose {
        Purpose::Errand(errand, _) => errand.into(),
        Purpose::Post(post) => post.into(),
        purpose => purpose.into(),
    }
}
