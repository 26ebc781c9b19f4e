//! What each move is, as an input.

use super::{Move, State};
use mcp_sansio_tests::op::{Millis, Octets, Options};
use mcp_sansio_tests::server::Op;
use mcp_sansio_tests::server::op::{Handle, Reason, To, Whole};
use serde_json::{Value, json};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";

impl State {
    /// A move as inputs; none if it has become impossible.
    pub(super) fn ops(&mut self, action: &Move) -> Vec<Op> {
        let op = self.op(action);
        let chunk = match action {
            Move::Go(exchange) => Some(self.chunk(*exchange)),
            _ => None,
        };
        chunk.into_iter().chain(op).collect()
    }

    fn op(&mut self, action: &Move) -> Option<Op> {
        let request = |id: u64| To::Request(Handle::Number(id));
        Some(match action {
            Move::Initialize => {
                let params = json!({"protocolVersion": LEGACY, "capabilities": {"roots": {}}});
                let id = self.next_id();
                post(&asks(&id, "initialize", &params))
            }
            Move::Initialized => {
                let session = self.sessions().last()?;
                let body = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
                self.in_session(session, body)?
            }
            Move::Request(session) => {
                let body = asks(&self.next_id(), "tools/call", &json!({"name": "work"}));
                self.in_session(*session, body)?
            }
            Move::Stranger(session) => {
                let body = asks(&self.next_id(), "tools/call", &json!({"name": "work"}));
                let mut whole = self.whole(*session)?;
                whole.principal = Some("somebody-else".to_owned());
                whole.body = Some(body);
                Op::Post(whole.into())
            }
            Move::Modern => self.modern("tools/call", json!({"name": "work"}), "tools/call"),
            Move::Mismatch => self.modern("tools/call", json!({"name": "work"}), "tools/list"),
            Move::Subscribe => {
                let params = json!({"notifications": {"toolsListChanged": true}});
                self.modern("subscriptions/listen", params, "subscriptions/listen")
            }
            Move::Begin(session) => self.begin(*session)?,
            Move::Go(exchange) => Op::End {
                exchange: Handle::Number(*exchange),
            },
            Move::Cancelled(exchange) => {
                let seen = self.subject.watch().exchanges.get(exchange)?;
                let session = self.subject.watch().session_of(seen.session.as_deref()?)?.0;
                let id = seen.messages().first()?["id"].clone();
                let body = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
                    "params": {"requestId": id}});
                self.in_session(session, body)?
            }
            Move::Get(session) => Op::Get(self.whole(*session)?.into()),
            Move::Resume(cursor) => {
                let watch = self.subject.watch();
                let given = watch.exchanges.values().find(|seen| {
                    let mut events = seen.events.iter();
                    events.any(|event| event.id.as_deref() == Some(cursor))
                })?;
                Op::Get(Box::new(Whole {
                    session: given.session.clone(),
                    version: Some(LEGACY.to_owned()),
                    cursor: Some(cursor.clone()),
                    ..Whole::default()
                }))
            }
            Move::Delete(session) => Op::Delete(self.whole(*session)?.into()),
            Move::Answer(session, wire) => {
                let body = json!({"jsonrpc": "2.0", "id": wire, "result": {"roots": []}});
                self.in_session(*session, body)?
            }
            Move::Gone(exchange) => Op::Gone {
                exchange: Handle::Number(*exchange),
            },
            Move::Written(exchange) => Op::Written {
                exchange: Handle::Number(*exchange),
            },
            Move::Take(id) => Op::Take {
                id: Handle::Number(*id),
                taken: None,
            },
            Move::Respond(id) => answer(*id, json!({"content": []})),
            Move::AskBack(id) => answer(
                *id,
                json!({"resultType": "input_required", "requestState": "s"}),
            ),
            Move::Notify(id) => notify(request(*id), "notifications/progress"),
            Move::NotifyAll => notify(To::All, "notifications/tools/list_changed"),
            Move::Call(id) => call(request(*id)),
            Move::CallSession(id) => call(To::Session(Handle::Number(*id))),
            Move::CancelCall(id) => Op::Cancel {
                call: Handle::Number(*id),
                reason: None,
            },
            Move::Release(id) => Op::ReleaseConnection {
                to: request(*id),
                retry: None,
            },
            Move::EndSession(id) => Op::EndSession {
                session: Handle::Number(*id),
                reason: Reason::HandlerReturned,
            },
            Move::ShutDown => Op::ShutDown {
                grace: Millis(1_000.0),
            },
            Move::Timeout => Op::Timeout,
        })
    }

    fn next_id(&mut self) -> Value {
        self.ids += 1;
        json!(self.ids)
    }

    fn whole(&self, session: u64) -> Option<Whole> {
        let session = self.subject.watch().sessions.get(&session)?;
        Some(Whole {
            session: Some(session.key.clone()),
            version: Some(LEGACY.to_owned()),
            ..Whole::default()
        })
    }

    fn in_session(&self, session: u64, body: Value) -> Option<Op> {
        let mut whole = self.whole(session)?;
        whole.body = Some(body);
        Some(Op::Post(whole.into()))
    }

    fn begin(&self, session: u64) -> Option<Op> {
        let session = self.subject.watch().sessions.get(&session)?;
        let headers = [
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-session-id", &session.key),
            ("mcp-protocol-version", LEGACY),
        ];
        Some(Op::Accept {
            id: None,
            method: "POST".to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), Octets::Text(value.to_owned())))
                .into(),
            principal: None,
        })
    }

    fn chunk(&mut self, exchange: u64) -> Op {
        let body = asks(&self.next_id(), "tools/call", &json!({"name": "work"}));
        Op::Chunk {
            exchange: Handle::Number(exchange),
            data: Some(body.to_string()),
            base64: None,
        }
    }

    fn modern(&mut self, method: &str, mut params: Value, header: &str) -> Op {
        params["_meta"] = json!({VERSION: MODERN, CAPABILITIES: {"elicitation": {}}});
        let name = params["name"].as_str().map(str::to_owned);
        let named = name.map(|name| ("mcp-name".to_owned(), Some(Octets::Text(name))));
        let method_header = Some(Octets::Text(header.to_owned()));
        let headers = [("mcp-method".to_owned(), method_header)];
        Op::Post(Box::new(Whole {
            headers: headers.into_iter().chain(named).collect(),
            version: Some(MODERN.to_owned()),
            body: Some(asks(&self.next_id(), method, &params)),
            ..Whole::default()
        }))
    }
}

fn asks(id: &Value, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn post(body: &Value) -> Op {
    Op::Post(Box::new(Whole {
        body: Some(body.clone()),
        ..Whole::default()
    }))
}

fn answer(id: u64, result: Value) -> Op {
    Op::Respond {
        id: Handle::Number(id),
        result: Some(result),
        result_text: None,
        error: None,
    }
}

fn notify(to: To, method: &str) -> Op {
    Op::Notify {
        to,
        method: method.to_owned(),
        params: Some(json!({"progressToken": "t", "progress": 1})),
        params_text: None,
    }
}

fn call(to: To) -> Op {
    Op::Call {
        to,
        method: "roots/list".to_owned(),
        params: None,
        params_text: None,
        options: Options::default(),
        id: None,
    }
}
