"""The application under the HTTP servers that people use, over sockets."""

from __future__ import annotations

import http.client
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from asgi_server import PATIENCE, SERVERS, Response, Server, serving, until
from asgi_wire import call, get, in_session, initialize, modern, post, request

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(scope="module", params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def server(kind: str) -> Generator[Server]:
    with serving(kind, "asgi_apps:app", expected=("Traceback",)) as server:
        yield server


@pytest.fixture(autouse=True)
def leave(request: pytest.FixtureRequest) -> Generator[None]:
    yield
    if "server" in request.fixturenames:
        server: Server = request.getfixturevalue("server")
        server.leave()


def text(answer: dict[str, Any]) -> str:
    return answer["result"]["content"][0]["text"]


def test_answers_that_come_at_once_are_json(server: Server) -> None:
    session = server.session()
    assert text(server.post(call("echo", text="grüße"), session).json()) == "grüße"
    assert text(server.post(modern(call("echo", text="hi"))).json()) == "hi"
    assert server.post(call("fail"), session).json()["error"]["code"] == -32603
    missing = server.post(modern(request("tools/none")))
    assert (missing.status, missing.json()["error"]["code"]) == (404, -32601)


def test_progress_comes_before_the_answer_is_made(server: Server) -> None:
    session = server.session()
    response = server.post(call("wait", token="t"), session)
    first = response.message()
    assert first is not None
    assert first["params"]["message"] == "waiting"
    assert text(server.post(call("open", 2), session).json()) == "opened"
    second = response.message()
    assert second is not None
    assert text(second) == "waited"
    assert response.message() is None


def test_a_connection_that_breaks_is_resumed(server: Server) -> None:
    session = server.session()
    response = server.post(call("wait", 4, token="t"), session)
    assert response.message() is not None
    response.leave()
    assert text(server.post(call("open", 5), session).json()) == "opened"
    resumed = server.send("GET", get(session, response.cursor))
    message = resumed.message()
    assert message is not None
    assert (message["id"], text(message)) == (4, "waited")
    assert resumed.message() is None


def test_a_client_that_leaves_cancels_its_request(server: Server) -> None:
    before = server.look()
    response = server.post(modern(call("sleep", seconds=600)))
    assert response.status == 200
    assert server.look()["obligations"] == before["obligations"] + 1
    response.leave()
    assert until(lambda: server.look()["obligations"] == before["obligations"])


def test_the_client_is_asked(server: Server) -> None:
    session = server.session()
    for tool, answer, expected in [
        ("sample", {"content": {"type": "text", "text": "sure"}}, "sure"),
        ("book", {"action": "accept", "content": {"seats": 2}}, "2 seats"),
    ]:
        response = server.post(call(tool), session)
        question = response.message()
        assert question is not None
        reply = server.post({"jsonrpc": "2.0", "id": question["id"], "result": answer}, session)
        assert (reply.status, reply.body()) == (202, b"")
        message = response.message()
        assert message is not None
        assert text(message) == expected


def test_a_session_is_deleted(server: Server) -> None:
    session = server.session()
    standing = server.send("GET", get(session))
    assert standing.status == 200
    deleted = server.send("DELETE", in_session(session))
    assert deleted.status < 300
    deleted.body()
    assert standing.message() is None
    assert server.post(call("echo", text="hi"), session).status == 404


def test_what_is_refused(server: Server) -> None:
    for changed, status in [
        ({"host": "evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"content-type": "text/plain"}, 415),
    ]:
        headers, body = post(initialize())
        refused = server.send("POST", headers | changed, body)
        assert refused.status == status
        refused.leave()
    large = server.post(call("echo", text="x" * 200_000))
    assert large.status == 413
    large.leave()
    assert server.session()


def test_a_reader_that_does_not_read_is_cut_off(server: Server) -> None:
    before = server.look()
    slow = server.post(modern(call("flood", token="t")))
    assert slow.status == 200
    assert until(lambda: server.look()["obligations"] == before["obligations"])
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        slow.body()


def test_two_requests_at_once_on_one_connection_are_answered_in_turn(server: Server) -> None:
    """HTTP/1.1 pipelining, which few use; nothing may be lost or swapped."""
    headers, body = post(modern(call("echo", 1, text="first")))
    second = body.replace(b"first", b"other")
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST /mcp HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head + body + head + second)
        seen = b""
        while not (b"first" in seen and b"other" in seen):
            data = connection.recv(65536)
            assert data, seen
            seen += data
    assert seen.index(b"first") < seen.index(b"other")


def test_a_thousand_requests_leave_nothing_behind(server: Server) -> None:
    session = server.session()
    connection = server.connect()

    def ask(message: dict[str, Any], in_session: str | None) -> None:
        headers, body = post(message, in_session)
        connection.request("POST", "/mcp", body, headers)
        response = connection.getresponse()
        assert b"hi" in response.read()

    ask(call("echo", text="hi"), session)
    before = server.look()
    for number in range(500):
        ask(call("echo", number + 2, text="hi"), session)
        ask(modern(call("echo", text="hi")), None)

    def is_as_before() -> bool:
        # What earlier tests left on the way out may have gone meanwhile.
        now = server.look()
        return all(now[what] <= before[what] for what in before)

    assert until(is_as_before), (server.look(), before)
    connection.close()


# Hypercorn on trio leaves it to the system to end the process.
@pytest.mark.parametrize("which", sorted(SERVERS.keys() - {"hypercorn-trio"}))
def test_the_end_of_the_process_gives_requests_their_grace(which: str) -> None:
    with serving(which, "asgi_apps:app") as server:
        session = server.session()
        standing = server.send("GET", get(session))
        assert standing.status == 200
        listening = server.post(modern(request("subscriptions/listen", {"notifications": {}})))
        slow: list[Response] = [
            server.post(call("sleep", 1, seconds=1.0), session),
            server.post(modern(call("sleep", seconds=1.0))),
        ]
        assert [response.status for response in slow] == [200, 200]
        began = time.monotonic()
        server.end()
        # Each ends as it should: no stream is cut off.
        assert standing.message() is None
        while listening.message() is not None:
            pass
        assert [text(response.answer()) for response in slow] == ["slept", "slept"]
        server.leave()
        assert server.ended() in (0, -15, 143)
        assert time.monotonic() - began < PATIENCE
