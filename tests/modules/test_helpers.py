"""The small functions of the contracts: countdowns, chance, colours, the way between canvas and world."""

from __future__ import annotations

import numpy as np
import pytest

from engine import HotloopError, Mut, World
from modules.core import random as chance
from modules.core.render import Camera, Canvas, Polygon, fade, look_at, mix, outline, rgba, to_canvas, to_world
from modules.core.time import Timer, countdown


def test_a_countdown_tells_once_who_is_due() -> None:
    column = np.array([0.02, 0.5, 0.0], np.float32)
    dt = np.array(1 / 60, np.float32)
    assert countdown(column, dt).tolist() == [False, False, False]
    assert countdown(column, dt).tolist() == [True, False, False]
    assert countdown(column, dt).tolist() == [False, False, False]
    assert column[0] == 0


def test_a_timer_starts_again_with_its_period(world: World) -> None:
    world.spawn(Timer(left=1.0, every=[0.0, 2.0]))
    due = [timer.advance(1.0).tolist() for _ in range(4) for timer in world.query(Mut[Timer])]
    assert due == [[True, True], [False, False], [False, True], [False, False]]


def test_chance_is_the_same_for_the_same_seed() -> None:
    first, second = (World(seed=3).random("here") for _ in range(2))
    assert np.array_equal(chance.in_disc(first, 5, 100), chance.in_disc(second, 5, 100))
    assert chance.pick(first, ["a", "b"], 20) == chance.pick(second, ["a", "b"], 20)


def test_chance_has_the_shapes_and_bounds_it_says() -> None:
    random = World(seed=3).random("here")
    assert np.allclose(np.hypot(*chance.directions(random, 50)), 1)
    disc = chance.in_disc(random, 10, 2000)
    assert disc.shape == (2, 2000)
    assert disc.dtype == np.float32
    assert np.hypot(*disc).max() <= 10.001
    assert np.hypot(*disc).mean() == pytest.approx(10 * 2 / 3, rel=0.05)
    box = chance.in_box(random, 4, 2, 500)
    assert box.min() >= 0
    assert (box.max(axis=1) <= [4, 2]).all()
    assert abs(chance.spread(random, 5, 1, 500) - 5).max() <= 1
    assert chance.chance(random, 0.25, 4000).mean() == pytest.approx(0.25, abs=0.04)
    assert set(chance.pick(random, ["x", "y"], 50, weights=[0, 1])) == {"y"}


def test_colours_are_read_faded_and_mixed() -> None:
    assert rgba("#ff8800") == 0xFF8800FF
    assert rgba("#f80") == 0xFF8800FF
    assert rgba("#ff880080", 0.5) == 0xFF880040
    with pytest.raises(HotloopError, match="is no colour"):
        rgba("red")
    assert fade(0xFF8800FF, [1.0, 0.5, 0.0, -1.0]).tolist() == [0xFF8800FF, 0xFF880080, 0xFF880000, 0xFF880000]
    assert mix(0x000000FF, 0xFFFFFFFF, [0, 0.5, 1]).tolist() == [0x000000FF, 0x808080FF, 0xFFFFFFFF]
    assert fade(0xFF8800FF, 0.5).dtype == np.uint32


def test_points_go_to_the_canvas_and_back() -> None:
    canvas, camera = Canvas(), Camera(x=100, y=50, zoom=2)
    x, y = np.array([0.0, 300.0]), np.array([10.0, 20.0])
    back = to_world(camera, canvas, *to_canvas(camera, canvas, x, y))
    assert np.allclose(back, (x, y))
    plain = Camera()
    assert to_canvas(plain, canvas, 3.0, 4.0) == (3.0, 4.0)
    look_at(plain, canvas, 1000.0, 700.0)
    assert to_canvas(plain, canvas, 1000.0, 700.0) == (canvas.width / 2, canvas.height / 2)


def test_an_outline_takes_one_shape_or_one_for_each_entity(world: World) -> None:
    world.spawn(outline([(0, 0), (10, 0), (0, 10)]), count=3)
    world.spawn(outline(np.ones((5, 4, 2)), layer=2))
    counts = sorted((len(polygon.corners), int(polygon.corners[0])) for polygon in world.query(Polygon))
    assert counts == [(8, 3)] or counts == [(3, 3), (5, 4)] or sum(n for n, _ in counts) == 8
    with pytest.raises(HotloopError, match="cannot be drawn"):
        outline(np.zeros((17, 2)))
