"""How the hero looks: which clip plays, and how it squashes and stretches."""

import numpy as np

from engine import Commands, Events, Mut, Query, Time, Update, With, component, system
from modules.core.flow import Entered, Until, entered
from modules.core.motion import Position, Velocity
from modules.core.render import Fixed, Pose, Sheet, Sprite
from modules.plugins.animation import Clip, play
from modules.plugins.screens import Menu

from .ground import Landed
from .hero import HEIGHT, RUN_SPEED, Hero, Jumped
from .screens import Screen, playing

IDLE, RUN, RISE, FALL, CHEER = (0, 6), (8, 8), (16, 1), (17, 1), (18, 4)  # first cell and number of cells
JUMP_STRETCH, LAND_SQUASH = 1.32, 0.62
FAST_STRETCH, FAST = 0.16, 800.0  # how much a hero is stretched at so many pixels a second, up or down
BACK = 11.0  # of the way back to its shape in a second
SOLES = 40.0  # pixels from the middle of a cell to the hero's soles
GREETS_AT, GREETING = (318.0, 128.0), 10_010  # place and layer of the hero on the title


@component
class Greeter:
    """Stands beside the title."""


@system(Update)
def greet(events: Events[Entered], commands: Commands) -> None:
    """Stand beside the title, larger than life."""
    if entered(events, Screen.TITLE):
        looks = (Sprite("greeting.png", layer=GREETING), Sheet(columns=IDLE[1]), Clip(count=IDLE[1], rate=8))
        commands.spawn(Position(*GREETS_AT), Fixed(), *looks, Greeter(), Until(Screen.TITLE))


@system(Update)
def step_aside(greeters: Query[Mut[Sprite], With[Greeter]], menu: Menu) -> None:
    """Make room for pages that lie over the title."""
    for sprite in greeters:
        sprite.image = "" if menu.pages else "greeting.png"


@system(Update, when=playing)
def choose_clip(heroes: Query[Velocity, Hero, Mut[Clip], Mut[Sprite]]) -> None:
    """Play what the hero does."""
    for vel, hero, clip, sprite in heroes:
        own = np.abs(vel.x - hero.carried)
        kinds = [hero.cheers, hero.grounded & (own > 20), hero.grounded, vel.y < 0]
        first, count = (np.select(kinds, [c[i] for c in (CHEER, RUN, IDLE, RISE)], FALL[i]) for i in (0, 1))
        rate = np.where(first == RUN[0], 6 + 12 * own / RUN_SPEED, 8)
        play(clip, first, count, rate)
        sprite.flip = hero.facing < 0


@system(Update, when=playing)
def wobble(
    heroes: Query[Velocity, Hero, Mut[Pose]], jumped: Events[Jumped], landed: Events[Landed], time: Time
) -> None:
    """Stretch at a jump, squash at a landing, and come back to shape."""
    jumps, lands = jumped.read().x.size, landed.read().x.size
    for vel, hero, pose in heroes:
        goal = 1 + FAST_STRETCH * np.minimum(np.abs(vel.y) / FAST, 1) * ~hero.grounded
        back = pose.stretch + (goal - pose.stretch) * min(1.0, BACK * float(time.dt))
        pose.stretch = JUMP_STRETCH if jumps else LAND_SQUASH if lands else back
        pose.dy = HEIGHT / 2 - SOLES * pose.stretch
