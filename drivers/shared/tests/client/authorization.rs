//! Credentials: where they go, and who gets new ones when the server refuses them.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use super::buffer::Buffer;
use super::patience::{soon, until};
use super::server::{Reply, Request, Server};
use crate::driver::{
    Authorizer, CallError, CallOptions, Client, Execution, Failure, FailureKind, Recording,
    Unauthorized,
};
use macro_rules_attribute::apply;
use serde_json::json;

const CHALLENGE: &str = r#"Bearer resource_metadata="https://example.com/meta""#;
const STEP_UP: &str = r#"Bearer error="insufficient_scope", scope="files:write""#;

/// Has a token, and a way to another.
struct Keeper<F> {
    token: Mutex<&'static str>,
    asked: Mutex<Vec<Unauthorized>>,
    get_another: F,
}

impl<F> Keeper<F> {
    fn new(token: &'static str, get_another: F) -> Arc<Self> {
        Arc::new(Self {
            token: Mutex::new(token),
            asked: Mutex::default(),
            get_another,
        })
    }

    fn keep(&self, token: &'static str) {
        *self.token.lock().unwrap() = token;
    }

    fn asked(&self) -> Vec<Unauthorized> {
        self.asked.lock().unwrap().clone()
    }
}

impl<F, A> Authorizer for Keeper<F>
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Option<&'static str>> + Send,
{
    fn credentials(&self) -> Option<String> {
        Some(format!("Bearer {}", self.token.lock().unwrap()))
    }

    async fn authorize(&self, refused: Unauthorized) -> bool {
        self.asked.lock().unwrap().push(refused);
        let another = (self.get_another)().await;
        if let Some(token) = another {
            self.keep(token);
        }
        another.is_some()
    }
}

/// A server of the modern era that answers whoever has one of these tokens, and refuses others with 401.
fn guarded(tokens: &'static [&'static str]) -> Server {
    Server::raw(move |request, reply| {
        if has_token(request, tokens) {
            answer(request, reply)
        } else {
            reply.refusal("401 Unauthorized", CHALLENGE)
        }
    })
}

fn has_token(request: &Request, tokens: &[&str]) -> bool {
    let is_right = |token: &&str| {
        let line = format!("authorization: Bearer {token}");
        request.headers.contains(&line)
    };
    tokens.iter().any(is_right)
}

fn answer(request: &Request, reply: &mut Reply<'_>) -> std::io::Result<()> {
    reply.json(&request.result(&json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {"tools": {}},
        "content": [],
    })))
}

/// A server that refuses calls, but not the handshake, of whoever has another token than this one.
fn guarded_calls(token: &'static str) -> Server {
    Server::raw(move |request, reply| {
        if request.what() == "server/discover" || has_token(request, &[token]) {
            answer(request, reply)
        } else {
            reply.refusal("401 Unauthorized", CHALLENGE)
        }
    })
}

async fn connected<A: Authorizer>(server: &Server, authorizer: A) -> Client {
    let client = Client::builder(&server.url).authorizer(authorizer);
    soon(client.connect()).await.unwrap()
}

fn failed(error: CallError) -> Failure {
    match error {
        CallError::Failed(failure) => *failure,
        other => panic!("it failed otherwise: {other}"),
    }
}

/// Notes when it is dropped.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[apply(driven)]
async fn calls_that_were_refused_at_once_are_asked_for_once() {
    let server = Arc::new(guarded_calls("new"));
    let refusing = Arc::clone(&server);
    let keeper = Keeper::new("old", move || {
        let server = Arc::clone(&refusing);
        async move {
            until(|| server.seen("tools/call").len() == 3).await;
            Some("new")
        }
    });
    let client = connected(&server, Arc::clone(&keeper)).await;
    let calls = [1, 2, 3].map(|_| client.call_tool_with("echo", json!({}), CallOptions::default()));
    for call in calls {
        assert_eq!(soon(call).await.unwrap()["content"], json!([]));
    }
    let [asked] = &keeper.asked()[..] else {
        panic!("it is asked once");
    };
    assert_eq!(asked.refusal.status, 401);
    assert_eq!(asked.challenges().collect::<Vec<_>>(), [CHALLENGE]);
    assert!(!asked.calls.is_empty());
    let sent = server.seen("tools/call");
    let with = |token| sent.iter().filter(|call| has_token(call, &[token])).count();
    assert_eq!((with("old"), with("new")), (3, 3));
}

#[apply(driven)]
async fn a_handshake_waits_too() {
    let server = guarded(&["new"]);
    let keeper = Keeper::new("old", async || Some("new"));
    let client = connected(&server, Arc::clone(&keeper)).await;
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(keeper.asked().len(), 1);
    assert_eq!(server.seen("server/discover").len(), 2);
}

#[apply(driven)]
async fn without_new_credentials_the_refusal_stands() {
    let server = guarded_calls("new");
    let keeper = Keeper::new("old", async || None);
    let client = connected(&server, Arc::clone(&keeper)).await;
    for times in 1..=2 {
        let error = soon(client.call_tool("echo", json!({}))).await.unwrap_err();
        let failure = failed(error);
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert_eq!(failure.execution, Execution::Refused);
        let refusal = failure
            .refusal
            .expect("the challenge is for the application");
        assert_eq!(refusal.status, 401);
        let is_there = |header: &crate::driver::Header| header.value == CHALLENGE;
        assert!(refusal.headers.iter().any(is_there), "{refusal:?}");
        // A later call is a new reason to ask.
        assert_eq!(keeper.asked().len(), times);
    }
}

#[apply(driven)]
async fn a_scope_that_is_too_small_is_asked_for() {
    let server = Server::raw(|request, reply| match request.what() {
        "tools/call" if !has_token(request, &["wide"]) => reply.refusal("403 Forbidden", STEP_UP),
        _ => answer(request, reply),
    });
    let keeper = Keeper::new("narrow", async || Some("wide"));
    let client = connected(&server, Arc::clone(&keeper)).await;
    soon(client.call_tool("write", json!({}))).await.unwrap();
    let [asked] = &keeper.asked()[..] else {
        panic!("it is asked once");
    };
    assert_eq!(asked.refusal.status, 403);
    assert_eq!(asked.challenges().collect::<Vec<_>>(), [STEP_UP]);
}

#[apply(driven)]
async fn credentials_that_changed_on_their_own_are_used_without_asking() {
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = Server::raw(move |request, reply| match request.what() {
        "tools/call" if has_token(request, &["old"]) => {
            // An error is a test that has failed already.
            let _ = wait.lock().unwrap().recv();
            reply.refusal("401 Unauthorized", CHALLENGE)
        }
        _ => answer(request, reply),
    });
    let keeper = Keeper::new("old", async || None);
    let client = connected(&server, Arc::clone(&keeper)).await;
    let call = client.call_tool_with("echo", json!({}), CallOptions::default());
    server.saw("tools/call").await;
    keeper.keep("new");
    client.credentials_changed();
    go.send(()).unwrap();
    soon(call).await.unwrap();
    assert!(keeper.asked().is_empty());
}

#[apply(driven)]
async fn an_authorizer_that_hangs_is_given_up_and_asked_anew() {
    let server = guarded_calls("new");
    let times = AtomicUsize::new(0);
    let dropped = Arc::new(AtomicBool::default());
    let is_dropped = Arc::clone(&dropped);
    let keeper = Keeper::new("old", move || {
        let is_dropped = Arc::clone(&is_dropped);
        let is_first = times.fetch_add(1, Ordering::SeqCst) == 0;
        let guard = is_first.then(|| Guard(Arc::clone(&is_dropped)));
        async move {
            if guard.is_some() {
                pending::<()>().await;
            }
            // That the first is dropped is no answer to the second.
            until(|| is_dropped.load(Ordering::SeqCst)).await;
            Some("new")
        }
    });
    let client = Client::builder(&server.url)
        .authorizer(Arc::clone(&keeper))
        .configure(|config| config.timing.authorization = Duration::from_millis(50));
    let client = soon(client.connect()).await.unwrap();
    let error = soon(client.call_tool("echo", json!({}))).await.unwrap_err();
    let failure = failed(error);
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let story = format!("{failure:#}");
    assert!(story.contains("in time"), "{story}");
    // It may yet come to something, and is left alone as long as nobody asks again.
    assert!(!dropped.load(Ordering::SeqCst));
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(keeper.asked().len(), 2);
}

#[apply(driven)]
async fn closing_the_client_drops_what_the_authorizer_does() {
    let server = guarded_calls("new");
    let dropped = Arc::new(AtomicBool::default());
    let guard = Arc::clone(&dropped);
    let keeper = Keeper::new("old", move || {
        let guard = Guard(Arc::clone(&guard));
        async move {
            pending::<()>().await;
            drop(guard);
            None
        }
    });
    let client = connected(&server, Arc::clone(&keeper)).await;
    let call = client.call_tool_with("echo", json!({}), CallOptions::default());
    until(|| !keeper.asked().is_empty()).await;
    soon(client.close()).await;
    let failure = failed(soon(call).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Closed);
    until(|| dropped.load(Ordering::SeqCst)).await;
}

#[apply(driven)]
async fn an_authorizer_that_panics_has_no_credentials() {
    let server = guarded_calls("new");
    let keeper = Keeper::new("old", || async { panic!("on purpose") });
    let client = connected(&server, keeper).await;
    let failure = failed(soon(client.call_tool("echo", json!({}))).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Unauthorized);
}

#[apply(driven)]
async fn a_request_whose_credentials_panic_is_not_sent() {
    struct Panics;

    impl Authorizer for Panics {
        fn credentials(&self) -> Option<String> {
            panic!("on purpose")
        }

        async fn authorize(&self, _: Unauthorized) -> bool {
            false
        }
    }

    let server = guarded(&[]);
    let client = Client::builder(&server.url)
        .authorizer(Panics)
        .build()
        .unwrap();
    let failure = failed(soon(client.call_tool("echo", json!({}))).await.unwrap_err());
    assert_eq!(failure.execution, Execution::NotSent);
    let story = format!("{failure:#}");
    assert!(story.contains("authorizer panicked"), "{story}");
    assert_eq!(server.connections(), 0);
}

#[apply(driven)]
async fn credentials_are_in_the_header_and_nowhere_else() {
    let record = Buffer::default();
    let server = guarded(&["secret-2"]);
    let keeper = Keeper::new("secret-1", async || Some("secret-2"));
    let client = Client::builder(&server.url)
        .header("authorization", "Bearer of-no-use")
        .authorizer(keeper)
        .record(Recording::Whole, record.clone())
        .connect();
    let client = soon(client).await.unwrap();
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    soon(client.close()).await;
    let record = record.text();
    assert!(record.contains(r#""type":"unauthorized""#), "{record}");
    assert!(record.contains(r#""type":"authorize""#), "{record}");
    assert!(!record.contains("secret"), "{record}");
    for request in server.seen("tools/call") {
        let is_one = |line: &&String| line.starts_with("authorization: ");
        let lines: Vec<_> = request.headers.iter().filter(is_one).collect();
        assert_eq!(lines, ["authorization: Bearer secret-2"]);
    }
}

#[apply(driven)]
async fn a_machine_that_asks_where_nobody_has_credentials_is_told_so() {
    let server = guarded_calls("new");
    let client = Client::builder(&server.url).configure(|config| config.authorizer = true);
    let client = soon(client.connect()).await.unwrap();
    let failure = failed(soon(client.call_tool("echo", json!({}))).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Unauthorized);
}
