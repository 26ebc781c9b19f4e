"""Settings and identities: what is wrong with one is a TypeError or ConfigError that names it."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast, get_type_hints

import pytest
from mcp_sansio import Client, ConfigError, Identity, Known, Server, client, server
from wire import URL


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"retries": 3}, TypeError, r"unknown setting: 'retries'; there are versions, known, .*limits, timing"),
        ({"limits": {"cals": 3}}, TypeError, r"unknown limits: 'cals'; there are calls, .*rounds"),
        ({"timing": {"idel": 3}}, TypeError, r"unknown timing: 'idel'; there are handshake"),
        ({"limits": {1: 3}}, TypeError, "unknown limits: 1"),
        ({"limits": 7}, TypeError, "limits: a mapping of settings is needed, not int"),
        ({"limits": {"calls": "7"}}, TypeError, "limits.calls: an int is needed, not str"),
        ({"limits": {"calls": None}}, TypeError, "limits.calls: an int is needed, not None"),
        ({"limits": {"calls": -1}}, ConfigError, "limits.calls: it must be from 0 to"),
        ({"limits": {"calls": 2**64}}, ConfigError, "limits.calls: it must be from 0 to"),
        ({"limits": {"calls": 0}}, ConfigError, "limits.calls: with 0 nothing can work"),
        ({"timing": {"max": -1}}, ConfigError, "timing.max: it must be a number of seconds, zero or more"),
        ({"timing": {"max": math.nan}}, ConfigError, "timing.max"),
        ({"timing": {"max": None}}, TypeError, "timing.max: a number of seconds is needed, not None"),
        ({"timing": {"max": 0}}, ConfigError, "timing.max: must be longer than zero"),
        ({"timing": {"backoff": 3}}, TypeError, "timing.backoff: a pair"),
        ({"timing": {"backoff": (3, 1)}}, ConfigError, "timing.backoff: the range is empty"),
        ({"versions": ("2025-11-25", "2525-11-25")}, ConfigError, 'versions: "2525-11-25" is no revision'),
        ({"versions": ("2026-07-28", "2025-11-25")}, ConfigError, "versions: the range is empty"),
        ({"versions": "2025-11-25"}, TypeError, "versions: a pair"),
        ({"known": "2025-11-25"}, TypeError, "known: a Known is needed, not str"),
        ({"known": Known("2025-11-25", "a b")}, ConfigError, "known: a session id"),
        ({"recording": "full"}, ConfigError, 'recording: "full" is none of "off", "redacted", "whole"'),
        ({"result_types": "task"}, TypeError, "result_types: a list of str is needed, not str"),
        ({"result_types": [7]}, TypeError, "result_types: a str is needed, not int"),
        ({"authorizer": 1}, TypeError, "authorizer: a bool is needed, not int"),
        ({"seed": b"short"}, ConfigError, "seed: it must be 32 bytes"),
        ({"seed": "s" * 32}, TypeError, "seed: bytes is needed, not str"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        Client(URL, Identity("misuse", "1"), **settings)


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"host": []}, TypeError, "unknown setting: 'host'; there are versions, sessions, mode, hosts"),
        ({"hosts": "everyone"}, ConfigError, 'hosts: "everyone" is none of "any", "loopback"'),
        ({"hosts": [b"a"]}, TypeError, "hosts: a str is needed, not bytes"),
        ({"mode": "fast"}, ConfigError, "mode: "),
        ({"shard": 65536}, ConfigError, "shard: it must be from 0 to 65535"),
        ({"limits": {"body": 0}}, ConfigError, "limits.body"),
        ({"timing": {"take": 0}}, ConfigError, "timing.take"),
    ],
)
def test_a_wrong_setting_of_a_server_is_named(settings: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        Server(Identity("misuse", "1"), **settings)


@pytest.mark.parametrize("url", ["", "localhost", "ftp://localhost", "http://"])
def test_a_wrong_url_is_named(url: str) -> None:
    with pytest.raises(ConfigError, match="url: "):
        Client(url, Identity("misuse", "1"))


def test_a_wrong_identity_is_named() -> None:
    with pytest.raises(TypeError, match="identity: an Identity is needed, not dict"):
        Client(URL, cast("Identity", {"name": "a"}))
    with pytest.raises(ConfigError, match="capabilities: "):
        Identity("a", "1", capabilities={"a": math.nan})
    circle: dict[str, object] = {}
    circle["a"] = circle
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    for impossible in (circle, deep):
        with pytest.raises(ConfigError, match="capabilities: "):
            Identity("a", "1", capabilities=impossible)
    with pytest.raises(TypeError, match="not JSON serializable"):
        Identity("a", "1", capabilities={"a": object()})
    with pytest.raises(ConfigError, match="capabilities is not the JSON text of an object"):
        Client(URL, Identity("a", "1", capabilities="[]"))
    with pytest.raises(TypeError, match="name: a str is needed, not int"):
        Identity(cast("str", 7), "1")


def test_an_identity_is_what_it_is_given() -> None:
    identity = Identity("a", "1", info={"title": "Ä"}, capabilities={"roots": {}}, instructions="do", meta={"x": 1})
    assert json.loads(identity.info) == {"name": "a", "version": "1", "title": "Ä"}
    assert json.loads(identity.capabilities) == {"roots": {}}
    assert identity.instructions == "do"
    assert identity.meta is not None
    assert json.loads(identity.meta) == {"x": 1}
    assert Identity("a", "1", info='{"name":"b"}').info == '{"name":"b"}'


class Plain(Mapping[str, object]):
    """A mapping that is no dict."""

    def __getitem__(self, name: str) -> object:
        return {"calls": 1}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(["calls"])

    def __len__(self) -> int:
        return 1


def test_a_group_may_be_any_mapping() -> None:
    machine = Client(URL, Identity("settings", "1"), limits=cast("client.Limits", Plain()))
    machine.call(0, "ping")
    machine.call(0, "ping")
    assert len(machine.inspect().calls) == 1


def names(error: pytest.ExceptionInfo[TypeError]) -> set[str]:
    """The names that an error says there are."""
    return set(str(error.value).rpartition("there are ")[2].split(", "))


def make_client(settings: Any) -> object:
    return Client(URL, Identity("settings", "1"), **settings)


def make_server(settings: Any) -> object:
    return Server(Identity("settings", "1"), **settings)


@pytest.mark.parametrize(
    ("make", "types"),
    [
        (make_client, (client.Settings, client.Limits, client.Timing)),
        (make_server, (server.Settings, server.Limits, server.Timing)),
    ],
)
def test_the_types_have_the_settings_that_there_are(make: Callable[[Any], object], types: tuple[type, ...]) -> None:
    for group, typed in zip((None, "limits", "timing"), types, strict=True):
        with pytest.raises(TypeError, match="there are") as error:
            make({"?": 1} if group is None else {group: {"?": 1}})
        assert names(error) == set(get_type_hints(typed))


def test_every_setting_can_be_set() -> None:
    seconds: Any = dict.fromkeys(get_type_hints(client.Timing), 7) | {"backoff": (1, 2.5), "idle": None}
    limits: Any = dict.fromkeys(get_type_hints(client.Limits), 7) | {"exchanges": None}
    machine = Client(
        URL,
        Identity("settings", "1"),
        versions=("2025-03-26", "2026-07-28"),
        known=Known("2025-11-25", "key", next_id=5, result="{}", http_sse=False),
        authorizer=True,
        standalone=False,
        reinitialize=False,
        accept_202=True,
        relisten=False,
        http_sse=True,
        result_types=["task"],
        limits=limits,
        timing=seconds,
        recording="whole",
    )
    machine.connect(0)
    recorded = json.loads(machine.records()[0])["config"]
    assert recorded["known"] == {
        "version": "2025-11-25",
        "session": "key",
        "next_id": 5,
        "result": {},
        "http_sse": False,
    }
    assert recorded["timing"] == dict.fromkeys(seconds, 7000) | {"backoff": [1000, 2500], "idle": None}
    assert recorded["limits"] == limits
    switches = {name: recorded[name] for name in ("authorizer", "standalone", "reinitialize", "accept_202", "relisten")}
    assert switches == {
        "authorizer": True,
        "standalone": False,
        "reinitialize": False,
        "accept_202": True,
        "relisten": False,
    }
    assert (recorded["versions"], recorded["result_types"]) == (["2025-03-26", "2026-07-28"], ["task"])


def test_every_setting_of_a_server_can_be_set() -> None:
    seconds: Any = dict.fromkeys(get_type_hints(server.Timing), 7) | {"answer": None, "keep_alive": None, "idle": None}
    limits: Any = dict.fromkeys(get_type_hints(server.Limits), 7) | {"sessions_per_principal": None}
    machine = Server(
        Identity("settings", "1", instructions="do"),
        versions=("2025-03-26", "2026-07-28"),
        sessions=False,
        mode="sse",
        hosts=["a.example"],
        origins="any",
        shard=65535,
        limits=limits,
        timing=seconds,
        recording="whole",
    )
    machine.timeout(0)
    recorded = json.loads(machine.records()[0])["config"]
    assert recorded["timing"] == dict.fromkeys(seconds, 7000) | {"answer": None, "keep_alive": None, "idle": None}
    assert recorded["limits"] == limits
    assert (recorded["sessions"], recorded["mode"], recorded["shard"]) == (False, "sse", 65535)
    assert (recorded["hosts"], recorded["origins"]) == (["a.example"], "any")
    assert recorded["handshake"]["instructions"] == "do"
