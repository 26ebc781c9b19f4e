//! The worlds in which the server is searched: how it is set up, and how often what may happen.

use super::{Left, ServerModel, properties};
use mcp_sansio::{Handshake, Identity, ResponseMode, ServerConfig, Version};

/// A session: two requests, what the application asks and says for them, and all the ways in which they end.
pub fn calls() -> ServerModel {
    ServerModel {
        name: "server, calls",
        config: config(),
        has_session: true,
        quick_readers: true,
        most: Left {
            requests: 2,
            refusals: 1,
            slow: 1,
            cancelled: 1,
            gets: 1,
            deletes: 1,
            gone: 1,
            messages: 1,
            calls: 1,
            ends: 1,
            shut_downs: 1,
            timeouts: 2,
            ..Left::default()
        },
        properties: [
            properties::of_all(),
            properties::of_sessions(),
            properties::of_calls(),
        ]
        .concat(),
    }
}

/// Clients that go and come back, to the stream of a request and to that of their session.
pub fn streams() -> ServerModel {
    let mut properties = properties::of_streams();
    properties.extend(
        properties::of_all()
            .into_iter()
            .filter(|property| property.name == "what is down holds nothing"),
    );
    ServerModel {
        name: "server, streams",
        most: Left {
            requests: 1,
            gets: 2,
            resumes: 2,
            gone: 2,
            messages: 2,
            releases: 1,
            shut_downs: 1,
            timeouts: 3,
            ..Left::default()
        },
        properties,
        ..calls()
    }
}

/// Readers that take what comes when they like, or never.
pub fn readers() -> ServerModel {
    ServerModel {
        name: "server, readers",
        quick_readers: false,
        most: Left {
            requests: 2,
            gets: 1,
            resumes: 1,
            messages: 2,
            gone: 1,
            deletes: 1,
            shut_downs: 1,
            timeouts: 3,
            ..Left::default()
        },
        properties: properties::of_readers(),
        ..calls()
    }
}

/// No sessions: two requests and two subscriptions, beside a session that is made.
pub fn modern() -> ServerModel {
    ServerModel {
        name: "server, modern",
        has_session: false,
        most: Left {
            handshakes: 1,
            modern: 2,
            subscriptions: 2,
            refusals: 1,
            gone: 2,
            messages: 2,
            calls: 1,
            shut_downs: 1,
            timeouts: 2,
            ..Left::default()
        },
        properties: [properties::of_all(), properties::of_modern()].concat(),
        ..calls()
    }
}

/// An application that answers handshakes for itself.
pub fn host() -> ServerModel {
    let mut config = config();
    config.handshake = Handshake::Host;
    ServerModel {
        name: "server, host",
        config,
        has_session: false,
        most: Left {
            handshakes: 2,
            requests: 1,
            modern: 1,
            subscriptions: 1,
            gets: 1,
            deletes: 1,
            gone: 1,
            messages: 1,
            calls: 1,
            ends: 1,
            shut_downs: 1,
            timeouts: 2,
            ..Left::default()
        },
        properties: [properties::of_all(), properties::of_hosts()].concat(),
        ..calls()
    }
}

/// Limits that are met at once: one session, one event kept, streams only, and readers that let little pile up.
pub fn small() -> ServerModel {
    let mut config = config();
    config.mode = ResponseMode::Sse;
    config.limits.sessions = 1;
    config.limits.obligations = 1;
    config.limits.listens = 1;
    config.limits.held = 1;
    config.limits.log_events = 1;
    config.limits.unwritten = 150;
    ServerModel {
        name: "server, small",
        config,
        quick_readers: false,
        most: Left {
            handshakes: 1,
            requests: 2,
            subscriptions: 2,
            gets: 1,
            resumes: 1,
            gone: 1,
            messages: 2,
            calls: 2,
            timeouts: 2,
            ..Left::default()
        },
        properties: properties::of_limits(),
        ..calls()
    }
}

fn config() -> ServerConfig {
    let mut identity = Identity::new("explored", "1");
    identity.capabilities = r#"{"tools":{"listChanged":true}}"#.into();
    let mut config = ServerConfig::new(Handshake::Core(identity));
    config.versions = Version::V2024_11_05..=Version::V2026_07_28;
    config
}
