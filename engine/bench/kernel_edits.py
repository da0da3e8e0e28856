"""Measure what the compiling of a kernel adds to the ticks that run meanwhile, beside edits that compile nothing."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from engine import Mut
from engine.app import App
from engine.bench.reloads import PATIENCE, Figure, opened
from engine.clock import Pace

ROWS = 100_000
ROUNDS = 40
TICKS = 12
"""How many ticks after an edit are looked at: about four times as long as a kernel takes to compile."""

STONES = '''"""A module with a kernel, or with the same as a loop over columns."""

from engine import Commands, Mut, Query, Startup, Time, Update, component, f32, kernel, system


@component
class Stone:
    height: f32 = 0.0
    speed: f32 = 0.0


{kernel}

@system(Startup)
def begin(commands: Commands) -> None:
    commands.spawn(Stone(height=100), count=10_000)


@system(Update)
def move(stones: Query[Mut[Stone]], time: Time) -> None:
    {call}


def beside() -> float:
    return {beside}
'''
KERNEL = """@kernel
def fall(stone: Mut[Stone], dt: float) -> None:
    stone.speed = stone.speed * 0.5 - {value} * dt
    stone.height = max(stone.height + stone.speed * dt, {value})
"""
LOOP = """for stone in stones:
        stone.height += stone.speed * time.dt"""


def stones(value: float | None, beside: float) -> str:
    """Return the module's code: with a kernel of a constant, or without one; `beside` is a constant of no kernel."""
    kernel = "" if value is None else KERNEL.format(value=value)
    return STONES.format(kernel=kernel, call=LOOP if value is None else "fall(stones, time.dt)", beside=beside)


def measure_kernels(rounds: int = ROUNDS, tell: Callable[[str], None] = print) -> list[Figure]:
    """Edit a kernel again and again while the game runs at its rate, in turns with edits beside it.

    An edit of both sorts is committed alike; only one makes a thread compile. A fault of the machine falls on both.
    """
    with opened(1, ROWS, watch=True, more={"stones": stones(None, 0.0)}) as (app, game):
        part = game / "modules" / "plugins" / "stones" / "__init__.py"
        tell("the first kernel of a process, in real time")
        _longest(app, part, stones(None, 3.0))
        first = _longest(app, part, stones(1.0, 3.0), 3 * TICKS)
        tell(f"{rounds} edits of a kernel and as many beside it, in real time")
        quiet, compiling = [], []
        for number in range(rounds):
            compiling.append(_longest(app, part, stones(number + 2.0, number + 3.0)))
            quiet.append(_longest(app, part, stones(number + 2.0, number + 4.0)))
        how = _how(app)
    middle = statistics.median
    return [
        Figure("longest tick of all after an edit beside a kernel", max(quiet), "ms"),
        Figure(f"longest tick of all after an edit of a kernel ({how})", max(compiling), "ms"),
        Figure("longest tick of all, added by compiling", max(compiling) - max(quiet), "ms", 4.0),
        Figure("longest tick after an edit beside a kernel, median", middle(quiet), "ms"),
        Figure("longest tick after an edit of a kernel, median", middle(compiling), "ms"),
        Figure("longest tick, median, added by compiling", middle(compiling) - middle(quiet), "ms", 4.0),
        Figure("longest tick after the first kernel of a process", first, "ms"),
    ]


def _how(app: App) -> str:
    """Tell how the kernel runs at the end."""
    module: Any = app.code.module("modules.plugins.stones")
    mut: Any = Mut
    how: str = module.fall.how(app.world.query(mut[module.Stone]))
    return how


def _longest(app: App, part: Path, code: str, ticks: int = TICKS) -> float:
    """Save a file and return the milliseconds of the longest tick after the one that took the edit over."""
    known = len(app.reloader.verdicts)
    part.write_text(code)
    until = perf_counter() + PATIENCE
    while len(app.reloader.verdicts) == known and perf_counter() < until:
        _ticks(app, 1)
    return max(_ticks(app, ticks))


def _ticks(app: App, count: int) -> list[float]:
    """Run ticks at the app's rate and return how many milliseconds each took."""
    pace = Pace()
    times: list[float] = []
    while len(times) < count:
        for _ in range(pace.due()):
            begin = perf_counter()
            app.step()
            times.append((perf_counter() - begin) * 1000)
        app.rest(pace)
    return times
