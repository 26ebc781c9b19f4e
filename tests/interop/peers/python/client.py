"""A client on the official Python SDK (`mcp`), for the tests to play with against our server.

Standard input has one play a line: `{"play": NAME, "url": URL, ..}`. What the client saw is told as one
line, `{"event": "saw", ..}`; that it could not play, as `{"event": "failed", "why": ..}`. In between
`{"event": "waiting"}` asks for a cue, and the next line is it.
"""

import json
import os
import queue
import sys
import threading
import traceback
import warnings
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Any

import anyio
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

# Sampling, logging and ping are deprecated in favour of what the newest revision brings.
warnings.simplefilter("ignore", MCPDeprecationWarning)

# How long, in seconds, the tests may wait for notifications that are sure to come.
PATIENCE = 30

MODES = {"legacy": "legacy", "auto": "auto", "modern": "2026-07-28"}

# The name in the protocol of what the SDK calls a change.
CHANGES = {
    "ToolsListChanged": "notifications/tools/list_changed",
    "PromptsListChanged": "notifications/prompts/list_changed",
    "ResourcesListChanged": "notifications/resources/list_changed",
    "ResourceUpdated": "notifications/resources/updated",
}


def report(**event: Any) -> None:
    print(json.dumps(event), flush=True)


class Stage:
    """What a play has: clients that are closed after it, log messages, and the tests' cues."""

    def __init__(self, task: dict[str, Any], lines: "queue.Queue[dict[str, Any]]", clients: AsyncExitStack) -> None:
        self.task = task
        self.lines = lines
        self.clients = clients
        self.messages: list[Any] = []

    async def connect(self) -> Client:
        client = Client(
            streamable_http_client(self.task["url"]),
            mode=MODES[self.task["era"]],
            sampling_callback=sample,
            elicitation_callback=elicit,
            list_roots_callback=list_roots,
            logging_callback=self.hear,
            log_level=self.task.get("log"),
        )
        return await self.clients.enter_async_context(client)

    async def cue(self) -> None:
        report(event="waiting")
        # A play that is over does not wait for its thread.
        await anyio.to_thread.run_sync(self.lines.get, abandon_on_cancel=True)

    async def hear(self, message: types.LoggingMessageNotificationParams) -> None:
        self.messages.append(message.data)


async def sample(_context: Any, _params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
    content = types.TextContent(type="text", text="forty-two")
    return types.CreateMessageResult(role="assistant", model="none", content=content)


async def elicit(_context: Any, _params: types.ElicitRequestParams) -> types.ElicitResult:
    return types.ElicitResult(action="accept", content={"answer": "forty-two"})


async def list_roots(_context: Any) -> types.ListRootsResult:
    return types.ListRootsResult(roots=[types.Root(uri="file:///forty-two")])


async def look(stage: Stage) -> dict[str, Any]:
    client = await stage.connect()
    return {
        "version": client.protocol_version,
        "tools": [tool.name for tool in (await client.list_tools()).tools],
        # In the modern era a client that asked for it knows nothing of the server until its first answer.
        "server": client.server_info and client.server_info.name,
        "resources": [str(resource.uri) for resource in (await client.list_resources()).resources],
        "prompts": [prompt.name for prompt in (await client.list_prompts()).prompts],
    }


async def read(stage: Stage) -> dict[str, Any]:
    client, task = await stage.connect(), stage.task
    resource = await client.read_resource(task["uri"])
    prompt = await client.get_prompt(task["prompt"], task["arguments"])
    return {"resource": resource.contents[0].text, "prompt": prompt.messages[0].content.text}


async def ping(stage: Stage) -> dict[str, Any]:
    client = await stage.connect()
    await client.send_ping()
    return {}


async def request(stage: Stage) -> dict[str, Any]:
    client = await stage.connect()
    bare = types.Request[None, str](method=stage.task["method"], params=None)
    return {"answer": await settled(client.session.send_request(bare, types.EmptyResult))}


async def listen(stage: Stage) -> dict[str, Any]:
    """Hears of changes until the stream ends, or until the cue where the task says to `close`."""
    client, task = await stage.connect(), stage.task
    wanted = types.SubscriptionFilter.model_validate(task["filter"])
    heard: list[Any] = []
    async with client.listen(**wanted.model_dump(exclude_none=True)) as subscription:
        report(event="listening", filter=subscription.honored.model_dump(by_alias=True, exclude_none=True))
        if task.get("close"):
            await stage.cue()
            return {"heard": heard, "end": "local"}
        try:
            async for change in subscription:
                method = CHANGES[type(change).__name__]
                heard.append([method, getattr(change, "uri", None)])
                report(event="heard", label=method)
        except SubscriptionLost:
            return {"heard": heard, "end": "remote"}
        return {"heard": heard, "end": "graceful"}


async def calls(stage: Stage) -> dict[str, Any]:
    """Calls, one after the other or all at once, after the tools are listed if the task says `list`. One
    with `cue` waits for it first, one with `anew` is made by a new client, one with `cancel` is given up at
    the cue, one with `max_ms` takes no longer."""
    task = stage.task
    client = await stage.connect()
    if task.get("list"):
        await client.list_tools()

    async def one(call: dict[str, Any]) -> dict[str, Any]:
        nonlocal client
        if call.get("cue"):
            await stage.cue()
        if call.get("anew"):
            client = await stage.connect()
        steps: list[Any] = []

        async def progress(done: float, total: float | None, _message: str | None) -> None:
            steps.append([done, total])

        limit = call["max_ms"] / 1000 if "max_ms" in call else None
        calling = client.call_tool(call["tool"], call["arguments"], limit, progress)
        answer = await (given_up_at_cue(stage, calling) if call.get("cancel") else settled(calling))
        return {**answer, "steps": steps}

    answers: list[Any] = [None] * len(task["calls"])

    async def fill(position: int) -> None:
        answers[position] = await one(task["calls"][position])

    if task.get("at_once"):
        async with anyio.create_task_group() as group:
            for position in range(len(answers)):
                group.start_soon(fill, position)
    else:
        for position in range(len(answers)):
            await fill(position)
    with anyio.move_on_after(PATIENCE):
        while len(stage.messages) < task.get("messages", 0):
            await anyio.sleep(0.02)
    return {"answers": answers, "messages": stage.messages}


async def settled(answering: Awaitable[Any]) -> dict[str, Any]:
    """What came of a request: the text of a tool's result, or the error."""
    try:
        result = await answering
    except MCPError as error:
        return {"error": {"code": error.error.code, "message": error.error.message}}
    content = getattr(result, "content", None)
    return {"text": content[0].text if content else None, "failed": getattr(result, "is_error", None) is True}


async def given_up_at_cue(stage: Stage, answering: Awaitable[Any]) -> dict[str, Any]:
    """Cancelling the task that waits for a request is how the SDK cancels it."""
    answer = {"error": {"message": "given up"}}
    async with anyio.create_task_group() as group:

        async def give_up() -> None:
            await stage.cue()
            group.cancel_scope.cancel()

        group.start_soon(give_up)
        answer = await settled(answering)
        group.cancel_scope.cancel()
    return answer


PLAYS: dict[str, Callable[[Stage], Awaitable[dict[str, Any]]]] = {
    play.__name__: play for play in (look, read, ping, request, listen, calls)
}


def listen(lines: "queue.Queue[dict[str, Any]]") -> None:
    """The tests hold the other end of standard input. When they go, however they go, so does the client."""
    for line in sys.stdin:
        lines.put(json.loads(line))
    os._exit(0)


async def main() -> None:
    lines: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=listen, args=(lines,), daemon=True).start()
    report(event="ready", version=version("mcp"))
    while True:
        task = await anyio.to_thread.run_sync(lines.get)
        try:
            # Closing the client ends its session; what it saw is told when that is done.
            async with AsyncExitStack() as clients:
                saw = await PLAYS[task["play"]](Stage(task, lines, clients))
        except Exception:
            report(event="failed", why=traceback.format_exc())
        else:
            report(event="saw", **saw)


anyio.run(main)
