//! The clients of a run, as the network sees them.

use super::agenda::Happening;
use super::cause::Cause;
use super::link::{LinkId, Owner, Request};
use super::world::{World, wrong};
use crate::dice::Dice;
use crate::op::Op;
use crate::subject::{Broken, Subject};
use bytes::Bytes;
use mcp_sansio::{ClientConfig, ClientOutput, Header, Instant};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A client, its connections, and its application's books.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
pub(super) struct Near {
    pub(super) subject: Subject,
    /// It died so many times.
    pub(super) life: u32,
    pub(super) deadline: Option<Instant>,
    /// Exchanges that it opened, over all its lives.
    pub(super) opened: usize,
    /// How many connections it has; `None`: enough.
    pub(super) connections: Option<usize>,
    pub(super) busy: BTreeSet<LinkId>,
    pub(super) waiting: VecDeque<LinkId>,
    /// Nothing passes between it and the server.
    pub(super) is_cut_off: bool,
    /// What would have passed.
    pub(super) held: Vec<Happening>,
    /// The job of each call of this life.
    pub(super) calls: BTreeMap<u64, usize>,
    pub(super) listens: Vec<u64>,
    /// The number in the last change that a subscription, or the standalone stream, told of.
    pub(super) changes: BTreeMap<Option<u64>, u64>,
    /// Its application's credential.
    pub(super) token: u32,
    /// How often its application was asked for another.
    pub(super) credential_questions: u64,
    /// What the server wants to know, until it is answered.
    pub(super) questions: BTreeMap<u64, Value>,
    pub(super) has_unlistened: bool,
    pub(super) is_closing: bool,
    pub(super) is_closed: bool,
    /// It was always ready for messages.
    pub(super) always_read: bool,
    /// What went wrong for it.
    pub(super) causes: BTreeSet<Cause>,
}

impl Near {
    pub(super) fn new(
        config: ClientConfig,
        salt: u64,
        client: usize,
        life: u32,
    ) -> Result<Self, Broken> {
        let seed = seed(salt, client, life);
        let subject = Subject::new(config, seed)
            .map_err(|error| wrong("P1", format!("a client cannot be made: {error}")))?;
        Ok(Self {
            subject,
            life,
            deadline: None,
            opened: 0,
            connections: None,
            busy: BTreeSet::new(),
            waiting: VecDeque::new(),
            is_cut_off: false,
            held: Vec::new(),
            calls: BTreeMap::new(),
            listens: Vec::new(),
            changes: BTreeMap::new(),
            token: 0,
            credential_questions: 0,
            questions: BTreeMap::new(),
            has_unlistened: false,
            is_closing: false,
            is_closed: false,
            always_read: true,
            causes: BTreeSet::new(),
        })
    }

    /// No call is under way.
    pub(super) fn has_settled(&self) -> bool {
        self.is_closed || self.subject.watch().unsettled().next().is_none()
    }
}

/// The seed of a machine.
pub(super) fn seed(salt: u64, machine: usize, life: u32) -> [u8; 32] {
    let which = u64::try_from(machine).unwrap_or(0) << 32 | u64::from(life);
    let mut dice = Dice::apart(salt, !which);
    std::array::from_fn(|_| u8::try_from(dice.below(256)).unwrap_or(0))
}

impl World<'_> {
    /// One step of a client: an input, and what comes of it.
    pub(super) fn client(&mut self, client: usize, op: &Op) -> Result<(), Broken> {
        self.log.client(self.now, client, op);
        let near = &mut self.near[client];
        let outputs = near.subject.step(self.now, op)?;
        near.deadline = near.subject.client().poll_timeout();
        if let Op::Call { params, .. } = op
            && let Some(made) = near.subject.made()
            && let Some(job) = params.as_ref().and_then(super::script::job_named)
        {
            near.calls.insert(made, job);
            self.books.called(job, client, self.now);
        }
        if matches!(op, Op::Listen { .. }) {
            near.listens.extend(near.subject.made());
        }
        for output in outputs {
            self.log.client_output(self.now, client, &output);
            match output {
                ClientOutput::Open {
                    exchange,
                    method,
                    url,
                    mut headers,
                    body,
                } => {
                    if headers.iter().any(|header| header.name == "last-event-id") {
                        self.tally.add("resumes", 1);
                    }
                    headers.push(Header::new("host", "localhost"));
                    let owner = Owner::Client {
                        client,
                        life: self.near[client].life,
                        exchange: exchange.as_u64(),
                    };
                    let request = Request {
                        method,
                        headers,
                        body,
                        principal: format!("client-{client}"),
                        token: self.near[client].token,
                        is_elsewhere: url.is_some(),
                    };
                    self.open(owner, request);
                }
                ClientOutput::Abort { exchange } => self.abort(client, exchange.as_u64()),
                ClientOutput::Event(event) => self.client_event(client, event)?,
            }
        }
        Ok(())
    }

    fn abort(&mut self, client: usize, exchange: u64) {
        let owner = Owner::Client {
            client,
            life: self.near[client].life,
            exchange,
        };
        let found = self.links.iter().rposition(|link| link.owner == owner);
        if let Some(id) = found.map(LinkId)
            && self.links[id.0].near_open
        {
            self.hang_up(id);
            self.over(id);
        }
    }

    /// W5: a client that is closed holds nothing.
    pub(super) fn has_closed(&mut self, client: usize) -> Result<(), Broken> {
        let near = &mut self.near[client];
        near.is_closed = true;
        let held = near.subject.client().inspect();
        let is_empty = held.calls.is_empty()
            && held.obligations.is_empty()
            && held.exchanges.is_empty()
            && held.bytes == 0;
        if is_empty && near.deadline.is_none() {
            return Ok(());
        }
        let what = format!(
            "client {client} is closed, and holds {held:?} until {:?}",
            near.deadline
        );
        Err(wrong("W5", what))
    }
}

pub(super) fn read(text: Option<&Bytes>) -> Value {
    text.and_then(|text| serde_json::from_slice(text).ok())
        .unwrap_or_default()
}
