//! JSON-RPC messages as texts.
//!
//! A text is validated in one pass and taken apart by slicing; no tree is built. What the core does not
//! have to know stays the text that the peer wrote.

pub(crate) mod code;
mod elements;
mod encode;
mod envelope;
mod malformed;
mod members;
mod number;
mod read;
mod scan;
mod string;

pub(crate) use elements::{elements, retain_elements};
pub(crate) use encode::{error, error_without_id, notification, quote, request, result};
pub(crate) use envelope::{Batch, Message, Scanned, scan};
pub(crate) use members::{member, members, splice_member, with_members};
pub(crate) use number::Decimal;
pub(crate) use read::{read_elements, read_members, read_value};
pub(crate) use scan::{is_object, is_value};
pub(crate) use string::string;

#[cfg(test)]
mod tests;
