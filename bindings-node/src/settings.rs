//! Settings, as JSON: what is left out is the core's default, `null` is no bound, times are milliseconds.

use std::ops::RangeInclusive;
use std::time::Duration;

use mcp_sansio::{
    Allowed, ClientConfig, ClientLimits, ClientTiming, Handshake, Identity, Known, Recording,
    ResponseMode, ServerConfig, ServerLimits, ServerTiming, Version,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use crate::call::duration;

/// Reads settings, or says where and what is wrong.
fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        let error = error.into_inner().to_string();
        // Where in a text that nobody has seen it stands helps nobody.
        let what = error.split(" at line ").next().unwrap_or_default();
        if place == "." {
            what.to_owned()
        } else {
            format!("{place}: {what}")
        }
    })
}

pub(crate) fn client(
    url: String,
    identity: Option<&str>,
    settings: &str,
) -> Result<ClientConfig, String> {
    let mut config = ClientConfig::new(url, handshake(identity)?);
    read::<Client>(settings)?.set(&mut config);
    Ok(config)
}

pub(crate) fn server(identity: Option<&str>, settings: &str) -> Result<ServerConfig, String> {
    let mut config = ServerConfig::new(handshake(identity)?);
    read::<Server>(settings)?.set(&mut config);
    Ok(config)
}

fn handshake(identity: Option<&str>) -> Result<Handshake, String> {
    let Some(identity) = identity else {
        return Ok(Handshake::Host);
    };
    let who: Who = read(identity).map_err(|error| format!("identity: {error}"))?;
    let mut identity = Identity::new("", "");
    identity.info = who.info.into();
    identity.capabilities = who.capabilities.into();
    identity.instructions = who.instructions;
    identity.meta = who.meta.map(Into::into);
    Ok(Handshake::Core(identity))
}

/// Texts of JSON, but for the instructions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    info: String,
    capabilities: String,
    instructions: Option<String>,
    meta: Option<String>,
}

macro_rules! settings {
    ($name:ident for $target:ty { $($field:ident: $read:ty),* $(,)? }) => {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        struct $name {
            $($field: Given<$read>,)*
        }

        impl Setting<$target> for $name {
            fn set(self, target: &mut $target) {
                $(if let Given::As(value) = self.$field {
                    value.set(&mut target.$field);
                })*
            }
        }
    };
}

settings!(Client for ClientConfig {
    versions: Versions, known: Saved, authorizer: bool, standalone: bool, reinitialize: bool, accept_202: bool,
    relisten: bool, http_sse: bool, result_types: Vec<String>, limits: OfClient, timing: TimesOfClient,
    recording: Records,
});

settings!(OfClient for ClientLimits {
    calls: usize, obligations: usize, exchanges: Option<usize>, messages: usize, body: usize, event: usize,
    reconnects: u32, rounds: u32,
});

settings!(TimesOfClient for ClientTiming {
    handshake: Time, probe: Time, idle: Option<Time>, max: Time, answer: Time, authorization: Time, exchange: Time,
    cancel: Time, close: Time, linger: Time, session_grace: Time, standalone_wait: Time, backoff: Times,
});

settings!(Server for ServerConfig {
    versions: Versions, sessions: bool, mode: Mode, hosts: Names, origins: Names, shard: u16, limits: OfServer,
    timing: TimesOfServer, recording: Records,
});

settings!(OfServer for ServerLimits {
    body: usize, sessions: usize, sessions_per_principal: Option<usize>, obligations: usize, in_flight: usize,
    listens: usize, held: usize, log_events: usize, log_bytes: usize, log_total: usize, unwritten: usize,
});

settings!(TimesOfServer for ServerTiming {
    take: Time, head: Time, answer: Option<Time>, call: Time, body: Time, keep_alive: Option<Time>, stall: Time,
    idle: Option<Time>, unused: Time, replay: Time, retry: Time,
});

/// A member that is there, be it `null`, or is not.
#[derive(Default)]
enum Given<T> {
    #[default]
    Not,
    As(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        T::deserialize(input).map(Self::As)
    }
}

/// What is read for a field, and put there.
trait Setting<T> {
    fn set(self, target: &mut T);
}

macro_rules! as_it_is {
    ($($type:ty),*) => { $(
        impl Setting<$type> for $type {
            fn set(self, target: &mut Self) {
                *target = self;
            }
        }
    )* };
}

as_it_is!(bool, u16, u32, usize, Option<usize>, Vec<String>);

/// Milliseconds.
#[derive(Clone, Copy)]
struct Time(Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let milliseconds = f64::deserialize(input)?;
        if milliseconds < 0.0 {
            return Err(D::Error::custom(format!(
                "{milliseconds} is no time; give milliseconds, 0 or more"
            )));
        }
        Ok(Self(duration(milliseconds)))
    }
}

impl Setting<Duration> for Time {
    fn set(self, target: &mut Duration) {
        *target = self.0;
    }
}

impl Setting<Option<Duration>> for Option<Time> {
    fn set(self, target: &mut Option<Duration>) {
        *target = self.map(|time| time.0);
    }
}

/// The shortest and the longest.
type Times = (Time, Time);

impl Setting<RangeInclusive<Duration>> for Times {
    fn set(self, target: &mut RangeInclusive<Duration>) {
        *target = self.0.0..=self.1.0;
    }
}

/// The oldest and the newest.
type Versions = (Revision, Revision);

struct Revision(Version);

impl<'de> Deserialize<'de> for Revision {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        let version = Version::from_name(&name);
        let unknown = || D::Error::custom(format!("{name:?} is no revision of the protocol"));
        version.map(Self).ok_or_else(unknown)
    }
}

impl Setting<RangeInclusive<Version>> for Versions {
    fn set(self, target: &mut RangeInclusive<Version>) {
        *target = self.0.0..=self.1.0;
    }
}

/// What `known()` gave; its era is told by its version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Saved {
    version: Revision,
    #[serde(default, rename = "era")]
    _era: Option<String>,
    session: Option<String>,
    #[serde(default)]
    http_sse: bool,
    next_id: Option<u64>,
    result: Option<String>,
}

impl Setting<Option<Known>> for Saved {
    fn set(self, target: &mut Option<Known>) {
        let mut known = Known::new(self.version.0, self.session);
        known.http_sse = self.http_sse;
        known.next_id = self.next_id.unwrap_or(known.next_id);
        known.result = self.result.map(Into::into);
        *target = Some(known);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Records {
    Off,
    Redacted,
    Whole,
}

impl Setting<Recording> for Records {
    fn set(self, target: &mut Recording) {
        *target = match self {
            Self::Off => Recording::Off,
            Self::Redacted => Recording::Redacted,
            Self::Whole => Recording::Whole,
        };
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Adaptive,
    Json,
    Sse,
}

impl Setting<ResponseMode> for Mode {
    fn set(self, target: &mut ResponseMode) {
        *target = match self {
            Self::Adaptive => ResponseMode::Adaptive,
            Self::Json => ResponseMode::Json,
            Self::Sse => ResponseMode::Sse,
        };
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "it is \"any\", \"loopback\" or an array of names"
)]
enum Names {
    Word(Word),
    Only(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Any,
    Loopback,
}

impl Setting<Allowed> for Names {
    fn set(self, target: &mut Allowed) {
        *target = match self {
            Self::Word(Word::Any) => Allowed::Any,
            Self::Word(Word::Loopback) => Allowed::Loopback,
            Self::Only(names) => Allowed::Only(names),
        };
    }
}
