//! A session of a bare client: it knows what a client must know, and nothing of what a good one does.

use anyhow::{Context as _, Result, bail};
use hyper::body::Incoming;
use hyper::{Method, Response};
use serde_json::{Value, json};

use crate::http::{Connection, Headers, chunk};

const VERSION: &str = "2025-11-25";

/// A session; its calls are made one after the other, on any connection.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) headers: Headers,
    next: u64,
}

/// An answer on its way.
pub(crate) struct Answer {
    response: Response<Incoming>,
    /// What has come of a stream and is no whole event yet.
    rest: String,
    /// The id of the last event.
    pub(crate) cursor: Option<String>,
}

impl Session {
    /// `initialize` and `notifications/initialized`.
    pub(crate) async fn begin(connection: &mut Connection) -> Result<Self> {
        let initialize = json!({
            "jsonrpc": "2.0",
            "id": 0,
            "method": "initialize",
            "params": {
                "protocolVersion": VERSION,
                "capabilities": {},
                "clientInfo": {"name": "mcp-sansio load", "version": "1"},
            },
        });
        let response = connection
            .send(Method::POST, &Headers::default(), initialize.to_string())
            .await?;
        let id = response.headers().get("mcp-session-id").cloned();
        let id = id.as_ref().and_then(|id| id.to_str().ok());
        let mut session = Self {
            headers: Headers {
                session: id.map(str::to_owned),
                version: Some(VERSION),
                last_event_id: None,
            },
            next: 1,
        };
        let answer = Answer::new(response).message(0).await?;
        answer.get("result").context("initialize gave no result")?;
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let acknowledged = session.post(connection, &initialized).await?;
        acknowledged.end().await?;
        session.next = 1;
        Ok(session)
    }

    /// A call of a tool, and its id.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> (u64, Value) {
        let id = self.next;
        self.next += 1;
        let call = json!({
            "jsonrpc": "2.0",
            "id": id,
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments, "_meta": {"progressToken": id}},
        });
        (id, call)
    }

    /// How many calls were made so far.
    pub(crate) const fn made(&self) -> u64 {
        self.next
    }

    pub(crate) async fn post(&self, on: &mut Connection, message: &Value) -> Result<Answer> {
        let response = on
            .send(Method::POST, &self.headers, message.to_string())
            .await?;
        Ok(Answer::new(response))
    }

    /// The standalone stream, or what comes after an event.
    pub(crate) async fn get(&self, on: &mut Connection, after: Option<String>) -> Result<Answer> {
        let headers = Headers {
            last_event_id: after,
            ..self.headers.clone()
        };
        Ok(Answer::new(on.send(Method::GET, &headers, "").await?))
    }

    pub(crate) async fn delete(&self, on: &mut Connection) -> Result<Answer> {
        let response = on.send(Method::DELETE, &self.headers, "").await?;
        Ok(Answer::new(response))
    }
}

impl Answer {
    fn new(response: Response<Incoming>) -> Self {
        Self {
            response,
            rest: String::new(),
            cursor: None,
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(crate) fn is_stream(&self) -> bool {
        let kind = self.response.headers().get("content-type");
        kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
    }

    /// The answer with this id, and the rest of the body, so that the connection can be used again.
    pub(crate) async fn message(mut self, id: u64) -> Result<Value> {
        if !self.is_stream() {
            let text = self.text().await?;
            let message: Value = serde_json::from_str(&text).with_context(|| {
                format!("HTTP {} with a body that is no JSON: {text}", self.status())
            })?;
            if message["id"] != id {
                bail!("HTTP {} for {}, not for {id}", self.status(), message["id"]);
            }
            return Ok(message);
        }
        let mut answer = None;
        while let Some(message) = self.next().await? {
            if message["id"] == id && message.get("method").is_none() {
                if answer.is_some() {
                    bail!("{id} was answered twice");
                }
                answer = Some(message);
            }
        }
        answer.with_context(|| format!("the stream ended without an answer for {id}"))
    }

    /// The next message of a stream; `None` at its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Value>> {
        loop {
            while let Some(end) = self.rest.find("\n\n") {
                let event: String = self.rest.drain(..end + 2).collect();
                let mut data = "";
                for line in event.lines() {
                    if let Some(id) = line.strip_prefix("id:") {
                        self.cursor = Some(id.trim().to_owned());
                    } else if let Some(text) = line.strip_prefix("data:") {
                        data = text.trim();
                    }
                }
                if !data.is_empty() {
                    return Ok(Some(serde_json::from_str(data)?));
                }
            }
            match chunk(self.response.body_mut()).await? {
                Some(data) => self.rest.push_str(str::from_utf8(&data)?),
                None => return Ok(None),
            }
        }
    }

    /// Reads until an event has brought an id: `false` if the stream ends without.
    pub(crate) async fn until_cursor(&mut self) -> Result<bool> {
        while self.cursor.is_none() {
            let Some(data) = chunk(self.response.body_mut()).await? else {
                return Ok(false);
            };
            self.rest.push_str(str::from_utf8(&data)?);
            let whole = self.rest.rfind("\n\n").map_or("", |end| &self.rest[..end]);
            let id = whole
                .lines()
                .rev()
                .find_map(|line| line.strip_prefix("id:"));
            self.cursor = id.map(|id| id.trim().to_owned());
        }
        Ok(true)
    }

    /// Reads the body to its end.
    pub(crate) async fn end(mut self) -> Result<u16> {
        self.text().await?;
        Ok(self.status())
    }

    async fn text(&mut self) -> Result<String> {
        let mut text = Vec::new();
        while let Some(data) = chunk(self.response.body_mut()).await? {
            text.extend_from_slice(&data);
        }
        Ok(String::from_utf8(text)?)
    }
}
