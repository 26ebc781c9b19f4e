//! The worlds in which the client is searched: how it is set up, what the server is, and how often what may
//! happen.

use super::{Body, Can, ClientModel, Left, Peer, properties};
use mcp_sansio::{ClientConfig, Handshake, Identity, Known, Version};
use std::time::Duration;

/// Sessions: two calls, and the most of what a server of that era can do.
pub fn legacy() -> ClientModel {
    ClientModel {
        name: "client, legacy",
        config: config(Version::V2024_11_05, Version::V2025_11_25),
        is_connected: true,
        peers: &[Peer::Legacy],
        can: Can {
            json: true,
            events: true,
            cross: true,
            prime: true,
            calls: &[202, 400, 404, 503],
            gets: &[404, 405],
            posts: &[404],
            bodies: &[],
            unsent: true,
            reset: true,
        },
        most: Left {
            calls: 2,
            cancels: 1,
            closes: 1,
            notifications: 1,
            messages: 1,
            questions: 1,
            faults: 2,
            timeouts: 3,
            ..Left::default()
        },
        properties: [
            properties::of_all(),
            properties::of_calls(),
            properties::of_retries(),
            properties::of_sessions(),
            properties::of_questions(),
        ]
        .concat(),
    }
}

/// The same, of less but longer: two streams that end and are brought back, in a session that is lost.
pub fn streams() -> ClientModel {
    ClientModel {
        name: "client, streams",
        can: Can {
            events: true,
            cross: true,
            prime: true,
            calls: &[404],
            gets: &[404, 405],
            ..Can::default()
        },
        most: Left {
            calls: 1,
            safe: 1,
            cancels: 1,
            closes: 1,
            messages: 2,
            faults: 2,
            timeouts: 3,
            ..Left::default()
        },
        properties: [
            properties::of_all(),
            properties::of_calls(),
            properties::of_retries(),
            properties::of_sessions(),
            properties::of_streams(),
        ]
        .concat(),
        ..legacy()
    }
}

/// A server that wants new credentials, again and again, for calls, streams and handshakes.
pub fn authorization() -> ClientModel {
    let mut config = config(Version::V2024_11_05, Version::V2025_11_25);
    config.authorizer = true;
    ClientModel {
        name: "client, authorization",
        config,
        can: Can {
            json: true,
            events: true,
            prime: true,
            calls: &[404],
            ..Can::default()
        },
        most: Left {
            calls: 2,
            cancels: 1,
            closes: 1,
            messages: 1,
            faults: 1,
            challenges: 3,
            timeouts: 2,
            ..Left::default()
        },
        properties: [
            properties::of_all(),
            properties::of_calls(),
            properties::of_retries(),
            properties::of_sessions(),
            properties::of_authorization(),
        ]
        .concat(),
        ..legacy()
    }
}

/// The same from the very start, of a server whose era is not known: the search for it, a call, a subscription.
pub fn newcomer() -> ClientModel {
    let mut config = config(Version::V2024_11_05, Version::V2026_07_28);
    config.authorizer = true;
    ClientModel {
        name: "client, newcomer",
        config,
        is_connected: false,
        peers: &[Peer::Modern, Peer::Legacy],
        can: Can {
            json: true,
            calls: &[404],
            bodies: &[Body::HeaderMismatch, Body::Question],
            reset: true,
            ..Can::default()
        },
        most: Left {
            calls: 1,
            listens: 1,
            cancels: 1,
            closes: 1,
            questions: 1,
            faults: 1,
            challenges: 3,
            timeouts: 2,
            ..Left::default()
        },
        properties: [properties::of_all(), properties::of_authorization_of_all()].concat(),
    }
}

/// No sessions: two calls with their rounds, and a server that wants other headers or another revision.
pub fn modern() -> ClientModel {
    ClientModel {
        name: "client, modern",
        config: config(Version::V2024_11_05, Version::V2026_07_28),
        is_connected: true,
        peers: &[Peer::Modern, Peer::Legacy],
        can: Can {
            json: true,
            events: true,
            calls: &[404, 503],
            bodies: &[
                Body::Question,
                Body::Again,
                Body::HeaderMismatch,
                Body::OtherVersion,
            ],
            unsent: true,
            reset: true,
            ..Can::default()
        },
        most: Left {
            calls: 1,
            safe: 1,
            cancels: 1,
            closes: 1,
            messages: 1,
            questions: 2,
            faults: 2,
            timeouts: 3,
            ..Left::default()
        },
        properties: [
            properties::of_all(),
            properties::of_calls(),
            properties::of_retries(),
            properties::of_rounds(),
        ]
        .concat(),
    }
}

/// Two subscriptions and a call.
pub fn subscriptions() -> ClientModel {
    ClientModel {
        name: "client, subscriptions",
        peers: &[Peer::Modern],
        can: Can {
            json: true,
            posts: &[404, 503],
            reset: true,
            ..Can::default()
        },
        most: Left {
            safe: 1,
            listens: 2,
            unlistens: 1,
            closes: 1,
            messages: 1,
            faults: 2,
            timeouts: 3,
            ..Left::default()
        },
        properties: [properties::of_all(), properties::of_subscriptions()].concat(),
        ..modern()
    }
}

/// A server of which nothing is known, and which need not stay what it is.
pub fn eras() -> ClientModel {
    let mut config = config(Version::V2024_11_05, Version::V2026_07_28);
    config.http_sse = true;
    ClientModel {
        name: "client, eras",
        config,
        is_connected: false,
        peers: &[Peer::Legacy, Peer::Modern, Peer::Oldest],
        can: Can {
            json: true,
            cross: true,
            calls: &[404],
            reset: true,
            bodies: &[Body::OtherVersion],
            ..Can::default()
        },
        most: Left {
            calls: 1,
            safe: 1,
            closes: 1,
            faults: 1,
            timeouts: 3,
            ..Left::default()
        },
        properties: [
            properties::of_all(),
            properties::of_eras(),
            properties::of_http_sse(),
        ]
        .concat(),
    }
}

/// A saved session, of a server that may have become another; few exchanges at once; answers that are to come
/// on the standalone stream.
pub fn saved() -> ClientModel {
    let mut config = config(Version::V2024_11_05, Version::V2026_07_28);
    let mut known = Known::new(Version::V2025_06_18, Some("session-0".to_owned()));
    known.result = Some(r#"{"protocolVersion":"2025-06-18"}"#.into());
    config.known = Some(known);
    config.limits.exchanges = Some(4);
    config.accept_202 = true;
    ClientModel {
        name: "client, saved",
        config,
        is_connected: false,
        peers: &[Peer::Legacy, Peer::Modern],
        can: Can {
            json: true,
            events: true,
            cross: true,
            calls: &[202, 400, 404],
            gets: &[404],
            bodies: &[Body::OtherVersion],
            ..Can::default()
        },
        most: Left {
            connects: 1,
            calls: 2,
            safe: 1,
            listens: 1,
            closes: 1,
            faults: 2,
            timeouts: 2,
            ..Left::default()
        },
        properties: [properties::of_all(), properties::of_saved()].concat(),
    }
}

/// An application that speaks the handshake for itself.
pub fn host() -> ClientModel {
    let mut config = config(Version::V2024_11_05, Version::V2026_07_28);
    config.handshake = Handshake::Host;
    ClientModel {
        name: "client, host",
        config,
        is_connected: false,
        can: Can {
            json: true,
            events: true,
            prime: true,
            calls: &[404],
            gets: &[404],
            posts: &[404],
            reset: true,
            ..Can::default()
        },
        most: Left {
            connects: 2,
            notifications: 1,
            calls: 2,
            cancels: 1,
            closes: 1,
            messages: 1,
            questions: 1,
            faults: 1,
            timeouts: 2,
            ..Left::default()
        },
        properties: [properties::of_all(), properties::of_calls()].concat(),
        ..legacy()
    }
}

fn config(oldest: Version, newest: Version) -> ClientConfig {
    let mut identity = Identity::new("explorer", "1");
    identity.capabilities = r#"{"elicitation":{},"sampling":{}}"#.into();
    let mut config = ClientConfig::new("http://server.test/mcp", Handshake::Core(identity));
    config.versions = oldest..=newest;
    // So short that chance has nothing to choose: what is drawn is not told apart.
    config.timing.backoff = Duration::from_micros(1)..=Duration::from_micros(2);
    config
}
