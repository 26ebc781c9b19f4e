//! Serving on a listener: what bare hyper leaves to its user.

use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, pending};
use std::io;
use std::net::TcpListener;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::rt::{Sleep, Timer as Timers};
use hyper::server::conn::http1;
use hyper_util::service::TowerToHyperService;
use smol::channel::{Receiver, bounded};
use smol::io::{AsyncRead, AsyncWrite};
use smol::{Async, Timer};

use crate::io::Io;

/// After an error that is not of one connection, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection at work.
type Http1<T, S> = http1::Connection<Io<T>, TowerToHyperService<S>>;

/// Any error, as hyper takes it.
type BoxError = Box<dyn Error + Send + Sync>;

/// Serves a tower service, such as a [`Service`](super::Service), on a listener: smol's
/// [`TcpListener`](smol::net::TcpListener), or a [`std::net::TcpListener`] in an [`Async`]. It answers on every path, and
/// does not complete. The connections are tasks of their own, over HTTP/1.1; once this is dropped nobody listens any more,
/// and they end with what they are at.
///
/// The examples are in [`server`](super).
pub async fn serve<S, B>(listener: impl Into<Arc<Async<TcpListener>>>, service: S)
where
    S: tower_service::Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    serve_until(listener, service, pending()).await;
}

/// Serves like [`serve`] until a future completes; then takes no more connections, lets those that are there finish what
/// they are at, and completes. The future is the place to wait for [`ServiceHandle::shut_down`](super::ServiceHandle::shut_down):
/// streams may be open for days otherwise.
pub async fn serve_until<S, B>(
    listener: impl Into<Arc<Async<TcpListener>>>,
    service: S,
    ended: impl Future<Output = ()>,
) where
    S: tower_service::Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let listener = listener.into();
    // Nothing is ever sent: what counts is that one end is dropped.
    let (go_on, stop) = bounded::<Infallible>(1);
    let (at_work, all_done) = bounded::<Infallible>(1);
    let mut ended = pin!(ended);
    loop {
        let accepted = match select(ended.as_mut(), pin!(listener.accept())).await {
            Either::Left(((), _)) => break,
            Either::Right((accepted, _)) => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Without this an event may wait 40 ms for company; that it may fail does not matter.
                let _ = stream.get_ref().set_nodelay(true);
                let connection = over_http1(stream, service.clone());
                let (stop, at_work) = (stop.clone(), at_work.clone());
                let running = async move {
                    run(connection, stop).await;
                    drop(at_work);
                };
                smol::spawn(running).detach();
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(_) => {
                Timer::after(PAUSE).await;
            }
        }
    }
    drop((listener, go_on, at_work));
    // An error, which says that nobody is at work any more.
    let _ = all_done.recv().await;
}

/// Runs a connection to its end, which comes soon once there is nobody who would send to `stop`. How it ended does not
/// matter: the client left, or sent what is no HTTP, and has been told what can be told.
async fn run<T, S, B>(connection: Http1<T, S>, stop: Receiver<Infallible>)
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    S: tower_service::Service<Request<Incoming>, Response = Response<B>> + Clone + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body + 'static,
    B::Error: Into<BoxError>,
{
    let mut connection = pin!(connection);
    if let Either::Right(_) = select(connection.as_mut(), pin!(stop.recv())).await {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Serves one connection over any stream: TLS, a Unix socket, a stream with timeouts. Await it, or spawn it.
///
/// ```
/// use mcp_sansio_smol::server::{Service, connection};
/// use mcp_sansio_smol::{Client, Identity, client_builder};
/// use serde_json::json;
/// use smol::net::unix::UnixStream;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> { smol::block_on(async {
/// let service = Service::builder(Identity::new("tools", "1.0"))
///     .serve(|_| async { Ok(json!({"content": []})) })?;
///
/// // A client in the same process, whose connections are pairs of sockets.
/// let http = client_builder().connector(move |_| {
///     let service = service.clone();
///     async move {
///         let (ours, theirs) = UnixStream::pair()?;
///         smol::spawn(connection(theirs, service)).detach();
///         Ok(ours)
///     }
/// });
/// let client = Client::builder("http://localhost/mcp").http_client(http.build()?).connect().await?;
/// client.call_tool("any", json!({})).await?;
/// # client.close().await;
/// # Ok(()) }) }
/// ```
pub fn connection<T, S, B>(
    stream: T,
    service: S,
) -> impl Future<Output = Result<(), hyper::Error>> + Send
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    S: tower_service::Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    over_http1(stream, service)
}

fn over_http1<T, S, B>(stream: T, service: S) -> Http1<T, S>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    S: tower_service::Service<Request<Incoming>, Response = Response<B>> + Clone + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body + 'static,
    B::Error: Into<BoxError>,
{
    http1::Builder::new()
        .timer(SmolTimers)
        .serve_connection(Io(stream), TowerToHyperService::new(service))
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

/// Smol's timers as hyper wants them: it bounds the time that the head of a request may take.
struct SmolTimers;

struct Sleeping(Timer);

impl Timers for SmolTimers {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Sleeping(Timer::after(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Sleeping(Timer::at(deadline)))
    }
}

impl Sleep for Sleeping {}

impl Future for Sleeping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}
