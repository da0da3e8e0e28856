"""Nova: a wave of fire that grows out of the hero."""

import numpy as np

from engine import Commands, Entity, Mut, Query, Send, Startup, Time, Update, With, component, f32, system
from modules.core.audio import PlaySound
from modules.core.motion import Position
from modules.core.render import Sprite, fade, rgba

from .. import LIGHTS
from ..arms import Weapon, by_level, ready
from ..hero import Gifts, Hero
from ..screens import Night, playing
from ..shots import Blow

# Each by level, 1 to 6.
PAUSE = (3.4, 3.1, 2.8, 2.5, 2.2, 1.8)  # seconds
RADIUS = (110.0, 125.0, 140.0, 160.0, 180.0, 210.0)  # pixels
DAMAGE = (8.0, 10.0, 12.0, 15.0, 18.0, 22.0)
GROWS = 0.42  # seconds
PUSH = 240.0
PICTURE = 116.0  # pixels; radius of the wave in its picture
WHITE = rgba("#ffffff")


@component
class Nova:
    """Marks this weapon."""


@component
class Wave:
    """A wave on its way to `radius`; `age` in seconds."""

    radius: f32
    damage: f32
    age: f32 = 0.0


@system(Startup)
def forge(commands: Commands) -> None:
    """Add the weapon to those that levels offer."""
    commands.spawn(Weapon("Nova", "icon_flare.png", "A wave of fire all around you"), Nova())


@system(Update, when=playing)
def fire(
    weapons: Query[Mut[Weapon], With[Nova]],
    heroes: Query[Position, Hero],
    gifts: Gifts,
    time: Time,
    commands: Commands,
    play: Send[PlaySound],
) -> None:
    """Let a wave go."""
    for weapon in weapons:
        level = ready(weapon, PAUSE, float(time.dt)) if heroes else 0
        if level:
            at = heroes.single()[0]
            wave = Wave(by_level(RADIUS, level) * gifts.reach, by_level(DAMAGE, level))
            commands.spawn(
                Position(x=at.x, y=at.y), wave, Sprite("ring.png", layer=LIGHTS, glow=True, scale=0), Night()
            )
            play.send(sound="nova.wav", volume=0.3, vary_pitch=0.05)


@system(Update, when=playing)
def grow(
    waves: Query[Entity, Position, Mut[Wave], Mut[Sprite]], time: Time, commands: Commands, blows: Send[Blow]
) -> None:
    """Let waves grow, burn and fade."""
    for entity, pos, wave, sprite in waves:
        wave.age += time.dt
        share = np.minimum(wave.age / GROWS, 1)
        radius = wave.radius * (1 - (1 - share) ** 2)
        sprite.scale = radius / PICTURE
        sprite.tint = fade(WHITE, 1.6 * (1 - share))
        blows.send(x=pos.x, y=pos.y, radius=radius, damage=wave.damage, push=PUSH, gentle=True)
        commands.despawn(entity[share >= 1])
