"""Gems: what foes leave behind, and the levels they lead to."""

import numpy as np

from engine import Commands, Entity, Events, Mut, Query, Random, Send, Update, component, event, f32, i32, system
from modules.core.motion import Position, Velocity
from modules.core.render import Sprite

from . import GEMS
from .foes import Died
from .hero import Gifts, Hero
from .screens import Game, Night, playing

WORTH = np.array([1, 1, 2, 10, 80])  # gems that a foe is worth, by kind
PICTURES = np.array(["gem_small.png", "gem_medium.png", "gem_large.png"])
DEARER = np.array([2, 8])  # worth from which a gem is medium, large
MOST = 1500  # that lie around; beyond, those of the dead are lost
FIRST_LEVEL, MORE, STEEPER = 4, 5, 1.5  # gems that a level takes: the first, more for each, and the square of it
PULL, REACH, HASTE = 100.0, 16.0, 420.0  # pixels: pulled from, taken from; pixels a second
HEART = 0.004  # chance of one in place of a gem
MENDS = 25.0  # health that a heart gives


@component
class Gem:
    """A gem of some worth, or a heart, whose worth is 0."""

    worth: i32


@event
class Taken:
    """The hero took a gem here, or a heart, whose worth is 0."""

    x: f32
    y: f32
    worth: i32


@event
class LevelGained:
    """The hero came to this level."""

    level: i32


@system(Update, when=playing)
def drop(died: Events[Died], gems: Query[Gem], commands: Commands, random: Random) -> None:
    """Leave a gem where a foe died, now and then a heart."""
    for dead in died:
        room = max(0, MOST - len(gems))
        kind, x, y = dead.kind[:room], dead.x[:room], dead.y[:room]
        worth = np.where(random.random(kind.size) < HEART, 0, WORTH[kind])
        picture = np.where(worth == 0, "heart.png", PICTURES[np.searchsorted(DEARER, worth, side="right")])
        if kind.size:
            sprite = Sprite(picture, layer=GEMS)
            commands.spawn(Position(x=x, y=y), Velocity(), Gem(worth), sprite, Night(), count=kind.size)


@system(Update, when=playing)
def pull(gems: Query[Position, Mut[Velocity], Gem], heroes: Query[Position, Hero], gifts: Gifts) -> None:
    """Draw gems to the hero, the faster the nearer."""
    if not heroes:
        return
    at, reach = heroes.single()[0], PULL * gifts.reach
    for pos, vel, _ in gems:
        dx, dy = at.x - pos.x, at.y - pos.y
        far = np.maximum(np.hypot(dx, dy), 1)
        pace = np.where(
            (far < reach) | (np.abs(vel.x) + np.abs(vel.y) > 0), HASTE * (1.25 - np.minimum(far / reach, 1)), 0
        )
        vel.x, vel.y = dx / far * pace, dy / far * pace


@system(Update, when=playing)
def take(
    gems: Query[Entity, Position, Gem],
    heroes: Query[Position, Mut[Hero]],
    game: Mut[Game],
    commands: Commands,
    taken: Send[Taken],
) -> None:
    """Take the gems that have reached the hero."""
    if not heroes:
        return
    at, hero = heroes.single()
    for entity, pos, gem in gems:
        near = np.hypot(at.x - pos.x, at.y - pos.y) < REACH
        if near.any():
            taken.send(x=pos.x[near], y=pos.y[near], worth=gem.worth[near])
            game.gems += int(gem.worth[near].sum())
            hero.hp = min(float(hero.most), float(hero.hp) + MENDS * int((gem.worth[near] == 0).sum()))
            commands.despawn(entity[near])


@system(Update, when=playing)
def rise(game: Mut[Game], gained: Send[LevelGained]) -> None:
    """Rise by a level, and hold the game for a choice."""
    need = needed(game.level)
    if game.gems >= need:
        game.gems -= need
        game.level += 1
        game.choosing += 1
        gained.send(level=game.level)


def needed(level: int) -> int:
    """Return how many gems lead from a level to the next."""
    return int(FIRST_LEVEL + MORE * (level - 1) + STEEPER * (level - 1) ** 2)
