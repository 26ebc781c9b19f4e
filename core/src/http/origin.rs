//! URLs as far as the transport needs them: is a target of the same origin, and what does a relative
//! target name. Anything finer is the HTTP library's.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use core::fmt;

/// An absolute `http` or `https` URL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Url {
    text: String,
    /// `http` or `https`.
    scheme: &'static str,
    /// Lower-case host, without brackets stripped, and port, always with a number.
    host: String,
    port: u16,
    /// Where the path begins in `text` (at its end, if there is none).
    path: usize,
}

/// Why a text is no URL that the transport can use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BadUrl {
    Authority,
    Characters,
    Credentials,
    Scheme,
}

impl fmt::Display for BadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authority => "has no usable host and port",
            Self::Characters => "has a space or another character that a URL cannot have",
            Self::Credentials => "has a user name or password in it, which would leak into logs",
            Self::Scheme => "is not an http:// or https:// URL",
        })
    }
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, BadUrl> {
        if text.bytes().any(|b| b <= b' ' || b == 0x7f || b == b'\\') {
            return Err(BadUrl::Characters);
        }
        let (scheme, default_port, rest) = if let Some(rest) = strip_scheme(text, "https://") {
            ("https", 443, rest)
        } else if let Some(rest) = strip_scheme(text, "http://") {
            ("http", 80, rest)
        } else {
            return Err(BadUrl::Scheme);
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, _) = rest.split_at(end);
        if authority.contains('@') {
            return Err(BadUrl::Credentials);
        }
        let (host, port) = split_port(authority).ok_or(BadUrl::Authority)?;
        let port = match port {
            None | Some("") => default_port,
            Some(digits) => digits.parse().map_err(|_| BadUrl::Authority)?,
        };
        if host.is_empty() || host == "[]" {
            return Err(BadUrl::Authority);
        }
        Ok(Self {
            text: text.to_owned(),
            scheme,
            host: host.to_ascii_lowercase(),
            port,
            path: text.len() - rest.len() + end,
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// RFC 6454: scheme, host and port are equal.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port) == (other.scheme, &other.host, other.port)
    }

    /// What a `Location` names, seen from this URL: absolute, scheme-relative, absolute path, query, or
    /// a path relative to this one's folder. Dot segments are left as they are; servers resolve them.
    pub(crate) fn join(&self, location: &str) -> Result<Self, BadUrl> {
        let (origin, path) = self.text.split_at(self.path);
        let path_only = path.split(['?', '#']).next().unwrap_or("");
        if has_scheme(location) {
            Self::parse(location)
        } else if location.starts_with("//") {
            Self::parse(&format!("{}:{location}", self.scheme))
        } else if location.starts_with('/') {
            Self::parse(&format!("{origin}{location}"))
        } else if location.is_empty() || location.starts_with(['?', '#']) {
            Self::parse(&format!("{origin}{path_only}{location}"))
        } else {
            let folder = path_only
                .rfind('/')
                .map_or("", |at| path_only.get(..at).unwrap_or(""));
            Self::parse(&format!("{origin}{folder}/{location}"))
        }
    }
}

fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let head = text.get(..scheme.len())?;
    head.eq_ignore_ascii_case(scheme)
        .then(|| text.get(scheme.len()..).unwrap_or(""))
}

/// RFC 3986: a scheme is letters, digits, `+`, `-` and `.` before the first colon.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    })
}

/// Splits `host:port`; a host may be an IPv6 literal in brackets.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let close = authority.find(']')?;
        let (host, rest) = authority.split_at(close + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => None,
        Some((host, port)) => Some((host, Some(port))),
        None => Some((authority, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap_or_else(|reason| panic!("{text} {reason}"))
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert!(url("http://A.example/x").same_origin(&url("HTTP://a.example:80/y")));
        assert!(url("https://[::1]/").same_origin(&url("https://[::1]:443")));
        assert!(!url("http://a.example").same_origin(&url("https://a.example")));
        assert!(!url("http://a.example").same_origin(&url("http://a.example:8080")));
        assert!(!url("http://a.example").same_origin(&url("http://b.example")));
    }

    #[test]
    fn what_is_no_url_is_told_apart() {
        assert_eq!(Url::parse("ftp://a"), Err(BadUrl::Scheme));
        assert_eq!(Url::parse("/mcp"), Err(BadUrl::Scheme));
        assert_eq!(Url::parse("http://"), Err(BadUrl::Authority));
        assert_eq!(Url::parse("http://a:99999/"), Err(BadUrl::Authority));
        assert_eq!(Url::parse("http://::1/"), Err(BadUrl::Authority));
        assert_eq!(Url::parse("http://u:p@a/"), Err(BadUrl::Credentials));
        assert_eq!(Url::parse("http://a/\r\nx: y"), Err(BadUrl::Characters));
    }

    #[test]
    fn a_location_is_seen_from_where_it_was_said() {
        let base = url("https://a.example/mcp/v1?x=1");
        for (location, expected) in [
            ("https://b.example/", "https://b.example/"),
            ("//b.example/x", "https://b.example/x"),
            ("/other", "https://a.example/other"),
            ("v2", "https://a.example/mcp/v2"),
            ("?y=2", "https://a.example/mcp/v1?y=2"),
        ] {
            assert_eq!(base.join(location).map(|u| u.text), Ok(expected.into()));
        }
        assert_eq!(
            url("http://a.example").join("x").map(|u| u.text),
            Ok("http://a.example/x".into())
        );
    }
}
