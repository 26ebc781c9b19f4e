"""The application's headers and credentials, which never enter the machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._http import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mcp_sansio.client import Open

_AUTHORIZATION = b"authorization"
_ENCODING = b"accept-encoding"
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")


class Dresser:
    """Makes requests of what the machine opens, with the application's headers and credentials.

    Where the machine has set a header of the same name, the machine's stays.
    """

    def __init__(
        self, url: str, headers: Iterable[tuple[bytes, bytes]], credentials: Callable[[], str | None] | None
    ) -> None:
        # Nobody asks for a compressed body, and nobody unpacks one.
        ours = {_ENCODING} if credentials is None else {_ENCODING, _AUTHORIZATION}
        self._headers = [item for item in headers if item[0] not in ours]
        self._headers.append((_ENCODING, b"identity"))
        self._url = url
        self._credentials = credentials

    def request(self, output: Open) -> Request:
        """The request to send. `Undressed` if the application's credentials cannot be had."""
        taken = {name for name, _ in output.headers}
        headers = output.headers + [item for item in self._headers if item[0] not in taken]
        if self._credentials is not None and _AUTHORIZATION not in taken:
            headers += _authorization(self._credentials)
        return Request(output.method, output.url or self._url, headers, output.body)


def _authorization(credentials: Callable[[], str | None]) -> Headers:
    try:
        value = credentials()
        header = None if value is None else value.encode()
    except Exception as error:
        # Only the kind of error: its text may be the secret.
        said = type(error).__name__
        raise Undressed(f"the application's authorizer failed when it was asked for credentials: {said}") from error
    if header is None:
        return []
    if not _VALUE.fullmatch(header):
        raise Undressed("the application's authorizer gave credentials that no header may hold")
    return [(_AUTHORIZATION, header)]


class Undressed(Exception):
    """A request could not be made, and so was not sent."""


def headers_of(headers: Mapping[str, str]) -> Headers:
    """The application's headers, as they go on the wire; ValueError where one cannot."""
    converted: Headers = []
    for name, value in headers.items():
        item = (name.lower().encode(), value.encode())
        if not _NAME.fullmatch(item[0]):
            raise ValueError(f"{name!r} cannot be the name of a header")
        if not _VALUE.fullmatch(item[1]):
            # The value may be a secret.
            raise ValueError(f"the value of the header {name!r} has characters that none may have")
        converted.append(item)
    return converted
