"""A small game in a folder, whose files a test saves while it runs, and whose rows it reads one by one."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.app import App
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

HEAD = """
from enum import Enum, IntEnum

import numpy as np

from engine import (
    Added, Commands, Entity, Events, Mut, PostUpdate, PreUpdate, Query, Removed, Send, Startup, Update, With, array,
    boolean, component, entity, event, f32, f64, field, handle, i32, i64, migrate, resource, system, text, u8, u32,
    vec2, vector,
)
"""

WATCH = """
from .parts import *


@component
class Tag:
    mark: i32 = 0


@component
class Other:
    a: f32 = 1.0
    b: i32 = 2
    name: text = "other"


@resource
class Seen:
    tick: int = 0


@system(Update)
def count(seen: Mut[Seen], others: Query[Mut[Other]]) -> None:
    seen.tick += 1
    for other in others:
        other.a = other.a + 1
"""

RAISES = """


@system(Update)
def fails(seen: Mut[Seen]) -> None:
    if seen.tick == 3:
        raise ValueError("third tick")
"""

Rows = dict[int, dict[str, Any]]
Begin = Callable[..., "Game"]


def plain(value: Any) -> Any:
    """Return one value as plain Python data."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


class Game:
    """A running game made of `parts.py`, which tests edit, and `watch.py`, which works beside it."""

    def __init__(self, folder: Path, parts: str, **files: str) -> None:
        self.folder, self.saves = folder / "game", 0
        self.folder.mkdir(parents=True)
        (self.folder / "module.toml").write_text('version = "0.1.0"\nsummary = "A test."\n')
        (self.folder / "__init__.py").write_text('"""A test."""\n')
        self.write(parts=parts, **{"watch": WATCH, **files})
        self.app = App(self.folder, headless=True, reload=False)
        self.world = self.app.world

    def write(self, **files: str | None) -> list[Path]:
        """Write files without telling the game; None deletes one. `HEAD` comes before each text.

        Each save ends in a number of its own: what was refused once is not tried again as long as it is the same.
        """
        self.saves += 1
        paths = []
        for name, text in files.items():
            path = self.folder / f"{name}.py"
            if text is None:
                path.unlink()
            else:
                path.write_text(HEAD.lstrip() + "\n\n" + textwrap.dedent(text).strip("\n") + f"\n# {self.saves}\n")
            paths.append(path)
        return paths

    def save(self, **files: str | None) -> Verdict:
        """Save files together and have them tried at once."""
        verdict = self.app.submit([stage_now(self.app.code, path) for path in self.write(**files)])
        assert verdict is not None, "nothing was tried"
        return verdict

    def take(self, **files: str | None) -> Verdict:
        """Save files that have to be taken."""
        verdict = self.save(**files)
        assert verdict.outcome == "current", verdict.error
        return verdict

    def refuse(self, **files: str | None) -> str:
        """Save files that have to be refused, the world staying as it is; return the message."""
        before = self.world.hash(), self.world.schemas().keys()
        verdict = self.save(**files)
        assert verdict.outcome == "refused", verdict.outcome
        assert self.world.hash() == before[0]
        assert verdict.error is not None
        assert "world and code are as before" in verdict.error
        return verdict.error

    def begin(self, parts: str, **files: str) -> bool:
        """Let every row go and run these files alone, as if the game had begun with them; tell whether they do."""
        self.world.despawn(self.world.entities())
        wanted: dict[str, str | None] = {"watch": WATCH, **files, "parts": parts}
        for path in self.folder.glob("*.py"):
            if path.stem != "__init__":
                wanted.setdefault(path.stem, None)
        verdict = self.app.submit([stage_now(self.app.code, path) for path in self.write(**wanted)])
        self.world.resource(self.cls("watch.Seen")).tick = 0
        return verdict is None or verdict.good

    def cls(self, name: str) -> Any:
        """Return the live class of a component, event or resource."""
        known: dict[str, Any] = {**self.world.components, **self.world.streams, **self.world.resources}
        return known[f"app.{name}"].cls

    def spawn(self, name: str, rows: int, /, **columns: Any) -> list[int]:
        """Make rows in three tables: with the component alone, with `Tag`, and with `Other` besides.

        Some rows between them die, so that ids and row numbers are far apart.
        """
        cls, tag, other = self.cls(name), self.cls("watch.Tag"), self.cls("watch.Other")
        ids: list[int] = []
        for start, more in enumerate(((), (tag,), (tag, other))):
            part = slice(start, None, 3)
            count = len(range(rows)[part])
            if count:
                doomed = self.world.spawn(tag(), count=2)
                values = {
                    name: value[..., part] if np.ndim(value) > 1 else value[part] for name, value in columns.items()
                }
                ids += self.world.spawn(cls(**values), *(one() for one in more), count=count).tolist()
                self.world.despawn(doomed)
        order = [row for start in range(3) for row in range(start, rows, 3)]
        return [one for _, one in sorted(zip(order, ids, strict=True))]

    def rows(self, name: str) -> Rows:
        """Return every row of a component by entity, field by field."""
        full = f"app.{name}"
        tables = [table for table in self.world.storage.listed if full in table.infos and table.rows]
        ids = [one for table in tables for one in table.ids[: table.rows].tolist()]
        columns = self.world.columns(full)
        rows: Rows = {}
        for row, one in enumerate(ids):
            rows[one] = {
                field: plain(column[..., row]) if isinstance(column, np.ndarray) else column[row]
                for field, column in columns.items()
            }
        assert len(rows) == len(ids), "an entity is in two rows"
        assert self.world.alive(np.array(ids, np.uint64)).all()
        return rows

    def column(self, name: str, field: str, ids: list[int]) -> list[Any]:
        """Return one field's values for some entities, in their order; there must be no other rows."""
        rows = self.rows(name)
        assert sorted(rows) == sorted(ids), "rows were lost or added"
        return [rows[one][field] for one in ids]

    def step(self, ticks: int = 1) -> None:
        """Run ticks; none may pause a system."""
        self.app.step(ticks)
        faults = [system.fault for system in self.app.schedule.everything() if system.fault is not None]
        assert not faults
