//! What the application of a walk does.

use crate::dice::Dice;
use crate::op::{Error, Millis, Op, Options};
use crate::subject::Subject;
use mcp_sansio::{Era, Handshake};
use serde_json::{Value, json};

pub(super) fn asks(subject: &Subject, dice: &mut Dice) -> Op {
    let watch = subject.watch();
    let calls: Vec<_> = watch.calls.keys().copied().collect();
    // Now and then it answers what it need not answer any more.
    let asked: Vec<_> = if dice.one_in(6) {
        watch.obligations.keys().copied().collect()
    } else {
        watch.outstanding().collect()
    };
    let listens: Vec<_> = watch.listens.keys().copied().collect();
    let is_host = matches!(watch.config.handshake, Handshake::Host);
    let is_asked = watch.asked_for_credentials.is_some();
    match dice.below(17) {
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
        3..=7 if !asked.is_empty() => responds(*dice.pick(&asked), dice),
        8 if dice.one_in(12) => Op::Close,
        12..=14 if is_asked => Op::Authorize {
            granted: !dice.one_in(4),
        },
        // Now and then it has new credentials, or none, without being asked.
        16 if dice.one_in(3) => Op::Authorize {
            granted: dice.one_in(2),
        },
        9 if is_host => {
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
        10 => Op::Listen {
            params: Some(json!({"notifications": {
                "toolsListChanged": true,
                "promptsListChanged": dice.one_in(2),
                "resourceSubscriptions": ["file:///a"],
            }})),
            params_text: None,
            id: None,
        },
        11 if !listens.is_empty() => Op::Unlisten {
            listen: *dice.pick(&listens),
        },
        _ => calls_something(
            is_host && watch.config.versions.end().era() == Era::Modern,
            dice,
        ),
    }
}

fn calls_something(speaks_itself: bool, dice: &mut Dice) -> Op {
    let methods = [
        "tools/call",
        "tools/call",
        "tools/call",
        "prompts/get",
        "resources/read",
        "tools/list",
        "ping",
    ];
    let mut params =
        json!({"name": "work", "uri": "file:///a", "arguments": {"region": "\u{4e16} 1"}});
    if speaks_itself && dice.one_in(2) {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
    }
    Op::Call {
        method: (*dice.pick(&methods)).to_owned(),
        params: Some(params),
        params_text: None,
        options: options(dice),
        id: None,
    }
}

fn responds(id: u64, dice: &mut Dice) -> Op {
    let fails = dice.one_in(4);
    Op::Respond {
        id,
        result: (!fails).then(|| json!({"ok": true})),
        result_text: None,
        error: fails.then(|| Error {
            code: -1,
            message: "no".to_owned(),
            data: None::<Value>,
        }),
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
