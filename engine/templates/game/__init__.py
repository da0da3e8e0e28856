"""A new game: steer the dot with the arrow keys, W A S D or a gamepad."""

import numpy as np

from engine import Commands, Mut, Query, Startup, Update, component, f32, system
from modules.core.input import Actions
from modules.core.motion import Position, Velocity
from modules.core.render import Canvas, Circle, rgba


@component
class Player:
    """What the person at the keys steers."""

    speed: f32 = 240.0


@system(Startup)
def begin(commands: Commands, actions: Mut[Actions], canvas: Mut[Canvas]) -> None:
    """Name the controls and put the player in the middle."""
    canvas.clear = rgba("#10141f")
    actions.bind("left", "key:left", "key:a", "pad:leftx-")
    actions.bind("right", "key:right", "key:d", "pad:leftx+")
    actions.bind("up", "key:up", "key:w", "pad:lefty-")
    actions.bind("down", "key:down", "key:s", "pad:lefty+")
    middle = Position(x=canvas.width / 2, y=canvas.height / 2)
    commands.spawn(middle, Velocity(), Circle(radius=20, color=rgba("#ffb454")), Player())


@system(Update)
def steer(players: Query[Mut[Velocity], Player], actions: Actions) -> None:
    """Move the player as long as a key is held."""
    for vel, player in players:  # one step per table, whole columns
        vel.x = player.speed * (actions.value("right") - actions.value("left"))
        vel.y = player.speed * (actions.value("down") - actions.value("up"))


@system(Update)
def stay_inside(players: Query[Mut[Position], Player], canvas: Canvas) -> None:
    """Keep the player on the canvas."""
    for pos, _ in players:
        pos.x = np.clip(pos.x, 0, canvas.width)
        pos.y = np.clip(pos.y, 0, canvas.height)
