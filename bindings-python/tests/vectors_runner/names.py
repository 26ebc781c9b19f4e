"""Names in vectors: ``"$key"`` stands for whatever came where it stood first, and for that value from then on."""

from typing import Any

from .files import Json
from .mismatch import Mismatch


class Names:
    """What each name stands for."""

    def __init__(self) -> None:
        self._values: dict[str, Json] = {}

    def fill(self, value: Any) -> Any:
        """The value with each name that is known replaced."""
        return self._filled(value)

    def bind(self, expected: Json, actual: Json) -> None:
        """Gives the names that stand in an expectation for the first time the values that came there."""
        if isinstance(expected, str) and expected.startswith("$") and actual is not None:
            self._values.setdefault(expected, actual)
        elif isinstance(expected, dict) and isinstance(actual, dict):
            for name in expected.keys() & actual.keys():
                if name == "headers":
                    self._bind_headers(expected[name], actual[name])
                else:
                    self.bind(expected[name], actual[name])
        elif isinstance(expected, list) and isinstance(actual, list):
            for wanted, found in zip(expected, actual, strict=False):
                self.bind(wanted, found)

    def check_handle(self, expected: int | str | None, made: int) -> None:
        """The handle that an input made is the one that it names, or gets that name."""
        self.bind(expected, made)
        if expected is not None and self.fill(expected) != made:
            raise Mismatch(f"it got the handle {made}, not {self.fill(expected)}")

    def _filled(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._values.get(value, value)
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, dict):
            return {name: self._filled(item) for name, item in value.items()}
        return value

    def _bind_headers(self, expected: Json, actual: Json) -> None:
        first: dict[str, Json] = {}
        for header in actual if isinstance(actual, list) else []:
            if isinstance(header, list) and isinstance(header[0], str):
                first.setdefault(header[0], header[1])
        for header in expected if isinstance(expected, list) else []:
            if isinstance(header, list) and isinstance(header[0], str):
                self.bind(header[1], first.get(header[0]))
