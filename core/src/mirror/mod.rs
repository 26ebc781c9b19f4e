//! What revision 2026-07-28 repeats in headers, so that what stands between client and server can route
//! without reading bodies: how a value is written in a header, which arguments of a tool are mirrored, and
//! whether headers and body say the same.

mod known;
mod param;
mod schema;
mod tools;
mod value;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(crate) use known::Mirrors;
pub(crate) use param::{compare_param, param_headers};
pub(crate) use tools::{read_list, read_tools};
pub(crate) use value::{decode, encode};

/// The member of `params` that `Mcp-Name` repeats, for the methods that have one.
///
/// Source: 2026-07-28, basic/transports/streamable-http, "Standard Request Headers"; for tasks, the extension
/// `io.modelcontextprotocol/tasks`, "Streamable HTTP: Routing Headers".
pub(crate) fn named_by(method: &str) -> Option<&'static str> {
    match method {
        "prompts/get" | "tools/call" => Some("name"),
        "resources/read" => Some("uri"),
        "tasks/cancel" | "tasks/get" | "tasks/update" => Some("taskId"),
        _ => None,
    }
}

/// An argument that a tool's schema wants in a header too. Those of one tool are in the order of their
/// paths.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Mirrored {
    /// The names of the members that lead from the arguments to the value.
    pub(crate) path: Vec<Box<str>>,
    /// The header that carries it, in lower case: `mcp-param-region`.
    pub(crate) header: Box<str>,
}

/// What a sentence shows of a text that a peer wrote: quoted, and not at any length.
fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests;
