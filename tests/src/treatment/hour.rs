//! P8: each kind of reconnect has its own budget and named refill; without calls of the host, the
//! exchanges started in an hour stay under a fixed number.

use super::{Failed, Run};
use crate::op::{Left, Octets, Op};
use mcp_sansio::{ClientEvent, ClientOutput, Instant};
use serde_json::{Value, json};
use std::collections::VecDeque;

const AN_HOUR: u64 = 60 * 60 * 1_000_000;
const MOST_DEADLINES: usize = 50_000;

/// What the server does with every exchange of that hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mood {
    /// An event stream that ends at once.
    Ends,
    /// An event stream with one new event id, that ends at once: a server that wants to be polled.
    Primes,
    /// 503.
    Refuses,
    /// 404, as if each session were lost; `initialize` and what belongs to it succeed.
    Forgets,
    /// No connection can be made.
    Unreachable,
    /// 401, whatever credentials the host comes with; and it comes with new ones each time that it is asked.
    Distrusts,
    /// A modern server that never comes to an answer: it asks for another round of each call, and breaks each
    /// subscription once that is open.
    Asks,
}

impl Mood {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ends,
        Self::Primes,
        Self::Refuses,
        Self::Forgets,
        Self::Unreachable,
        Self::Distrusts,
        Self::Asks,
    ];

    /// Exchanges that a client may start in the hour, however it was left. A server that wants to be
    /// polled is followed, at most every 2.5 s for each stream; nobody else is asked more than a few times.
    const fn most(self, streams: usize) -> usize {
        match self {
            Self::Primes => 1_500 * (1 + streams) + 50,
            // Ten rounds a call, unless more are configured.
            Self::Ends
            | Self::Asks
            | Self::Refuses
            | Self::Forgets
            | Self::Unreachable
            | Self::Distrusts => 50 + 10 * streams,
        }
    }
}

pub(super) fn run(run: &mut Run<'_>, mood: Mood) -> Result<(), Failed> {
    run.first(run.vector.steps.len())?;
    run.subject.room = true;
    let watch = run.subject.watch();
    let calls = watch.unsettled().count() + watch.listening().count();
    let mut todo: VecDeque<_> = run.subject.watch().open().map(|(id, _)| id).collect();
    let end = Instant::from_micros(run.subject.now().as_micros() + AN_HOUR);
    let mut opened = 0;
    for _ in 0..MOST_DEADLINES {
        while let Some(exchange) = todo.pop_front() {
            for op in answer(run, mood, exchange, opened) {
                let now = run.subject.now();
                let mut outputs = run.op(now, &op)?;
                if mood == Mood::Distrusts && outputs.iter().any(asks_for_credentials) {
                    outputs.extend(run.op(now, &Op::Authorize { granted: true })?);
                }
                opened += enqueue(&outputs, &mut todo);
            }
            if opened > mood.most(calls) {
                return Err(run.failed(
                    format!("{opened} exchanges were started in less than an hour"),
                    &[],
                ));
            }
        }
        match run.subject.client().poll_timeout() {
            Some(at) if at <= end => {
                let outputs = run.advance()?.unwrap_or_default();
                opened += enqueue(&outputs, &mut todo);
            }
            _ => return Ok(()),
        }
    }
    Err(run.failed(
        format!("more than {MOST_DEADLINES} deadlines in an hour"),
        &[],
    ))
}

fn enqueue(outputs: &[ClientOutput], todo: &mut VecDeque<u64>) -> usize {
    let before = todo.len();
    todo.extend(outputs.iter().filter_map(|output| match output {
        ClientOutput::Open { exchange, .. } => Some(exchange.as_u64()),
        _ => None,
    }));
    todo.len() - before
}

const fn asks_for_credentials(output: &ClientOutput) -> bool {
    matches!(
        output,
        ClientOutput::Event(ClientEvent::Unauthorized { .. })
    )
}

fn answer(run: &Run<'_>, mood: Mood, exchange: u64, count: usize) -> Vec<Op> {
    let end = Op::End { exchange };
    if run
        .subject
        .watch()
        .exchanges
        .get(&exchange)
        .is_some_and(|seen| seen.has_head)
    {
        return vec![end];
    }
    let head = |status, headers: &[(&str, &str)]| Op::Head {
        exchange,
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Octets::Text((*value).to_owned())))
            .collect(),
    };
    let stream = head(200, &[("content-type", "text/event-stream")]);
    match mood {
        Mood::Ends => vec![stream, end],
        Mood::Primes => vec![
            stream,
            Op::chunk(exchange, format!("id: hour-{count}\ndata:\n\n").as_bytes()),
            end,
        ],
        Mood::Refuses => vec![head(503, &[]), end],
        Mood::Distrusts => vec![head(401, &[("www-authenticate", "Bearer")]), end],
        Mood::Unreachable => vec![Op::Failed {
            exchange,
            sent: Left::No,
            detail: "connection refused".to_owned(),
        }],
        Mood::Forgets => {
            let body = body(run, exchange);
            match body["method"].as_str().unwrap_or_default() {
                "initialize" => {
                    let result = json!({
                        "protocolVersion": body["params"]["protocolVersion"],
                        "capabilities": {},
                        "serverInfo": {"name": "forgetful", "version": "1"},
                    });
                    let headers = [
                        ("content-type", "application/json"),
                        ("mcp-session-id", "session-of-the-hour"),
                    ];
                    vec![head(200, &headers), response(exchange, &body, &result), end]
                }
                "notifications/initialized" => vec![head(202, &[]), end],
                _ => vec![head(404, &[]), end],
            }
        }
        Mood::Asks => {
            let body = body(run, exchange);
            let json = head(200, &[("content-type", "application/json")]);
            match body["method"].as_str().unwrap_or_default() {
                "server/discover" => {
                    let result = json!({
                        "resultType": "complete",
                        "supportedVersions": ["2026-07-28"],
                        "capabilities": {},
                    });
                    vec![json, response(exchange, &body, &result), end]
                }
                "subscriptions/listen" => {
                    let tag = json!({"io.modelcontextprotocol/subscriptionId": body["id"]});
                    let acknowledged = json!({
                        "jsonrpc": "2.0",
                        "method": "notifications/subscriptions/acknowledged",
                        "params": {"_meta": tag, "notifications": {}},
                    });
                    let event = format!("data: {acknowledged}\n\n");
                    vec![stream, Op::chunk(exchange, event.as_bytes()), end]
                }
                "" => vec![head(405, &[]), end],
                _ => {
                    let result = json!({"resultType": "input_required", "requestState": "on"});
                    vec![json, response(exchange, &body, &result), end]
                }
            }
        }
    }
}

fn body(run: &Run<'_>, exchange: u64) -> Value {
    run.subject
        .watch()
        .exchanges
        .get(&exchange)
        .map(|seen| seen.body.clone())
        .unwrap_or_default()
}

fn response(exchange: u64, body: &Value, result: &Value) -> Op {
    let text = json!({"jsonrpc": "2.0", "id": body["id"], "result": result}).to_string();
    Op::chunk(exchange, text.as_bytes())
}
