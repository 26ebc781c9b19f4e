//! Questions by a result: since 2026-07-28 a request that needs an answer of the client ends with the question,
//! and the client makes it again with the answer. What was answered in earlier rounds goes to the client and
//! back as a state that it can neither read nor change.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use mcp_sansio_tokio::core::{StateContext, open_state, seal_state};
use mcp_sansio_tokio::server::Request;
use mcp_sansio_tokio::{Era, RpcError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::errors;

/// How long a client may take between two rounds, in seconds.
const LASTS: u64 = 600;

/// What a client sends with its request when it makes it again.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Round {
    input_responses: Option<Map<String, Value>>,
    request_state: Option<String>,
}

impl Round {
    /// The round that a request is of. Requests of a session have one only.
    pub(crate) fn of(request: &Request) -> Result<Self, RpcError> {
        match request.version().era() {
            Era::Legacy => Ok(Self::default()),
            Era::Modern => request.params(),
        }
    }

    /// The answer to a question, if there is one. It is the client's word: it may never have been asked for.
    pub(crate) fn answer(&self, name: &str) -> Option<&Value> {
        self.input_responses.as_ref()?.get(name)
    }
}

/// Seals states, and opens them again.
pub(crate) struct Seal([u8; 32]);

impl Seal {
    /// One whose states nobody else can make. They are of no use to the next run of the program.
    pub(crate) fn new() -> Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| anyhow!("the system has no entropy: {error}"))?;
        Ok(Self(key))
    }

    /// The result that asks the client.
    ///
    /// # Errors
    /// The system has no entropy any more.
    pub(crate) fn ask(
        &self,
        request: &Request,
        questions: &Map<String, Value>,
        answered: &Value,
    ) -> Result<Value, RpcError> {
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(|error| errors::internal(error.to_string()))?;
        let answered = answered.to_string();
        let expires = now() + LASTS;
        let state = seal_state(
            &self.0,
            &nonce,
            &context(request),
            expires,
            answered.as_bytes(),
        );
        Ok(
            json!({"resultType": "input_required", "inputRequests": questions, "requestState": state}),
        )
    }

    /// What was answered in earlier rounds.
    ///
    /// # Errors
    /// The state is not what this server gave for this request.
    pub(crate) fn answered(
        &self,
        request: &Request,
        round: &Round,
    ) -> Result<Map<String, Value>, RpcError> {
        let Some(state) = &round.request_state else {
            return Ok(Map::new());
        };
        let refused =
            |why: &dyn std::fmt::Display| errors::invalid_params(format!("requestState: {why}"));
        let opened = open_state(&self.0, &context(request), now(), state)
            .map_err(|error| refused(&error))?;
        serde_json::from_slice(&opened).map_err(|error| refused(&error))
    }
}

fn context(request: &Request) -> StateContext<'_> {
    StateContext {
        // A server that knows its clients names them here.
        principal: None,
        method: request.method(),
        params: request.params_json().map(|params| &params[..]),
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
