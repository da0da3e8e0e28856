"""Measure the example games: what a tick and a picture cost, each game under the load that it names itself.

A game that wants to be measured under more than its beginning answers a message called after it, `survivors.trial`
for `survivors`, all of whose arguments have defaults: it is called once after the first tick, fills the game, and may
return a line that says with what. A game without one plays its `input.json`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from engine.app import App
from engine.bench.progress import Progress
from engine.bench.tables import markdown, number
from engine.bench.work import best_clock
from engine.inputs import read_inputs

TICKS, PICTURES, EARLIER = 300, 60, 120
FRAME = 1000 / 60
"""Milliseconds that a tick and a picture have together at 60 a second."""


@dataclass
class GameFigure:
    """What one game costs, in milliseconds of this processor: median and 99th percentile."""

    game: str
    load: str
    entities: int
    tick_p50: float
    tick_p99: float
    picture_p50: float
    picture_p99: float


def measure_games(games: dict[str, Path], *, quick: bool = False) -> list[GameFigure]:
    """Measure games, each in an app of its own without a window; pictures are drawn off screen."""
    progress = Progress(len(games))
    figures = []
    for name, folder in games.items():
        progress.step(name)
        figures.append(measure_game(name, folder, 10 if quick else 1))
    progress.end()
    return figures


def measure_game(name: str, folder: Path, shorter: int = 1) -> GameFigure:
    """Measure one game, with so many times fewer ticks and pictures."""
    script = folder / "input.json"
    inputs = read_inputs(script) if script.is_file() else {}
    with redirect_stderr(StringIO()), App(folder, headless=True, reload=False, inputs=inputs) as app:
        app.step()
        load = _trial(app, f"{name}.trial")
        app.step(EARLIER // shorter)
        ticks = _timed(app.step, TICKS // shorter)
        pictures = _timed(lambda: app.simulation.draw(0.5), PICTURES // shorter)
        return GameFigure(name, load, len(app.world), *_percentiles(ticks), *_percentiles(pictures))


def _trial(app: App, message: str) -> str:
    if message not in app.bus:
        return "as it begins, played by its script"
    said = app.bus.call(message)
    return str(said) if said else f"`{message}`"


def _timed(call: Any, times: int) -> list[float]:
    """Return the milliseconds that each of some calls took."""
    clock, found = best_clock(), []
    for _ in range(times):
        begin = clock()
        call()
        found.append((clock() - begin) * 1000)
    return found


def _percentiles(times: Iterable[float]) -> tuple[float, float]:
    p50, p99 = np.percentile(list(times), [50, 99])
    return float(p50), float(p99)


def games_table(figures: list[GameFigure]) -> str:
    """Return a row for each game; the last column is the part of a 60th of a second that tick and picture take."""
    rows = [
        [
            one.game,
            one.load,
            f"{one.entities:,}",
            *map(number, (one.tick_p50, one.tick_p99, one.picture_p50, one.picture_p99)),
            f"{100 * (one.tick_p50 + one.picture_p50) / FRAME:.0f} %",
        ]
        for one in figures
    ]
    head = ["game", "load", "entities", "tick ms", "99th", "picture ms", "99th", "of 1/60 s"]
    return markdown(head, rows)
