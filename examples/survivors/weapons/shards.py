"""Shards: a fan of ice the way the hero looks."""

import numpy as np

from engine import Commands, Mut, Query, Send, Startup, Time, Update, With, component, system
from modules.core.audio import PlaySound
from modules.core.motion import Position

from ..arms import Weapon, by_level, ready
from ..hero import Hero
from ..screens import playing
from ..shots import Shot, shoot

# Each by level, 1 to 6.
PAUSE = (1.5, 1.35, 1.2, 1.05, 0.9, 0.75)  # seconds
COUNT = (5, 7, 9, 12, 15, 20)  # shards in a fan
DAMAGE = (8.0, 9.0, 10.0, 12.0, 14.0, 17.0)
HITS = (2, 3, 4, 5, 6, 8)  # foes that a shard goes through
SPREAD = 0.9  # radians from the first to the last
SPEED = 400.0  # pixels a second


@component
class Shards:
    """Marks this weapon."""


@system(Startup)
def forge(commands: Commands) -> None:
    """Add the weapon to those that levels offer."""
    commands.spawn(Weapon("Shards", "icon_shard.png", "A fan of ice the way you walk"), Shards())


@system(Update, when=playing)
def fire(
    weapons: Query[Mut[Weapon], With[Shards]],
    heroes: Query[Position, Hero],
    time: Time,
    commands: Commands,
    play: Send[PlaySound],
) -> None:
    """Throw a fan of shards."""
    for weapon in weapons:
        level = ready(weapon, PAUSE, float(time.dt)) if heroes else 0
        if level:
            at, hero = heroes.single()
            count = by_level(COUNT, level)
            angle = np.arctan2(hero.look_y, hero.look_x) + SPREAD * (np.arange(count) / max(count - 1, 1) - 0.5)
            shot = Shot(by_level(DAMAGE, level), hits=by_level(HITS, level), left=1.1, push=110)
            shoot(commands, at.x, at.y, angle, SPEED, "shard.png", shot)
            play.send(sound="shards.wav", volume=0.2, vary_pitch=0.08)
