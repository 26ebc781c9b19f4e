//! What a call costs the server: instructions in user space per sequential call, counted by callgrind, which
//! must be installed. `cargo bench -p mcp-sansio-tokio --bench served`.
//!
//! The client writes its requests by hand, in another process, on one connection. Each figure is the
//! difference between a long and a short run, so that starting up does not count. hyper alone, answering a
//! string, is the floor.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::convert::Infallible;
use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use http::Response;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use mcp_sansio_tokio::server::{Request, ResponseMode, Service};
use mcp_sansio_tokio::{Identity, RpcError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SHORT: u64 = 100;
const LONG: u64 = 600;

fn main() {
    let args: Vec<_> = env::args().collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    if let ["serve", kind] = args[1..] {
        return serve(kind);
    }
    for kind in ["hyper alone", "json", "sse"] {
        let counted = count(kind, LONG) - count(kind, SHORT);
        println!(
            "server, {kind}: {} instructions a call",
            counted / (LONG - SHORT)
        );
    }
}

/// Instructions of a server that gets so many calls.
fn count(kind: &str, calls: u64) -> u64 {
    let mut server = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args(["serve", kind])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("valgrind is installed");
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    let mut client = Client::connect(address.trim());
    for id in 0..calls {
        let params = json!({"name": "echo", "arguments": {"text": "hello"}});
        client.send(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}));
    }
    drop(client);
    let output = server.wait_with_output().unwrap();
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{report}");
    let collected = report
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .unwrap()
        .1;
    collected.trim().parse().unwrap()
}

/// A client of one connection.
struct Client {
    stream: BufReader<TcpStream>,
    session: String,
}

impl Client {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self {
            stream: BufReader::new(stream),
            session: String::new(),
        };
        let params = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}});
        client.session = client
            .send(
                &json!({"jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params}),
            )
            .unwrap_or_default();
        client
    }

    /// Sends a message, reads all of the response, and gives the session id in it.
    fn send(&mut self, message: &Value) -> Option<String> {
        let body = message.to_string();
        let session = match &*self.session {
            "" => String::new(),
            session => format!("mcp-session-id: {session}\r\nmcp-protocol-version: 2025-06-18\r\n"),
        };
        let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                    accept: application/json, text/event-stream";
        let length = body.len();
        let text = format!("{head}\r\n{session}content-length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
        let mut length = None;
        let mut session = None;
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("content-length", value)) => length = Some(value.parse().unwrap()),
                Some(("mcp-session-id", value)) => session = Some(value.to_string()),
                Some(_) => {}
                None if line.is_empty() => break,
                None => assert!(line.starts_with("HTTP/1.1 200"), "{line}"),
            }
        }
        match length {
            Some(length) => self.skip(length),
            None => while self.chunk() {},
        }
        session
    }

    fn chunk(&mut self) -> bool {
        let length = usize::from_str_radix(&self.line(), 16).unwrap();
        self.skip(length + 2);
        length > 0
    }

    fn skip(&mut self, length: usize) {
        self.stream.read_exact(&mut vec![0; length]).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_string()
    }
}

/// Serves one connection, until its client closes it.
#[tokio::main(flavor = "current_thread")]
async fn serve(kind: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let (stream, _) = listener.accept().await.unwrap();
    stream.set_nodelay(true).unwrap();
    let io = TokioIo::new(stream);
    let http = hyper::server::conn::http1::Builder::new();
    if kind == "hyper alone" {
        let service = hyper::service::service_fn(async |request: http::Request<_>| {
            drain(request.into_body()).await;
            let body =
                r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}]}}"#;
            let response = Response::builder().header("content-type", "application/json");
            Ok::<_, Infallible>(response.body(body.to_string()).unwrap())
        });
        // The client closes the connection, which may look like an error.
        let _ = http.serve_connection(io, service).await;
        return;
    }
    let mode = match kind {
        "sse" => ResponseMode::Sse,
        _ => ResponseMode::Adaptive,
    };
    let service = Service::builder(Identity::new("measured", "1.0"))
        .configure(|config| config.mode = mode)
        .serve(echo);
    let service = TowerToHyperService::new(service.unwrap());
    let _ = http.serve_connection(io, service).await;
}

async fn drain(body: hyper::body::Incoming) {
    let mut body = std::pin::pin!(body);
    while let Some(frame) =
        std::future::poll_fn(|cx| hyper::body::Body::poll_frame(body.as_mut(), cx)).await
    {
        frame.unwrap();
    }
}

/// What a typed tool does: reads its arguments, writes its content.
async fn echo(request: Request) -> Result<Output, RpcError> {
    let params: Params = request.params()?;
    Ok(Output {
        content: [Content {
            r#type: "text",
            text: params.arguments.text,
        }],
    })
}

#[derive(Deserialize)]
struct Params {
    arguments: Arguments,
}

#[derive(Deserialize)]
struct Arguments {
    text: String,
}

#[derive(Serialize)]
struct Output {
    content: [Content; 1],
}

#[derive(Serialize)]
struct Content {
    r#type: &'static str,
    text: String,
}
