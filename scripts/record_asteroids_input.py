"""Record examples/asteroids/input.json: a pilot that sees the world plays, and what it presses is written down.

    python scripts/record_asteroids_input.py [--ticks 3700] [--seed 0] [--out FILE]

Without a pilot's eyes the recording replays exactly in a world of the same seed; in others it still flies and fires.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import recording

from engine import World

GAME = Path(__file__).resolve().parent.parent / "examples/asteroids"
START, MOUSE_FROM, MOUSE_TO, RECKLESS_FROM = 100, 520, 800, 860  # ticks
BULLET_SPEED = 640.0
NEAR, CLOSE = 130.0, 0.10  # pixels to a rock that has to be fled, radians that count as aimed


class Pilot:
    """Hold and let go keys so as to aim at the rock that will be nearest, and flee what comes too near.

    From RECKLESS_FROM until the game is over the pilot rams rocks instead.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.held: recording.Held = set()
        self.over = False

    def part(self, file: str, name: str) -> Any:
        """Return a class of the running game."""
        return getattr(sys.modules[f"modules.apps.{GAME.name}.{file}"], name)

    def look(self) -> tuple[Any, Any, float, Any, Any, Any] | None:
        """Return place, velocity and angle of the ship, then places, velocities and radii of the rocks."""
        core = sys.modules["modules.core.motion"]
        position, velocity, rotation = core.Position, core.Velocity, core.Rotation
        ships = list(self.world.query(position, velocity, rotation, self.part("ship", "Ship")))
        rocks = list(self.world.query(position, velocity, self.part("rocks", "Rock")))
        if not ships or not rocks:
            return None
        pos, vel, rot, _ = ships[0]
        places = np.concatenate([np.array(step[0].xy) for step in rocks], axis=1)
        speeds = np.concatenate([np.array(step[1].xy) for step in rocks], axis=1)
        radii = self.part("rocks", "RADIUS")[np.concatenate([np.array(step[2].size) for step in rocks])]
        return np.array(pos.xy[:, 0]), np.array(vel.xy[:, 0]), float(rot.angle[0]), places, speeds, radii

    def wishes(self, tick: int) -> tuple[set[tuple[str, str]], tuple[float, float] | None]:
        """Return the controls to be held and where the pointer should be."""
        seen = self.look()
        if seen is None:
            self.over |= self.screen() == "OVER"
            again = tick >= START and tick % 50 < 4 and self.screen() != "PLAYING"
            return ({("key", "space")} if again else set()), None
        here, drift, angle, places, speeds, radii = seen
        away = places - here[:, None]
        distance = np.hypot(*away) - radii
        ahead = away + (speeds - drift[:, None]) * np.minimum(np.hypot(*away) / BULLET_SPEED, 0.8)
        target = int(np.argmin(np.hypot(*ahead) - radii))
        bearing = float(np.arctan2(ahead[1, target], ahead[0, target]))
        gap = (bearing - angle + np.pi) % (2 * np.pi) - np.pi
        wish: set[tuple[str, str]] = set()
        reckless = tick >= RECKLESS_FROM and not self.over
        push = abs(gap) > 2.0 if float(distance.min()) < NEAR else tick % 150 < 22
        push = abs(gap) < 0.5 if reckless else push
        fire = not reckless and abs(gap) < CLOSE + 12 / max(float(distance[target]), 20) and tick % 3 != 0
        if MOUSE_FROM <= tick < MOUSE_TO:
            wish |= {("button", "right")} if push else set()
            wish |= {("button", "left")} if fire else set()
            return wish, (float(here[0] + ahead[0, target]), float(here[1] + ahead[1, target]))
        if abs(gap) > CLOSE / 2:
            wish.add(("key", "right" if gap > 0 else "left"))
        wish |= {("key", "up")} if push else set()
        wish |= {("key", "space")} if fire else set()
        return wish, None

    def screen(self) -> str:
        """Return the name of the present screen."""
        return str(self.world.resource(self.part("screens", "Screen")).name)

    def events(self, tick: int) -> list[list[Any]]:
        """Return the raw input events of a tick."""
        wish, pointer = self.wishes(tick)
        events = recording.released(self.held, wish)
        if pointer is not None:
            events.append(["pointer", *(round(float(np.clip(v, 0, 960)), 1) for v in pointer)])
        events += recording.pressed(self.held, wish)
        self.held = wish
        return events

    def report(self) -> str:
        """Say where it ended."""
        return f"on the screen {self.screen()}"


if __name__ == "__main__":
    raise SystemExit(recording.main(__doc__, GAME, Pilot, 3700))
