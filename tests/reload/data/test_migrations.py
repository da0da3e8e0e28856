"""Edits that a function of the author's carries through: split, merged, several versions at once, and faults."""

from __future__ import annotations

import re

import numpy as np
import pytest

from .fields import CASES, Case, part
from .game import RAISES, WATCH, Begin
from .running import check, spawned

V1 = part("hp: f32 = 0.0")
SPLIT = part(
    "name: text",
    "hp: i32 = 0",
    "w: f32 = array(f32, 2, default=0)",
    mark="@component(version=2)",
    more="""
@migrate(Part, to=2)
def split(old):
    return {"name": [f"unit {value:g}" for value in old["hp"]], "hp": np.floor(old["hp"]).astype("i4"),
            "w": np.stack([old["hp"] % 1, old["hp"] * 2])}
""",
)
HP = [1.5, 2.0, 3.25, 4.0, 5.75]


def stub_of(message: str) -> str:
    """Return the part of a message that is to be pasted."""
    assert "to paste:\n" in message
    return message.partition("to paste:\n")[2].rpartition("\n (world")[0]


REFUSED = [case for case in CASES if case.refusal is not None and "@migrate" not in case.refusal]
PASTED = [case for case in REFUSED if "rows hold" not in case.refusal]  # type: ignore[operator]


@pytest.mark.parametrize("case", PASTED, ids=lambda case: case.name)
def test_a_pasted_stub_is_taken(begin: Begin, case: Case) -> None:
    game = begin(case.before)
    ids = spawned(game, case)
    message = game.refuse(parts=case.after)
    assert "# was: " in message
    assert "# now: " in message
    assert not re.search(r"# (was|now): .*(int|float)\d", message), "types are called as a class calls them"
    with np.errstate(all="ignore"):
        game.take(parts=case.after + "\n\n" + stub_of(message))
    game.step()
    rows = game.rows("parts.Part")
    assert sorted(rows) == sorted(ids)
    stays = {name: values for name, values in case.values.items() if name in rows[ids[0]] and "drops" in case.refusal}  # type: ignore[operator]
    check(game, ids, stays)
    # The class is of the next version now: with the stub still in the file nothing happens again.
    game.take(parts="K = 1\n" + case.after + "\n\n" + stub_of(message))
    assert game.rows("parts.Part") == rows or "NaN" in case.name
    # And a second change of the same class gets a stub that goes beside the first.
    more = case.after.replace("class Part:\n", "class Part:\n    extra: i32 = 1\n") + "\n\n" + stub_of(message)
    game.take(parts=more)
    for one in game.rows("parts.Part"):
        game.world.get(one, game.cls("parts.Part")).extra = 3
    again = stub_of(game.refuse(parts=more.replace("    extra: i32 = 1\n", "")))
    assert "to=3" in again
    game.take(parts=more.replace("    extra: i32 = 1\n", "") + "\n\n" + again)
    assert "extra" not in next(iter(game.rows("parts.Part").values()))


def test_one_field_is_split_into_three(begin: Begin) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    game.take(parts=SPLIT)
    check(
        game,
        ids,
        {
            "name": [f"unit {value:g}" for value in HP],
            "hp": [1, 2, 3, 4, 5],
            "w": [[value % 1, value * 2] for value in HP],
        },
    )
    game.step(40)
    message = game.refuse(parts=V1)
    assert "Part drops field name" in message
    game.take(parts=V1 + "\n\n" + stub_of(message))
    check(game, ids, {"hp": [1, 2, 3, 4, 5]})


def test_two_fields_are_merged_and_what_is_left_out_is_taken_over(begin: Begin) -> None:
    merged = part(
        "total: f32 = 0.0",
        "keep: i32 = 0",
        'named: text = field(default="", renamed_from="name")',
        "fresh: i32 = 8",
        mark="@component(version=2)",
        more='@migrate(Part, to=2)\ndef merge(old):\n    return {"total": old["a"] + old["b"]}\n',
    )
    game = begin(part("a: f32 = 0.0", "b: f32 = 0.0", "keep: i32 = 0", "name: text"))
    ids = game.spawn(
        "parts.Part",
        3,
        a=np.array([1, 2, 3]),
        b=np.array([10, 20, 30]),
        keep=np.array([7, 8, 9]),
        name=["x", "y", "z"],
    )
    game.take(parts=merged)
    check(game, ids, {"total": [11, 22, 33], "keep": [7, 8, 9], "named": ["x", "y", "z"], "fresh": [8] * 3})


VERSIONS = {
    2: (
        "points: i32 = 0",
        '@migrate(Part, to=2)\ndef two(old):\n    return {"points": (old["hp"] * 100).astype("i4")}\n',
    ),
    3: (
        "label: text",
        '@migrate(Part, to=3)\ndef three(old):\n    return {"label": [str(p) for p in old["points"]]}\n',
    ),
}


def version(number: int) -> str:
    """Return the component in a version, with the migrations up to there, the last first."""
    functions = [VERSIONS[each][1] for each in range(number, 1, -1)]
    return part(VERSIONS[number][0], mark=f"@component(version={number})", more="\n\n".join(functions))


@pytest.mark.parametrize("way", [(2, 3), (3,)])
def test_versions_may_be_skipped(begin: Begin, way: tuple[int, ...]) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    for number in way:
        game.take(parts=version(number))
    check(game, ids, {"label": ["150", "200", "325", "400", "575"]})
    assert game.world.schemas()["app.parts.Part"].version == 3
    game.take(parts="K = 1\n" + version(3))
    check(game, ids, {"label": ["150", "200", "325", "400", "575"]})


def test_a_version_may_mean_something_else_by_the_same_fields(begin: Begin) -> None:
    double = part(
        "hp: f32 = 0.0",
        mark="@component(version=2)",
        more='@migrate(Part, to=2)\ndef double(old):\n    return {"hp": old["hp"] * 2}\n',
    )
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    start = game.world.snapshot()
    game.take(parts=double)
    check(game, ids, {"hp": [value * 2 for value in HP]})
    game.take(parts=double.replace("* 2", "* 3"))
    check(game, ids, {"hp": [value * 2 for value in HP]})
    game.take(parts=double.replace("2)", "3)").replace("* 2", "* 3"))
    check(game, ids, {"hp": [value * 6 for value in HP]})
    assert start.schemas["app.parts.Part"].version == 1


def test_without_rows_no_migration_is_called(begin: Begin) -> None:
    game = begin(V1)
    game.world.spawn(game.cls("watch.Tag")(), count=3)
    game.take(parts=SPLIT.replace("return {", "raise ValueError(1)\n    return {"))
    game.spawn("parts.Part", 2, name=["a", "b"])
    game.step()


FAULTS = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero", 4),
    "exits": ("raise SystemExit(3)", "SystemExit: 3", 4),
    "asks for what is not there": ('old["hq"]', "KeyError: 'hq'", 4),
    "returns nothing": ("return None", "it returned NoneType, expected a dict of columns", 0),
    "returns too few rows": ('return {"n": np.zeros(1)}', "column n has shape (1,), expected (", 0),
    "returns too many rows": ('return {"n": list(old["hp"]) + [1]}', "column n has shape", 0),
    "returns the wrong subarray": ('return {"w": np.zeros((3, len(old["hp"])))}', "column w has shape (3, ", 0),
    "returns too few texts": ('return {"s": ["a"]}', "column s has 1 rows, expected", 0),
    "returns numbers as text": ('return {"s": 3}', "", 0),
    "returns text as numbers": ('return {"n": "many"}', "column n is <U4 and holds values that int32 cannot hold", 0),
    "returns fractions": ('return {"n": old["hp"] + 0.25}', "holds values that int32 cannot hold; round them", 0),
    "returns NaN for int": ('return {"n": np.nan}', "holds values that int32 cannot hold", 0),
    "overflows": ('return {"n": old["hp"] * 1e12}', "holds values that int32 cannot hold", 0),
    "returns an unknown field": ('return {"m": 1}', "Part does not declare: m", 0),
    "returns an unknown member": ('return {"mood": "WILD"}', "rows hold WILD in field mood", None),
    "returns objects": ('return {"n": [object()] * len(old["hp"])}', "column n is object", 0),
    "returns a ragged list": ('return {"w": [[1], [1, 2]]}', "inhomogeneous", 0),
    "leaves out what does not fit": ("return {}", "field hp was f32 and now is i32, which loses values", None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_migration_that_fails_leaves_everything_as_it_was(begin: Begin, fault: str) -> None:
    game = begin(V1)
    body, message, offset = FAULTS[fault]
    hp = "hp: i32 = 0" if "fit" in fault else "hp: f32 = 0.0"
    bad = MOOD + part(
        hp,
        "n: i32 = 0",
        "s: text",
        "w: f32 = array(f32, 2, default=0)",
        "mood: Mood",
        mark="@component(version=2)",
        more=f"@migrate(Part, to=2)\ndef bad(old):\n    more = 1\n    more += 1\n    {body}\n",
    )
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    error = game.refuse(parts=bad, watch=WATCH.replace("other.a + 1", "other.a + 2"))
    assert message in error
    verdict = game.app.reloader.verdicts[-1]
    assert verdict.file is not None
    assert verdict.file.endswith("parts.py")
    lines = (game.folder / "parts.py").read_text().splitlines()
    wanted = {0: "@migrate(Part, to=2)", 4: body, None: "class Part:"}[offset]
    assert lines[verdict.line - 1].strip() == wanted  # type: ignore[operator]
    game.step(2)
    check(game, ids, {"hp": HP})
    assert game.world.schemas()["app.parts.Part"].version == 1
    good = bad.replace(f"    {body}\n", '    return {"n": old["hp"].astype("i4"), "hp": np.floor(old["hp"])}\n')
    game.take(parts=good)
    check(game, ids, {"n": [int(value) for value in HP], "hp": [int(value) for value in HP]})
    game.step()


MOOD = "class Mood(Enum):\n    CALM = 1\n    ANGRY = 2\n\n\n"


def test_a_migration_does_not_see_the_live_rows(begin: Begin) -> None:
    greedy = part(
        "hp: f32 = 0.0",
        mark="@component(version=2)",
        more='@migrate(Part, to=2)\ndef spoil(old):\n    old["hp"][:] = 0\n    raise ValueError\n',
    )
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    game.refuse(parts=greedy)
    check(game, ids, {"hp": HP})


def test_of_two_components_that_migrate_one_fails(begin: Begin) -> None:
    two = V1 + "\n\n@component\nclass Also:\n    n: i32 = 0\n"
    good = V1.replace("hp: f32 = 0.0", 'life: f64 = field(default=0.0, renamed_from="hp")')
    good += "\n\n@component(version=2)\nclass Also:\n    text: text\n\n\n@migrate(Also, to=2)\ndef also(old):\n"
    good += '    return {"text": [str(n) for n in old["n"]]}\n'
    for bad in (
        good.replace("str(n)", "n.no"),
        good.replace("also(old):\n", "also(old):\n    return {'text': ['']}\n"),
    ):
        game = begin(two)
        ids = game.spawn("parts.Part", 5, hp=np.array(HP))
        others = game.spawn("parts.Also", 6, n=np.array([1, 2, 3, 4, 5, 6]))
        game.step(2)
        assert "app.parts.Also not migrated by also" in game.refuse(parts=bad)
        game.step(2)
        check(game, ids, {"hp": HP})
        assert game.column("parts.Also", "n", others) == [1, 2, 3, 4, 5, 6]
        game.take(parts=good)
        check(game, ids, {"life": HP})
        assert game.column("parts.Also", "text", others) == list("123456")


def test_a_migration_that_is_slow_is_waited_for_and_named(begin: Begin) -> None:
    slow = SPLIT.replace(
        "    return {",
        "    from time import perf_counter\n    end = perf_counter() + 0.15\n"
        "    while perf_counter() < end:\n        pass\n    return {",
    )
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    verdict = game.take(parts=slow)
    assert any("migrating 5 rows of app.parts.Part took" in note for note in verdict.notes)
    check(game, ids, {"hp": [1, 2, 3, 4, 5]})
    game.step(3)
    assert verdict.good


@pytest.mark.parametrize("after", [SPLIT, version(3)], ids=["split", "skipped"])
def test_a_rollback_undoes_a_migration(begin: Begin, after: str) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    start = game.world.snapshot()
    game.step(8)
    unedited = game.world.hash()
    game.world.restore(start)
    game.take(parts=after, watch=WATCH + RAISES)
    game.step(8)
    assert game.app.reloader.verdicts[-1].outcome == "rolled back"
    assert game.world.hash() == unedited
    check(game, ids, {"hp": HP})
    game.take(parts=after, watch=WATCH)
    game.step(40)
    assert game.app.reloader.verdicts[-1].outcome == "permanent"


@pytest.mark.parametrize("rows", [0, 100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_any_number_of_rows_is_migrated(begin: Begin, rows: int) -> None:
    values = np.random.default_rng(rows).integers(0, 1000, rows)
    after = part(
        "n: i64 = 0",
        "half: f32 = 0.0",
        "s: text",
        mark="@component(version=2)",
        more='@migrate(Part, to=2)\ndef more(old):\n    return {"half": old["n"] / 2}\n',
    )
    game = begin(part("n: i32 = 0", 's: text = "x"'))
    part_class, tag = game.cls("parts.Part"), game.cls("watch.Tag")
    ids = np.concatenate(
        [
            game.world.spawn(part_class(n=values[:10]), tag(), count=min(rows, 10)),
            game.world.spawn(part_class(n=values[10:]), count=max(rows - 10, 0)),
        ]
    )
    game.take(parts=after)
    mask, now = game.world.query(game.cls("parts.Part")).at(ids)
    assert mask.all()
    assert now.n.size == rows
    np.testing.assert_array_equal(now.n, values)
    np.testing.assert_array_equal(now.half, values / 2)
    assert bool((now.s == "x").all())


DOUBLED = part("hp: f32 = 0.0", more="@migrate(Part, to=2)\ndef double(old):\n    return {'hp': old['hp'] * 2}\n")


@pytest.mark.parametrize("fault", ["refused", "rolled back"])
def test_a_migration_that_keeps_the_type_runs_once_whatever_fails_after_it(begin: Begin, fault: str) -> None:
    game = begin(V1)
    ids = game.spawn("parts.Part", 5, hp=np.array(HP))
    game.take(parts=DOUBLED)
    game.step(40)
    marked = DOUBLED.replace("@component\n", '@component(dropped=("old",))\n')
    if fault == "refused":
        game.refuse(parts=marked + "\n\n@system(Update)\ndef unbound(what: int) -> None:\n    pass\n")
    else:
        game.take(parts=marked + RAISES.replace("@system", "from .watch import Seen\n\n\n@system", 1))
        game.world.resource(game.cls("watch.Seen")).tick = 1
        game.step(5)
        assert game.app.reloader.verdicts[-1].outcome == "rolled back"
    game.take(parts=DOUBLED + "\nK = 1")
    game.step()
    assert game.column("parts.Part", "hp", ids) == [2 * value for value in HP]
