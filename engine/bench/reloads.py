"""Measure what a reload costs, in a generated game of many modules and rows, beside the budgets of the design."""

from __future__ import annotations

import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.app import App
from engine.clock import Pace, first_among_threads
from engine.memory import playing
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

MODULES = 100
ROWS = 100_000
PATIENCE = 10.0

APP_MANIFEST = 'version = "0.1.0"\nrequires = [{requires}]\n'
APP = '''"""A game that only measures."""

import numpy as np

from engine import Commands, Mut, Query, Startup, Update, component, f32, system, Time
from modules.plugins.part_000 import VALUE


@component
class Body:
    x: f32
    y: f32
    vx: f32
    vy: f32
    a: f32
    b: f32
    c: f32
    d: f32
    e: f32
    f: f32


@system(Startup)
def populate(commands: Commands) -> None:
    rows = {rows}
    zero = np.zeros(rows, np.float32)
    commands.spawn(Body(*[zero] * 10), count=rows)


@system(Update)
def move(bodies: Query[Mut[Body]], time: Time) -> None:
    for body in bodies:
        body.x += body.vx * time.dt
        body.y += body.vy * time.dt
'''
PART = '''"""One of many modules."""

from engine import Mut, Query, Update, component, f32, system

VALUE = {value}


@component
class Part:
    weight: f32 = 1.0


def scaled(amount: float) -> float:
    """Return an amount in this module's measure."""
    return amount * VALUE


@system(Update)
def work(parts: Query[Mut[Part]]) -> None:
    for part in parts:
        part.weight += scaled(1.0)
'''


@dataclass
class Figure:
    """One measured figure: its name, value and unit, and the budget it is held against, if there is one."""

    name: str
    value: float
    unit: str
    budget: float | None = None

    @property
    def is_met(self) -> bool:
        """Tell whether the value lies within the budget."""
        return self.budget is None or self.value <= self.budget


def make_game(
    folder: Path, modules: int = MODULES, rows: int = ROWS, more: Mapping[str, str] = MappingProxyType({})
) -> Path:
    """Write a game of so many modules whose Startup spawns so many rows of ten float columns.

    `more` are further modules, as code by name.
    """
    parts = {f"part_{number:03}": PART.format(value=1.0) for number in range(modules)} | dict(more)
    game = folder / "measured"
    game.mkdir(parents=True)
    requires = ", ".join(f'"plugins.{name}~=1.0"' for name in parts)
    (game / "module.toml").write_text(APP_MANIFEST.format(requires=requires))
    (game / "__init__.py").write_text(APP.replace("{rows}", str(rows)))
    for name, code in parts.items():
        part = game / "modules" / "plugins" / name
        part.mkdir(parents=True)
        (part / "module.toml").write_text('version = "1.0.0"\n')
        (part / "__init__.py").write_text(code)
    return game


@contextmanager
def opened(
    modules: int, rows: int, *, watch: bool, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[App, Path]]:
    """Open a generated game and let it start."""
    with tempfile.TemporaryDirectory(prefix="hotloop-bench-") as folder:
        game = make_game(Path(folder), modules, rows, more)
        with App(game, headless=True, reload=watch) as app:
            app.step(60)
            yield app, game


def measure(
    saves: int = 60, modules: int = MODULES, rows: int = ROWS, tell: Callable[[str], None] = print
) -> list[Figure]:
    """Measure everything; `tell` is called with a line before each part."""
    figures: list[Figure] = []
    with opened(modules, rows, watch=True) as (app, game):
        tell(f"{saves} saves of a module, in real time")
        figures += save_to_effect(app, game, saves)
    with opened(modules, rows, watch=False) as (app, game):
        tell("the checkpoint before every tick")
        figures += containment(app)
        tell("a component of a million rows that gains a field")
        figures += migration(app, game)
    return figures


def save_to_effect(app: App, game: Path, saves: int) -> list[Figure]:
    """Save a constant again and again while the game runs at its rate; time from the closed file to the new value."""
    part = game / "modules" / "plugins" / "part_000" / "__init__.py"
    saved: dict[float, float] = {}
    running = threading.Event()
    running.set()
    arrived: dict[float, float] = {}

    def save() -> None:
        rng = np.random.default_rng(0)
        for number in range(saves):
            value = float(number + 2)
            sleep(0.05 + rng.random() * 0.1)
            part.write_text(PART.format(value=value))
            saved[value] = perf_counter()
            end = perf_counter() + PATIENCE
            while value not in arrived and perf_counter() < end:
                sleep(0.002)
        running.clear()

    module = app.code.module("modules.apps.measured")
    assert module is not None
    writer = threading.Thread(target=save)
    writer.start()

    def look(verdict: Verdict) -> None:
        arrived.setdefault(vars(module)["VALUE"], perf_counter())

    app.on_verdict.append(look)
    ticks, commits = _play(app, running)
    writer.join()
    waits = [(arrived[value] - saved[value]) * 1000 for value in saved if value in arrived]
    staged = [verdict.stage_ms for verdict in app.reloader.verdicts]
    committed = [verdict.commit_ms for verdict in app.reloader.verdicts]
    usual = statistics.median(ticks)
    return [
        Figure("saved to running, median", statistics.median(waits), "ms", 45.0),
        Figure("saved to running, 99th percentile", float(np.percentile(waits, 99)), "ms", 200.0),
        Figure("saves without effect", float(saves - len(waits)), "", 0.0),
        Figure("staging, median", statistics.median(staged), "ms"),
        Figure("longest tick added by a reload", max(commits) - usual, "ms", 4.0),
        Figure("median tick added by a reload", statistics.median(commits) - usual, "ms"),
        Figure("longest tick added by something else", max(ticks) - usual, "ms"),
        Figure("commit, median", statistics.median(committed), "ms"),
        Figure("commit, longest", max(committed), "ms"),
    ]


def _play(app: App, running: threading.Event) -> tuple[list[float], list[float]]:
    """Run in real time as a game's loop does; return how many milliseconds after it was due each tick had run.

    First come the ticks with no commit since the one before, then those with one, wherever in the frame it was.
    """
    pace = Pace()
    ticks: list[float] = []
    commits: list[float] = []
    known = len(app.reloader.verdicts)
    with playing(), first_among_threads():
        while running.is_set():
            due = pace.due()
            for behind in reversed(range(due)):
                app.step()
                since_due = perf_counter() - pace.last + pace.owed + behind * pace.seconds
                (commits if len(app.reloader.verdicts) > known else ticks).append(since_due * 1000)
                known = len(app.reloader.verdicts)
            app.rest(pace)
    return ticks, commits


def containment(app: App, rounds: int = 200) -> list[Figure]:
    """Time the copy of the world that is made before every tick, beside a bare copy of its columns."""
    shot = app.world.snapshot()
    columns = [copy.copy() for image in shot.tables.values() for copy in image.copies]
    kept = [column.copy() for column in columns]
    times, copies, news = [], [], []
    for _ in range(rounds):
        app.step()
        begin = perf_counter()
        shot = app.world.snapshot(into=shot)
        times.append((perf_counter() - begin) * 1000)
        app.world.despawn(app.world.spawn())
        begin = perf_counter()
        shot = app.world.snapshot(into=shot)
        news.append((perf_counter() - begin) * 1000)
        for column, to in zip(columns, kept, strict=True):
            begin = perf_counter()
            np.copyto(to, column)
            copies.append((perf_counter() - begin) * 1000)
    return [
        Figure("checkpoint of a tick, median", statistics.median(times), "ms", 0.3),
        Figure("bare copy of its columns, median", statistics.median(copies) * len(columns), "ms"),
        Figure("checkpoint where entities came or went, median", statistics.median(news), "ms"),
        Figure("size of the checkpoint", shot.nbytes / 1e6, "MB"),
    ]


def migration(app: App, game: Path, rows: int = 1_000_000) -> list[Figure]:
    """Time a transaction that gives a field to a component of a million rows."""
    part = game / "modules" / "plugins" / "part_001" / "__init__.py"
    module = app.code.module("modules.plugins.part_001")
    assert module is not None
    app.world.spawn(vars(module)["Part"](), count=rows)
    app.step(2)
    part.write_text(part.read_text().replace("    weight: f32 = 1.0\n", "    weight: f32 = 1.0\n    heat: f32 = 2.0\n"))
    verdict = app.submit([stage_now(app.code, part)])
    assert verdict is not None
    assert verdict.good, verdict.error
    return [Figure("transaction with a migration of a million rows", verdict.commit_ms, "ms")]


def to_json(figures: list[Figure]) -> list[dict[str, Any]]:
    """Return figures as JSON-able data."""
    return [dict(asdict(figure), is_met=figure.is_met) for figure in figures]
