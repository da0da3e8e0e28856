"""Write examples/sandbox/input.json: strokes with several materials, a pause, a garden of one minute, and its score.

    python scripts/make_sandbox_input.py

Then `hotloop run sandbox` without a display plays it.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "examples" / "sandbox" / "input.json"
SWATCHES = ("stone", "sand", "water", "wood", "plant", "oil", "powder", "fire", "lava", "steam", "acid")
FIRST_X, FIRST_Y, STEP_X, STEP_Y = 36.0, 70.0, 56.0, 78.0


class Hand:
    """Writes down what a person does, tick by tick."""

    def __init__(self) -> None:
        self.tick = 60
        self.events: list[tuple[int, list[Any]]] = []

    def do(self, *event: Any) -> None:
        """Do something in this tick."""
        self.events.append((self.tick, list(event)))

    def press(self, key: str, rest: int = 12) -> None:
        """Press a key and wait."""
        self.do("key", "down", key)
        self.tick += 2
        self.do("key", "up", key)
        self.tick += rest

    def take(self, material: str) -> None:
        """Click a material in the palette."""
        number = SWATCHES.index(material)
        self.do("pointer", FIRST_X + STEP_X * (number % 2), FIRST_Y + STEP_Y * (number // 2))
        self.tick += 2
        self.do("button", "down", "left")
        self.tick += 2
        self.do("button", "up", "left")
        self.tick += 4

    def paint(self, material: str, *points: tuple[float, float], ticks: int = 40, button: str = "left") -> None:
        """Paint along points, so many ticks from one to the next."""
        self.take(material)
        self.do("pointer", *points[0])
        self.tick += 1
        self.do("button", "down", button)
        for (x, y), (u, v) in pairwise(points):
            for step in range(1, ticks + 1):
                self.tick += 1
                share = 0.5 - 0.5 * math.cos(math.pi * step / ticks)
                self.do("pointer", round(x + (u - x) * share, 1), round(y + (v - y) * share, 1))
        self.tick += 2
        self.do("button", "up", button)
        self.tick += 4


def main() -> None:
    """Write the file."""
    hand = Hand()
    hand.press("return")
    hand.paint("sand", (620, 40), (760, 60), (640, 50), ticks=35)
    hand.paint("water", (430, 60), (560, 60), ticks=40)
    hand.paint("fire", (340, 420), (260, 440), (330, 430), ticks=24)
    hand.paint("lava", (1010, 60), (1060, 70), ticks=30)
    hand.paint("acid", (850, 60), (930, 60), ticks=30)
    hand.paint("stone", (500, 330), (620, 300), ticks=20, button="right")
    hand.tick += 60
    hand.press("p", 40)
    hand.press("up", 8)
    hand.press("return", 40)
    hand.press("down")
    hand.press("return", 30)
    end = hand.tick + 3600
    hand.press("2")
    side = 0
    while hand.tick < end - 240:
        x = 360 + (side * 97) % 560
        hand.paint("plant", (x, 430), (x + 40, 420), ticks=12)
        hand.paint("water", (x - 60, 120), (x + 90, 130), (x, 120), ticks=45)
        side += 1
    hand.tick = end + 60
    for letter in "ada":
        hand.do("text", letter)
        hand.press(letter, 4)
    hand.press("return", 20)
    hand.press("return", 90)
    hand.press("return", 40)
    lines = ",\n".join(json.dumps([tick, event]) for tick, event in hand.events)
    TARGET.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{TARGET}: {len(hand.events)} events, {hand.tick} ticks")


if __name__ == "__main__":
    main()
