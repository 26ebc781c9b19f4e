//! Protocol revisions.

use bytes::Bytes;
use core::fmt;

/// A published revision of the protocol, oldest first.
///
/// Source: the specification's revision pages, <https://modelcontextprotocol.io/specification>.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Version {
    /// The first revision; its own transport was HTTP+SSE, but servers also negotiate it over Streamable HTTP.
    V2024_11_05,
    /// Introduced Streamable HTTP; the only revision with batches.
    V2025_03_26,
    /// Introduced the `MCP-Protocol-Version` header; removed batches.
    V2025_06_18,
    /// Introduced priming events and server-side polling.
    V2025_11_25,
    /// Stateless: no handshake and no sessions, every request says what it needs.
    V2026_07_28,
}

/// The two ways in which revisions work (2026-07-28, basic/versioning, "Terminology"). They give opposite
/// meanings to a 404, a disconnect and a missing GET.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Era {
    /// Up to 2025-11-25: an `initialize` handshake makes a session.
    Legacy,
    /// From 2026-07-28 on: each request carries its revision and capabilities.
    Modern,
}

impl Era {
    /// `legacy` or `modern`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

impl Version {
    /// Every revision, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    /// The newest revision of the legacy era.
    pub(crate) const NEWEST_LEGACY: Self = Self::V2025_11_25;

    /// The revision's name on the wire: its date.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The era that the revision belongs to.
    pub const fn era(self) -> Era {
        match self {
            Self::V2024_11_05 | Self::V2025_03_26 | Self::V2025_06_18 | Self::V2025_11_25 => {
                Era::Legacy
            }
            Self::V2026_07_28 => Era::Modern,
        }
    }

    /// The revision's name as a header's value.
    pub(crate) const fn header(self) -> Bytes {
        Bytes::from_static(self.as_str().as_bytes())
    }

    /// The revision with this name, if it is one that this crate knows.
    ///
    /// ```
    /// use mcp_sansio::Version;
    /// assert_eq!(Version::from_name("2025-11-25"), Some(Version::V2025_11_25));
    /// assert_eq!(Version::from_name("2525-11-25"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == name)
    }

    /// Batches exist in this one revision only.
    pub(crate) const fn has_batches(self) -> bool {
        matches!(self, Self::V2025_03_26)
    }

    /// Since 2025-06-18 each request after the handshake names the revision in a header.
    pub(crate) fn has_version_header(self) -> bool {
        self >= Self::V2025_06_18
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
