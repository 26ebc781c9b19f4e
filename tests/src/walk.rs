//! Random walks: a client, and inputs that nobody thought of. Every promise is checked after each step.
//!
//! Half of what the server of a walk does is right, so that walks get somewhere; the rest is whatever the
//! dice say. A walk that breaks a promise gives its record, which is a vector.

use crate::dice::Dice;
use crate::op::{Error, Left, Millis, Octets, Op, Options};
use crate::subject::Subject;
use crate::watch::ExchangeSeen;
use mcp_sansio::{ClientConfig, Handshake, Identity, Instant, Known, Method, Recording, Version};
use serde_json::{Value, json};
use std::time::Duration;

/// Deadlines after the walk within which the client must come to rest.
const MOST_DEADLINES: usize = 5_000;

/// What went wrong on a walk.
#[derive(Debug, thiserror::Error)]
#[error("seed {seed}: {what}\nIts record:\n{record}")]
pub struct Stumbled {
    /// The walk's seed.
    pub seed: u64,
    /// The promise, and how it broke.
    pub what: String,
    /// The record, a line a step.
    pub record: String,
}

/// Takes that many steps, then closes, or lets time pass until every call has settled. Gives the number
/// of exchanges that were opened.
///
/// # Errors
/// The first promise that does not hold.
pub fn walk(seed: u64, steps: usize) -> Result<usize, Stumbled> {
    let mut dice = Dice::new(seed);
    let mut config = config(&mut dice);
    config.recording = Recording::Whole;
    let mut subject = Subject::new(config, [7; 32]).map_err(|error| Stumbled {
        seed,
        what: error.to_string(),
        record: String::new(),
    })?;
    let end = go(&mut subject, &mut dice, steps);
    let opened = subject.watch().exchanges.len();
    end.map(|()| opened).map_err(|what| Stumbled {
        seed,
        what,
        record: std::iter::from_fn(|| subject.client().poll_record())
            .collect::<Vec<_>>()
            .join("\n"),
    })
}

fn go(subject: &mut Subject, dice: &mut Dice, steps: usize) -> Result<(), String> {
    for _ in 0..steps {
        subject.room = !dice.one_in(8);
        let (now, op) = invent(subject, dice);
        subject
            .step(now, &op)
            .map_err(|broken| broken.to_string())?;
    }
    subject.room = true;
    if dice.one_in(2) {
        let now = subject.now();
        subject
            .step(now, &Op::Close)
            .map_err(|broken| broken.to_string())?;
    }
    for _ in 0..MOST_DEADLINES {
        match subject.advance() {
            Some(given) => given.map_err(|broken| broken.to_string())?,
            None => break,
        };
    }
    let waiting: Vec<_> = subject.watch().unsettled().map(|(id, _)| id).collect();
    if waiting.is_empty() {
        Ok(())
    } else {
        Err(format!("calls {waiting:?} never settled"))
    }
}

fn config(dice: &mut Dice) -> ClientConfig {
    let handshake = if dice.one_in(8) {
        Handshake::Host
    } else {
        Handshake::Core(Identity::new("walk", "1"))
    };
    let mut config = ClientConfig::new("http://server.test/mcp", handshake);
    if dice.one_in(6) {
        let mut known = Known::new(Version::V2025_06_18, Some("session-of-walk-0".to_owned()));
        known.result = dice
            .one_in(2)
            .then(|| r#"{"protocolVersion":"2025-06-18"}"#.into());
        config.known = Some(known);
    }
    config.standalone = !dice.one_in(3);
    config.reinitialize = !dice.one_in(5);
    config.accept_202 = dice.one_in(4);
    config.limits.reconnects = *dice.pick(&[0, 1, 3, 5]);
    config.limits.exchanges = *dice.pick(&[None, None, Some(1), Some(3), Some(4)]);
    config.limits.messages = *dice.pick(&[1, 3, 256]);
    config.limits.obligations = *dice.pick(&[1, 3, 64]);
    config.limits.event = *dice.pick(&[300, 16 << 20]);
    config.limits.body = *dice.pick(&[300, 16 << 20]);
    config.limits.calls = *dice.pick(&[2, 10_000]);
    config.timing.session_grace = *dice.pick(&[Duration::ZERO, Duration::from_secs(5)]);
    config.timing.linger = *dice.pick(&[Duration::ZERO, Duration::from_millis(100)]);
    config.timing.standalone_wait = *dice.pick(&[Duration::ZERO, Duration::from_millis(250)]);
    config.timing.idle = *dice.pick(&[
        None,
        Some(Duration::from_secs(2)),
        Some(Duration::from_secs(120)),
    ]);
    config
}

fn invent(subject: &mut Subject, dice: &mut Dice) -> (Instant, Op) {
    let now = subject.now();
    let next = subject.client().poll_timeout();
    match dice.below(10) {
        0 | 1 => {
            let at = next.filter(|_| !dice.one_in(6));
            let random = later(now, dice.below(20_000_000));
            (at.unwrap_or(random).max(now), Op::Timeout)
        }
        2..=4 => (now, ask(subject, dice)),
        _ => {
            let at = later(now, dice.below(3) * 150_000);
            (at, happen(subject, dice))
        }
    }
}

fn later(now: Instant, micros: usize) -> Instant {
    Instant::from_micros(now.as_micros() + u64::try_from(micros).unwrap_or(0))
}

/// The application does something.
fn ask(subject: &Subject, dice: &mut Dice) -> Op {
    let watch = subject.watch();
    let calls: Vec<_> = watch.calls.keys().copied().collect();
    let asked: Vec<_> = watch.obligations.keys().copied().collect();
    match dice.below(12) {
        0 => Op::Connect { id: None },
        1 => Op::Notify {
            method: "notifications/roots/list_changed".to_owned(),
            params: None,
            params_text: dice.one_in(5).then(|| "{oops".to_owned()),
        },
        2 if !calls.is_empty() => Op::Cancel {
            call: *dice.pick(&calls),
            reason: Some("changed my mind".to_owned()),
        },
        3 | 4 if !asked.is_empty() => {
            let id = *dice.pick(&asked);
            let fails = dice.one_in(3);
            Op::Respond {
                id,
                result: (!fails).then(|| json!({"ok": true})),
                result_text: None,
                error: fails.then(|| Error {
                    code: -1,
                    message: "no".to_owned(),
                    data: None,
                }),
            }
        }
        5 if dice.one_in(12) => Op::Close,
        6 if matches!(watch.config.handshake, Handshake::Host) => {
            if dice.one_in(2) {
                initialize()
            } else {
                Op::Notify {
                    method: "notifications/initialized".to_owned(),
                    params: None,
                    params_text: None,
                }
            }
        }
        _ => Op::Call {
            method: (*dice.pick(&["tools/call", "tools/call", "tools/list", "ping"])).to_owned(),
            params: Some(json!({"name": "work"})),
            params_text: None,
            options: options(dice),
            id: None,
        },
    }
}

/// The handshake of a host that speaks it itself.
fn initialize() -> Op {
    Op::Call {
        method: "initialize".to_owned(),
        params: Some(
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}}),
        ),
        params_text: None,
        options: Options::default(),
        id: None,
    }
}

fn options(dice: &mut Dice) -> Options {
    Options {
        safe: dice.one_in(6),
        progress: dice.one_in(2),
        idle: dice.one_in(6).then_some(Millis(1_500.0)),
        max: dice.one_in(6).then_some(Millis(4_000.0)),
        headers: Vec::new(),
    }
}

/// Something happens on the network.
fn happen(subject: &Subject, dice: &mut Dice) -> Op {
    let watch = subject.watch();
    let open: Vec<_> = watch.open().collect();
    if open.is_empty() {
        return Op::End { exchange: 1 };
    }
    let (exchange, seen) = *dice.pick(&open);
    let goes_right = !dice.one_in(3);
    if !seen.has_head {
        return head(exchange, seen, goes_right, dice);
    }
    match dice.below(8) {
        0 => Op::End { exchange },
        1 if dice.one_in(3) => Op::Failed {
            exchange,
            sent: Left::Maybe,
            detail: "connection reset by peer".to_owned(),
        },
        _ => body(subject, exchange, seen, dice),
    }
}

fn head(exchange: u64, seen: &ExchangeSeen, goes_right: bool, dice: &mut Dice) -> Op {
    let is_request = !seen.body["id"].is_null() && !seen.body["method"].is_null();
    let sse = ("content-type", "text/event-stream");
    let json = ("content-type", "application/json");
    let session = (
        "mcp-session-id",
        *dice.pick(&["session-of-walk-1", "session-of-walk-2"]),
    );
    let (status, headers) = match (goes_right, seen.method) {
        (true, Method::Get) => (200, vec![sse]),
        (true, Method::Post) if seen.body["method"] == "initialize" => {
            (200, vec![*dice.pick(&[sse, json]), session])
        }
        (true, Method::Post) if is_request => (200, vec![*dice.pick(&[sse, json])]),
        (true, _) => (202, vec![]),
        (false, _) if dice.one_in(6) => {
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
        (false, _) => {
            let statuses = [
                0, 200, 200, 202, 204, 307, 302, 400, 401, 404, 404, 404, 405, 409, 429, 500, 503,
            ];
            let content = *dice.pick(&[sse, json, ("content-type", "text/html"), ("x-odd", "1")]);
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

fn body(subject: &Subject, exchange: u64, seen: &ExchangeSeen, dice: &mut Dice) -> Op {
    let message = message(subject, seen, dice).to_string();
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
        let message = if dice.one_in(10) {
            format!("[{message},{message}]")
        } else {
            message
        };
        let text = match dice.below(12) {
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

fn message(subject: &Subject, seen: &ExchangeSeen, dice: &mut Dice) -> Value {
    let id = &seen.body["id"];
    let others: Vec<_> = subject
        .watch()
        .exchanges
        .values()
        .map(|other| other.body["id"].clone())
        .collect();
    let version = dice.pick(&Version::ALL).as_str();
    let version = if dice.one_in(4) {
        version
    } else {
        "2025-11-25"
    };
    if seen.body["method"] == "initialize" && !dice.one_in(5) {
        let result = json!({"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}});
        return json!({"jsonrpc": "2.0", "id": id, "result": result});
    }
    match dice.below(10) {
        0..=2 => json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}}),
        3 => json!({"jsonrpc": "2.0", "id": dice.pick(&others), "result": {}}),
        4 => json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no"}}),
        5 => {
            let token = format!("sio-{}", dice.below(12));
            json!({"jsonrpc": "2.0", "method": "notifications/progress",
                "params": {"progressToken": token, "progress": subject.watch().fed.len()}})
        }
        6 => {
            json!({"jsonrpc": "2.0", "id": format!("q{}", dice.below(4)), "method": "sampling/createMessage",
            "params": {"n": subject.watch().fed.len()}})
        }
        7 => {
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": format!("q{}", dice.below(4))}})
        }
        8 => json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}),
        _ => json!({"jsonrpc": "2.0", "method": "notifications/message",
            "params": {"level": "info", "data": subject.watch().fed.len()}}),
    }
}
