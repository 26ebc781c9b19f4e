"""Questions by a result.

Since 2026-07-28 a request that needs an answer of the client ends with the question, and the client makes it again
with the answer. What was answered in earlier rounds goes to the client and back as a state that it can neither read
nor change.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from mcp_sansio.asgi import Request
from pydantic import Field, JsonValue

import errors
from model import JsonObject
from params import Params, params_of

#: How long a client may take between two rounds, in seconds.
LASTS = 600
#: The params that are of one round only.
OF_A_ROUND = ("_meta", "inputResponses", "requestState")


class Round(Params):
    """What a client sends with its request when it makes it again."""

    input_responses: JsonObject = Field(default_factory=dict[str, JsonValue])
    request_state: str | None = None

    @classmethod
    def of(cls, request: Request) -> "Round":
        """The round that a request is of. Requests of a session have one only."""
        return cls() if request.session is not None else params_of(request, cls)


class Seal:
    """Seals states, and opens them again. They are of no use to the next run of the program."""

    def __init__(self) -> None:
        self._box = Fernet(Fernet.generate_key())

    def ask(self, request: Request, questions: JsonObject, answered: JsonObject) -> JsonObject:
        """The result that asks the client."""
        state = json.dumps({"of": subject(request), "answered": answered}).encode()
        return {
            "resultType": "input_required",
            "inputRequests": questions,
            "requestState": self._box.encrypt(state).decode(),
        }

    def answered(self, request: Request, round_: Round) -> JsonObject:
        """What was answered in earlier rounds. A state that was not given for this request ends it."""
        if round_.request_state is None:
            return {}
        state = self._opened(round_.request_state.encode(errors="replace"))
        if state is None:
            raise errors.invalid_params("requestState: this server did not give it, or too long ago")
        if state["of"] != subject(request):
            raise errors.invalid_params("requestState: it was given for another request")
        return state["answered"]

    def _opened(self, sealed: bytes) -> Any:
        """What is sealed; None if it was not sealed here, or too long ago, or was changed."""
        try:
            opened = self._box.decrypt(sealed, ttl=LASTS)
        except InvalidToken:
            return None
        # Who reads base64 passes over what follows its padding, so that is not sealed.
        is_whole = urlsafe_b64encode(urlsafe_b64decode(sealed)) == sealed
        return json.loads(opened) if is_whole else None


def subject(request: Request) -> JsonValue:
    """What a state is for: the request, but for what belongs to its round."""
    params = request.params or {}
    return [request.method, {name: value for name, value in params.items() if name not in OF_A_ROUND}]
