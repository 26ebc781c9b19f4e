"""Questions to the client, and what is an answer."""

from typing import NamedTuple

from pydantic import JsonValue

from model import JsonObject
from step import Method


class Open(NamedTuple):
    """A question that is not answered yet."""

    name: str
    method: Method
    params: JsonObject

    def request(self) -> JsonObject:
        """The question as an input request of the protocol."""
        return {"method": self.method, "params": self.params}

    def is_answered_by(self, answer: JsonValue) -> bool:
        """Whether this can be an answer to it."""
        if not isinstance(answer, dict):
            return False
        match self.method:
            case "elicitation/create":
                return isinstance(answer.get("action"), str)
            case "roots/list":
                return isinstance(answer.get("roots"), list)
            case "sampling/createMessage":
                return isinstance(answer.get("role"), str) and answer.get("content") is not None
