"""The bricks, and what a ball does to them."""

import numpy as np

from engine import Commands, Entity, Events, Mut, Query, Send, Update, With, component, event, f32, system, u8, u32
from modules.core.flow import Entered, entered
from modules.core.motion import Position, Velocity
from modules.core.render import Gradient, mix, rgba

from . import WIDTH, Screen
from .ball import RADIUS, Ball

ACROSS, DOWN = 12, 6  # bricks
W, H, GAP, TOP = 70.0, 24.0, 6.0, 90.0  # pixels
COLORS = [rgba(color) for color in ("#ff5d8f", "#ff8a5b", "#ffc857", "#7ae582", "#4cc9f0", "#9d7bff")]
WHITE, BLACK = rgba("#ffffff"), rgba("#000000")


@component
class Brick:
    """A brick of a row, the highest is 0."""

    row: u8


@event
class Broken:
    """A brick broke here."""

    x: f32
    y: f32
    color: u32
    row: u8


@system(Update)
def build(bricks: Query[Entity, With[Brick]], commands: Commands) -> None:
    """Build a wall when there is none."""
    if bricks:
        return
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(ACROSS), np.arange(DOWN)))
    x = WIDTH / 2 + (column - (ACROSS - 1) / 2) * (W + GAP)
    color = np.array(COLORS, np.uint32)[row % len(COLORS)]
    face = Gradient(w=W, h=H, color=mix(color, WHITE, 0.25), end=mix(color, BLACK, 0.25))
    commands.spawn(Position(x=x, y=TOP + row * (H + GAP)), Brick(row), face)


@system(Update)
def hit(
    balls: Query[Position, Mut[Velocity], With[Ball]],
    bricks: Query[Entity, Position, Gradient, Brick],
    commands: Commands,
    broken: Send[Broken],
) -> None:
    """Compare every ball with every brick at once; break what is touched, and bounce."""
    for pos, vel in balls:
        for entity, place, face, brick in bricks:
            dx = pos.x[:, None] - place.x  # a row per ball, a column per brick
            dy = pos.y[:, None] - place.y
            touch = (abs(dx) < W / 2 + RADIUS) & (abs(dy) < H / 2 + RADIUS)
            gone = touch.any(axis=0)
            broken.send(x=place.x[gone], y=place.y[gone], color=face.color[gone], row=brick.row[gone])
            commands.despawn(entity[gone])
            rows = np.flatnonzero(touch.any(axis=1))
            first = touch[rows].argmax(axis=1)
            dx, dy = dx[rows, first], dy[rows, first]
            sideways = abs(dx) / W > abs(dy) / H
            vel.x[rows] = np.where(sideways, np.copysign(vel.x[rows], dx), vel.x[rows])
            vel.y[rows] = np.where(sideways, vel.y[rows], np.copysign(vel.y[rows], dy))


@system(Update)
def tear_down(events: Events[Entered], bricks: Query[Entity, With[Brick]], commands: Commands) -> None:
    """Take away what is left of a wall when a game begins."""
    if entered(events, Screen.PLAYING):
        commands.despawn(bricks.entities())
