"""The faults that leave clients hanging: with the drop-in the SDK's call ends in an error, and its client lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import anyio
import pytest
from mcp import Client, ClientSession, MCPError, types
from mcp.shared.message import ClientMessageMetadata
from mcp_sansio import CallFailed
from mcp_sansio.sdk import streamable_http_client
from sdk_faulty import (
    BOTH_ERAS,
    LEGACY_ONLY,
    MODERN,
    Exchange,
    Fault,
    accepted,
    connection_reset,
    faulty,
    keep_alives,
    no_head,
    server_error,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.anyio

# The bound of the calls in these tests, and what they may take beyond it on a machine that has other things to do. The
# handshake and the call that nothing happens to have to be within the bound, too.
BOUND, SLACK = 2.0, 20.0

ERAS = pytest.mark.parametrize("mode", ["legacy", MODERN])
FAULTS = [("legacy", fault) for fault in [*BOTH_ERAS, *LEGACY_ONLY]] + [(MODERN, fault) for fault in BOTH_ERAS]


def name_of(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("mode", "fault"), FAULTS, ids=name_of)
async def test_a_fault_is_an_error_within_the_bound_and_the_client_lives(mode: str, fault: Fault) -> None:
    async with (
        faulty(fault) as server,
        Client(streamable_http_client(server.url, timing={"max": BOUND}), mode=mode) as client,
    ):
        with anyio.fail_after(BOUND + SLACK), pytest.raises(MCPError) as raised:
            await client.call_tool("faulty")
        assert await text(client, "good") == "good"
    assert raised.value.error.message.endswith("(the peer may have run the request)")
    data = cast("Mapping[str, object]", raised.value.error.data)
    assert data["execution"] == "unknown"
    assert data["story"]


@ERAS
async def test_the_fault_of_one_call_is_not_its_neighbours(mode: str) -> None:
    async with (
        faulty(keep_alives) as server,
        Client(streamable_http_client(server.url), mode=mode) as client,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(client.call_tool, "faulty")
        await seen(server.seen, "tools/call", 1)
        server.fault = connection_reset
        with anyio.fail_after(SLACK), pytest.raises(MCPError, match="connection was lost"):
            await client.call_tool("faulty")
        assert await text(client, "good") == "good"
        tasks.cancel_scope.cancel()


@ERAS
async def test_a_call_that_its_caller_gives_up_is_cancelled_and_yields_nothing(mode: str) -> None:
    heard: list[object] = []

    async def hear(message: object) -> None:
        heard.append(message)

    async with faulty(keep_alives) as server:
        transport = streamable_http_client(server.url)
        async with Client(transport, mode=mode, message_handler=hear) as client:
            with anyio.move_on_after(0.3) as scope:
                await client.call_tool("faulty")
            assert scope.cancelled_caught
            assert await text(client, "good") == "good"
            # The one era says it, the other lets the connection go.
            sign = "notifications/cancelled" if mode == "legacy" else "gone"
            await seen(server.seen, sign, 1)
    assert heard == []


@ERAS
async def test_the_timeout_of_the_sdk_is_its_own(mode: str) -> None:
    async with faulty(keep_alives) as server, Client(streamable_http_client(server.url), mode=mode) as client:
        with anyio.fail_after(SLACK), pytest.raises(MCPError, match="timed out"):
            await client.call_tool("faulty", read_timeout_seconds=0.3)
        assert await text(client, "good") == "good"


@ERAS
async def test_what_is_in_flight_at_the_end_is_not_waited_for(mode: str) -> None:
    codes: list[int] = []

    async def call(client: Client) -> None:
        with pytest.raises(MCPError) as raised:
            await client.call_tool("faulty")
        codes.append(raised.value.error.code)

    with anyio.fail_after(SLACK):
        async with (
            faulty(keep_alives) as server,
            anyio.create_task_group() as tasks,
            Client(streamable_http_client(server.url), mode=mode) as client,
        ):
            tasks.start_soon(call, client)
            await seen(server.seen, "tools/call", 1)
    assert codes == [types.CONNECTION_CLOSED]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_whoever_gives_up_connecting_is_let_go(mode: str) -> None:
    async with faulty(accepted) as server:
        server.fault_of_handshake = no_head
        with anyio.fail_after(SLACK):
            with anyio.move_on_after(0.3) as scope:
                async with Client(streamable_http_client(server.url, timing={"close": 0.2}), mode=mode):
                    pass
            assert scope.cancelled_caught


@pytest.mark.parametrize("terminate", [True, False])
async def test_the_session_is_ended_if_it_is_to_be(terminate: bool) -> None:
    async with faulty(accepted) as server:
        transport = streamable_http_client(server.url, terminate_on_close=terminate)
        async with Client(transport, mode="legacy") as client:
            await client.call_tool("good")
    assert server.seen.count("DELETE") == int(terminate)


async def test_a_lost_session_is_made_anew_and_the_call_goes_again() -> None:
    async def lost(exchange: Exchange) -> None:
        if exchange.headers["mcp-session-id"] == "s1":
            await exchange.whole(404)
        else:
            await exchange.whole(200, exchange.answer("again"))

    async with faulty(lost) as server, Client(streamable_http_client(server.url), mode="legacy") as client:
        assert await text(client, "faulty") == "again"
        assert await text(client, "good") == "good"
    assert server.seen.count("initialize") == 2


async def test_a_session_that_cannot_be_made_anew_is_an_error_that_says_so() -> None:
    async def lost(exchange: Exchange) -> None:
        await exchange.whole(404)

    async with faulty(lost) as server:
        transport = streamable_http_client(server.url, reinitialize=False)
        async with Client(transport, mode="legacy") as client:
            with anyio.fail_after(SLACK), pytest.raises(MCPError, match="session"):
                await client.call_tool("faulty")


async def test_a_server_that_is_not_there_is_no_server_of_the_older_era() -> None:
    async with faulty(accepted) as server:
        url = server.url
    with anyio.fail_after(SLACK), pytest.raises(CallFailed, match="cannot be reached") as raised:
        async with Client(streamable_http_client(url)):
            pass
    assert raised.value.kind == "unreachable"
    with anyio.fail_after(SLACK):
        async with streamable_http_client(url) as (read, write), ClientSession(read, write) as session:
            with pytest.raises(MCPError, match="cannot be reached"):
                await session.initialize()


async def test_a_refused_probe_is_left_to_the_sdk() -> None:
    async with faulty(accepted) as server:
        server.fault_of_handshake = server_error
        async with Client(streamable_http_client(server.url)) as client:
            assert client.protocol_version == "2025-11-25"
            assert await text(client, "good") == "good"


async def test_a_resumption_token_does_not_run_a_request_twice() -> None:
    request = types.CallToolRequest(params=types.CallToolRequestParams(name="good"))
    async with faulty(accepted) as server, Client(streamable_http_client(server.url), mode="legacy") as client:
        metadata = ClientMessageMetadata(resumption_token="7")
        with pytest.raises(MCPError, match="by itself"):
            await client.session.send_request(request, types.CallToolResult, metadata=metadata)
    assert "tools/call" not in server.seen


@ERAS
async def test_an_event_may_be_as_large_as_the_parameter_says(mode: str) -> None:
    async def large(exchange: Exchange) -> None:
        await exchange.sse()
        await exchange.write(f"data: {'x' * 3000}\n\n")

    async with (
        faulty(large) as server,
        Client(streamable_http_client(server.url, max_sse_event_size=2000), mode=mode) as client,
    ):
        with anyio.fail_after(SLACK), pytest.raises(MCPError, match="larger"):
            await client.call_tool("faulty")


@ERAS
async def test_an_answer_that_the_sdk_has_no_type_for_is_an_error(mode: str) -> None:
    async def odd(exchange: Exchange) -> None:
        await exchange.whole(200, {"jsonrpc": "2.0", "id": exchange.message["id"], "result": 5})

    async with faulty(odd) as server, Client(streamable_http_client(server.url), mode=mode) as client:
        with anyio.fail_after(SLACK), pytest.raises(MCPError, match="'result': Input should be an object"):
            await client.call_tool("faulty")
        assert await text(client, "good") == "good"


async def test_a_setting_that_is_not_there_is_named() -> None:
    with pytest.raises(TypeError, match="patience"):
        async with streamable_http_client("http://localhost/mcp", patience=7):  # pyright: ignore[reportCallIssue]
            pass


async def text(client: Client, tool: str) -> str:
    """What a tool answers."""
    with anyio.fail_after(SLACK):
        result = await client.call_tool(tool)
    content = result.content[0]
    assert isinstance(content, types.TextContent)
    return content.text


async def seen(all: list[str], what: str, times: int) -> None:
    """Waits until a server has seen something that often."""
    with anyio.fail_after(SLACK):
        while all.count(what) < times:  # noqa: ASYNC110 - it is the server's list, and no event
            await anyio.sleep(0.01)
