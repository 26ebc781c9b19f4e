"""What a client can do, as it declares."""

from collections.abc import Iterable

from pydantic import JsonValue

import errors
from model import JsonObject
from step import Method

#: The capability of clients that can be asked this.
OF: dict[Method, str] = {
    "elicitation/create": "elicitation",
    "roots/list": "roots",
    "sampling/createMessage": "sampling",
}
#: The tasks extension, as capabilities name it.
TASKS: JsonObject = {"extensions": {"io.modelcontextprotocol/tasks": {}}}


class Capabilities:
    """The capabilities of the client of one request. One that says nothing can do nothing."""

    def __init__(self, declared: JsonValue) -> None:
        self._declared = declared

    def can_answer(self, method: Method) -> bool:
        """Whether the client can be asked this."""
        return isinstance(self._declared, dict) and OF[method] in self._declared

    def have(self, needed: JsonObject) -> bool:
        """Whether the client declares all of this, at every depth."""
        return covers(self._declared, needed)

    def need(self, needed: JsonObject) -> None:
        """End the request if the client does not declare all of this."""
        if not self.have(needed):
            raise errors.missing_capability(needed)


def covers(declared: JsonValue, needed: JsonValue) -> bool:
    """Whether all of `needed` is in `declared`. An empty object needs no more than to be there."""
    if not isinstance(needed, dict):
        return declared == needed
    return isinstance(declared, dict) and all(
        name in declared and covers(declared[name], value) for name, value in needed.items()
    )


def for_questions(methods: Iterable[Method]) -> JsonObject:
    """The capabilities that these questions need."""
    return {OF[method]: {} for method in methods}
