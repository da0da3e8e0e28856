"""Effects: dust, dew, sparks and a little shaking. Nothing here matters to the game."""

from typing import Any

import numpy as np

from engine import Commands, Entity, Events, Mut, Query, Send, Time, Update, component, f32, system
from modules.core.input import Rumble
from modules.core.motion import Position, Velocity
from modules.core.render import Camera, Pose, Sheet, Sprite, Text, fade, rgba
from modules.plugins.particles import Emitter, puff

from .enemies import ENEMIES, Squashed
from .ground import Landed
from .hero import Hero, HeroLost, Jumped
from .screens import playing
from .things import Bloomed, Bounced, CameHome, CoinTaken

UP = -np.pi / 2
DUST, DUST_END = rgba("#fff6dcc0"), rgba("#fff6dc00")
DEW, PETAL, LEAF, GOLD = rgba("#bff4ff"), rgba("#ff8fb1"), rgba("#8fd14f"), rgba("#ffd166")
STEPS = 9  # ticks between two puffs of dust while running
FRONT = 30  # layer
FELT = 600.0  # pixels a second from which a landing is felt in the hands
FLAT = 0.5  # seconds that a squashed enemy is seen


@component
class Flattened:
    """Lie flat for `left` seconds, fading."""

    left: f32 = FLAT


@system(Update)
def jump_dust(jumped: Events[Jumped], landed: Events[Landed], commands: Commands) -> None:
    """Throw up dust where the hero leaves the ground and comes back to it."""
    for jump in jumped:
        commands.spawn(Position(jump.x, jump.y), dust(7, speed=70, size=9))
    for land in landed:
        count = np.clip(land.speed / 70, 3, 10).astype(np.int32)
        commands.spawn(Position(land.x, land.y), dust(count, speed=land.speed * 0.22, size=10))


@system(Update, when=playing)
def run_dust(heroes: Query[Position, Velocity, Hero], time: Time, commands: Commands) -> None:
    """Leave a little dust behind who runs."""
    if time.tick % STEPS:
        return
    for pos, vel, hero in heroes:
        fast = hero.grounded & (np.abs(vel.x - hero.carried) > 200)
        if fast.any():
            place = Position(pos.x[fast] - 10 * hero.facing[fast], pos.y[fast] + 20)
            commands.spawn(place, dust(2, speed=34, size=7))


@system(Update)
def sparkle(taken: Events[CoinTaken], commands: Commands) -> None:
    """Let a picked drop splash."""
    for step in taken:
        splash = puff(
            12, speed=150, life=0.5, size=7, color=DEW, color_end=fade(DEW, 0), gravity=420, glow=True, layer=FRONT
        )
        commands.spawn(Position(step.x, step.y), splash)


@system(Update)
def squash(squashed: Events[Squashed], commands: Commands, camera: Mut[Camera]) -> None:
    """Show what was landed on flat for a moment, with a puff around it."""
    for step in squashed:
        image = np.where(step.kind == "moth", "moth.png", "beetle.png")
        commands.spawn(
            Position(step.x, step.y + 6),
            Velocity(y=40.0),
            Sprite(image, layer=ENEMIES),
            Sheet(columns=4),
            Pose(stretch=0.5, dy=4),
            Flattened(),
        )
        burst = puff(14, speed=170, life=0.5, size=9, color=GOLD, color_end=fade(GOLD, 0), drag=0.05, layer=FRONT)
        commands.spawn(Position(step.x, step.y), burst)
        camera.shake = max(camera.shake, 3.0)


@system(Update)
def lie_flat(flat: Query[Entity, Mut[Flattened], Mut[Sprite]], time: Time, commands: Commands) -> None:
    """Let squashed enemies fade and go."""
    for who, lying, sprite in flat:
        lying.left -= time.dt
        sprite.tint = fade(0xFFFFFFFF, lying.left / FLAT)
        commands.despawn(who[lying.left <= 0])


@system(Update)
def burst(lost: Events[HeroLost], commands: Commands, camera: Mut[Camera]) -> None:
    """Let a lost hero burst into leaves."""
    for step in lost:
        leaves = puff(26, speed=330, life=1.0, size=11, color=LEAF, color_end=fade(LEAF, 0), gravity=700, layer=FRONT)
        seeds = puff(18, speed=240, life=0.8, size=8, color=GOLD, color_end=fade(GOLD, 0), gravity=500, layer=FRONT)
        commands.spawn(Position(step.x, step.y), leaves)
        commands.spawn(Position(step.x, step.y), seeds)
        camera.shake = 12.0


@system(Update)
def celebrate(bloomed: Events[Bloomed], bounced: Events[Bounced], came: Events[CameHome], commands: Commands) -> None:
    """Throw petals for a flower, spores for a spring, and everything for coming home."""
    for flower in bloomed:
        commands.spawn(Position(flower.x, flower.y - 20), shower(22, 190, PETAL))
        commands.spawn(Position(flower.x, flower.y - 60), *rising("the way is remembered"))
    for spring in bounced:
        commands.spawn(Position(spring.x, spring.y), dust(12, speed=160, size=8))
    for home in came:
        for color in (PETAL, LEAF, GOLD, DEW):
            commands.spawn(Position(home.x, home.y), shower(24, 420, color))


def dust(count: Any, speed: Any, size: float) -> Emitter:
    """Return a puff of dust along the ground."""
    return puff(
        count,
        speed=speed,
        life=0.4,
        size=size,
        color=DUST,
        color_end=DUST_END,
        angle=UP,
        spread=1.4,
        drag=0.05,
        layer=FRONT,
    )


def shower(count: int, speed: float, color: int) -> Emitter:
    """Return a shower of petals that rises and comes down."""
    return puff(
        count,
        speed=speed,
        life=1.2,
        size=10,
        color=color,
        color_end=fade(color, 0),
        gravity=380,
        drag=0.25,
        angle=UP,
        spread=1.1,
        layer=FRONT,
    )


@component
class Rising:
    """Rise and fade away: `left` of its seconds remain."""

    left: f32 = 1.3


def rising(words: str) -> tuple[object, ...]:
    """Return the components of a line that rises and fades."""
    text = Text(words, size=17, align="center", color=0xFFFFFFFF, edge=2, edge_color=rgba("#3a2438"), layer=FRONT)
    return Velocity(y=-34.0), text, Rising()


@system(Update)
def rise(texts: Query[Entity, Mut[Rising], Mut[Text]], time: Time, commands: Commands) -> None:
    """Let what was said fade and go."""
    for who, rising_text, text in texts:
        rising_text.left -= time.dt
        text.color = fade(0xFFFFFFFF, rising_text.left * 2)
        commands.despawn(who[rising_text.left <= 0])


@system(Update)
def shake_pads(
    squashed: Events[Squashed],
    lost: Events[HeroLost],
    bounced: Events[Bounced],
    landed: Events[Landed],
    rumble: Send[Rumble],
) -> None:
    """Let the gamepad feel what is hard."""
    hard = (landed.read().speed > FELT).sum()
    ends, blows, bounces = lost.read().x.size, squashed.read().x.size, bounced.read().x.size
    strengths = ((ends, 0.9, 0.35), (blows, 0.5, 0.12), (bounces, 0.4, 0.12), (hard, 0.25, 0.08))
    for count, strength, seconds in strengths:
        if count:
            rumble.send(low=strength, high=strength * 0.6, seconds=seconds)
            return
