"""Record examples/breakout/input.json: a game is played well for a minute, paused once, lost, noted and begun again.

python scripts/record_breakout_input.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import recording

from engine import App

GAME = Path(__file__).resolve().parent.parent / "examples" / "breakout"
MINUTE = 3600  # ticks
AIM = 46.0  # pixels beside the middle of the paddle that the ball is met with


class Player:
    """Plays, and writes down what it does."""

    def __init__(self) -> None:
        self.app = App(GAME, headless=True, reload=False)
        self.events: list[list[Any]] = []

    def do(self, *event: Any) -> None:
        """Do something in the next tick."""
        self.events.append([self.app.world.tick, list(event)])
        self.app.feed(list(event))

    def wait(self, ticks: int) -> None:
        """Do nothing for a while."""
        self.app.step(ticks)

    def press(self, *keys: str) -> None:
        """Press and let go keys."""
        for key in keys:
            self.do("key", "down", key)
            self.wait(2)
            self.do("key", "up", key)
            self.wait(14)

    def screen(self) -> str:
        """Return what the game shows."""
        return str(self.app.world.resource(sys.modules["modules.apps.breakout"].Screen).name)

    def play(self, ticks: int) -> None:
        """Keep the paddle under the ball for so many ticks, or as long as the game goes on."""
        position = sys.modules["modules.core.motion"].Position
        ball = sys.modules["modules.apps.breakout.ball"].Ball
        for _ in range(ticks):
            for pos, _ in self.app.world.query(position, ball):
                side = AIM * (self.app.world.tick // 83 % 3 - 1)
                if self.app.world.tick % 2 == 0:
                    self.do("pointer", round(float(pos.x[0]) + side, 1), 520.0)
            self.app.step()

    def lose(self) -> None:
        """Hold the paddle still in a corner until the game is over."""
        for _ in range(3000):
            if self.screen() == "OVER":
                return
            self.do("pointer", 60.0 + self.app.world.tick % 2, 520.0)
            self.app.step()


def main() -> None:
    """Play and write the file."""
    player = Player()
    player.wait(50)
    player.press("return")
    player.play(900)
    player.press("p")
    player.wait(40)
    player.press("p")
    player.play(MINUTE - 900)
    player.lose()
    player.wait(50)
    for letter in "ada":
        player.do("text", letter)
        player.press(letter)
    player.press("return", "return")
    player.wait(60)
    player.press("return")
    player.press("down", "down", "return") if player.screen() == "OVER" else None
    player.wait(30)
    player.play(300)
    recording.write(player.events, GAME / "input.json")
    print(f"{len(player.events)} events, {player.app.world.tick} ticks, {player.screen()}")
    player.app.close()


if __name__ == "__main__":
    main()
