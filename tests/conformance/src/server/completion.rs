//! Completions: what an argument of a prompt or a variable of a template may be.

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::errors;
use crate::fixture::Fixture;

/// The most that one answer proposes.
const MOST: usize = 100;

/// The params of `completion/complete`.
#[derive(Deserialize)]
struct Params {
    #[serde(rename = "ref")]
    of: Reference,
    argument: Argument,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Reference {
    #[serde(rename = "ref/prompt")]
    Prompt { name: String },
    #[serde(rename = "ref/resource")]
    Resource { uri: String },
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    value: String,
}

/// Answers `completion/complete`.
pub(crate) fn complete(fixture: &Fixture, request: &Request) -> Result<Value, RpcError> {
    let Params { of, argument } = request.params()?;
    let (items, id) = match of {
        Reference::Prompt { name } => (&fixture.prompts, name),
        Reference::Resource { uri } => (&fixture.templates, uri),
    };
    let item = items.iter().find(|item| item.id() == id);
    let item = item.ok_or_else(|| errors::invalid_params(format!("ref: there is no {id:?}")))?;
    let known = item.completes.get(&argument.name);
    let fitting: Vec<_> = known
        .into_iter()
        .flatten()
        .filter(|value| value.starts_with(&argument.value))
        .collect();
    Ok(json!({"completion": {
        "values": fitting.iter().take(MOST).collect::<Vec<_>>(),
        "total": fitting.len(),
        "hasMore": fitting.len() > MOST,
    }}))
}
