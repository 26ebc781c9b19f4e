//! What `call`, `tools` and `listen` share: the client, and telling what became of it.

use std::time::{Duration, Instant};

use mcp_sansio_tokio::{
    Builder, CallError, Client, ClientConfig, Event, Identity, SessionChange, Version,
};
use serde_json::{Value, json};

use crate::args::{Era, Server};
use crate::beside::beside;
use crate::exit::{Exit, Trouble};
use crate::record;
use crate::terminal::{complain, print, printable};

/// How long the end of the session may hold up the end of the program.
const CLOSING: Duration = Duration::from_secs(1);

/// One client, and how the user wants to hear of it.
pub(crate) struct Session {
    pub(crate) client: Client,
    began: Instant,
    json: bool,
    story: bool,
    records: bool,
}

impl Session {
    /// A client that connects with its first call. `prepare` has the last word on how it is set up.
    pub(crate) fn new(
        server: Server,
        prepare: impl FnOnce(Builder) -> Builder,
    ) -> Result<Self, Trouble> {
        let mut builder = Client::builder(&server.url)
            .identity(identity())
            .configure(|config| configure(config, &server));
        if let Some((recording, file)) = record::open(&server.recorded)? {
            builder = builder.record(recording, file);
        }
        for (name, value) in server.headers {
            builder = builder.header(name, value);
        }
        let client = prepare(builder)
            .build()
            .map_err(|error| Trouble::misuse(error.to_string()))?;
        Ok(Self {
            client,
            began: Instant::now(),
            json: server.json,
            story: server.story,
            records: server.recorded.record.is_some(),
        })
    }

    pub(crate) const fn wants_json(&self) -> bool {
        self.json
    }

    /// Tells why a call brought no result; `why`, if it is known better than by the error.
    pub(crate) fn tell(&self, error: &CallError, why: Option<String>) -> Exit {
        if self.json {
            self.print_json("error", as_json(error));
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

    /// Prints a JSON object with this member, and with what is spoken with the server.
    pub(crate) fn print_json(&self, name: &str, value: Value) {
        let mut object = self.spoken_json();
        object[name] = value;
        print(&object.to_string());
    }

    /// `{"era": "modern", "version": "2026-07-28"}`; nulls if nothing is spoken.
    pub(crate) fn spoken_json(&self) -> Value {
        let version = self.client.version();
        json!({
            "era": version.map(|version| version.era().as_str()),
            "version": version.map(Version::as_str),
        })
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

    /// Runs `work` to its end, and tells meanwhile what happens beside it, in order: all of it if the user
    /// wants the story, else only what becomes of the record.
    pub(crate) async fn telling<T>(&self, work: impl Future<Output = T>) -> T {
        let is_told = self.story || self.records;
        let mut events = is_told.then(|| self.client.events());
        beside(
            work,
            async || match &mut events {
                Some(events) => events.next().await,
                None => None,
            },
            |event| self.tell_event(event),
        )
        .await
    }

    fn tell_event(&self, event: Event) {
        let what = match event {
            Event::RecordingEnded(why) => {
                return complain(&format!(
                    "the record ends here, it cannot be written: {why}"
                ));
            }
            _ if !self.story => return,
            Event::Notice(notice) => notice.detail,
            Event::Session { change, .. } => match change {
                SessionChange::Connected => format!("connected{}", self.spoken()),
                SessionChange::Lost(failure) => failure.to_string(),
                SessionChange::Reinitialized => format!("connected anew{}", self.spoken()),
                _ => return,
            },
            _ => return,
        };
        tell_seen(self.began, &what);
    }

    /// `, 2026-07-28 (modern)`.
    fn spoken(&self) -> String {
        let spoken = |version: Version| format!(", {version} ({})", version.era().as_str());
        self.client.version().map_or_else(String::new, spoken)
    }
}

/// Who the program says that it is.
pub(crate) fn identity() -> Identity {
    Identity::new("mcp-sansio", env!("CARGO_PKG_VERSION"))
}

fn configure(config: &mut ClientConfig, server: &Server) {
    config.versions = match server.era {
        Era::Auto => Version::V2024_11_05..=Version::V2026_07_28,
        Era::Modern => Version::V2026_07_28..=Version::V2026_07_28,
        Era::Legacy => Version::V2024_11_05..=Version::V2025_11_25,
    };
    config.http_sse = server.http_sse;
    config.timing.close = CLOSING;
    // One answer is wanted, and nothing that the server says unasked.
    config.standalone = false;
    if let Some(timeout) = server.timeout {
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
