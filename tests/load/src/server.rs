//! Our server under test: `mcp-sansio-load server MODE`, started by the tests as a process of its own.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mcp_sansio_tokio::server::{Request, ResponseMode, ServerConfig, Service};
use mcp_sansio_tokio::{Identity, RpcError};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

use crate::meter;

/// One step of the tool `slow`.
const STEP: Duration = Duration::from_millis(20);
/// How long a reader may stand still under the soak.
const STALL: Duration = Duration::from_secs(1);

/// How long a session may be unused under the soak.
pub(crate) const IDLE: Duration = Duration::from_secs(12);

/// Serves until standard input ends.
pub(crate) async fn run(mode: &str) -> Result<()> {
    let mut identity = Identity::new("mcp-sansio load", env!("CARGO_PKG_VERSION"));
    identity.capabilities = r#"{"tools":{}}"#.into();
    let mut stall = Duration::from_secs(60);
    let mut builder = Service::builder(identity).abort_withdrawn();
    match mode {
        "adaptive" => {}
        "sse" => builder = builder.configure(|config| config.mode = ResponseMode::Sse),
        "stateless" => {
            builder = builder.configure(|config| {
                config.mode = ResponseMode::Json;
                config.sessions = false;
            });
        }
        "soak" => {
            stall = STALL;
            builder = builder.configure(hurry);
        }
        other => bail!("there is no mode {other:?}"),
    }
    let service = builder.serve(answer)?;
    let handle = service.handle();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/mcp", listener.local_addr()?);
    let connections = Arc::new(AtomicI64::new(0));
    tokio::spawn(accept(listener, service, Arc::clone(&connections), stall));
    meter::answer(&url, || {
        let held = handle.inspect();
        let counters = handle.counters();
        json!({
            "requests": held.obligations.len(),
            "calls": held.calls.len(),
            "exchanges": held.exchanges.len(),
            "bytes": held.bytes,
            "sessions": handle.sessions().len(),
            "connections": connections.load(Ordering::Relaxed),
            "unanswered": counters.unanswered + counters.panicked + counters.not_taken,
        })
    })
    .await
    .context("the tests have gone")
}

/// Clocks for the soak: what takes minutes in life takes seconds there.
fn hurry(config: &mut ServerConfig) {
    config.timing.stall = STALL;
    config.timing.idle = Some(IDLE);
    config.timing.unused = IDLE;
    config.timing.replay = Duration::from_secs(2);
    config.timing.call = Duration::from_secs(5);
    config.timing.keep_alive = Some(Duration::from_secs(1));
    config.timing.retry = Duration::from_millis(10);
    config.timing.body = Duration::from_secs(2);
    config.timing.head = Duration::from_millis(10);
}

async fn accept(
    listener: TcpListener,
    service: Service,
    connections: Arc<AtomicI64>,
    stall: Duration,
) {
    loop {
        // A connection that was lost before it was accepted is nobody's business.
        if let Ok((stream, _)) = listener.accept().await {
            let open = Open::new(&connections);
            tokio::spawn(serve(stream, service.clone(), open, stall));
        }
    }
}

async fn serve(stream: TcpStream, service: Service, _open: Open, stall: Duration) {
    // That it may fail does not matter: answers are then late, not wrong.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    // hyper does not look at a response whose reader stands still: only the connection can end that.
    stream.set_write_timeout(Some(stall));
    let respond = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.respond(request).await) }
    });
    // Its error is a client that misbehaves, as they are here to do.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(5))
        .serve_connection(TokioIo::new(Box::pin(stream)), respond)
        .await;
}

/// Counts one connection while it lives.
struct Open(Arc<AtomicI64>);

impl Open {
    fn new(connections: &Arc<AtomicI64>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer(request: Request) -> Result<Value, RpcError> {
    if request.method() != "tools/call" {
        return Err(RpcError::new(-32601, "there is no such method"));
    }
    let params: Value = request.params()?;
    let arguments = &params["arguments"];
    let text = arguments["text"].as_str().unwrap_or_default();
    match params["name"].as_str().unwrap_or_default() {
        "echo" => Ok(say(text)),
        "slow" => {
            let steps = u32::try_from(arguments["steps"].as_u64().unwrap_or(1)).unwrap_or(1);
            for step in 1..=steps.min(500) {
                tokio::time::sleep(STEP).await;
                request.progress(f64::from(step), Some(f64::from(steps)), None);
            }
            Ok(say(text))
        }
        "big" => {
            let bytes = arguments["bytes"]
                .as_u64()
                .unwrap_or_default()
                .min(16 << 20);
            Ok(say(&"x".repeat(usize::try_from(bytes).unwrap_or_default())))
        }
        "ask" => match request
            .ask("elicitation/create", json!({"message": text}))
            .await
        {
            Ok(answer) => Ok(say(answer["content"]["answer"]
                .as_str()
                .unwrap_or_default())),
            Err(error) => Ok(say(&error.to_string())),
        },
        other => Err(RpcError::new(-32602, format!("there is no tool {other:?}"))),
    }
}

fn say(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}
