"""The hero: walks, is hurt, falls."""

import numpy as np

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    Query,
    Send,
    Time,
    Update,
    component,
    event,
    f32,
    resource,
    system,
)
from modules.core.flow import Entered, Flow
from modules.core.input import Actions
from modules.core.motion import Local, Parent, Position, Velocity
from modules.core.render import Camera, Dot, Sheet, Sprite, cut, fade, rgba
from modules.plugins.camera import Follow

from . import CREATURES, HEIGHT, LIGHTS, WIDTH
from .screens import Night, Screen, just_entered, playing

SPEED = 128.0  # pixels a second
HEALTH = 100.0
SIZE = 10.0  # pixels from the middle that can be touched
SAFE = 0.45  # seconds after a hit in which nothing hurts
PACE = 9.0  # steps a second
LANTERN, LANTERN_SIZE, FLICKER = rgba("#ffb86438"), 420.0, 0.07
EASE = 0.14  # share of the way to the hero that the camera goes in a tick


@component
class Hero:
    """The one who is to survive; (look_x, look_y) is the way it walked last."""

    hp: f32 = HEALTH
    most: f32 = HEALTH
    safe: f32 = 0.0
    look_x: f32 = 1.0
    look_y: f32 = 0.0


@component
class Lantern:
    """Marks the hero's light."""


@resource
class Gifts:
    """What levels have given to the hero, as factors: of speed, damage and reach, and health a second."""

    speed: float = 1.0
    might: float = 1.0
    reach: float = 1.0
    mending: float = 0.0


@event
class HeroHurt:
    """The hero was hurt here."""

    x: f32
    y: f32
    damage: f32


@system(Update)
def arrive(events: Events[Entered], commands: Commands, gifts: Mut[Gifts], camera: Mut[Camera]) -> None:
    """Bring the hero, the light and the camera into a new night."""
    screen = just_entered(events)
    if screen is Screen.TITLE:
        camera.x, camera.y = -WIDTH / 2, -HEIGHT / 2
        cut(camera)
    if screen is Screen.PLAYING:
        gifts.speed = gifts.might = gifts.reach = 1.0
        gifts.mending = 0.0
        sprite = Sprite("hero.png", layer=CREATURES)
        hero = commands.spawn(Position(), Velocity(), Hero(), sprite, Sheet(columns=5), Night())
        light = Dot(size=LANTERN_SIZE, color=LANTERN, layer=LIGHTS, glow=True)
        commands.spawn(Position(), light, Lantern(), Parent(hero), Local(), Night())
        commands.spawn(Follow(hero, ease=EASE), Night())


@system(Update, when=playing)
def walk(
    heroes: Query[Mut[Velocity], Mut[Hero], Mut[Sprite], Mut[Sheet]], actions: Actions, gifts: Gifts, time: Time
) -> None:
    """Walk where keys or stick say, no faster across than along."""
    x, y = actions.value("walk_x"), actions.value("walk_y")
    far = max(1.0, float(np.hypot(x, y)))
    for vel, hero, sprite, sheet in heroes:
        vel.x, vel.y = x / far * SPEED * gifts.speed, y / far * SPEED * gifts.speed
        hero.safe = np.maximum(hero.safe - time.dt, 0)
        hero.hp = np.minimum(hero.hp + gifts.mending * time.dt, hero.most)
        moving = abs(x) + abs(y) > 0
        if moving:
            hero.look_x, hero.look_y = x / far, y / far
            sprite.flip = np.where(x, x < 0, sprite.flip)
        step = int(time.elapsed * PACE) % 4 if moving else 0
        blink = (hero.safe > 0) & (int(time.elapsed * 16) % 2 == 0)
        sheet.cell = np.where(blink, 4, step)


@system(Update, when=playing)
def flicker(lights: Query[Mut[Dot], Lantern], time: Time) -> None:
    """Let the lantern burn unevenly."""
    for dot, _ in lights:
        wave = np.sin(time.elapsed * 7.1) + 0.6 * np.sin(time.elapsed * 17.3 + 1)
        dot.color = fade(LANTERN, 1 - FLICKER * (1 + wave))


@system(Update, when=playing)
def fall(heroes: Query[Entity, Position, Hero], flow: Mut[Flow], commands: Commands) -> None:
    """End the night when the hero has no health left."""
    for entity, _, hero in heroes:
        if (hero.hp <= 0).any():
            flow.go(Screen.OVER)
            commands.despawn(entity)


def hit(heroes: Query[Position, Mut[Hero]], damage: float, hurt: Send[HeroHurt]) -> None:
    """Take damage from the hero, unless it is safe."""
    for pos, hero in heroes:
        if (hero.safe <= 0).any() and damage > 0:
            hero.hp -= damage
            hero.safe = SAFE
            hurt.send(x=pos.x, y=pos.y, damage=damage)
