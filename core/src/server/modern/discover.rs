//! `server/discover`: what we speak and who we are.
//!
//! Source: 2026-07-28, server/discover.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::jsonrpc;
use crate::message::Identity;
use crate::meta;
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
        format!(
            r#"{{"resultType":"complete","supportedVersions":{},"capabilities":{}{instructions},"ttlMs":{TTL_MS},"cacheScope":"public","_meta":{}}}"#,
            self.supported_versions(),
            text_of(&identity.capabilities),
            meta_of(identity),
        )
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

/// What the host wants to say of itself, and who we are.
fn meta_of(identity: &Identity) -> String {
    let own = identity.meta.as_ref().map_or("{}", text_of);
    if jsonrpc::member(own, meta::SERVER_INFO).is_some() {
        return own.into();
    }
    let info = format!(
        "{}:{}",
        jsonrpc::quote(meta::SERVER_INFO),
        text_of(&identity.info)
    );
    jsonrpc::with_members(own, &info)
}
