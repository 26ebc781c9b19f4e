//! What the server says unasked.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};

use super::patience::{PATIENCE, soon, until};
use super::server::{Reply, Request, Server, notification};
use crate::driver::{Client, Event, RpcError, SessionChange};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

/// A server that asks something on the stream of each call, and gives what it was answered as the result.
fn asking(question: Value) -> Server {
    let answer: Arc<Mutex<Option<Value>>> = Arc::default();
    Server::raw(move |request, reply| match request.what() {
        "server/discover" => reply.empty("400 Bad Request"),
        "initialize" => reply.json(&request.result(&json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "serverInfo": {"name": "asking", "version": "1"},
        }))),
        "GET" => reply.empty("405 Method Not Allowed"),
        "response" => {
            *answer.lock().unwrap() = Some(request.body.clone());
            reply.empty("202 Accepted")
        }
        "tools/call" => {
            reply.stream()?;
            reply.event(&question)?;
            let answer = loop {
                if let Some(answer) = answer.lock().unwrap().take() {
                    break answer;
                }
                std::thread::yield_now();
            };
            reply.event(&request.result(&answer))?;
            reply.end()
        }
        _ => reply.empty("202 Accepted"),
    })
}

fn question() -> Value {
    json!({"jsonrpc": "2.0", "id": "q", "method": "roots/list", "params": {"deep": true}})
}

#[apply(driven)]
async fn a_handler_answers_the_servers_request() {
    let server = asking(question());
    let client = Client::builder(&server.url)
        .on_request(|request| async move {
            assert_eq!(request.method, "roots/list");
            Ok(json!({"roots": [], "asked": request.params}))
        })
        .connect();
    let client = soon(client).await.unwrap();
    let answer = soon(client.call_tool("ask", ())).await.unwrap();
    assert_eq!(answer["id"], "q");
    assert_eq!(
        answer["result"],
        json!({"roots": [], "asked": {"deep": true}})
    );
}

#[apply(driven)]
async fn a_handler_may_use_the_client() {
    let server = asking(question());
    let slot: Arc<OnceLock<Client>> = Arc::default();
    let own = Arc::clone(&slot);
    let client = Client::builder(&server.url)
        .on_request(move |_| {
            let client = own.get().expect("it is connected").clone();
            async move {
                client.notify("notifications/roots/list_changed", None);
                Ok(json!({"open": client.known().is_some()}))
            }
        })
        .connect();
    let client = soon(client).await.unwrap();
    assert!(slot.set(client.clone()).is_ok());
    let answer = soon(client.call_tool("ask", ())).await.unwrap();
    assert_eq!(answer["result"]["open"], true);
    server.saw("notifications/roots/list_changed").await;
    soon(client.close()).await;
}

#[apply(driven)]
async fn a_handlers_error_is_an_answer_too() {
    let server = asking(question());
    let client = Client::builder(&server.url)
        .on_request(|_| async { Err(RpcError::new(-1, "rejected by the user")) })
        .connect();
    let client = soon(client).await.unwrap();
    let answer = soon(client.call_tool("ask", ())).await.unwrap();
    assert_eq!(
        answer["error"],
        json!({"code": -1, "message": "rejected by the user"})
    );
}

#[apply(driven)]
async fn a_handler_that_panics_answers() {
    let server = asking(question());
    let client = Client::builder(&server.url)
        .on_request(|request| async move {
            assert!(
                request.params.is_none(),
                "this handler was written to panic"
            );
            Ok(Value::Null)
        })
        .connect();
    let client = soon(client).await.unwrap();
    let answer = soon(client.call_tool("ask", ())).await.unwrap();
    assert_eq!(answer["error"]["code"], -32603);
}

#[apply(driven)]
async fn without_a_handler_the_answer_is_that_there_is_none() {
    let server = asking(question());
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let answer = soon(client.call_tool("ask", ())).await.unwrap();
    assert_eq!(answer["error"]["code"], -32601);
}

#[apply(driven)]
async fn a_withdrawn_request_drops_its_handler() {
    struct Flag(Arc<AtomicBool>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    // What is withdrawn before its handler runs never reaches it.
    let (tell, told) = mpsc::channel();
    let told = Mutex::new(told);
    let server = Server::start(move |request, reply| {
        reply.stream()?;
        reply.event(&question())?;
        let runs = told.lock().unwrap().recv_timeout(PATIENCE);
        runs.map_err(io::Error::other)?;
        reply.event(&notification(
            "notifications/cancelled",
            &json!({"requestId": "q"}),
        ))?;
        reply.event(&request.result(&json!({})))?;
        reply.end()
    });
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&dropped);
    let client = Client::builder(&server.url)
        .on_request(move |_| {
            let flag = Flag(Arc::clone(&flag));
            let tell = tell.clone();
            async move {
                let _flag = flag;
                tell.send(()).unwrap();
                std::future::pending::<Result<Value, RpcError>>().await
            }
        })
        .connect();
    let client = soon(client).await.unwrap();
    soon(client.call_tool("ask", ())).await.unwrap();
    until(|| dropped.load(Ordering::SeqCst)).await;
    assert!(server.seen("response").is_empty());
}

/// How many notifications a chatty server sends with each call: more than an application may hold.
const MANY: usize = 100;

fn chatter(request: &Request, reply: &mut Reply<'_>) -> io::Result<()> {
    reply.stream()?;
    for n in 0..MANY {
        let params = json!({"uri": format!("test://{n}")});
        reply.event(&notification("notifications/resources/updated", &params))?;
    }
    reply.event(&request.result(&json!({})))?;
    reply.end()
}

#[apply(driven)]
async fn notifications_that_nobody_reads_delay_no_outcome() {
    let server = Server::start(chatter);
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let mut notifications = client.notifications();
    for _ in 0..3 {
        soon(client.call_tool("chat", ())).await.unwrap();
    }
    assert!(
        client.inspect().bytes > 0,
        "what finds no room waits in the machine, within its bounds"
    );
    let first = soon(notifications.next()).await.unwrap();
    assert_eq!(first.method, "notifications/resources/updated");
}

#[apply(driven)]
async fn reading_makes_room_for_what_waits_in_the_machine() {
    let server = Server::start(chatter);
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let mut notifications = client.notifications();
    soon(client.call_tool("chat", ())).await.unwrap();
    for n in 0..MANY {
        let notification = soon(notifications.next()).await.unwrap();
        let params: Value = serde_json::from_slice(&notification.params.unwrap()).unwrap();
        assert_eq!(params["uri"], format!("test://{n}"));
    }
}

#[apply(driven)]
async fn a_dropped_reader_makes_room_for_the_next() {
    let server = Server::start(chatter);
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let full = client.notifications();
    soon(client.call_tool("chat", ())).await.unwrap();
    drop(full);
    let mut fresh = client.notifications();
    soon(client.call_tool("chat", ())).await.unwrap();
    let first = soon(fresh.next()).await.unwrap();
    assert_eq!(first.params.unwrap(), r#"{"uri":"test://0"}"#);
}

#[apply(driven)]
async fn a_new_reader_ends_the_older_one_and_closing_ends_all() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let mut older = client.notifications();
    let mut newer = client.notifications();
    assert!(soon(older.next()).await.is_none());
    soon(client.close()).await;
    assert!(soon(newer.next()).await.is_none());
    assert!(soon(client.notifications().next()).await.is_none());
}

#[apply(driven)]
async fn events_tell_of_the_session() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let client = Client::builder(&server.url).build().unwrap();
    let mut events = client.events();
    soon(client.ping()).await.unwrap();
    let connected = async {
        loop {
            if let Event::Session { epoch, change } = events.next().await.unwrap() {
                break (epoch, change);
            }
        }
    };
    assert_eq!(soon(connected).await, (1, SessionChange::Connected));
}
