"""The client that the conformance suite tests: an application on the asyncio client, as anyone would write it.

    MCP_CONFORMANCE_SCENARIO=tools_call .. python client http://localhost:3000/mcp

The suite starts it once for each scenario and judges what arrives at its own server, so all that is to do here is to
use that server in the way that the scenario is about. It exits with 0 if everything that it tried worked.
"""

import sys

import anyio
from mcp_sansio import CallFailed, Identity, PeerError, connect

import answers
import behaviours
from task import Task

#: The suite gives a client 30 s, and then kills the shell that it runs in, not the client.
LONGEST = 25.0
#: A call ends sooner, so that it can say what it waited for.
LONGEST_CALL = 20.0


async def play(task: Task) -> None:
    """Do what the scenario is about."""
    behave = behaviours.of(task.scenario)
    identity = Identity("mcp-sansio-conformance-client", "0.1.0", capabilities=answers.CAPABILITIES)
    with anyio.fail_after(LONGEST):
        async with connect(
            task.url,
            identity=identity,
            on_request=answers.answer,
            versions=task.versions,
            # There are servers that ask on the standalone stream only, and drop what they ask before it is open.
            timing={"handshake": LONGEST_CALL, "max": LONGEST_CALL, "standalone_wait": LONGEST_CALL},
        ) as client:
            await behave(client, task)


def main() -> int:
    """Play what the environment says."""
    try:
        anyio.run(play, Task.from_environment())
    except (CallFailed, PeerError, TimeoutError, ValueError) as error:
        print(explain(error), file=sys.stderr)
        return 1
    return 0


def explain(error: BaseException) -> str:
    """What went wrong, with the story of the call if there is one."""
    return f"{error}\n{error.story}" if isinstance(error, CallFailed) else f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main())
