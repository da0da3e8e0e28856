"""Record examples/platformer/input.json: a pilot that tries things out finds its way through all levels.

    python scripts/record_platformer_input.py [--seed 0] [--levels 3] [--out FILE]

Every quarter of a second the pilot tries several moves from the best places it has come to, going back in time for
each, and keeps the moves that led furthest without harm. What it pressed on the best way is written down. A picture
taken on the way becomes the game's thumbnail.png.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine import App

GAME = Path(__file__).resolve().parent.parent / "examples/platformer"
RIGHT, LEFT, JUMP = "right", "left", "space"
BRISK = ({RIGHT}, {RIGHT, JUMP})
MOVES = (*BRISK, set(), {LEFT}, {JUMP})  # tried where brisk ones lead nowhere
LENGTH = 12  # ticks of a move
BEAM, WIDE_BEAM = 3, 8  # places that are kept, and how many where none leads on
PATIENCE = 3  # rounds without a better place
GRAIN = (40, 60)  # pixels; of places nearer to each other only the better one is kept
PICTURE_AT, THUMBNAIL = 0.62, (480, 270)

Presses = list[tuple[int, list[Any]]]


@dataclass
class Node:
    """A place in the search: the world there, the way to it, which keys are down, and how good it is."""

    world: Any
    presses: Presses
    held: frozenset[str]
    score: float
    cell: tuple[int, ...]
    done: bool = False


class Pilot:
    """Searches a way through the present level."""

    def __init__(self, app: App) -> None:
        self.app, self.world = app, app.world

    def part(self, file: str, name: str) -> Any:
        """Return a class of the running game."""
        return getattr(sys.modules[f"modules.apps.{GAME.name}.{file}"], name)

    def resource(self, file: str, name: str) -> Any:
        """Return a resource of the running game."""
        return self.world.resource(self.part(file, name))

    def press(self, held: frozenset[str], wanted: set[str], presses: Presses) -> frozenset[str]:
        """Let go and press keys so that the wanted ones are down."""
        tick = self.app.world.tick
        for key in sorted(held - wanted):
            presses.append((tick, ["key", "up", key]))
            self.app.feed(["key", "up", key])
        for key in sorted(wanted - held):
            presses.append((tick, ["key", "down", key]))
            self.app.feed(["key", "down", key])
        return frozenset(wanted)

    def wait(self, presses: Presses, held: frozenset[str], ticks: int) -> frozenset[str]:
        """Let go of everything for a while."""
        held = self.press(held, set(), presses)
        self.app.step(ticks)
        return held

    def tap(self, key: str, presses: Presses) -> None:
        """Press a key and let it go."""
        held = self.press(frozenset(), {key}, presses)
        self.app.step(3)
        self.press(held, set(), presses)
        self.app.step(3)

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
        node.score = x + 26 * game.coins - 0.05 * y + (8 if hero.grounded[0] else 0) - len(node.presses) * 0.05
        node.cell = (int(x / GRAIN[0]), int(y / GRAIN[1]), int(vel.y[0] < 0))
        node.done = journey.home > 0

    def level(self, presses: Presses, held: frozenset[str]) -> tuple[Presses, frozenset[str]]:
        """Find a way to the end of the present level; the world is there when this returns."""
        beams = [[Node(self.world.snapshot(), presses, held, 0.0, ())]]
        furthest, careful, waited = -np.inf, 0, 0
        for round_ in range(900):
            grown = [node for old in beams[-1] for node in self.grow(old, MOVES if careful else BRISK)]
            best: dict[tuple[int, ...], Node] = {}
            for node in sorted(grown, key=lambda node: -node.score):
                best.setdefault(node.cell, node)
            beam = list(best.values())[: WIDE_BEAM if careful else BEAM]
            done = [node for node in beam if node.done]
            if done:
                self.world.restore(done[0].world)
                return done[0].presses, done[0].held
            if beam and beam[0].score > furthest + 5:
                furthest, careful, waited = beam[0].score, max(0, careful - 1), 0
            else:
                waited += 1
            if round_ % 10 == 0:
                print(f"  {round_:4}  {furthest:7.0f}  {beam[0].cell if beam else ()}", flush=True)
            if beam:
                beams.append(beam)
            if not beam or waited > PATIENCE:  # think again, from before it went wrong
                back = 2 if beam else 4
                beams, careful, furthest, waited = beams[: max(1, len(beams) - back)], 8, -np.inf, -8
        raise SystemExit("there is no way")

    def grow(self, old: Node, moves: tuple[set[str], ...]) -> list[Node]:
        """Try moves from a place."""
        found = []
        for move in moves:
            self.world.restore(old.world)
            presses = list(old.presses)
            node = Node(None, presses, self.press(old.held, move, presses), 0.0, ())
            self.app.step(LENGTH)
            self.look(node)
            if node.score > -np.inf:
                node.world = self.world.snapshot()
                found.append(node)
        return found


def record(seed: int, levels: int, out: Path) -> list[list[Any]]:
    """Play through the levels and return `[tick, event]` for everything that was pressed."""
    with App(GAME, headless=True, seed=seed, reload=False) as app:
        pilot = Pilot(app)
        presses: Presses = []
        app.step(40)
        pilot.tap("return", presses)
        app.step(40)
        held: frozenset[str] = frozenset()
        for number in range(levels):
            print(f"level {number + 1}, tick {app.world.tick}", flush=True)
            presses, held = pilot.level(presses, held)
            held = pilot.wait(presses, held, 170)
            write(presses, out)
        for key in ("s", "p", "r", "i", "g", "return", "return"):
            if pilot.resource("screens", "Screen").name == "HOME":
                pilot.tap(key, presses)
                app.step(20)
        print(f"{app.world.tick} ticks, {pilot.resource('screens', 'Game').coins} drops")
        return [[tick, event] for tick, event in presses]


def take_picture(recording: list[list[Any]], seed: int, path: Path) -> None:
    """Play the recording up to a share of it and take the picture."""
    inputs: dict[int, list[Any]] = {}
    for tick, event in recording:
        inputs.setdefault(tick, []).append(event)
    with App(GAME, headless=True, seed=seed, reload=False, inputs=inputs) as app:
        app.step(int(recording[-1][0] * PICTURE_AT))
        app.frame()
        picture = Image.fromarray(app.bus.call("core.render.capture"))
        picture.resize(THUMBNAIL, Image.Resampling.LANCZOS).save(path, optimize=True)


def write(presses: Any, out: Path) -> None:
    """Write a recording, an event to the line."""
    lines = ",\n".join(json.dumps(list(entry)) for entry in presses)
    out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> int:
    """Record, and take the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--out", type=Path, default=GAME / "input.json")
    chosen = parser.parse_args()
    recording = record(chosen.seed, chosen.levels, chosen.out)
    write(recording, chosen.out)
    take_picture(recording, chosen.seed, chosen.out.with_name("thumbnail.png"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
