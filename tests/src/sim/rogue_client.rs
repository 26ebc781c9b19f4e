//! A client that follows no rules, beside those that do: the opponent of the server's walks, behind the
//! simulated network. It knows every session id there is, and is a principal of its own.

use super::link::{LinkId, Owner, Request};
use super::plan::Fault;
use super::world::World;
use crate::dice::Dice;
use crate::server::act::Act;
use crate::server::names::Names;
use crate::server::op::Op;
use crate::server::walk;
use mcp_sansio::{Header, Method};

use std::time::Duration;

/// What its requests meet: it sends them in part, reads them in part, slowly, or not at all.
const MANNERS: [Option<Fault>; 9] = [
    None,
    None,
    None,
    Some(Fault::ResetRequest(20)),
    Some(Fault::StallRequest(30)),
    Some(Fault::ResetResponse(0)),
    Some(Fault::ResetResponse(40)),
    Some(Fault::Silence(1)),
    Some(Fault::SlowReader(Duration::from_secs(70))),
];

impl World<'_> {
    /// It does something.
    pub(super) fn mischief(&mut self, nth: usize) {
        let which = u64::try_from(nth).unwrap_or(0);
        let mut dice = Dice::apart(self.plan.setup.salt ^ 0xBAD, which);
        let Some(real) = self.far.real() else {
            return;
        };
        let input = walk::mischief(&real.subject, &mut dice);
        let Ok(op) = serde_json::from_value::<Op>(input) else {
            return;
        };
        let Act::Accept {
            method,
            headers,
            body,
            ..
        } = Act::of(&op, &Names::default())
        else {
            return;
        };
        let headers = headers.into_iter();
        let request = Request {
            method: match method.as_str() {
                "GET" => Method::Get,
                "DELETE" => Method::Delete,
                _ => Method::Post,
            },
            headers: headers
                .map(|(name, value)| Header::new(name, value))
                .collect(),
            body: body.unwrap_or_default().into(),
            principal: "rogue".to_owned(),
            token: 0,
            is_elsewhere: false,
        };
        self.tally.add("mischief", 1);
        let id = self.open(Owner::Rogue, request);
        self.links[id.0].fault = *dice.pick(&MANNERS);
    }

    /// What comes back does not matter to it; a response that has ended leaves nothing behind.
    pub(super) fn rogue_reads(&mut self, id: LinkId, op: &crate::op::Op) {
        self.log
            .line(self.now, format_args!("rogue {} <- {op:?}", id.0));
    }
}
