"""Random changes of a component, checked value by value against a plain model, forwards and after a rollback."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .fields import part
from .game import RAISES, WATCH, Begin, Game

KINDS = {"u8": (0, 255), "i32": (-(2**31), 2**31 - 1), "u32": (0, 2**32 - 1), "i64": (-(2**63), 2**63 - 1), "f32": None,
         "f64": None, "boolean": None, "text": None, "pair": None}  # fmt: skip
RANGES = {name: limits for name, limits in KINDS.items() if limits is not None}
NAMES = "abcdefgh"


@dataclass(frozen=True)
class Column:
    """A field of the model: its type, its default, and where it came from."""

    name: str
    kind: str
    default: Any
    renamed_from: str | None = None

    @property
    def source(self) -> str:
        """The line that declares it."""
        more = f', renamed_from="{self.renamed_from}"' if self.renamed_from else ""
        if self.kind == "pair":
            return f"{self.name}: f32 = array(f32, 2, default={self.default!r}{more})"
        return f"{self.name}: {self.kind} = field(default={self.default!r}{more})"


Model = dict[int, dict[str, Any]]


def value_of(kind: str, chance: random.Random) -> Any:
    """Return a value that a column of a kind holds exactly; small ones are as likely as those at the edge."""
    if kind in RANGES:
        low, high = RANGES[kind]
        return chance.choice([low, high, 0, 1, chance.randint(max(low, -3), 3), chance.randint(low, high)])
    if kind == "f32":
        return chance.choice([0.0, 1.0, -2.0, 0.5, float("inf"), 2.0**70, float(chance.randint(-300, 300))])
    if kind == "f64":
        return chance.choice([0.0, 1.0, 0.1, -2.5, 1e300, float(chance.randint(-300, 300))])
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "text":
        return chance.choice(["", "x", "ann", "é\n", "0"])
    return [float(chance.randint(-4, 4)), 0.25]


def held(value: Any, kind: str) -> bool:
    """Tell whether a number is exactly one of a kind, by Python's own arithmetic."""
    if kind in RANGES:
        low, high = RANGES[kind]
        return bool(np.isfinite(value)) and value == int(value) and low <= int(value) <= high
    if kind == "boolean":
        return value in (0, 1)
    if isinstance(value, int):
        return abs(value) < 2**1000 and int(_rounded(value, kind)) == value
    with np.errstate(over="ignore"):
        return kind == "f64" or float(np.float32(value)) == value


def _rounded(value: int, kind: str) -> float:
    return float(np.float32(value)) if kind == "f32" else float(value)


def as_kind(value: Any, kind: str) -> Any:
    """Return a value that is held as the kind's own type."""
    return float(value) if kind in ("f32", "f64") else bool(value) if kind == "boolean" else int(value)


def change(columns: list[Column], chance: random.Random) -> tuple[list[Column], list[str]]:
    """Return other columns after up to three changes, and the names that are declared dropped."""
    columns, dropped = [replace(one, renamed_from=None) for one in columns], list[str]()
    touched: set[str] = {one.name for one in columns}
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(columns)) if columns else 0
        what = chance.choice(["add", "add", "remove", "drop", "rename", "retype", "default", "shuffle"])
        free = [name for name in NAMES if name not in touched]
        if what == "add" and free:
            kind = chance.choice(list(KINDS))
            columns.insert(at, Column(chance.choice(free), kind, value_of(kind, chance) if kind != "f32" else 1.5))
            touched |= {one.name for one in columns}
        elif not columns:
            continue
        elif what in ("remove", "drop"):
            gone = columns.pop(at)
            dropped += [gone.renamed_from or gone.name] if what == "drop" else []
        elif what == "rename" and free and columns[at].renamed_from is None:
            new = chance.choice(free)
            columns[at] = replace(columns[at], name=new, renamed_from=columns[at].name)
            touched.add(new)
        elif what == "retype":
            kind = chance.choice(list(KINDS))
            columns[at] = replace(columns[at], kind=kind, default=value_of(kind, chance) if kind != "f32" else 1.5)
        elif what == "default":
            columns[at] = replace(columns[at], default=columns[at].default)
        else:
            chance.shuffle(columns)
    return columns, dropped


def expected(model: Model, old: list[Column], new: list[Column], dropped: list[str], fresh: set[str]) -> Model | None:
    """Return what the rows have to become, or None where the edit has to be refused."""
    was = {one.name: one for one in old}
    sources = {one.name: one.name if one.name in was else one.renamed_from for one in new}
    for one in new:
        if sources[one.name] not in was:
            back = [other.name for other in old if other.renamed_from == one.name and other.name not in sources]
            sources[one.name] = back[0] if back else None
    lost = set(was) - set(sources.values()) - set(dropped)
    if model and lost - fresh:
        return None
    result: Model = {}
    for entity, row in model.items():
        result[entity] = {}
        for one in new:
            source = sources[one.name]
            if source is None:
                result[entity][one.name] = one.default
                continue
            kind, value = was[source].kind, row[source]
            if kind == one.kind:
                result[entity][one.name] = value
            elif {kind, one.kind} & {"text", "pair"} or not held(value, one.kind):
                return None
            else:
                result[entity][one.name] = as_kind(value, one.kind)
    return result


def source_of(columns: list[Column], dropped: list[str]) -> str:
    """Return the source of the component."""
    return part(*(one.source for one in columns), mark=f"@component(dropped=({''.join(f'{n!r}, ' for n in dropped)}))")


def fill(game: Game, columns: list[Column], rows: int, chance: random.Random) -> Model:
    """Spawn rows with random values and return them as the model holds them."""
    drawn = [{one.name: value_of(one.kind, chance) for one in columns} for _ in range(rows)]
    values: dict[str, Any] = {}
    for one in columns:
        column = [row[one.name] for row in drawn]
        dtype = {"boolean": "bool", "f32": "f4", "f64": "f8", "pair": "f4"}.get(one.kind, one.kind)
        dtype = {"u8": "u1", "i32": "i4", "u32": "u4", "i64": "i8"}.get(one.kind, dtype)
        values[one.name] = column if one.kind == "text" else np.array(column, dtype).T
    return dict(zip(game.spawn("parts.Part", rows, **values), drawn, strict=True))


def follow(begin: Begin, seed: int, rows: int, edits: int) -> None:
    """Make random edits of one game and compare each with the model."""
    chance = random.Random(seed)
    columns = [Column(name, kind, 1.5 if kind == "f32" else value_of(kind, chance))
               for name, kind in zip("abc", chance.sample(list(KINDS), 3), strict=True)]  # fmt: skip
    game = begin(source_of(columns, []))
    model = fill(game, columns, rows, chance)
    fresh: set[str] = set()
    for _ in range(edits):
        after, dropped = change(columns, chance)
        wanted = expected(model, columns, after, dropped, fresh)
        if wanted is None:
            game.refuse(parts=source_of(after, dropped))
            assert game.rows("parts.Part") == model
            continue
        if chance.random() < 0.4:
            seen = game.world.resource(game.cls("watch.Seen"))
            seen.tick = 0
            start = game.world.snapshot()
            game.step(5)
            unedited = game.world.hash()
            game.world.restore(start)
            game.take(parts=source_of(after, dropped), watch=WATCH + RAISES)
            assert game.rows("parts.Part") == wanted
            game.step(5)
            assert game.app.reloader.verdicts[-1].outcome == "rolled back"
            assert game.world.hash() == unedited
            assert game.rows("parts.Part") == model
        game.take(parts=source_of(after, dropped), watch=WATCH)
        assert game.rows("parts.Part") == wanted
        fresh = names_filled(fresh, columns, after, bool(rows))
        columns, model = after, wanted
        game.step()


def names_filled(fresh: set[str], old: list[Column], new: list[Column], alive: bool) -> set[str]:
    """Return which fields hold nothing but what an edit has filled in."""
    was = {one.name for one in old}
    sources = {one.name: one.name if one.name in was else one.renamed_from for one in new}
    for one in new:
        if sources[one.name] not in was:
            back = [other.name for other in old if other.renamed_from == one.name and other.name not in sources]
            sources[one.name] = back[0] if back else None
    return {name for name, source in sources.items() if (source in fresh if source else alive)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(seed=st.integers(0, 2**32), rows=st.sampled_from([0, 1, 2, 7]))
def test_random_edits_follow_the_model(begin: Begin, seed: int, rows: int) -> None:
    follow(begin, seed, rows, 4)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_many_random_edits_follow_the_model(begin: Begin, seed: int) -> None:
    follow(begin, seed, 1 + seed % 9, 60)
