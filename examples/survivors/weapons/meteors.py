"""Meteors: burning rocks fall on foes in sight."""

import numpy as np

from engine import Commands, Entity, Mut, Query, Random, Send, Startup, Time, Update, With, component, f32, system
from modules.core.audio import PlaySound
from modules.core.motion import Position
from modules.core.render import Camera, Circle, Pose, Sprite, rgba
from modules.plugins.particles import puff

from .. import HEIGHT, LIGHTS, WIDTH
from ..arms import Weapon, by_level, ready
from ..foes import Foe, all_foes
from ..hero import Gifts, Hero
from ..screens import Night, playing
from ..shots import Blow

# Each by level, 1 to 6.
PAUSE = (2.0, 1.8, 1.5, 1.3, 1.0, 0.8)  # seconds
COUNT = (1, 2, 2, 3, 4, 5)
DAMAGE = (26.0, 32.0, 40.0, 48.0, 58.0, 70.0)
RADIUS = (56.0, 60.0, 66.0, 72.0, 78.0, 88.0)  # pixels
FALLS = 0.5  # seconds
HIGH = 330.0  # pixels above the ground at first
SHAKE = 3.0  # pixels
EMBER, ASH, MARK = rgba("#ffb25c"), rgba("#ff3b2000"), rgba("#ff7a3a50")


@component
class Meteors:
    """Marks this weapon."""


@component
class Meteor:
    """A rock that lands here in `left` seconds."""

    left: f32
    damage: f32
    radius: f32


@system(Startup)
def forge(commands: Commands) -> None:
    """Add the weapon to those that levels offer."""
    commands.spawn(Weapon("Meteors", "icon_meteor.png", "Burning rocks fall on your foes"), Meteors())


@system(Update, when=playing)
def call(
    weapons: Query[Mut[Weapon], With[Meteors]],
    heroes: Query[Position, Hero],
    foes: Query[Entity, Position, Foe],
    gifts: Gifts,
    time: Time,
    random: Random,
    commands: Commands,
) -> None:
    """Choose foes in sight and let rocks fall on them."""
    for weapon in weapons:
        level = ready(weapon, PAUSE, float(time.dt)) if heroes else 0
        if not level:
            continue
        at = heroes.single()[0]
        _, x, y, _ = all_foes(foes)
        seen = np.flatnonzero((np.abs(x - at.x) < WIDTH * 0.42) & (np.abs(y - at.y) < HEIGHT * 0.42))
        if seen.size:
            aims = random.choice(seen, by_level(COUNT, level))
            radius = by_level(RADIUS, level) * gifts.reach
            left = FALLS + 0.12 * np.arange(aims.size)
            commands.spawn(
                Position(x=x[aims], y=y[aims]),
                Meteor(left, by_level(DAMAGE, level), radius),
                Sprite("meteor.png", layer=LIGHTS),
                Pose(),
                Circle(radius, MARK, width=2.0),
                Night(),
                count=aims.size,
            )


@system(Update, when=playing)
def fall(
    meteors: Query[Entity, Position, Mut[Meteor], Mut[Pose]],
    time: Time,
    camera: Mut[Camera],
    commands: Commands,
    blows: Send[Blow],
    play: Send[PlaySound],
) -> None:
    """Let rocks fall, and burst where they land."""
    for entity, pos, meteor, pose in meteors:
        meteor.left -= time.dt
        pose.dy = -HIGH * np.maximum(meteor.left, 0) / FALLS - 26
        down = meteor.left <= 0
        if down.any():
            x, y = pos.x[down], pos.y[down]
            blows.send(x=x, y=y, radius=meteor.radius[down], damage=meteor.damage[down], push=320)
            burst = puff(
                34, speed=260, life=0.55, size=9.0, color=EMBER, color_end=ASH, drag=0.04, layer=LIGHTS, glow=True
            )
            commands.spawn(Position(x=x, y=y), burst, count=x.size)
            play.send(sound="meteor.wav", volume=0.3, vary_pitch=0.1, vary_pan=0.3)
            camera.shake = max(camera.shake, SHAKE)
            commands.despawn(entity[down])
