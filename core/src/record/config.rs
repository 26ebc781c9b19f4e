//! The first line of a record: how the machine was set up.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::Detail;
use super::line::{Object, duration_millis};
use super::step::{REDACTED, payload, public_url};
use crate::client::{ClientConfig, ClientLimits, ClientTiming, Known};
use crate::jsonrpc::quote;
use crate::message::{Handshake, Identity};
use crate::version::Version;

pub(super) fn header(detail: Detail, config: &ClientConfig, seed: &[u8; 32]) -> Object {
    let line = first_line(detail, "The record of a client.", seed);
    let settings = Object::new().text("role", "client").text(
        "url",
        match detail {
            Detail::Redacted => public_url(&config.url),
            Detail::Whole => &config.url,
        },
    );
    let settings = match &config.handshake {
        Handshake::Core(identity) => settings.object("handshake", handshake(detail, identity)),
        Handshake::Host => settings.text("handshake", "host"),
    };
    let settings = settings.list(
        "versions",
        &[name(*config.versions.start()), name(*config.versions.end())],
    );
    let settings = match &config.known {
        Some(saved) => settings.object("known", known(detail, saved)),
        None => settings,
    };
    let result_types: Vec<_> = config.result_types.iter().map(|name| quote(name)).collect();
    let settings = settings
        .flag("authorizer", config.authorizer)
        .flag("standalone", config.standalone)
        .flag("reinitialize", config.reinitialize)
        .flag("accept_202", config.accept_202)
        .flag("relisten", config.relisten)
        .flag("http_sse", config.http_sse)
        .list("result_types", &result_types)
        .object("limits", limits(&config.limits))
        .object("timing", timing(&config.timing));
    line.object("config", settings)
}

/// What stands before the configuration: what wrote this, and the seed if it can be replayed.
pub(super) fn first_line(detail: Detail, about: &str, seed: &[u8; 32]) -> Object {
    let line = Object::new()
        .text("about", about)
        .text("writer", concat!("mcp-sansio ", env!("CARGO_PKG_VERSION")));
    match detail {
        Detail::Redacted => line.flag("redacted", true),
        Detail::Whole => line.text("seed", &hex(seed)),
    }
}

pub(super) fn handshake(detail: Detail, identity: &Identity) -> Object {
    let object = Object::new()
        .json("info", &identity.info)
        .json("capabilities", &identity.capabilities);
    payload(detail, object, "meta", identity.meta.as_ref())
}

fn known(detail: Detail, known: &Known) -> Object {
    let object = Object::new().text("version", known.version.as_str());
    let object = match (&known.session, detail) {
        (None, _) => object,
        (Some(_), Detail::Redacted) => object.text("session", REDACTED),
        (Some(id), Detail::Whole) => object.text("session", id),
    };
    let object = object
        .flag("http_sse", known.http_sse)
        .number("next_id", known.next_id);
    payload(detail, object, "result", known.result.as_ref())
}

fn limits(limits: &ClientLimits) -> Object {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let object = Object::new()
        .number("calls", count(limits.calls))
        .number("obligations", count(limits.obligations));
    let object = match limits.exchanges {
        Some(most) => object.number("exchanges", count(most)),
        None => object.null("exchanges"),
    };
    object
        .number("messages", count(limits.messages))
        .number("body", count(limits.body))
        .number("event", count(limits.event))
        .number("reconnects", limits.reconnects.into())
        .number("rounds", limits.rounds.into())
}

fn timing(timing: &ClientTiming) -> Object {
    let object = Object::new()
        .duration("handshake", timing.handshake)
        .duration("probe", timing.probe);
    let object = match timing.idle {
        Some(idle) => object.duration("idle", idle),
        None => object.null("idle"),
    };
    object
        .duration("max", timing.max)
        .duration("answer", timing.answer)
        .duration("authorization", timing.authorization)
        .duration("exchange", timing.exchange)
        .duration("cancel", timing.cancel)
        .duration("close", timing.close)
        .duration("linger", timing.linger)
        .duration("session_grace", timing.session_grace)
        .duration("standalone_wait", timing.standalone_wait)
        .list(
            "backoff",
            &[
                duration_millis(*timing.backoff.start()),
                duration_millis(*timing.backoff.end()),
            ],
        )
}

pub(super) fn name(version: Version) -> String {
    quote(version.as_str())
}

fn hex(seed: &[u8; 32]) -> String {
    seed.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
