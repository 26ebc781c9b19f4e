"""What is done in which scenario."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from mcp_sansio import AsyncClient

import schema
from task import Task

#: Something to do with a connected client.
Behaviour = Callable[[AsyncClient, Task], Awaitable[None]]


def of(scenario: str) -> Behaviour:
    """What to do in a scenario."""
    if scenario.startswith("auth/"):
        # Authorization is not implemented here. What a client without it comes to, the suite may judge.
        return call_all_tools
    behaviour = BEHAVIOURS.get(scenario)
    if behaviour is None:
        raise ValueError(f"there is no behaviour for the scenario {scenario!r}; it may be new: add one to {__file__}")
    return behaviour


async def list_tools(client: AsyncClient, _task: Task) -> None:
    """List the tools, and nothing else."""
    await client.list_tools()


async def call_all_tools(client: AsyncClient, _task: Task) -> None:
    """Call all tools at once, as nothing of one call may find its way into another."""
    async with anyio.create_task_group() as calls:
        for tool in await client.list_tools():
            calls.start_soon(call, client, tool["name"], schema.example(tool["inputSchema"]))


async def use_everything(client: AsyncClient, task: Task) -> None:
    """List what there is, and use each of it."""
    await call_all_tools(client, task)
    for resource in (await client.request("resources/list"))["resources"]:
        await client.request("resources/read", {"uri": resource["uri"]})
    for prompt in (await client.request("prompts/list"))["prompts"]:
        await client.request("prompts/get", {"name": prompt["name"]})


async def make_calls(client: AsyncClient, task: Task) -> None:
    """Make the calls that the context has, after the tools are known."""
    await client.list_tools()
    for wanted in task.context["toolCalls"]:
        await call(client, wanted["name"], wanted["arguments"])


async def give_schema_back(client: AsyncClient, _task: Task) -> None:
    """Give the schema of one tool to another, as it came."""
    focal = next(tool for tool in await client.list_tools() if tool["name"] == "json_schema_2020_12_tool")
    await call(client, "json_schema_echo", {"schema": focal["inputSchema"]})


async def call(client: AsyncClient, tool: str, arguments: dict[str, Any]) -> None:
    """Call a tool, which must not fail."""
    result = await client.call_tool(tool, arguments)
    if result.get("isError"):
        raise ValueError(f"the tool {tool} failed: {result['content']}")


BEHAVIOURS: dict[str, Behaviour] = {
    "elicitation-sep1034-client-defaults": call_all_tools,
    "http-custom-headers": make_calls,
    "http-invalid-tool-headers": call_all_tools,
    "http-standard-headers": use_everything,
    "initialize": list_tools,
    "json-schema-2020-12-preservation": give_schema_back,
    "json-schema-ref-no-deref": list_tools,
    "request-metadata": list_tools,
    "sep-2322-client-request-state": call_all_tools,
    "sse-retry": call_all_tools,
    "tools_call": call_all_tools,
}
