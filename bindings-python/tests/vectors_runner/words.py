"""Outputs by the words of the format."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from mcp_sansio import Failure, Refusal, RpcError, client, server
from typing_extensions import assert_never

from . import sse


def octets(value: bytes) -> Any:
    """Bytes as text, or in base64 where they are none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _payload(text: str | bytes | None) -> Any:
    return None if text is None else json.loads(text)


def _optional(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> list[Any]:
    return [[name.decode(), octets(value)] for name, value in pairs]


def _data(value: bytes) -> dict[str, Any]:
    said = octets(value)
    return {"data": said} if isinstance(said, str) else said


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {"headers": _headers(refusal.headers), "body": _data(refusal.body)}


def _failure(failure: Failure) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": failure.kind,
        "execution": failure.execution,
        "story": [str(line) for line in failure.story.lines],
    }
    if failure.refusal is not None:
        said |= {"status": failure.refusal.status, "refusal": _refusal(failure.refusal)}
    return said


def _outcome(outcome: str | RpcError | Failure) -> dict[str, Any]:
    match outcome:
        case str():
            return {"result": _payload(outcome)}
        case RpcError(code, message, data):
            return {"error": {"code": code, "message": message, **_optional(data=_payload(data))}}
        case Failure():
            return {"failure": _failure(outcome)}


def _source(message: client.Notification | client.Request) -> Any:
    if message.call is not None:
        return {"call": message.call}
    return "standalone" if message.listen is None else {"listen": message.listen}


def of_client(output: client.Output) -> dict[str, Any]:
    """An output of the client."""
    match output:
        case client.Open(exchange, method, url, headers, body):
            return {
                "type": "open",
                "exchange": exchange,
                "method": method,
                "url": url,
                "headers": _headers(headers),
                "body": _payload(body or None),
            }
        case client.Abort(exchange):
            return {"type": "abort", "exchange": exchange}
        case client.Settled(call, outcome):
            return {"type": "settled", "call": call, **_outcome(outcome)}
        case client.Notification(method, params):
            said = _optional(params=_payload(params))
            return {"type": "notification", "source": _source(output), "method": method, **said}
        case client.Progress(call, params):
            return {"type": "progress", "call": call, "params": _payload(params)}
        case client.Request(id, method, params):
            said = _optional(params=_payload(params))
            return {"type": "request", "id": id, "source": _source(output), "method": method, **said}
        case client.Withdrawn(id, why):
            return {"type": "withdrawn", "id": id, "why": why}
        case client.Unauthorized(refusal, calls):
            status = refusal.status
            return {"type": "unauthorized", "status": status, "calls": calls, **_refusal(refusal)}
        case client.ListenOpened(listen, filter):
            return {"type": "listen", "listen": listen, "open": _payload(filter)}
        case client.ListenGap(listen):
            return {"type": "listen", "listen": listen, "gap": True}
        case client.ListenEnded(listen, outcome):
            return {"type": "listen", "listen": listen, "ended": _outcome(outcome)}
        case client.SessionChanged(epoch, change, failure):
            told = change if failure is None else {change: _failure(failure)}
            return {"type": "session_changed", "epoch": epoch, "change": told}
        case client.Notice(kind, exchange, _, detail):
            return {"type": "notice", "kind": kind, "exchange": exchange, "detail": detail}
        case client.Closed():
            return {"type": "closed"}
        case client.Message():
            raise TypeError("no vector has a relay")
        case _:
            assert_never(output)


def of_server(output: server.Output) -> dict[str, Any]:
    """An output of the server."""
    match output:
        case server.Head(exchange, status, headers, body):
            return {
                "type": "head",
                "exchange": exchange,
                "status": status,
                "headers": _headers(headers),
                "body": "stream" if body is None else _payload(body or None),
            }
        case server.Chunk(exchange, data):
            return {"type": "chunk", "exchange": exchange, **_data(data), "events": sse.events(data)}
        case server.End(exchange):
            return {"type": "end", "exchange": exchange}
        case server.Abort(exchange):
            return {"type": "abort", "exchange": exchange}
        case server.Request(id, exchange, session, version, method, params):
            return {
                "type": "request",
                "id": id,
                "exchange": exchange,
                "session": session,
                "version": version,
                "method": method,
                **_optional(params=_payload(params)),
            }
        case server.Notification(exchange, session, method, params):
            said = _optional(params=_payload(params))
            return {
                "type": "notification",
                "exchange": exchange,
                "session": session,
                "method": method,
                **said,
            }
        case server.Progress(call, params):
            return {"type": "progress", "call": call, "params": _payload(params)}
        case server.SessionStarted(session, exchange, key, params):
            return {
                "type": "session_started",
                "session": session,
                "exchange": exchange,
                "key": key,
                "params": _payload(params),
            }
        case server.SessionEnded(session, reason):
            return {"type": "session_ended", "session": session, "reason": reason}
        case server.Settled(call, outcome):
            return {"type": "settled", "call": call, **_outcome(outcome)}
        case server.Withdrawn(id, why):
            return {"type": "withdrawn", "id": id, "why": why}
        case server.Notice(kind, exchange, session, detail):
            return {
                "type": "notice",
                "kind": kind,
                "exchange": exchange,
                "session": session,
                "detail": detail,
            }
        case server.ShutDown():
            return {"type": "shut_down"}
        case server.Message():
            raise TypeError("no vector has a relay")
        case _:
            assert_never(output)
