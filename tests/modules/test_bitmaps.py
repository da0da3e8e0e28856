"""Arrays of colours are drawn where they lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import Call

from engine import Time, World
from modules.core.motion import Position
from modules.core.render import Bitmap, Bitmaps, Camera, Canvas, Fixed, rgba
from modules.systems import pygame_render

RED, HALF, CLEAR = rgba("#ff0000"), rgba("#00ff0080"), rgba("#00000000")


@pytest.fixture
def colors(world: World) -> Any:
    """Three columns and two rows, the middle column half green, the upper right cell clear, on a blue canvas."""
    canvas = world.resource(Canvas)
    canvas.width, canvas.height, canvas.color = 100, 80, rgba("#0000ff")
    world.resource(Time).alpha = 1.0
    array = np.array([[RED, HALF, CLEAR], [RED, HALF, RED]], np.uint32)
    world.resource(Bitmaps).arrays["field"] = array
    return array


def test_an_array_is_scaled_with_its_alpha_and_seen_through_the_camera(world: World, call: Call, colors: Any) -> None:
    def picture() -> Any:
        call(pygame_render.draw)
        return call(pygame_render.capture).astype(int)

    (entity,) = world.spawn(Position(50, 40), Bitmap("field", 30, 20))
    seen = picture()
    assert seen[35, 40].tolist() == [255, 0, 0]
    assert seen[35, 50].tolist() == pytest.approx([0, 128, 127], abs=2)
    assert seen[35, 60].tolist() == [0, 0, 255]
    assert seen[45, 60].tolist() == [255, 0, 0]
    assert seen[45, 66].tolist() == [0, 0, 255]  # beside it
    colors[:] = rgba("#00ff00")
    assert picture()[35, 40].tolist() == [0, 255, 0]  # as it stands in the frame
    world.get(entity, Bitmap).glow = True
    assert picture()[35, 40].tolist() == [0, 255, 255]
    camera = world.resource(Camera)
    camera.zoom, camera.x = 40.0, 0.0
    assert (picture()[..., 1] == 255).all()  # only what can be seen is scaled
    world.insert(entity, Fixed())
    assert picture()[35, 20].tolist() == [0, 0, 255]
    world.resource(Bitmaps).arrays.clear()
    assert (picture() == [0, 0, 255]).all()
