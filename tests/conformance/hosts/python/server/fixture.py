"""The fixture: what the server offers, and what it does when it is asked for it.

It is read from the files of a folder, whose language `tests/conformance/fixture/README.md` describes.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from model import JsonObject, Model
from step import Ask, AskAny, Ends, Step, Task

Kind = Literal["tool", "resource", "template", "prompt"]
#: The member by which the protocol tells items of a kind apart.
ID: dict[Kind, str] = {"tool": "name", "resource": "uri", "template": "uriTemplate", "prompt": "name"}
T = TypeVar("T")


class Item(Model):
    """A tool, a resource, a template of resources, or a prompt."""

    listed: JsonObject
    does: list[Step]
    completes: dict[str, list[str]] = Field(default_factory=dict[str, list[str]])

    def text(self, member: str) -> str:
        """A member of what the list says; empty if there is no such text."""
        value = self.listed.get(member)
        return value if isinstance(value, str) else ""

    def missing(self, arguments: JsonObject) -> str | None:
        """A required argument that is not there."""
        schema, listed = self.listed.get("inputSchema"), self.listed.get("arguments")
        required = schema.get("required") if isinstance(schema, dict) else None
        names = required if isinstance(required, list) else []
        for argument in listed if isinstance(listed, list) else []:
            if isinstance(argument, dict) and argument.get("required") is True:
                names = [*names, argument.get("name")]
        return next((name for name in names if isinstance(name, str) and name not in arguments), None)


class TaskTerms(Model):
    """What tasks say of themselves: for how long they can be asked for, and how often."""

    ttl_ms: int
    poll_interval_ms: int


class About(Model):
    """What the server says of itself: `server.json`."""

    info: JsonObject
    instructions: str | None = None
    capabilities: JsonObject
    tasks: TaskTerms
    values: JsonObject


class Resources(Model):
    """`resources.json`."""

    resources: list[Item]
    templates: list[Item]


class Fixture:
    """All that the server offers."""

    def __init__(self, folder: Path) -> None:
        """Read the files of a folder. ValueError says what is wrong in which of them, and where."""
        self.about = read(folder / "server.json", About)
        self.tools = read(folder / "tools.json", list[Item])
        resources = read(folder / "resources.json", Resources)
        self.resources, self.templates = resources.resources, resources.templates
        self.prompts = read(folder / "prompts.json", list[Item])
        check("tools.json", "tool", self.tools)
        check("resources.json", "resource", self.resources)
        check("resources.json", "template", self.templates)
        check("prompts.json", "prompt", self.prompts)

    def tool(self, name: str) -> Item | None:
        """The tool of this name."""
        return find("tool", self.tools, name)

    def prompt(self, name: str) -> Item | None:
        """The prompt of this name."""
        return find("prompt", self.prompts, name)

    def template(self, uri_template: str) -> Item | None:
        """The template that is written like this."""
        return find("template", self.templates, uri_template)

    def resource(self, uri: str) -> tuple[Item, JsonObject] | None:
        """The resource at a URI, with the variables of its template; none if it is a resource of its own."""
        listed = find("resource", self.resources, uri)
        if listed is not None:
            return listed, {}
        for item in self.templates:
            found = re.fullmatch(pattern(item.text("uriTemplate")), uri)
            if found is not None:
                return item, dict[str, JsonValue](found.groupdict())
        return None


def listing(member: str, items: Sequence[Item]) -> JsonObject:
    """The result that lists items: `{"tools": [..]}`."""
    return {member: [item.listed for item in items]}


def find(kind: Kind, items: Sequence[Item], id: str) -> Item | None:
    """The item that the protocol calls so."""
    return next((item for item in items if item.text(ID[kind]) == id), None)


def pattern(template: str) -> str:
    """What the URIs of a template look like, as a regular expression: a variable is one segment of a path."""
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))


def read(path: Path, shape: type[T]) -> T:
    """One file of the fixture."""
    try:
        return TypeAdapter(shape).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ValueError(f"{path.name} in {path.parent} is of no use: {error}") from error


def check(file: str, kind: Kind, items: Sequence[Item]) -> None:
    """What the types of the fixture cannot say."""
    counts = Counter(item.text(ID[kind]) for item in items)
    for item in items:
        name = item.text(ID[kind])
        wrong = "is not the only one that is called so" if counts[name] > 1 else wrong_in(kind, item)
        if wrong is not None:
            raise ValueError(f"{file}: the {kind} {name!r} {wrong}")


def wrong_in(kind: Kind, item: Item) -> str | None:
    """What is wrong in one item."""
    for member in (ID[kind], "name", "description"):
        if not item.text(member):
            return f"has no `{member}` in what is listed"
    if kind == "tool" and not isinstance(item.listed.get("inputSchema"), dict):
        return "has no `inputSchema` in what is listed"
    if [isinstance(step, Ends) for step in item.does] != [False] * (len(item.does) - 1) + [True]:
        return "must have `answer` or `error` as its last step, and nowhere else"
    if sum(isinstance(step, Task) for step in item.does) > (kind == "tool"):
        return "has a step `task`, which one tool can have once"
    asked = Counter[str]()
    for step in item.does:
        match step:
            case Ask(ask=questions) | AskAny(ask_any=questions):
                asked.update(questions.keys())
            case _:
                pass
    twice = next((name for name, count in asked.items() if count > 1), None)
    return None if twice is None else f"asks twice for {twice!r}"
