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

pub mod events;
pub mod output;
pub mod promises;
mod subject;
pub mod treatment;
pub mod walk;
mod watch;

use crate::vector;

pub use mcp_sansio_replay::server::{Op, ServerRole, act, names, op};
pub use subject::{Seen, Subject};
pub use watch::{
    CallSeen, ExchangeSeen, Listen, Modern, Over, RequestSeen, Sent, SessionSeen, StepSeen, Watch,
};

/// A vector of the server.
pub type Vector = vector::Vector<ServerRole>;
/// A step of one.
pub type Step = vector::Step<Op>;
