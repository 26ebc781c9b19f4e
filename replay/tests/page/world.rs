//! A client in a world of its own: a scripted server, a virtual clock, and a record of it all.

use mcp_sansio::{
    Call, Client, ClientConfig, ClientInput, ClientOutput, ExchangeId, Handshake, Identity,
    Instant, Method, Recording, Sent, TransportFailure, Version,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a page must not let through.
const HOSTILE: &str = "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">]]>\u{202e}&amp;'";

/// The record of a client that makes that many calls.
pub(crate) fn record(calls: u64, recording: Recording) -> String {
    let mut config = ClientConfig::new(
        "http://server.test/mcp",
        Handshake::Core(Identity::new("page", "1")),
    );
    config.versions = Version::V2024_11_05..=Version::V2025_11_25;
    config.recording = recording;
    let mut world = World {
        client: Client::new(config, [7; 32]).expect("a configuration"),
        queue: BTreeMap::new(),
        order: 0,
        now: 0,
    };
    world.client.connect(Instant::from_micros(0));
    world.drain();
    // Waves of calls, and quiet between them.
    for n in 0..calls {
        let at = 40_000 + n * 23_000 + (n / 9) * 1_400_000 + (n / 60) * 45_000_000;
        world.due(at, Due::Call(n));
    }
    world.run();
    world
        .client
        .close(Instant::from_micros(world.now + 500_000));
    world.now += 500_000;
    world.drain();
    world.run();
    let lines: Vec<_> = std::iter::from_fn(|| world.client.poll_record()).collect();
    lines.join("\n") + "\n"
}

struct World {
    client: Client,
    queue: BTreeMap<(u64, u64), Due>,
    order: u64,
    now: u64,
}

enum Due {
    Call(u64),
    Head(ExchangeId, u16, &'static str),
    Data(ExchangeId, String),
    End(ExchangeId),
    Lost(ExchangeId),
}

impl World {
    fn due(&mut self, at: u64, what: Due) {
        self.order += 1;
        self.queue.insert((at, self.order), what);
    }

    /// Until nothing is due any more and the client waits for nothing either.
    fn run(&mut self) {
        loop {
            let next = self.queue.keys().next().map(|(at, _)| *at);
            let timer = self.client.poll_timeout().map(Instant::as_micros);
            match (next, timer) {
                (None, None) => return,
                (Some(at), timer) if timer.is_none_or(|timer| at <= timer) => {
                    let Some((_, due)) = self.queue.pop_first() else {
                        return;
                    };
                    self.now = at.max(self.now);
                    self.happen(&due);
                }
                (_, Some(timer)) => {
                    self.now = timer.max(self.now);
                    let now = Instant::from_micros(self.now);
                    self.client.handle_input(now, ClientInput::Timeout);
                }
                (Some(_), None) => {}
            }
            self.drain();
        }
    }

    fn happen(&mut self, due: &Due) {
        let now = Instant::from_micros(self.now);
        match due {
            Due::Call(n) => {
                let name = match n % 10 {
                    0 => "search",
                    1 => "stream",
                    2 => "refused",
                    3 => "late",
                    4 => "breaks",
                    5 => HOSTILE,
                    _ => "echo",
                };
                let params = json!({"name": name, "arguments": {"n": n}});
                let mut call = Call::new("tools/call", Some(params.to_string().into()));
                call.options.progress = n % 10 == 1;
                call.options.idle = Some(std::time::Duration::from_secs(4));
                self.client.call(now, call);
            }
            Due::Head(exchange, status, media) => self.client.handle_input(
                now,
                ClientInput::Head {
                    exchange: *exchange,
                    status: *status,
                    headers: &[("content-type", media.as_bytes())],
                },
            ),
            Due::Data(exchange, text) => self.client.handle_input(
                now,
                ClientInput::Chunk {
                    exchange: *exchange,
                    data: text.as_bytes(),
                },
            ),
            Due::End(exchange) => {
                let exchange = *exchange;
                self.client.handle_input(now, ClientInput::End { exchange });
            }
            Due::Lost(exchange) => {
                let exchange = *exchange;
                let failure = TransportFailure {
                    sent: Sent::Maybe,
                    detail: "the connection was reset".to_owned(),
                };
                self.client
                    .handle_input(now, ClientInput::Failed { exchange, failure });
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output(true) {
            match output {
                ClientOutput::Open {
                    exchange,
                    method: Method::Post,
                    body,
                    ..
                } => {
                    let body = serde_json::from_slice(&body).unwrap_or_default();
                    self.answer(exchange, &body);
                }
                ClientOutput::Open {
                    exchange,
                    method: Method::Get,
                    ..
                } => self.due(
                    self.now + 3_000,
                    Due::Head(exchange, 200, "text/event-stream"),
                ),
                ClientOutput::Open { exchange, .. } => {
                    self.due(self.now + 900, Due::Head(exchange, 200, ""));
                    self.due(self.now + 950, Due::End(exchange));
                }
                _ => {}
            }
        }
    }

    /// What the server makes of a message, by the name of the tool.
    fn answer(&mut self, exchange: ExchangeId, body: &Value) {
        let now = self.now;
        let answer = |text: &str| json!({"jsonrpc": "2.0", "id": body["id"], "result": {"content": [{"type": "text", "text": text}]}});
        let event = |message: &Value| format!("data: {message}\n\n");
        let json_body = |world: &mut Self, after: u64, status: u16, message: &Value| {
            world.due(now + after, Due::Head(exchange, status, "application/json"));
            world.due(now + after + 40, Due::Data(exchange, message.to_string()));
            world.due(now + after + 80, Due::End(exchange));
        };
        match (body["method"].as_str(), body["params"]["name"].as_str()) {
            (Some("initialize"), _) => {
                let result = json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": HOSTILE, "version": "1"}});
                json_body(
                    self,
                    4_000,
                    200,
                    &json!({"jsonrpc": "2.0", "id": body["id"], "result": result}),
                );
            }
            (_, Some("search")) => json_body(self, 180_000, 200, &answer("found")),
            (_, Some("stream")) => {
                self.due(now + 5_000, Due::Head(exchange, 200, "text/event-stream"));
                let token = &body["params"]["_meta"]["progressToken"];
                for step in 1..=3_u64 {
                    let params =
                        json!({"progressToken": token, "progress": step, "message": HOSTILE});
                    let message = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
                    self.due(now + step * 60_000, Due::Data(exchange, event(&message)));
                }
                self.due(
                    now + 220_000,
                    Due::Data(exchange, event(&answer("streamed"))),
                );
                self.due(now + 220_100, Due::End(exchange));
            }
            (_, Some("refused")) => {
                let error = json!({"code": -32602, "message": format!("no such thing {HOSTILE}")});
                json_body(
                    self,
                    9_000,
                    200,
                    &json!({"jsonrpc": "2.0", "id": body["id"], "error": error}),
                );
            }
            (_, Some("late")) => {
                self.due(now + 6_000, Due::Head(exchange, 200, "text/event-stream"));
            }
            (_, Some("breaks")) => {
                self.due(now + 7_000, Due::Head(exchange, 200, "text/event-stream"));
                self.due(now + 30_000, Due::Lost(exchange));
            }
            (_, Some(_)) => json_body(self, 12_000, 200, &answer(HOSTILE)),
            _ => {
                self.due(now + 2_000, Due::Head(exchange, 202, ""));
                self.due(now + 2_050, Due::End(exchange));
            }
        }
    }
}
