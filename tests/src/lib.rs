//! The harness of mcp-sansio's state machines: vectors, the machine under test, and the promises. What is
//! here is the client's; [`server`] has the server's.
//!
//! A [`Vector`] is a file of `tests/vectors`: inputs with their virtual times, and the outputs that each
//! must bring. `tests/vectors/README.md` describes the format for other languages. [`treatment::run`]
//! runs one as written and then in every way that must make no difference, or must still keep the
//! promises: bodies split anywhere, `close` at each step, the clock jumping past every deadline,
//! recorded and replayed, and left alone for an hour with a server that ends every stream.
//!
//! [`walk`] and [`server::walk`] invent inputs at random, from a seed. [`sim`] joins machines of both kinds by a
//! network in which things go wrong. [`fuzz`] has what the fuzzer does with its bytes: those things, among others.
//!
//! What does the work can be driven by anything else that invents inputs (a simulator, an explorer, a
//! fuzzer): a [`Subject`] owns a client, applies an [`Op`], drains the outputs, and checks every promise
//! of [`promises`] before it hands them back.
//!
//! ```
//! use mcp_sansio_tests::{Op, Subject};
//! use mcp_sansio::{ClientConfig, Handshake, Identity, Instant, Version};
//!
//! let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Core(Identity::new("doc", "1")));
//! config.versions = Version::V2024_11_05..=Version::V2025_11_25;
//! let mut subject = Subject::new(config, [0; 32])?;
//! let outputs = subject.step(Instant::from_micros(0), &Op::Connect { id: Some(1) })?;
//! assert_eq!(outputs.len(), 1); // the POST of `initialize`
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here reads a clock, starts a thread or draws a random number that is not seeded.

pub mod compare;
pub mod dice;
pub mod fuzz;
pub mod output;
pub mod promises;
mod raw;
pub mod server;
pub mod sim;
mod sse;
mod subject;
pub mod treatment;
mod vector;
pub mod walk;
mod watch;

pub use mcp_sansio_replay::op::{self, Op};
pub use mcp_sansio_replay::{ClientRole, Role};
pub use subject::{Broken, Subject};
pub use vector::{AnyVector, BadVector, Counts, Expected, Place, Step, Vector};
pub use watch::{
    CallKind, CallSeen, ExchangeSeen, Fate, ListenSeen, ListenStage, Round, StepSeen, Watch,
};
