//! What is played with every client.

mod asking;
mod basics;
mod ending;
mod eras;
mod listening;
mod messages;
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
        "look" => eras::look,
        "revisions" => eras::revisions,
        "legacy-server" => eras::legacy_server,
        "modern-server" => eras::modern_server,
        "read" => basics::read,
        "calls" => basics::calls,
        "ping" => basics::ping,
        "unknown-tool" => basics::unknown_tool,
        "unknown-method" => basics::unknown_method,
        "concurrent" => basics::concurrent,
        "progress" => messages::progress,
        "trickle" => messages::trickle,
        "sample-on-call" => asking::sample_on_call,
        "sample-standalone" => asking::sample_standalone,
        "elicit-on-call" => asking::elicit_on_call,
        "elicit-standalone" => asking::elicit_standalone,
        "notify-on-call" => messages::on_call,
        "notify-standalone" => messages::standalone,
        "resume" => recovery::resume,
        "cut" => recovery::cut,
        "cut-standalone" => recovery::cut_standalone,
        "restart" => recovery::restart,
        "restart-in-flight" => recovery::restart_in_flight,
        "expiry" => recovery::expiry,
        "handler-returns" => recovery::handler_returns,
        "vanish" => ending::vanish,
        "cancel" => ending::cancel,
        "time-out" => ending::time_out,
        "close" => ending::close,
        "drain" => ending::drain,
        "shut-down" => ending::shut_down,
    ]
}

fn modern() -> Vec<Scenario<Stage>> {
    scenarios![
        "look" => eras::look,
        "legacy-server" => eras::legacy_server,
        "modern-server" => eras::modern_server,
        "read" => basics::read,
        "calls" => basics::calls,
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
        "ask-on-read" => asking::on_read,
        "mirror" => basics::mirror,
        "listen" => listening::listen,
        "listen-ended" => listening::ended,
        "listen-lost" => listening::lost,
        "unlisten" => listening::unlisten,
        "cut" => recovery::cut,
        "restart" => recovery::restart,
        "restart-in-flight" => recovery::restart_in_flight,
        "vanish" => ending::vanish,
        "cancel" => ending::cancel,
        "time-out" => ending::time_out,
        "drain" => ending::drain,
        "shut-down" => ending::shut_down,
    ]
}
