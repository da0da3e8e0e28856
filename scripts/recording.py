"""What the scripts share that record a game's input: the loop that plays, the events of held keys, and the file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from engine import App, World

Held = set[tuple[str, str]]
"""What is held down: kinds and names, `("key", "left")`."""


class Pilot(Protocol):
    """Sees the world and decides what is held in a tick."""

    held: Held

    def events(self, tick: int) -> list[list[Any]]:
        """Return the raw input events of a tick."""

    def report(self) -> str:
        """Say how it went."""


def released(held: Held, wish: Held) -> list[list[Any]]:
    """Return the events that let go what is no longer wished."""
    return [[kind, "up", name] for kind, name in sorted(held - wish)]


def pressed(held: Held, wish: Held) -> list[list[Any]]:
    """Return the events that hold what was not held before."""
    return [[kind, "down", name] for kind, name in sorted(wish - held)]


def write(recording: Iterable[Any], out: Path) -> None:
    """Write `(tick, event)` pairs, one to the line."""
    lines = ",\n".join(json.dumps(list(entry)) for entry in recording)
    out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def record(game: Path, make: Callable[[World], Pilot], ticks: int, seed: int) -> list[list[Any]]:
    """Play, and return `[tick, event]` for everything that was pressed."""
    recording: list[list[Any]] = []
    with App(game, headless=True, seed=seed, reload=False) as app:
        pilot = make(app.world)
        for tick in range(ticks):
            events = pilot.events(tick)
            recording += [[tick, event] for event in events]
            app.feed(*events)
            app.step()
        recording += [[ticks, event] for event in released(pilot.held, set())]
        print(pilot.report())
    return recording


def main(description: str | None, game: Path, make: Callable[[World], Pilot], ticks: int) -> int:
    """Record what a pilot does, as the command line asks."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ticks", type=int, default=ticks)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=game / "input.json")
    chosen = parser.parse_args()
    write(record(game, make, chosen.ticks, chosen.seed), chosen.out)
    return 0
