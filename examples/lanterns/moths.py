"""Moths: whole-array code that circles whatever shines."""

from __future__ import annotations

import numpy as np

from engine import Commands, Entity, Mut, Query, Random, Startup, Update, component, entity, f32, system
from modules.core.motion import Position, Velocity
from modules.core.random import in_box, spread
from modules.core.render import Dot, fade, mix, rgba
from modules.core.time import Time, running

from .lanterns import Lantern

MOTHS = 5_000
PULL = 210.0
"""How hard light attracts, in pixels per second squared."""
SWIRL = 150.0
DRAG = 1.5
FLUTTER = 260.0
DARK, BRIGHT = rgba("#46619c"), rgba("#fff1d8")


@component
class Moth:
    """Fly around a lantern, or where it was: `turn` is the way round, `taste` how near it wants to be."""

    lantern: entity = 0
    turn: f32 = 1.0
    taste: f32 = 60.0


@system(Startup)
def hatch(commands: Commands, random: Random) -> None:
    """Scatter the moths."""
    x, y = in_box(random, 960, 540, MOTHS)
    turn = np.sign(random.random(MOTHS) - 0.5)
    moths = Moth(turn=turn * spread(random, 1.0, 0.4, MOTHS), taste=18 + 95 * random.random(MOTHS) ** 2)
    commands.spawn(Position(x, y), Velocity(), moths, Dot(2.0, DARK, layer=2, glow=True), count=MOTHS)


@system(Update)
def choose(moths: Query[Mut[Moth], Position], lanterns: Query[Entity, Position, Lantern], random: Random) -> None:
    """Let moths without a light pick one: the brighter and nearer, the likelier."""
    everyone = [(entity.copy(), pos.x.copy(), pos.y.copy(), lit.light.copy()) for entity, pos, lit in lanterns]
    if not everyone:
        return
    entity, x, y, light = (np.concatenate(column) for column in zip(*everyone, strict=True))
    for moth, pos in moths:
        lost = np.flatnonzero(~np.isin(moth.lantern, entity) | (random.random(len(moth.lantern)) < 0.004))
        away = np.hypot(pos.x[lost, None] - x, pos.y[lost, None] - y)
        wish = away * (0.4 + random.random(away.shape)) / (0.2 + light)
        moth.lantern[lost] = entity[np.argmin(wish, axis=1)]


@system(Update, when=running)
def fly(
    moths: Query[Moth, Position, Mut[Velocity], Mut[Dot]],
    lanterns: Query[Position, Lantern],
    random: Random,
    time: Time,
) -> None:
    """Steer every moth around its lantern; without one it flutters on in the dark."""
    for moth, pos, vel, dot in moths:
        there, (home, lantern) = lanterns.at(moth.lantern)
        dx, dy, light = np.zeros((3, there.size), np.float32)
        dx[there], dy[there], light[there] = home.x - pos.x[there], home.y - pos.y[there], lantern.light
        color = np.full(there.size, DARK)
        color[there] = lantern.color
        away = np.hypot(dx, dy) + 1e-3
        pull = PULL * light * np.clip((away - moth.taste) / 40, -1, 1) / away
        swirl = SWIRL * light * moth.turn / away
        flutter = FLUTTER * (random.random((2, there.size), np.float32) * 2 - 1)
        vel.x += (dx * pull - dy * swirl + flutter[0] - DRAG * vel.x) * time.dt
        vel.y += (dy * pull + dx * swirl + flutter[1] - DRAG * vel.y) * time.dt
        shine = light * np.exp(-away / 110)
        dot.color = fade(mix(mix(DARK, color, 3 * shine), BRIGHT, 2 * shine - 1), 0.35 + 0.65 * shine)
