//! The client against a tiny server of the HTTP+SSE transport of 2024-11-05.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::patience::soon;
use super::server::Server;
use crate::driver::{
    CallError, CallOptions, Client, Execution, FailureKind, Identity, Known, Version,
};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

/// What the server says on its stream next; `None` breaks the stream off.
type Said = Option<Value>;

/// Clients open a stream by GET, are told on it where to post, and find everything else on it. The tool `ask`
/// asks for the client's roots first, `fall` breaks the stream off.
fn http_sse() -> Server {
    let streams: Arc<Mutex<Vec<Sender<Said>>>> = Arc::default();
    let asking: Mutex<Option<Value>> = Mutex::default();
    Server::raw(move |request, reply| {
        let say = |said: Said| {
            let streams = streams.lock().expect("no test panics with the lock");
            let stream = streams.last().expect("a stream");
            stream.send(said).map_err(io::Error::other)
        };
        if request.verb == "GET" {
            let (sender, said): (_, Receiver<Said>) = channel();
            streams
                .lock()
                .expect("no test panics with the lock")
                .push(sender);
            reply.stream()?;
            reply.named("endpoint", "/messages?key=1")?;
            while let Ok(Some(message)) = said.recv() {
                reply.event(&message)?;
            }
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if request.path != "/messages?key=1" {
            return reply.empty("405 Method Not Allowed");
        }
        let name = request.body["params"]["name"].as_str();
        match (request.what(), name) {
            ("initialize", _) => say(Some(request.result(&json!({
                "protocolVersion": "2024-11-05",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "old", "version": "1"},
            }))))?,
            ("tools/call", Some("ask")) => {
                *asking.lock().expect("no test panics with the lock") = Some(request.body.clone());
                say(Some(
                    json!({"jsonrpc": "2.0", "id": "q", "method": "roots/list"}),
                ))?;
            }
            ("tools/call", Some("fall")) => say(None)?,
            ("tools/call", _) => say(Some(request.result(&json!({"content": []}))))?,
            ("response", _) => {
                let asked = asking.lock().expect("no test panics with the lock").take();
                let id = asked.expect("a question")["id"].clone();
                let answer = &request.body["result"];
                say(Some(json!({"jsonrpc": "2.0", "id": id, "result": answer})))?;
            }
            _ => {}
        }
        reply.empty("202 Accepted")
    })
}

async fn connect(server: &Server) -> Client {
    let mut identity = Identity::new("asked", "1.0");
    identity.capabilities = r#"{"roots":{}}"#.into();
    let client = Client::builder(&server.url)
        .identity(identity)
        .configure(|config| config.http_sse = true)
        .on_request(|_| async { Ok(json!({"roots": [{"uri": "file:///"}]})) });
    soon(client.connect()).await.unwrap()
}

#[apply(driven)]
async fn calls_are_posted_and_answered_on_the_stream() {
    let server = http_sse();
    let client = connect(&server).await;
    assert_eq!(client.version(), Some(Version::V2024_11_05));
    let result = soon(client.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(result, json!({"content": []}));
    let result = soon(client.call_tool("ask", json!({}))).await.unwrap();
    assert_eq!(result["roots"][0]["uri"], "file:///");
    assert_eq!(server.seen("GET").len(), 1);
    soon(client.close()).await;
    assert!(server.seen("DELETE").is_empty());
}

#[apply(driven)]
async fn a_known_one_is_not_looked_for_again() {
    let server = http_sse();
    let known: Known = {
        let client = connect(&server).await;
        let known = client.known().unwrap();
        soon(client.close()).await;
        known
    };
    assert!(known.http_sse);
    let probes = server.seen("server/discover").len();
    let client = Client::builder(&server.url).configure(|config| {
        config.http_sse = true;
        config.known = Some(known);
    });
    let client = soon(client.connect()).await.unwrap();
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(server.seen("server/discover").len(), probes);
    soon(client.close()).await;
}

#[apply(driven)]
async fn a_stream_that_breaks_off_settles_what_was_posted() {
    let server = http_sse();
    let client = connect(&server).await;
    let slow = client.call_tool_with("fall", json!({}), CallOptions::default());
    let error = soon(slow).await.unwrap_err();
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::ConnectionLost, "{error:#}");
    assert_eq!(failure.execution, Execution::Unknown);
    // The next call finds a new stream.
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(server.seen("GET").len(), 2);
    soon(client.close()).await;
}

#[apply(driven)]
async fn without_being_asked_to_the_client_does_not_go_back_to_it() {
    let server = http_sse();
    let Err(error) = soon(Client::connect(&server.url)).await else {
        panic!("the server speaks nothing newer");
    };
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    let refusal = failure.refusal.as_ref().expect("the server refused");
    assert_eq!(refusal.status, 405, "{error:#}");
    assert!(server.seen("GET").is_empty());
}
