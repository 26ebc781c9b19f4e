"""Inputs of a client's vector."""

from typing import Any

from mcp_sansio import Client

from . import inputs, words
from .files import Vector
from .names import Names
from .settings import identity, settings


class ClientRole:
    """A client under test."""

    def __init__(self, vector: Vector) -> None:
        config = vector.config
        self.machine = Client(
            config.get("url", "http://server.test/mcp"),
            identity(config.get("handshake")),
            seed=vector.seed,
            **settings(config),
        )
        self.names = Names()

    def drain(self, room: bool) -> tuple[list[dict[str, Any]], float | None]:
        outputs, deadline = self.machine.drain(room)
        return [words.of_client(output) for output in outputs], deadline

    def follow_up(self, _now: float, _outputs: list[dict[str, Any]]) -> bool:
        """A client's driver has nothing to say of its own."""
        return False

    def apply(self, now: float, given: dict[str, Any]) -> bool | None:
        """Does it; gives what the method said of whether there is something to drain."""
        machine = self.machine
        match given["type"]:
            case "connect":
                self.names.check_handle(given.get("id"), machine.connect(now))
            case "call":
                call = machine.call(now, given["method"], inputs.text(given, "params"), **inputs.options(given))
                self.names.check_handle(given.get("id"), call)
            case "listen":
                listen = machine.listen(now, inputs.text(given, "params") or "")
                self.names.check_handle(given.get("id"), listen)
            case "unlisten":
                machine.unlisten(now, given["listen"])
            case "notify":
                machine.notify(now, given["method"], inputs.text(given, "params"))
            case "respond":
                machine.respond(now, given["id"], inputs.answer(given))
            case "cancel":
                machine.cancel(now, given["call"], given.get("reason"))
            case "authorize":
                machine.authorize(now, given["granted"])
            case "close":
                machine.close(now)
            case _:
                return self._feed(now, given)
        return None

    def _feed(self, now: float, given: dict[str, Any]) -> bool:
        machine = self.machine
        match given:
            case {"type": "head", "exchange": exchange, "status": status}:
                return machine.head(now, exchange, status, inputs.headers(given.get("headers", [])))
            case {"type": "chunk", "exchange": exchange}:
                return machine.chunk(now, exchange, inputs.data(given))
            case {"type": "sse_event", "exchange": exchange, "data": data}:
                retry = given["retry"] / 1000 if "retry" in given else None
                return machine.sse_event(now, exchange, given.get("event", ""), data, given.get("id"), retry)
            case {"type": "end", "exchange": exchange}:
                return machine.end(now, exchange)
            case {"type": "failed", "exchange": exchange, "sent": sent}:
                return machine.failed(now, exchange, given.get("detail", ""), sent=sent != "no")
            case {"type": "timeout"}:
                return machine.timeout(now)
            case _:
                raise ValueError(f"no input of a client: {given}")
