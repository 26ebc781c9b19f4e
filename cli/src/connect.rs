//! What `call` and `tools` share: the client, and telling what became of it.

use std::time::{Duration, Instant};

use mcp_sansio_tokio::{CallError, Client, ClientConfig, Event, Identity, SessionChange};
use serde_json::{Value, json};

use crate::args::Server;
use crate::exit::{Exit, Trouble};
use crate::terminal::{complain, print, printable};

/// How long the end of the session may hold up the end of the program.
const CLOSING: Duration = Duration::from_secs(1);

/// One client, and how the user wants to hear of it.
pub(crate) struct Session {
    pub(crate) client: Client,
    began: Instant,
    json: bool,
    story: bool,
}

impl Session {
    /// A client that connects with its first call, so that one timeout spans both.
    pub(crate) fn new(server: Server) -> Result<Self, Trouble> {
        let timeout = server.timeout;
        let mut builder = Client::builder(server.url)
            .identity(Identity::new("mcp-sansio", env!("CARGO_PKG_VERSION")))
            .configure(|config| set_bounds(config, timeout));
        for (name, value) in server.headers {
            builder = builder.header(name, value);
        }
        let client = builder
            .build()
            .map_err(|error| Trouble::misuse(error.to_string()))?;
        let session = Self {
            client,
            began: Instant::now(),
            json: server.json,
            story: server.story,
        };
        if server.story {
            session.tell_events();
        }
        Ok(session)
    }

    pub(crate) const fn wants_json(&self) -> bool {
        self.json
    }

    /// Tells why a call brought no result; `why`, if it is known better than by the error.
    pub(crate) fn tell(&self, error: &CallError, why: Option<String>) -> Exit {
        if self.json {
            print(&json!({"error": as_json(error)}).to_string());
        }
        let why = why.unwrap_or_else(|| {
            if self.story {
                format!("{error:#}")
            } else {
                error.to_string()
            }
        });
        complain(&printable(&format!("error: {why}")));
        Exit::Failure
    }

    /// Adds a line to the story, if the user wants it.
    pub(crate) fn saw(&self, what: &str) {
        if self.story {
            tell_seen(self.began, what);
        }
    }

    /// Ends the session.
    pub(crate) async fn close(self) {
        self.client.close().await;
    }

    /// Tells of the session as it goes, until the client is closed.
    fn tell_events(&self) {
        let mut events = self.client.events();
        let began = self.began;
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                let what = match event {
                    Event::Notice(notice) => notice.detail,
                    Event::Session { change, .. } => match change {
                        SessionChange::Connected => "connected".into(),
                        SessionChange::Lost(failure) => failure.to_string(),
                        SessionChange::Reinitialized => "connected anew".into(),
                        _ => continue,
                    },
                    _ => continue,
                };
                tell_seen(began, &what);
            }
        });
    }
}

fn set_bounds(config: &mut ClientConfig, timeout: Option<Duration>) {
    config.timing.close = CLOSING;
    // One answer is wanted, and nothing that the server says unasked.
    config.standalone = false;
    if let Some(timeout) = timeout {
        config.timing.max = timeout;
        config.timing.idle = Some(timeout);
        config.timing.handshake = timeout;
    }
}

fn tell_seen(began: Instant, what: &str) {
    complain(&printable(&format!(
        "+{} ms {what}",
        began.elapsed().as_millis()
    )));
}

/// The JSON-RPC form of an error, which is what other programs know.
fn as_json(error: &CallError) -> Value {
    let error = match error {
        CallError::Failed(failure) => failure.to_rpc_error(),
        CallError::Peer(error) => error.clone(),
        other => return json!({"code": -32603, "message": other.to_string()}),
    };
    let mut json = json!({"code": error.code, "message": error.message});
    if let Some(data) = error
        .data
        .and_then(|data| serde_json::from_slice(&data).ok())
    {
        json["data"] = data;
    }
    json
}
