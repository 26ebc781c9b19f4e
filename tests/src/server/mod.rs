//! Vectors of the server: the same files, the same treatments where they apply, its own promises.
//!
//! ```
//! use mcp_sansio_tests::server::{Op, Subject};
//! use mcp_sansio::{Handshake, Identity, Instant, ServerConfig};
//!
//! let config = ServerConfig::new(Handshake::Core(Identity::new("doc", "1")));
//! let mut subject = Subject::new(config, [0; 32])?;
//! let op: Op = serde_json::from_str(r#"{"type": "get", "headers": [["host", "evil.example"]]}"#)?;
//! let seen = subject.step(Instant::from_micros(0), &op)?;
//! assert_eq!(seen.outputs.len(), 1); // the head, 403
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod act;
pub mod events;
pub mod names;
pub mod op;
pub mod output;
pub mod promises;
mod settings;
mod subject;
pub mod treatment;
pub mod walk;
mod watch;

use crate::line::read_as;
use crate::vector::{self, Role};
use mcp_sansio::ServerConfig;
use serde_json::Value;

pub use op::Op;
pub use subject::{Seen, Subject};
pub use watch::{
    CallSeen, ExchangeSeen, Listen, Modern, Over, RequestSeen, Sent, SessionSeen, StepSeen, Watch,
};

/// A vector of the server.
pub type Vector = vector::Vector<ServerRole>;
/// A step of one.
pub type Step = vector::Step<Op>;

/// The server's side of the format.
#[derive(Clone, Copy, Debug)]
pub enum ServerRole {}

impl Role for ServerRole {
    type Config = ServerConfig;
    type Op = Op;

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
}
