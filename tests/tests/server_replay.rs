//! Resumption, exhaustively: a small stream that is cut twice, at every point, with the client back before,
//! while and after events are made. Whatever happens, the client gets each event once, in order.

use mcp_sansio::{Handshake, Identity, Instant, ServerConfig, ServerOutput};
use mcp_sansio_tests::server::act::Returned;
use mcp_sansio_tests::server::{Op, Subject, events};
use serde_json::{Value, json};

/// Messages before the answer.
const MESSAGES: usize = 4;
/// Frames of the stream: the messages, and the answer.
const FRAMES: usize = MESSAGES + 1;

/// When what happens, counted in frames.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// Read by the client before the first cut.
    read: usize,
    /// Made before the first cut.
    made: usize,
    /// Made while nobody is connected.
    away: usize,
    /// Made after the client is back, before the second cut.
    back: usize,
    /// Read between the cuts.
    read_again: usize,
    /// The server is told that the connections broke; else it learns from the next one.
    told: bool,
}

#[test]
fn every_event_comes_once_wherever_the_stream_is_cut() {
    let mut plans = 0;
    for told in [true, false] {
        for made in 0..=FRAMES {
            for read in 0..=made {
                for away in 0..=FRAMES - made {
                    for back in 0..=FRAMES - made - away {
                        for read_again in 0..=made + away + back - read {
                            let plan = Plan {
                                read,
                                made,
                                away,
                                back,
                                read_again,
                                told,
                            };
                            check(plan);
                            plans += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(plans > 1_000, "{plans}");
}

fn check(plan: Plan) {
    let mut stage = Stage::new();
    stage.make(plan.made);
    stage.read(1 + plan.read); // The priming event comes first.
    stage.cut(plan.told);
    stage.make(plan.away);
    stage.resume();
    stage.make(plan.back);
    stage.read(plan.read_again);
    stage.cut(plan.told);
    stage.resume();
    while stage.made < FRAMES {
        stage.read(1);
        stage.make(1);
    }
    stage.read(FRAMES);
    let mut expected: Vec<_> = (1..=MESSAGES).map(message).collect();
    expected.push(json!({"jsonrpc": "2.0", "id": 1, "result": {"done": true}}));
    assert_eq!(stage.received, expected, "{plan:?}");
    assert!(stage.has_ended, "{plan:?}");
}

/// A client and its one request.
struct Stage {
    subject: Subject,
    key: String,
    request: u64,
    exchange: u64,
    /// The chunk that is with the client.
    in_hand: Option<Vec<u8>>,
    has_ended: bool,
    made: usize,
    received: Vec<Value>,
    cursor: Option<String>,
}

impl Stage {
    /// The request was taken, and its stream has begun.
    fn new() -> Self {
        let config = ServerConfig::new(Handshake::Core(Identity::new("replay", "1")));
        let mut subject = Subject::new(config, [0; 32]).expect("the configuration is right");
        subject.quick_reader = false;
        let mut stage = Self {
            subject,
            key: String::new(),
            request: 0,
            exchange: 0,
            in_hand: None,
            has_ended: false,
            made: 0,
            received: Vec::new(),
            cursor: None,
        };
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}});
        stage.act(json!({"type": "post", "body": request(0, "initialize", &params)}));
        let sessions = &stage.subject.watch().sessions;
        let session = sessions.values().next().expect("a session");
        stage.key.clone_from(&session.key);
        let body = request(1, "tools/call", &json!({"name": "work"}));
        stage.exchange = stage.act(json!({"type": "post", "session": stage.key, "body": body}));
        let requests = &stage.subject.watch().requests;
        stage.request = *requests.keys().next().expect("a request");
        stage.act(json!({"type": "take", "id": stage.request}));
        let at = Instant::from_micros(250_000);
        let timeout = serde_json::from_value(json!({"type": "timeout"})).expect("an input");
        let seen = kept(stage.subject.step(at, &timeout));
        stage.take_in(&seen.outputs);
        stage
    }

    fn act(&mut self, input: Value) -> u64 {
        let op: Op = serde_json::from_value(input).expect("an input");
        let seen = kept(self.subject.step(self.subject.now(), &op));
        if let Returned::Exchange(id) = seen.returned {
            self.exchange = id;
        }
        self.take_in(&seen.outputs);
        seen.returned.made().unwrap_or_default()
    }

    fn take_in(&mut self, outputs: &[ServerOutput]) {
        for output in outputs {
            match output {
                ServerOutput::Chunk { exchange, data } if exchange.as_u64() == self.exchange => {
                    self.in_hand = Some(data.to_vec());
                }
                ServerOutput::End { exchange } if exchange.as_u64() == self.exchange => {
                    self.has_ended = true;
                }
                _ => {}
            }
        }
    }

    fn make(&mut self, frames: usize) {
        for _ in 0..frames {
            self.made += 1;
            if self.made == FRAMES {
                self.act(json!({"type": "respond", "id": self.request, "result": {"done": true}}));
            } else {
                let message = message(self.made);
                let to = json!({"request": self.request});
                self.act(json!({
                    "type": "notify", "to": to, "method": message["method"], "params": message["params"],
                }));
            }
        }
    }

    /// Takes up to that many events.
    fn read(&mut self, events: usize) {
        for _ in 0..events {
            let Some(chunk) = self.in_hand.take() else {
                return;
            };
            for event in events::read(&chunk).expect("whole events") {
                self.cursor = event.id.clone().or_else(|| self.cursor.take());
                if let Some(message) = event.message()
                    && message != ""
                {
                    self.received.push(message);
                }
            }
            self.act(json!({"type": "written", "exchange": self.exchange}));
        }
    }

    fn cut(&mut self, told: bool) {
        if told {
            self.act(json!({"type": "gone", "exchange": self.exchange}));
        }
        self.in_hand = None;
        self.has_ended = false;
    }

    fn resume(&mut self) {
        let cursor = self.cursor.clone().expect("a priming event was read");
        self.exchange = u64::MAX; // Until the new one is known.
        let op = json!({"type": "get", "session": self.key, "cursor": cursor});
        let op: Op = serde_json::from_value(op).expect("an input");
        let seen = kept(self.subject.step(self.subject.now(), &op));
        self.exchange = seen.returned.made().expect("an exchange");
        self.take_in(&seen.outputs);
    }
}

fn kept<T>(seen: Result<T, mcp_sansio_tests::Broken>) -> T {
    seen.unwrap_or_else(|broken| panic!("{broken}"))
}

fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn message(n: usize) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"n": n}})
}
