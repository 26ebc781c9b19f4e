//! The protocol's two eras, as the servers and incidents of this program have to do with them.

use clap::ValueEnum;

/// One era of the protocol, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Eras {
    /// Both: the client decides
    Both,
    /// 2026-07-28: each request stands alone
    Modern,
    /// Up to 2025-11-25: a handshake makes a session
    Legacy,
}

impl Eras {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
            Self::Both => "both",
        }
    }

    /// Whether all of `other` is in this.
    pub(crate) fn cover(self, other: Self) -> bool {
        self == Self::Both || self == other
    }
}
