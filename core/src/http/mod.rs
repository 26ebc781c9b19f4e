//! HTTP as far as the core knows it: heads as the driver sees them. Framing, connections and TLS are
//! the HTTP library's.

use alloc::borrow::Cow;
use alloc::string::String;
use bytes::Bytes;

pub(crate) mod challenge;
pub(crate) mod list;
pub(crate) mod media;
pub(crate) mod names;
pub(crate) mod origin;
pub(crate) mod retry_after;

/// One header line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The name, in lower case.
    pub name: Cow<'static, str>,
    /// The value, as it goes on the wire.
    pub value: Bytes,
}

impl Header {
    /// A header; the name is put in lower case.
    ///
    /// ```
    /// use mcp_sansio::Header;
    /// assert_eq!(Header::new("X-Tenant".to_string(), "blue").name, "x-tenant");
    /// ```
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl Into<Bytes>) -> Self {
        let name = name.into();
        let name = if name.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            name
        };
        Self {
            name,
            value: value.into(),
        }
    }
}

/// The HTTP methods that the transport uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Ends a session.
    Delete,
    /// Opens a stream, or resumes one.
    Get,
    /// Carries a message.
    Post,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// The headers of a response, as the driver hands them over: names in any case.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a [u8])];

/// The first header with this name (given in lower case).
pub(crate) fn find<'a>(headers: Headers<'a>, name: &str) -> Option<&'a [u8]> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|&(_, value)| value)
}

/// The first header with this name as text, trimmed; `None` if it is not UTF-8.
pub(crate) fn text<'a>(headers: Headers<'a>, name: &str) -> Option<&'a str> {
    core::str::from_utf8(find(headers, name)?)
        .ok()
        .map(str::trim)
}

/// Whether bytes can stand in a header: visible ASCII, space, tab, and bytes above 0x7f.
pub(crate) fn is_header_value(value: &[u8]) -> bool {
    value
        .iter()
        .all(|&b| b == b'\t' || (b >= b' ' && b != 0x7f))
}

/// A header value for people: lossy where it is not UTF-8.
pub(crate) fn lossy(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
