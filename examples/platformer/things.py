"""Things to find: dew drops, springs, flowers that remember the way, and home."""

import numpy as np

from engine import Commands, Events, Mut, Query, Send, Time, Update, With, boolean, component, event, f32, system
from modules.core.collision import Body, Met, Touch
from modules.core.motion import Position, Velocity
from modules.core.render import Pose, Sheet, Sprite
from modules.core.tiles import FromMap, Placed, of_kind
from modules.plugins.animation import Clip, play

from . import TOUCHABLE
from .hero import HEIGHT, Hero
from .levels import Journey
from .screens import Game, going, playing

SPRING_SPEED = 1120.0  # pixels a second, upward
COIN_RADIUS = 15.0
BOB, BOB_RATE = 4.0, 3.2  # pixels, radians a second
THINGS = 5  # layer


@component
class Coin:
    """Worth having."""


@component
class Spring:
    """Throw who lands on it into the air; `shaken` is how far it still quivers."""

    shaken: f32 = 0.0


@component
class Flower:
    """Remember the way: a hero that ends begins again at the last one that bloomed."""

    open: boolean = False


@component
class Home:
    """The end of a level."""


@event
class CoinTaken:
    """A dew drop was picked here."""

    x: f32
    y: f32


@event
class Bounced:
    """A spring threw the hero up."""

    x: f32
    y: f32


@event
class Bloomed:
    """A flower opened."""

    x: f32
    y: f32


@event
class CameHome:
    """The hero came to the end of the level."""

    x: f32
    y: f32


@system(Update)
def place_coins(placed: Events[Placed], commands: Commands) -> None:
    """Hang up drops where the map has them."""
    for coin in of_kind(placed, "coin"):
        looks = (Sprite("drop.png", layer=THINGS), Sheet(columns=6), Clip(count=6, rate=9), Pose())
        body = Body(radius=COIN_RADIUS, layers=TOUCHABLE)
        commands.spawn(Position(coin.x, coin.y), body, Coin(), *looks, FromMap(coin.id))


@system(Update)
def place_springs(placed: Events[Placed], commands: Commands) -> None:
    """Let springs grow where the map has them."""
    for spring in of_kind(placed, "spring"):
        looks = (Sprite("spring.png", layer=THINGS), Pose())
        body = Body(w=52, h=34, layers=TOUCHABLE)
        commands.spawn(Position(spring.x, spring.y), body, Spring(), *looks, FromMap(spring.id))


@system(Update)
def place_flowers(placed: Events[Placed], commands: Commands) -> None:
    """Let flowers grow where the map has them."""
    for flower in of_kind(placed, "flower"):
        looks = (Sprite("flower.png", layer=THINGS), Sheet(columns=6), Clip(count=1, rate=0))
        body = Body(w=40, h=72, layers=TOUCHABLE)
        commands.spawn(Position(flower.x, flower.y - 12), body, Flower(), *looks, FromMap(flower.id))


@system(Update)
def place_homes(placed: Events[Placed], commands: Commands) -> None:
    """Build the house at the end of the way."""
    for home in of_kind(placed, "goal"):
        body = Body(w=50, h=90, layers=TOUCHABLE)
        commands.spawn(Position(home.x, home.y - 24), body, Home(), Sprite("home.png", layer=-1), FromMap(home.id))


@system(Update, when=playing)
def pick(
    met: Events[Met], coins: Query[Position, With[Coin]], game: Mut[Game], commands: Commands, taken: Send[CoinTaken]
) -> None:
    """Pick the drops that the hero touches."""
    for step in met:
        found, pos = coins.at(step.other)
        if found.any():
            game.coins += int(found.sum())
            taken.send(x=pos.x, y=pos.y)
            commands.despawn(step.other[found])


@system(Update, when=going)
def bob(coins: Query[Position, Mut[Pose], With[Coin]], time: Time) -> None:
    """Let drops float."""
    for pos, pose in coins:
        pose.dy = BOB * np.sin(BOB_RATE * time.elapsed + pos.x * 0.02)


@system(Update, when=playing)
def bounce(
    touches: Events[Touch],
    heroes: Query[Position, Mut[Velocity], Mut[Hero]],
    springs: Query[Position, Mut[Spring]],
    bounced: Send[Bounced],
) -> None:
    """Throw heroes that fall onto a spring into the air."""
    for touch in touches:
        is_spring, _ = springs.at(touch.other)
        ones, others = touch.one[is_spring], touch.other[is_spring]
        mine, (pos, vel, hero) = heroes.at(ones)
        theirs, (at, spring) = springs.at(others[mine])
        if not theirs.size:
            continue
        lands = (vel.y > 0) & (pos.y + HEIGHT / 2 < at.y + 8)
        if lands.any():
            vel.y = np.where(lands, -SPRING_SPEED, vel.y)
            hero.rising, hero.grounded = hero.rising & ~lands, hero.grounded & ~lands
            spring.shaken = np.where(lands, 1.0, spring.shaken)
            bounced.send(x=at.x[lands], y=at.y[lands])


@system(Update, when=going)
def quiver(springs: Query[Mut[Spring], Mut[Pose]], time: Time) -> None:
    """Let springs come to rest."""
    for spring, pose in springs:
        spring.shaken = np.maximum(spring.shaken - 1.6 * time.dt, 0)
        pose.stretch = 1 - 0.45 * spring.shaken**2 * np.cos(26 * (1 - spring.shaken))
        pose.dy = 17 * (1 - pose.stretch)


@system(Update, when=playing)
def bloom(
    met: Events[Met],
    flowers: Query[Position, Mut[Flower], Mut[Clip]],
    journey: Mut[Journey],
    bloomed: Send[Bloomed],
) -> None:
    """Open flowers that the hero passes, and begin again from there."""
    for step in met:
        found, (pos, flower, clip) = flowers.at(step.other)
        new = found[found] if not found.any() else ~flower.open
        if new.any():
            flower.open = True
            play(clip, first=1, count=5, rate=10, loops=False, where=new)
            journey.x, journey.y = float(pos.x[new][-1]), float(pos.y[new][-1])
            bloomed.send(x=pos.x[new], y=pos.y[new])


@system(Update, when=playing)
def come_home(
    met: Events[Met],
    homes: Query[Position, With[Home]],
    heroes: Query[Mut[Hero]],
    journey: Mut[Journey],
    came: Send[CameHome],
    time: Time,
) -> None:
    """End the level at the door."""
    for step in met:
        found, pos = homes.at(step.other)
        if found.any() and journey.home <= 0:
            journey.home = float(time.dt)
            came.send(x=pos.x[:1], y=pos.y[:1])
            for hero in heroes:
                hero.cheers = True
