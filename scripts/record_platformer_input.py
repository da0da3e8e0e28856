"""Record examples/platformer/input.json: pilots that see the world find their way through all levels.

    python scripts/record_platformer_input.py [--out FILE]

A pilot runs to the right and jumps over what is in the way. When it comes to harm, or nowhere, it goes back in time to
one of the last places at which it stood, does something by chance for a moment, and tries again. Each level is played
in a process of its own; what was pressed on the good ways is joined to one game, from the title to the high scores, and
written down. Pilots play a copy of the game without what is only seen and heard, which goes the same way in less time.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import recording

from engine import App, Entity
from engine.simulation import run_tick

GAME = Path(__file__).resolve().parent.parent / "examples/platformer"
LEVELS = 3
RIGHT, LEFT, JUMP = "right", "left", "space"
STRIDE = 30.0  # pixels of progress after which a place is remembered
PATIENCE = 110  # ticks without progress
KEPT = 40  # places that are remembered
WHIMS = ((RIGHT,), (RIGHT, JUMP), (RIGHT, JUMP), (), (LEFT,), (LEFT, JUMP), (JUMP,))
WHIM = (4, 45)  # ticks that one lasts, at least and at most
COIN, HEIGHT = 26.0, 0.3  # pixels to the right that a drop and a pixel of height are worth
SHOWN_ONLY = ("effects.py", "hud.py", "looks.py", "scenery.py", "sounds.py")

Presses = list[tuple[int, list[Any]]]


@dataclass
class Place:
    """A place at which the hero stood: the world there, what was pressed on the way, what is held, how good it is."""

    world: Any
    presses: Presses
    held: frozenset[str]
    worth: float


class Pilot:
    """Searches a way through the present level."""

    def __init__(self, app: App) -> None:
        self.app, self.world = app, app.world
        self.waiting: list[list[Any]] = []

    def step(self, ticks: int) -> None:
        """Run ticks without keeping what a person could go back to."""
        for _ in range(ticks):
            events, self.waiting = self.waiting, []
            fault = run_tick(self.app.schedule, events, self.app.schedule.start)
            if fault is not None:
                raise fault
            self.world.end_frame()

    def part(self, file: str, name: str) -> Any:
        """Return a class of the running game."""
        return getattr(sys.modules[f"modules.apps.{GAME.name}.{file}"], name)

    def resource(self, file: str, name: str) -> Any:
        """Return a resource of the running game."""
        return self.world.resource(self.part(file, name))

    @property
    def tiles(self) -> Any:
        """The map."""
        return self.world.resource(sys.modules["modules.core.tiles"].TileMap)

    def put(self, event: list[Any], presses: Presses) -> None:
        """Let something happen in the next tick, and write it down."""
        presses.append((self.world.tick, event))
        self.waiting.append(event)

    def press(self, held: frozenset[str], wanted: set[str], presses: Presses) -> frozenset[str]:
        """Let go and press keys so that the wanted ones are down."""
        for key in sorted(held - wanted):
            self.put(["key", "up", key], presses)
        for key in sorted(wanted - held):
            self.put(["key", "down", key], presses)
        return frozenset(wanted)

    def until(self, condition: Callable[[], bool]) -> None:
        """Step until something is so."""
        for _ in range(2000):
            if condition():
                return
            self.step(1)
        raise SystemExit("what was waited for did not come")

    def tap(self, key: str, presses: Presses) -> None:
        """Press a key and let it go."""
        held = self.press(frozenset(), {key}, presses)
        self.step(3)
        self.press(held, set(), presses)
        self.step(3)

    def start(self, presses: Presses) -> None:
        """Start a game from the title, up to the tick that loads its first level."""
        self.step(40)
        self.put(["key", "down", "return"], presses)
        self.until(lambda: self.tiles.anew)
        self.put(["key", "up", "return"], presses)

    def begin(self, level: int) -> int:
        """Start a game and go to a level; return the tick that loads it."""
        self.start([])
        if level:
            self.until(lambda: self.look() is not None)
            self.part("levels", "enter")(self.resource("levels", "Journey"), self.tiles, level)
            for who, _ in self.world.query(Entity, self.part("hero", "Hero")):
                heroes = who.copy()
            self.world.despawn(heroes)
        return self.world.tick

    def look(self) -> tuple[float, float, float, bool] | None:
        """Return place, upward speed and whether the hero stands; None without a hero."""
        motion = sys.modules["modules.core.motion"]
        for pos, vel, hero in self.world.query(motion.Position, motion.Velocity, self.part("hero", "Hero")):
            return float(pos.x[0]), float(pos.y[0]), float(vel.y[0]), bool(hero.grounded[0])
        return None

    def wish(self, x: float, y: float, rise: float, stands: bool) -> set[str]:
        """Return what to hold: run, and jump over holes, walls, thorns and enemies that are near."""
        if not stands:
            return {RIGHT, JUMP} if rise < 0 else {RIGHT}
        walls, feet = self.world.resource(sys.modules["modules.core.collision"].Walls), y + 22
        below = walls.at(x + 30, feet + np.array([6.0, 54.0, 102.0, 150.0]))
        ahead = walls.at(x + np.array([24.0, 50.0]), feet - 20)
        thorns = self.tiles.is_class("thorn", x + np.array([30.0, 60.0]), feet - 10)
        danger = (not below.any()) or bool((ahead == 1).any()) or bool(thorns.any())
        for pos, _ in self.world.query(sys.modules["modules.core.motion"].Position, self.part("enemies", "Enemy")):
            danger |= bool(((pos.x > x) & (pos.x < x + 80) & (np.abs(pos.y - y) < 60)).any())
        return {RIGHT, JUMP} if danger else {RIGHT}

    def worth(self, x: float, y: float) -> float:
        """Return how good it is to stand somewhere."""
        return x - HEIGHT * y + COIN * int(self.resource("screens", "Game").coins)

    def search(self, chance: np.random.Generator) -> Presses:
        """Find a way to the end of the present level."""
        level = self.tiles.loaded or self.tiles.file
        places = [Place(self.world.snapshot(), [], frozenset(), -np.inf)]
        failures = 0
        for attempt in range(4000):
            back = min(len(places), 1 + int(chance.integers(0, 1 + failures // 3)))
            start = places[-back]
            self.world.restore(start.world)
            self.waiting = []  # let go in a future that is not to be
            presses, held = list(start.presses), start.held
            for _ in range(int(chance.integers(1, 4)) if failures else 0):
                held = self.press(held, set(WHIMS[chance.integers(len(WHIMS))]), presses)
                self.step(int(chance.integers(*WHIM)))
            best = places[-1].worth
            reached = self.go_on(presses, held, places)
            if self.resource("levels", "Journey").home > 0:
                print(f"{level}: home after {attempt} attempts", flush=True)
                return reached
            failures = 0 if places[-1].worth > best else failures + 1
            if attempt % 10 == 0:
                print(f"{level}  {attempt:4}  {places[-1].worth:7.0f}  {failures}", flush=True)
        raise SystemExit("there is no way")

    def go_on(self, presses: Presses, held: frozenset[str], places: list[Place]) -> Presses:
        """Follow one's wishes until harm or home, or until nothing more is won; remember better places."""
        waited = 0
        while waited < PATIENCE and self.resource("levels", "Journey").home <= 0:
            seen = self.look()
            if seen is None:
                break
            x, y, _, stands = seen
            worth = self.worth(x, y)
            waited += 1
            if stands and worth > places[-1].worth + STRIDE:
                places.append(Place(self.world.snapshot(), list(presses), held, worth))
                del places[:-KEPT]
                waited = 0
            wish = self.wish(*seen)
            # A jump begins with the button coming down.
            held = self.press(held, wish - {JUMP} if stands and JUMP in held else wish, presses)
            self.step(1)
        self.press(held, set(), presses)
        return presses


@contextmanager
def pilot() -> Iterator[Pilot]:
    """Open a copy of the game without what is only seen and heard."""
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home, GAME.name)
        shutil.copytree(GAME, copy, ignore=shutil.ignore_patterns("__pycache__", *SHOWN_ONLY))
        with App(copy, headless=True, reload=False) as app:
            yield Pilot(app)


def find_way(level: int) -> Presses:
    """Return what to press in a level, by ticks since it was loaded."""
    with pilot() as one:
        start = one.begin(level)
        one.step(20)
        return [(tick - start, event) for tick, event in one.search(np.random.default_rng(level))]


def join(ways: list[Presses]) -> Presses:
    """Play the ways one after the other and return all that was pressed, by ticks."""
    presses: Presses = []
    with pilot() as one:
        one.start(presses)
        for way in ways:
            one.until(lambda: one.tiles.anew)
            start = one.world.tick
            for tick, event in way:
                one.step(start + tick - one.world.tick)
                one.put(event, presses)
        one.until(lambda: one.resource("screens", "Screen").name == "HOME")
        one.step(60)
        one.put(["text", "SPRIG"], presses)
        for key in ("down", "return"):
            one.step(40)
            one.tap(key, presses)
        print(f"{one.world.tick} ticks, {one.resource('screens', 'Game').coins} drops")
    return presses


def main() -> int:
    """Record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=GAME / "input.json")
    chosen = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        ways = list(pool.map(find_way, range(LEVELS)))
    recording.write(join(ways), chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
