//! What a server of this program saw and did, in order. The demo checks its claims against this, and draws
//! its pictures from it.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;

/// Bytes of a message that is read only to say what it is.
const MOST_READ: usize = 1 << 20;

/// One thing that the server saw or did.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub(crate) at: Instant,
    /// Counts the HTTP requests of this server, from 1; 0 for what belongs to none.
    pub(crate) exchange: u32,
    pub(crate) what: Saw,
}

#[derive(Clone, Debug)]
pub(crate) enum Saw {
    /// A request came.
    Asked(Asked),
    /// The server sent something.
    Said(String),
    /// The server ended its answer in order.
    Ended,
    /// The answer was broken off in its midst.
    Broken,
    /// The server reset the connection.
    Reset,
    /// The client dropped the exchange.
    Left,
    /// What explains the rest.
    Note(Cow<'static, str>),
}

/// What a request was about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) http: String,
    /// The JSON-RPC method; `None` for a GET, a DELETE, and for answers to the server's requests.
    pub(crate) rpc: Option<String>,
    /// The tool that is called.
    pub(crate) tool: Option<String>,
    /// The `last-event-id`.
    pub(crate) cursor: Option<String>,
    /// The POST carries an answer to a request of the server.
    pub(crate) answers: bool,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.http)?;
        if let Some(rpc) = &self.rpc {
            write!(f, " {}", rpc.strip_prefix("notifications/").unwrap_or(rpc))?;
        }
        if let Some(tool) = &self.tool {
            write!(f, " {tool}")?;
        }
        if let Some(cursor) = &self.cursor {
            write!(f, " after {cursor}")?;
        }
        if self.answers {
            f.write_str(" an answer")?;
        }
        Ok(())
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.exchange;
        match &self.what {
            Saw::Asked(asked) => write!(f, "[{n}] <- {asked}"),
            Saw::Said(text) => write!(f, "[{n}] -> {text}"),
            Saw::Ended => write!(f, "[{n}] -> end"),
            Saw::Broken => write!(f, "[{n}] -> broken off"),
            Saw::Reset => write!(f, "[{n}] -> connection reset"),
            Saw::Left => write!(f, "[{n}] <- client left"),
            Saw::Note(text) if n == 0 => f.write_str(text),
            Saw::Note(text) => write!(f, "[{n}]    {text}"),
        }
    }
}

/// The observations so far; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Log(watch::Sender<Vec<Observation>>);

impl Log {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }

    pub(crate) fn add(&self, exchange: u32, what: Saw) {
        let at = Instant::now();
        self.0.send_modify(|seen| {
            seen.push(Observation { at, exchange, what });
        });
    }

    /// Everything so far.
    pub(crate) fn all(&self) -> Vec<Observation> {
        self.0.borrow().clone()
    }

    /// How many requests satisfy `wanted`.
    pub(crate) fn count(&self, wanted: impl Fn(&Asked) -> bool) -> usize {
        count(&self.0.borrow(), wanted)
    }

    /// Waits until `times` requests that satisfy `wanted` have come.
    pub(crate) async fn until(&self, times: usize, wanted: impl Fn(&Asked) -> bool) {
        let mut seen = self.0.subscribe();
        // It cannot fail: `self` keeps the sender alive.
        let _ = seen.wait_for(|seen| count(seen, &wanted) >= times).await;
    }

    /// Calls `print` with each observation, those so far first, and never returns.
    pub(crate) async fn follow(&self, mut print: impl FnMut(&Observation)) {
        let mut seen = self.0.subscribe();
        let mut printed = 0;
        loop {
            for observation in &seen.borrow_and_update()[printed..] {
                print(observation);
                printed += 1;
            }
            if seen.changed().await.is_err() {
                return;
            }
        }
    }

    /// Like [`until`](Self::until), but gives up after `bound` and says whether they came.
    pub(crate) async fn within(
        &self,
        bound: Duration,
        times: usize,
        wanted: impl Fn(&Asked) -> bool,
    ) -> bool {
        tokio::time::timeout(bound, self.until(times, wanted))
            .await
            .is_ok()
    }
}

impl Asked {
    /// What a request asks for: `message` is its body, or null.
    pub(crate) fn of(http: &str, message: &Value, cursor: Option<&str>) -> Self {
        let rpc = message["method"].as_str();
        let tool = message["params"]["name"].as_str();
        Self {
            http: http.to_owned(),
            rpc: rpc.map(str::to_owned),
            tool: tool
                .filter(|_| rpc == Some("tools/call"))
                .map(str::to_owned),
            cursor: cursor.map(str::to_owned),
            answers: http == "POST" && rpc.is_none() && message.is_object(),
        }
    }

    /// Whether this asks for the standalone stream.
    pub(crate) fn listens(&self) -> bool {
        self.http == "GET" && self.cursor.is_none()
    }
}

/// What a JSON-RPC message is, in a word or two.
pub(crate) fn describe(text: &str) -> Option<Cow<'static, str>> {
    if text.len() > MOST_READ {
        return Some(format!("a message of {} KiB", text.len() >> 10).into());
    }
    let message: Value = serde_json::from_str(text).ok()?;
    if let Some(method) = message["method"].as_str() {
        let method = method.strip_prefix("notifications/").unwrap_or(method);
        return Some(method.to_owned().into());
    }
    let id = &message["id"];
    if let Some(error) = message.get("error") {
        return Some(format!("error {} for {id}", error["code"]).into());
    }
    let what = match message.get("result")?["resultType"].as_str() {
        Some("input_required") => "questions",
        _ => "result",
    };
    Some(format!("{what} for {id}").into())
}

fn count(seen: &[Observation], wanted: impl Fn(&Asked) -> bool) -> usize {
    seen.iter()
        .filter(|observation| matches!(&observation.what, Saw::Asked(asked) if wanted(asked)))
        .count()
}
