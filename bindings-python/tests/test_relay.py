"""Hosts that speak JSON-RPC themselves, on both sides: their ids are kept, and each request is answered once."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from mcp_sansio import Client, Message, Server, client, server
from wire import URL, Wire

INITIALIZE: dict[str, object] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"roots": {}},
    "clientInfo": {"name": "host", "version": "1"},
}
INITIALIZED = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "host", "version": "1"}}


def text(**members: object) -> str:
    return json.dumps({"jsonrpc": "2.0", **members})


def messages(events: Sequence[client.Event | server.Event]) -> list[Message]:
    """What came for a host; nothing else is a message to it."""
    others = client.SessionChanged | client.Notice | server.SessionStarted | server.SessionEnded
    assert all(isinstance(event, Message | others) for event in events), events
    return [event for event in events if isinstance(event, Message)]


class Hosts:
    """An SDK on each side."""

    def __init__(self) -> None:
        self.wire = Wire(machines=(Client(URL, relay=True), Server(relay=True)))
        self.client, self.server = self.wire.client, self.wire.server
        self.answers: dict[str, object] = {"initialize": INITIALIZED, "ping": {}}
        self.at_server: list[tuple[Message, Any]] = []
        self.asked_for: list[str] = []

    def carry(self) -> list[Message]:
        """Carries until all is quiet; gives what came for the client's host."""
        came: list[Message] = []
        while True:
            self.wire.carry(0)
            theirs, ours = messages(self.wire.of_server), messages(self.wire.of_client)
            self.wire.of_server.clear()
            self.wire.of_client.clear()
            came += ours
            if not theirs and not ours:
                return came
            for message in theirs:
                self.serve(message)

    def serve(self, message: Message) -> None:
        """The server's host: answers what it has answers to."""
        said = json.loads(message.text)
        self.at_server.append((message, said))
        if message.obligation is not None and self.server.take(0, message.obligation):
            answer = self.answers.get(said["method"])
            if answer is not None:
                reply = text(id=message.obligation, result=answer)
                self.server.send(0, reply, session=message.session, via=message.obligation)

    def connect(self) -> None:
        self.client.send(0, text(id="init", method="initialize", params=INITIALIZE))
        (answer,) = self.carry()
        assert answer.answers == '"init"'
        assert json.loads(answer.text) == {"jsonrpc": "2.0", "id": "init", "result": INITIALIZED}
        self.client.send(0, text(method="notifications/initialized"))
        assert self.carry() == []
        assert self.at_server[-1][1]["method"] == "notifications/initialized"


@pytest.fixture
def hosts() -> Hosts:
    hosts = Hosts()
    hosts.connect()
    return hosts


@pytest.mark.parametrize("id", [0, 7, -1, "7", "ä", 2**53 + 1, "", 1.5])
def test_a_hosts_own_id_is_kept(hosts: Hosts, id: object) -> None:
    hosts.client.send(0, text(id=id, method="ping"))
    (answer,) = hosts.carry()
    assert answer.answers is not None
    assert json.loads(answer.answers) == id
    assert json.loads(answer.text) == {"jsonrpc": "2.0", "id": id, "result": {}}
    assert answer.failure is None


def test_each_request_is_answered_once(hosts: Hosts) -> None:
    hosts.answers["tools/call"] = {"content": []}
    for number in range(100):
        hosts.client.send(0, text(id=number, method="tools/call", params={"name": "a"}).encode())
    assert sorted(json.loads(answer.answers or "") for answer in hosts.carry()) == list(range(100))
    assert hosts.client.inspect().calls == hosts.server.inspect().obligations == []


def test_a_request_of_the_server_comes_under_its_handle(hosts: Hosts) -> None:
    session = hosts.at_server[0][0].session
    hosts.server.send(0, text(id="mine", method="roots/list"), session=session)
    (asked,) = hosts.carry()
    assert asked.obligation is not None
    assert json.loads(asked.text)["id"] == asked.obligation
    hosts.client.send(0, text(id=asked.obligation, result={"roots": []}))
    assert hosts.carry() == []
    answer, said = hosts.at_server[-1]
    assert answer.answers == '"mine"'
    assert said == {"jsonrpc": "2.0", "id": "mine", "result": {"roots": []}}


def test_what_is_said_for_a_request_comes_with_its_id(hosts: Hosts) -> None:
    params = {"name": "a", "_meta": {"progressToken": "token"}}
    hosts.client.send(0, text(id="call", method="tools/call", params=params))
    assert hosts.carry() == []
    request, _ = hosts.at_server[-1]
    assert request.session is not None
    assert [exchange for exchange, _ in hosts.server.inspect().exchanges if exchange == request.exchange]
    progress = {"progressToken": "token", "progress": 1}
    for method, said in (("notifications/progress", progress), ("notifications/message", {"level": "info", "data": 1})):
        hosts.server.send(0, text(method=method, params=said), session=request.session, via=request.obligation)
    hosts.server.send(0, text(id=request.obligation, result={"content": []}), session=request.session)
    *came, answer = hosts.carry()
    assert [(message.via, json.loads(message.text)["method"]) for message in came] == [
        ('"call"', "notifications/progress"),
        ('"call"', "notifications/message"),
    ]
    assert json.loads(came[0].text)["params"] == progress
    assert answer.answers == '"call"'


def test_a_failure_comes_as_text_and_as_itself() -> None:
    machine = Client(URL, relay=True)
    machine.send(0, text(id="init", method="initialize", params=INITIALIZE))
    (opened,) = machine.drain()[0]
    assert isinstance(opened, client.Open)
    machine.failed(0, opened.exchange, "connection refused", sent=False)
    (answer,) = messages(
        [output for output in machine.drain()[0] if not isinstance(output, client.Open | client.Abort)]
    )
    assert answer.answers == '"init"'
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.execution) == ("unreachable", "not_sent")
    error = json.loads(answer.text)["error"]
    assert error["message"] == str(answer.failure)
    assert error["data"]["kind"] == "unreachable"


def test_a_cancelled_request_is_answered_like_all_others(hosts: Hosts) -> None:
    hosts.client.send(0, text(id=1, method="tools/call", params={"name": "a"}))
    hosts.client.send(0, text(id="1", method="tools/call", params={"name": "b"}))
    assert hosts.carry() == []
    hosts.client.cancel_message(0, "1")
    hosts.client.cancel_message(0, '"unknown"')
    (answer,) = hosts.carry()
    assert answer.answers == "1"
    assert answer.failure is not None
    assert answer.failure.kind == "cancelled"
    cancelled, said = hosts.at_server[-1]
    assert said["method"] == "notifications/cancelled"
    assert cancelled.answers is None
    assert [owed.method for owed in hosts.client.inspect().calls] == ["tools/call"]


@pytest.mark.parametrize(
    ("said", "code", "id"),
    [
        ("nonsense", -32700, None),
        (b"\xff", -32700, None),
        ("[]", -32600, None),
        ('{"jsonrpc":"2.0","id":9}', -32600, 9),
        ('{"jsonrpc":"1.0","id":"x","method":"ping"}', -32600, "x"),
        ("", -32700, None),
    ],
)
def test_what_is_no_message_is_answered(hosts: Hosts, said: str | bytes, code: int, id: object) -> None:
    hosts.client.send(0, said)
    (answer,) = hosts.carry()
    reply = json.loads(answer.text)
    assert (reply["id"], reply["error"]["code"]) == (id, code)
    assert answer.failure is not None
    assert answer.failure.kind == "misuse"


def test_close_answers_all(hosts: Hosts) -> None:
    for number in range(3):
        hosts.client.send(0, text(id=number, method="tools/call", params={"name": "a"}))
    hosts.carry()
    hosts.client.close(0)
    outputs, _ = hosts.client.drain()
    answers = [output for output in outputs if isinstance(output, Message)]
    assert [answer.failure.kind for answer in answers if answer.failure] == ["closed"] * 3
