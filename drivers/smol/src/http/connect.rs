//! How a connection comes about.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use http::Uri;
use smol::Timer;
use smol::io::{AsyncRead, AsyncWrite};
use smol::net::TcpStream;
use socket2::{SockRef, TcpKeepalive};

/// After so long without an answer the next address of a host is tried too (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);
/// A peer that has gone without a word is noticed in about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const KEEP_ALIVE_RETRIES: u32 = 3;

/// Bytes both ways.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// A connection that is open.
pub(super) type Open = Box<dyn Duplex>;

/// Opens a connection to where a URL leads.
pub(super) type Connector = Arc<dyn Fn(Uri) -> Connecting + Send + Sync>;

type Connecting = Pin<Box<dyn Future<Output = io::Result<Open>> + Send>>;

/// The connector that the application gave, if any did.
pub(super) fn connector<F, A, S>(connect: F) -> Connector
where
    F: Fn(Uri) -> A + Send + Sync + 'static,
    A: Future<Output = io::Result<S>> + Send + 'static,
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    Arc::new(move |url| {
        let connecting = connect(url);
        Box::pin(async move { connecting.await.map(boxed) })
    })
}

/// Forgets what kind of connection it is.
pub(super) fn boxed(open: impl Duplex + 'static) -> Open {
    Box::new(open)
}

/// The host as the system's resolver and TLS want it.
pub(super) fn host(url: &Uri) -> &str {
    let host = url.host().unwrap_or_default();
    let literal = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    literal.unwrap_or(host)
}

/// The port, by the scheme where none is said.
pub(super) fn port(url: &Uri) -> u16 {
    let is_tls = url.scheme() == Some(&http::uri::Scheme::HTTPS);
    url.port_u16().unwrap_or(if is_tls { 443 } else { 80 })
}

/// Opens a TCP connection.
pub(super) async fn tcp(url: &Uri) -> io::Result<TcpStream> {
    let addresses = smol::net::resolve((host(url), port(url))).await?;
    let stream = fastest(in_turns(addresses)).await?;
    stream.set_nodelay(true)?;
    let keep_alive = TcpKeepalive::new()
        .with_time(KEEP_ALIVE)
        .with_interval(KEEP_ALIVE)
        .with_retries(KEEP_ALIVE_RETRIES);
    SockRef::from(&stream).set_tcp_keepalive(&keep_alive)?;
    Ok(stream)
}

/// The first connection that comes about, each address with a head start over the next.
async fn fastest(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut rest = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut why = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    loop {
        if let Some(address) = rest.next() {
            attempts.push(TcpStream::connect(address));
        } else if attempts.is_empty() {
            return Err(why);
        }
        let head_start = match rest.len() {
            0 => Timer::never(),
            _ => Timer::after(HEAD_START),
        };
        match select(attempts.next(), head_start).await {
            Either::Left((Some(Ok(stream)), _)) => return Ok(stream),
            Either::Left((Some(Err(error)), _)) => why = error,
            Either::Left((None, _)) | Either::Right(_) => {}
        }
    }
}

/// The families of addresses in turns, beginning with the first: one that leads nowhere does not hold up the other.
fn in_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let starts_with_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == starts_with_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut mixed = Vec::with_capacity(first.len() + second.len());
    loop {
        let before = mixed.len();
        mixed.extend(first.next());
        mixed.extend(second.next());
        if mixed.len() == before {
            return mixed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let parse = |text: &&str| text.parse().expect("an address");
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1", "1.0.0.2:1"];
        let expected = ["[::1]:1", "1.0.0.1:1", "[::2]:1", "1.0.0.2:1", "[::3]:1"];
        let expected: Vec<SocketAddr> = expected.iter().map(parse).collect();
        assert_eq!(in_turns(given.iter().map(parse).collect()), expected);
    }

    #[test]
    fn an_address_that_refuses_gives_way_to_the_next() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let open = listener.local_addr().expect("it is bound");
        let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let closed = gone.local_addr().expect("it is bound");
        drop(gone);
        let stream = smol::block_on(fastest(vec![closed, open])).expect("one of them is open");
        assert_eq!(stream.peer_addr().expect("it is connected"), open);
        let refused = smol::block_on(fastest(vec![closed])).expect_err("nobody listens");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        assert!(smol::block_on(fastest(Vec::new())).is_err());
    }
}
