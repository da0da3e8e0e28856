"""Effects: numbers, sparks, puffs, shaking. Nothing here matters to the game."""

import numpy as np

from engine import Commands, Events, Mut, Update, system
from modules.core.motion import Position, Velocity
from modules.core.render import Camera, Sprite, Text, rgba
from modules.plugins.particles import puff
from modules.plugins.tween import Alarm, Tween

from . import LIGHTS, NUMBERS
from .foes import BOSS, Died, Struck
from .gems import Taken
from .hero import HeroHurt
from .screens import Night
from .waves import BossCame

COLORS = np.array([rgba("#c79bff"), rgba("#ff7a7f"), rgba("#a8f5cf"), rgba("#ffb566"), rgba("#ff8fc0")], np.uint32)
SPARKS = np.array([7, 7, 9, 22, 160])  # that a foe bursts into, by kind
MOST_BURSTS, MOST_NUMBERS, MOST_FLARES = 30, 7, 10  # a tick
NUMBER, NUMBER_BIG, BIG_FROM = rgba("#fff7e0"), rgba("#ffd23f"), 20.0
RISES, LASTS = 46.0, 0.55  # pixels a second, seconds
BLOOD, GOLD = rgba("#ff4d6d"), rgba("#ffe58a")
HURT_SHAKE, BOSS_SHAKE, DEATH_SHAKE = 7.0, 14.0, 18.0  # pixels


@system(Update)
def burst(died: Events[Died], commands: Commands, camera: Mut[Camera]) -> None:
    """Let the dead burst into sparks."""
    for dead in died:
        kind = dead.kind[:MOST_BURSTS]
        color = COLORS[kind]
        sparks = puff(
            SPARKS[kind], speed=150 + 60 * (SPARKS[kind] > 20), life=0.5, drag=0.02, size=6.0, color=color,
            color_end=color & np.uint32(0xFFFFFF00), layer=LIGHTS, glow=True,
        )  # fmt: skip
        commands.spawn(Position(x=dead.x[:MOST_BURSTS], y=dead.y[:MOST_BURSTS]), sparks, count=kind.size)
        if (dead.kind == BOSS).any():
            camera.shake = DEATH_SHAKE


@system(Update)
def flash(struck: Events[Struck], commands: Commands) -> None:
    """Light up where a foe is hit."""
    for hit in struck:
        x, y = hit.x[:MOST_FLARES], hit.y[:MOST_FLARES]
        sprite = Sprite("flare.png", layer=LIGHTS, glow=True, scale=0.7)
        commands.spawn(Position(x=x, y=y), sprite, Alarm(0.06, ends=True), Night(), count=x.size)


@system(Update)
def number(struck: Events[Struck], commands: Commands) -> None:
    """Show how hard the hardest hits are."""
    for hit in struck:
        rows = np.argsort(-hit.damage, kind="stable")[:MOST_NUMBERS]
        damage = hit.damage[rows]
        big = damage >= BIG_FROM
        color = np.where(big, NUMBER_BIG, NUMBER).astype(np.uint32)
        text = Text(
            np.rint(damage).astype(int).astype(str),
            size=np.where(big, 20.0, 15.0),
            color=color,
            layer=NUMBERS,
            align="center",
        )
        rise = Velocity(x=0.0, y=-RISES)
        place = Position(x=hit.x[rows], y=hit.y[rows] - 12)
        ids = commands.spawn(place, rise, text, Alarm(LASTS, ends=True), Night(), count=rows.size)
        end = (color & np.uint32(0xFFFFFF00)).astype(np.float64)
        commands.spawn(Tween(ids, "Text.color", end, seconds=LASTS, ease="in_quad"), Night(), count=rows.size)


@system(Update)
def bleed(hurt: Events[HeroHurt], commands: Commands, camera: Mut[Camera]) -> None:
    """Shake, and let it be seen that the hero is hurt."""
    for hit in hurt:
        drops = puff(26, speed=190, life=0.5, drag=0.05, size=7.0, color=BLOOD, color_end=BLOOD & ~0xFF, layer=LIGHTS)
        commands.spawn(Position(x=hit.x, y=hit.y), drops)
        camera.shake = max(camera.shake, HURT_SHAKE)


@system(Update)
def glitter(taken: Events[Taken], commands: Commands) -> None:
    """Let gems glitter as they are taken."""
    for gem in taken:
        dust = puff(4, speed=70, life=0.35, size=5.0, color=GOLD, color_end=GOLD & ~0xFF, layer=LIGHTS, glow=True)
        commands.spawn(Position(x=gem.x[:8], y=gem.y[:8]), dust)


@system(Update)
def quake(came: Events[BossCame], camera: Mut[Camera]) -> None:
    """Shake the ground when the boss comes."""
    for _ in came:
        camera.shake = BOSS_SHAKE
