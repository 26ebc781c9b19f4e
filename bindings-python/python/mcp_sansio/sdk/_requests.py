"""How the SDK serves requests that are of no session, each with a connection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mcp import MCPError
from mcp.server.connection import Connection
from mcp.server.runner import ServerRunner, aclose_shielded, modern_error_data, serve_one
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    DEFAULT_NEGOTIATED_VERSION,
    PROTOCOL_VERSION_META_KEY,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server import Server
    from mcp.shared.dispatcher import DispatchContext
    from mcp.shared.message import MessageMetadata

    from ._streams import Inbox, Outbox


async def serve_requests(server: Server[Any], inbox: Inbox, outbox: Outbox, state: Any) -> None:
    """Serves all of them, until `inbox` ends. They come under the machine's handles, so that no two have one id."""

    async def on_request(
        context: DispatchContext[TransportContext], method: str, params: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        connection = _connection(context, params)
        try:
            return await serve_one(server, context, method, params, connection=connection, lifespan_state=state)
        except Exception as error:
            if connection.protocol_version in MODERN_PROTOCOL_VERSIONS:
                raise MCPError.from_error_data(modern_error_data(error)) from error
            raise

    async def on_notify(
        context: DispatchContext[TransportContext], method: str, params: Mapping[str, Any] | None
    ) -> None:
        connection = _connection(context, params)
        try:
            await ServerRunner(server, connection, state).on_notify(context, method, params)
        finally:
            await aclose_shielded(connection)

    await JSONRPCDispatcher(inbox, outbox, transport_builder=_transport).run(on_request, on_notify)


def _transport(metadata: MessageMetadata) -> TransportContext:
    return TransportContext(kind="streamable-http", can_send_request=False, headers=_headers(metadata))


def _headers(metadata: MessageMetadata) -> Mapping[str, str]:
    request = metadata.request_context if isinstance(metadata, ServerMessageMetadata) else None
    return {} if request is None else request.headers


def _connection(context: DispatchContext[TransportContext], params: Mapping[str, Any] | None) -> Connection:
    """Who asks, and in which revision. A modern request says it itself; of others the header is all there is."""
    meta = (params or {}).get("_meta")
    said = cast("Mapping[str, Any]", meta if isinstance(meta, dict) else {})
    header = _headers(context.message_metadata).get(MCP_PROTOCOL_VERSION_HEADER)
    version = said.get(PROTOCOL_VERSION_META_KEY) or header or DEFAULT_NEGOTIATED_VERSION
    return Connection.from_envelope(version, said.get(CLIENT_INFO_META_KEY), said.get(CLIENT_CAPABILITIES_META_KEY))
