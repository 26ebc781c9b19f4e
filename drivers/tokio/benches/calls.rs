//! What a call costs this side of the socket: instructions in user space per sequential call, counted by
//! callgrind, which must be installed. `cargo bench -p mcp-sansio-tokio`.
//!
//! The server runs in another process and is not counted. Each figure is the difference between a long
//! and a short run, so that starting up does not count either.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

#[expect(dead_code, reason = "made for the tests; the bench uses a part of it")]
#[path = "../../shared/tests/scripted/server.rs"]
mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::{env, thread};

use mcp_sansio_tokio::{Client, client_builder};
use serde_json::json;
use support::Server;

const SHORT: u64 = 100;
const LONG: u64 = 600;

fn main() {
    let args: Vec<_> = env::args().collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[1..] {
        ["serve", kind] => serve(kind),
        ["run", who, url, calls] => run(who, url, calls.parse().unwrap()),
        _ => {
            for (who, kind) in [
                ("client", "json"),
                ("client", "sse"),
                ("reqwest alone", "json"),
                ("reqwest alone", "sse"),
            ] {
                let (mut server, url) = start(kind);
                let counted = count(who, &url, LONG) - count(who, &url, SHORT);
                println!(
                    "{who}, {kind}: {} instructions a call",
                    counted / (LONG - SHORT)
                );
                server.kill().unwrap();
                server.wait().unwrap();
            }
        }
    }
}

/// A server in a process of its own.
fn start(kind: &str) -> (Child, String) {
    let mut server = Command::new(env::current_exe().unwrap())
        .args(["serve", kind])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    (server, url.trim().to_string())
}

fn serve(kind: &str) {
    let sse = kind == "sse";
    let server = Server::start(move |request, reply| {
        let text = &request.body["params"]["arguments"]["text"];
        let answer = request.result(&json!({"content": [{"type": "text", "text": text}]}));
        if !sse {
            return reply.json(&answer);
        }
        reply.stream()?;
        reply.event(&answer)?;
        reply.end()
    });
    println!("{}", server.url);
    loop {
        thread::park();
    }
}

/// Instructions of a run with so many calls.
fn count(who: &str, url: &str, calls: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args(["run", who, url, &calls.to_string()])
        .output()
        .expect("valgrind is installed");
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{report}");
    let collected = report
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .unwrap()
        .1;
    collected.trim().parse().unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn run(who: &str, url: &str, calls: u64) {
    let arguments = json!({"text": "hello"});
    if who == "client" {
        let client = Client::connect(url).await.unwrap();
        for _ in 0..calls {
            client.call_tool("echo", &arguments).await.unwrap();
        }
        client.close().await;
        return;
    }
    let http = client_builder().build().unwrap();
    for id in 0..calls {
        let params = json!({"name": "echo", "arguments": arguments});
        let body = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        let request = http
            .post(url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(body.to_string());
        request.send().await.unwrap().bytes().await.unwrap();
    }
}
