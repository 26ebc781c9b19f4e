//! The `config` of a vector's header, by the names of the core's fields.

use crate::op::Millis;
use bytes::Bytes;
use mcp_sansio::{ClientConfig, Handshake, Identity, Known, Version};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::ops::RangeInclusive;
use std::time::Duration;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    role: Option<String>,
    url: Option<String>,
    handshake: Option<Speaker>,
    versions: Option<(String, String)>,
    known: Option<Saved>,
    authorizer: Option<bool>,
    standalone: Option<bool>,
    reinitialize: Option<bool>,
    accept_202: Option<bool>,
    relisten: Option<bool>,
    http_sse: Option<bool>,
    result_types: Vec<String>,
    limits: Limits,
    timing: Timing,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Speaker {
    Host(String),
    Short {
        name: String,
        version: String,
        meta: Option<Value>,
    },
    Core {
        info: Value,
        capabilities: Value,
        instructions: Option<String>,
        meta: Option<Value>,
    },
}

impl Speaker {
    pub(crate) fn build(speaker: Option<Self>) -> Result<Handshake, String> {
        Ok(match speaker {
            None => Handshake::Core(Identity::new("vector", "1")),
            Some(Self::Host(word)) if word == "host" => Handshake::Host,
            Some(Self::Host(word)) => {
                return Err(format!("handshake: {word:?} is not \"host\""));
            }
            Some(Self::Short {
                name,
                version,
                meta,
            }) => {
                let mut identity = Identity::new(&name, &version);
                identity.meta = text(meta.as_ref());
                Handshake::Core(identity)
            }
            Some(Self::Core {
                info,
                capabilities,
                instructions,
                meta,
            }) => {
                let mut identity = Identity::new("", "");
                identity.info = info.to_string().into();
                identity.capabilities = capabilities.to_string().into();
                identity.instructions = instructions;
                identity.meta = text(meta.as_ref());
                Handshake::Core(identity)
            }
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    version: String,
    session: Option<String>,
    #[serde(default)]
    http_sse: bool,
    next_id: Option<u64>,
    result: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    calls: Option<usize>,
    obligations: Option<usize>,
    exchanges: Bound<usize>,
    messages: Option<usize>,
    body: Option<usize>,
    event: Option<usize>,
    reconnects: Option<u32>,
    rounds: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Timing {
    handshake: Option<Millis>,
    probe: Option<Millis>,
    idle: Bound<Millis>,
    max: Option<Millis>,
    answer: Option<Millis>,
    authorization: Option<Millis>,
    exchange: Option<Millis>,
    cancel: Option<Millis>,
    close: Option<Millis>,
    linger: Option<Millis>,
    session_grace: Option<Millis>,
    standalone_wait: Option<Millis>,
    backoff: Option<(Millis, Millis)>,
}

/// A member that may be missing (the default holds), `null` (no bound), or a value.
#[derive(Debug, Default)]
pub(crate) enum Bound<T> {
    #[default]
    Default,
    None,
    At(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bound<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(input)?.map_or(Self::None, Self::At))
    }
}

impl<T> Bound<T> {
    pub(crate) fn apply<U>(self, field: &mut Option<U>, build: impl FnOnce(T) -> U) {
        match self {
            Self::Default => {}
            Self::None => *field = None,
            Self::At(value) => *field = Some(build(value)),
        }
    }
}

impl Settings {
    pub(crate) fn build(self) -> Result<ClientConfig, String> {
        if self.role.is_some_and(|role| role != "client") {
            return Err("role: this harness runs clients".to_owned());
        }
        let handshake = Speaker::build(self.handshake)?;
        let url = self
            .url
            .unwrap_or_else(|| "http://server.test/mcp".to_owned());
        let mut config = ClientConfig::new(url, handshake);
        config.versions = versions(self.versions)?;
        if let Some(saved) = self.known {
            let mut known = Known::new(version(&saved.version)?, saved.session);
            known.http_sse = saved.http_sse;
            known.next_id = saved.next_id.unwrap_or(1);
            known.result = text(saved.result.as_ref());
            config.known = Some(known);
        }
        set(&mut config.authorizer, self.authorizer);
        set(&mut config.standalone, self.standalone);
        set(&mut config.reinitialize, self.reinitialize);
        set(&mut config.accept_202, self.accept_202);
        set(&mut config.relisten, self.relisten);
        set(&mut config.http_sse, self.http_sse);
        config.result_types = self.result_types;
        self.limits.apply(&mut config);
        self.timing.apply(&mut config);
        Ok(config)
    }
}

impl Limits {
    fn apply(self, config: &mut ClientConfig) {
        let limits = &mut config.limits;
        set(&mut limits.calls, self.calls);
        set(&mut limits.obligations, self.obligations);
        self.exchanges.apply(&mut limits.exchanges, |most| most);
        set(&mut limits.messages, self.messages);
        set(&mut limits.body, self.body);
        set(&mut limits.event, self.event);
        set(&mut limits.reconnects, self.reconnects);
        set(&mut limits.rounds, self.rounds);
    }
}

impl Timing {
    fn apply(self, config: &mut ClientConfig) {
        let timing = &mut config.timing;
        self.idle.apply(&mut timing.idle, Millis::duration);
        if let Some((shortest, longest)) = self.backoff {
            timing.backoff = shortest.duration()..=longest.duration();
        }
        let fields: [(&mut Duration, Option<Millis>); 11] = [
            (&mut timing.handshake, self.handshake),
            (&mut timing.probe, self.probe),
            (&mut timing.max, self.max),
            (&mut timing.answer, self.answer),
            (&mut timing.authorization, self.authorization),
            (&mut timing.exchange, self.exchange),
            (&mut timing.cancel, self.cancel),
            (&mut timing.close, self.close),
            (&mut timing.linger, self.linger),
            (&mut timing.session_grace, self.session_grace),
            (&mut timing.standalone_wait, self.standalone_wait),
        ];
        for (field, value) in fields {
            set(field, value.map(Millis::duration));
        }
    }
}

pub(crate) fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The revisions that a vector names; those of the legacy era if it names none.
pub(crate) fn versions(named: Option<(String, String)>) -> Result<RangeInclusive<Version>, String> {
    match named {
        Some((oldest, newest)) => Ok(version(&oldest)?..=version(&newest)?),
        None => Ok(Version::V2024_11_05..=Version::V2025_11_25),
    }
}

pub(crate) fn version(name: &str) -> Result<Version, String> {
    Version::from_name(name).ok_or_else(|| format!("{name:?} is no protocol revision"))
}

fn text(value: Option<&Value>) -> Option<Bytes> {
    value.map(|value| value.to_string().into())
}
