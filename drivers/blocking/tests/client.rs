//! The blocking client, against a scripted server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use mcp_sansio_blocking::{
    Authorizer, CallError, CallOptions, Client, Execution, FailureKind, Filter, Identity,
    Recording, RpcError, SubscriptionEvent, Unauthorized, Ureq, Waited,
};
use serde_json::{Value, json};

#[path = "../../shared/tests/scripted/server.rs"]
#[expect(dead_code, reason = "other drivers' tests use more of it")]
mod server;

use server::{Server, notification};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what must come, and fails the test if it does not.
fn soon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, heard) = mpsc::channel();
    thread::spawn(move || tell.send(work()));
    heard.recv_timeout(PATIENCE).expect("it comes in time")
}

fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it never came to that");
        thread::sleep(Duration::from_millis(2));
    }
}

fn echo() -> Server {
    Server::start(|request, reply| {
        let text = &request.body["params"]["arguments"]["text"];
        reply.json(&request.result(&json!({"content": [{"type": "text", "text": text}]})))
    })
}

/// A server whose tool `silent` gets a stream on which nothing comes.
fn silent() -> Server {
    Server::start(|request, reply| {
        if request.body["params"]["name"] == "silent" {
            reply.stream()?;
            reply.wait_until_gone();
            return Ok(());
        }
        reply.json(&request.result(&json!({"content": []})))
    })
}

fn impatient(url: &str) -> Client {
    let builder = Client::builder(url).configure(|config| {
        config.timing.idle = Some(Duration::from_millis(100));
        config.timing.cancel = Duration::from_millis(100);
    });
    builder.connect().expect("it connects")
}

#[test]
fn a_call_brings_its_result() {
    let server = echo();
    let client = Client::connect(&server.url).unwrap();
    let result = client.call_tool("echo", json!({"text": "hi"})).unwrap();
    assert_eq!(result["content"][0]["text"], "hi");
    client.close();
    assert_eq!(server.seen("DELETE").len(), 1, "the session is ended");
    let error = client.call_tool("echo", ()).unwrap_err();
    assert!(
        matches!(&error, CallError::Failed(failure) if failure.kind == FailureKind::Closed),
        "{error}"
    );
}

#[test]
fn connections_are_used_again() {
    let server = echo();
    let client = Client::connect(&server.url).unwrap();
    for _ in 0..20 {
        client.call_tool("echo", ()).unwrap();
    }
    // What is told in the background may take one of its own.
    assert!(server.connections() <= 3, "{}", server.connections());
}

#[test]
fn a_silent_stream_ends_in_time_and_leaves_nothing_behind() {
    let server = silent();
    let client = impatient(&server.url);
    let error = client.call_tool("silent", ()).unwrap_err();
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert_eq!(failure.execution, Execution::Unknown);
    client.call_tool("echo", ()).unwrap();
    until(|| client.inspect().exchanges.is_empty());
}

#[test]
fn a_read_that_waits_is_broken_off() {
    let gone = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&gone);
    let server = Server::start(move |_, reply| {
        reply.stream()?;
        reply.wait_until_gone();
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let client = impatient(&server.url);
    let calls: Vec<_> = (0..20)
        .map(|_| client.call_tool_with("silent", (), CallOptions::default()))
        .collect();
    for call in calls {
        call.wait().unwrap_err();
    }
    until(|| gone.load(Ordering::SeqCst) == 20);
}

#[test]
fn an_exchange_that_is_broken_off_does_not_touch_the_next_on_its_connection() {
    let server = silent();
    let client = Arc::new(impatient(&server.url));
    let work: Vec<_> = (0..4)
        .map(|worker| {
            let client = Arc::clone(&client);
            thread::spawn(move || {
                for turn in 0..20 {
                    if (worker + turn) % 4 == 0 {
                        drop(client.call_tool_with("silent", (), CallOptions::default()));
                    }
                    client.call_tool("echo", ()).expect("it is answered");
                }
            })
        })
        .collect();
    for worker in work {
        worker.join().expect("every call was answered");
    }
}

#[test]
fn progress_is_an_iterator_that_ends_with_the_call() {
    let server = Server::start(|request, reply| {
        reply.stream()?;
        for step in 1..=3 {
            let token = &request.body["params"]["_meta"]["progressToken"];
            let params = json!({"progressToken": token, "progress": step});
            reply.event(&notification("notifications/progress", &params))?;
        }
        reply.event(&request.result(&json!({"content": []})))?;
        reply.end()
    });
    let client = Client::connect(&server.url).unwrap();
    let mut options = CallOptions::default();
    options.progress = true;
    let mut call = client.call_tool_with("slow", (), options);
    let progress = call.progress().expect("it was asked for");
    let steps = soon(move || {
        progress
            .map(|params| params["progress"].as_u64())
            .collect::<Vec<_>>()
    });
    assert_eq!(steps, [Some(1), Some(2), Some(3)]);
    call.wait().unwrap();
}

#[test]
fn a_handler_may_wait_even_for_a_call_of_its_own_client() {
    let server = Server::start(|request, reply| {
        if request.body["params"]["name"] == "inner" {
            return reply.json(&request.result(&json!({"content": ["inner"]})));
        }
        reply.stream()?;
        reply.event(&json!({"jsonrpc": "2.0", "id": "q", "method": "roots/list"}))?;
        thread::sleep(Duration::from_millis(50));
        reply.event(&request.result(&json!({"content": ["outer"]})))?;
        reply.end()
    });
    let own: Arc<Mutex<Option<Client>>> = Arc::default();
    let (held, (tell, heard)) = (Arc::clone(&own), mpsc::channel());
    let mut identity = Identity::new("test", "1");
    identity.capabilities = r#"{"roots":{}}"#.into();
    let client = Client::builder(&server.url)
        .identity(identity)
        .on_request(move |request| {
            let client = held.lock().unwrap().clone().expect("it is set");
            let inner = client.call_tool("inner", ()).expect("it is answered");
            let _ = tell.send((request.method, inner));
            Ok(json!({"roots": []}))
        })
        .connect()
        .unwrap();
    *own.lock().unwrap() = Some(client.clone());
    assert_eq!(
        client.call_tool("outer", ()).unwrap()["content"][0],
        "outer"
    );
    let (method, inner) = heard.recv_timeout(PATIENCE).expect("the handler ran");
    assert_eq!(
        (method.as_str(), &inner["content"][0]),
        ("roots/list", &json!("inner"))
    );
    until(|| !server.seen("response").is_empty());
    client.close();
    own.lock().unwrap().take();
}

#[test]
fn a_handler_that_fails_or_panics_answers() {
    for (handler, code) in [
        (refuse as fn(_) -> Result<Value, RpcError>, -32601),
        (panic, -32603),
    ] {
        let server = Server::start(|request, reply| {
            reply.stream()?;
            reply.event(&json!({"jsonrpc": "2.0", "id": "q", "method": "roots/list"}))?;
            thread::sleep(Duration::from_millis(50));
            reply.event(&request.result(&json!({"content": []})))?;
            reply.end()
        });
        let mut identity = Identity::new("test", "1");
        identity.capabilities = r#"{"roots":{}}"#.into();
        let builder = Client::builder(&server.url).identity(identity);
        let client = builder.on_request(handler).connect().unwrap();
        client.call_tool("ask", ()).unwrap();
        until(|| !server.seen("response").is_empty());
        assert_eq!(server.seen("response")[0].body["error"]["code"], code);
    }
}

fn refuse(_: mcp_sansio_blocking::ServerRequest) -> Result<Value, RpcError> {
    Err(RpcError::new(-32601, "not here"))
}

fn panic(_: mcp_sansio_blocking::ServerRequest) -> Result<Value, RpcError> {
    panic!("as it is meant to")
}

#[test]
fn an_authorizer_may_take_its_time() {
    struct Tokens(AtomicUsize);
    impl Authorizer for Tokens {
        fn credentials(&self) -> Option<String> {
            Some(format!("Bearer {}", self.0.load(Ordering::SeqCst)))
        }
        fn authorize(&self, refused: Unauthorized) -> bool {
            assert_eq!(refused.challenges().collect::<Vec<_>>(), ["Bearer"]);
            thread::sleep(Duration::from_millis(20));
            self.0.fetch_add(1, Ordering::SeqCst);
            true
        }
    }
    let server = Server::start(|request, reply| {
        if request
            .headers
            .contains(&"authorization: Bearer 1".to_owned())
        {
            return reply.json(&request.result(&json!({"content": []})));
        }
        reply.refusal("401 Unauthorized", "Bearer")
    });
    let tokens = Arc::new(Tokens(AtomicUsize::new(0)));
    let builder = Client::builder(&server.url).authorizer(Arc::clone(&tokens));
    let client = builder.connect().unwrap();
    client.call_tool("echo", ()).unwrap();
    assert_eq!(tokens.0.load(Ordering::SeqCst), 1);
}

#[test]
fn messages_are_waited_for_as_long_as_one_likes() {
    let server = Server::start(|request, reply| {
        reply.stream()?;
        reply.event(&notification("notifications/message", &json!({"data": 1})))?;
        reply.event(&request.result(&json!({"content": []})))?;
        reply.end()
    });
    let client = Client::connect(&server.url).unwrap();
    let mut notifications = client.notifications();
    assert_eq!(
        notifications.next_within(Duration::from_millis(10)),
        Waited::Nothing
    );
    client.call_tool("echo", ()).unwrap();
    let notification = notifications.next().expect("there is one");
    assert_eq!(notification.method, "notifications/message");
    client.close();
    assert_eq!(notifications.next_within(PATIENCE), Waited::Ended);
}

#[test]
fn a_subscription_to_a_server_of_the_legacy_era_says_so() {
    let server = echo();
    let client = Client::connect(&server.url).unwrap();
    let events: Vec<_> = client.listen(Filter::default().tools()).collect();
    assert!(
        matches!(&events[..], [SubscriptionEvent::Ended(_)]),
        "{events:?}"
    );
}

#[test]
fn a_server_that_is_not_there_was_sent_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::connect(url).map(drop).unwrap_err();
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.execution, Execution::NotSent);
}

#[test]
fn a_wrong_url_is_said_before_anything_is_done() {
    for url in ["", "no url", "ftp://example.com/mcp"] {
        let error = Client::connect(url).map(drop).unwrap_err();
        assert!(matches!(&error, CallError::Setup(_)), "{url}: {error}");
    }
}

#[test]
fn the_record_of_a_run_is_written() {
    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (server, record) = (echo(), Buffer::default());
    let builder = Client::builder(&server.url).record(Recording::Whole, record.clone());
    let client = builder.connect().unwrap();
    client.call_tool("echo", ()).unwrap();
    client.close();
    let lines = String::from_utf8(record.0.lock().unwrap().clone()).unwrap();
    assert!(lines.lines().count() > 10, "{lines}");
    assert!(lines.contains(r#""method":"tools/call""#), "{lines}");
}

#[test]
fn settings_of_the_application_are_kept() {
    let server = echo();
    let http = Ureq::with(|settings| settings.proxy(None).user_agent("mine/1.0"));
    let client = Client::builder(&server.url)
        .http_client(http)
        .connect()
        .unwrap();
    client.call_tool("echo", ()).unwrap();
    let headers = &server.seen("tools/call")[0].headers;
    assert!(
        headers.contains(&"user-agent: mine/1.0".to_owned()),
        "{headers:?}"
    );
}
