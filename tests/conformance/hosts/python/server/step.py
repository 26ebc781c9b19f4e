"""The steps: the words of the fixture's language. Its README says what each means."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, cast

from pydantic import Discriminator, JsonValue, Tag

from model import JsonObject, Model

Method = Literal["elicitation/create", "roots/list", "sampling/createMessage"]
#: How severe lines of the log are, the least severe first.
LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
Level = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]


class Message(Model):
    """A notification."""

    method: str
    params: JsonObject | None = None


class Question(Model):
    """A request to the client."""

    method: Method
    params: JsonObject


class Failure(Model):
    """A JSON-RPC error."""

    code: int
    message: str


class Line(Model):
    """A line of the log."""

    level: Level
    logger: str | None = None
    data: JsonValue


class Far(Model):
    """How far a call is."""

    progress: float
    total: float | None = None
    message: str | None = None


class Retry(Model):
    """When to come back."""

    retry_ms: int | None = None


class Nothing(Model):
    """For steps that have nothing more to say: `{}`."""


class Milliseconds(Model):
    """A time: a number, or a text that names one."""

    ms: JsonValue


class Seconds(Model):
    """A time: a number, or a text that names one."""

    seconds: JsonValue


class Announce(Model):
    announce: Message


class Answer(Model):
    answer: JsonObject


class Ask(Model):
    ask: dict[str, Question]


class AskAny(Model):
    ask_any: dict[str, Question]


class Error(Model):
    error: Failure


class Log(Model):
    log: Line


class Need(Model):
    need: JsonObject


class Progress(Model):
    progress: Far


class Release(Model):
    release: Retry


class Task(Model):
    task: Nothing


class Wait(Model):
    wait: Milliseconds | Seconds


#: The steps with which an item ends.
Ends = Answer | Error


def kind(step: object) -> str | None:
    """The kind of a step: the name of its only member."""
    names = list(cast("Mapping[str, object]", step)) if isinstance(step, Mapping) else []
    return names[0] if len(names) == 1 else None


Step: TypeAlias = Annotated[
    Annotated[Announce, Tag("announce")]
    | Annotated[Answer, Tag("answer")]
    | Annotated[Ask, Tag("ask")]
    | Annotated[AskAny, Tag("askAny")]
    | Annotated[Error, Tag("error")]
    | Annotated[Log, Tag("log")]
    | Annotated[Need, Tag("need")]
    | Annotated[Progress, Tag("progress")]
    | Annotated[Release, Tag("release")]
    | Annotated[Task, Tag("task")]
    | Annotated[Wait, Tag("wait")],
    Discriminator(kind),
]
