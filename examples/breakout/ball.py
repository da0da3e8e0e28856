"""The ball, and what it bounces off."""

import numpy as np

from engine import Commands, Entity, Events, Mut, Query, Random, Send, Update, With, component, event, f32, system
from modules.core.flow import Entered
from modules.core.motion import Position, Velocity
from modules.core.render import Circle, rgba

from . import HEIGHT, WIDTH, playing
from .paddle import HIGH, Paddle, Y

RADIUS = 8.0  # pixels
SPEED = 400.0  # pixels a second
FASTER = 1.012  # times, with each bounce off the paddle
STEEPEST = 1.1  # radians from straight up, off the paddle's end
COLOR = rgba("#fff3d6")


@component
class Ball:
    """A ball that keeps to its speed, in pixels a second."""

    speed: f32 = SPEED


@event
class Met:
    """A ball met the paddle here."""

    x: f32


@event
class Lost:
    """A ball fell past the paddle here."""

    x: f32


@system(Update, when=playing)
def serve(balls: Query[Entity, With[Ball]], commands: Commands, random: Random) -> None:
    """Serve a ball when there is none."""
    if not balls:
        angle = random.uniform(-0.6, 0.6)
        velocity = Velocity(x=SPEED * np.sin(angle), y=-SPEED * np.cos(angle))
        commands.spawn(Position(x=WIDTH / 2, y=400), velocity, Ball(), Circle(RADIUS, COLOR, layer=5))


@system(Update)
def bounce(balls: Query[Position, Mut[Velocity], With[Ball]]) -> None:
    """Bounce off the walls."""
    for pos, vel in balls:
        vel.x = np.where(pos.x < RADIUS, abs(vel.x), vel.x)
        vel.x = np.where(pos.x > WIDTH - RADIUS, -abs(vel.x), vel.x)
        vel.y = np.where(pos.y < RADIUS, abs(vel.y), vel.y)


@system(Update)
def meet_paddle(
    balls: Query[Position, Mut[Velocity], Mut[Ball]], paddles: Query[Position, Paddle], met: Send[Met]
) -> None:
    """Bounce off the paddle, the farther from its middle the flatter."""
    place, paddle = paddles.single()
    for pos, vel, ball in balls:
        off = (pos.x - place.x) / (paddle.w / 2 + RADIUS)
        hit = (abs(off) < 1) & (abs(pos.y - Y) < HIGH / 2 + RADIUS) & (vel.y > 0)
        ball.speed = np.where(hit, ball.speed * FASTER, ball.speed)
        vel.x = np.where(hit, ball.speed * np.sin(off * STEEPEST), vel.x)
        vel.y = np.where(hit, -ball.speed * np.cos(off * STEEPEST), vel.y)
        met.send(x=pos.x[hit])


@system(Update)
def lose(balls: Query[Entity, Position, With[Ball]], commands: Commands, lost: Send[Lost]) -> None:
    """Lose what falls past the paddle."""
    for entity, pos in balls:
        gone = pos.y > HEIGHT + RADIUS
        lost.send(x=pos.x[gone])
        commands.despawn(entity[gone])


@system(Update)
def clear(entered: Events[Entered], balls: Query[Entity, With[Ball]], commands: Commands) -> None:
    """Take the balls away when the screen changes."""
    if any(len(step.state) for step in entered):
        commands.despawn(balls.entities())
