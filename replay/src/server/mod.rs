//! The server's side of the format.

pub mod act;
pub mod names;
pub mod op;
mod settings;

use crate::line::read_as;
use crate::role::Role;
use act::Act;
use mcp_sansio::{ConfigError, Inspection, Instant, Recording, Server, ServerConfig};
use names::Names;
use serde_json::Value;

pub use op::Op;

/// The server's side of the format.
#[derive(Clone, Copy, Debug)]
pub enum ServerRole {}

impl Role for ServerRole {
    type Config = ServerConfig;
    type Op = Op;
    type Machine = Server;

    fn config(settings: Value) -> Result<ServerConfig, String> {
        read_as::<settings::Settings>(settings)?.build()
    }

    fn input(input: Value) -> Result<Op, String> {
        let op: Op = read_as(input)?;
        op.check()?;
        Ok(op)
    }

    fn drain() -> Option<Op> {
        None
    }

    fn start(mut config: ServerConfig, seed: [u8; 32]) -> Result<Server, ConfigError> {
        config.recording = Recording::Whole;
        Server::new(config, seed)
    }

    fn apply(server: &mut Server, now: Instant, op: &Op) {
        Act::of(op, &Names::default()).apply(server, now);
    }

    fn poll(server: &mut Server, _room: bool) -> bool {
        server.poll_output().is_some()
    }

    fn poll_record(server: &mut Server) -> Option<String> {
        server.poll_record()
    }

    fn inspect(server: &Server) -> Inspection {
        server.inspect()
    }
}
