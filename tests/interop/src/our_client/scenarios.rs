//! What is played with every peer.

mod asking;
mod basics;
mod ending;
mod eras;
mod listening;
mod messages;
mod mirroring;
mod recovery;

use mcp_sansio_tokio::Era;

use super::stage::Stage;
use crate::suite::{Scenario, scenarios};

/// What is played in an era, in the order of the table.
pub(super) fn of(era: Era) -> Vec<Scenario<Stage>> {
    match era {
        Era::Legacy => legacy(),
        Era::Modern => modern(),
    }
}

fn legacy() -> Vec<Scenario<Stage>> {
    scenarios![
        "handshake" => eras::handshake,
        "revisions" => eras::revisions,
        "either-era" => eras::either,
        "upgrade" => eras::upgrade,
        "read" => basics::read,
        "calls" => basics::calls,
        "ping" => basics::ping,
        "unknown-tool" => basics::unknown_tool,
        "unknown-method" => basics::unknown_method,
        "concurrent" => basics::concurrent,
        "progress" => messages::progress,
        "trickle" => messages::trickle,
        "ask-on-call" => asking::on_call,
        "ask-standalone" => asking::standalone,
        "notify-on-call" => messages::on_call,
        "notify-standalone" => messages::standalone,
        "listen" => listening::unknown,
        "resume" => recovery::resume,
        "cut" => recovery::cut,
        "cut-standalone" => recovery::cut_standalone,
        "restart" => recovery::restart,
        "restart-in-flight" => recovery::restart_in_flight,
        "expiry" => recovery::expiry,
        "gone" => recovery::gone,
        "evicted" => recovery::evicted,
        "cancel" => ending::cancel,
        "time-out" => ending::time_out,
        "go-on" => ending::go_on,
        "close" => ending::close,
        "cli" => ending::cli,
    ]
}

fn modern() -> Vec<Scenario<Stage>> {
    scenarios![
        "handshake" => eras::handshake,
        "either-era" => eras::either,
        "downgrade" => eras::downgrade,
        "read" => basics::read,
        "calls" => basics::calls,
        "ping" => basics::ping,
        "unknown-tool" => basics::unknown_tool,
        "unknown-method" => basics::unknown_method,
        "concurrent" => basics::concurrent,
        "progress" => messages::progress,
        "trickle" => messages::trickle,
        "log" => messages::log,
        "sample" => asking::sample,
        "elicit" => asking::elicit,
        "roots" => asking::roots,
        "ask-for-all" => asking::all,
        "ask-in-rounds" => asking::rounds,
        "ask-refused" => asking::refused,
        "ask-undeclared" => asking::undeclared,
        "mirror" => mirroring::mirror,
        "mirror-unlisted" => mirroring::unlisted,
        "listen" => listening::listen,
        "listen-ended" => listening::ended,
        "listen-cut" => listening::cut,
        "listen-restart" => listening::restart,
        "unlisten" => listening::unlisten,
        "cut" => recovery::cut,
        "cut-safe" => recovery::cut_safe,
        "restart" => recovery::restart,
        "restart-in-flight" => recovery::restart_in_flight,
        "gone" => recovery::gone,
        "cancel" => ending::cancel,
        "time-out" => ending::time_out,
        "go-on" => ending::go_on,
        "close" => ending::close,
        "cli" => ending::cli,
    ]
}
