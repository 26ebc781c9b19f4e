"""What type checkers are to know of the classes. These tests run, and pyright reads them in strict mode."""

import ast
import inspect
from pathlib import Path
from typing import cast, get_args

import mcp_sansio
import pytest
from mcp_sansio import (
    Client,
    ConfigError,
    Failure,
    Identity,
    Known,
    RpcError,
    Server,
    Settled,
    Story,
    _native,
    client,
    server,
)
from mcp_sansio._words import EndReason, Era, Version
from typing_extensions import assert_never, assert_type

STUBS = Path(mcp_sansio.__file__).with_name("_native.pyi")


def test_a_client() -> None:
    machine = Client("http://localhost/mcp", Identity("typed", "1"), limits={"calls": 1}, timing={"idle": None})
    call = assert_type(machine.call(0, "tools/list", headers=[(b"a", "b")]), int)
    assert_type(machine.head(0, call, 200, []), bool)
    outputs, deadline = machine.drain()
    assert_type(outputs, list[client.Output])
    assert_type(deadline, float | None)
    assert_type(machine.known(), Known | None)
    assert_type(machine.records(), list[str])
    assert_type(machine.inspect().calls[0].lifelines[0].at, float | None)
    assert [said_by_client(output) for output in outputs] == ["open"]


def test_a_server() -> None:
    machine = Server(Identity("typed", "1"), mode="json", hosts=["localhost"], seed=bytes(32))
    assert_type(machine.accept(0.0, "GET", [("host", "localhost")]), int)
    outputs, deadline = machine.drain()
    assert_type(outputs, list[server.Output])
    assert_type(deadline, float | None)
    assert_type(Server.shard([]), int | None)
    assert [said_by_server(output) for output in outputs] == ["head 400"]


def test_an_outcome() -> None:
    machine = Client("http://localhost/mcp", Identity("typed", "1"))
    machine.call(0, "", "no JSON")
    outputs, _ = machine.drain()
    outcomes = [output.outcome for output in outputs if isinstance(output, Settled)]
    assert_type(outcomes, list[str | RpcError | Failure])
    for outcome in outcomes:
        assert isinstance(outcome, Failure)
        assert_type(outcome.story, Story)
        assert_type(outcome.story.lines[0].at, float)
        assert_type(outcome.to_rpc_error().data, str | None)
        assert outcome.kind == "misuse"
        assert outcome.execution == "not_sent"
    assert len(outcomes) == 1


def said_by_client(output: client.Output) -> str:
    """Has a case for each output; a new one is an error of types here."""
    match output:
        case client.Open(exchange, method, url, headers, body):
            assert_type(exchange, int)
            assert_type(method, str)
            assert_type(url, str | None)
            assert_type(headers, list[tuple[bytes, bytes]])
            assert_type(body, bytes)
            return "open"
        case client.Settled(call, outcome):
            assert_type(call, int)
            assert_type(outcome, str | RpcError | Failure)
            return "settled"
        case client.Notification(method, params, call, listen):
            assert_type((method, params, call, listen), tuple[str, str | None, int | None, int | None])
            return "notification"
        case client.Request(id, method, params, call, listen):
            assert_type((id, method, params, call, listen), tuple[int, str, str | None, int | None, int | None])
            return "request"
        case client.SessionChanged(epoch, change, failure):
            assert_type(failure, Failure | None)
            return f"{change} {epoch}"
        case client.Unauthorized(refusal, calls, challenges):
            assert_type((calls, challenges), tuple[list[int], tuple[str, ...]])
            return f"unauthorized {refusal.status}"
        case client.ListenEnded(listen, outcome):
            assert_type(outcome, str | RpcError | Failure)
            return f"ended {listen}"
        case client.Message(text, answers, via, failure, obligation):
            assert_type((text, answers, via), tuple[str, str | None, str | None])
            assert_type((failure, obligation), tuple[Failure | None, int | None])
            return "message"
        case client.Abort() | client.Closed() | client.ListenGap() | client.ListenOpened():
            return "small"
        case client.Notice() | client.Progress() | client.Withdrawn():
            return "told"
        case _:
            assert_never(output)


def said_by_server(output: server.Output) -> str:
    """Has a case for each output; a new one is an error of types here."""
    match output:
        case server.Head(exchange, status, headers, body):
            assert_type(exchange, int)
            assert_type(headers, list[tuple[bytes, bytes]])
            assert_type(body, bytes | None)
            return f"head {status}"
        case server.Chunk(exchange, data):
            assert_type(data, bytes)
            return f"chunk {exchange}"
        case server.Request(id, exchange, session, _, method, params):
            assert_type((id, exchange, session), tuple[int, int, int | None])
            assert_type((method, params), tuple[str, str | None])
            return "request"
        case server.SessionStarted(session, exchange, key, params):
            assert_type((session, exchange, key, params), tuple[int, int, str, str])
            return "session"
        case server.End() | server.Abort() | server.ShutDown() | server.SessionEnded():
            return "end"
        case server.Notification() | server.Progress() | server.Settled() | server.Withdrawn():
            return "told"
        case server.Notice() | server.Message():
            return "told"
        case _:
            assert_never(output)


def test_the_stubs_say_what_help_says() -> None:
    classes = [node for node in ast.parse(STUBS.read_text()).body if isinstance(node, ast.ClassDef)]
    documented = 0
    for node in classes:
        there = getattr(_native, node.name)
        assert ast.get_docstring(node) == inspect.getdoc(there), node.name
        for member in node.body:
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("__"):
                said = inspect.getdoc(getattr(there, member.name))
                assert said, f"{node.name}.{member.name} has no docs"
                assert ast.get_docstring(member) == said, f"{node.name}.{member.name}"
                documented += 1
    assert {node.name for node in classes} == set(_native.__all__)
    assert documented > 100


def test_the_words_are_those_of_the_core() -> None:
    with pytest.raises(ConfigError) as revisions:
        Known(cast("Version", "?"))
    assert str(revisions.value).endswith("there are " + ", ".join(get_args(Version)))
    with pytest.raises(TypeError) as reasons:
        Server().end_session(0, 1, cast("EndReason", "?"))
    assert str(reasons.value).endswith("none of " + ", ".join(get_args(EndReason)))
    assert {Known("2026-07-28").era, Known("2024-11-05", "key").era} == set(get_args(Era))
