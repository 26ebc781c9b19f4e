//! A client and a server, each under its relay, and the network between them.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_sansio::{
    Body, CallOptions, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, ClientRelay,
    ExchangeHead, ExchangeId, Handshake, Instant, ObligationId, RelayMessage, Relayed, Server,
    ServerConfig, ServerEvent, ServerInput, ServerOutput, ServerRelay, SessionId,
};
use serde_json::Value;

pub(super) struct Link {
    client: Client,
    above: ClientRelay,
    server: Server,
    below: ServerRelay,
    now: Instant,
    /// The server's exchange of each of the client's, and back.
    accepted: BTreeMap<ExchangeId, ExchangeId>,
    opened: BTreeMap<ExchangeId, ExchangeId>,
    /// What the host above has got.
    pub(super) up: Vec<RelayMessage>,
    /// What the host below has got.
    pub(super) down: Vec<RelayMessage>,
    pub(super) client_events: Vec<ClientEvent>,
    pub(super) server_events: Vec<ServerEvent>,
}

impl Link {
    pub(super) fn new() -> Self {
        let client = ClientConfig::new("http://localhost/mcp", Handshake::Host);
        let server = ServerConfig::new(Handshake::Host);
        Self {
            client: Client::new(client, [1; 32]).expect("a good configuration"),
            above: ClientRelay::default(),
            server: Server::new(server, [2; 32]).expect("a good configuration"),
            below: ServerRelay::default(),
            now: Instant::from_micros(0),
            accepted: BTreeMap::new(),
            opened: BTreeMap::new(),
            up: Vec::new(),
            down: Vec::new(),
            client_events: Vec::new(),
            server_events: Vec::new(),
        }
    }

    /// The host above says something.
    pub(super) fn ask(&mut self, text: &[u8]) {
        let options = CallOptions::default();
        self.above.send(&mut self.client, self.now, text, options);
        self.run();
    }

    /// The host below says something.
    pub(super) fn say(
        &mut self,
        session: Option<SessionId>,
        text: &[u8],
        via: Option<ObligationId>,
    ) {
        self.below
            .send(&mut self.server, self.now, session, text, via);
        self.run();
    }

    /// The host below begins with a request.
    pub(super) fn take(&mut self, id: ObligationId) -> bool {
        let is_there = self.server.take(self.now, id);
        self.run();
        is_there
    }

    pub(super) fn wait(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).expect("a short time");
        let end = Instant::from_micros(self.now.as_micros() + micros);
        let next = |link: &Self| {
            let times = [link.client.poll_timeout(), link.server.poll_timeout()];
            times.into_iter().flatten().min().filter(|at| *at <= end)
        };
        while let Some(at) = next(self) {
            self.now = self.now.max(at);
            self.client.handle_input(self.now, ClientInput::Timeout);
            self.server.handle_input(self.now, ServerInput::Timeout);
            self.run();
        }
        self.now = end;
    }

    /// Carries everything to where it is for, until nothing moves.
    fn run(&mut self) {
        loop {
            if let Some(output) = self.client.poll_output(true) {
                self.carry_down(output);
            } else if let Some(output) = self.server.poll_output() {
                self.carry_up(output);
            } else {
                return;
            }
        }
    }

    fn carry_down(&mut self, output: ClientOutput) {
        match output {
            ClientOutput::Open {
                exchange: opened,
                method,
                headers,
                body,
                ..
            } => {
                let mut fields: Vec<(&str, &[u8])> = vec![("host", b"localhost")];
                fields.extend(headers.iter().map(|header| (&*header.name, &*header.value)));
                let head = ExchangeHead {
                    method: method.as_str(),
                    headers: &fields,
                    principal: None,
                };
                let exchange = self.server.accept(self.now, head);
                self.accepted.insert(opened, exchange);
                self.opened.insert(exchange, opened);
                let data = &*body;
                let chunk = ServerInput::Chunk { exchange, data };
                self.server.handle_input(self.now, chunk);
                let end = ServerInput::End { exchange };
                self.server.handle_input(self.now, end);
            }
            ClientOutput::Abort { exchange } => {
                let exchange = self.accepted[&exchange];
                let gone = ServerInput::Gone { exchange };
                self.server.handle_input(self.now, gone);
            }
            ClientOutput::Event(event) => match self.above.receive(event) {
                Relayed::Message(message) => self.up.push(message),
                Relayed::Event(event) => self.client_events.push(event),
            },
        }
    }

    fn carry_up(&mut self, output: ServerOutput) {
        match output {
            ServerOutput::Head {
                exchange,
                status,
                headers,
                body,
            } => {
                let exchange = self.opened[&exchange];
                let headers: Vec<(&str, &[u8])> = headers
                    .iter()
                    .map(|header| (&*header.name, &*header.value))
                    .collect();
                let head = ClientInput::Head {
                    exchange,
                    status,
                    headers: &headers,
                };
                self.client.handle_input(self.now, head);
                if let Body::Whole(body) = body {
                    let data = &*body;
                    let chunk = ClientInput::Chunk { exchange, data };
                    self.client.handle_input(self.now, chunk);
                    let end = ClientInput::End { exchange };
                    self.client.handle_input(self.now, end);
                }
            }
            ServerOutput::Chunk { exchange, data } => {
                let data = &*data;
                let written = ServerInput::Written { exchange };
                self.server.handle_input(self.now, written);
                let exchange = self.opened[&exchange];
                let chunk = ClientInput::Chunk { exchange, data };
                self.client.handle_input(self.now, chunk);
            }
            ServerOutput::End { exchange } | ServerOutput::Abort { exchange } => {
                let exchange = self.opened[&exchange];
                let end = ClientInput::End { exchange };
                self.client.handle_input(self.now, end);
            }
            ServerOutput::Event(event) => match self.below.receive(event) {
                Relayed::Message(message) => self.down.push(message),
                Relayed::Event(event) => self.server_events.push(event),
            },
        }
    }

    /// Nothing is owed to anybody, and nothing is open but the standalone stream of a session.
    pub(super) fn assert_idle(&self, streams: usize) {
        let client = self.client.inspect();
        let server = self.server.inspect();
        assert_eq!(client.calls, []);
        assert_eq!(server.obligations, []);
        assert_eq!((client.obligations, server.calls), (vec![], vec![]));
        assert_eq!(server.exchanges.len(), streams);
    }
}

pub(super) fn value(message: &RelayMessage) -> Value {
    serde_json::from_slice(&message.text).expect("JSON text")
}
