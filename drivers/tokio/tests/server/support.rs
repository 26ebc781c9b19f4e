//! A server on loopback, and the errors that were logged.

use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_sansio_tokio::Identity;
use mcp_sansio_tokio::server::{Builder, Service, ServiceHandle};
use serde_json::json;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tracing::field::{Field, Visit};

use crate::raw::{Raw, Response, call, initialize};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what must come, and fails the test if it does not.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let output = tokio::time::timeout(PATIENCE, future).await;
    output.expect("it came in time")
}

/// Waits until it is so.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    soon(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

pub(crate) fn builder() -> Builder {
    let mut identity = Identity::new("tested", "1.0");
    identity.capabilities = r#"{"tools":{}}"#.into();
    Service::builder(identity)
}

/// A server with its address.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) handle: ServiceHandle,
}

impl Site {
    /// Mounted in axum.
    pub(crate) async fn axum(service: Service) -> Self {
        let handle = service.handle();
        let address = Self::route(axum::Router::new().route_service("/mcp", service)).await;
        Self { address, handle }
    }

    /// Routes of the test's own.
    pub(crate) async fn route(router: axum::Router) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    /// Mounted in hyper.
    pub(crate) async fn hyper(service: Service) -> Self {
        let handle = service.handle();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let io = hyper_util::rt::TokioIo::new(stream);
                let service = hyper_util::service::TowerToHyperService::new(service.clone());
                let http = hyper::server::conn::http1::Builder::new();
                // An error here is a client that went away: its test says whether it may.
                tokio::spawn(http.serve_connection(io, service));
            }
        });
        Self { address, handle }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Sends a request, and waits for the head of its response.
    pub(crate) async fn send(&self, request: Raw<'_>) -> Response {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.text().as_bytes()).await.unwrap();
        soon(Response::read(BufReader::new(stream))).await
    }

    /// Sends a request, and does not wait for anything.
    pub(crate) async fn start(&self, request: Raw<'_>) -> TcpStream {
        self.start_text(&request.text()).await
    }

    /// [`start`](Self::start), by its text.
    pub(crate) async fn start_text(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// A session, by its id on the wire.
    pub(crate) async fn session(&self) -> String {
        let response = self.send(Raw::post(&initialize())).await;
        assert_eq!(response.status, 200);
        let session = response.header("mcp-session-id").unwrap().to_string();
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let response = self.send(Raw::post(&initialized).session(&session)).await;
        assert_eq!(response.status, 202);
        session
    }

    /// Calls a tool in a session.
    pub(crate) async fn call(&self, session: &str, name: &str, id: u64) -> Response {
        self.send(Raw::post(&call(name, id)).session(session)).await
    }
}

/// The errors that are logged on this thread, as long as it lives.
pub(crate) struct Errors {
    seen: Arc<Mutex<Vec<String>>>,
    _until_dropped: tracing::subscriber::DefaultGuard,
}

impl Errors {
    pub(crate) fn watch() -> Self {
        let seen = Arc::default();
        let watcher = Watcher(Arc::clone(&seen));
        Self {
            seen,
            _until_dropped: tracing::subscriber::set_default(watcher),
        }
    }

    /// That exactly one error was logged, which says this.
    pub(crate) fn say(&self, what: &str) {
        self.include(what);
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "{seen:?}");
    }

    /// That such an error was logged.
    pub(crate) fn include(&self, what: &str) {
        let seen = self.seen.lock().unwrap();
        assert!(seen.iter().any(|error| error.contains(what)), "{seen:?}");
    }
}

struct Watcher(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Watcher {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{field}={value:?} ");
    }
}
