"""A new game: steer the hero with the arrow keys, W A S D or a gamepad."""

import numpy as np

from engine import Commands, Mut, Query, Startup, Update, With, component, f32, system
from modules.core.input import Actions
from modules.core.motion import Position, Velocity
from modules.core.render import Canvas, Sprite, rgba


@component
class Player:
    """What the person at the keys steers; the speed is in pixels a second."""

    speed: f32 = 240.0


@system(Startup)
def begin(commands: Commands, actions: Mut[Actions], canvas: Mut[Canvas]) -> None:
    """Name the controls and put the hero in the middle."""
    canvas.color = rgba("#10141f")
    actions.bind("walk_x", "-key:left", "key:right", "-key:a", "key:d", "pad:leftx")
    actions.bind("walk_y", "-key:up", "key:down", "-key:w", "key:s", "pad:lefty")
    middle = Position(x=canvas.width / 2, y=canvas.height / 2)
    commands.spawn(middle, Velocity(), Sprite("hero.png"), Player())


@system(Update)
def steer(players: Query[Mut[Velocity], Player], actions: Actions) -> None:
    """Move the hero as long as a key is held."""
    for vel, player in players:  # one step per table, whole columns
        vel.x = player.speed * actions.value("walk_x")
        vel.y = player.speed * actions.value("walk_y")


@system(Update)
def stay_inside(places: Query[Mut[Position], With[Player]], canvas: Canvas) -> None:
    """Keep the hero on the canvas."""
    for pos in places:
        pos.x = np.clip(pos.x, 0, canvas.width)
        pos.y = np.clip(pos.y, 0, canvas.height)
