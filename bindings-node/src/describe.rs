//! What is asked for seldom, or happens seldom, as JSON: failures, errors, looks inside.

use mcp_sansio::{
    CallId, ExchangeId, Failure, Inspection, Instant, Known, Lifeline, ObligationId, Owed, Refusal,
    RpcError, Story,
};
use serde_json::{Value, json};

use crate::headers::latin1;
use crate::machine::milliseconds;

pub(crate) fn error(error: &RpcError) -> Value {
    let data = error.data.as_ref();
    json!({
        "code": error.code,
        "message": error.message,
        "data": data.map(|text| String::from_utf8_lossy(text)),
    })
}

pub(crate) fn failure(failure: &Failure) -> Value {
    json!({
        "kind": failure.kind.as_str(),
        "execution": failure.execution.as_str(),
        "message": failure.to_string(),
        "story": story(&failure.story),
        "refusal": failure.refusal.as_ref().map(refusal),
        "rpcError": error(&failure.to_rpc_error()),
    })
}

/// Header values and the body have a character for each byte.
pub(crate) fn refusal(refusal: &Refusal) -> Value {
    let headers = refusal.headers.iter();
    let headers: Vec<_> = headers
        .map(|header| json!([header.name, latin1(&header.value)]))
        .collect();
    json!({"status": refusal.status, "headers": headers, "body": latin1(&refusal.body)})
}

pub(crate) fn story(story: &Story) -> Vec<Value> {
    let lines = story.lines().iter();
    lines
        .map(|line| {
            json!({
                "at": line.at.as_secs_f64() * 1e3,
                "exchange": line.exchange.map(ExchangeId::as_u64),
                "text": line.to_string(),
            })
        })
        .collect()
}

pub(crate) fn known(known: &Known) -> Value {
    json!({
        "version": known.version.as_str(),
        "era": known.version.era().as_str(),
        "session": known.session,
        "nextId": known.next_id,
        "httpSse": known.http_sse,
        "result": known.result.as_ref().map(|text| String::from_utf8_lossy(text)),
    })
}

pub(crate) fn inspection(inspection: &Inspection) -> Value {
    let exchanges = inspection.exchanges.iter();
    let exchanges: Vec<_> = exchanges
        .map(|&(id, end)| json!({"id": id.as_u64(), "deadline": end.map(milliseconds)}))
        .collect();
    json!({
        "calls": all(&inspection.calls, CallId::as_u64),
        "obligations": all(&inspection.obligations, ObligationId::as_u64),
        "exchanges": exchanges,
        "bytes": inspection.bytes,
    })
}

fn all<Id: Copy>(owed: &[Owed<Id>], number: impl Fn(Id) -> u64) -> Vec<Value> {
    let owed = owed.iter();
    owed.map(|one| {
        let lifelines = one.lifelines.iter();
        json!({
            "id": number(one.id),
            "method": one.method,
            "deadline": one.deadline.map(milliseconds),
            "lifelines": lifelines.map(|&lifeline| describe(lifeline)).collect::<Vec<_>>(),
            "story": story(&one.story),
        })
    })
    .collect()
}

fn describe(lifeline: Lifeline) -> Value {
    let at = |at: Instant| json!({"type": lifeline.as_str(), "at": milliseconds(at)});
    match lifeline {
        Lifeline::Exchange(id) => json!({"type": lifeline.as_str(), "id": id.as_u64()}),
        Lifeline::Question(id) => json!({"type": lifeline.as_str(), "id": id.as_u64()}),
        Lifeline::Resume(time) | Lifeline::Retry(time) => at(time),
        _ => json!({"type": lifeline.as_str()}),
    }
}
