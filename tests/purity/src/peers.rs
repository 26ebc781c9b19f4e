//! The two machines, and what carries between them: a driver whose network is a function call.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use mcp_sansio::{
    Answer, Body, Call, Client, ClientConfig, ClientEvent, ClientInput, ClientOutput, ExchangeHead,
    ExchangeId, Handshake, Header, Identity, Instant, Outcome, RpcError, Server, ServerConfig,
    ServerEvent, ServerInput, ServerOutput, Version,
};
use serde_json::Value;

/// Twice the number, as a tool of the server says when the client calls it.
///
/// # Panics
///
/// If the call does not come to that.
pub fn double(version: Version, number: u32) -> u32 {
    let mut peers = Peers::new(version);
    let params = format!(r#"{{"name":"double","arguments":{{"number":{number}}}}}"#);
    let call = Call::new("tools/call", Some(params.into()));
    peers.client.call(peers.now, call);
    let Outcome::Result(result) = peers.outcome() else {
        panic!("the call has no result");
    };
    let result: Value = serde_json::from_slice(&result).expect("a result is JSON");
    let double = result["structuredContent"]["double"].as_u64();
    u32::try_from(double.expect("the tool answers with it")).expect("it was half as large")
}

struct Peers {
    client: Client,
    server: Server,
    now: Instant,
    /// The client's exchange for each of the server's.
    exchanges: BTreeMap<ExchangeId, ExchangeId>,
}

impl Peers {
    fn new(version: Version) -> Self {
        let identity = || Handshake::Core(Identity::new("purity", "1"));
        let mut config = ClientConfig::new("http://localhost/mcp", identity());
        config.versions = version..=version;
        Self {
            client: Client::new(config, [1; 32]).expect("the settings are usable"),
            server: Server::new(ServerConfig::new(identity()), [2; 32]).expect("so are these"),
            now: Instant::from_micros(0),
            exchanges: BTreeMap::new(),
        }
    }

    /// Carries until the call is settled. When neither machine has anything to say, time passes.
    fn outcome(&mut self) -> Outcome {
        loop {
            let mut idle = true;
            while let Some(output) = self.client.poll_output(true) {
                idle = false;
                match output {
                    ClientOutput::Open {
                        exchange,
                        method,
                        headers,
                        body,
                        ..
                    } => self.request(exchange, method.as_str(), &headers, &body),
                    ClientOutput::Event(ClientEvent::Settled { outcome, .. }) => return outcome,
                    ClientOutput::Abort { .. } | ClientOutput::Event(_) => {}
                }
            }
            while let Some(output) = self.server.poll_output() {
                idle = false;
                self.perform(output);
            }
            if idle {
                let times = [self.client.poll_timeout(), self.server.poll_timeout()];
                let next = times.into_iter().flatten().min();
                self.now = next.expect("a call that is not settled has a deadline");
                self.client.handle_input(self.now, ClientInput::Timeout);
                self.server.handle_input(self.now, ServerInput::Timeout);
            }
        }
    }

    fn request(&mut self, of: ExchangeId, method: &str, headers: &[Header], data: &[u8]) {
        let exchange = {
            let own = headers.iter();
            let own = own.map(|header| (&*header.name, &*header.value));
            let host: (&str, &[u8]) = ("host", b"localhost");
            let head = ExchangeHead {
                method,
                headers: &own.chain([host]).collect::<Vec<_>>(),
                principal: None,
            };
            self.server.accept(self.now, head)
        };
        self.exchanges.insert(exchange, of);
        self.serve(ServerInput::Chunk { exchange, data });
        self.serve(ServerInput::End { exchange });
    }

    fn perform(&mut self, output: ServerOutput) {
        match output {
            ServerOutput::Head {
                exchange: of,
                status,
                headers,
                body,
            } => {
                let exchange = self.exchanges[&of];
                let headers = headers.iter();
                let headers = headers.map(|header| (&*header.name, &*header.value));
                self.tell(ClientInput::Head {
                    exchange,
                    status,
                    headers: &headers.collect::<Vec<_>>(),
                });
                if let Body::Whole(data) = body {
                    let data = &data;
                    self.tell(ClientInput::Chunk { exchange, data });
                    self.tell(ClientInput::End { exchange });
                }
            }
            ServerOutput::Chunk { exchange, data } => {
                self.serve(ServerInput::Written { exchange });
                let (exchange, data) = (self.exchanges[&exchange], &data);
                self.tell(ClientInput::Chunk { exchange, data });
            }
            ServerOutput::End { exchange } => {
                let exchange = self.exchanges[&exchange];
                self.tell(ClientInput::End { exchange });
            }
            ServerOutput::Event(ServerEvent::Request { id, params, .. }) => {
                self.server.take(self.now, id);
                self.server.respond(self.now, id, tool(params.as_deref()));
            }
            ServerOutput::Event(_) => {}
            ServerOutput::Abort { .. } => panic!("nothing goes wrong here"),
        }
    }

    fn tell(&mut self, input: ClientInput<'_>) {
        self.client.handle_input(self.now, input);
    }

    fn serve(&mut self, input: ServerInput<'_>) {
        self.server.handle_input(self.now, input);
    }
}

/// The server's application: it has one tool.
fn tool(params: Option<&[u8]>) -> Answer {
    let params = serde_json::from_slice::<Value>(params.unwrap_or_default());
    let number = params.ok().and_then(|params| {
        let number = params["arguments"]["number"].as_u64()?;
        (params["name"] == "double").then_some(number)
    });
    let Some(number) = number else {
        return Answer::Error(RpcError::new(
            -32602,
            "there is one tool, and it wants a number",
        ));
    };
    let double = number * 2;
    Answer::Result(format!(r#"{{"content":[],"structuredContent":{{"double":{double}}}}}"#).into())
}
