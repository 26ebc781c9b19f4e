//! Random walks: a server, and inputs that nobody thought of. Every promise is checked after each step.
//!
//! Most of what the clients of a walk do is right, so that walks get somewhere; the rest is whatever the
//! dice say. A walk that breaks a promise gives its record, which is a vector.

mod met;
mod modern;

use super::op::Op;
use super::subject::Subject;
use crate::dice::Dice;
use crate::walk::Stumbled;
use mcp_sansio::{
    Era, Handshake, Identity, Instant, Recording, ResponseMode, ServerConfig, Version,
};
use serde_json::{Value, json};
use std::time::Duration;

pub use met::Met;

/// Deadlines after the walk within which the server must come to rest.
const MOST_DEADLINES: usize = 20_000;
const PRINCIPALS: [Option<&str>; 3] = [None, Some("alice-4711"), Some("bob-4711")];
const VERSIONS: [Option<&str>; 5] = [
    None,
    Some("2025-03-26"),
    Some("2025-06-18"),
    Some("2025-11-25"),
    Some("1999-01-01"),
];

/// Takes that many steps, or as many as the dice have bytes for; then shuts down, or lets every client go for
/// good: in the end nothing may be left.
///
/// # Errors
/// The first promise that does not hold.
pub fn walk(mut dice: Dice, steps: usize) -> Result<Met, Stumbled> {
    let mut config = config(&mut dice);
    config.recording = Recording::Whole;
    let mut subject = Subject::new(config, [7; 32]).map_err(|error| Stumbled {
        what: error.to_string(),
        record: String::new(),
    })?;
    subject.quick_reader = dice.one_in(2);
    let end = go(&mut subject, &mut dice, steps);
    let met = Met::of(subject.watch());
    end.map(|()| met).map_err(|what| Stumbled {
        what,
        record: std::iter::from_fn(|| subject.server().poll_record())
            .collect::<Vec<_>>()
            .join("\n"),
    })
}

fn go(subject: &mut Subject, dice: &mut Dice, steps: usize) -> Result<(), String> {
    let now = subject.now();
    act(subject, now, modern::tools())?;
    let is_asked_down = dice.one_in(2);
    let grace = *dice.pick(&[0, 1_000, 100_000]);
    for _ in 0..steps {
        if dice.is_spent() {
            break;
        }
        let input = invent(subject, dice);
        let now = match (input["type"].as_str(), subject.server().poll_timeout()) {
            (Some("timeout"), Some(at)) => at.max(subject.now()),
            _ => later(subject.now(), *dice.pick(&[0, 0, 0, 1, 300, 5_000])),
        };
        act(subject, now, input)?;
    }
    let shuts_down = is_asked_down || subject.watch().draining.is_some();
    let now = subject.now();
    if shuts_down {
        act(subject, now, json!({"type": "shut_down", "grace": grace}))?;
    } else {
        let open: Vec<_> = subject.watch().open().map(|(id, _)| id).collect();
        for id in open {
            act(subject, now, json!({"type": "gone", "exchange": id}))?;
        }
    }
    for _ in 0..MOST_DEADLINES {
        match subject.advance() {
            Some(seen) => seen.map_err(|broken| broken.to_string())?,
            None => return nothing_is_left(subject, shuts_down),
        };
    }
    Err(format!(
        "{MOST_DEADLINES} deadlines later there is still one more"
    ))
}

fn nothing_is_left(subject: &mut Subject, was_shut_down: bool) -> Result<(), String> {
    let inspection = subject.server().inspect();
    let watch = subject.watch();
    let live = watch.sessions.values().filter(|session| session.ends == 0);
    let live = live.count();
    let open = watch.open().count();
    let owed = watch.owed().count() + watch.unsettled().count();
    let downs = u32::from(was_shut_down);
    if live + open + owed + inspection.bytes == 0 && watch.downs == downs {
        return Ok(());
    }
    Err(format!(
        "in the end {live} sessions, {open} exchanges, {owed} requests and {} bytes are left; `ShutDown` came {} times",
        inspection.bytes, watch.downs
    ))
}

fn act(subject: &mut Subject, now: Instant, input: Value) -> Result<(), String> {
    let op: Op = serde_json::from_value(input).map_err(|error| error.to_string())?;
    subject
        .step(now, &op)
        .map(|_| ())
        .map_err(|broken| broken.to_string())
}

fn later(now: Instant, millis: u64) -> Instant {
    Instant::from_micros(now.as_micros() + millis * 1_000)
}

fn config(dice: &mut Dice) -> ServerConfig {
    let handshake = if dice.one_in(6) {
        Handshake::Host
    } else {
        let mut identity = Identity::new("walk", "1");
        identity.capabilities = modern::capabilities().to_string().into();
        Handshake::Core(identity)
    };
    let mut config = ServerConfig::new(handshake);
    config.sessions = !dice.one_in(6);
    config.mode = *dice.pick(&[
        ResponseMode::Adaptive,
        ResponseMode::Adaptive,
        ResponseMode::Sse,
        ResponseMode::Json,
    ]);
    config.versions = match dice.below(8) {
        0 | 1 => Version::V2025_03_26..=Version::V2025_06_18,
        2 | 3 => Version::V2024_11_05..=Version::V2025_11_25,
        4 => Version::V2026_07_28..=Version::V2026_07_28,
        _ => Version::V2024_11_05..=Version::V2026_07_28,
    };
    config.limits.listens = *dice.pick(&[1, 3, 10_000]);
    config.limits.sessions = *dice.pick(&[1, 2, 10_000]);
    config.limits.sessions_per_principal = *dice.pick(&[None, Some(1)]);
    config.limits.obligations = *dice.pick(&[1, 3, 256]);
    config.limits.held = *dice.pick(&[1, 32]);
    config.limits.log_events = *dice.pick(&[1, 3, 256]);
    config.limits.log_bytes = *dice.pick(&[200, 4 << 20]);
    config.limits.log_total = *dice.pick(&[300, 1_000, 64 << 20]);
    config.limits.unwritten = *dice.pick(&[100, 1 << 20]);
    config.limits.body = *dice.pick(&[300, 4 << 20]);
    config.timing.keep_alive = *dice.pick(&[None, Some(Duration::from_secs(15))]);
    config.timing.idle = Some(*dice.pick(&[Duration::from_secs(10), Duration::from_secs(1_800)]));
    config.timing.answer = Some(*dice.pick(&[Duration::from_secs(20), Duration::from_secs(3_600)]));
    config.timing.head = *dice.pick(&[Duration::ZERO, Duration::from_millis(250)]);
    config.timing.replay = *dice.pick(&[Duration::ZERO, Duration::from_secs(300)]);
    config
}

fn invent(subject: &Subject, dice: &mut Dice) -> Value {
    let versions = &subject.watch().config.versions;
    let is_modern = match (versions.start().era(), versions.end().era()) {
        (Era::Legacy, Era::Legacy) => dice.one_in(30),
        (Era::Legacy, Era::Modern) => dice.one_in(2),
        (Era::Modern, _) => !dice.one_in(6),
    };
    if is_modern {
        return modern::invent(subject, dice);
    }
    let nobody = subject.watch().sessions.values().all(|seen| seen.ends > 0);
    if nobody && dice.one_in(2) {
        return initialize(dice);
    }
    match dice.below(20) {
        0 => initialize(dice),
        1..=5 => from_client(subject, dice, "post"),
        6 | 7 => from_client(subject, dice, "get"),
        8 => broken(subject, dice),
        9 => {
            json!({"type": "gone", "exchange": any(dice, subject.watch().open().map(|(id, _)| id))})
        }
        10 | 11 => json!({"type": "timeout"}),
        12..=14 => {
            let waits = subject.watch().open().filter(|(_, seen)| seen.in_hand);
            json!({"type": "written", "exchange": any(dice, waits.map(|(id, _)| id))})
        }
        15 if dice.one_in(8) => match dice.below(3) {
            0 => from_client(subject, dice, "delete"),
            1 => {
                json!({"type": "end_session", "session": session(subject, dice), "reason": "handler_returned"})
            }
            _ => json!({"type": "shut_down", "grace": *dice.pick(&[0, 1_000, 10_000])}),
        },
        _ => from_application(subject, dice),
    }
}

/// What a client does that follows no rules: one request, which names whatever sessions and events there are.
pub(crate) fn mischief(subject: &Subject, dice: &mut Dice) -> Value {
    match dice.below(10) {
        0 | 1 => initialize(dice),
        2..=4 => from_client(subject, dice, "post"),
        5 => from_client(subject, dice, "get"),
        6 => from_client(subject, dice, "delete"),
        7 => broken(subject, dice),
        _ => modern::mischief(dice),
    }
}

fn initialize(dice: &mut Dice) -> Value {
    let version = dice.pick(&VERSIONS).unwrap_or("2099-01-01");
    let params = json!({"protocolVersion": version, "capabilities": {"roots": {}}});
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    json!({"type": "post", "principal": dice.pick(&PRINCIPALS), "body": body})
}

/// A request of a client: mostly in a session of its own, as its principal.
fn from_client(subject: &Subject, dice: &mut Dice, kind: &str) -> Value {
    let known = subject.watch().sessions.get(&session(subject, dice));
    let principal = match known {
        Some(session) if !dice.one_in(12) => session.principal.clone(),
        _ => dice.pick(&PRINCIPALS).map(str::to_owned),
    };
    let key = known.map(|session| session.key.clone());
    let mut input = json!({
        "type": kind,
        "session": key.filter(|_| !dice.one_in(20)),
        "principal": principal,
        "version": if dice.one_in(2) { None } else { *dice.pick(&VERSIONS) },
    });
    match kind {
        "post" if dice.one_in(5) => {
            input["body"] = (0..=dice.below(3)).map(|_| message(dice)).collect();
        }
        "post" => input["body"] = message(dice),
        "get" if dice.one_in(2) => {
            let sent = subject.watch().exchanges.values();
            let ids: Vec<_> = sent
                .flat_map(|exchange| &exchange.events)
                .filter_map(|event| event.id.as_deref())
                .collect();
            if !ids.is_empty() {
                input["cursor"] = json!(dice.pick(&ids));
            }
        }
        _ => {}
    }
    input
}

fn message(dice: &mut Dice) -> Value {
    let id = dice.below(4);
    let wire = 1 + dice.below(6);
    match dice.below(10) {
        0..=4 => {
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "work"}})
        }
        5 => json!({"jsonrpc": "2.0", "id": id, "method": "ping"}),
        6 => {
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
        }
        7 => json!({"jsonrpc": "2.0", "method": "notifications/x"}),
        8 => json!({"jsonrpc": "2.0", "id": wire, "result": {}}),
        _ => json!({"jsonrpc": "2.0", "id": wire, "error": {"code": -1, "message": "no"}}),
    }
}

/// A request in pieces, or one that is none.
fn broken(subject: &Subject, dice: &mut Dice) -> Value {
    let receiving = subject
        .watch()
        .open()
        .filter(|(_, seen)| !seen.has_body && seen.method == "POST");
    let exchange = any(dice, receiving.map(|(id, _)| id));
    match dice.below(5) {
        0 => json!({"type": "accept", "method": "POST", "headers": [
            ["host", "localhost"], ["content-type", "application/json"], ["accept", "*/*"],
        ]}),
        1 => json!({"type": "chunk", "exchange": exchange, "data": "{\"jsonrpc\":\"2.0\","}),
        2 => json!({"type": "end", "exchange": exchange}),
        3 => json!({"type": "post", "text": "{"}),
        _ => json!({"type": "get", "headers": [["origin", "https://evil.example"]]}),
    }
}

fn from_application(subject: &Subject, dice: &mut Dice) -> Value {
    let request = any(dice, subject.watch().owed().map(|(id, _)| id));
    let to = match dice.below(5) {
        0 => json!("all"),
        1 | 2 => json!({"session": session(subject, dice)}),
        _ => json!({"request": request}),
    };
    let text = "x".repeat(*dice.pick(&[0, 0, 60, 400]));
    match dice.below(9) {
        0 | 1 => json!({"type": "take", "id": request}),
        2 | 3 if dice.one_in(5) => {
            json!({"type": "respond", "id": request, "error": {"code": -1, "message": text}})
        }
        2 | 3 => {
            let result = json!({"protocolVersion": "2025-11-25", "text": text});
            json!({"type": "respond", "id": request, "result": result})
        }
        4 | 5 => {
            json!({"type": "notify", "to": to, "method": "notifications/message", "params": {"text": text}})
        }
        6 => json!({"type": "call", "to": to, "method": "roots/list", "params": {"text": text}}),
        7 => {
            json!({"type": "cancel", "call": any(dice, subject.watch().unsettled().map(|(id, _)| id))})
        }
        _ => {
            json!({"type": "release_connection", "to": to, "retry": *dice.pick(&[None, Some(1_000)])})
        }
    }
}

fn session(subject: &Subject, dice: &mut Dice) -> u64 {
    let sessions = &subject.watch().sessions;
    let live = sessions.iter().filter(|(_, session)| session.ends == 0);
    if dice.one_in(10) {
        any(dice, sessions.keys().copied())
    } else {
        any(dice, live.map(|(&id, _)| id))
    }
}

/// One of these handles; 0, which is none, if there is none.
fn any(dice: &mut Dice, handles: impl Iterator<Item = u64>) -> u64 {
    let handles: Vec<_> = handles.collect();
    if handles.is_empty() {
        0
    } else {
        *dice.pick(&handles)
    }
}
