//! How the client of a walk is set up.

use crate::dice::Dice;
use mcp_sansio::{ClientConfig, Era, Handshake, Identity, Known, Version};
use std::time::Duration;

pub(super) fn invent(dice: &mut Dice) -> ClientConfig {
    let mut config = ClientConfig::new("http://server.test/mcp", handshake(dice));
    config.versions = match dice.below(6) {
        0 | 1 => Version::V2024_11_05..=Version::V2025_11_25,
        2 => Version::V2026_07_28..=Version::V2026_07_28,
        _ => Version::V2024_11_05..=Version::V2026_07_28,
    };
    if dice.one_in(5) {
        config.known = known(dice, &config);
    }
    config.authorizer = dice.one_in(2);
    config.standalone = !dice.one_in(3);
    config.reinitialize = !dice.one_in(5);
    config.accept_202 = dice.one_in(4);
    config.relisten = !dice.one_in(5);
    config.http_sse = dice.one_in(2);
    if dice.one_in(4) {
        config.result_types.push("task".to_owned());
    }
    config.limits.reconnects = *dice.pick(&[0, 1, 3, 5]);
    config.limits.exchanges = *dice.pick(&[None, None, Some(1), Some(3), Some(4)]);
    config.limits.messages = *dice.pick(&[1, 3, 256, 256]);
    config.limits.obligations = *dice.pick(&[1, 3, 64, 64]);
    config.limits.event = *dice.pick(&[300, 16 << 20]);
    config.limits.body = *dice.pick(&[300, 16 << 20]);
    config.limits.calls = *dice.pick(&[2, 10_000]);
    config.limits.rounds = *dice.pick(&[0, 1, 3, 10, 10]);
    config.timing.session_grace = *dice.pick(&[Duration::ZERO, Duration::from_secs(5)]);
    config.timing.linger = *dice.pick(&[Duration::ZERO, Duration::from_millis(100)]);
    config.timing.standalone_wait = *dice.pick(&[Duration::ZERO, Duration::from_millis(250)]);
    config.timing.probe = *dice.pick(&[Duration::from_secs(1), Duration::from_secs(10)]);
    config.timing.answer = *dice.pick(&[Duration::from_secs(1), Duration::from_secs(5 * 60)]);
    config.timing.authorization =
        *dice.pick(&[Duration::from_secs(2), Duration::from_secs(5 * 60)]);
    config.timing.idle = *dice.pick(&[
        None,
        Some(Duration::from_secs(2)),
        Some(Duration::from_secs(120)),
    ]);
    config
}

fn handshake(dice: &mut Dice) -> Handshake {
    if dice.one_in(8) {
        return Handshake::Host;
    }
    let mut identity = Identity::new("walk", "1");
    identity.capabilities = (*dice.pick(&[
        "{}",
        r#"{"elicitation":{}}"#,
        r#"{"elicitation":{},"sampling":{},"roots":{}}"#,
        r#"{"elicitation":{},"sampling":{},"roots":{}}"#,
    ]))
    .into();
    if dice.one_in(4) {
        identity.meta = Some(r#"{"io.modelcontextprotocol/logLevel":"info"}"#.into());
    }
    Handshake::Core(identity)
}

/// What an earlier client has learned; it may be wrong.
fn known(dice: &mut Dice, config: &ClientConfig) -> Option<Known> {
    let newest = *config.versions.end();
    let is_modern = newest.era() == Era::Modern
        && (config.versions.start().era() == Era::Modern || dice.one_in(2));
    let speaks_itself = matches!(config.handshake, Handshake::Host);
    if is_modern && speaks_itself {
        // There is no session that such a host could go on with.
        return None;
    }
    let mut known = if is_modern {
        Known::new(newest, None)
    } else {
        Known::new(Version::V2025_06_18, Some("session-of-walk-0".to_owned()))
    };
    if !is_modern && dice.one_in(4) {
        known.session = None;
        known.http_sse = true;
    }
    let result = if is_modern {
        r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}}"#
    } else {
        r#"{"protocolVersion":"2025-06-18"}"#
    };
    known.result = dice.one_in(2).then(|| result.into());
    Some(known)
}
