"""The loop: apply an input, drain, compare."""

from typing import Any, Protocol

from .client import ClientRole
from .compare import check
from .files import Line, Vector
from .mismatch import Mismatch
from .names import Names
from .server import ServerRole


class Role(Protocol):
    """A machine of either role."""

    names: Names

    @property
    def machine(self) -> Any: ...
    def apply(self, now: float, given: dict[str, Any]) -> bool | None: ...
    def drain(self, room: bool) -> tuple[list[dict[str, Any]], float | None]: ...
    def follow_up(self, now: float, outputs: list[dict[str, Any]], /) -> bool: ...


def run(vector: Vector) -> int:
    """Runs a vector; gives the number of its inputs. A Mismatch names the line that does not hold."""
    role: Role = ServerRole(vector) if vector.is_servers else ClientRole(vector)
    running = _Run(role)
    place, steps = f"{vector.name}:1", 0
    try:
        for line in vector.lines:
            place = line.place
            steps += "input" in line.value
            running.line(line)
        running.finish()
    except Mismatch as mismatch:
        raise Mismatch(f"{place}: {mismatch}\n    {vector.header['about']}") from None
    return steps


class _Run:
    def __init__(self, role: Role) -> None:
        self._role = role
        self._room = True
        self._now = 0.0
        self._deadline: float | None = None
        self._came: list[dict[str, Any]] = []

    def line(self, line: Line) -> None:
        match line.value:
            case {"now": now, "input": given}:
                self.finish()
                self._now = now / 1000
                self._input(given)
            case {"output": expected}:
                self._output(expected)
            case {"room": room}:
                self.finish()
                self._room = room
                self._drain()
            case {"deadline": expected}:
                deadline = self._role.machine.deadline()
                if deadline != (None if expected is None else expected / 1000):
                    raise Mismatch(f"the deadline is {deadline}, not {expected} ms")
            case {"inspect": counts}:
                self._inspect(counts)
            case _:
                raise ValueError(f"{line.place}: no line of a vector")

    def finish(self) -> None:
        """Nothing but notices may be left of the last drain."""
        left = [output for output in self._came if output["type"] != "notice"]
        if left:
            raise Mismatch(f"an output more than expected: {left[0]}")

    def _input(self, given: dict[str, Any]) -> None:
        before = self._deadline
        said = self._role.apply(self._now, given)
        self._drain()
        if said is False and (self._came or self._deadline != before):
            raise Mismatch(f"it said that there was nothing to drain, and there was: {self._came}")

    def _drain(self) -> None:
        self._came = []
        more = True
        while more:
            outputs, self._deadline = self._role.drain(self._room)
            self._came += outputs
            more = self._role.follow_up(self._now, outputs)
        if self._deadline != self._role.machine.deadline():
            raise Mismatch(f"drain says the deadline {self._deadline}, and deadline() another")

    def _output(self, expected: dict[str, Any]) -> None:
        if expected["type"] != "notice":
            while self._came and self._came[0]["type"] == "notice":
                self._came.pop(0)
        # Where a notice is expected, all that comes before it must be it.
        if not self._came:
            raise Mismatch(f"an output is missing: {expected}")
        found = self._came.pop(0)
        self._role.names.bind(expected, found)
        try:
            check(self._role.names.fill(expected), found)
        except Mismatch as mismatch:
            raise Mismatch(f"{mismatch}\n    expected: {expected}\n    came: {found}") from None

    def _inspect(self, counts: dict[str, int]) -> None:
        inspection = self._role.machine.inspect()
        found = {
            "calls": len(inspection.calls),
            "exchanges": len(inspection.exchanges),
            "obligations": len(inspection.obligations),
            "bytes": inspection.bytes,
        }
        for name, wanted in counts.items():
            if found[name] != wanted:
                raise Mismatch(f"inspect counts {found[name]} {name}, not {wanted}")
