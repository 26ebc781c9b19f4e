"""The shared vectors hold through the Python classes, and the runner would say so if they did not."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from vectors_runner import FOLDER, Mismatch, Vector, load, names_of_files, run
from vectors_runner.files import Json, Line


def test_every_vector_holds(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    files = names_of_files()
    steps, wrong = 0, list[str]()
    for name in files:
        try:
            steps += run(load(name))
        except Mismatch as mismatch:
            wrong.append(str(mismatch))
    held = len(files) - len(wrong)
    record_property("vectors", held)
    with capsys.disabled():
        print(f"{held} of {len(files)} vectors hold, {steps} inputs")
    assert not wrong, "\n".join(wrong)
    assert held == sum(1 for _ in FOLDER.glob("*.jsonl")) > 1000
    assert {load(name).is_servers for name in files} == {True, False}


# What follows is about the runner: each expectation that is made wrong must be told.


@pytest.mark.parametrize("name", names_of_files()[::12])
def test_a_wrong_expectation_is_told(name: str) -> None:
    vector = load(name)
    run(vector)
    for line, value in _wrong_lines(vector):
        with pytest.raises(Mismatch):
            run(_with(vector, line, value))


@pytest.mark.parametrize("name", names_of_files()[::12])
def test_an_output_that_is_left_out_is_told(name: str) -> None:
    vector = load(name)
    for line in vector.lines:
        if line.value.get("output", {"type": "notice"})["type"] != "notice":
            with pytest.raises(Mismatch):
                run(replace(vector, lines=[other for other in vector.lines if other is not line]))


def test_a_wrong_handle_is_told() -> None:
    vector = load("00-connect.jsonl")
    line = next(line for line in vector.lines if line.value.get("input", {}).get("type") == "connect")
    with pytest.raises(Mismatch, match="handle"):
        run(_with(vector, line, {"now": 0, "input": {"type": "connect", "id": 7}}))


@pytest.mark.parametrize(
    "line",
    [
        {"input": {"type": "close"}},
        {"now": 0, "input": {"type": "clos"}},
        {"deadlines": 1},
        {"output": {}, "now": 1},
    ],
)
def test_a_line_that_no_vector_has_is_told(line: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "wrong.jsonl"
    file.write_text(json.dumps({"about": "It has a wrong line."}) + "\n" + json.dumps(line))
    with pytest.raises(ValueError, match=r"wrong\.jsonl:2|no input"):
        run(load(file.name, tmp_path))


def _with(vector: Vector, line: Line, value: dict[str, Any]) -> Vector:
    lines = [Line(line.place, value) if other is line else other for other in vector.lines]
    return replace(vector, lines=lines)


def _wrong_lines(vector: Vector) -> Iterator[tuple[Line, dict[str, Any]]]:
    """Each line with an expectation, made wrong in each of its values in turn."""
    for line in vector.lines:
        for kind in line.value.keys() & {"output", "deadline", "inspect"}:
            for wrong in _wrong(line.value[kind]):
                yield line, {kind: wrong}


def _wrong(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        for name, member in value.items():
            of_member = _wrong_headers(member) if name == "headers" else _wrong(member)
            yield from ({**value, name: wrong} for wrong in of_member)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from ([*value[:at], wrong, *value[at + 1 :]] for wrong in _wrong(item))
        yield [*value, "more"]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif value is None:
        yield 7
    # What stands for anything cannot be wrong.
    elif value != "<any>" and not value.startswith("$"):
        yield value + "?"


def _wrong_headers(headers: Json) -> Iterator[Json]:
    """A header may have any name; its value is what is expected."""
    pairs = headers if isinstance(headers, list) else []
    for at, pair in enumerate(pairs):
        if isinstance(pair, list):
            for wrong in _wrong(pair[1]):
                header: Json = [pair[0], wrong]
                yield [*pairs[:at], header, *pairs[at + 1 :]]
