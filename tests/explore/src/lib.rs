//! Bounded search: the real [`Client`](mcp_sansio::Client) and the real [`Server`](mcp_sansio::Server), and all
//! that a small world around each can do to them, up to a number of steps.
//!
//! Where a walk asks what may happen, a search asks what may not: within its bounds it leaves nothing out. Each
//! *world* says how its machine is set up, what can happen to it, and how often: so many calls, one cancel, one
//! close, two faults of the network or the peer, three deadlines. After each step the promises of
//! [`mcp_sansio_tests`] are checked, and the properties of the world, in the words of stateright: `always` must
//! hold everywhere; `sometimes` must be met somewhere, so that no search passes by meeting nothing.
//!
//! States are told apart by fingerprints of 64 bits: the machine's own (feature `explore` of the core), in
//! which handles are renumbered and times are relative, together with what the books know beside it and what
//! the world can still do. So what is merged is alike for the machine and for every check. Both numbers are
//! reported: *states* are those of the machine alone, *situations* those of the whole.
//!
//! What breaks a promise is printed as the record of a shortest way there, which is a vector.
//!
//! The search is our own, and not stateright's, because what is checked here is a step with its outputs, not a
//! state; the last layer, which is most of a search, is never kept; and its result is the same in every run,
//! however many threads share the work.

pub mod client;
pub mod model;
pub mod search;
pub mod server;
pub mod tables;

use client::ClientModel;
use server::ServerModel;

/// A machine in a small world, and how far it is searched.
#[derive(Debug)]
pub struct World {
    /// Steps from the start.
    pub depth: u32,
    /// What is searched.
    pub machine: Machine,
}

/// Which machine it is.
#[derive(Debug)]
pub enum Machine {
    /// A client.
    Client(ClientModel),
    /// A server.
    Server(ServerModel),
}

/// All worlds.
pub fn worlds() -> Vec<World> {
    let clients = [
        (client::legacy(), 7),
        (client::streams(), 9),
        (client::authorization(), 10),
        (client::newcomer(), 10),
        (client::modern(), 9),
        (client::subscriptions(), 9),
        (client::eras(), 9),
        (client::saved(), 7),
        (client::host(), 8),
    ];
    let servers = [
        (server::calls(), 7),
        (server::streams(), 9),
        (server::readers(), 9),
        (server::modern(), 7),
        (server::host(), 6),
        (server::small(), 6),
    ];
    let clients = clients.map(|(model, depth)| World {
        depth,
        machine: Machine::Client(model),
    });
    let servers = servers.map(|(model, depth)| World {
        depth,
        machine: Machine::Server(model),
    });
    clients.into_iter().chain(servers).collect()
}
