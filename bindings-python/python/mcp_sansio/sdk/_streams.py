"""The two streams between the SDK and a machine: what the SDK reads, and what it writes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import anyio
import anyio.lowlevel
from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context
    from types import TracebackType

    from mcp.shared.message import SessionMessage
    from mcp_types import JSONRPCMessage
    from typing_extensions import Self


class Letter(NamedTuple):
    """What waits for the SDK: a message, the handle of the request that it is, and what its handler runs in."""

    item: SessionMessage | Exception
    obligation: int | None = None
    context: Context | None = None


class Unreadable(Exception):
    """The SDK has no type for a message."""


def parse(text: str) -> JSONRPCMessage:
    """A message as the SDK has it; `Unreadable` if it has no such message."""
    try:
        return jsonrpc_message_adapter.validate_json(text, by_name=False)
    except ValidationError as error:
        # There is one for each kind of message that it is not; what it has, but wrongly, says most.
        errors = error.errors(include_input=False, include_url=False)
        worst = next((one for one in errors if one["type"] != "missing"), errors[0])
        what = ".".join(map(str, worst["loc"][1:]))
        raise Unreadable(f"the SDK cannot read the message, because of {what!r}: {worst['msg']}") from error


def dump(item: SessionMessage) -> str:
    """A message as it goes on the wire."""
    return item.message.model_dump_json(by_alias=True, exclude_unset=True)


class _Stream:
    """What the SDK wants of both streams."""

    def close(self) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        self.close()
        await anyio.lowlevel.checkpoint()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()


class Inbox(_Stream):
    """What the SDK reads. It is filled without waiting; a letter that `hand_out` says no to is skipped."""

    last_context: Context | None = None
    """Of the letter that was read last. The SDK looks for it here."""

    def __init__(self, hand_out: Callable[[Letter], bool]) -> None:
        self._hand_out = hand_out
        self._put, self._get = anyio.create_memory_object_stream[Letter](math.inf)

    def __len__(self) -> int:
        return self._get.statistics().current_buffer_used

    def put(self, letter: Letter) -> None:
        """Adds a letter, unless the SDK has closed its end."""
        try:
            self._put.send_nowait(letter)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    def end(self) -> None:
        """Nothing more comes: the SDK reads what is left, and then the end."""
        self._put.close()

    def close(self) -> None:
        """Nothing more comes, and nobody reads what is left."""
        self._put.close()
        self._get.close()

    async def receive(self) -> SessionMessage | Exception:
        """The next letter's content; `anyio.EndOfStream` after the last."""
        while not self._hand_out(letter := await self._get.receive()):
            pass
        self.last_context = letter.context
        return letter.item

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


class Outbox(_Stream):
    """What the SDK writes to. Writing never waits: the machine has its own limits."""

    def __init__(self, take: Callable[[SessionMessage], object]) -> None:
        self._take = take
        self._is_closed = False

    def close(self) -> None:
        """Takes nothing more."""
        self._is_closed = True

    async def send(self, item: SessionMessage, /) -> None:
        """Hands a message to the machine; `anyio.ClosedResourceError` after the end."""
        if self._is_closed:
            raise anyio.ClosedResourceError
        self._take(item)
        await anyio.lowlevel.checkpoint()
