//! The `config` of a server's vector, by the names of the core's fields.

use crate::op::Millis;
use crate::settings::{Bound, Speaker, set, version};
use mcp_sansio::{Allowed, ResponseMode, ServerConfig, Version};
use serde::Deserialize;
use std::time::Duration;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    role: String,
    handshake: Option<Speaker>,
    versions: Option<(String, String)>,
    sessions: Option<bool>,
    mode: Option<Mode>,
    hosts: Option<Names>,
    origins: Option<Names>,
    shard: Option<u16>,
    limits: Limits,
    timing: Timing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Adaptive,
    Json,
    Sse,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    Word(String),
    Only(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    body: Option<usize>,
    sessions: Option<usize>,
    sessions_per_principal: Bound<usize>,
    obligations: Option<usize>,
    in_flight: Option<usize>,
    listens: Option<usize>,
    held: Option<usize>,
    log_events: Option<usize>,
    log_bytes: Option<usize>,
    log_total: Option<usize>,
    unwritten: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Timing {
    take: Option<Millis>,
    head: Option<Millis>,
    answer: Bound<Millis>,
    call: Option<Millis>,
    body: Option<Millis>,
    keep_alive: Bound<Millis>,
    stall: Option<Millis>,
    idle: Bound<Millis>,
    unused: Option<Millis>,
    replay: Option<Millis>,
    retry: Option<Millis>,
}

impl Settings {
    pub(super) fn build(self) -> Result<ServerConfig, String> {
        if self.role != "server" {
            return Err("role: a server's vector says \"server\"".to_owned());
        }
        let handshake = Speaker::build(self.handshake)?;
        let mut config = ServerConfig::new(handshake);
        // Vectors that name no revisions are about the legacy era.
        config.versions = match self.versions {
            Some((oldest, newest)) => version(&oldest)?..=version(&newest)?,
            None => Version::V2024_11_05..=Version::V2025_11_25,
        };
        set(&mut config.sessions, self.sessions);
        let mode = self.mode.map(|mode| match mode {
            Mode::Adaptive => ResponseMode::Adaptive,
            Mode::Json => ResponseMode::Json,
            Mode::Sse => ResponseMode::Sse,
        });
        set(&mut config.mode, mode);
        set(&mut config.hosts, self.hosts.map(allowed).transpose()?);
        set(&mut config.origins, self.origins.map(allowed).transpose()?);
        set(&mut config.shard, self.shard);
        self.limits.apply(&mut config);
        self.timing.apply(&mut config);
        Ok(config)
    }
}

fn allowed(names: Names) -> Result<Allowed, String> {
    match names {
        Names::Only(names) => Ok(Allowed::Only(names)),
        Names::Word(word) if word == "any" => Ok(Allowed::Any),
        Names::Word(word) if word == "loopback" => Ok(Allowed::Loopback),
        Names::Word(word) => Err(format!("{word:?} is not \"any\", \"loopback\" or a list")),
    }
}

impl Limits {
    fn apply(self, config: &mut ServerConfig) {
        let limits = &mut config.limits;
        set(&mut limits.body, self.body);
        set(&mut limits.sessions, self.sessions);
        self.sessions_per_principal
            .apply(&mut limits.sessions_per_principal, |most| most);
        set(&mut limits.obligations, self.obligations);
        set(&mut limits.in_flight, self.in_flight);
        set(&mut limits.listens, self.listens);
        set(&mut limits.held, self.held);
        set(&mut limits.log_events, self.log_events);
        set(&mut limits.log_bytes, self.log_bytes);
        set(&mut limits.log_total, self.log_total);
        set(&mut limits.unwritten, self.unwritten);
    }
}

impl Timing {
    fn apply(self, config: &mut ServerConfig) {
        let timing = &mut config.timing;
        self.answer.apply(&mut timing.answer, Millis::duration);
        self.keep_alive
            .apply(&mut timing.keep_alive, Millis::duration);
        self.idle.apply(&mut timing.idle, Millis::duration);
        let fields: [(&mut Duration, Option<Millis>); 8] = [
            (&mut timing.take, self.take),
            (&mut timing.head, self.head),
            (&mut timing.call, self.call),
            (&mut timing.body, self.body),
            (&mut timing.stall, self.stall),
            (&mut timing.unused, self.unused),
            (&mut timing.replay, self.replay),
            (&mut timing.retry, self.retry),
        ];
        for (field, value) in fields {
            set(field, value.map(Millis::duration));
        }
    }
}
