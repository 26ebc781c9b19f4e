"""What can be looked at: what a machine holds, what it knows, and the record of what it did."""

import json
from pathlib import Path

import pytest
from mcp_sansio import Client, Failure, Identity, Known, Server, Settled, client
from vectors_runner import load, run
from wire import URL, Wire, connected, opened


def test_an_inspection_says_why_something_waits() -> None:
    machine = connected()
    call = machine.call(1, "tools/call", '{"name":"a"}', max=60)
    exchange = opened(machine).exchange
    inspection = machine.inspect()
    (owed,) = inspection.calls
    assert (owed.id, owed.method, owed.deadline) == (call, "tools/call", 61.0)
    assert [(line.kind, line.id, line.at) for line in owed.lifelines] == [("exchange", exchange, None)]
    assert [place for place, _ in inspection.exchanges] == [exchange]
    assert inspection.obligations == []
    assert inspection.bytes > 0
    assert repr(inspection).startswith(f"Inspection(calls=[Owed(id={call}, method='tools/call', deadline=61.0")
    machine.head(2, exchange, 200, [(b"content-type", b"text/event-stream")])
    machine.chunk(2, exchange, b"id: 1\nretry: 3000\ndata:\n\n")
    machine.failed(2, exchange, "reset")
    (lifeline,) = machine.inspect().calls[0].lifelines
    assert lifeline.kind == "resume"
    assert lifeline.at is not None
    assert lifeline.at >= 5.0


def test_a_story_says_what_was_seen() -> None:
    machine = Client(URL, Identity("views", "1"), versions=("2026-07-28", "2026-07-28"))
    machine.call(1, "tools/call", '{"name":"a"}', max=60)
    outputs, deadline = machine.drain()
    while deadline is not None:
        machine.timeout(deadline)
        more, deadline = machine.drain()
        outputs += more
    (outcome,) = [output.outcome for output in outputs if isinstance(output, Settled)]
    assert isinstance(outcome, Failure)
    lines = outcome.story.lines
    assert str(outcome.story) == "\n".join(str(line) for line in lines)
    assert lines[-1].at == pytest.approx(60)  # pyright: ignore[reportUnknownMemberType]
    assert "60 s" in lines[-1].text
    assert str(lines[-1]) == f"+60 s {lines[-1].text}"
    assert outcome.kind == "timed_out"


def test_what_is_known_lets_another_client_go_on() -> None:
    wire = Wire()
    assert wire.client.known() is None
    wire.client.connect(0)
    wire.carry(0)
    known = wire.client.known()
    assert known is not None
    assert (known.version, known.era) == ("2025-11-25", "legacy")
    assert known.session is not None
    assert known.session not in repr(known), "it is a secret"
    assert json.loads(known.result or "")["serverInfo"]["name"] == "server"
    assert known == Known("2025-11-25", known.session, known.next_id, known.result)
    later = Wire(machines=(Client(URL, Identity("views", "1"), known=known), wire.server))
    later.client.call(0, "tools/list")
    later.carry(0)
    assert [type(output.outcome) for output in later.of_client if isinstance(output, Settled)] == [str]
    assert [output for output in later.of_client if isinstance(output, client.SessionChanged)] == []


def test_a_refusal_of_credentials_has_the_challenges() -> None:
    version = "2026-07-28"
    machine = Client(URL, Identity("views", "1"), versions=(version, version), known=Known(version), authorizer=True)
    call = machine.call(0, "tools/call", '{"name":"a"}')
    exchange = opened(machine).exchange
    headers = [("WWW-Authenticate", 'Bearer realm="a"'), ("x-own", "b"), (b"www-authenticate", b"Basic")]
    assert machine.head(0, exchange, 401, headers)
    machine.chunk(0, exchange, b"who?")
    machine.end(0, exchange)
    (asked,) = [output for output in machine.drain()[0] if isinstance(output, client.Unauthorized)]
    assert asked.challenges == ('Bearer realm="a"', "Basic")
    assert asked.calls == [call]
    assert (asked.refusal.status, asked.refusal.body) == (401, b"who?")
    machine.authorize(1, False)
    (outcome,) = [output.outcome for output in machine.drain()[0] if isinstance(output, Settled)]
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.execution, outcome.refusal) == ("unauthorized", "refused", asked.refusal)


def test_an_input_says_whether_there_is_something_to_do() -> None:
    machine = connected()
    assert not machine.timeout(1)
    machine.call(1, "tools/call", '{"name":"a"}', max=60)
    exchange = opened(machine).exchange
    assert not machine.timeout(2)
    assert not machine.head(2, exchange, 200, [(b"content-type", b"application/json")])
    assert not machine.chunk(2, exchange, b'{"jsonrpc":"2.0",')
    assert machine.chunk(2, exchange, b'"id":2,"result":{}}') | machine.end(2, exchange)
    assert machine.timeout(2), "what is not drained stays to be drained"
    assert [type(output) for output in machine.drain()[0]] == [Settled]
    assert not machine.timeout(2)


def test_equal_seeds_and_inputs_give_equal_outputs() -> None:
    def outputs(seed: bytes) -> object:
        machine = Server(Identity("views", "1"), seed=seed)
        exchange = machine.accept(0, "POST", [(b"host", b"localhost"), (b"content-type", b"application/json")])
        machine.chunk(0, exchange, b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":')
        machine.chunk(0, exchange, b'{"protocolVersion":"2025-11-25"}}')
        machine.end(0, exchange)
        return machine.drain()

    assert outputs(bytes(32)) == outputs(bytes(32))
    assert outputs(bytes(32)) != outputs(b"\1" * 32)


@pytest.mark.parametrize("recording", ["whole", "redacted", "off"])
def test_a_record_has_a_line_for_each_step(recording: str, tmp_path: Path) -> None:
    machine = Client(URL, Identity("views", "1"), recording=recording)  # pyright: ignore[reportArgumentType]
    machine.connect(0)
    machine.drain()
    machine.failed(1, 2, "refused", sent=False)
    machine.drain()
    lines = machine.records()
    assert machine.records() == [], "each line once"
    if recording == "off":
        assert lines == []
        return
    said = [json.loads(line) for line in lines]
    assert [next(iter(line.keys() - {"now", "for"})) for line in said[1:4]] == ["input", "output", "input"]
    assert ("seed" in said[0]) == (recording == "whole")
    if recording == "whole":
        # A record is a vector.
        file = tmp_path / "record.jsonl"
        plain = [{name: value for name, value in line.items() if name not in {"for", "writer"}} for line in said]
        file.write_text("\n".join(map(json.dumps, plain)))
        assert run(load(file.name, tmp_path)) == 2
