//! Promises about the eras: what goes out in the modern one says in its headers what its body says, and
//! nothing of the legacy one goes out to a server that is known to be modern.

use super::Verdict;
use crate::watch::{ExchangeSeen, StepSeen, Watch};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_sansio::{ClientOutput, Era, Handshake, Method, Version};
use serde_json::Value;

/// E1: a modern POST carries the headers that mirror its body, and no session id.
pub(super) fn headers_mirror_the_body(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    for (id, exchange) in opened(watch, step) {
        // A host that speaks for itself may say less; what it says must be mirrored all the same.
        let says_all = matches!(watch.config.handshake, Handshake::Core(_));
        if exchange.is_modern() && (says_all || exchange.declared().is_some()) {
            mirrors(exchange).map_err(|what| format!("exchange {id}: {what}"))?;
        }
    }
    Ok(())
}

fn mirrors(exchange: &ExchangeSeen) -> Verdict {
    let body = &exchange.body;
    let method = body["method"].as_str().unwrap_or_default();
    let named = match method {
        "tools/call" | "prompts/get" => body["params"]["name"].as_str(),
        "resources/read" => body["params"]["uri"].as_str(),
        "tasks/cancel" | "tasks/get" | "tasks/update" => body["params"]["taskId"].as_str(),
        _ => None,
    };
    for (header, wanted) in [
        ("mcp-protocol-version", exchange.declared()),
        ("mcp-method", Some(method)),
        ("mcp-name", named),
        ("mcp-session-id", None),
        ("last-event-id", None),
    ] {
        let there = exchange.header(header);
        let found = there.map(decode).transpose()?;
        if found.as_deref() != wanted {
            return Err(format!(
                "the header {header} is {there:?}, where the body says {wanted:?}"
            ));
        }
    }
    for (name, value) in &exchange.headers {
        let twice = exchange.headers.iter().filter(|(other, _)| other == name);
        if name.starts_with("mcp-") && twice.count() > 1 {
            return Err(format!("the header {name} is there twice"));
        }
        if name.starts_with("mcp-param-") {
            let value = decode(value)?;
            if method != "tools/call" || !has_leaf(&body["params"]["arguments"], &value) {
                return Err(format!("no argument is what {name} says: {value:?}"));
            }
        }
    }
    Ok(())
}

/// The value that a mirroring header stands for (2026-07-28, transports, "Value Encoding").
fn decode(value: &str) -> Result<String, String> {
    let is_plain = |text: &str| text.bytes().all(|b| matches!(b, 0x20..=0x7e | b'\t'));
    if !is_plain(value) || value.trim() != value {
        return Err(format!("{value:?} cannot stand in a header"));
    }
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        None => Ok(value.to_owned()),
        Some(encoded) => STANDARD
            .decode(encoded)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| format!("{value:?} does not decode")),
    }
}

fn has_leaf(value: &Value, text: &str) -> bool {
    match value {
        Value::String(leaf) => leaf == text,
        Value::Number(leaf) => leaf.as_f64() == text.parse().ok(),
        Value::Bool(leaf) => leaf.to_string() == text,
        Value::Object(members) => members.values().any(|value| has_leaf(value, text)),
        Value::Null | Value::Array(_) => false,
    }
}

/// E2: to a server that is known to be modern go requests and notifications of that era only, as POSTs,
/// and never `notifications/cancelled`.
pub(super) fn modern_servers_hear_nothing_else(watch: &Watch, step: &StepSeen<'_>) -> Verdict {
    let modern = |version: Option<Version>| version.is_some_and(|v| v.era() == Era::Modern);
    let ours = matches!(watch.config.handshake, Handshake::Core(_));
    if !(ours && modern(step.spoke) && modern(step.speaks)) {
        return Ok(());
    }
    for (id, exchange) in opened(watch, step) {
        let body = &exchange.body;
        let hosts_own = matches!(step.op, crate::Op::Notify { .. });
        let wrong = exchange.method != Method::Post
            || !exchange.is_modern()
            || body["method"].is_null()
            || body["method"] == "notifications/initialized"
            || (body["method"] == "notifications/cancelled" && !hosts_own);
        if wrong {
            return Err(format!(
                "exchange {id} says {} {body} to a modern server",
                exchange.method.as_str()
            ));
        }
    }
    Ok(())
}

fn opened<'a>(
    watch: &'a Watch,
    step: &'a StepSeen<'_>,
) -> impl Iterator<Item = (u64, &'a ExchangeSeen)> {
    step.outputs.iter().filter_map(|output| match output {
        ClientOutput::Open { exchange, .. } => {
            let id = exchange.as_u64();
            watch.exchanges.get(&id).map(|exchange| (id, exchange))
        }
        _ => None,
    })
}

/// E3: no JSON-RPC id is used for two requests.
pub(super) fn ids_are_used_once(watch: &Watch) -> Verdict {
    watch
        .reused
        .first()
        .map_or(Ok(()), |what| Err(what.clone()))
}

/// E4: a further round of a call carries the server's `requestState` byte for byte and an answer to each of
/// its questions, and the params of the call stay as they were.
pub(super) fn rounds_go_on_exactly(watch: &Watch) -> Verdict {
    watch
        .misspoken
        .first()
        .map_or(Ok(()), |what| Err(what.clone()))
}
