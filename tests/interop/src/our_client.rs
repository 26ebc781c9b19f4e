//! Our client against the official servers.

mod peers;
mod scenarios;
mod stage;

pub(crate) use stage::Stage;
