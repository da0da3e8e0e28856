"""The paddle: mouse, keys or gamepad move it."""

import numpy as np

from engine import Commands, Mut, Query, Startup, Time, Update, component, f32, system
from modules.core.input import Actions, Pointer
from modules.core.motion import Position
from modules.core.render import Gradient, rgba

from . import WIDTH, playing

Y, HIGH = 500.0, 14.0  # pixels
SPEED = 620.0  # pixels a second, by keys or stick
LIGHT, DARK = rgba("#eafcff"), rgba("#37b6ff")


@component
class Paddle:
    """What the person playing moves; `w` is how wide it is, in pixels."""

    w: f32 = 130.0


@system(Startup)
def place(commands: Commands, actions: Mut[Actions]) -> None:
    """Name the controls and put the paddle down."""
    actions.bind("move", "-key:left", "key:right", "-key:a", "key:d", "pad:leftx")
    commands.spawn(Position(x=WIDTH / 2, y=Y), Paddle(), Gradient(w=0, h=HIGH, color=LIGHT, end=DARK))


@system(Update, when=playing)
def steer(paddles: Query[Mut[Position], Paddle], actions: Actions, pointer: Pointer, time: Time) -> None:
    """Follow the mouse where it moves, and keys and stick."""
    for pos, paddle in paddles:
        if pointer.dx:
            pos.x = pointer.x
        pos.x += SPEED * actions.value("move") * time.dt
        pos.x = np.clip(pos.x, paddle.w / 2, WIDTH - paddle.w / 2)


@system(Update)
def fit(paddles: Query[Paddle, Mut[Gradient]]) -> None:
    """Draw the paddle as wide as it is."""
    for paddle, face in paddles:
        face.w = paddle.w
