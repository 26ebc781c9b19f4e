//! Outputs as JSON, by the words of the format. Written apart from the core's own recorder, so that each
//! checks the other.

use super::events::{self, Event};
use crate::output::{base64, header_list, of_settled, payload, put};
use mcp_sansio::{Body, ExchangeId, ServerEvent, ServerOutput, SessionId};
use serde_json::{Value, json};

/// One output.
pub fn to_json(output: &ServerOutput) -> Value {
    match output {
        ServerOutput::Abort { exchange } => json!({"type": "abort", "exchange": exchange.as_u64()}),
        ServerOutput::End { exchange } => json!({"type": "end", "exchange": exchange.as_u64()}),
        ServerOutput::Chunk { exchange, data } => {
            let mut value = json!({"type": "chunk", "exchange": exchange.as_u64()});
            match str::from_utf8(data) {
                Ok(text) => put(&mut value, "data", Some(json!(text))),
                Err(_) => put(&mut value, "base64", Some(json!(base64(data)))),
            }
            value
        }
        ServerOutput::Head {
            exchange,
            status,
            headers,
            body,
        } => json!({
            "type": "head",
            "exchange": exchange.as_u64(),
            "status": status,
            "headers": header_list(headers),
            "body": match body {
                Body::Stream => json!("stream"),
                Body::Whole(body) if body.is_empty() => Value::Null,
                Body::Whole(body) => payload(body),
            },
        }),
        ServerOutput::Event(event) => of_event(event),
    }
}

/// The same for an expectation that names the events of a chunk instead of its text.
pub fn to_compare(expected: &Value, output: &ServerOutput) -> Value {
    let mut value = to_json(output);
    if expected.get("events").is_some()
        && let ServerOutput::Chunk { data, .. } = output
    {
        let events = events::read(data).map_or(Value::Null, |events| {
            events.iter().map(Event::to_json).collect()
        });
        put(&mut value, "events", Some(events));
    }
    value
}

fn of_event(event: &ServerEvent) -> Value {
    match event {
        ServerEvent::Notice(notice) => json!({
            "type": "notice",
            "kind": notice.kind.as_str(),
            "exchange": notice.exchange.map(ExchangeId::as_u64),
            "session": notice.session.map(SessionId::as_u64),
            "detail": notice.detail,
        }),
        ServerEvent::Notification {
            exchange,
            session,
            notification,
        } => {
            let mut value = json!({
                "type": "notification",
                "exchange": exchange.as_u64(),
                "session": session.map(SessionId::as_u64),
                "method": notification.method,
            });
            let params = notification.params.as_ref().map(|params| payload(params));
            put(&mut value, "params", params);
            value
        }
        ServerEvent::Progress { call, params } => {
            json!({"type": "progress", "call": call.as_u64(), "params": payload(params)})
        }
        ServerEvent::Request {
            id,
            exchange,
            session,
            version,
            method,
            params,
        } => {
            let mut value = json!({
                "type": "request",
                "id": id.as_u64(),
                "exchange": exchange.as_u64(),
                "session": session.map(SessionId::as_u64),
                "version": version.as_str(),
                "method": method,
            });
            let params = params.as_ref().map(|params| payload(params));
            put(&mut value, "params", params);
            value
        }
        ServerEvent::SessionEnded { session, reason } => json!({
            "type": "session_ended",
            "session": session.as_u64(),
            "reason": reason.as_str(),
        }),
        ServerEvent::SessionStarted {
            session,
            exchange,
            key,
            params,
        } => json!({
            "type": "session_started",
            "session": session.as_u64(),
            "exchange": exchange.as_u64(),
            "key": key,
            "params": payload(params),
        }),
        ServerEvent::Settled { call, outcome } => of_settled(*call, outcome),
        ServerEvent::ShutDown => json!({"type": "shut_down"}),
        ServerEvent::Withdrawn { id, why } => {
            json!({"type": "withdrawn", "id": id.as_u64(), "why": why.as_str()})
        }
        other => json!({"type": format!("{other:?}")}),
    }
}
