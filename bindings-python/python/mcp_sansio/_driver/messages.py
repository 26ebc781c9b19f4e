"""What the managed clients hand to the application, parsed when it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from mcp_sansio._errors import BadResult, CallFailed, PeerError
from mcp_sansio._native import ConfigError, Failure, Identity, RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from mcp_sansio._settings import ManagedSettings, ServerSettings
    from mcp_sansio.client import Known, Notice, SessionChanged

JsonObject: TypeAlias = "dict[str, Any]"
"""A JSON object, as `json.loads` gives it."""

MOST_PAGES = 1_000
"""Pages of a list that are fetched at most. A server that goes on after so many goes on for ever."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a call, as the server wrote it."""

    text: str

    @property
    def value(self) -> JsonObject:
        """The result as a JSON object, or `BadResult`."""
        return parsed(self.text)


Outcome: TypeAlias = "Result | RpcError | Failure"
"""How a call ended: the server's result, the server's error, or a failure found on the way."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification of the server."""

    method: str
    text: str | None

    @property
    def params(self) -> JsonObject | None:
        """Its `params`, or `BadResult` if they are no JSON object."""
        return None if self.text is None else parsed(self.text)


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """A request of the server, such as `sampling/createMessage` or `elicitation/create`."""

    method: str
    params: JsonObject | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The server listens to this filter: what was asked for, or a part of it."""

    text: str

    @property
    def filter(self) -> JsonObject:
        """The filter."""
        return parsed(self.text)


@dataclass(frozen=True, slots=True)
class Gap:
    """The stream of a subscription was lost, and is being opened again: list again what you watch."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A subscription is over, and nothing follows. A result is the server's own, graceful end."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The record cannot be written any more, for this reason; the client goes on without."""

    reason: str


SubscriptionEvent: TypeAlias = "Opened | Notification | Gap | Ended"
Event: TypeAlias = "Notice | SessionChanged | RecordingEnded"


class CallOptions(TypedDict, total=False):
    """What can be said of one call."""

    safe: bool
    """The server may run it twice, so that it may be sent again."""
    idle: float | None
    """It settles after so many seconds without progress."""
    max: float | None
    """It settles after so many seconds, whatever comes."""
    headers: Mapping[str, str]
    """Headers that go out with it alone."""


class Pages:
    """A list that comes in pages."""

    def __init__(self, method: str, key: str) -> None:
        self.method = method
        self.items: list[JsonObject] = []
        self.params: JsonObject | None = None
        self.is_complete = False
        self._key = key
        self._count = 0

    def add(self, page: JsonObject) -> None:
        """Takes a page, and knows then what to ask for next."""
        items: Any = page.get(self._key)
        if not isinstance(items, list):
            raise BadResult(f"{self.method} without an array of {self._key}")
        self.items += items
        self._count += 1
        cursor = page.get("nextCursor")
        self.is_complete = not isinstance(cursor, str)
        if self._count == MOST_PAGES and not self.is_complete:
            raise BadResult(f"{self.method} has more than {MOST_PAGES} pages")
        self.params = {"cursor": cursor}


def outcome_of(outcome: str | RpcError | Failure) -> Outcome:
    """An outcome of the machine, as the application gets it."""
    return Result(outcome) if isinstance(outcome, str) else outcome


def value_of(outcome: Outcome) -> JsonObject:
    """The result's value; whatever else the outcome is, is raised."""
    match outcome:
        case Result():
            return outcome.value
        case RpcError():
            raise PeerError.of(outcome)
        case Failure():
            raise CallFailed(outcome)


def text_of(params: Mapping[str, object] | None) -> str | None:
    """JSON text for the machine. TypeError if there is something in it that JSON cannot say."""
    return None if params is None else json.dumps(params, separators=(",", ":"))


def default_identity() -> Identity:
    """Who a client says that it is, unless the application says so."""
    return Identity("mcp-sansio", version("mcp-sansio"))


def check_recording(record: TextIO | None, settings: ManagedSettings | ServerSettings) -> None:
    """What is recorded is written, and what is not written is not recorded: the machine keeps its lines without end."""
    if record is not None:
        settings.setdefault("recording", "redacted")
    elif settings.get("recording", "off") != "off":
        raise ConfigError("recording: there is nowhere to write it; give a `record`")


def native_options(options: CallOptions, has_progress: bool) -> dict[str, Any]:
    """The options of a call, as the machine takes them."""
    given: dict[str, Any] = {**options, "progress": has_progress}
    if "headers" in given:
        given["headers"] = list(given["headers"].items())
    return given


def ping_method(known: Known | None) -> str:
    """By what a server of its era is asked whether it is there."""
    return "server/discover" if known is not None and known.era == "modern" else "ping"


def listen_params(filter: Mapping[str, object]) -> str:
    """The params of a subscription by this filter."""
    return json.dumps({"notifications": filter}, separators=(",", ":"))


def parsed(text: str) -> JsonObject:
    """The JSON object of a text that came from the server."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadResult(f"no JSON that Python can hold: {error}") from error
    if not isinstance(value, dict):
        raise BadResult(f"a JSON object was expected, not {text[:40]}")
    return value  # pyright: ignore[reportUnknownVariableType]
