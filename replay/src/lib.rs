//! The reading side of the flight recorder.
//!
//! A machine that was set up to record writes one JSON line for each step (`tests/vectors/README.md` of the
//! project describes them). [`Record::read`] reads such a file; [`rerun()`] feeds its inputs to a fresh
//! machine, and says whether the outputs are the same, to the byte; [`Timeline::of`] orders what it says by
//! calls and exchanges, of which [`story()`] makes a text, and [`page()`] a picture.
//!
//! ```
//! use mcp_sansio::{Client, ClientConfig, Handshake, Identity, Instant, Recording};
//! use mcp_sansio_replay::{Record, Verdict, rerun};
//!
//! let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Core(Identity::new("doc", "1")));
//! config.recording = Recording::Whole;
//! let mut client = Client::new(config, [0; 32])?;
//! client.connect(Instant::from_micros(0));
//! while client.poll_output(true).is_some() {}
//! let lines: Vec<String> = std::iter::from_fn(|| client.poll_record()).collect();
//!
//! let record = Record::read(lines.join("\n").as_bytes())?;
//! assert_eq!(rerun(&record).verdict, Verdict::Same { outputs: 1, left: 0 });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules have the words of the format as data, for whoever drives a machine with them.

pub mod line;
pub mod op;
pub mod server;

mod client;
mod page;
mod record;
mod rerun;
mod role;
mod settings;
mod story;
mod timeline;

pub use client::ClientRole;
pub use op::Op;
pub use page::page;
pub use record::{Damage, Entry, NoRecord, Record, Said, Side, WRITER, seed};
pub use rerun::{Difference, Rerun, Verdict, Wait, rerun};
pub use role::Role;
pub use story::{duration, story, summary, verdict};
pub use timeline::{Exchange, Kind, Life, Moment, Outcome, Point, Span, Timeline, Tone, Way};
