"""Canvas, camera and views, and the way between their coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import Mut, PreUpdate, Query, component, f32, i32, resource, system, u32

SHAKE_KEPT = 0.9
"""Share of the camera's shake that is left after a tick."""


@resource
class Canvas:
    """Say how large the picture is, in pixels, and which colour it is cleared with.

    `smooth` chooses whether a window that is larger shows it smoothed or in sharp pixels; a smaller one always smooths.
    """

    width: int = 960
    height: int = 540
    color: int = 0x0B0E14FF
    smooth: bool = True


@resource
class Camera:
    """Look at the world.

    `x` and `y` are the world's point at the canvas' top left corner at zoom 1; zoom works around the middle of the
    canvas. `shake` moves the picture by up to so many pixels and dies down by itself. `shows` is False where the world
    is seen through `View`s only. `last` is where it looked at the start of the tick; nan, as after `cut`, for nowhere.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    shake: float = 0.0
    shows: bool = True
    last_x: float = np.nan
    last_y: float = np.nan


@component
class View:
    """Show a part of the world in a rectangle of the canvas: split screens, minimaps, mirrors.

    The rectangle is `w` by `h` pixels around the entity's `Position` on the canvas, and lies at `layer` there. (`x`,
    `y`) is the world's point in its middle. Of the world it shows the layers from `lowest` to `highest`, and nothing
    that is `Fixed`. It is cleared with `color`. `last` is where it looked at the start of the tick, nan for nowhere.
    """

    w: f32
    h: f32
    x: f32 = 0.0
    y: f32 = 0.0
    zoom: f32 = 1.0
    shake: f32 = 0.0
    layer: i32 = 0
    lowest: i32 = -(2**31)
    highest: i32 = 2**31 - 1
    color: u32 = 0x0B0E14FF
    last_x: f32 = np.nan
    last_y: f32 = np.nan


@resource(transient=True)
class Picture:
    """Hand the picture drawn last from the implementation of this contract to the window's.

    `surface` is whatever the two agree on; `count` rises with each picture.
    """

    surface: Any = None
    count: int = 0


@system(PreUpdate)
def settle(camera: Mut[Camera], views: Query[Mut[View]]) -> None:
    """Keep where cameras looked, for the picture between two ticks, and let their shake die down."""
    camera.last_x, camera.last_y = camera.x, camera.y
    if camera.shake:
        camera.shake = camera.shake * SHAKE_KEPT if camera.shake > 0.1 else 0.0
    for view in views:
        view.last_x, view.last_y = view.x, view.y
        view.shake = np.where(view.shake > 0.1, view.shake * SHAKE_KEPT, 0)


def look_at(camera: Camera, canvas: Canvas, x: float, y: float, share: float = 1.0) -> None:
    """Move a `Mut[Camera]` so that a point of the world comes to the middle, or a share of the way to it."""
    camera.x += (x - canvas.width / 2 - camera.x) * share
    camera.y += (y - canvas.height / 2 - camera.y) * share


def cut(camera: Any) -> None:
    """Show at once where a `Mut[Camera]` or `Mut[View]` looks now, instead of sliding there; for the tick of a jump."""
    camera.last_x = camera.last_y = np.nan


def to_canvas(camera: Camera, canvas: Canvas, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where points of the world lie on the canvas; numbers or whole arrays."""
    half_x, half_y = canvas.width / 2, canvas.height / 2
    return (x - camera.x - half_x) * camera.zoom + half_x, (y - camera.y - half_y) * camera.zoom + half_y


def to_world(camera: Camera, canvas: Canvas, x: Any, y: Any) -> tuple[Any, Any]:
    """Return which points of the world lie at points of the canvas; numbers or whole arrays."""
    half_x, half_y = canvas.width / 2, canvas.height / 2
    return (x - half_x) / camera.zoom + half_x + camera.x, (y - half_y) / camera.zoom + half_y + camera.y


def view_to_canvas(view: View, pos: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where a `View` whose `Position` is `pos` shows points of the world; numbers or whole arrays."""
    return (x - view.x) * view.zoom + pos.x, (y - view.y) * view.zoom + pos.y


def view_to_world(view: View, pos: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return which points of the world a `View` shows at points of the canvas; numbers or whole arrays."""
    return (x - pos.x) / view.zoom + view.x, (y - pos.y) / view.zoom + view.y


def in_sight(camera: Camera, canvas: Canvas, x: Any, y: Any, margin: float = 0.0) -> Any:
    """Return a mask of the points of the world that lie on the canvas, or within `margin` pixels of it."""
    x, y = to_canvas(camera, canvas, x, y)
    return (x >= -margin) & (x <= canvas.width + margin) & (y >= -margin) & (y <= canvas.height + margin)
