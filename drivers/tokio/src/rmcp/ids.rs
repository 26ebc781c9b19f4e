//! JSON-RPC ids, as rmcp has them and as we do.

use ::rmcp::model::RequestId;
use bytes::Bytes;
use mcp_sansio_driver::core::ObligationId;

/// rmcp's own id, of which the relay keeps the raw JSON.
pub(super) fn request_id(raw: &Bytes) -> Option<RequestId> {
    serde_json::from_slice(raw).ok()
}

/// The peer's requests reach rmcp under our handles.
pub(super) fn raw(id: ObligationId) -> RequestId {
    // Handles stay below 2^53.
    RequestId::Number(id.as_u64().cast_signed())
}

/// The peer's request that rmcp means.
#[cfg(feature = "server")]
pub(super) fn obligation(id: &RequestId) -> Option<ObligationId> {
    match id {
        RequestId::Number(id) => Some(ObligationId::from_u64(id.cast_unsigned())),
        RequestId::String(_) => None,
    }
}
