"""From a request to what the fixture answers."""

from collections.abc import Awaitable, Callable

from mcp_sansio.asgi import App, Request
from pydantic import Field, JsonValue

import errors
from call import Call
from capabilities import TASKS, Capabilities
from completion import complete
from fixture import Fixture, Item, listing
from log import LogLevel
from model import JsonObject
from params import Params, params_of
from rounds import Seal
from run import Run
from scope import Scope
from step import Task as TaskStep
from tasks import Task, Tasks


class Named(Params):
    """The params of `tools/call` and `prompts/get`."""

    name: str
    arguments: JsonObject = Field(default_factory=dict[str, JsonValue])


class AtUri(Params):
    """The params of what is about one resource."""

    uri: str


class OfTask(Params):
    """The params of all that is said of a task."""

    task_id: str
    input_responses: JsonObject = Field(default_factory=dict[str, JsonValue])


class Host:
    """A server of what the fixture describes."""

    def __init__(self, fixture: Fixture) -> None:
        self.app: App
        self._fixture = fixture
        self._seal = Seal()
        self._tasks = Tasks(fixture.about.tasks, self._tell)
        self._answers: dict[str, Callable[[Call], Awaitable[JsonValue]]] = {
            "completion/complete": self._complete,
            "logging/setLevel": self._set_level,
            "prompts/get": self._get_prompt,
            "prompts/list": self._list("prompts", fixture.prompts),
            "resources/list": self._list("resources", fixture.resources),
            "resources/read": self._read_resource,
            "resources/subscribe": self._watch_resource,
            "resources/templates/list": self._list("resourceTemplates", fixture.templates),
            "resources/unsubscribe": self._watch_resource,
            "tasks/cancel": self._cancel_task,
            "tasks/get": self._get_task,
            "tasks/update": self._update_task,
            "tools/call": self._call_tool,
            "tools/list": self._list("tools", fixture.tools),
        }

    async def answer(self, request: Request, log: LogLevel | None = None) -> JsonValue:
        """Answer a request; `log` is what its session wants to hear of."""
        answer = self._answers.get(request.method)
        if answer is None:
            raise errors.method_not_found(request.method)
        return await answer(Call(request, log, self._seal))

    def _announce(self, method: str, params: JsonObject | None) -> None:
        """Tell all who want to hear of it."""
        self.app.notify_all(method, params)

    def _tell(self, task: Task) -> None:
        """Tell who listens what has become of a task."""
        self._announce("notifications/tasks", task.detailed())

    def _list(self, member: str, items: list[Item]) -> Callable[[Call], Awaitable[JsonValue]]:
        async def answer(_call: Call) -> JsonValue:
            return listing(member, items)

        return answer

    async def _call_tool(self, call: Call) -> JsonValue:
        named = params_of(call.request, Named)
        tool = self._fixture.tool(named.name)
        if tool is None:
            raise errors.invalid_params(f"there is no tool {named.name!r}")
        missing = tool.missing(named.arguments)
        if missing is not None:
            # The model that called it is told, and can do better.
            return {
                "content": [{"type": "text", "text": f"the argument {missing!r} is missing"}],
                "isError": True,
            }
        return await self._perform(call, tool, self._scope(arguments=named.arguments))

    async def _get_prompt(self, call: Call) -> JsonValue:
        named = params_of(call.request, Named)
        prompt = self._fixture.prompt(named.name)
        if prompt is None:
            raise errors.invalid_params(f"there is no prompt {named.name!r}")
        missing = prompt.missing(named.arguments)
        if missing is not None:
            raise errors.invalid_params(f"the argument {missing!r} is missing")
        return await self._perform(call, prompt, self._scope(arguments=named.arguments))

    async def _read_resource(self, call: Call) -> JsonValue:
        uri, item, variables = self._resource(call.request)
        return await self._perform(call, item, self._scope(uri=uri, variables=variables))

    async def _watch_resource(self, call: Call) -> JsonValue:
        # No resource of the fixture ever changes: there is nothing to remember.
        self._resource(call.request)
        return {}

    def _resource(self, request: Request) -> tuple[str, Item, JsonObject]:
        uri = params_of(request, AtUri).uri
        found = self._fixture.resource(uri)
        if found is None:
            raise errors.resource_not_found(uri, in_session=request.session is not None)
        return uri, *found

    async def _complete(self, call: Call) -> JsonValue:
        return complete(self._fixture, call.request)

    async def _set_level(self, call: Call) -> JsonValue:
        if call.level is None:
            raise errors.method_not_found(call.request.method)
        return call.level.set(call.request)

    async def _get_task(self, call: Call) -> JsonValue:
        task, _ = self._task(call.request)
        return task.detailed()

    async def _update_task(self, call: Call) -> JsonValue:
        task, answers = self._task(call.request)
        if task.answer(answers):
            self._tell(task)
        return {}

    async def _cancel_task(self, call: Call) -> JsonValue:
        task, _ = self._task(call.request)
        if task.cancel():
            self._tell(task)
        return {}

    def _task(self, request: Request) -> tuple[Task, JsonObject]:
        """The task that a request names, and the answers that it brings."""
        Capabilities(request.client_capabilities).need(TASKS)
        named = params_of(request, OfTask)
        task = self._tasks.get(named.task_id)
        if task is None:
            raise errors.invalid_params(f"there is no task {named.task_id!r}")
        return task, named.input_responses

    def _scope(self, **names: JsonValue) -> Scope:
        return Scope(values=self._fixture.about.values, **names)

    async def _perform(self, call: Call, item: Item, scope: Scope) -> JsonValue:
        """Run what an item does, and what comes after its step `task` as a task, if the client knows those."""
        can = Capabilities(call.request.client_capabilities)
        scope.answers.update(call.answered())
        run = Run(self._announce, scope, can)
        is_task = [isinstance(step, TaskStep) for step in item.does]
        if not (any(is_task) and can.have(TASKS)):
            return await run.steps(item.does, call)
        begins = is_task.index(True)
        result = await run.steps(item.does[:begins], call)
        if result is not None:
            return result
        # A client may look for the task as soon as it has the answer, so it is stored first.
        task = self._tasks.create(can)
        created = task.created()
        task.begin(run.steps(item.does[begins:], task))
        return created
