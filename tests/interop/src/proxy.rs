//! A TCP proxy between client and peer. Its address stays the same when the peer is restarted; it can
//! refuse connections, cut them and let bytes trickle; and it keeps what went over the wire.

mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use wire::{Side, Wire};

/// The proxy. It ends, with all its connections, when this is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    /// The port that connections are led to.
    port: AtomicU16,
    /// How many bytes of the peer go to the client at once.
    piece: AtomicUsize,
    /// Counts the connections.
    connections: AtomicUsize,
    /// Counts the cuts; connections made before the newest are dead.
    cuts: watch::Sender<u64>,
    wire: Wire,
}

impl Proxy {
    /// A proxy in front of the peer at this port of the loopback interface.
    pub(crate) async fn start(port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            port: AtomicU16::new(port),
            piece: AtomicUsize::new(usize::MAX),
            connections: AtomicUsize::new(0),
            cuts: watch::Sender::new(0),
            wire: Wire::new(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads new connections to another port.
    pub(crate) fn lead_to(&self, port: u16) {
        self.shared.port.store(port, Ordering::SeqCst);
    }

    /// Refuses new connections until [`listen`](Self::listen).
    pub(crate) async fn refuse(&mut self) {
        self.accepting.abort();
        // The listener is closed when the task is gone, not before; that it was aborted is no news.
        let _ = (&mut self.accepting).await;
    }

    /// Takes connections again, at the same address.
    pub(crate) async fn listen(&mut self) -> Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.accepting = tokio::spawn(accept(listener, Arc::clone(&self.shared)));
        Ok(())
    }

    /// From now on what the peer says goes to the client in pieces of so many bytes.
    pub(crate) fn trickle(&self, piece: usize) {
        self.shared.piece.store(piece, Ordering::SeqCst);
    }

    /// Resets all connections, in the middle of whatever they carry.
    pub(crate) fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// How often a text stands in what the client has sent.
    pub(crate) fn sent(&self, text: &str) -> usize {
        self.shared.wire.sent(text)
    }

    /// How often the client has sent this header, however it spells its name.
    pub(crate) fn sent_header(&self, name: &str, value: &str) -> usize {
        self.shared.wire.sent_header(name, value)
    }

    /// In how many pieces a text came from the peer. It must be short: one that is split is not found.
    pub(crate) fn brought(&self, text: &str) -> usize {
        self.shared.wire.brought(text)
    }

    /// Waits until a text has come from the peer.
    pub(crate) async fn brings(&self, text: &str) -> Result<()> {
        let has_come = self.shared.wire.shows(|wire| wire.brought(text) > 0).await;
        ensure!(has_come, "{text:?} did not come from the peer in time");
        Ok(())
    }

    /// Waits until so many GETs of the client have been answered with a stream. From then on what the
    /// peer says unasked has a way to the client.
    pub(crate) async fn standalone_streams(&self, count: usize) -> Result<()> {
        let are_there = |wire: &Wire| wire.answered_gets() >= count;
        ensure!(
            self.shared.wire.shows(are_there).await,
            "fewer than {count} GETs were answered with a stream in time"
        );
        Ok(())
    }

    /// Writes down everything that went over the wire, and names the file in the result if it is an error.
    pub(crate) fn keep(&self, file: &Path, result: Result<()>) -> Result<()> {
        self.shared
            .wire
            .write_to(file)
            .context("writing the wire log")?;
        result.with_context(|| format!("the wire is in {}", file.display()))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let connection = shared.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(carry(connection, client, Arc::clone(&shared)));
    }
}

/// Carries one connection until either side ends it or it is cut. HTTP/1.1 has no use for half a
/// connection, so the end of one side is the end of both.
async fn carry(connection: usize, mut client: TcpStream, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    let port = shared.port.load(Ordering::SeqCst);
    // A peer that is down looks the same through the proxy: the connection ends without a byte.
    let Ok(mut peer) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    // Without this small pieces wait for one another.
    if client.set_nodelay(true).is_err() || peer.set_nodelay(true).is_err() {
        return;
    }
    let cut = {
        let (from_client, to_client) = client.split();
        let (from_peer, to_peer) = peer.split();
        tokio::select! {
            () = pump(connection, Side::Client, from_client, to_peer, &shared) => false,
            () = pump(connection, Side::Peer, from_peer, to_client, &shared) => false,
            _ = cuts.changed() => true,
        }
    };
    if cut {
        // Closed with a reset instead of an orderly end.
        let _ = client.set_zero_linger();
        let _ = peer.set_zero_linger();
    }
}

/// Copies one direction, and takes it down before it goes on.
async fn pump(
    connection: usize,
    side: Side,
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        shared
            .wire
            .take_down(connection, side, buffer[..read].to_vec());
        let piece = match side {
            Side::Client => usize::MAX,
            Side::Peer => shared.piece.load(Ordering::SeqCst),
        };
        for piece in buffer[..read].chunks(piece) {
            if to.write_all(piece).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A peer that greets everyone and then echoes.
    async fn echo() -> Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        Ok(port)
    }

    async fn exchange(stream: &mut TcpStream, text: &str) -> Result<String> {
        stream.write_all(text.as_bytes()).await?;
        let mut answer = vec![0; text.len()];
        stream.read_exact(&mut answer).await?;
        Ok(String::from_utf8(answer)?)
    }

    #[tokio::test]
    async fn carries_and_takes_down_both_ways() -> Result<()> {
        let proxy = Proxy::start(echo().await?).await?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(exchange(&mut stream, "one").await?, "one");
        assert_eq!(exchange(&mut stream, "and one").await?, "and one");
        assert_eq!(proxy.sent("one"), 2);
        assert_eq!(proxy.sent("two"), 0);
        Ok(())
    }

    #[tokio::test]
    async fn a_cut_resets_open_connections_and_no_later_ones() -> Result<()> {
        let proxy = Proxy::start(echo().await?).await?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        exchange(&mut stream, "before").await?;
        proxy.cut();
        let error = stream
            .read(&mut [0; 1])
            .await
            .expect_err("the connection should be reset");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(exchange(&mut stream, "after").await?, "after");
        Ok(())
    }

    #[tokio::test]
    async fn refuses_and_listens_again() -> Result<()> {
        let mut proxy = Proxy::start(echo().await?).await?;
        proxy.refuse().await;
        let error = TcpStream::connect(proxy.address())
            .await
            .expect_err("nobody should listen");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        proxy.listen().await?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(exchange(&mut stream, "again").await?, "again");
        Ok(())
    }

    #[tokio::test]
    async fn leads_new_connections_elsewhere() -> Result<()> {
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await?
            .local_addr()?
            .port();
        let proxy = Proxy::start(closed).await?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(stream.read(&mut [0; 1]).await?, 0, "nobody is there");
        proxy.lead_to(echo().await?);
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(exchange(&mut stream, "there").await?, "there");
        Ok(())
    }
}
