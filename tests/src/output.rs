//! Outputs as JSON, by the words of the format. Written apart from the core's own recorder, so that each
//! checks the other.

use mcp_sansio::{
    CallId, ClientEvent, ClientOutput, ExchangeId, Failure, Header, ListenId, ListenState, Outcome,
    Refusal, RpcError, SessionChange, Source,
};
use serde_json::{Map, Value, json};

/// One output.
pub fn to_json(output: &ClientOutput) -> Value {
    match output {
        ClientOutput::Abort { exchange } => json!({"type": "abort", "exchange": exchange.as_u64()}),
        ClientOutput::Open {
            exchange,
            method,
            url,
            headers,
            body,
        } => json!({
            "type": "open",
            "exchange": exchange.as_u64(),
            "method": method.as_str(),
            "url": url,
            "headers": header_list(headers),
            "body": if body.is_empty() { Value::Null } else { payload(body) },
        }),
        ClientOutput::Event(event) => of_event(event),
    }
}

fn of_event(event: &ClientEvent) -> Value {
    match event {
        ClientEvent::Closed => json!({"type": "closed"}),
        ClientEvent::Listen { listen, state } => of_listen(*listen, state),
        ClientEvent::Notice(notice) => json!({
            "type": "notice",
            "kind": notice.kind.as_str(),
            "exchange": notice.exchange.map(ExchangeId::as_u64),
            "detail": notice.detail,
        }),
        ClientEvent::Notification {
            source,
            notification,
        } => {
            let mut value = json!({
                "type": "notification",
                "source": of_source(*source),
                "method": notification.method,
            });
            put(
                &mut value,
                "params",
                notification.params.as_ref().map(|params| payload(params)),
            );
            value
        }
        ClientEvent::Progress { call, params } => {
            json!({"type": "progress", "call": call.as_u64(), "params": payload(params)})
        }
        ClientEvent::Request {
            id,
            source,
            method,
            params,
        } => {
            let mut value = json!({
                "type": "request",
                "id": id.as_u64(),
                "source": of_source(*source),
                "method": method,
            });
            put(
                &mut value,
                "params",
                params.as_ref().map(|params| payload(params)),
            );
            value
        }
        ClientEvent::SessionChanged { epoch, change } => json!({
            "type": "session_changed",
            "epoch": epoch,
            "change": match change {
                SessionChange::Connected => json!("connected"),
                SessionChange::Reinitialized => json!("reinitialized"),
                SessionChange::Lost(failure) => json!({"lost": of_failure(failure)}),
                other => json!(format!("{other:?}")),
            },
        }),
        ClientEvent::Settled { call, outcome } => of_settled(*call, outcome),
        ClientEvent::Unauthorized { refusal, calls } => {
            let mut value = json!({
                "type": "unauthorized",
                "status": refusal.status,
                "calls": calls.iter().map(|call| call.as_u64()).collect::<Vec<_>>(),
            });
            for (name, told) in of_refusal(refusal) {
                put(&mut value, name, Some(told));
            }
            value
        }
        ClientEvent::Withdrawn { id, why } => {
            json!({"type": "withdrawn", "id": id.as_u64(), "why": why.as_str()})
        }
        other => json!({"type": format!("{other:?}")}),
    }
}

/// The outcome of a call, of either machine.
pub(crate) fn of_settled(call: CallId, outcome: &Outcome) -> Value {
    with_outcome(json!({"type": "settled", "call": call.as_u64()}), outcome)
}

fn with_outcome(mut value: Value, outcome: &Outcome) -> Value {
    let (name, what) = match outcome {
        Outcome::Result(result) => ("result", payload(result)),
        Outcome::Error(error) => ("error", of_error(error)),
        Outcome::Failed(failure) => ("failure", of_failure(failure)),
    };
    put(&mut value, name, Some(what));
    value
}

fn of_listen(listen: ListenId, state: &ListenState) -> Value {
    let mut value = json!({"type": "listen", "listen": listen.as_u64()});
    let (name, what) = match state {
        ListenState::Open { filter } => ("open", payload(filter)),
        ListenState::Gap => ("gap", json!(true)),
        ListenState::Ended(outcome) => ("ended", with_outcome(json!({}), outcome)),
        other => ("state", json!(format!("{other:?}"))),
    };
    put(&mut value, name, Some(what));
    value
}

fn of_failure(failure: &Failure) -> Value {
    let story: Vec<_> = failure
        .story
        .lines()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut value = json!({
        "kind": failure.kind.as_str(),
        "execution": failure.execution.as_str(),
        "story": story,
    });
    if let Some(refusal) = &failure.refusal {
        put(&mut value, "status", Some(json!(refusal.status)));
        let told = of_refusal(refusal).map(|(name, told)| (name.to_owned(), told));
        let told: Map<_, _> = told.into_iter().collect();
        put(&mut value, "refusal", Some(told.into()));
    }
    value
}

/// What a refusal says beside its status.
fn of_refusal(refusal: &Refusal) -> [(&'static str, Value); 2] {
    let body = match str::from_utf8(&refusal.body) {
        Ok(text) => json!({"data": text}),
        Err(_) => json!({"base64": base64(&refusal.body)}),
    };
    [
        ("headers", header_list(&refusal.headers).into()),
        ("body", body),
    ]
}

fn of_error(error: &RpcError) -> Value {
    let mut value = json!({"code": error.code, "message": error.message});
    put(
        &mut value,
        "data",
        error.data.as_ref().map(|data| payload(data)),
    );
    value
}

fn of_source(source: Source) -> Value {
    match source {
        Source::Call(call) => json!({"call": call.as_u64()}),
        Source::Listen(listen) => json!({"listen": listen.as_u64()}),
        Source::Standalone => json!("standalone"),
        other => json!(format!("{other:?}")),
    }
}

pub(crate) fn header_list(headers: &[Header]) -> Vec<Value> {
    headers
        .iter()
        .map(|header| match str::from_utf8(&header.value) {
            Ok(text) => json!([header.name, text]),
            Err(_) => json!([header.name, {"base64": base64(&header.value)}]),
        })
        .collect()
}

/// What the core hands out is JSON text. If it is not, the value says so, and equals nothing.
pub(crate) fn payload(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_else(
        |error| json!({"not JSON": error.to_string(), "text": String::from_utf8_lossy(text)}),
    )
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn put(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}
