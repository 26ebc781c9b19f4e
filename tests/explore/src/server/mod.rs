//! The server, and every behaviour of a small world around it: clients, their network, and an application.

mod books;
mod moves;
mod properties;
mod says;
mod worlds;

use crate::model::{self, Identity, Model, fingerprint};
use mcp_sansio::{Part, PartKind, Recording, Server, ServerConfig, ServerOutput};
use mcp_sansio_tests::server::{Op, Subject};

pub use moves::Move;
pub use worlds::{calls, host, modern, readers, small, streams};

type Property = model::Property<State, ServerOutput>;

/// A server in a small world.
#[derive(Debug)]
pub struct ServerModel {
    name: &'static str,
    config: ServerConfig,
    /// Before the search begins, a client has made a session, by a handshake that the core answers.
    has_session: bool,
    /// Readers take what comes at once; else that is a move of its own.
    quick_readers: bool,
    most: Left,
    properties: Vec<Property>,
}

/// What can still happen, by how often.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Left {
    /// Sessions that clients make.
    handshakes: u8,
    /// Requests of clients.
    requests: u8,
    /// Those of the modern era.
    modern: u8,
    subscriptions: u8,
    /// Requests that are refused.
    refusals: u8,
    /// Requests whose body comes later, if it comes.
    slow: u8,
    /// Requests that their clients cancel.
    cancelled: u8,
    gets: u8,
    resumes: u8,
    deletes: u8,
    /// Clients that go.
    gone: u8,
    /// Messages of the application.
    messages: u8,
    /// Requests of the application.
    calls: u8,
    /// Connections that the application releases.
    releases: u8,
    /// Sessions that the application ends.
    ends: u8,
    shut_downs: u8,
    timeouts: u8,
}

/// A server with what is known about it.
#[derive(Clone, Debug)]
pub struct State {
    subject: Subject,
    left: Left,
    /// JSON-RPC ids that clients have used.
    ids: u8,
}

impl ServerModel {
    /// The same world, of which one thing more is asked.
    pub fn with(mut self, property: Property) -> Self {
        self.properties.push(property);
        self
    }
}

impl Model for ServerModel {
    type State = State;
    type Action = Move;
    type Output = ServerOutput;

    fn name(&self) -> &'static str {
        self.name
    }

    fn start(&self, recording: bool) -> Result<State, String> {
        let mut config = self.config.clone();
        if recording {
            config.recording = Recording::Whole;
        }
        let mut subject = Subject::new(config, [0; 32]).map_err(|error| error.to_string())?;
        subject.quick_reader = self.quick_readers;
        let mut state = State {
            subject,
            left: self.most,
            ids: 0,
        };
        if self.has_session {
            self.take(&mut state, &Move::Initialize)?;
            self.take(&mut state, &Move::Initialized)?;
        }
        state.left = self.most;
        Ok(state)
    }

    fn actions(&self, state: &State) -> Vec<Move> {
        self.possible(state)
    }

    fn take(&self, state: &mut State, action: &Move) -> Result<Vec<ServerOutput>, String> {
        state.left.pay(action);
        let mut outputs = Vec::new();
        if *action == Move::Timeout {
            let seen = state.subject.advance();
            let seen = seen.transpose().map_err(|broken| broken.to_string())?;
            outputs.extend(seen.into_iter().flat_map(|seen| seen.outputs));
        } else {
            for op in state.ops(action) {
                outputs.extend(state.apply(&op)?);
            }
        }
        Ok(outputs)
    }

    fn identity(&self, state: &State) -> Identity {
        let server = fingerprint(|hasher| state.subject.peek().fingerprint(hasher));
        Identity {
            whole: fingerprint(|hasher| books::feed(hasher, server, state)),
            machine: server,
        }
    }

    fn properties(&self) -> &[Property] {
        &self.properties
    }

    fn parts(&self, state: &State) -> Vec<Part> {
        state.subject.peek().parts()
    }

    fn part_kinds(&self) -> Vec<PartKind> {
        Server::part_kinds()
    }

    fn record(&self, state: &mut State) -> Vec<String> {
        std::iter::from_fn(|| state.subject.server().poll_record()).collect()
    }
}

impl State {
    fn apply(&mut self, op: &Op) -> Result<Vec<ServerOutput>, String> {
        let now = self.subject.now();
        let seen = self.subject.step(now, op);
        seen.map(|seen| seen.outputs)
            .map_err(|broken| broken.to_string())
    }
}
