"""Which lines of the log a session wants."""

from mcp_sansio.asgi import Request

from model import JsonObject
from params import Params, params_of
from step import LEVELS, Level


class SetLevel(Params):
    """The params of `logging/setLevel`."""

    level: Level


class LogLevel:
    """All of them, until the client says otherwise."""

    def __init__(self) -> None:
        self._least = 0

    def wants(self, level: Level) -> bool:
        """Whether a line of this level is wanted."""
        return LEVELS.index(level) >= self._least

    def set(self, request: Request) -> JsonObject:
        """Answer `logging/setLevel`."""
        self._least = LEVELS.index(params_of(request, SetLevel).level)
        return {}
