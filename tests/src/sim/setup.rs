//! How the machines of a run are set up, and what surrounds them.

use super::agenda::millis;
use crate::dice::Dice;
use mcp_sansio::{
    ClientConfig, Era, Handshake, Identity, ResponseMode, ServerConfig, ServerLimits, Version,
};
use std::ops::RangeInclusive;
use std::time::Duration;

/// What does not change during a run.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, not a state"
)]
pub struct Setup {
    /// What each exchange's dice, and each machine's seed, come from.
    pub salt: u64,
    /// The clients.
    pub clients: Vec<ClientConfig>,
    /// The server, also after each restart.
    pub server: ServerConfig,
    /// Who is real.
    pub cast: Cast,
    /// What a byte takes from one side to the other: at least, and at most, in milliseconds.
    pub latency: (usize, usize),
    /// At the end the calls in flight are waited for, instead of closed.
    pub is_patient: bool,
    /// A deadline comes before what happens at the same instant.
    pub timers_first: bool,
    /// How long the server's application takes to take a request.
    pub takes_after: Duration,
    /// Something before the server wants to see a token.
    pub demands_tokens: bool,
    /// The server's application goes on with requests that were withdrawn.
    pub is_stubborn: bool,
}

/// Who is real.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cast {
    /// Real clients, and a real server.
    Honest,
    /// Beside the real clients, one that does what must not be done.
    RogueClient,
    /// Real clients, and something that is no good server.
    RogueServer,
}

impl Setup {
    pub(super) fn invent(dice: &mut Dice) -> Self {
        let cast = *dice.pick(&[
            Cast::Honest,
            Cast::Honest,
            Cast::Honest,
            Cast::Honest,
            Cast::RogueClient,
            Cast::RogueServer,
        ]);
        let versions = versions(dice);
        let clients = (0..=dice.below(2)).map(|_| {
            let own = if dice.one_in(8) {
                self::versions(dice)
            } else {
                versions.clone()
            };
            client(dice, own)
        });
        let clients = clients.collect();
        let salt = u64::try_from(dice.below(1 << 24)).unwrap_or(0) << 24
            | u64::try_from(dice.below(1 << 24)).unwrap_or(0);
        Self {
            salt,
            clients,
            server: server(dice, versions),
            cast,
            latency: *dice.pick(&[(0, 0), (1, 5), (1, 5), (1, 60), (1, 60), (20, 400)]),
            is_patient: !dice.one_in(3),
            timers_first: dice.one_in(2),
            takes_after: *dice.pick(&[Duration::ZERO, millis(20), millis(900)]),
            demands_tokens: dice.one_in(6),
            is_stubborn: dice.one_in(3),
        }
    }

    /// Whether some call, in whatever circumstances, can meet a limit of the server.
    pub(super) fn has_narrow_server(&self) -> bool {
        let (ours, usual) = (&self.server.limits, ServerLimits::default());
        ours.sessions < usual.sessions || ours.obligations < usual.obligations
    }
}

fn versions(dice: &mut Dice) -> RangeInclusive<Version> {
    match dice.below(8) {
        0 => Version::V2024_11_05..=Version::V2025_03_26,
        1 => Version::V2025_06_18..=Version::V2025_06_18,
        2 | 3 => Version::V2024_11_05..=Version::V2025_11_25,
        4 | 5 => Version::V2026_07_28..=Version::V2026_07_28,
        _ => Version::V2024_11_05..=Version::V2026_07_28,
    }
}

fn client(dice: &mut Dice, versions: RangeInclusive<Version>) -> ClientConfig {
    let mut identity = Identity::new("sim", "1");
    identity.capabilities = r#"{"elicitation":{},"sampling":{},"roots":{}}"#.into();
    identity.meta = dice
        .one_in(2)
        .then(|| r#"{"io.modelcontextprotocol/logLevel":"info"}"#.into());
    let mut config = ClientConfig::new("http://localhost/mcp", Handshake::Core(identity));
    config.versions = versions;
    config.authorizer = !dice.one_in(4);
    config.timing.authorization = *dice.pick(&[Duration::from_secs(300), Duration::from_secs(2)]);
    config.standalone = !dice.one_in(3);
    config.reinitialize = !dice.one_in(5);
    config.accept_202 = dice.one_in(6);
    config.relisten = !dice.one_in(5);
    config.http_sse = config.versions.start().era() == Era::Legacy && dice.one_in(6);
    config.limits.exchanges = *dice.pick(&[None, None, None, Some(1), Some(3), Some(4)]);
    config.limits.reconnects = *dice.pick(&[5, 5, 1, 0]);
    config.limits.rounds = *dice.pick(&[10, 10, 1, 0]);
    config.limits.calls = *dice.pick(&[10_000, 10_000, 10_000, 10_000, 3]);
    config.limits.messages = *dice.pick(&[256, 256, 2]);
    config.limits.obligations = *dice.pick(&[64, 64, 1]);
    config.timing.session_grace = *dice.pick(&[Duration::from_secs(5), Duration::ZERO]);
    config.timing.linger = *dice.pick(&[millis(100), Duration::ZERO]);
    config.timing.standalone_wait = *dice.pick(&[millis(250), Duration::ZERO]);
    config.timing.probe = *dice.pick(&[Duration::from_secs(10), Duration::from_secs(1)]);
    config.timing.answer = *dice.pick(&[Duration::from_secs(300), Duration::from_secs(1)]);
    config.timing.idle = *dice.pick(&[
        Some(Duration::from_secs(120)),
        Some(Duration::from_secs(120)),
        Some(Duration::from_secs(120)),
        Some(millis(2_500)),
        None,
    ]);
    config.timing.max = *dice.pick(&[
        Duration::from_secs(60),
        Duration::from_secs(200),
        Duration::from_secs(1_800),
    ]);
    config
}

fn server(dice: &mut Dice, versions: RangeInclusive<Version>) -> ServerConfig {
    let mut identity = Identity::new("sim", "1");
    identity.capabilities =
        r#"{"logging":{},"prompts":{"listChanged":true},"resources":{"subscribe":true},"tools":{"listChanged":true}}"#
            .into();
    let mut config = ServerConfig::new(Handshake::Core(identity));
    config.versions = versions;
    config.sessions = !dice.one_in(4);
    config.mode = *dice.pick(&[
        ResponseMode::Adaptive,
        ResponseMode::Adaptive,
        ResponseMode::Sse,
        ResponseMode::Json,
    ]);
    config.limits.sessions = *dice.pick(&[10_000, 10_000, 10_000, 10_000, 10_000, 2]);
    config.limits.obligations = *dice.pick(&[256, 256, 256, 2]);
    config.limits.log_events = *dice.pick(&[256, 256, 2]);
    config.limits.held = *dice.pick(&[32, 1]);
    config.timing.take = *dice.pick(&[Duration::from_secs(30), Duration::from_secs(2)]);
    config.timing.head = *dice.pick(&[millis(250), Duration::ZERO]);
    config.timing.answer = *dice.pick(&[
        Some(Duration::from_secs(3_600)),
        Some(Duration::from_secs(20)),
        None,
    ]);
    config.timing.call = *dice.pick(&[Duration::from_secs(300), Duration::from_secs(3)]);
    config.timing.keep_alive = *dice.pick(&[Some(Duration::from_secs(15)), None]);
    config.timing.idle = *dice.pick(&[
        Some(Duration::from_secs(1_800)),
        Some(Duration::from_secs(10)),
        None,
    ]);
    config.timing.unused = *dice.pick(&[
        Duration::from_secs(60),
        Duration::from_secs(60),
        Duration::from_secs(2),
    ]);
    config.timing.replay = *dice.pick(&[Duration::from_secs(300), Duration::from_secs(1)]);
    config.timing.retry = *dice.pick(&[Duration::from_secs(1), millis(100)]);
    config
}
