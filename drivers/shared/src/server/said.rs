//! What a client says beside its request: in the request's own `_meta` (since 2026-07-28), or once for its
//! session in `initialize`.

use bytes::Bytes;
use mcp_sansio::Era;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::request::Open;

/// What a client says of itself. What cannot be read was not said.
#[derive(Deserialize, Default)]
pub(super) struct Client<'a> {
    #[serde(borrow, rename = "clientInfo")]
    info: Option<&'a RawValue>,
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
}

impl<'a> Client<'a> {
    /// The client that made this request.
    pub(super) fn of(open: &'a Open) -> Self {
        match open.version.era() {
            Era::Modern => {
                let meta = meta(open.params.as_ref()).unwrap_or_default();
                Self {
                    info: meta.client_info,
                    capabilities: meta.client_capabilities,
                }
            }
            Era::Legacy => {
                let initialize = open.session.as_ref().map(|started| &started.params);
                read(initialize).unwrap_or_default()
            }
        }
    }

    pub(super) fn info(&self) -> Option<Value> {
        value(self.info)
    }

    pub(super) fn capabilities(&self) -> Option<Value> {
        value(self.capabilities)
    }
}

/// The token by which the client wants to hear of the request's progress.
pub(super) fn progress_token(params: Option<&Bytes>) -> Option<&RawValue> {
    meta(params)?.progress_token
}

fn meta(params: Option<&Bytes>) -> Option<Meta<'_>> {
    read::<Params<'_>>(params)?.meta
}

fn read<'a, T: Deserialize<'a>>(text: Option<&'a Bytes>) -> Option<T> {
    serde_json::from_slice(text?).ok()
}

fn value(text: Option<&RawValue>) -> Option<Value> {
    serde_json::from_str(text?.get()).ok()
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize, Default)]
struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientInfo")]
    client_info: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    client_capabilities: Option<&'a RawValue>,
}
