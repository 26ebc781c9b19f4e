//! A server as a tower service (feature `tower`): what drivers share whose HTTP library speaks in the types of the crates
//! `http` and `http-body`, as hyper and axum do.

mod body;
mod parts;
mod service;

pub use body::Body;
pub use parts::{HttpParts, Principal, shard};
pub use service::Service;
