"""Scripted input: both forms of the file, and what is wrong with a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import GameError
from engine.inputs import read_inputs

SCRIPT = {0: [["key", "down", "space"]], 7: [["key", "up", "space"], ["pointer", 10, 20.5]]}


@pytest.mark.parametrize(
    "text",
    [
        '[[0, ["key", "down", "space"]], [7, ["key", "up", "space"]], [7, ["pointer", 10, 20.5]]]',
        '[0, ["key", "down", "space"]]\n\n[7, ["key", "up", "space"]]\n[7, ["pointer", 10, 20.5]]\n',
    ],
)
def test_a_list_and_lines_say_the_same(text: str, tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_text(text)
    assert read_inputs(path) == SCRIPT


def test_a_single_line_is_one_pair(tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_text('[3, ["key", "down", "a"]]')
    assert read_inputs(path) == {3: [["key", "down", "a"]]}
    path.write_text("[]")
    assert read_inputs(path) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", ":1: this is not JSON"),
        ('[0, ["key", "down", "a"]]\n[1, [', ":2: this is not JSON"),
        ('[0, ["key", "down", "a"]]\n[-1, ["key", "up", "a"]]', ":2: this is not a tick and an event"),
        ('[[0, ["key"]], [1, []]]', "pair 2: this is not a tick and an event"),
        ('[[0, ["key"]], [true, ["key"]]]', "pair 2: this is not a tick"),
        ('{"0": ["key"]}', "this is not a tick and an event"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_text(text)
    with pytest.raises(GameError, match="this is not") as caught:
        read_inputs(path)
    assert says in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(GameError, match="cannot be read"):
        read_inputs(tmp_path / "missing.json")
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe\xe9")
    with pytest.raises(GameError, match="not UTF-8"):
        read_inputs(tmp_path / "latin.json")
