"""Record examples/survivors/input.json: a pilot that sees the world plays, and what it presses is written down.

    python scripts/record_survivors_input.py [--ticks 3800] [--seed 0] [--out FILE]

The recording replays exactly in a world of the same seed; in others it still walks and chooses.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import recording

from engine import World

GAME = Path(__file__).resolve().parent.parent / "examples/survivors"
START = 40  # tick
WAYS = {(0, 0): (), (1, 0): ("right",), (-1, 0): ("left",), (0, 1): ("down",), (0, -1): ("up",)}
WAYS |= {(1, 1): ("right", "down"), (1, -1): ("right", "up"), (-1, 1): ("left", "down"), (-1, -1): ("left", "up")}
AHEAD, FEAR, GREED = (40.0, 90.0), 42.0, 130.0  # pixels
DECIDES = 6  # ticks between two decisions


class Pilot:
    """Walk where few foes and many gems are; take the first choice that is a weapon."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.held: recording.Held = set()
        self.wish: set[str] = set()
        self.waited = 0

    def part(self, file: str, name: str) -> Any:
        """Return a class of the running game."""
        return getattr(sys.modules[f"modules.apps.{GAME.name}.{file}"], name)

    def places(self, file: str, name: str) -> Any:
        """Return the places of everything that has a component, as (2, n)."""
        position = sys.modules["modules.core.motion"].Position
        steps = [np.array(step[0].xy) for step in self.world.query(position, self.part(file, name))]
        return np.concatenate(steps, axis=1) if steps else np.zeros((2, 0))

    def way(self) -> set[str]:
        """Return the keys that lead to the best place near by."""
        here, foes, gems = self.places("hero", "Hero"), self.places("foes", "Foe"), self.places("gems", "Gem")
        if not here.size:
            return set()
        best, keys = np.inf, ()
        for (x, y), names in WAYS.items():
            cost = 0.0
            for ahead in AHEAD:
                there = here + np.array([[x], [y]]) * ahead / max(1.0, np.hypot(x, y))
                cost += float(np.exp(-np.hypot(*(foes - there)) / FEAR).sum())
                cost -= 0.16 * float(np.exp(-np.hypot(*(gems - there)) / GREED).sum())
            if cost < best:
                best, keys = cost, names
        return set(keys)

    def wishes(self, tick: int) -> set[str]:
        """Return the keys to be held in a tick."""
        screen = str(self.world.resource(self.part("screens", "Screen")).name)
        game = self.world.resource(self.part("screens", "Game"))
        if screen != "PLAYING" or game.choosing:
            self.waited += 1
            down = sum(name in self.part("choices", "GIFTS") for name in self.offers()[:1])
            if screen == "PLAYING" and down and self.waited == 30:
                return {"down"}
            return {"return"} if tick >= START and self.waited > 40 and self.waited % 20 < 4 else set()
        self.waited = 0
        if tick % DECIDES == 0:
            self.wish = self.way()
        return self.wish

    def offers(self) -> list[str]:
        """Return what is on offer."""
        return list(self.world.resource(self.part("choices", "Choice")).offers)

    def events(self, tick: int) -> list[list[Any]]:
        """Return the raw input events of a tick."""
        wish = {("key", name) for name in self.wishes(tick)}
        events = recording.released(self.held, wish) + recording.pressed(self.held, wish)
        self.held = wish
        return events

    def report(self) -> str:
        """Say how far it came."""
        game = self.world.resource(self.part("screens", "Game"))
        return f"{game.seconds:.0f} s, level {game.level}, {game.kills} undone"


if __name__ == "__main__":
    raise SystemExit(recording.main(__doc__, GAME, Pilot, 3800))
