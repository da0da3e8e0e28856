"""Sounds, and what a gamepad lets feel."""

from typing import Any

from engine import Events, Send, Startup, Update, system
from modules.core.audio import PlayMusic, PlaySound
from modules.core.input import Rumble

from . import WIDTH
from .ball import Lost, Met
from .bricks import DOWN, Broken

LOUD = {"brick": 0.5, "paddle": 0.45, "lost": 0.6, "music": 0.3}


@system(Startup)
def music(play: Send[PlayMusic]) -> None:
    """Begin the music."""
    play.send(track="neon_loop.wav", volume=LOUD["music"], fade=1.0)


@system(Update)
def bricks(broken: Events[Broken], play: Send[PlaySound], rumble: Send[Rumble]) -> None:
    """Hear bricks break, the higher ones higher, where they are."""
    for brick in broken:
        pitch = 2 ** ((DOWN - brick.row.astype(float)) / 6)
        play.send(sound="chime.wav", volume=LOUD["brick"], pitch=pitch, pan=side(brick.x), vary_pitch=0.02)
        rumble.send(low=0.1, high=0.3, seconds=[0.08] * len(brick.x))


@system(Update)
def paddle(met: Events[Met], lost: Events[Lost], play: Send[PlaySound], rumble: Send[Rumble]) -> None:
    """Hear the ball meet the paddle, and fall past it."""
    for ball in met:
        play.send(sound="tock.wav", volume=LOUD["paddle"], pan=side(ball.x), vary_pitch=0.06)
    for fallen in lost:
        play.send(sound="fall.wav", volume=LOUD["lost"], pan=side(fallen.x))
        rumble.send(low=0.8, high=0.4, seconds=[0.4] * len(fallen.x))


def side(x: Any) -> Any:
    """Return how far left (-1) or right (1) a place is heard."""
    return 0.7 * (2 * x / WIDTH - 1)
