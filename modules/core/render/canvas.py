"""Canvas and camera, and the way between their coordinates."""

from __future__ import annotations

from typing import Any

from engine import Mut, PreUpdate, resource, system

SHAKE_KEPT = 0.9
"""Share of the camera's shake that is left after a tick."""


@resource
class Canvas:
    """Say how large the picture is, in pixels, and which colour it is cleared with.

    `smooth` chooses whether a window that is larger shows it smoothed or in sharp pixels.
    """

    width: int = 960
    height: int = 540
    color: int = 0x0B0E14FF
    smooth: bool = True


@resource
class Camera:
    """Look at the world.

    `x` and `y` are the world's point at the canvas' top left corner at zoom 1; zoom works around the middle of the
    canvas. `shake` moves the picture by up to so many pixels and dies down by itself.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    shake: float = 0.0


@resource(transient=True)
class Picture:
    """Hand the picture drawn last from the implementation of this contract to the window's.

    `surface` is whatever the two agree on; `count` rises with each picture.
    """

    surface: Any = None
    count: int = 0


@system(PreUpdate)
def settle(camera: Mut[Camera]) -> None:
    """Let the shake die down."""
    if camera.shake:
        camera.shake = camera.shake * SHAKE_KEPT if camera.shake > 0.1 else 0.0


def look_at(camera: Camera, canvas: Canvas, x: float, y: float, share: float = 1.0) -> None:
    """Move a `Mut[Camera]` so that a point of the world comes to the middle, or a share of the way to it."""
    camera.x += (x - canvas.width / 2 - camera.x) * share
    camera.y += (y - canvas.height / 2 - camera.y) * share


def to_canvas(camera: Camera, canvas: Canvas, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where points of the world lie on the canvas; numbers or whole arrays."""
    half_x, half_y = canvas.width / 2, canvas.height / 2
    return (x - camera.x - half_x) * camera.zoom + half_x, (y - camera.y - half_y) * camera.zoom + half_y


def to_world(camera: Camera, canvas: Canvas, x: Any, y: Any) -> tuple[Any, Any]:
    """Return which points of the world lie at points of the canvas; numbers or whole arrays."""
    half_x, half_y = canvas.width / 2, canvas.height / 2
    return (x - half_x) / camera.zoom + half_x + camera.x, (y - half_y) / camera.zoom + half_y + camera.y
