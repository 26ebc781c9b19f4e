//! The client's side of the format.

use crate::line::read_as;
use crate::op::Op;
use crate::role::Role;
use crate::settings::Settings;
use mcp_sansio::{Client, ClientConfig, ConfigError, Inspection, Instant, Recording};
use serde_json::Value;

/// The client's side of the format.
#[derive(Clone, Copy, Debug)]
pub enum ClientRole {}

impl Role for ClientRole {
    type Config = ClientConfig;
    type Op = Op;
    type Machine = Client;

    fn config(settings: Value) -> Result<ClientConfig, String> {
        read_as::<Settings>(settings)?.build()
    }

    fn input(input: Value) -> Result<Op, String> {
        has_no_members_too_many(&input)?;
        let op = read_as(input)?;
        check(&op)?;
        Ok(op)
    }

    fn drain() -> Option<Op> {
        Some(Op::Drain)
    }

    fn start(mut config: ClientConfig, seed: [u8; 32]) -> Result<Client, ConfigError> {
        config.recording = Recording::Whole;
        Client::new(config, seed)
    }

    fn apply(client: &mut Client, now: Instant, op: &Op) {
        op.apply(client, now);
    }

    fn poll(client: &mut Client, room: bool) -> bool {
        client.poll_output(room).is_some()
    }

    fn poll_record(client: &mut Client) -> Option<String> {
        client.poll_record()
    }

    fn inspect(client: &Client) -> Inspection {
        client.inspect()
    }
}

/// For the inputs without members of their own, where serde does not look.
fn has_no_members_too_many(input: &Value) -> Result<(), String> {
    let alone = matches!(input["type"].as_str(), Some("close" | "timeout"));
    match input
        .as_object()
        .and_then(|members| members.keys().find(|name| *name != "type"))
    {
        Some(name) if alone => Err(format!("`{name}` is no member of this kind of input")),
        _ => Ok(()),
    }
}

fn check(op: &Op) -> Result<(), &'static str> {
    match op {
        Op::Chunk { .. } if op.bytes().is_none_or(|bytes| bytes.is_empty()) => {
            Err("a chunk has bytes, in one of `data` and `base64`")
        }
        Op::Listen {
            params,
            params_text,
            ..
        } if params.is_some() == params_text.is_some() => {
            Err("a listen has one of `params` and `params_text`")
        }
        Op::Respond {
            result,
            result_text,
            error,
            ..
        } if usize::from(result.is_some())
            + usize::from(result_text.is_some())
            + usize::from(error.is_some())
            != 1 =>
        {
            Err("a response has one of `result`, `result_text` and `error`")
        }
        _ => Ok(()),
    }
}
