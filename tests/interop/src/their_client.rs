//! The official clients against our server.

mod clients;
mod inspector;
mod scenarios;
mod server;
mod stage;

pub(crate) use stage::Stage;
