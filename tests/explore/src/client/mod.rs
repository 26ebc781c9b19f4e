//! The client, and every behaviour of a small world around it: an application, a network and a server that
//! may do wrong so many times.

mod books;
mod moves;
mod properties;
mod says;
mod worlds;

use crate::model::{Identity, Model, Property, fingerprint};
use mcp_sansio::{Client, ClientConfig, ClientOutput, Part, PartKind, Recording};
use mcp_sansio_tests::{Op, Subject};
use std::collections::BTreeMap;

pub use moves::{Body, Event, Head, Move};
pub use worlds::{
    authorization, eras, host, legacy, modern, newcomer, saved, streams, subscriptions,
};

/// A client in a small world.
#[derive(Debug)]
pub struct ClientModel {
    name: &'static str,
    config: ClientConfig,
    /// Before the search begins the client is connected, to a server that does what is right.
    is_connected: bool,
    /// What the server may be, when it does what is right; before the search it is the first.
    peers: &'static [Peer],
    /// What else the server and the network can do.
    can: Can,
    most: Left,
    properties: Vec<Property<State, ClientOutput>>,
}

/// What the server is, when it does what is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Peer {
    /// It has sessions.
    Legacy,
    /// It has none.
    Modern,
    /// It speaks HTTP+SSE only.
    Oldest,
}

/// Which of the things that a server or a network can do are searched.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switches one kind of move on"
)]
struct Can {
    /// Calls are answered by one JSON text.
    json: bool,
    /// Calls are answered by a stream.
    events: bool,
    /// A stream brings answers to other calls too.
    cross: bool,
    /// Event ids are given.
    prime: bool,
    /// Statuses that calls meet.
    calls: &'static [u16],
    /// Statuses that GETs meet.
    gets: &'static [u16],
    /// Statuses that other POSTs meet.
    posts: &'static [u16],
    /// Whole bodies that are no answer.
    bodies: &'static [Body],
    /// Exchanges fail before they are sent.
    unsent: bool,
    /// Exchanges fail later.
    reset: bool,
}

/// What can still happen, by how often.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Left {
    calls: u8,
    /// Those of the calls that may run twice.
    safe: u8,
    cancels: u8,
    closes: u8,
    connects: u8,
    notifications: u8,
    listens: u8,
    /// Ends of subscriptions.
    unlistens: u8,
    /// Messages of the server that are no answers.
    messages: u8,
    /// Requests and questions of the server.
    questions: u8,
    /// What the server or the network does wrong.
    faults: u8,
    /// Refusals for want of credentials.
    challenges: u8,
    timeouts: u8,
}

/// A client with what is known about it.
#[derive(Clone, Debug)]
pub struct State {
    subject: Subject,
    left: Left,
    /// Event ids that the server has given, for each call; 0 stands for the standalone stream.
    cursors: BTreeMap<u64, u8>,
    /// A session was made anew on the way.
    reinitialized: bool,
}

impl ClientModel {
    /// The same world, of which one thing more is asked.
    pub fn with(mut self, property: Property<State, ClientOutput>) -> Self {
        self.properties.push(property);
        self
    }
}

impl Model for ClientModel {
    type State = State;
    type Action = Move;
    type Output = ClientOutput;

    fn name(&self) -> &'static str {
        self.name
    }

    fn start(&self, recording: bool) -> Result<State, String> {
        let mut config = self.config.clone();
        if recording {
            config.recording = Recording::Whole;
        }
        let subject = Subject::new(config, [0; 32]).map_err(|error| error.to_string())?;
        let mut state = State {
            subject,
            left: self.most,
            cursors: BTreeMap::new(),
            reinitialized: false,
        };
        if self.is_connected {
            state.apply(&Op::Connect { id: None })?;
            while let Some(right) = self.next_right(&state) {
                self.take(&mut state, &right)?;
            }
        }
        state.left = self.most;
        Ok(state)
    }

    fn actions(&self, state: &State) -> Vec<Move> {
        self.possible(state)
    }

    fn take(&self, state: &mut State, action: &Move) -> Result<Vec<ClientOutput>, String> {
        Self::pay(&mut state.left, action);
        let mut outputs = Vec::new();
        if *action == Move::Timeout {
            let seen = state.subject.advance();
            let seen = seen.transpose().map_err(|broken| broken.to_string())?;
            outputs.extend(seen.unwrap_or_default());
        } else {
            for op in state.ops(action) {
                outputs.extend(state.apply(&op)?);
            }
        }
        state.note(&outputs);
        Ok(outputs)
    }

    fn identity(&self, state: &State) -> Identity {
        let client = fingerprint(|hasher| state.subject.peek().fingerprint(hasher));
        Identity {
            whole: fingerprint(|hasher| books::feed(hasher, client, state)),
            machine: client,
        }
    }

    fn properties(&self) -> &[Property<State, ClientOutput>] {
        &self.properties
    }

    fn parts(&self, state: &State) -> Vec<Part> {
        state.subject.peek().parts()
    }

    fn part_kinds(&self) -> Vec<PartKind> {
        Client::part_kinds()
    }

    fn record(&self, state: &mut State) -> Vec<String> {
        std::iter::from_fn(|| state.subject.client().poll_record()).collect()
    }
}

impl State {
    fn apply(&mut self, op: &Op) -> Result<Vec<ClientOutput>, String> {
        let now = self.subject.now();
        let outputs = self.subject.step(now, op);
        outputs.map_err(|broken| broken.to_string())
    }
}
