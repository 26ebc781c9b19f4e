"""What the application's own code comes to, whether it is run as a task or on a thread."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from mcp_sansio._errors import BadResult, PeerError
from mcp_sansio._native import RpcError

from .messages import ServerRequest, parsed

if TYPE_CHECKING:
    from mcp_sansio.client import Request

_LOG = logging.getLogger("mcp_sansio")

FAILED = RpcError(-32603, "the handler of this request failed")
"""The answer of a handler that gave none."""


def unsupported(request: Request) -> RpcError:
    """The answer where there is no handler."""
    return RpcError(-32601, f"{request.method} is not supported")


def request_of(request: Request) -> ServerRequest:
    """A request of the server, as the application's handler gets it."""
    if request.params is None:
        return ServerRequest(request.method, None)
    try:
        return ServerRequest(request.method, parsed(request.params))
    except BadResult as error:
        raise PeerError(-32602, f"params: {error}") from error


def answer_of(value: object) -> str:
    """What a handler gave, as JSON text."""
    return json.dumps(value, separators=(",", ":"))


def answer_to(request: Request, error: Exception) -> RpcError:
    """The answer of a handler that raised: an error of its own choice, else none that tells more than it should."""
    if isinstance(error, PeerError):
        return error.error
    _LOG.error("the handler of %s failed", request.method, exc_info=error)
    return FAILED


def not_authorized(error: Exception) -> bool:
    """The answer of an authorizer that raised."""
    _LOG.error("the authorizer failed", exc_info=error)
    return False
