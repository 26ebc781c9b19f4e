//! The HTTP server around a service: hyper on loopback, with an eye on what passes.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use mcp_sansio_tokio::server::{Event, Events, Service, ServiceHandle};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;

use super::watch;
use crate::log::{Asked, Log, Saw};

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);
/// How long the last bytes may take to leave.
const FLUSH: Duration = Duration::from_secs(1);

/// After how many parts the network breaks the answer to such a request off; `None`: never.
pub(crate) type Breaks = fn(&Asked) -> Option<u32>;

/// What lies between the server and its clients.
#[derive(Clone, Copy)]
pub(crate) struct Network {
    /// What it breaks off.
    pub(crate) breaks: Breaks,
    /// How long it waits for a client that reads nothing. The service gives such a client up by itself; but
    /// only here is its connection.
    pub(crate) stall: Duration,
}

impl Network {
    /// One that breaks nothing.
    pub(crate) const GOOD: Self = Self {
        breaks: |_| None,
        stall: Duration::from_secs(60),
    };
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    url: String,
    log: Log,
    handle: ServiceHandle,
    end: oneshot::Sender<()>,
    task: Task,
}

/// What the connections of one server share.
struct Host {
    service: Service,
    log: Log,
    exchanges: AtomicU32,
    network: Network,
}

/// Starts a server on loopback; port 0 is any free one.
pub(crate) async fn start(service: Service, port: u16, network: Network) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let url = format!("http://{}/mcp", listener.local_addr()?);
    let log = Log::new();
    let handle = service.handle();
    tokio::spawn(note(handle.events(), log.clone()));
    let host = Arc::new(Host {
        service,
        log: log.clone(),
        exchanges: AtomicU32::new(0),
        network,
    });
    let (end, ended) = oneshot::channel();
    let task = Task(tokio::spawn(accept(host, listener, ended)));
    Ok(Running {
        url,
        log,
        handle,
        end,
        task,
    })
}

impl Running {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) const fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) const fn handle(&self) -> &ServiceHandle {
        &self.handle
    }

    /// Answers what is running, or says that it will not be answered, and ends.
    pub(crate) async fn drain(mut self, grace: Duration) {
        self.handle.shut_down(grace).await;
        // The task listens until it is told to end.
        let _ = self.end.send(());
        // It ends by itself, and its panic would be nobody's answer any more.
        let _ = (&mut self.task.0).await;
    }
}

/// A task that ends when this is dropped.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Notes what happens beside the exchanges, until the service is shut down.
async fn note(mut events: Events, log: Log) {
    while let Some(event) = events.next().await {
        let text = match event {
            Event::Notice(notice) => notice.detail.into(),
            Event::RecordingEnded(why) => {
                format!("the record ends here, it cannot be written: {why}").into()
            }
            Event::SessionStarted { .. } => "a session begins".into(),
            Event::SessionEnded { reason, .. } => {
                format!("a session ends: {}", reason.as_str().replace('_', " ")).into()
            }
            _ => continue,
        };
        log.add(0, Saw::Note(text));
    }
}

/// Accepts until it is told to end, or aborted; the connections end with it.
async fn accept(host: Arc<Host>, listener: TcpListener, mut ended: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that was lost before it was accepted is nobody's business.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(Arc::clone(&host), stream, &graceful));
                }
            }
            Some(_) = connections.join_next() => {}
            _ = &mut ended => break,
        }
    }
    // A client that does not read what is left for it is not waited for.
    let _ = timeout(FLUSH, graceful.shutdown()).await;
}

/// One connection. Its errors are the client leaving, or a request that is no HTTP; the client has been
/// told what can be told.
fn serve(
    host: Arc<Host>,
    stream: TcpStream,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<> {
    // Without this an event may wait 40 ms for company; that it may fail does not matter.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(host.network.stall));
    let service = service_fn(move |request| {
        let host = Arc::clone(&host);
        async move {
            let number = host.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
            let exchange = watch::Exchange::new(host.log.clone(), number, host.network.breaks);
            Ok::<_, Infallible>(watch::pass(&host.service, request, exchange).await)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let watched = graceful.watch(connection);
    async move {
        let _ = watched.await;
    }
}
