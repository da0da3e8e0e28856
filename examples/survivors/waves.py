"""Waves: who comes when, how many, and the boss."""

from typing import Any

import numpy as np

from engine import Commands, Events, Mut, Query, Random, Send, Time, Update, event, f32, field, resource, system
from modules.core.flow import Entered, entered
from modules.core.motion import Position, Velocity

from .foes import BOSS, BRUTE, GHOUL, IMP, MOTH, SPEED, Foe, spawn
from .hero import Hero
from .screens import Game, Screen, playing

# From and until which second of the night a kind comes, and how many a second at both ends.
WAVES = (
    (0, 60, MOTH, 3.0, 18.0),
    (8, 120, IMP, 2.0, 60.0),
    (40, 200, GHOUL, 2.0, 80.0),
    (75, 999, BRUTE, 0.4, 28.0),
    (90, 999, MOTH, 30.0, 240.0),
    (130, 999, IMP, 40.0, 320.0),
)
RING_EVERY, RING_FIRST, RING_MORE = 22.0, 46, 60  # seconds between two rings around the hero; foes in them
BOSS_EVERY = 150.0  # seconds
MOST = 8000  # foes at a time
NEAR, WIDE = 560.0, 120.0  # pixels from the hero at which foes come, and how much farther
PARADE = 260  # foes that circle behind the title


@resource
class Comers:
    """Hold for each wave the part of a foe that is due, and how many rings and bosses have come."""

    due: list[float] = field(factory=list)
    rings: int = 0
    bosses: int = 0


@event
class BossCame:
    """The boss is here."""

    x: f32
    y: f32


@system(Update)
def start(events: Events[Entered], comers: Mut[Comers]) -> None:
    """Begin a night with nobody on the way."""
    if entered(events, Screen.PLAYING):
        comers.due, comers.rings, comers.bosses = [], 0, 0


@system(Update, when=playing)
def come(
    comers: Mut[Comers],
    heroes: Query[Position, Hero],
    foes: Query[Foe],
    game: Game,
    time: Time,
    random: Random,
    commands: Commands,
    came: Send[BossCame],
) -> None:
    """Let come who is due."""
    if not heroes:
        return
    at = heroes.single()[0]
    comers.due = (comers.due + [0.0] * len(WAVES))[: len(WAVES)]
    for row, (begins, ends, kind, first, last) in enumerate(WAVES):
        if begins <= game.seconds < ends:
            share = (game.seconds - begins) / (ends - begins)
            comers.due[row] += (first + (last - first) * share) * float(time.dt)
            count = int(comers.due[row])
            comers.due[row] -= count
            if count and len(foes) < MOST:
                around(commands, random, np.full(count, kind), at, random.uniform(0, 2 * np.pi, count), game)
    if game.seconds >= RING_EVERY * (comers.rings + 1):
        count = RING_FIRST + RING_MORE * comers.rings
        kind = (IMP, MOTH, GHOUL)[comers.rings % 3]
        comers.rings += 1
        around(commands, random, np.full(count, kind), at, np.linspace(0, 2 * np.pi, count, endpoint=False), game)
    if game.seconds >= BOSS_EVERY * (comers.bosses + 1):
        comers.bosses += 1
        around(commands, random, np.array([BOSS]), at, random.uniform(0, 2 * np.pi, 1), game)
        came.send(x=at.x, y=at.y)


def around(commands: Commands, random: Random, kind: Any, at: Any, angle: Any, game: Game) -> None:
    """Bring foes in from beyond the edge of the picture, at these angles from the hero."""
    far = NEAR + WIDE * random.random(angle.size)
    spawn(commands, random, kind, at.x + far * np.cos(angle), at.y + far * np.sin(angle), game)


@system(Update)
def gather(events: Events[Entered], commands: Commands, random: Random, game: Game) -> None:
    """Let a crowd circle behind the title."""
    if entered(events, Screen.TITLE):
        angle, far = random.uniform(0, 2 * np.pi, PARADE), 180 + 420 * np.sqrt(random.random(PARADE))
        kind = random.choice([MOTH, IMP, GHOUL, BRUTE], PARADE, p=[0.4, 0.35, 0.2, 0.05])
        spawn(commands, random, kind, far * np.cos(angle), far * np.sin(angle), game)


@system(Update)
def parade(foes: Query[Position, Mut[Velocity], Foe], screen: Screen) -> None:
    """Lead the crowd of the title around."""
    if screen is Screen.TITLE:
        for pos, vel, foe in foes:
            far = np.maximum(np.hypot(pos.x, pos.y), 1)
            vel.x, vel.y = -pos.y / far * SPEED[foe.kind], pos.x / far * SPEED[foe.kind]
