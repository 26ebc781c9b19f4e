//! A managed server: the loop around the [`Server`](mcp_sansio::Server) machine, requests and sessions as
//! the application sees them, and exchanges as the HTTP side sees them.
//!
//! No runtime and no HTTP library is in here. A driver crate brings a [`Runtime`](crate::Runtime), names its
//! builder `Builder<MyRuntime, MyService>`, and makes of its HTTP library's requests [`Exchange`]s:
//!
//! 1. [`Service::accept`] for the head; HTTP/2's `:authority` is given as `host`.
//! 2. [`Exchange::chunk`] and [`Exchange::end`] for the body, until its end or until
//!    [`Exchange::poll_head`] is ready, whichever is first.
//! 3. The response by `poll_head` and [`Exchange::poll_chunk`]. A whole body goes out with its
//!    `content-length`; a [`CutOff`] must not look like the end.
//! 4. The exchange is dropped with the response, however that ends.
//!
//! For libraries that speak the types of the crate `http` this is done, behind the feature `tower`.

mod asking;
mod builder;
mod counters;
mod deliver;
mod duty;
mod engine;
mod events;
mod exchange;
mod handle;
mod input;
mod link;
mod log;
mod relay;
mod request;
mod said;
mod service;
mod session;
mod state;
mod timekeeper;
#[cfg(feature = "tower")]
pub mod tower;

pub use builder::{Builder, SetupError};
pub use counters::Counters;
pub use events::Event;
pub use exchange::{CutOff, Exchange};
pub use handle::{Events, ServiceHandle};
pub use input::Input;
pub use link::{Link, Message, Opening};
pub use request::Request;
pub use service::Service;
pub use session::Session;
pub use state::Head;
