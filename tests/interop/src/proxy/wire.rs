//! What went over the wire.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::Notify;

/// How long something may take that is sure to come.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that went through a proxy.
pub(super) struct Wire {
    chunks: Mutex<Vec<Chunk>>,
    more: Notify,
    began: Instant,
}

/// Some bytes that went through.
struct Chunk {
    at: Duration,
    connection: usize,
    from: Side,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Client,
    Peer,
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Client => Self::Peer,
            Self::Peer => Self::Client,
        }
    }
}

impl Wire {
    pub(super) fn new() -> Self {
        Self {
            chunks: Mutex::default(),
            more: Notify::new(),
            began: Instant::now(),
        }
    }

    /// Takes down some bytes of a connection.
    pub(super) fn take_down(&self, connection: usize, from: Side, bytes: Vec<u8>) {
        let at = self.began.elapsed();
        let chunk = Chunk {
            at,
            connection,
            from,
            bytes,
        };
        self.chunks().push(chunk);
        self.more.notify_waiters();
    }

    /// How often a text stands in what the client has sent.
    pub(super) fn sent(&self, text: &str) -> usize {
        self.count(|sent| sent.matches(text).count())
    }

    /// How often the client has sent a header.
    pub(super) fn sent_header(&self, name: &str, value: &str) -> usize {
        let is_it = |line: &&str| {
            let header = line.split_once(": ");
            header.is_some_and(|(told, of)| told.eq_ignore_ascii_case(name) && of == value)
        };
        self.count(|sent| sent.lines().filter(is_it).count())
    }

    /// Counts something in what the client has sent, connection by connection.
    fn count(&self, something: impl Fn(&str) -> usize) -> usize {
        let chunks = self.chunks();
        let connections = chunks.iter().map(|chunk| chunk.connection + 1).max();
        let count = |connection| something(&sent_on(&chunks, connection));
        (0..connections.unwrap_or(0)).map(count).sum()
    }

    /// In how many pieces a text came from the peer.
    pub(super) fn brought(&self, text: &str) -> usize {
        let has_it = |chunk: &&Chunk| {
            chunk.from == Side::Peer && String::from_utf8_lossy(&chunk.bytes).contains(text)
        };
        self.chunks().iter().filter(has_it).count()
    }

    /// How many GETs were answered with a stream.
    pub(super) fn answered_gets(&self) -> usize {
        let chunks = self.chunks();
        let begins = |chunk: &Chunk, text: &str| chunk.bytes.starts_with(text.as_bytes());
        let is_answered = |(at, asked): &(usize, &Chunk)| {
            asked.from == Side::Client
                && begins(asked, "GET ")
                && chunks[*at..].iter().any(|answer| {
                    answer.connection == asked.connection
                        && answer.from == Side::Peer
                        && begins(answer, "HTTP/1.1 200")
                })
        };
        chunks.iter().enumerate().filter(is_answered).count()
    }

    /// Waits until the wire shows something. `false`: it did not come.
    pub(super) async fn shows(&self, is_there: impl Fn(&Self) -> bool) -> bool {
        let waiting = async {
            loop {
                let more = self.more.notified();
                if is_there(self) {
                    return;
                }
                more.await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.is_ok()
    }

    /// Writes everything down.
    pub(super) fn write_to(&self, file: &Path) -> Result<()> {
        let mut text = String::new();
        for chunk in self.chunks().iter() {
            let arrow = match chunk.from {
                Side::Client => "-->",
                Side::Peer => "<--",
            };
            let milliseconds = chunk.at.as_millis();
            let bytes = String::from_utf8_lossy(&chunk.bytes);
            writeln!(
                text,
                "{arrow} connection {} at +{milliseconds} ms\n{bytes}",
                chunk.connection
            )?;
        }
        Ok(std::fs::write(file, text)?)
    }

    fn chunks(&self) -> MutexGuard<'_, Vec<Chunk>> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that the client has sent on a connection.
fn sent_on(chunks: &[Chunk], connection: usize) -> String {
    let mine = chunks
        .iter()
        .filter(|chunk| chunk.connection == connection && chunk.from == Side::Client);
    let bytes: Vec<u8> = mine.flat_map(|chunk| chunk.bytes.iter().copied()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
