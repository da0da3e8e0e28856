"""Record examples/platformer/input.json: a pilot that tries things out finds its way through all levels.

    python scripts/record_platformer_input.py [--seed 0] [--levels 3] [--out FILE]

Every fifth of a second the pilot tries several moves from the best places it has come to, going back in time for each,
and keeps the moves that led furthest without harm. What it pressed on the best way is written down. It plays a copy of
the game without what is only seen and heard, which goes the same way in less time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import App
from engine.simulation import run_tick

GAME = Path(__file__).resolve().parent.parent / "examples/platformer"
RIGHT, LEFT, JUMP = "right", "left", "space"
BRISK = ({RIGHT}, {RIGHT, JUMP})
MOVES = (*BRISK, set(), {LEFT}, {JUMP})  # tried where brisk ones lead nowhere
LENGTH = 12  # ticks of a move
BEAM, WIDE_BEAM = 3, 8  # places that are kept, and how many where none leads on
PATIENCE = 6  # rounds without a better place to stand
CARE = 10  # rounds in which all moves are tried, after the first failure
COIN, HOPE = 26.0, 0.1  # pixels that a drop is worth, and the share that a place in the air counts
GRAIN = (40, 60)  # pixels; of places nearer to each other only the better one is kept
SHOWN_ONLY = ("effects.py", "hud.py", "looks.py", "scenery.py", "sounds.py")

Presses = list[tuple[int, list[Any]]]


@dataclass
class Node:
    """A place in the search: the world there, the way to it, which keys are down, and how good it is.

    `safe` is how good the last place was at which the hero stood.
    """

    world: Any
    presses: Presses
    held: frozenset[str]
    safe: float = 0.0
    score: float = 0.0
    cell: tuple[int, ...] = ()
    done: bool = False


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

    def press(self, held: frozenset[str], wanted: set[str], presses: Presses) -> frozenset[str]:
        """Let go and press keys so that the wanted ones are down."""
        tick = self.world.tick
        for key in sorted(held - wanted):
            presses.append((tick, ["key", "up", key]))
            self.waiting.append(["key", "up", key])
        for key in sorted(wanted - held):
            presses.append((tick, ["key", "down", key]))
            self.waiting.append(["key", "down", key])
        return frozenset(wanted)

    def wait(self, presses: Presses, held: frozenset[str], ticks: int) -> frozenset[str]:
        """Let go of everything for a while."""
        held = self.press(held, set(), presses)
        self.step(ticks)
        return held

    def tap(self, key: str, presses: Presses) -> None:
        """Press a key and let it go."""
        held = self.press(frozenset(), {key}, presses)
        self.step(3)
        self.press(held, set(), presses)
        self.step(3)

    def look(self, node: Node) -> None:
        """Rate the present world."""
        game, journey = self.resource("screens", "Game"), self.resource("levels", "Journey")
        motion = sys.modules["modules.core.motion"]
        heroes = list(self.world.query(motion.Position, motion.Velocity, self.part("hero", "Hero")))
        if not heroes:
            node.score = -np.inf
            return
        pos, vel, hero = heroes[0]
        x, y = float(pos.x[0]), float(pos.y[0])
        now = x + COIN * game.coins - len(node.presses) * 0.05
        node.safe = now if hero.grounded[0] else node.safe
        node.score = node.safe + HOPE * (now - node.safe) - 0.02 * y
        node.cell = (int(x / GRAIN[0]), int(y / GRAIN[1]), int(vel.y[0] < 0))
        node.done = journey.home > 0

    def level(self, presses: Presses, held: frozenset[str]) -> tuple[Presses, frozenset[str]]:
        """Find a way to the end of the present level; the world is there when this returns."""
        beams = [[Node(self.world.snapshot(), presses, held)]]
        furthest, waited, careful, failures = -np.inf, 0, 0, 0
        for round_ in range(2000):
            grown = [node for old in beams[-1] for node in self.grow(old, MOVES if careful else BRISK)]
            best: dict[tuple[int, ...], Node] = {}
            for node in sorted(grown, key=lambda node: -node.score):
                best.setdefault(node.cell, node)
            beam = list(best.values())[: WIDE_BEAM if careful else BEAM]
            done = [node for node in beam if node.done]
            if done:
                self.world.restore(done[0].world)
                return done[0].presses, done[0].held
            beams.append(beam)
            careful = max(0, careful - 1)
            top = max((node.safe for node in beam), default=-np.inf)
            if top > furthest + 20:
                furthest, waited, failures = top, 0, 0
            else:
                waited += 1
            if round_ % 10 == 0:
                print(f"  {round_:4}  {furthest:7.0f}  {beam[0].cell if beam else ()}", flush=True)
            if not beam or waited > PATIENCE * (failures + 1):  # think again, from before it went wrong
                failures += 1
                beams = beams[: max(1, len(beams) - waited - 2 * failures)]
                waited, careful = 0, CARE * failures
        raise SystemExit("there is no way")

    def grow(self, old: Node, moves: tuple[set[str], ...]) -> list[Node]:
        """Try moves from a place."""
        found = []
        for move in moves:
            self.world.restore(old.world)
            presses = list(old.presses)
            node = Node(None, presses, self.press(old.held, move, presses), old.safe)
            self.step(LENGTH)
            self.look(node)
            if node.score > -np.inf:
                node.world = self.world.snapshot()
                found.append(node)
        return found


def record(seed: int, levels: int, out: Path) -> None:
    """Play through the levels and write down everything that was pressed, after every level."""
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home, GAME.name)
        shutil.copytree(GAME, copy, ignore=shutil.ignore_patterns("__pycache__", *SHOWN_ONLY))
        with App(copy, headless=True, seed=seed, reload=False) as app:
            pilot = Pilot(app)
            presses: Presses = []
            pilot.step(40)
            pilot.tap("return", presses)
            pilot.step(40)
            held: frozenset[str] = frozenset()
            for number in range(levels):
                print(f"level {number + 1}, tick {app.world.tick}", flush=True)
                presses, held = pilot.level(presses, held)
                held = pilot.wait(presses, held, 170)
                write(presses, out)
            for key in ("down", "return"):
                pilot.step(30)
                pilot.tap(key, presses)
            write(presses, out)
            print(f"{app.world.tick} ticks, {pilot.resource('screens', 'Game').coins} drops")


def write(presses: Any, out: Path) -> None:
    """Write a recording, an event to the line."""
    lines = ",\n".join(json.dumps(list(entry)) for entry in presses)
    out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> int:
    """Record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--out", type=Path, default=GAME / "input.json")
    chosen = parser.parse_args()
    record(chosen.seed, chosen.levels, chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
