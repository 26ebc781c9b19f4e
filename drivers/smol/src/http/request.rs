//! A request as hyper sends it, and where it goes.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri, header};
use http_body_util::Full;
use mcp_sansio_driver::{Request, header_map, http_method};

use super::described;
use super::proxy::Proxy;

/// Where a connection leads.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

impl Origin {
    /// The URL without its path.
    pub(super) fn url(&self) -> Result<Uri, String> {
        let parts = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query("/");
        parts.build().map_err(|error| described("the URL", &error))
    }
}

/// The request as it goes over a connection: the path in its first line, the host among the headers.
pub(super) fn convert(request: Request) -> Result<(Origin, http::Request<Full<Bytes>>), String> {
    let mut parts = Uri::try_from(request.url)
        .map_err(|error| described("the URL", &error))?
        .into_parts();
    let origin = match (parts.scheme.take(), parts.authority.take()) {
        (Some(scheme), Some(authority)) => Origin {
            authority: without_user(&authority)?,
            scheme,
        },
        _ => return Err("the URL: it has no host".into()),
    };
    let mut headers = header_map(request.headers)?;
    if !headers.contains_key(header::HOST) {
        headers.insert(header::HOST, host_header(&origin)?);
    }
    let path = parts.path_and_query;
    let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
    let mut converted = http::Request::new(Full::new(request.body));
    *converted.method_mut() = http_method(request.method);
    *converted.uri_mut() = path.into();
    *converted.headers_mut() = headers;
    Ok((origin, converted))
}

/// Makes of a request one that its proxy understands: it names the whole URL.
pub(super) fn by_way_of<B>(
    proxy: &Proxy,
    request: &mut http::Request<B>,
    url: &Uri,
) -> Result<(), String> {
    let mut parts = url.clone().into_parts();
    parts.path_and_query = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from_parts(parts).map_err(|error| described("the URL", &error))?;
    if let Some(authorization) = proxy.authorization() {
        let headers = request.headers_mut();
        headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
    }
    Ok(())
}

/// What stands before the `@` is nobody's business on the wire.
fn without_user(authority: &Authority) -> Result<Authority, String> {
    match authority.as_str().rsplit_once('@') {
        None => Ok(authority.clone()),
        Some((_, host)) => host.parse().map_err(|error| described("the URL", &error)),
    }
}

fn host_header(origin: &Origin) -> Result<HeaderValue, String> {
    let authority = &origin.authority;
    let is_default = matches!(
        (origin.scheme.as_str(), authority.port_u16()),
        ("http", Some(80)) | ("https", Some(443))
    );
    let host = if is_default {
        authority.host()
    } else {
        authority.as_str()
    };
    HeaderValue::from_str(host).map_err(|error| described("the URL", &error))
}

#[cfg(test)]
mod tests {
    use mcp_sansio_driver::core::{Header, Method};

    use super::*;

    fn converted(url: &str, headers: Vec<Header>) -> (Origin, http::Request<Full<Bytes>>) {
        let request = Request {
            method: Method::Post,
            url: url.into(),
            headers,
            body: "{}".into(),
        };
        convert(request).expect("it can be sent")
    }

    #[test]
    fn a_request_has_its_path_and_its_host() {
        for (url, path, host) in [
            ("http://a.test/mcp?x=1", "/mcp?x=1", "a.test"),
            ("http://a.test", "/", "a.test"),
            ("http://a.test:80/mcp", "/mcp", "a.test"),
            ("http://a.test:443/mcp", "/mcp", "a.test:443"),
            ("https://a.test:443/mcp", "/mcp", "a.test"),
            ("http://me:secret@a.test:1/mcp", "/mcp", "a.test:1"),
            ("http://[::1]:1/mcp#part", "/mcp", "[::1]:1"),
        ] {
            let (_, request) = converted(url, Vec::new());
            assert_eq!(request.uri(), path, "{url}");
            assert_eq!(request.headers()["host"], host, "{url}");
        }
    }

    #[test]
    fn the_applications_host_stands() {
        let own = Header::new("host", "other.test");
        let (origin, request) = converted("http://a.test/mcp", vec![own]);
        assert_eq!(request.headers().get_all("host").iter().count(), 1);
        assert_eq!(request.headers()["host"], "other.test");
        assert_eq!(origin.authority, "a.test");
    }

    #[test]
    fn equal_origins_share_connections() {
        let (one, _) = converted("http://a.test/mcp", Vec::new());
        let (other, _) = converted("http://me@a.test/other", Vec::new());
        assert_eq!(one, other);
        let (secure, _) = converted("https://a.test/mcp", Vec::new());
        assert_ne!(one, secure);
    }
}
