//! A server on loopback, and raw requests to it.

use std::future::Future;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use mcp_sansio_smol::server::{Builder, Service, ServiceHandle, serve};
use mcp_sansio_smol::{Client, Identity, Version};
use serde_json::{Value, json};
use smol::Timer;
use smol::net::TcpListener;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what must come, and fails the test if it does not.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    match select(pin!(future), Timer::after(PATIENCE)).await {
        Either::Left((output, _)) => output,
        Either::Right(_) => panic!("it never came"),
    }
}

/// Waits until it is so.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    soon(async {
        while !is_so() {
            Timer::after(Duration::from_millis(2)).await;
        }
    })
    .await;
}

pub(crate) fn builder() -> Builder {
    let mut identity = Identity::new("tested", "1.0");
    identity.capabilities = r#"{"tools":{"listChanged":true}}"#.into();
    Service::builder(identity)
}

pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let listener = smol::block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A server with its address.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) handle: ServiceHandle,
}

impl Site {
    pub(crate) fn new(service: Service) -> Self {
        let handle = service.handle();
        let (listener, address) = listen();
        smol::spawn(serve(listener, service)).detach();
        Self { address, handle }
    }

    /// A client that speaks this revision.
    pub(crate) fn client(&self, version: Version) -> Client {
        let url = format!("http://{}/mcp", self.address);
        let client = Client::builder(url)
            .configure(|config| config.versions = version..=version)
            .connect();
        smol::block_on(soon(client)).unwrap()
    }

    /// Sends a request of the modern era, and does not wait for anything.
    pub(crate) fn start(&self, method: &str) -> Raw {
        Raw::start(self.address, method)
    }
}

/// A response of which nothing is interpreted but lines.
pub(crate) struct Raw(pub(crate) BufReader<TcpStream>);

impl Raw {
    pub(crate) fn start(address: SocketAddr, method: &str) -> Self {
        let params = json!({"name": "any", "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let body = body.to_string();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            &stream,
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
             mcp-method: {method}\r\nmcp-name: any\r\ncontent-length: {}\r\n\r\n{body}",
            body.len(),
        )
        .unwrap();
        Self(BufReader::new(stream))
    }

    /// The next line that is not empty; `None` when the connection is closed.
    pub(crate) fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if !line.trim().is_empty() {
                return Some(line.trim().to_owned());
            }
        }
    }

    /// The rest of the head.
    pub(crate) fn head(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            match line.trim() {
                "" => return lines,
                line => lines.push(line.to_lowercase()),
            }
        }
    }

    /// A body whose length its head says.
    pub(crate) fn json(&mut self) -> Value {
        let head = self.head();
        let length = head
            .iter()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}
