//! The tools that the host declares, for the headers that their callers must send.

use alloc::format;

use crate::config_error::ConfigError;
use crate::mirror::{self, Mirrors};

/// Reads an array of tools, or a `tools/list` result.
pub(in crate::server) fn declared(tools: &[u8]) -> Result<Mirrors, ConfigError> {
    let text = core::str::from_utf8(tools).unwrap_or_default().trim_start();
    let list = if text.starts_with('[') {
        mirror::read_tools(text)
    } else {
        mirror::read_list(text)
    };
    let Some(list) = list else {
        return Err(ConfigError(
            "tools: not the JSON text of an array of tools, or of a tools/list result".into(),
        ));
    };
    if let Some(bad) = list.excluded.first() {
        let name = bad.name.as_deref().unwrap_or("without a name");
        return Err(ConfigError(format!("tools: {name}: {}", bad.reason)));
    }
    let mut mirrors = Mirrors::default();
    mirrors.learn(list.tools);
    Ok(mirrors)
}
