"""Completions: what an argument of a prompt or a variable of a template may be."""

from typing import Annotated, Literal

from mcp_sansio.asgi import Request
from pydantic import Field, JsonValue

import errors
from fixture import Fixture
from model import JsonObject
from params import Params, params_of

#: The most that one answer proposes.
MOST = 100


class OfPrompt(Params):
    """An argument of a prompt."""

    type: Literal["ref/prompt"]
    name: str


class OfResource(Params):
    """A variable of a template."""

    type: Literal["ref/resource"]
    uri: str


class Typed(Params):
    """An argument, as far as it is typed."""

    name: str
    value: str


class Complete(Params):
    """The params of `completion/complete`."""

    of: Annotated[OfPrompt | OfResource, Field(alias="ref", discriminator="type")]
    argument: Typed


def complete(fixture: Fixture, request: Request) -> JsonObject:
    """Answer `completion/complete`."""
    params = params_of(request, Complete)
    match params.of:
        case OfPrompt(name=id):
            item = fixture.prompt(id)
        case OfResource(uri=id):
            item = fixture.template(id)
    if item is None:
        raise errors.invalid_params(f"ref: there is no {id!r}")
    known = item.completes.get(params.argument.name, [])
    fitting: list[JsonValue] = [value for value in known if value.startswith(params.argument.value)]
    return {"completion": {"values": fitting[:MOST], "total": len(fitting), "hasMore": len(fitting) > MOST}}
