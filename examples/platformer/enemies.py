"""Enemies: beetles that walk, moths that fly. From above they are soft; from any other side they are the end."""

import numpy as np

from engine import Commands, Events, Mut, Query, Send, Time, Update, component, event, f32, system
from engine import text as engine_text
from modules.core.collision import OPEN, Body, Slide, Touch, Walls
from modules.core.motion import Position, Velocity
from modules.core.render import Pose, Sheet, Sprite
from modules.core.tiles import FromMap, Placed, TileMap, of_kind
from modules.plugins.animation import Clip

from . import TOUCHABLE
from .hero import GRAVITY, HEIGHT, JUMP_SPEED, Hero, HeroHit
from .platforms import Patrol, patrol_of
from .screens import going, playing

BEETLE_SPEED = 62.0  # pixels a second
BEETLE_W, BEETLE_H = 36.0, 26.0  # pixels of what can be touched
MOTH_RADIUS = 15.0
BOUNCE = 0.72  # of a jump's speed, after landing on an enemy
SOFT = 12.0  # pixels below an enemy's middle up to which the hero's feet count as from above
ENEMIES = 10  # layer


@component
class Enemy:
    """Hurt who touches it, unless from above."""

    kind: engine_text = "beetle"


@component
class Walker:
    """Walk to the next edge or wall, and back: `way` is -1 for left, 1 for right."""

    way: f32 = -1.0
    speed: f32 = BEETLE_SPEED


@event
class Squashed:
    """An enemy was landed on here."""

    x: f32
    y: f32
    kind: engine_text


@system(Update)
def place_beetles(placed: Events[Placed], commands: Commands) -> None:
    """Put beetles where the map has them."""
    for beetle in of_kind(placed, "beetle"):
        looks = (Sprite("beetle.png", layer=ENEMIES), Sheet(columns=4), Clip(count=4, rate=9), Pose(dy=-5))
        commands.spawn(
            Position(beetle.x, beetle.y + 8),
            Velocity(),
            Body(w=BEETLE_W, h=BEETLE_H, layers=TOUCHABLE),
            Slide(),
            Enemy("beetle"),
            Walker(speed=beetle.value("speed", BEETLE_SPEED)),
            *looks,
            FromMap(beetle.id),
        )


@system(Update)
def place_moths(placed: Events[Placed], commands: Commands) -> None:
    """Put moths where the map has them."""
    for moth in of_kind(placed, "moth"):
        commands.spawn(
            Position(moth.x, moth.y),
            Velocity(),
            Body(radius=MOTH_RADIUS, layers=TOUCHABLE),
            Enemy("moth"),
            patrol_of(moth),
            *(Sprite("moth.png", layer=ENEMIES), Sheet(columns=4), Clip(count=4, rate=14)),
            FromMap(moth.id),
        )


@system(Update, when=going)
def walk(
    walkers: Query[Position, Mut[Velocity], Body, Slide, Mut[Walker], Mut[Sprite]],
    walls: Walls,
    tiles: TileMap,
    time: Time,
) -> None:
    """Walk on, and turn where the ground ends, at walls and at thorns."""
    for pos, vel, body, slide, walker, sprite in walkers:
        ahead, foot = pos.x + walker.way * (body.w / 2 + 2), pos.y + body.h / 2
        hole = slide.floor & (walls.at(ahead, foot + 6) == OPEN) | tiles.is_class("thorn", ahead, foot - 6)
        turn = hole | np.where(walker.way < 0, slide.left, slide.right)
        walker.way = np.where(turn, -walker.way, walker.way)
        vel.x = walker.way * walker.speed
        vel.y += GRAVITY * time.dt
        sprite.flip = walker.way > 0


@system(Update, when=going)
def face(flyers: Query[Velocity, Patrol, Enemy, Mut[Sprite]]) -> None:
    """Let moths look where they fly."""
    for vel, _, _, sprite in flyers:
        sprite.flip = np.where(np.abs(vel.x) > 5, vel.x > 0, sprite.flip)


@system(Update, when=playing)
def meet(
    touches: Events[Touch],
    heroes: Query[Position, Mut[Velocity], Hero],
    enemies: Query[Position, Enemy],
    squashed: Send[Squashed],
    hits: Send[HeroHit],
    commands: Commands,
) -> None:
    """Let the hero bounce off enemies it lands on, and end it at all others."""
    for touch in touches:
        is_enemy, _ = enemies.at(touch.other)
        for one, other in zip(touch.one[is_enemy].tolist(), touch.other[is_enemy].tolist(), strict=True):
            mine, (pos, vel, _) = heroes.at([one])
            theirs, (at, enemy) = enemies.at([other])
            if not (mine.all() and theirs.all()):
                continue
            if vel.y[0] > 0 and pos.y[0] + HEIGHT / 2 < at.y[0] + SOFT:
                vel.y = -JUMP_SPEED * BOUNCE
                squashed.send(x=at.x, y=at.y, kind=enemy.kind)
                commands.despawn([other])
            else:
                hits.send(hero=one)
