"""What a request says, with types."""

from typing import TypeVar

from mcp_sansio.asgi import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

import errors


class Params(BaseModel):
    """The params of a request, as far as they matter here."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True)


P = TypeVar("P", bound=Params)


def params_of(request: Request, shape: type[P]) -> P:
    """The params of a request. One whose params are of another shape ends with what is wrong with them."""
    try:
        return shape.model_validate(request.params or {})
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise errors.invalid_params(f"params: {place}: {wrong['msg']}") from error
