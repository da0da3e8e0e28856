"""Expressions over a world: what they mean, and that nothing but an expression is taken for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import World, component, f32, i32, resource, text, u8
from engine.control.expression import Expression
from engine.control.names import Rows
from engine.errors import HotloopError


@component
class Rock:
    size: u8 = 0
    weight: f32 = 1.0
    name: text = ""


@component
class Mark:
    number: i32 = 0


@resource
class Score:
    points: int = 7
    best: str = "ann"


@pytest.fixture
def world() -> World:
    world = World()
    world.spawn(Rock(size=[0, 1, 2, 3], weight=[1.0, 2.0, 3.0, np.nan], name=["a", "b", "c", "d"]))
    world.spawn(Rock(size=9), Mark(number=[4, 5]))
    world.register(Score)
    world.resource(Score)
    return world


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("count(Rock)", 6),
        ("count(Rock.size >= 2)", 4),
        ("count(Rock.size >= 2 and Mark.number > 4)", 1),
        ("max(Rock.size) - min(Mark.number)", 5),
        ("mean(Rock.weight) > 0", False),
        ("count(isnan(Rock.weight)) == 1", True),
        ("sum(Rock.size - 1)", 18),
        ("Score.points == 7 and Score.best == 'ann'", True),
        ("not Score.points in (1, 2)", True),
        ("0 < Score.points <= 7", True),
        ("any(Rock.name == 'c') or tick > 5", True),
        ("2 ** 3 + 7 // 2 + 7 % 2 - -1", 13),
        ("hypot(3, 4) + most(1, 2) + least(1, 2) + abs(-1)", 9),
        ("all(Rock.size < 10)", True),
    ],
)
def test_an_expression_about_the_world_has_one_value(world: World, asked: str, value: Any) -> None:
    found, rows = Expression(asked).of_world(world)
    assert rows is None
    assert found == value


def test_an_expression_about_rows_has_a_value_for_each(world: World) -> None:
    rows = Rows(world, ["Rock"])
    assert sorted(Expression("Rock.size * 2").of_rows(rows).tolist()) == [0, 2, 4, 6, 18, 18]
    holds, bad = Expression("Rock.size < 9").holds(world)
    assert (holds, len(bad)) == (False, 2)
    rows.pick(Expression("Rock.size < 2").of_rows(rows))
    assert Expression("max(Rock.size)").over(rows) == 1


WRONG = (
    "", " ", "1 +", "import os", "__import__('os')", "Rock.__class__", "Rock.size.__class__", "().__class__",
    "(1).real", "'a' * 10**9", "'a' + 'b'", "[x for x in (1,)]", "{1: 2}", "{1}", "lambda: 1", "1 if 1 else 2",
    "(y := 1)", "f'{1}'", "b'x'", "...", "None", "1j", "eval('1')", "open('x')", "Rock.size(1)", "count()",
    "count(1, 2)", "count(*Rock)", "max(Rock.size, key=1)", "Rock[0:1]", "Rock[Rock]", "2 ** Rock.size",
    "9 ** 9 ** 9", "1 << 100", "1 & 2", "~1", "Rock.size is 1", "Rok.size", "Rock.siz", "Rock.size = 1", "1; 2",
    "await x", "yield", "print(1)", "1 @ 2", "Rock.name + 1", "Rock.name > 1", "-Rock.name", "9" * 400,
    "-" * 900 + "1", "(" * 400 + ")" * 400, "not " * 200 + "1", "x" * 2000, "1" + "+1" * 300, "\0", "\ud800",
    "Rock\u202e.size", "getattr(Rock, 'size')", "Rock.size[9]", "[[1, 2], 3]", "tick.real", "entity.x", "count",
    "abs(Score.best)", "Score.nothing", "Rock.size < 'a'", "engine", "world", "self",
)  # fmt: skip


@pytest.mark.parametrize("asked", WRONG, ids=range(len(WRONG)))
def test_what_is_no_expression_is_refused(world: World, asked: str) -> None:
    before = world.hash()
    with pytest.raises(HotloopError):
        Expression(asked).of_world(world)
    assert world.hash() == before
