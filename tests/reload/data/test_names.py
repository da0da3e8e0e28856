"""Components that get another name, move to another file, or go."""

from __future__ import annotations

import numpy as np
import pytest

from .fields import part
from .game import RAISES, WATCH, Begin, Game

V1 = part("hp: f32 = 0.0", "n: i32 = 0")
HULL = V1.replace("class Part", "class Hull")
RENAMED = HULL.replace("@component", '@component(renamed_from="app.parts.Part")')
HP = [1.5, 2.0, 3.25, 4.0, 5.75]
COUNTS = """

@system(Update)
def arrivals(added: Events[Added[Part]], removed: Events[Removed[Part]], seen: Mut[Seen]) -> None:
    for step in added:
        seen.tick += 1000 * len(step.entity)
    for step in removed:
        seen.tick += 1000000 * len(step.entity)


@system(Update)
def live(parts: Query[Mut[Part]]) -> None:
    for one in parts:
        one.n += 1
"""
ALIKE = WATCH + COUNTS


def begun(begin: Begin, watch: str = WATCH) -> tuple[Game, list[int]]:
    """Return the game with five rows, two ticks old."""
    game = begin(V1, watch=watch)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    game.step(2)
    return game, ids


def test_a_component_is_renamed_and_back(begin: Begin) -> None:
    game, ids = begun(begin, ALIKE)
    game.take(parts=RENAMED, watch=ALIKE.replace("Part", "Hull"))
    game.step(2)
    assert game.column("parts.Hull", "hp", ids) == HP
    assert game.column("parts.Hull", "n", ids) == [4] * 5
    assert "app.parts.Part" not in game.world.schemas()
    game.take(parts=V1, watch=ALIKE)
    game.step(2)
    assert game.column("parts.Part", "hp", ids) == HP
    assert game.column("parts.Part", "n", ids) == [6] * 5
    seen = game.world.resource(game.cls("watch.Seen"))
    assert seen.tick == 6 + 5000, "an arrival was told twice, or none"


def test_a_component_is_renamed_with_its_fields_and_a_migration(begin: Begin) -> None:
    after = part(
        'health: f64 = field(default=0.0, renamed_from="hp")',
        "label: text",
        mark='@component(version=2, renamed_from="app.parts.Part")',
        more='@migrate(Hull, to=2)\ndef name(old):\n    return {"label": [str(n) for n in old["n"]]}\n',
    ).replace("class Part", "class Hull")
    game, ids = begun(begin)
    game.take(parts=after)
    assert game.column("parts.Hull", "health", ids) == HP
    assert game.column("parts.Hull", "label", ids) == ["0"] * 5


def test_renamed_without_a_word_is_refused_until_it_says_so(begin: Begin) -> None:
    game, ids = begun(begin)
    message = game.refuse(parts=HULL)
    assert "app.parts.Part not removed: 5 rows hold it" in message
    assert 'renamed_from="app.parts.Part"' in message
    game.step()
    game.take(parts=RENAMED)
    assert game.column("parts.Hull", "hp", ids) == HP


def test_a_new_name_may_be_declared_before_it_takes_over(begin: Begin) -> None:
    game, ids = begun(begin)
    game.take(parts=V1 + "\n\n" + HULL)
    game.step()
    game.take(parts=RENAMED)
    assert game.column("parts.Hull", "hp", ids) == HP


def test_a_new_name_with_rows_of_its_own_takes_nothing_over(begin: Begin) -> None:
    game, ids = begun(begin)
    game.take(parts=V1 + "\n\n" + HULL)
    others = game.spawn("parts.Hull", 2)
    assert "app.parts.Part not removed: 5 rows hold it" in game.refuse(parts=RENAMED)
    game.step()
    assert game.column("parts.Part", "hp", ids) == HP
    assert game.column("parts.Hull", "hp", others) == [0, 0]


def test_a_component_moves_to_another_file_and_back(begin: Begin) -> None:
    game, ids = begun(begin, ALIKE)
    game.take(parts="from .hulls import Part", hulls=V1)
    game.step(2)
    assert game.column("hulls.Part", "hp", ids) == HP
    assert game.column("hulls.Part", "n", ids) == [4] * 5
    game.take(parts=V1, hulls=None)
    game.step(2)
    assert game.column("parts.Part", "n", ids) == [6] * 5


def test_a_component_moves_in_two_saves(begin: Begin) -> None:
    game, ids = begun(begin)
    game.take(hulls=V1)
    game.step()
    game.take(parts="from .hulls import Part")
    game.step()
    assert game.column("hulls.Part", "hp", ids) == HP


def test_a_component_moves_and_changes(begin: Begin) -> None:
    game, ids = begun(begin)
    message = game.refuse(parts="from .hulls import Part", hulls=part("hp: f32 = 0.0", "shield: f32 = 2.0"))
    assert "Part drops field n without a migration" in message
    game.take(parts="from .hulls import Part", hulls=part("hp: f32 = 0.0", "n: i32 = 0", "shield: f32 = 2.0"))
    assert game.column("hulls.Part", "hp", ids) == HP
    assert game.column("hulls.Part", "shield", ids) == [2.0] * 5


def test_a_file_is_renamed(begin: Begin) -> None:
    game, ids = begun(begin)
    game.take(parts=None, bits=V1, watch=WATCH.replace(".parts", ".bits"))
    game.step()
    assert game.column("bits.Part", "hp", ids) == HP


def test_two_candidates_for_a_move_are_no_move(begin: Begin) -> None:
    game, ids = begun(begin)
    message = game.refuse(parts="X = 1", one=V1, two=V1)
    assert "app.parts.Part not removed: 5 rows hold it" in message
    game.step()
    assert game.column("parts.Part", "hp", ids) == HP


def test_a_component_is_not_deleted_while_rows_hold_it(begin: Begin) -> None:
    game, ids = begun(begin, ALIKE)
    message = game.refuse(parts="X = 1", watch=WATCH)
    assert "app.parts.Part not removed: 5 rows hold it" in message
    game.step(2)
    assert game.column("parts.Part", "n", ids) == [4] * 5
    game.world.remove(np.array(ids, np.uint64), game.cls("parts.Part"))
    game.take(parts="X = 1", watch=WATCH)
    game.step()
    assert "app.parts.Part" not in game.world.schemas()
    assert game.world.alive(np.array(ids, np.uint64)).all()


def test_a_deleted_file_takes_no_rows_with_it(begin: Begin) -> None:
    game, ids = begun(begin)
    assert "app.parts.Part not removed: 5 rows hold it" in game.refuse(
        parts=None, watch=WATCH.replace("from .parts import *", "")
    )
    game.step()
    assert game.column("parts.Part", "hp", ids) == HP


def test_a_component_of_a_private_file_stays(begin: Begin) -> None:
    game = begin("from ._inner import Part", _inner=V1)
    cls = __import__("sys").modules["modules.apps.game._inner"].Part
    ids = game.world.spawn(cls(hp=np.array(HP))).tolist()
    game.take(watch=WATCH + "\nK = 1\n")
    game.step()
    assert game.column("_inner.Part", "hp", ids) == HP
    game.take(_inner=part("hp: f32 = 0.0", "n: i32 = 0", "m: i32 = 5"))
    game.step()
    assert game.column("_inner.Part", "m", ids) == [5] * 5
    assert "Part drops field hp" in game.refuse(_inner=part("n: i32 = 0"))


def test_what_is_no_component_any_more_is_refused_while_rows_hold_it(begin: Begin) -> None:
    game, ids = begun(begin)
    for mark in ("@resource", "@event"):
        assert "app.parts.Part not removed: 5 rows hold it" in game.refuse(parts=V1.replace("@component", mark))
        game.step()
        assert game.column("parts.Part", "hp", ids) == HP
    game.world.despawn(np.array(ids, np.uint64))
    for mark in ("@resource", "@event", "@component"):
        game.take(parts=V1.replace("@component", mark))
        game.step()
    game.spawn("parts.Part", 2)
    game.step()


WAYS = {
    "renamed": {"parts": RENAMED, "watch": ALIKE.replace("Part", "Hull")},
    "moved": {"parts": "from .hulls import Part", "hulls": V1, "watch": ALIKE},
    "moved and changed": {
        "parts": "from .hulls import Part",
        "hulls": V1.replace("hp: f32", "more: i32 = 1\n    hp: f64"),
        "watch": ALIKE,
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_a_rollback_undoes_it(begin: Begin, way: str) -> None:
    game, ids = begun(begin, ALIKE)
    game.world.resource(game.cls("watch.Seen")).tick = 0
    start = game.world.snapshot()
    game.step(8)
    unedited = game.world.hash()
    game.world.restore(start)
    files = WAYS[way]
    game.take(**{**files, "watch": files["watch"] + RAISES})
    game.step(8)
    assert game.app.reloader.verdicts[-1].outcome == "rolled back"
    assert game.world.hash() == unedited
    assert game.column("parts.Part", "hp", ids) == HP
    assert game.column("parts.Part", "n", ids) == [10] * 5


@pytest.mark.parametrize("way", WAYS)
def test_a_refusal_after_the_migration_undoes_it(begin: Begin, way: str) -> None:
    game, ids = begun(begin, ALIKE)
    files = WAYS[way]
    broken = files["watch"] + "\n\n@system(Update)\ndef unbound(nothing) -> None: ...\n"
    assert "'nothing'" in game.save(**{**files, "watch": broken}).error  # type: ignore[operator]
    game.step(2)
    assert game.column("parts.Part", "hp", ids) == HP
    assert game.column("parts.Part", "n", ids) == [4] * 5
    game.world.spawn(game.cls("parts.Part")(hp=1.0))
    seen = game.world.resource(game.cls("watch.Seen"))
    before = seen.tick
    game.step()
    assert seen.tick == before + 1001, "an arrival was not told"
    game.take(**files)
    game.step()


def test_a_type_by_another_name_is_followed_also_where_annotations_are_texts(begin: Begin) -> None:
    """`from __future__ import annotations` keeps them as texts, which stay the same."""
    field = '@component\nclass Part:\n    a: "Amount" = 1\n'
    game = begin("from .kinds import *\n\n\n" + field, kinds="Amount = f32\n")
    ids = game.spawn("parts.Part", 2, a=np.array([1.5, 2.5]))
    game.take(kinds="Amount = f64\n")
    assert game.world.schemas()["app.parts.Part"].by_name["a"].dtype == "float64"
    assert [game.rows("parts.Part")[one]["a"] for one in ids] == [1.5, 2.5]
