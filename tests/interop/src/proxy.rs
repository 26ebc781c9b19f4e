//! A TCP proxy between client and peer. Its address stays the same when the peer is restarted; it can
//! refuse connections, cut them and let bytes trickle; and it keeps what went over the wire.

mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, sink};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use wire::{PATIENCE, Side, Wire};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The proxy. It ends, with all its connections, when this is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
    /// Holds the address while nobody listens there, so that no other socket of this machine gets it.
    held: Option<TcpSocket>,
}

struct Shared {
    /// The port that connections are led to; at 0 is nobody.
    port: AtomicU16,
    /// How many bytes of the peer go to the client at once.
    piece: AtomicUsize,
    /// Counts the connections.
    connections: AtomicUsize,
    /// How many connections the client has.
    open: watch::Sender<usize>,
    /// Counts the cuts; connections made before the newest are dead.
    cuts: watch::Sender<u64>,
    wire: Wire,
}

impl Proxy {
    /// A proxy in front of the peer at this port of the loopback interface.
    pub(crate) fn start(port: u16) -> Result<Self> {
        let listener = hold((Ipv4Addr::LOCALHOST, 0).into())?.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            port: AtomicU16::new(port),
            piece: AtomicUsize::new(usize::MAX),
            connections: AtomicUsize::new(0),
            open: watch::Sender::new(0),
            cuts: watch::Sender::new(0),
            wire: Wire::new(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
            held: None,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads new connections to another port.
    pub(crate) fn lead_to(&self, port: u16) {
        self.shared.port.store(port, Ordering::SeqCst);
    }

    /// Leads new connections nowhere: the port of a peer that is gone may be another's by now.
    pub(crate) fn lead_nowhere(&self) {
        self.lead_to(0);
    }

    /// Waits until the client has let go of every connection. One whose peer is gone it keeps until it has
    /// noticed, and what it sends on it meanwhile may have run, as far as it can know.
    pub(crate) async fn deserted(&self) -> Result<()> {
        let mut open = self.shared.open.subscribe();
        let waiting = tokio::time::timeout(PATIENCE, open.wait_for(|open| *open == 0));
        let is_deserted = waiting.await.is_ok();
        ensure!(is_deserted, "the client kept connections of a dead peer");
        Ok(())
    }

    /// Refuses new connections until [`listen`](Self::listen).
    pub(crate) async fn refuse(&mut self) -> Result<()> {
        self.held = Some(hold(self.address)?);
        self.accepting.abort();
        // The listener is closed when the task is gone, not before; that it was aborted is no news.
        let _ = (&mut self.accepting).await;
        Ok(())
    }

    /// Takes connections again, at the same address.
    pub(crate) fn listen(&mut self) -> Result<()> {
        let held = self.held.take().context("it listens already")?;
        let listener = held.listen(BACKLOG)?;
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

/// A socket at this address, next to the one that listens there.
fn hold(address: SocketAddr) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let connection = shared.connections.fetch_add(1, Ordering::SeqCst);
        shared.open.send_modify(|open| *open += 1);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            carry(connection, client, &shared).await;
            shared.open.send_modify(|open| *open -= 1);
        });
    }
}

/// Carries one connection until either side ends it or it is cut. HTTP/1.1 has no use for half a
/// connection, so the end of one side is the end of both.
async fn carry(connection: usize, mut client: TcpStream, shared: &Shared) {
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
        let (mut from_client, mut to_client) = client.split();
        let (from_peer, to_peer) = peer.split();
        let both = async {
            let ended = tokio::select! {
                ended = pump(connection, Side::Client, &mut from_client, to_peer, shared) => ended,
                ended = pump(connection, Side::Peer, from_peer, &mut to_client, shared) => ended,
            };
            if ended == Side::Peer && to_client.shutdown().await.is_ok() {
                // Until the client has noticed, and ends its side too.
                pump(connection, Side::Client, &mut from_client, sink(), shared).await;
            }
        };
        tokio::select! {
            () = both => false,
            _ = cuts.changed() => true,
        }
    };
    if cut {
        // Closed with a reset instead of an orderly end.
        let _ = client.set_zero_linger();
        let _ = peer.set_zero_linger();
    }
}

/// Copies one direction, and takes it down before it goes on. Tells which side has ended.
async fn pump(
    connection: usize,
    side: Side,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
) -> Side {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return side,
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
                return side.other();
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
        let proxy = Proxy::start(echo().await?)?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(exchange(&mut stream, "one").await?, "one");
        assert_eq!(exchange(&mut stream, "and one").await?, "and one");
        assert_eq!(proxy.sent("one"), 2);
        assert_eq!(proxy.sent("two"), 0);
        Ok(())
    }

    #[tokio::test]
    async fn a_cut_resets_open_connections_and_no_later_ones() -> Result<()> {
        let proxy = Proxy::start(echo().await?)?;
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
        let mut proxy = Proxy::start(echo().await?)?;
        proxy.refuse().await?;
        let error = TcpStream::connect(proxy.address())
            .await
            .expect_err("nobody should listen");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        let taken = TcpListener::bind(proxy.address()).await;
        assert!(taken.is_err(), "the address is free for others");
        proxy.listen()?;
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
        let proxy = Proxy::start(closed)?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(stream.read(&mut [0; 1]).await?, 0, "nobody is there");
        proxy.lead_to(echo().await?);
        let mut stream = TcpStream::connect(proxy.address()).await?;
        assert_eq!(exchange(&mut stream, "there").await?, "there");
        Ok(())
    }

    #[tokio::test]
    async fn is_deserted_when_the_client_has_noticed_that_the_peer_is_gone() -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = Proxy::start(listener.local_addr()?.port())?;
        let mut stream = TcpStream::connect(proxy.address()).await?;
        let (peer, _) = listener.accept().await?;
        drop(peer);
        assert_eq!(stream.read(&mut [0; 1]).await?, 0, "the peer is gone");
        assert_eq!(*proxy.shared.open.borrow(), 1, "the client may send still");
        drop(stream);
        proxy.deserted().await
    }
}
