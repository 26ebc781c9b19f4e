//! Why a text is no message.

use core::fmt;

/// A text that is no JSON, or JSON that is no JSON-RPC message. It displays as a sentence; bytes are
/// counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed(Cause);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    Ends(usize),
    Message(&'static str),
    TooDeep,
    Unexpected(char, usize),
}

impl Malformed {
    /// No JSON: the text ends too early.
    pub(super) const fn ends(byte: usize) -> Self {
        Self(Cause::Ends(byte))
    }

    /// JSON that is no message, for this reason.
    #[cold]
    pub(super) const fn message(reason: &'static str) -> Self {
        Self(Cause::Message(reason))
    }

    /// Perhaps JSON, but nested too deep to be read.
    pub(super) const fn too_deep() -> Self {
        Self(Cause::TooDeep)
    }

    /// No JSON: this character cannot stand there.
    pub(super) const fn unexpected(found: char, byte: usize) -> Self {
        Self(Cause::Unexpected(found, byte))
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Ends(0) => f.write_str("not JSON: it is empty"),
            Cause::Ends(byte) => write!(f, "not JSON: it ends too early, at byte {byte}"),
            Cause::Message(reason) => write!(f, "not a JSON-RPC message: {reason}"),
            Cause::TooDeep => write!(
                f,
                "not readable: nested deeper than {} levels",
                super::scan::DEPTH
            ),
            Cause::Unexpected(found, byte) => {
                write!(f, "not JSON: unexpected {found:?} at byte {byte}")
            }
        }
    }
}
