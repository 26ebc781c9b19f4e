"""What the managed clients raise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp_sansio._native import RpcError

if TYPE_CHECKING:
    from mcp_sansio._native import Failure, Story


class CallError(Exception):
    """A call that did not bring a result: `CallFailed`, `PeerError` or `BadResult`."""


class CallFailed(CallError):
    """No answer came, and none will: the call failed on the way. `str()` is a sentence that says why.

    `execution` says whether the peer may have run the call, and `story` what was seen of it.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    @property
    def kind(self) -> str:
        """What went wrong, in a word such as `timed_out` or `connection_lost`."""
        return self.failure.kind

    @property
    def execution(self) -> str:
        """Whether the peer may have run the call: `not_sent`, `refused` or `unknown`."""
        return self.failure.execution

    @property
    def story(self) -> Story:
        """What was seen of the call; `str()` gives its lines."""
        return self.failure.story

    def __str__(self) -> str:
        return str(self.failure)


class PeerError(CallError):
    """The peer answered with a JSON-RPC error.

    Handlers raise it too, to answer a request with an error of their own; `data` is any JSON value:

    >>> raise PeerError(-32602, "no such file", {"path": "notes.txt"})
    Traceback (most recent call last):
    ...
    mcp_sansio.PeerError: no such file (error -32602)
    """

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(code, message, data)
        self._error = RpcError(code, message, None if data is None else json.dumps(data))

    @classmethod
    def of(cls, error: RpcError) -> PeerError:
        """The exception for an error object of the peer."""
        raised = cls(error.code, error.message)
        raised._error = error
        return raised

    @property
    def error(self) -> RpcError:
        """The error object, its data as JSON text."""
        return self._error

    @property
    def code(self) -> int:
        """The JSON-RPC error code."""
        return self._error.code

    @property
    def message(self) -> str:
        """What the peer says."""
        return self._error.message

    @property
    def data(self) -> Any:
        """The value that came with the error; `None` if there is none."""
        return None if self._error.data is None else json.loads(self._error.data)

    def __str__(self) -> str:
        return str(self._error)


class BadResult(CallError):
    """The result is not what the method gives: no JSON object, say, or a list without its items."""


for _error in (CallError, CallFailed, PeerError, BadResult):
    _error.__module__ = "mcp_sansio"
