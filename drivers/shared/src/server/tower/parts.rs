//! What the host and the application say to each other past the protocol.

use ::http::request::Parts;
use ::http::{Extensions, HeaderMap, HeaderValue};
use bytes::BytesMut;
use mcp_sansio::Server;

use crate::server::{Request, Session};

/// Who asks, as the host has found out: an authorization layer puts it into the extensions of the HTTP request.
/// A session belongs to the principal that began it; to others it is unknown.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Principal(pub String);

/// The HTTP request that a [`Request`] came in, or the one that began a [`Session`].
pub trait HttpParts {
    /// Its head; `None` if the exchange did not come by way of a [`Service`](super::Service).
    fn parts(&self) -> Option<&Parts>;

    /// The extensions that layers in front of the service put there.
    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.parts()
            .map(|parts| &parts.extensions)
            .and_then(Extensions::get)
    }
}

impl HttpParts for Request {
    fn parts(&self) -> Option<&Parts> {
        self.attached()
    }
}

impl HttpParts for Session {
    fn parts(&self) -> Option<&Parts> {
        self.attached()
    }
}

/// Lets go of the connection's read buffer, of which the head's values are slices: a session keeps the head
/// that began it for its whole life, and would keep 8 KiB with it.
pub(super) fn detach(parts: &mut Parts) {
    let length = parts.headers.values().map(HeaderValue::len).sum();
    let mut own = BytesMut::with_capacity(length);
    for value in parts.headers.values_mut() {
        own.extend_from_slice(value.as_bytes());
        // What was a header value is one.
        if let Ok(mut copy) = HeaderValue::from_maybe_shared(own.split().freeze()) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
    if let Ok(uri) = parts.uri.to_string().try_into() {
        parts.uri = uri;
    }
}

/// The shard that a request belongs to, by its session id; `None`: any.
pub fn shard(headers: &HeaderMap) -> Option<u16> {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    Server::shard(&headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detached_head_says_the_same() {
        let request = ::http::Request::get("http://h.example:1/mcp?x=1")
            .header("a", "1")
            .header("a", "2")
            .header("b", "\u{e9}")
            .body(());
        let (before, ()) = request.expect("a request").into_parts();
        let mut after = before.clone();
        detach(&mut after);
        assert_eq!(after.headers, before.headers);
        assert_eq!(after.uri, before.uri);
    }
}
