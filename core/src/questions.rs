//! What a server may ask of a client, and the capability that a client declares for it.
//!
//! Source: the client features of every revision: sampling, elicitation, roots.

/// The capability that a client declares if it answers this method; `None`: it is no question.
pub(crate) fn capability_for(method: &str) -> Option<&'static str> {
    match method {
        "elicitation/create" => Some("elicitation"),
        "roots/list" => Some("roots"),
        "sampling/createMessage" => Some("sampling"),
        _ => None,
    }
}

/// Whether this request can be answered by asking for more (2026-07-28, basic/patterns/mrtr, "Supported
/// Requests").
pub(crate) fn may_be_asked_back(method: &str) -> bool {
    matches!(method, "prompts/get" | "resources/read" | "tools/call")
}
