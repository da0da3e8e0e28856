"""Spark: bolts of light at the nearest foes."""

import numpy as np

from engine import Commands, Entity, Mut, Query, Send, Startup, Time, Update, With, component, system
from modules.core.audio import PlaySound
from modules.core.motion import Position

from ..arms import Weapon, by_level, ready
from ..foes import Foe, all_foes
from ..hero import Hero
from ..screens import playing
from ..shots import Shot, shoot

# Each by level, 1 to 6.
PAUSE = (0.50, 0.42, 0.36, 0.30, 0.25, 0.20)  # seconds between two volleys
BOLTS = (1, 2, 3, 4, 6, 9)  # in a volley, each at another foe
DAMAGE = (7.0, 8.0, 10.0, 11.0, 13.0, 15.0)
HITS = (1, 1, 2, 2, 3, 3)  # foes that a bolt goes through
SPEED, RANGE = 520.0, 420.0  # pixels a second, pixels


@component
class Spark:
    """Marks this weapon."""


@system(Startup)
def forge(commands: Commands) -> None:
    """Add the weapon to those that levels offer."""
    commands.spawn(Weapon("Spark", "icon_spark.png", "Bolts of light at the nearest foes"), Spark())


@system(Update, when=playing)
def fire(
    weapons: Query[Mut[Weapon], With[Spark]],
    heroes: Query[Position, Hero],
    foes: Query[Entity, Position, Foe],
    time: Time,
    commands: Commands,
    play: Send[PlaySound],
) -> None:
    """Shoot at the nearest foes, one bolt for each."""
    for weapon in weapons:
        level = ready(weapon, PAUSE, float(time.dt)) if heroes else 0
        if not level:
            continue
        at = heroes.single()[0]
        _, x, y, _ = all_foes(foes)
        far = np.hypot(x - at.x, y - at.y)
        count = min(by_level(BOLTS, level), int((far < RANGE).sum()))
        if not count:
            weapon.wait = 0.05
            continue
        aims = np.argsort(far, kind="stable")[:count] if far.size < 64 else nearest(far, count)
        angle = np.arctan2(y[aims] - at.y, x[aims] - at.x)
        shot = Shot(by_level(DAMAGE, level), hits=by_level(HITS, level), left=RANGE / SPEED * 1.3)
        shoot(commands, at.x, at.y - 4, angle, SPEED, "spark.png", shot)
        play.send(sound="spark.wav", volume=0.16, vary_pitch=0.1)


def nearest(far: np.ndarray, count: int) -> np.ndarray:
    """Return the rows of the smallest distances, in order."""
    few = np.argpartition(far, count)[:count]
    return few[np.argsort(far[few], kind="stable")]
