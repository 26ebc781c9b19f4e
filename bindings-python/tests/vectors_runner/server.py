"""Inputs of a server's vector."""

from typing import Any

from mcp_sansio import ConfigError, Server

from . import inputs, words
from .files import Vector
from .mismatch import Mismatch
from .names import Names
from .settings import identity, settings

USUAL = {
    "post": {
        "host": "localhost",
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
    },
    "get": {"host": "localhost", "accept": "text/event-stream"},
    "delete": {"host": "localhost"},
}
"""The headers that every client sends."""

SHORT = {"session": "mcp-session-id", "version": "mcp-protocol-version", "cursor": "last-event-id"}


class ServerRole:
    """A server under test."""

    def __init__(self, vector: Vector) -> None:
        config = vector.config
        self.machine = Server(identity(config.get("handshake")), seed=vector.seed, **settings(config))
        self.names = Names()
        self._reads_at_once = vector.reads_at_once

    def drain(self, room: bool) -> tuple[list[dict[str, Any]], float | None]:
        if not room:
            raise ValueError("a server always has room for its outputs")
        outputs, deadline = self.machine.drain()
        return [words.of_server(output) for output in outputs], deadline

    def follow_up(self, now: float, outputs: list[dict[str, Any]]) -> bool:
        """A quick reader takes each chunk at once."""
        chunks = [output for output in outputs if output["type"] == "chunk"]
        for chunk in chunks if self._reads_at_once else []:
            self.machine.written(now, chunk["exchange"])
        return self._reads_at_once and bool(chunks)

    def apply(self, now: float, given: dict[str, Any]) -> bool | None:
        """Does it; gives what the method said of whether there is something to drain."""
        machine, made = self.machine, given.get("id")
        filled = {name: self.names.fill(value) for name, value in given.items()}
        match given["type"]:
            case "accept":
                lines = inputs.headers(filled.get("headers", []))
                exchange = machine.accept(now, given["method"], lines, given.get("principal"))
                self.names.check_handle(made, exchange)
            case "post" | "get" | "delete":
                self._request(now, given, filled)
            case "take":
                taken = machine.take(now, filled["id"])
                if given.get("taken", taken) != taken:
                    raise Mismatch(f"take returned {taken}")
            case "respond":
                machine.respond(now, filled["id"], inputs.answer(filled))
            case "notify":
                params = inputs.text(filled, "params")
                machine.notify(now, given["method"], params, **_address(filled["to"]))
            case "call":
                params = inputs.text(filled, "params")
                said = _address(filled["to"]) | inputs.options(filled)
                self.names.check_handle(made, machine.call(now, given["method"], params, **said))
            case "cancel":
                machine.cancel(now, filled["call"], given.get("reason"))
            case "release_connection":
                retry = given["retry"] / 1000 if "retry" in given else None
                machine.release_connection(now, **_address(filled["to"]), retry=retry)
            case "end_session":
                machine.end_session(now, filled["session"], given["reason"])
            case "declare_tools":
                self._declare_tools(filled)
            case "shut_down":
                machine.shut_down(now, given["grace"] / 1000)
            case _:
                return self._feed(now, filled)
        return None

    def _feed(self, now: float, given: dict[str, Any]) -> bool:
        match given:
            case {"type": "chunk", "exchange": exchange}:
                return self.machine.chunk(now, exchange, inputs.data(given))
            case {"type": "end", "exchange": exchange}:
                return self.machine.end(now, exchange)
            case {"type": "gone", "exchange": exchange}:
                return self.machine.gone(now, exchange)
            case {"type": "written", "exchange": exchange}:
                return self.machine.written(now, exchange)
            case {"type": "timeout"}:
                return self.machine.timeout(now)
            case _:
                raise ValueError(f"no input of a server: {given}")

    def _request(self, now: float, given: dict[str, Any], filled: dict[str, Any]) -> None:
        """A whole request in one line."""
        own = filled.get("headers", [])
        replaced = {name for name, _ in own}
        lines = [[name, value] for name, value in USUAL[given["type"]].items() if name not in replaced]
        lines += [[SHORT[name], filled[name]] for name in SHORT if name in filled]
        lines += [[name, value] for name, value in own if value is not None]
        method = given["type"].upper()
        exchange = self.machine.accept(now, method, inputs.headers(lines), given.get("principal"))
        body = given["text"] if "text" in given else inputs.text(filled, "body")
        if body is not None:
            self.machine.chunk(now, exchange, body.encode())
            self.machine.end(now, exchange)
        self.names.check_handle(given.get("id"), exchange)

    def _declare_tools(self, given: dict[str, Any]) -> None:
        said: str | None = None
        try:
            self.machine.declare_tools(inputs.text(given, "tools") or "")
        except ConfigError as error:
            said = str(error)
        wanted = given.get("error")
        if (wanted is None) != (said is None) or (wanted or "") not in (said or ""):
            raise Mismatch(f"declare_tools said {said!r}, not {wanted!r}")


def _address(to: Any) -> dict[str, Any]:
    """For whom a message is: a request's client, a session's, or all."""
    return {} if to == "all" else dict(to)
