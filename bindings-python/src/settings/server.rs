//! The settings of a server.

use mcp_sansio::{ServerConfig, ServerLimits, ServerTiming};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Reader;

/// Reads what there is; the rest stays as it is.
pub(crate) fn server(
    config: &mut ServerConfig,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let mut reader = Reader::new("", settings)?;
    reader.read("versions", &mut config.versions)?;
    reader.read("sessions", &mut config.sessions)?;
    reader.read("mode", &mut config.mode)?;
    reader.read("hosts", &mut config.hosts)?;
    reader.read("origins", &mut config.origins)?;
    reader.read("shard", &mut config.shard)?;
    reader.read("recording", &mut config.recording)?;
    limits(reader.group("limits")?, &mut config.limits)?;
    timing(reader.group("timing")?, &mut config.timing)?;
    reader.finish()
}

fn limits(mut reader: Reader<'_>, limits: &mut ServerLimits) -> PyResult<()> {
    reader.read("body", &mut limits.body)?;
    reader.read("sessions", &mut limits.sessions)?;
    reader.read("sessions_per_principal", &mut limits.sessions_per_principal)?;
    reader.read("obligations", &mut limits.obligations)?;
    reader.read("in_flight", &mut limits.in_flight)?;
    reader.read("listens", &mut limits.listens)?;
    reader.read("held", &mut limits.held)?;
    reader.read("log_events", &mut limits.log_events)?;
    reader.read("log_bytes", &mut limits.log_bytes)?;
    reader.read("log_total", &mut limits.log_total)?;
    reader.read("unwritten", &mut limits.unwritten)?;
    reader.finish()
}

fn timing(mut reader: Reader<'_>, timing: &mut ServerTiming) -> PyResult<()> {
    reader.read("take", &mut timing.take)?;
    reader.read("head", &mut timing.head)?;
    reader.read("answer", &mut timing.answer)?;
    reader.read("call", &mut timing.call)?;
    reader.read("body", &mut timing.body)?;
    reader.read("keep_alive", &mut timing.keep_alive)?;
    reader.read("stall", &mut timing.stall)?;
    reader.read("idle", &mut timing.idle)?;
    reader.read("unused", &mut timing.unused)?;
    reader.read("replay", &mut timing.replay)?;
    reader.read("retry", &mut timing.retry)?;
    reader.finish()
}
