//! What a request is made of, in the types of the crate `http` (feature `http`).

use http::header::{HeaderMap, HeaderName, HeaderValue};
use mcp_sansio::{Header, Method};

/// The method, in the crate's own type.
pub fn http_method(method: Method) -> http::Method {
    match method {
        Method::Delete => http::Method::DELETE,
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
    }
}

/// The headers of a [`Request`](crate::Request) as a map. Nothing is copied.
///
/// # Errors
/// A sentence that names the header which cannot be sent, and not its value.
pub fn header_map(headers: Vec<Header>) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| format!("{:?} cannot be the name of a header", header.name))?;
        let value = HeaderValue::from_maybe_shared(header.value).map_err(|_| {
            format!("the value of the header {name} has characters that none may have")
        })?;
        map.append(name, value);
    }
    Ok(map)
}
