"""Drop-ins for the official Python SDK (`mcp`): its clients and servers on this package's transport.

`streamable_http_client` stands in for `mcp.client.streamable_http.streamable_http_client`, `asgi_app` for the method
`streamable_http_app` of the SDK's servers. The SDK goes on speaking MCP; what is replaced is how it gets across.
Importing this raises ImportError if the SDK is not there, or is of a generation that the drop-ins do not fit.
"""

from importlib.metadata import PackageNotFoundError, version


def _check_sdk() -> None:
    wanted = "mcp_sansio.sdk needs the official SDK, mcp>=2.3,<3 (pip install 'mcp-sansio[sdk]')"
    try:
        installed = version("mcp")
    except PackageNotFoundError:
        raise ImportError(f"{wanted}; it is not installed") from None
    major, minor = installed.split(".")[:2]
    if major != "2" or int(minor) < 3:  # noqa: PLR2004 - the release that it is written for
        raise ImportError(f"{wanted}; installed is mcp {installed}")


_check_sdk()

from ._client import streamable_http_client  # noqa: E402 - not before it is known that the SDK is there
from ._server import asgi_app  # noqa: E402

__all__ = ["asgi_app", "streamable_http_client"]
