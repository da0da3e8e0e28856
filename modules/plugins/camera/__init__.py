"""Cameras that follow.

Spawn `Follow(hero)` and the camera keeps the hero in sight. Put `Follow(hero)` beside a `View`, and that view does:

    commands.spawn(Position(240, 270), View(w=480, h=540), Follow(first))
    commands.spawn(Position(720, 270), View(w=480, h=540), Follow(second))
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine
from engine import Mut, PostUpdate, Query, Without, component, entity, f32, system
from modules.core.motion import Position, Velocity
from modules.core.render import Camera, Canvas, View, cut

__all__ = ["Follow"]


@component
class Follow:
    """Keep a camera on an entity: the `View` beside this, or else the world's `Camera`.

    The point looked at is (dx, dy) beside the target, and as far ahead of it as it flies in `ahead` seconds. It moves
    freely in a box of `dead_w` by `dead_h` around the middle of the picture; when it leaves the box, the camera makes
    up a share `ease` of the way in every tick. Nothing beyond `left`, `top`, `right` and `bottom` is shown; a world
    that is smaller than the picture is shown in its middle. All lengths are in units of the world. A new target is
    jumped to; so is the present one after `held` was set to 0.
    """

    target: engine.entity
    dead_w: f32 = 0.0
    dead_h: f32 = 0.0
    ease: f32 = 1.0
    ahead: f32 = 0.0
    dx: f32 = 0.0
    dy: f32 = 0.0
    left: f32 = -np.inf
    top: f32 = -np.inf
    right: f32 = np.inf
    bottom: f32 = np.inf
    held: entity = 0


@system(PostUpdate)
def follow(
    cameras: Query[Mut[Follow], Without[View]],
    views: Query[Mut[Follow], Mut[View]],
    places: Query[Position],
    speeds: Query[Velocity],
    camera: Mut[Camera],
    canvas: Canvas,
) -> None:
    """Move cameras and views to what they follow; those whose target is gone stay."""
    for leash in cameras:
        half = np.array([[canvas.width], [canvas.height]]) / 2
        middle = np.array([[camera.x], [camera.y]]) + half
        middle, jumped = _moved(leash, np.repeat(middle, leash.target.size, axis=1), half / camera.zoom, places, speeds)
        camera.x, camera.y = (float(v) for v in middle[:, -1] - half[:, 0])
        if jumped[-1]:
            cut(camera)
    for leash, view in views:
        half = np.stack([view.w, view.h]) / 2 / view.zoom
        (view.x, view.y), jumped = _moved(leash, np.stack([view.x, view.y]), half, places, speeds)
        view.last_x, view.last_y = np.where(jumped, np.nan, [view.last_x, view.last_y])


def _moved(
    leash: Any, middle: Any, half: Any, places: Query[Position], speeds: Query[Velocity]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return where (2, n) cameras look now, and which of them jumped; `half` is half of what they show."""
    found, pos = places.at(leash.target)
    goal = np.array(middle, np.float64)
    goal[:, found] = pos.xy + np.stack([leash.dx, leash.dy])[:, found]
    moving, vel = speeds.at(leash.target)
    goal[:, moving] += vel.xy * leash.ahead[moving]
    zone = np.stack([leash.dead_w, leash.dead_h]) / 2
    gap = goal - middle
    jumped = found & (leash.target != leash.held)
    moved = np.where(jumped, goal, middle + (gap - np.clip(gap, -zone, zone)) * leash.ease)
    low, high = np.stack([leash.left, leash.top]) + half, np.stack([leash.right, leash.bottom]) - half
    with np.errstate(invalid="ignore"):
        moved = np.where(low <= high, np.clip(moved, low, high), (low + high) / 2)
    leash.held = np.where(found, leash.target, leash.held)
    return moved, jumped
