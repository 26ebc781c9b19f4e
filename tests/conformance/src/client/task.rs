//! What the suite asks for: by its environment, and the server's URL as the last argument.

use std::env;
use std::ops::RangeInclusive;

use anyhow::{Context as _, Result};
use mcp_sansio_tokio::{Era, Version};
use serde_json::Value;

/// One scenario to be played against one server.
pub(crate) struct Task {
    pub(crate) url: String,
    pub(crate) scenario: String,
    revision: Version,
    /// What the scenario has to tell: credentials, or calls to make. `Null` if it has nothing.
    pub(crate) context: Value,
}

impl Task {
    pub(crate) fn from_environment() -> Result<Self> {
        let url = env::args().skip(1).next_back();
        let url = url.context("the server's URL is missing: it is the last argument")?;
        let scenario = env::var("MCP_CONFORMANCE_SCENARIO");
        let scenario = scenario.context(
            "MCP_CONFORMANCE_SCENARIO must name a scenario; the conformance suite sets it",
        )?;
        let revision = env::var("MCP_CONFORMANCE_PROTOCOL_VERSION")
            .context("MCP_CONFORMANCE_PROTOCOL_VERSION must name a revision")?;
        let revision = Version::from_name(&revision).with_context(|| {
            format!("MCP_CONFORMANCE_PROTOCOL_VERSION: no revision {revision:?}")
        })?;
        let context = match env::var("MCP_CONFORMANCE_CONTEXT") {
            Ok(text) => serde_json::from_str(&text).context("MCP_CONFORMANCE_CONTEXT")?,
            Err(_) => Value::Null,
        };
        Ok(Self {
            url,
            scenario,
            revision,
            context,
        })
    }

    /// The revisions to speak: those of the era, up to the one asked for. Which era it is need not be found out.
    pub(crate) fn versions(&self) -> RangeInclusive<Version> {
        let first = match self.revision.era() {
            Era::Legacy => Version::V2024_11_05,
            Era::Modern => Version::V2026_07_28,
        };
        first..=self.revision
    }
}
