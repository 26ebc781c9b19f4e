//! Reports for programs: one JSON object a line.

use mcp_sansio_tokio::Execution;
use serde_json::{Value, json};

use super::report::Report;

/// The report as one line of JSON.
pub(super) fn line(report: &Report) -> String {
    let calls: Vec<Value> = report
        .calls
        .iter()
        .map(|call| {
            json!({
                "call": call.call,
                "outcome": call.word(),
                "execution": call.execution().map(Execution::as_str),
                "elapsed_ms": u64::try_from(call.elapsed.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    json!({
        "incident": report.play.name,
        "reported": report.play.reported,
        "era": report.play.eras.as_str(),
        "driver": report.driver.as_str(),
        "calls": calls,
        "holds": report.holds(),
    })
    .to_string()
}
