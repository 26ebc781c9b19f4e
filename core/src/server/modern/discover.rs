//! `server/discover`: what we speak and who we are.
//!
//! Source: 2026-07-28, server/discover.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::answer::completed;
use crate::jsonrpc;
use crate::message::Identity;
use crate::server::Server;
use crate::server::route::text_of;
use crate::version::Version;

/// How long a client may keep the answer, in milliseconds: it changes with a new server only.
const TTL_MS: u32 = 300_000;

impl Server {
    pub(super) fn discover_result(&self, identity: &Identity) -> String {
        let instructions = identity
            .instructions
            .as_ref()
            .map_or_else(String::new, |text| {
                format!(r#","instructions":{}"#, jsonrpc::quote(text))
            });
        let own = identity
            .meta
            .as_ref()
            .map_or_else(String::new, |meta| format!(r#","_meta":{}"#, text_of(meta)));
        let result = format!(
            r#"{{"supportedVersions":{},"capabilities":{}{instructions},"ttlMs":{TTL_MS},"cacheScope":"public"{own}}}"#,
            self.supported_versions(),
            text_of(&identity.capabilities),
        );
        completed("server/discover", &result, identity).unwrap_or(result)
    }

    /// The revisions that we speak, the newest first, as a JSON array.
    pub(in crate::server) fn supported_versions(&self) -> String {
        let names: Vec<String> = Version::ALL
            .iter()
            .rev()
            .filter(|version| self.config.versions.contains(version))
            .map(|version| jsonrpc::quote(version.as_str()))
            .collect();
        format!("[{}]", names.join(","))
    }
}
