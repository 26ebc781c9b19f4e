"""The errors that clients get, with the codes of JSON-RPC and of the protocol."""

from mcp_sansio import PeerError

from model import JsonObject

INTERNAL_ERROR = -32603
INVALID_PARAMS = -32602
METHOD_NOT_FOUND = -32601
MISSING_CAPABILITY = -32021
RESOURCE_NOT_FOUND = -32002


def internal(message: str) -> PeerError:
    """Something went wrong here."""
    return PeerError(INTERNAL_ERROR, message)


def invalid_params(message: str) -> PeerError:
    """The request is not as it must be."""
    return PeerError(INVALID_PARAMS, message)


def method_not_found(method: str) -> PeerError:
    """There is no such method."""
    return PeerError(METHOD_NOT_FOUND, f"{method} is not there")


def missing_capability(needed: JsonObject) -> PeerError:
    """The client did not declare what the request needs of it."""
    message = "the request needs a capability that its client does not declare"
    return PeerError(MISSING_CAPABILITY, message, {"requiredCapabilities": needed})


def resource_not_found(uri: str, *, in_session: bool) -> PeerError:
    """There is no resource at this URI. The code for it is another since 2026-07-28."""
    code = RESOURCE_NOT_FOUND if in_session else INVALID_PARAMS
    return PeerError(code, f"there is no resource {uri!r}", {"uri": uri})
