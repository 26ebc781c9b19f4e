//! Whether a modern request says what it must, and says the same in its headers and in its body. The order
//! is fixed: the shape of `_meta`, the revision in header and body, whether we speak it, what it asks for.
//!
//! Source: 2026-07-28, basic, "`_meta`"; basic/transports/streamable-http, "Server Validation".

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};

use super::{Asker, Level};
use crate::jsonrpc;
use crate::meta;
use crate::mirror;
use crate::server::Server;
use crate::server::exchange::Said;
use crate::server::reject::Reason;
use crate::version::{Era, Version};

const PROTOCOL_VERSION: &str = "MCP-Protocol-Version";

impl Server {
    /// Judges a request: its revision and what it says of its client, or why it is refused.
    pub(super) fn validate(
        &self,
        said: &Said,
        method: &str,
        params: Option<&str>,
    ) -> Result<(Version, Asker), Reason> {
        let (named, asker) = read_meta(params)?;
        let version = self.modern_version(said, &named)?;
        said.matches("Mcp-Method", method, as_it_is)?;
        let name = mirror::named_by(method)
            .and_then(|key| jsonrpc::member(params?, key))
            .and_then(jsonrpc::string);
        if mirror::named_by(method).is_some() {
            validate_name(said, name.as_deref())?;
        }
        if let ("tools/call", Some(name)) = (method, name) {
            let arguments = params.and_then(|params| jsonrpc::member(params, "arguments"));
            for mirrored in self.mirrors.of(&name) {
                let header = said.only(&mirrored.header)?;
                mirror::compare_param(mirrored, header, arguments)
                    .map_err(Reason::HeaderMismatch)?;
            }
        }
        Ok((version, asker))
    }

    /// The revision that a message is spoken in: header and body agree on it, and it is one of ours.
    fn modern_version(&self, said: &Said, named: &str) -> Result<Version, Reason> {
        said.matches(PROTOCOL_VERSION, named, as_it_is)?;
        self.spoken(named)
    }

    fn spoken(&self, named: &str) -> Result<Version, Reason> {
        Version::from_name(named)
            .filter(|version| version.era() == Era::Modern)
            .filter(|version| self.config.versions.contains(version))
            .ok_or_else(|| Reason::OtherVersion(named.to_string()))
    }

    /// What a notification says of itself need not be there, but must be true if it is.
    pub(super) fn validate_notification(
        &self,
        said: &Said,
        method: &str,
        params: Option<&str>,
    ) -> Result<Version, Reason> {
        let named = meta::of(params, meta::PROTOCOL_VERSION)
            .and_then(jsonrpc::string)
            .map(String::from);
        let header = said.version.as_deref().map(String::from);
        if let (Some(named), Some(_)) = (&named, &header) {
            said.matches(PROTOCOL_VERSION, named, as_it_is)?;
        }
        if said.only("mcp-method")?.is_some() {
            said.matches("Mcp-Method", method, as_it_is)?;
        }
        self.spoken(&named.or(header).unwrap_or_default())
    }
}

fn validate_name(said: &Said, name: Option<&str>) -> Result<(), Reason> {
    match name {
        Some(name) => said.matches("Mcp-Name", name, mirror::decode),
        None if said.only("mcp-name")?.is_some() => Err(Reason::HeaderMismatch(
            "Mcp-Name is there, and the body names nothing".into(),
        )),
        None => Ok(()), // The application will find that the name is missing.
    }
}

/// What `_meta` must have: the revision, as it is named, and what it says of the client.
fn read_meta(params: Option<&str>) -> Result<(String, Asker), Reason> {
    let missing = |what: &str| Reason::BadParams(format!("params._meta has no {what}"));
    let object = |key: &str| {
        let value = meta::of(params, key);
        match value {
            Some(value) if !value.starts_with('{') => Err(Reason::BadParams(format!(
                "params._meta: {key} is not an object"
            ))),
            value => Ok(value),
        }
    };
    let named = meta::of(params, meta::PROTOCOL_VERSION)
        .and_then(jsonrpc::string)
        .ok_or_else(|| missing(meta::PROTOCOL_VERSION))?;
    let capabilities =
        object(meta::CLIENT_CAPABILITIES)?.ok_or_else(|| missing(meta::CLIENT_CAPABILITIES))?;
    object(meta::CLIENT_INFO)?;
    let log_level = match meta::of(params, meta::LOG_LEVEL) {
        Some(raw) => Some(Level::read(raw).ok_or_else(|| {
            Reason::BadParams(format!(
                "params._meta: {} names no log level",
                meta::LOG_LEVEL
            ))
        })?),
        None => None,
    };
    let asker = Asker {
        capabilities: capabilities.into(),
        log_level,
    };
    Ok((named.into_owned(), asker))
}

/// A header's value without any coding.
fn as_it_is(value: &[u8]) -> Option<Cow<'_, str>> {
    core::str::from_utf8(value).ok().map(Into::into)
}

impl Said {
    /// The value of a header that is to be there at most once. Given twice, it must say the same.
    fn only(&self, name: &str) -> Result<Option<&[u8]>, Reason> {
        let mut values = self
            .mirrored
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value);
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(Reason::HeaderMismatch(format!("{name} is there twice")));
        }
        Ok(first)
    }

    /// Whether a header is there, and says what the body says.
    fn matches<'a>(
        &'a self,
        name: &str,
        body: &str,
        read: impl FnOnce(&'a [u8]) -> Option<Cow<'a, str>>,
    ) -> Result<(), Reason> {
        let Some(header) = self.only(name)? else {
            return Err(Reason::HeaderMismatch(format!("{name} is missing")));
        };
        match read(header) {
            Some(value) if value == body => Ok(()),
            Some(value) => Err(Reason::HeaderMismatch(format!(
                "{name} says {value:?}, the body says {body:?}"
            ))),
            None => Err(Reason::HeaderMismatch(format!(
                "{name} has characters that no such header can have"
            ))),
        }
    }
}
