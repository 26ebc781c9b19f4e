//! What both sides speak, and how a server says that it speaks something else.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::client::Client;
use crate::client::errand::{Over, Reply};
use crate::jsonrpc;
use crate::jsonrpc::code::{
    HEADER_MISMATCH, MISSING_CLIENT_CAPABILITY, UNSUPPORTED_PROTOCOL_VERSION,
};
use crate::message::RpcError;
use crate::outcome::{Execution, FailureKind};
use crate::version::Version;

impl Client {
    /// The newest of these that we speak.
    pub(in crate::client) fn best_common(&self, supported: &[String]) -> Option<Version> {
        supported
            .iter()
            .filter_map(|name| Version::from_name(name))
            .filter(|version| self.config.versions.contains(version))
            .max()
    }

    /// The server refused `initialize` for its revision, and speaks none of ours.
    pub(in crate::client) fn without_common_version(&mut self, reply: Reply) -> Reply {
        match reply {
            Reply::Error(error, refusal)
                if error.code == UNSUPPORTED_PROTOCOL_VERSION && !self.host_speaks() =>
            {
                self.session.negotiation.offered = Some(supported_in(&error).join(", "));
                Reply::Failed(Over {
                    refusal,
                    execution: Execution::Refused,
                    ..Over::new(FailureKind::NoCommonVersion, self.no_common_version())
                })
            }
            reply => reply,
        }
    }

    pub(super) fn no_common_version(&self) -> String {
        format!(
            "the server speaks {}, we speak {} to {}",
            self.session
                .negotiation
                .offered
                .as_deref()
                .filter(|offered| !offered.is_empty())
                .unwrap_or("no version that it names"),
            self.config.versions.start(),
            self.config.versions.end()
        )
    }
}

/// An error that only a modern server gives (2026-07-28, basic, "Error Codes").
pub(in crate::client) fn is_modern_error(error: &RpcError) -> bool {
    matches!(
        error.code,
        HEADER_MISMATCH | MISSING_CLIENT_CAPABILITY | UNSUPPORTED_PROTOCOL_VERSION
    )
}

/// The versions that the server names in an `UnsupportedProtocolVersion` error.
pub(in crate::client) fn supported_in(error: &RpcError) -> Vec<String> {
    error
        .data
        .as_deref()
        .and_then(|data| core::str::from_utf8(data).ok())
        .and_then(|data| jsonrpc::member(data, "supported"))
        .map(names)
        .unwrap_or_default()
}

/// The strings of an array.
pub(super) fn names(array: &str) -> Vec<String> {
    let mut names = Vec::new();
    let read = jsonrpc::elements(array, |value| {
        names.extend(jsonrpc::string(value).map(String::from));
    });
    if read.is_err() {
        names.clear();
    }
    names
}
