"""Members of an Enum that is stored as numbers: rows hold the same member whatever number an edit gives it."""

from __future__ import annotations

import numpy as np
import pytest

from .fields import part
from .game import RAISES, WATCH, Begin, Game

NUMBERS = [1, 2, 2, 9, 3]
"""The last but one is no member's."""


def levels(*members: str, kind: str = "IntEnum") -> str:
    """Return the source of the Enum."""
    return f"class Level({kind}):\n" + "".join(f"    {member}\n" for member in members) + "\n\n"


def held(game: Game, ids: list[int]) -> list[int]:
    return game.column("parts.Part", "level", ids)


@pytest.mark.parametrize(
    ("members", "want"),
    [
        (("LOW = 10", "HIGH = 20", "TOP = 30"), [10, 20, 20, 9, 30]),
        (("LOW = 2", "HIGH = 3", "TOP = 1"), [2, 3, 3, 9, 1]),
        (("NONE = 1", "LOW = 2", "HIGH = 3", "TOP = 4"), [2, 3, 3, 9, 4]),
        (("LOW = 1", "TALL = 2", "TOP = 3"), NUMBERS),  # another name for the same number
        (("LOW = 1", "HIGH = 2", "TOP = 3", "MORE = 9"), NUMBERS),
    ],
    ids=["other numbers", "exchanged", "one before", "renamed", "one more"],
)
def test_a_member_keeps_its_rows(begin: Begin, members: tuple[str, ...], want: list[int]) -> None:
    before = levels("LOW = 1", "HIGH = 2", "TOP = 3") + part("level: Level = Level.LOW")
    game = begin(before)
    ids = game.spawn("parts.Part", 5, level=np.array(NUMBERS))
    older = game.world.snapshot()
    first = members[0].partition(" ")[0]
    after = levels(*members) + part(f"level: Level = Level.{first}")
    game.take(parts=after)
    assert held(game, ids) == want
    game.app.reloader.restore(older)
    assert held(game, ids) == want, "an older snapshot goes the same way"
    if "MORE = 9" in members:
        assert "rows hold MORE" in game.refuse(parts=before)
        return
    game.take(parts=before)
    assert held(game, ids) == NUMBERS
    game.take(parts=after, watch=WATCH + RAISES)
    game.app.step(3)
    assert held(game, ids) == NUMBERS, "a rollback brings the numbers back"


def test_the_enum_may_be_in_another_file(begin: Begin) -> None:
    kinds = levels("LOW = 1", "HIGH = 2")
    game = begin("from .kinds import *\n\n\n" + part("level: Level = Level.HIGH"), kinds=kinds)
    ids = game.spawn("parts.Part", 2, level=np.array([1, 2]))
    game.take(kinds=levels("LOW = 5", "HIGH = 7"))
    assert held(game, ids) == [5, 7]
    assert game.cls("parts.Part")().level == 7, "the default is the same member too"


def test_a_member_that_rows_hold_is_not_deleted(begin: Begin) -> None:
    field = part("level: Level = Level.LOW")
    game = begin(levels("LOW = 1", "HIGH = 2", "TOP = 3") + field)
    ids = game.spawn("parts.Part", 2, level=np.array([1, 2]))
    message = game.refuse(parts=levels("LOW = 1", "TOP = 2") + field)
    assert "rows hold HIGH in field level, which Level no longer has" in message
    game.take(parts=levels("LOW = 1", "HIGH = 2") + field)
    assert held(game, ids) == [1, 2]


def test_unions_of_flags_keep_their_flags(begin: Begin) -> None:
    field = part("level: Level = Level.LOW")
    game = begin("from enum import IntFlag\n\n\n" + levels("LOW = 1", "HIGH = 2", "TOP = 4", kind="IntFlag") + field)
    ids = game.spawn("parts.Part", 4, level=np.array([1, 3, 6, 0]))
    more = levels("NONE = 1", "LOW = 2", "HIGH = 4", "TOP = 8", kind="IntFlag")
    game.take(parts="from enum import IntFlag\n\n\n" + more + field)
    assert held(game, ids) == [2, 6, 12, 0]
