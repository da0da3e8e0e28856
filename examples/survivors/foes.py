"""The foes: what they are, how they chase and crowd, how they get hurt and die."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    Query,
    Random,
    Send,
    Time,
    Update,
    component,
    entity,
    event,
    f32,
    system,
    u8,
    vec2,
    vector,
)
from modules.core.motion import Position, Velocity, teleport
from modules.core.render import Sheet, Sprite

from . import CREATURES
from .hero import Hero
from .screens import Game, Night, moving, playing

MOTH, IMP, GHOUL, BRUTE, BOSS = range(5)  # kinds; in the lines below they come in this order
RADIUS = np.array([9, 9, 11, 18, 42], np.float32)  # pixels
SPEED = np.array([96, 62, 54, 42, 66], np.float32)  # pixels a second
HEALTH = np.array([4, 10, 22, 110, 2600], np.float32)
DAMAGE = np.array([3, 4, 5, 11, 18], np.float32)  # that a touch does
WEIGHT = np.array([1.0, 1.3, 1.6, 4.0, 40.0], np.float32)  # how little a blow moves it
PICTURES = np.array(["moth.png", "imp.png", "ghoul.png", "brute.png", "boss.png"])

STEPS, WHITE = 4, 4  # cells of a picture: steps of a walk, then the white one of a hit
PACE = 7.0  # steps a second
FLASH = 0.09  # seconds that a hit is seen, in which blades and waves do not hit again
RECOIL = 0.82  # share of a blow's push that is left after a tick
TOUGHER = 0.012  # share of its health that a foe has more for each second of the night

CELL = 24.0  # pixels; side of the cells in which a crowd is counted
CELLS = 160  # each way, around the hero
ROOM = 1.6  # foes that fit into a cell
PRESSURE = 34.0  # pixels a second for each foe too many, away from the crowd
FAR = 1000.0  # pixels from the hero at which a foe comes back on the other side


@component
class Foe:
    """A creature of some kind; `flash` is the time in seconds that its last hit is still seen, `push` what blows do.

    `phase` keeps it out of step with the others.
    """

    kind: u8
    hp: f32
    flash: f32 = 0.0
    phase: f32 = 0.0
    push_x: f32 = 0.0
    push_y: f32 = 0.0
    push: vec2 = vector("push_x", "push_y")


@event
class Hurt:
    """This foe takes damage, and is pushed by so many pixels a second."""

    foe: entity
    damage: f32
    push_x: f32
    push_y: f32


@event
class Struck:
    """A foe took damage here."""

    x: f32
    y: f32
    damage: f32


@event
class Died:
    """A foe died here."""

    x: f32
    y: f32
    kind: u8


def spawn(commands: Commands, random: Random, kind: Any, x: Any, y: Any, game: Game, hp: Any = None) -> None:
    """Bring foes into the world; (n,) columns. They are healthy unless their health is given."""
    kind = np.asarray(kind, np.uint8)
    hp = HEALTH[kind] * (1 + TOUGHER * game.seconds) if hp is None else hp
    commands.spawn(
        Position(x=x, y=y),
        Velocity(),
        Foe(kind, hp, phase=random.uniform(0, STEPS, kind.size)),
        Sprite(PICTURES[kind], layer=CREATURES),
        Sheet(columns=STEPS + 1),
        Night(),
        count=kind.size,
    )


@system(Update, when=playing)
def chase(foes: Query[Position, Mut[Velocity], Mut[Foe]], heroes: Query[Position, Hero]) -> None:
    """Let every foe walk to the hero, out of where the crowd is too dense, and reel from blows."""
    if not heroes:
        return
    at = heroes.single()[0]
    for pos, vel, foe in foes:
        dx, dy = at.x - pos.x, at.y - pos.y
        speed = SPEED[foe.kind] / np.maximum(np.sqrt(dx * dx + dy * dy), 1)
        away_x, away_y = elbow_room(pos, at.x, at.y)
        vel.x = dx * speed + away_x + foe.push_x
        vel.y = dy * speed + away_y + foe.push_y
        foe.push *= np.float32(RECOIL)


def elbow_room(pos: Any, x: float, y: float) -> tuple[Any, Any]:
    """Return velocities that lead from dense cells to emptier ones: the slope of the crowd, as on a weather map."""
    half = CELLS / 2
    column = np.clip((pos.x - x) * np.float32(1 / CELL) + half, 2, CELLS - 3).astype(np.int32)
    row = np.clip((pos.y - y) * np.float32(1 / CELL) + half, 2, CELLS - 3).astype(np.int32)
    place = row * CELLS + column
    crowd = np.bincount(place, minlength=CELLS * CELLS).astype(np.float32).reshape(CELLS, CELLS)
    soft = crowd.copy()
    soft[1:-1] += 0.5 * (crowd[:-2] + crowd[2:])
    crowd = soft.copy()
    crowd[:, 1:-1] += 0.5 * (soft[:, :-2] + soft[:, 2:])
    crowd = np.maximum(crowd / 4 - ROOM / 2, 0)
    slope_x, slope_y = np.zeros_like(crowd), np.zeros_like(crowd)
    slope_x[:, 1:-1] = crowd[:, :-2] - crowd[:, 2:]
    slope_y[1:-1] = crowd[:-2] - crowd[2:]
    return slope_x.ravel()[place] * np.float32(PRESSURE), slope_y.ravel()[place] * np.float32(PRESSURE)


@system(Update, when=playing)
def come_back(foes: Query[Mut[Position], Foe], heroes: Query[Position, Hero]) -> None:
    """Let foes that were left far behind come in from the other side."""
    if not heroes:
        return
    at = heroes.single()[0]
    for pos, _ in foes:
        far = (np.abs(pos.x - at.x) > FAR) | (np.abs(pos.y - at.y) > FAR)
        if far.any():
            pos.x[far] = at.x - np.clip(pos.x[far] - at.x, -FAR, FAR) * 0.9
            pos.y[far] = at.y - np.clip(pos.y[far] - at.y, -FAR, FAR) * 0.9
            teleport(pos, far)


@system(Update, when=playing)
def suffer(
    hurts: Events[Hurt],
    foes: Query[Position, Mut[Foe]],
    game: Mut[Game],
    commands: Commands,
    struck: Send[Struck],
    died: Send[Died],
) -> None:
    """Take all damage of a tick from each foe's health at once."""
    for hurt in hurts:
        ids, which = np.unique(hurt.foe, return_inverse=True)
        there, (pos, foe) = foes.at(ids)
        weight = WEIGHT[foe.kind]
        damage, push_x, push_y = (
            np.bincount(which, column, ids.size)[there] for column in (hurt.damage, hurt.push_x, hurt.push_y)
        )
        foe.hp = foe.hp - damage
        foe.flash = FLASH
        foe.push_x, foe.push_y = foe.push_x + push_x / weight, foe.push_y + push_y / weight
        struck.send(x=pos.x, y=pos.y, damage=damage)
        dead = foe.hp <= 0
        if dead.any():
            died.send(x=pos.x[dead], y=pos.y[dead], kind=foe.kind[dead])
            commands.despawn(ids[there][dead])
            game.kills += int(dead.sum())
            game.bosses += int((foe.kind[dead] == BOSS).sum())


@system(Update, when=moving)
def step(foes: Query[Velocity, Mut[Foe], Mut[Sprite], Mut[Sheet]], time: Time) -> None:
    """Show every foe as it walks, looking where it goes, and white while it is hit."""
    beat = np.float32(time.elapsed * PACE % STEPS)
    for vel, foe, sprite, sheet in foes:
        foe.flash = np.maximum(foe.flash - time.dt, 0)
        walk = (foe.phase + beat).astype(np.int32) % STEPS
        sheet.cell = np.where(foe.flash > 0, WHITE, walk)
        sprite.flip = vel.x < 0


def all_foes(foes: Query[Entity, Position, Foe]) -> tuple[NDArray[np.uint64], Any, Any, Any]:
    """Return ids, places and kinds of all foes, in one column each."""
    steps: list[Any] = list(foes)
    if len(steps) == 1:
        ids, pos, foe = steps[0]
        return ids, pos.x, pos.y, foe.kind
    ids = np.concatenate([step[0] for step in steps] or [np.zeros(0, np.uint64)])
    x, y = (np.concatenate([getattr(s[1], axis) for s in steps] or [np.zeros(0, np.float32)]) for axis in "xy")
    return ids, x, y, np.concatenate([s[2].kind for s in steps] or [np.zeros(0, np.uint8)])
