//! JSON-RPC messages as texts.
//!
//! A text is validated in one pass and taken apart by slicing; no tree is built. What the core does not
//! have to know stays the text that the peer wrote.

pub(crate) mod code;
mod encode;
mod envelope;
mod malformed;
mod members;
mod scan;
mod string;

pub(crate) use encode::{error, notification, quote, request, result};
pub(crate) use envelope::{Batch, Message, Scanned, scan};
pub(crate) use members::{member, members, splice_member};
pub(crate) use scan::{is_object, is_value};
pub(crate) use string::string;

#[cfg(test)]
mod tests;
