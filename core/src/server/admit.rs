//! Heads of requests, judged in a fixed order, before anything of the request is kept: host, origin, method,
//! media types, declared size.
//!
//! Source: 2025-11-25, basic/transports, "Security Warning", "Sending Messages", "Listening for Messages".

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::str;

use super::config::{Allowed, ResponseMode};
use super::event::ExchangeHead;
use super::exchange::{Exchange, Said, State};
use super::reject::Reason;
use super::shutdown::Phase;
use super::{Server, Timer};
use crate::http::list;
use crate::http::media::Media;
use crate::http::{self, Headers, names};
use crate::ids::ExchangeId;
use crate::version::{Era, Version};

impl Server {
    pub(super) fn admit(&mut self, id: ExchangeId, head: ExchangeHead<'_>) {
        let said = Said {
            session: http::text(head.headers, names::SESSION_ID).map(Into::into),
            version: http::text(head.headers, names::PROTOCOL_VERSION).map(Into::into),
            principal: head.principal.map(Into::into),
            mirrored: if self.speaks_modern() {
                mirrored(head.headers)
            } else {
                Vec::new()
            },
        };
        let version = self.version_of_errors(&said);
        if let Err(reason) = self.judge(&head, version) {
            return self.reject(id, &reason, None, version);
        }
        match head.method {
            "POST" => {
                let until = self.after(self.config.timing.body);
                self.timers.set(Timer::Body(id), until);
                let state = State::Receiving(Vec::new());
                self.exchanges.insert(id, Exchange { said, state });
            }
            "GET" => {
                let cursor = http::text(head.headers, names::LAST_EVENT_ID);
                self.on_get(id, &said, cursor);
            }
            _ => self.on_delete(id, &said),
        }
    }

    fn judge(&self, head: &ExchangeHead<'_>, version: Option<Version>) -> Result<(), Reason> {
        self.judge_source(head.headers)?;
        let is_modern = version.is_some_and(|version| version.era() == Era::Modern);
        let has_sessions = self.config.sessions && self.speaks_legacy();
        let allow = if has_sessions {
            "GET, POST, DELETE"
        } else {
            "POST"
        };
        let is_served = match head.method {
            "POST" => true,
            // Where both eras are served, a modern client has no use for them.
            "GET" | "DELETE" => has_sessions && !(is_modern && self.speaks_modern()),
            _ => false,
        };
        if !is_served {
            return Err(Reason::BadMethod { allow });
        }
        match head.method {
            // While the server drains, a POST may bring an answer that this waits for: its body decides.
            "POST" if self.phase == Phase::Down => Err(Reason::ShuttingDown),
            "POST" => self.judge_post(head.headers),
            "GET" if self.phase != Phase::Serving => Err(Reason::ShuttingDown),
            "GET" if !accepts(head.headers, "text", "event-stream") => {
                Err(Reason::NotAcceptable("text/event-stream"))
            }
            _ => Ok(()),
        }
    }

    /// Who may ask at all. Host first: a page of a stranger can make a browser call us by the stranger's name.
    fn judge_source(&self, headers: Headers<'_>) -> Result<(), Reason> {
        let host = http::find(headers, names::HOST).unwrap_or_default();
        if !allows_host(&self.config.hosts, host) {
            return Err(Reason::BadHost(http::lossy(host)));
        }
        match http::find(headers, names::ORIGIN) {
            Some(origin) if !allows_origin(&self.config.origins, origin) => {
                Err(Reason::BadOrigin(http::lossy(origin)))
            }
            _ => Ok(()),
        }
    }

    fn judge_post(&self, headers: Headers<'_>) -> Result<(), Reason> {
        if Media::of(http::text(headers, names::CONTENT_TYPE)) != Media::Json {
            return Err(Reason::NotJson);
        }
        let wants_stream = self.config.mode != ResponseMode::Json;
        let accepts_json = accepts(headers, "application", "json");
        if !accepts_json || (wants_stream && !accepts(headers, "text", "event-stream")) {
            return Err(Reason::NotAcceptable(if wants_stream {
                "application/json and text/event-stream"
            } else {
                "application/json"
            }));
        }
        let limit = self.config.limits.body;
        let is_too_large = |length| is_more_than(length, limit);
        if http::text(headers, names::CONTENT_LENGTH).is_some_and(is_too_large) {
            return Err(Reason::BodyTooLarge(limit));
        }
        Ok(())
    }
}

/// The headers that repeat what a modern body says, with the spaces around their values trimmed.
fn mirrored(headers: Headers<'_>) -> Vec<(Box<str>, Box<[u8]>)> {
    let is_mirrored = |name: &str| {
        name.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("mcp-"))
            && !name.eq_ignore_ascii_case(names::SESSION_ID)
    };
    headers
        .iter()
        .filter(|(name, _)| is_mirrored(name))
        .map(|(name, value)| (name.to_ascii_lowercase().into(), value.trim_ascii().into()))
        .collect()
}

fn allows_host(allowed: &Allowed, host: &[u8]) -> bool {
    let Ok(host) = str::from_utf8(host) else {
        return false;
    };
    match allowed {
        Allowed::Any => true,
        Allowed::Loopback => is_loopback(name_of(host)),
        Allowed::Only(hosts) => hosts.iter().any(|only| {
            host.eq_ignore_ascii_case(only) || name_of(host).eq_ignore_ascii_case(only)
        }),
    }
}

fn allows_origin(allowed: &Allowed, origin: &[u8]) -> bool {
    let Ok(origin) = str::from_utf8(origin) else {
        return false;
    };
    match allowed {
        Allowed::Any => true,
        Allowed::Loopback => origin
            .split_once("://")
            .is_some_and(|(_, host)| is_loopback(name_of(host))),
        Allowed::Only(origins) => origins.iter().any(|only| origin.eq_ignore_ascii_case(only)),
    }
}

/// A host without its port; an IPv6 literal keeps its brackets.
fn name_of(host: &str) -> &str {
    let end = match host.find(']') {
        Some(bracket) => bracket + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    host.get(..end).unwrap_or(host)
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

/// Whether `Accept` takes this media type (RFC 9110 section 12.5.1): the most precise range decides, several
/// lines are one list, and no line at all takes everything.
fn accepts(headers: Headers<'_>, kind: &str, subtype: &str) -> bool {
    let mut lines = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(names::ACCEPT))
        .peekable();
    if lines.peek().is_none() {
        return true;
    }
    lines
        .filter_map(|(_, value)| str::from_utf8(value).ok())
        .flat_map(|line| list::split(line, ','))
        .filter_map(|range| judge_range(range, kind, subtype))
        .max_by_key(|&(precision, _)| precision)
        .is_some_and(|(_, is_taken)| is_taken)
}

/// How precisely a range means the media type, and whether it takes it; `None`: it means others.
fn judge_range(range: &str, kind: &str, subtype: &str) -> Option<(u8, bool)> {
    let mut parts = list::split(range, ';');
    let (k, s) = parts.next()?.split_once('/')?;
    let precision = if k == "*" && s == "*" {
        0
    } else if !k.eq_ignore_ascii_case(kind) {
        return None;
    } else if s == "*" {
        1
    } else if s.eq_ignore_ascii_case(subtype) {
        2
    } else {
        return None;
    };
    let is_refused = parts.any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("q") && is_zero(value.trim())
        })
    });
    Some((precision, !is_refused))
}

/// A number too large to be read is too large.
fn is_more_than(length: &str, limit: usize) -> bool {
    let is_number = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    is_number && length.parse().map_or(true, |length: usize| length > limit)
}

fn is_zero(weight: &str) -> bool {
    weight.starts_with('0') && weight.bytes().all(|b| b == b'0' || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_read_as_http_says() {
        for (line, json, sse) in [
            ("application/json, text/event-stream", true, true),
            ("*/*", true, true),
            ("application/*;q=0.5", true, false),
            ("TEXT/Event-Stream; charset=utf-8", false, true),
            ("application/json;q=0, text/*", false, true),
            ("text/html", false, false),
            ("*/*, text/event-stream;q=0", true, false),
            ("*/*;q=0, application/json", true, false),
            // What is quoted neither ends a range nor begins one.
            (r#"text/html;x=", */*", application/json"#, true, false),
            (r#"text/html;x="\", */*;", text/*;x=";q=0""#, false, true),
        ] {
            let headers: Headers<'_> = &[("Accept", line.as_bytes())];
            assert_eq!(accepts(headers, "application", "json"), json, "{line}");
            assert_eq!(accepts(headers, "text", "event-stream"), sse, "{line}");
        }
        assert!(accepts(&[], "application", "json"));
        let two: Headers<'_> = &[
            ("accept", b"application/json"),
            ("accept", b"text/event-stream"),
        ];
        assert!(accepts(two, "text", "event-stream"));
    }

    #[test]
    fn loopback_has_three_names_and_any_port() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:3000", "[::1]:1"] {
            assert!(allows_host(&Allowed::Loopback, host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[::2]",
        ] {
            assert!(!allows_host(&Allowed::Loopback, host.as_bytes()), "{host}");
        }
        assert!(allows_origin(&Allowed::Loopback, b"http://localhost:5173"));
        assert!(!allows_origin(&Allowed::Loopback, b"null"));
        assert!(!allows_origin(&Allowed::Loopback, b"https://evil.example"));
    }
}
