"""Blades: crescents that circle around the hero."""

import numpy as np

from engine import Commands, Entity, Mut, Query, Send, Startup, Time, Update, With, component, f32, system
from modules.core.motion import Position, Rotation
from modules.core.render import Sprite

from .. import SHOTS
from ..arms import Weapon, by_level
from ..hero import Gifts, Hero
from ..screens import Night, playing
from ..shots import Blow

# Each by level, 1 to 6.
COUNT = (2, 3, 4, 5, 6, 8)
DAMAGE = (7.0, 9.0, 11.0, 13.0, 16.0, 20.0)
RADIUS = (62.0, 68.0, 74.0, 80.0, 88.0, 98.0)  # pixels from the hero
TURN = 3.4  # radians a second
SIZE = 15.0  # pixels around the middle of a blade that cut
PUSH = 190.0


@component
class Blades:
    """Marks this weapon."""


@component
class Blade:
    """One blade: its place in the circle, in radians."""

    angle: f32


@system(Startup)
def forge(commands: Commands) -> None:
    """Add the weapon to those that levels offer."""
    commands.spawn(Weapon("Blades", "icon_blade.png", "Crescents circle around you"), Blades())


@system(Update, when=playing)
def sharpen(
    weapons: Query[Weapon, With[Blades]], blades: Query[Entity, With[Blade]], heroes: Query[Hero], commands: Commands
) -> None:
    """Have as many blades as the level says."""
    level = max((int(weapon.level[0]) for weapon in weapons), default=0)
    count = by_level(COUNT, level) if level and heroes else 0
    if len(blades) != count:
        commands.despawn(blades.entities())
        angle = 2 * np.pi * np.arange(count) / max(count, 1)
        sprite = Sprite("blade.png", layer=SHOTS, glow=True)
        commands.spawn(Position(), Rotation(), Blade(angle), sprite, Night(), count=count)


@system(Update, when=playing)
def circle(
    weapons: Query[Weapon, With[Blades]],
    blades: Query[Mut[Position], Mut[Rotation], Blade],
    heroes: Query[Position, Hero],
    gifts: Gifts,
    time: Time,
    blows: Send[Blow],
) -> None:
    """Swing the blades around the hero and cut."""
    level = max((int(weapon.level[0]) for weapon in weapons), default=0)
    if not heroes or not level:
        return
    at, radius = heroes.single()[0], by_level(RADIUS, level) * gifts.reach
    for pos, rot, blade in blades:
        angle = blade.angle + TURN * time.elapsed
        pos.x, pos.y = at.x + radius * np.cos(angle), at.y + radius * np.sin(angle)
        rot.angle = angle + 0.35
        blows.send(x=pos.x, y=pos.y, radius=SIZE, damage=by_level(DAMAGE, level), push=PUSH, gentle=True)
