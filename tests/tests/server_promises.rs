//! Each promise's check of the server must be able to fail: a step of a real server is told wrongly, and
//! the check must say so.

use bytes::Bytes;
use mcp_sansio::{
    Body, CallId, ExchangeId, Handshake, Identity, Inspection, Instant, Notification, ObligationId,
    Server, ServerConfig, ServerEvent, ServerOutput, Withdrawal,
};
use mcp_sansio_tests::server::act::Act;
use mcp_sansio_tests::server::names::Names;
use mcp_sansio_tests::server::{Op, StepSeen, Watch, promises};
use serde_json::{Value, json};

/// A server with its books, and the step that was seen last.
struct Stage {
    server: Server,
    watch: Watch,
    now: Instant,
    key: String,
    act: Act,
    announced: Vec<(usize, Option<Instant>)>,
    after: Option<Instant>,
    outputs: Vec<ServerOutput>,
    inspection: Inspection,
}

impl Stage {
    /// A server with a session of `alice-4711`, one request that streams (exchange and id in `watch`),
    /// and one that nobody has taken.
    fn new() -> Self {
        let config = ServerConfig::new(Handshake::Core(Identity::new("promises", "1")));
        let server = Server::new(config.clone(), [0; 32]).expect("the configuration is right");
        let inspection = server.inspect();
        let mut stage = Self {
            server,
            watch: Watch::new(config),
            now: Instant::from_micros(0),
            key: String::new(),
            act: Act::Timeout,
            announced: Vec::new(),
            after: None,
            outputs: Vec::new(),
            inspection,
        };
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"roots": {}}});
        stage.well(post("initialize", 0, &params, None));
        let sessions = &stage.watch.sessions;
        let session = sessions.values().next().expect("a session");
        stage.key.clone_from(&session.key);
        stage.well(stage.request(1));
        let streaming = stage.newest_request();
        stage.well(json!({
            "type": "notify", "to": {"request": streaming}, "method": "notifications/message", "params": {"n": 1},
        }));
        stage.read_all();
        stage.well(stage.request(2));
        stage
    }

    fn request(&self, id: u64) -> Value {
        post("tools/call", id, &json!({"name": "work"}), Some(&self.key))
    }

    fn newest_request(&self) -> u64 {
        *self.watch.requests.keys().next_back().expect("a request")
    }

    fn streaming(&self) -> (u64, ExchangeId) {
        let (&id, request) = self.watch.requests.iter().next().expect("a request");
        (id, ExchangeId::from_u64(request.exchange))
    }

    /// A reader that takes each chunk.
    fn read_all(&mut self) {
        loop {
            let waits = self.watch.open().find(|(_, exchange)| exchange.in_hand);
            let Some(id) = waits.map(|(id, _)| id) else {
                return;
            };
            self.well(json!({"type": "written", "exchange": id}));
        }
    }

    /// Does something; what is then told of it can be tampered with.
    fn act(&mut self, input: Value) {
        let op: Op = serde_json::from_value(input).expect("an input");
        self.act = Act::of(&op, &Names::default());
        let made = self.act.apply(&mut self.server, self.now).made();
        self.watch.input(self.now, &self.act, made);
        if let Act::Accept {
            body: Some(body), ..
        } = &self.act
        {
            let id = made.expect("an exchange");
            Act::Chunk(id, body.clone()).apply(&mut self.server, self.now);
            Act::End(id).apply(&mut self.server, self.now);
        }
        self.announced = vec![(0, self.server.poll_timeout())];
        self.outputs = std::iter::from_fn(|| self.server.poll_output()).collect();
        self.inspection = self.server.inspect();
        self.after = self.server.poll_timeout();
    }

    fn well(&mut self, input: Value) {
        self.act(input);
        self.close_step("nothing is wrong yet", None);
    }

    /// Enters the step into the books and checks the promises.
    #[track_caller]
    fn close_step(&mut self, what: &str, broken: Option<&str>) {
        for output in &self.outputs {
            self.watch.output(self.now, output);
        }
        let step = StepSeen {
            now: self.now,
            act: &self.act,
            announced: &self.announced,
            after: self.after,
            outputs: &self.outputs,
            inspection: &self.inspection,
        };
        let verdict = promises::check(&self.watch, &step);
        let promise = verdict.as_ref().err().map(|verdict| verdict.promise);
        assert_eq!(promise, broken, "{what}: {verdict:?}");
    }
}

#[track_caller]
fn breaks(
    promise: &str,
    what: &str,
    input: impl FnOnce(&Stage) -> Value,
    tamper: impl FnOnce(&mut Stage),
) {
    let mut stage = Stage::new();
    let input = input(&stage);
    stage.act(input);
    tamper(&mut stage);
    stage.close_step(what, Some(promise));
}

fn post(method: &str, id: u64, params: &Value, session: Option<&str>) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    json!({"type": "post", "session": session, "principal": "alice-4711", "body": body})
}

fn timeout(_: &Stage) -> Value {
    json!({"type": "timeout"})
}

fn ask(stage: &Stage) -> Value {
    json!({"type": "call", "to": {"request": stage.streaming().0}, "method": "roots/list"})
}

fn chunk(exchange: ExchangeId, data: &'static str) -> ServerOutput {
    ServerOutput::Chunk {
        exchange,
        data: Bytes::from_static(data.as_bytes()),
    }
}

fn head(exchange: ExchangeId, body: Body) -> ServerOutput {
    ServerOutput::Head {
        exchange,
        status: 200,
        headers: Vec::new(),
        body,
    }
}

fn event(event: ServerEvent) -> ServerOutput {
    ServerOutput::Event(event)
}

fn untaken(stage: &Stage) -> ExchangeId {
    let request = &stage.watch.requests[&stage.newest_request()];
    ExchangeId::from_u64(request.exchange)
}

#[test]
fn p2_calls() {
    breaks("P2", "a call that is forgotten", ask, |stage| {
        stage.inspection.calls.clear();
    });
    breaks("P2", "a call without a deadline", ask, |stage| {
        stage.inspection.calls[0].deadline = None;
    });
    breaks("P2", "an outcome of nothing, twice", timeout, |stage| {
        let outcome = mcp_sansio::Outcome::Result(Bytes::from_static(b"{}"));
        let call = CallId::from_u64(4711);
        for _ in 0..2 {
            let outcome = outcome.clone();
            stage
                .outputs
                .push(event(ServerEvent::Settled { call, outcome }));
        }
    });
}

#[test]
fn p10_messages() {
    breaks(
        "P10",
        "a message that never came",
        |stage| stage.request(3),
        |stage| {
            let exchange = untaken(stage);
            let notification = Notification::new("notifications/x", None);
            stage.outputs.push(event(ServerEvent::Notification {
                exchange,
                session: None,
                notification,
            }));
        },
    );
}

#[test]
fn p11_heads_and_ends() {
    breaks("P11", "a second head", timeout, |stage| {
        stage.outputs.push(head(stage.streaming().1, Body::Stream));
    });
    breaks("P11", "a chunk before the head", timeout, |stage| {
        stage.outputs.push(chunk(untaken(stage), "data: {}\n\n"));
    });
    breaks("P11", "a chunk while one is in hand", ask, |stage| {
        stage
            .outputs
            .push(chunk(stage.streaming().1, "data: {}\n\n"));
    });
    breaks(
        "P11",
        "an end before the last chunk is taken",
        ask,
        |stage| {
            let exchange = stage.streaming().1;
            stage.outputs.push(ServerOutput::End { exchange });
        },
    );
    breaks("P11", "an exchange that is forgotten", timeout, |stage| {
        stage.inspection.exchanges.pop();
    });
    breaks("P11", "an exchange beyond its bound", timeout, |stage| {
        stage.inspection.exchanges[0].1 = Some(stage.now);
    });
}

#[test]
fn p12_silence() {
    breaks(
        "P12",
        "a head before anybody took the request",
        timeout,
        |stage| {
            let exchange = untaken(stage);
            stage.outputs.push(head(exchange, Body::Stream));
        },
    );
}

#[test]
fn p13_replay() {
    breaks("P13", "one id for two events", timeout, |stage| {
        let sent = stage.watch.sent.keys().next().expect("an event").clone();
        let data = format!("id: {sent}\ndata: {{\"other\":1}}\n\n").into();
        let exchange = stage.streaming().1;
        stage.outputs.push(ServerOutput::Chunk { exchange, data });
    });
    breaks("P13", "an id is left out", timeout, |stage| {
        let sent = stage.watch.sent.keys().next().expect("an event").clone();
        let (stream, _) = sent.split_once('-').expect("an id of ours");
        let data = format!("id: {stream}-3\ndata: {{}}\n\n").into();
        let exchange = stage.streaming().1;
        stage.outputs.push(ServerOutput::Chunk { exchange, data });
    });
    breaks("P13", "half an event", timeout, |stage| {
        stage.outputs.push(chunk(stage.streaming().1, "data: {}\n"));
    });
    breaks(
        "P13",
        "a stream that ends without the answer",
        timeout,
        |stage| {
            let (id, exchange) = stage.streaming();
            stage.outputs.push(ServerOutput::End { exchange });
            stage
                .inspection
                .exchanges
                .retain(|(open, _)| *open != exchange);
            stage
                .inspection
                .obligations
                .retain(|owed| owed.id.as_u64() != id);
            let (id, why) = (ObligationId::from_u64(id), Withdrawal::TimedOut);
            stage
                .outputs
                .push(event(ServerEvent::Withdrawn { id, why }));
        },
    );
}

#[test]
fn p14_bytes() {
    breaks("P14", "more than all limits", timeout, |stage| {
        stage.inspection.bytes = usize::MAX;
    });
}

#[test]
fn p15_deadlines() {
    breaks("P15", "outputs that nobody is told of", ask, |stage| {
        stage.announced = vec![(0, None)];
    });
    breaks("P15", "a deadline that stays due", timeout, |stage| {
        stage.after = Some(stage.now);
    });
    breaks("P15", "down, and waiting for something", timeout, |stage| {
        stage.outputs.push(event(ServerEvent::ShutDown));
    });
}

#[test]
fn p16_principals() {
    let foreign = |stage: &Stage| {
        let mut input = post("ping", 9, &json!({}), Some(&stage.key));
        input["principal"] = json!("bob-4711");
        input
    };
    breaks("P16", "a foreign session is served", foreign, |stage| {
        for output in &mut stage.outputs {
            if let ServerOutput::Head { status, .. } = output {
                *status = 200;
            }
        }
    });
}

#[test]
fn p17_requests() {
    breaks("P17", "a request that is forgotten", timeout, |stage| {
        stage.inspection.obligations.pop();
    });
    let respond =
        |stage: &Stage| json!({"type": "respond", "id": stage.streaming().0, "result": {}});
    breaks("P17", "answered and withdrawn", respond, |stage| {
        let (id, why) = (
            ObligationId::from_u64(stage.streaming().0),
            Withdrawal::Gone,
        );
        stage
            .outputs
            .push(event(ServerEvent::Withdrawn { id, why }));
    });
    breaks(
        "P17",
        "a pick-up bound that is not kept",
        timeout,
        |stage| {
            let last = stage.inspection.obligations.len() - 1;
            stage.inspection.obligations[last].deadline = Some(Instant::from_micros(60_000_000));
            stage.after = Some(Instant::from_micros(1));
        },
    );
}

#[test]
fn p18_secrets() {
    let mut stage = Stage::new();
    stage.now = Instant::from_micros(30_000_000);
    stage.act(json!({"type": "timeout"}));
    for output in &mut stage.outputs {
        if let ServerOutput::Event(ServerEvent::Notice(notice)) = output {
            notice.detail = format!("session {} is stuck", stage.key);
        }
    }
    stage.close_step("a session id in a notice", Some("P18"));
}
