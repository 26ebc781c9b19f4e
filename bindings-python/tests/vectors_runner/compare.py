"""Whether an output is the expected one."""

from .files import Json
from .mismatch import Mismatch

OPEN = {"change", "ended", "error", "failure", "lost", "refusal"}
"""Members whose objects are compared by the members that the expectation names; all other values are equal, whole."""

ANY = "<any>"
"""In an expected payload, stands for a value of whatever kind that is there."""


def check(expected: Json, actual: Json) -> None:
    """Compares by the members that the expectation names."""
    if not (isinstance(expected, dict) and isinstance(actual, dict)):
        _check_equal("the value", expected, actual)
        return
    for name, wanted in expected.items():
        found = actual.get(name)
        if name == "headers":
            _check_headers(wanted, found)
        elif name == "events":
            _check_events(wanted, found)
        elif name in OPEN:
            check(wanted, found)
        else:
            _check_equal(name, wanted, found)


def same(expected: Json, actual: Json) -> bool:
    """Whether two JSON values are equal. To Python, 1 equals 1.0 and True; to JSON it does not."""
    if expected == ANY:
        return actual is not None
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(same(value, actual[name]) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(same, expected, actual))
    return type(expected) is type(actual) and expected == actual


def _check_equal(what: str, expected: Json, actual: Json) -> None:
    if not same(expected, actual):
        raise Mismatch(f"{what} is {actual!r}, not {expected!r}")


def _check_headers(expected: Json, actual: Json) -> None:
    """Each header listed is there as often as it is listed, with those values; one with null is not there."""
    wanted, found = _by_name(expected), _by_name(actual)
    for name, values in wanted.items():
        listed: list[Json] = [value for value in values if value is not None]
        _check_equal(f"header {name}", listed, found.get(name, []))


def _by_name(headers: Json) -> dict[str, list[Json]]:
    values: dict[str, list[Json]] = {}
    for header in headers if isinstance(headers, list) else []:
        match header:
            case [str(name), value]:
                values.setdefault(name, []).append(value)
            case _:
                raise Mismatch(f"{header!r} is no header")
    return values


def _check_events(expected: Json, actual: Json) -> None:
    if not (isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual)):
        raise Mismatch(f"events are {actual}, not {expected}")
    for wanted, found in zip(expected, actual, strict=True):
        check(wanted, found)
