//! What each move is, in inputs.

use super::moves::{Body, Event, Head, Move};
use super::{Peer, State};
use mcp_sansio::{Handshake, Method};
use mcp_sansio_tests::op::{Left, Octets, Options};
use mcp_sansio_tests::{ExchangeSeen, Op};
use serde_json::{Value, json};

const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";

impl State {
    pub(super) fn ops(&mut self, action: &Move) -> Vec<Op> {
        match *action {
            Move::Connect if self.host_speaks() => vec![initialize()],
            Move::Connect => vec![Op::Connect { id: None }],
            Move::Notify => vec![self.notification()],
            Move::Call(safe) => vec![call(safe)],
            Move::Cancel(call) => vec![Op::Cancel { call, reason: None }],
            Move::Close => vec![Op::Close],
            Move::Listen => vec![Op::Listen {
                params: Some(json!({"notifications": {"toolsListChanged": true}})),
                params_text: None,
                id: None,
            }],
            Move::Unlisten(listen) => vec![Op::Unlisten { listen }],
            Move::Respond(id) => vec![Op::Respond {
                id,
                result: Some(json!({})),
                result_text: None,
                error: None,
            }],
            Move::Right(id, peer) => right_ops(self, id, peer),
            Move::Authorize(granted) => vec![Op::Authorize { granted }],
            Move::Head(id, by) => vec![head(id, by)],
            Move::Event(id, event) => vec![Op::chunk(id, self.event(id, event).as_bytes())],
            Move::Body(id, body) => {
                let text = self.body(id, body);
                vec![Op::chunk(id, text.as_bytes()), Op::End { exchange: id }]
            }
            Move::End(exchange) | Move::Finish(exchange) => vec![Op::End { exchange }],
            Move::Fail(exchange, unsent) => vec![Op::Failed {
                exchange,
                sent: if unsent { Left::No } else { Left::Maybe },
                detail: "connection reset by peer".to_owned(),
            }],
            Move::Timeout => Vec::new(),
        }
    }
}

impl State {
    /// The text of an event, and its place among the ids of its stream.
    fn event(&mut self, exchange: u64, event: Event) -> String {
        let watch = self.subject.watch();
        let seen = watch.exchanges.get(&exchange);
        let request = seen.map_or(Value::Null, |seen| seen.body["id"].clone());
        let count = watch.fed.len();
        let tag = json!({"io.modelcontextprotocol/subscriptionId": request});
        let (has_id, message) = match event {
            Event::Answer(call) => {
                let result = json!({"resultType": "complete", "content": []});
                (
                    false,
                    json!({"jsonrpc": "2.0", "id": self.latest_id(call), "result": result}),
                )
            }
            Event::Initialized(exchange) => {
                let id = watch.exchanges.get(&exchange).map(|it| &it.body["id"]);
                let result = initialized("2024-11-05");
                (false, json!({"jsonrpc": "2.0", "id": id, "result": result}))
            }
            Event::Prime => (true, Value::Null),
            Event::Message => (
                true,
                json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "info", "data": count}}),
            ),
            Event::Progress(call) => {
                let token = watch.calls.get(&call).and_then(|call| call.tokens.last());
                (
                    true,
                    json!({"jsonrpc": "2.0", "method": "notifications/progress",
                    "params": {"progressToken": token, "progress": count}}),
                )
            }
            Event::Question => (
                true,
                json!({"jsonrpc": "2.0", "id": format!("q{count}"),
                "method": "sampling/createMessage", "params": {"n": count}}),
            ),
            Event::Acknowledgement => (
                false,
                json!({"jsonrpc": "2.0",
                "method": "notifications/subscriptions/acknowledged",
                "params": {"notifications": {"toolsListChanged": true}, "_meta": tag}}),
            ),
            Event::Change => (
                false,
                json!({"jsonrpc": "2.0",
                "method": "notifications/tools/list_changed", "params": {"n": count, "_meta": tag}}),
            ),
            Event::Result => (
                false,
                json!({"jsonrpc": "2.0", "id": request,
                "result": {"resultType": "complete", "_meta": tag}}),
            ),
        };
        let is_modern = seen.is_some_and(ExchangeSeen::is_modern);
        let stream = seen.and_then(|seen| seen.call).unwrap_or_default();
        let id = if has_id && !is_modern {
            let latest = self.cursors.entry(stream).or_default();
            *latest += 1;
            format!("id: e{stream}-{latest}\n")
        } else {
            String::new()
        };
        match event {
            Event::Prime => format!("{id}retry: 500\ndata:\n\n"),
            _ => format!("{id}data: {message}\n\n"),
        }
    }

    /// The text of a body.
    fn body(&self, exchange: u64, body: Body) -> String {
        let watch = self.subject.watch();
        let id = watch.exchanges.get(&exchange).map(|seen| &seen.body["id"]);
        let count = watch.fed.len();
        let question = json!({"q": {"method": "elicitation/create", "params": {"message": count}}});
        let error = |code: i64, supported: &str| {
            let data = json!({"supported": [supported]});
            json!({"code": code, "message": "no", "data": data})
        };
        let (member, value) = match body {
            Body::Result => ("result", json!({"resultType": "complete", "content": []})),
            Body::Question => (
                "result",
                json!({"resultType": "input_required", "inputRequests": question}),
            ),
            Body::Again => (
                "result",
                json!({"resultType": "input_required", "requestState": "s"}),
            ),
            Body::HeaderMismatch => ("error", error(-32020, "2026-07-28")),
            Body::OtherVersion => ("error", error(-32022, "2025-11-25")),
        };
        let mut message = json!({"jsonrpc": "2.0", "id": id});
        message[member] = value;
        message.to_string()
    }

    fn host_speaks(&self) -> bool {
        matches!(self.subject.watch().config.handshake, Handshake::Host)
    }

    fn notification(&self) -> Op {
        let method = if self.host_speaks() {
            "notifications/initialized"
        } else {
            "notifications/roots/list_changed"
        };
        Op::Notify {
            method: method.to_owned(),
            params: None,
            params_text: None,
        }
    }

    /// The JSON-RPC id of a call's latest sending.
    fn latest_id(&self, call: u64) -> Value {
        let watch = self.subject.watch();
        let latest = watch.calls.get(&call).and_then(|call| call.sendings.last());
        let latest = latest.and_then(|sent| watch.exchanges.get(sent));
        latest.map_or(Value::Null, |sent| sent.body["id"].clone())
    }
}

fn head(exchange: u64, head: Head) -> Op {
    let (status, content) = match head {
        Head::Json => (200, Some(JSON)),
        Head::Events => (200, Some(EVENTS)),
        Head::Status(status) => (status, None),
    };
    respond(exchange, status, content, None)
}

/// What this server does with a request that it serves.
fn right_ops(state: &State, id: u64, peer: Peer) -> Vec<Op> {
    let Some(seen) = state.subject.watch().exchanges.get(&id) else {
        return Vec::new();
    };
    let whole = |status, session: Option<&str>, body: &Value| {
        vec![
            respond(id, status, Some(JSON), session),
            Op::chunk(id, body.to_string().as_bytes()),
            Op::End { exchange: id },
        ]
    };
    let end = || Op::End { exchange: id };
    let answer = |result: Value| json!({"jsonrpc": "2.0", "id": seen.body["id"], "result": result});
    match (seen.method, seen.body["method"].as_str()) {
        _ if !peer.serves(seen) => {
            let error = json!({"code": -32600, "message": "not here"});
            whole(
                400,
                None,
                &json!({"jsonrpc": "2.0", "id": null, "error": error}),
            )
        }
        (Method::Get, _) if peer == Peer::Oldest => vec![
            respond(id, 200, Some(EVENTS), None),
            Op::chunk(id, b"event: endpoint\ndata: /messages\n\n"),
        ],
        (Method::Get, _) => vec![respond(id, 200, Some(EVENTS), None)],
        (Method::Delete, _) => vec![respond(id, 200, None, None), end()],
        _ if peer == Peer::Oldest => vec![respond(id, 202, None, None), end()],
        (_, Some("initialize")) => {
            let epochs = state.subject.watch().exchanges.values();
            let epochs = epochs.filter(|seen| seen.body["method"] == "initialize");
            let session = format!("session-{}", epochs.count());
            whole(200, Some(&session), &answer(initialized("2025-11-25")))
        }
        (_, Some("server/discover")) => whole(
            200,
            None,
            &answer(json!({"resultType": "complete",
                "supportedVersions": ["2026-07-28"], "capabilities": {}})),
        ),
        (_, Some("tools/list")) => {
            let region = json!({"type": "string", "x-mcp-header": "Region"});
            let schema = json!({"type": "object", "properties": {"region": region}});
            let tools = json!([{"name": "work", "inputSchema": schema}]);
            whole(
                200,
                None,
                &answer(json!({"resultType": "complete", "tools": tools})),
            )
        }
        (_, Some("subscriptions/listen")) => vec![respond(id, 200, Some(EVENTS), None)],
        (_, Some("ping")) => whole(200, None, &answer(json!({}))),
        _ => vec![respond(id, 202, None, None), end()],
    }
}

/// The result of a handshake.
fn initialized(version: &str) -> Value {
    let info = json!({"name": "s", "version": "1"});
    json!({"protocolVersion": version, "capabilities": {}, "serverInfo": info})
}

/// The handshake of an application that speaks for itself.
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

fn call(safe: bool) -> Op {
    let (method, params) = if safe {
        ("resources/read", json!({"uri": "file:///a"}))
    } else {
        (
            "tools/call",
            json!({"name": "work", "arguments": {"region": "eu"}}),
        )
    };
    Op::Call {
        method: method.to_owned(),
        params: Some(params),
        params_text: None,
        options: Options::default(),
        id: None,
    }
}

fn respond(exchange: u64, status: u16, content: Option<&str>, session: Option<&str>) -> Op {
    let content = content.map(|it| ("content-type", it));
    let session = session.map(|it| ("mcp-session-id", it));
    let headers = content.into_iter().chain(session);
    Op::Head {
        exchange,
        status,
        headers: headers
            .map(|(name, value)| (name.to_owned(), Octets::Text(value.to_owned())))
            .collect(),
    }
}
