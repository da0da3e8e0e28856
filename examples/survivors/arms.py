"""Arms: what all weapons share. The weapons themselves are the files in weapons/."""

from typing import Any

import numpy as np

import engine
from engine import Events, Mut, Query, Update, component, f32, handle, i32, system
from modules.core.flow import Entered, entered

from .screens import Screen

FIRST = "Spark"  # the weapon that a night begins with
HIGHEST = 6  # level


@component
class Weapon:
    """A weapon that a level can offer: its name, picture and a line about it; it fires from level 1 on.

    `wait` is the time in seconds until it may fire again.
    """

    name: engine.text
    icon: handle
    hint: engine.text
    level: i32 = 0
    wait: f32 = 0.0


@system(Update)
def hand_out(events: Events[Entered], weapons: Query[Mut[Weapon]]) -> None:
    """Begin a night with the first weapon alone."""
    if entered(events, Screen.PLAYING):
        for weapon in weapons:
            weapon.level = np.where(weapon.name == FIRST, 1, 0)
            weapon.wait = 0.0


def ready(weapon: Any, pauses: tuple[float, ...], dt: float) -> int:
    """Count down a weapon's only row and return its level when it is to fire, else 0; `pauses` are seconds by level."""
    level = int(weapon.level[0])
    if not level:
        return 0
    weapon.wait -= dt
    if weapon.wait[0] > 0:
        return 0
    weapon.wait = max(float(weapon.wait[0]) + by_level(pauses, level), 0.0)
    return level


def by_level(values: tuple[Any, ...], level: int) -> Any:
    """Return the value of a level, of the last one for those beyond."""
    return values[min(level, len(values)) - 1]
