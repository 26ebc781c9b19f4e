//! What happens on the network of a walk: heads, bodies, ends.

use super::messages;
use crate::dice::Dice;
use crate::op::{Left, Octets, Op};
use crate::subject::Subject;
use crate::watch::ExchangeSeen;
use mcp_sansio::{ClientConfig, Era, Method};

/// The server of a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Server {
    /// What it is.
    pub(super) peer: Peer,
    /// It does what is right, but for one time in so many.
    pub(super) slips: usize,
    /// It does not like the credentials of one request in so many, if it ever does not.
    pub(super) distrusts: Option<usize>,
    /// It is slow: one time in so many a deadline passes first.
    pub(super) pace: usize,
}

/// What a server is, when it does what is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Peer {
    /// Sessions only.
    Legacy,
    /// No sessions.
    Modern,
    /// Both.
    Dual,
    /// The HTTP+SSE transport of 2024-11-05.
    Oldest,
}

impl Server {
    /// One that the client can speak with, more often than not.
    pub(crate) fn invent(dice: &mut Dice, config: &ClientConfig) -> Self {
        let modern = config.versions.end().era() == Era::Modern;
        let legacy = config.versions.start().era() == Era::Legacy;
        let mut peers = vec![Peer::Legacy, Peer::Modern, Peer::Dual, Peer::Oldest];
        if modern {
            peers.extend([Peer::Modern, Peer::Modern, Peer::Dual, Peer::Dual]);
        } else {
            peers.extend([Peer::Legacy, Peer::Legacy, Peer::Dual]);
        }
        if legacy && config.http_sse {
            peers.extend([Peer::Oldest, Peer::Oldest]);
        }
        Self {
            peer: *dice.pick(&peers),
            slips: *dice.pick(&[3, 8, 30]),
            distrusts: *dice.pick(&[None, None, Some(2), Some(4), Some(12)]),
            pace: *dice.pick(&[5, 10, 30]),
        }
    }
}

impl Peer {
    /// Whether it knows what to do with the request of this exchange.
    pub(super) fn serves(self, seen: &ExchangeSeen) -> bool {
        match self {
            Self::Legacy => !seen.is_modern(),
            Self::Modern => seen.is_modern(),
            Self::Dual => true,
            Self::Oldest => seen.method == Method::Get || seen.at_endpoint,
        }
    }
}

const SSE: (&str, &str) = ("content-type", "text/event-stream");
const JSON: (&str, &str) = ("content-type", "application/json");

pub(super) fn happens(subject: &Subject, dice: &mut Dice, server: Server) -> Op {
    let watch = subject.watch();
    let open: Vec<_> = watch.open().collect();
    if open.is_empty() {
        return Op::End { exchange: 1 };
    }
    let newest = open.get(open.len().saturating_sub(2)..).unwrap_or(&open);
    let among = if dice.one_in(2) { newest } else { &open };
    let (exchange, seen) = *dice.pick(among);
    happens_to(subject, exchange, seen, dice, server)
}

/// What happens next on one exchange.
pub(crate) fn happens_to(
    subject: &Subject,
    exchange: u64,
    seen: &ExchangeSeen,
    dice: &mut Dice,
    server: Server,
) -> Op {
    let slips = dice.one_in(server.slips);
    if !seen.has_head {
        if server.distrusts.is_some_and(|one_in| dice.one_in(one_in)) {
            return distrust(exchange, dice);
        }
        return head(exchange, seen, (!slips).then_some(server.peer), dice);
    }
    let is_whole = seen.has_body() && !seen.is_sse();
    if slips && dice.one_in(3) {
        return Op::Failed {
            exchange,
            sent: Left::Maybe,
            detail: "connection reset by peer".to_owned(),
        };
    }
    if slips || is_whole && !dice.one_in(8) || seen.is_sse() && dice.one_in(16) {
        return Op::End { exchange };
    }
    body(subject, exchange, seen, dice, server)
}

/// `right` is what the server is, if it does what is right.
fn head(exchange: u64, seen: &ExchangeSeen, right: Option<Peer>, dice: &mut Dice) -> Op {
    let is_request = !seen.body["id"].is_null() && !seen.body["method"].is_null();
    let session = (
        "mcp-session-id",
        *dice.pick(&["session-of-walk-1", "session-of-walk-2"]),
    );
    let any = *dice.pick(&[SSE, JSON]);
    let (status, headers) = match (right, seen.method) {
        (Some(peer), _) if !peer.serves(seen) => (*dice.pick(&[400, 404, 405]), vec![JSON]),
        (Some(_), Method::Get) => (200, vec![SSE]),
        (Some(Peer::Oldest), _) => (202, vec![]),
        (Some(_), Method::Post) if seen.body["method"] == "initialize" => (200, vec![any, session]),
        (Some(_), Method::Post) if seen.body["method"] == "subscriptions/listen" => {
            (200, vec![SSE])
        }
        (Some(_), Method::Post) if is_request => (200, vec![any]),
        (Some(_), _) => (202, vec![]),
        (None, _) if dice.one_in(6) => {
            let sent = if dice.one_in(2) {
                Left::No
            } else {
                Left::Maybe
            };
            return Op::Failed {
                exchange,
                sent,
                detail: "connection refused".to_owned(),
            };
        }
        (None, _) => {
            let statuses = [
                0, 200, 200, 202, 204, 307, 302, 400, 400, 401, 404, 404, 404, 405, 409, 429, 500,
                503,
            ];
            let content = *dice.pick(&[SSE, JSON, ("content-type", "text/html"), ("x-odd", "1")]);
            let location = (
                "location",
                *dice.pick(&["/other", "http://elsewhere.test/", "?x"]),
            );
            let retry = ("retry-after", *dice.pick(&["0", "1", "99999", "soon"]));
            (*dice.pick(&statuses), vec![content, location, retry])
        }
    };
    let text = |(name, value): (&str, &str)| (name.to_owned(), Octets::Text(value.to_owned()));
    Op::Head {
        exchange,
        status,
        headers: headers.into_iter().map(text).collect(),
    }
}

/// The credentials are missing, wrong, or not enough.
fn distrust(exchange: u64, dice: &mut Dice) -> Op {
    const BAD: &str = "Bearer error=\"invalid_token\"";
    const SMALL: &str = "Bearer error=\"insufficient_scope\"";
    let challenge = |value: &str| {
        (
            "www-authenticate".to_owned(),
            Octets::Text(value.to_owned()),
        )
    };
    let (status, headers) = match dice.below(8) {
        0 => (401, vec![]),
        1 => (401, vec![challenge("Basic realm=\"a\""), challenge(BAD)]),
        2 | 3 => (403, vec![challenge(SMALL)]),
        4 => (401, vec![challenge("Bearer")]),
        _ => (401, vec![challenge(BAD)]),
    };
    Op::Head {
        exchange,
        status,
        headers,
    }
}

fn body(
    subject: &Subject,
    exchange: u64,
    seen: &ExchangeSeen,
    dice: &mut Dice,
    server: Server,
) -> Op {
    let first = !seen.has_body() && !dice.one_in(server.slips);
    if seen.method == Method::Get && server.peer == Peer::Oldest && (first || dice.one_in(8)) {
        let wrong = *dice.pick(&["http://elsewhere.test/", "", "/other"]);
        let to = if first { "/messages" } else { wrong };
        let event = format!("event: endpoint\ndata: {to}\n\n");
        return Op::chunk(exchange, event.as_bytes());
    }
    let message = messages::invent(subject, seen, dice, server).to_string();
    if seen.is_sse() || dice.one_in(12) {
        let id = match dice.below(4) {
            0 => format!("id: e{}\n", dice.below(5)),
            1 => format!("id: x{exchange}-{}\n", subject.watch().fed.len()),
            _ => String::new(),
        };
        let retry = if dice.one_in(5) {
            *dice.pick(&["retry: 0\n", "retry: 700\n", "retry: 99999999\n"])
        } else {
            ""
        };
        let message = if dice.one_in(3 * server.slips) {
            format!("[{message},{message}]")
        } else {
            message
        };
        let text = match dice.below(4 * server.slips) {
            0 => ": keep-alive\n\n".to_owned(),
            1 => format!("{id}{retry}data:\n\n"),
            2 => format!("{id}data: {}\n\n", "x".repeat(400)),
            3 => format!("data: {message}"),
            _ => format!("{id}{retry}data: {message}\n\n"),
        };
        return Op::chunk(exchange, text.as_bytes());
    }
    Op::chunk(exchange, message.as_bytes())
}
