//! The settings of a client.

use mcp_sansio::{ClientConfig, ClientLimits, ClientTiming};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Reader;

/// Reads what there is; the rest stays as it is.
pub(crate) fn client(
    config: &mut ClientConfig,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let mut reader = Reader::new("", settings)?;
    reader.read("versions", &mut config.versions)?;
    reader.read("known", &mut config.known)?;
    reader.read("authorizer", &mut config.authorizer)?;
    reader.read("standalone", &mut config.standalone)?;
    reader.read("reinitialize", &mut config.reinitialize)?;
    reader.read("accept_202", &mut config.accept_202)?;
    reader.read("relisten", &mut config.relisten)?;
    reader.read("http_sse", &mut config.http_sse)?;
    reader.read("result_types", &mut config.result_types)?;
    reader.read("recording", &mut config.recording)?;
    limits(reader.group("limits")?, &mut config.limits)?;
    timing(reader.group("timing")?, &mut config.timing)?;
    reader.finish()
}

fn limits(mut reader: Reader<'_>, limits: &mut ClientLimits) -> PyResult<()> {
    reader.read("calls", &mut limits.calls)?;
    reader.read("obligations", &mut limits.obligations)?;
    reader.read("exchanges", &mut limits.exchanges)?;
    reader.read("messages", &mut limits.messages)?;
    reader.read("body", &mut limits.body)?;
    reader.read("event", &mut limits.event)?;
    reader.read("reconnects", &mut limits.reconnects)?;
    reader.read("rounds", &mut limits.rounds)?;
    reader.finish()
}

fn timing(mut reader: Reader<'_>, timing: &mut ClientTiming) -> PyResult<()> {
    reader.read("handshake", &mut timing.handshake)?;
    reader.read("probe", &mut timing.probe)?;
    reader.read("idle", &mut timing.idle)?;
    reader.read("max", &mut timing.max)?;
    reader.read("answer", &mut timing.answer)?;
    reader.read("authorization", &mut timing.authorization)?;
    reader.read("exchange", &mut timing.exchange)?;
    reader.read("cancel", &mut timing.cancel)?;
    reader.read("close", &mut timing.close)?;
    reader.read("linger", &mut timing.linger)?;
    reader.read("session_grace", &mut timing.session_grace)?;
    reader.read("standalone_wait", &mut timing.standalone_wait)?;
    reader.read("backoff", &mut timing.backoff)?;
    reader.finish()
}
