//! Protocol revisions.

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
}

impl Version {
    /// Every revision, oldest first.
    pub const ALL: [Self; 4] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
    ];

    /// The revision's name on the wire: its date.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
        }
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
