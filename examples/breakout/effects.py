"""Effects: sparks, a trail, a little shaking. Nothing here matters to the game."""

from engine import Commands, Entity, Events, Mut, Query, Update, With, Without, system
from modules.core.motion import Position
from modules.core.render import Camera, Dot, fade, rgba
from modules.plugins.particles import Emitter, puff

from . import HEIGHT
from .ball import Ball, Lost, Met
from .bricks import Broken
from .paddle import Y

SPARKS, PULL = 30, 700.0  # for a brick, and pixels a second squared
SHAKE, LOST_SHAKE = 3.0, 10.0  # pixels
WARM, BLUE = rgba("#ffb347"), rgba("#7fd8ff")
UP = -1.57  # radians


@system(Update)
def burst(broken: Events[Broken], commands: Commands, camera: Mut[Camera]) -> None:
    """Let bricks burst into sparks of their colour."""
    for brick in broken:
        sparks = puff(SPARKS, speed=300, life=0.9, gravity=PULL, radius=16, size=18, color=brick.color, glow=True)
        commands.spawn(Position(x=brick.x, y=brick.y), sparks)
        if len(brick.x):
            camera.shake = max(camera.shake, SHAKE)


@system(Update)
def splash(met: Events[Met], lost: Events[Lost], commands: Commands, camera: Mut[Camera]) -> None:
    """Splash where a ball meets the paddle, and more where it is lost."""
    for ball in met:
        drops = puff(10, speed=160, life=0.4, angle=UP, spread=1.0, size=13, color=BLUE, glow=True)
        commands.spawn(Position(x=ball.x, y=Y - 8), drops, count=len(ball.x))
    for fallen in lost:
        drops = puff(60, speed=420, life=0.9, angle=UP, spread=0.7, size=18, color=WARM, glow=True)
        commands.spawn(Position(x=fallen.x, y=HEIGHT), drops, count=len(fallen.x))
        if len(fallen.x):
            camera.shake = LOST_SHAKE


@system(Update)
def leave_trail(balls: Query[Entity, With[Ball], Without[Emitter]], commands: Commands) -> None:
    """Give every ball a halo and a trail."""
    if balls:
        trail = Emitter(rate=140, speed=14, life=0.35, size=24, color=fade(WARM, 0.4), glow=True)
        commands.insert(balls.entities(), trail, Dot(size=70, color=fade(WARM, 0.4), glow=True))
