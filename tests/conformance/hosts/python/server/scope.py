"""What the texts of the fixture can name, and putting it in: `{{arguments.city}}`."""

import json
import re
from collections.abc import Mapping

from pydantic import JsonValue

from model import JsonObject

NAME = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class Scope:
    """Values by name: the arguments of a call, the constants of the fixture, the answers of the client."""

    def __init__(self, **names: JsonValue) -> None:
        self.answers: JsonObject = {}
        self._names: JsonObject = {**names, "answers": self.answers}

    def fill(self, value: JsonValue) -> JsonValue:
        """Put in all that a value names.

        A text that is nothing but a name becomes what the name stands for; within a longer text, what is no text
        is written as JSON. A name that stands for nothing is null, or no text.
        """
        match value:
            case str():
                name = NAME.fullmatch(value)
                # A name ends with the first `}}`, so what still has some is more than one.
                return self.text(value) if name is None or "}}" in name[1] else self._find(name[1])
            case list():
                return [self.fill(item) for item in value]
            case dict():
                return self.members(value)
            case _:
                return value

    def members(self, members: Mapping[str, JsonValue]) -> JsonObject:
        """`fill` for the members of an object."""
        return {name: self.fill(value) for name, value in members.items()}

    def text(self, text: str) -> str:
        """`fill` for a text that stays one."""
        return NAME.sub(lambda name: written(self._find(name[1])), text)

    def _find(self, name: str) -> JsonValue:
        value: JsonValue = self._names
        for part in name.split("."):
            match value:
                case dict():
                    value = value.get(part)
                case list() if part.isdecimal() and int(part) < len(value):
                    value = value[int(part)]
                case _:
                    return None
        return value


def written(value: JsonValue) -> str:
    """A value within a text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
