//! The server around an incident: it listens, reads requests, and lets the incident's script play.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use super::Incident;
use super::exchange::Exchange;
use super::http::Connection;
use super::polite;
use crate::eras::Eras;
use crate::log::Log;

/// What the requests of one server share.
#[derive(Debug)]
pub(crate) struct Server {
    incident: &'static Incident,
    era: Eras,
    log: Log,
    exchanges: AtomicU32,
    sessions: Mutex<Sessions>,
    letters: mpsc::UnboundedSender<Value>,
    mailbox: tokio::sync::Mutex<mpsc::UnboundedReceiver<Value>>,
}

#[derive(Debug, Default)]
struct Sessions {
    live: BTreeSet<String>,
    made: u32,
    forgotten: bool,
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    url: String,
    log: Log,
    task: JoinHandle<()>,
}

/// Starts a server of this era on loopback; port 0 is any free one.
pub(crate) async fn start(
    incident: &'static Incident,
    era: Eras,
    port: u16,
) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let url = format!("http://{}/mcp", listener.local_addr()?);
    let log = Log::new();
    let (letters, mailbox) = mpsc::unbounded_channel();
    let server = Arc::new(Server {
        incident,
        era,
        log: log.clone(),
        exchanges: AtomicU32::new(0),
        sessions: Mutex::default(),
        letters,
        mailbox: tokio::sync::Mutex::new(mailbox),
    });
    let task = tokio::spawn(accept(server, listener));
    Ok(Running { url, log, task })
}

impl Running {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) const fn log(&self) -> &Log {
        &self.log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) const fn log(&self) -> &Log {
        &self.log
    }

    /// Answers as a server should.
    pub(crate) async fn behave(&self, x: &mut Exchange) -> io::Result<()> {
        self.behave_as(self.era, x).await
    }

    /// Answers as a server of this era should, whatever era this one is of.
    pub(crate) async fn behave_as(&self, era: Eras, x: &mut Exchange) -> io::Result<()> {
        polite::answer(era, self, x).await
    }

    /// Makes a session and returns its id.
    pub(super) fn new_session(&self) -> String {
        let mut sessions = self.sessions();
        sessions.made += 1;
        let id = format!("session-{}", sessions.made);
        sessions.live.insert(id.clone());
        id
    }

    pub(crate) fn knows(&self, session: &str) -> bool {
        self.sessions().live.contains(session)
    }

    pub(super) fn end_session(&self, session: &str) {
        self.sessions().live.remove(session);
    }

    /// Forgets all sessions, as a restart would.
    pub(crate) fn forget_sessions(&self) {
        self.sessions().live.clear();
    }

    /// Forgets all sessions if it has not done so before, and says whether it did.
    pub(crate) fn forget_sessions_once(&self) -> bool {
        let mut sessions = self.sessions();
        if std::mem::replace(&mut sessions.forgotten, true) {
            return false;
        }
        sessions.live.clear();
        true
    }

    /// Leaves a message for another exchange of this server.
    pub(crate) fn leave(&self, message: Value) {
        // The mailbox lives as long as `self`.
        let _ = self.letters.send(message);
    }

    /// Waits for a message that another exchange leaves.
    pub(crate) async fn collect(&self) -> Value {
        self.mailbox.lock().await.recv().await.unwrap_or_default()
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts until aborted; the connections end with it.
async fn accept(server: Arc<Server>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that was lost before it was accepted is nobody's business.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(Arc::clone(&server), stream));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection. Its errors are the client leaving, or a request that is no HTTP: either way
/// the connection is closed, and there is nobody to tell.
async fn serve(server: Arc<Server>, stream: TcpStream) {
    // Without this an event may wait 40 ms for company; that it may fail does not matter.
    let _ = stream.set_nodelay(true);
    let mut connection = Connection::new(stream);
    while let Ok(Some(request)) = connection.request().await {
        let number = server.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        let mut x = Exchange::new(connection, request, number, server.log.clone());
        let played = (server.incident.script)(&server, &mut x).await;
        let Some(reusable) = x.finish().filter(|_| played.is_ok()) else {
            return;
        };
        connection = reusable;
    }
}
