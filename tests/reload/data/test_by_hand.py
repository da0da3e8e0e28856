"""Edits of data that are rolled back by hand, and restores of older snapshots."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import MigrationError

from .fields import part
from .game import WATCH, Begin
from .running import check

V1 = part("hp: f32 = 0.0")
MORE = part("hp: f32 = 0.0", "n: i32 = 3")
HP = [1.5, 2.0, 3.25, 4.0, 5.75]
EXTRA = "\n\n@system(Update)\ndef extra(parts: Query[Mut[Part]]) -> None:\n    for one in parts:\n        one.hp += 1\n"


def test_an_edit_of_fields_is_rolled_back_by_hand(begin: Begin) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    game.take(parts=MORE, watch=WATCH + EXTRA)
    game.step(2)
    game.app.reloader.roll_back_by_hand()
    game.step(2)
    check(game, ids, {"hp": [value + 2 for value in HP]})
    assert set(game.rows("parts.Part")[ids[0]]) == {"hp"}


@pytest.mark.parametrize("extra", ["", EXTRA], ids=["fields alone", "with a system"])
def test_a_rollback_by_hand_that_would_lose_data_is_refused(begin: Begin, extra: str) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    game.take(parts=MORE, watch=WATCH + extra, more="K = 1")
    game.step()
    game.world.get(ids[0], game.cls("parts.Part")).n = 9
    before = game.world.hash()
    with pytest.raises(MigrationError, match="Part drops field n without a migration"):
        game.app.reloader.roll_back_by_hand()
    assert game.world.hash() == before
    game.step()
    steps = 2 if extra else 0
    check(game, ids, {"hp": [value + steps for value in HP], "n": [9, 3, 3, 3, 3]})
    game.take(parts=MORE.replace("= 3", "= 4"))
    game.step()


def test_an_older_snapshot_goes_the_way_of_a_reload(begin: Begin) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    older = game.world.snapshot()
    double = part(
        "hp: f32 = 0.0",
        mark="@component(version=2)",
        more='@migrate(Part, to=2)\ndef double(old):\n    return {"hp": old["hp"] * 2}\n',
    )
    game.take(parts=double)
    game.app.reloader.restore(older)
    check(game, ids, {"hp": [value * 2 for value in HP]})
    other = double.replace("hp: f32 = 0.0", "life: f64 = 0.0").replace('"hp":', '"life":')
    game.world.despawn(np.array(ids, np.uint64))
    game.take(parts=other)
    game.app.reloader.restore(older)
    check(game, ids, {"life": [value * 2 for value in HP]})
    lossy = part("life: i32 = 0", mark="@component(version=2)")
    game.world.despawn(np.array(ids, np.uint64))
    game.take(parts=lossy)
    before = game.world.hash()
    with pytest.raises(MigrationError, match="Part drops field hp without a migration"):
        game.app.reloader.restore(older)
    assert game.world.hash() == before
