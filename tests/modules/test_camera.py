"""Cameras that follow: dead zone, easing, bounds, jumps, and views that follow on their own."""

from __future__ import annotations

import numpy as np
import pytest
from support import Call

from engine import World
from modules.core.motion import Position, Velocity
from modules.core.render import Camera, Canvas, View
from modules.plugins import camera as plugin
from modules.plugins.camera import Follow


def middle(world: World) -> tuple[float, float]:
    camera, canvas = world.resource(Camera), world.resource(Canvas)
    return camera.x + canvas.width / 2, camera.y + canvas.height / 2


def test_a_camera_jumps_to_a_target_and_then_keeps_up(world: World, call: Call) -> None:
    hero, other = world.spawn(Position([500, 3000], 400))
    (leash,) = world.spawn(Follow(hero, dead_w=100, dead_h=40, ease=0.5))
    call(plugin.follow)
    assert middle(world) == (500, 400)
    assert np.isnan(world.resource(Camera).last_x), "it does not slide there"
    world.get(hero, Position).x, world.get(hero, Position).y = 549, 381
    call(plugin.follow)
    assert middle(world) == (500, 400), "the target moves freely in the dead zone"
    world.get(hero, Position).x = 570
    call(plugin.follow)
    assert middle(world) == (510, 400), "half of the way that is beyond it"
    world.get(leash, Follow).target = other
    call(plugin.follow)
    assert middle(world) == (3000, 400)
    world.despawn([other])
    call(plugin.follow)
    assert middle(world) == (3000, 400)


def test_it_looks_ahead_and_not_beyond_the_bounds(world: World, call: Call) -> None:
    canvas = world.resource(Canvas)
    canvas.width, canvas.height = 200, 100
    (hero,) = world.spawn(Position(500, 50), Velocity(x=60))
    (one,) = world.spawn(Follow(hero, ahead=0.5, dy=-10, left=0, top=0, right=1000, bottom=80))
    call(plugin.follow)
    assert middle(world) == (530, 40), "a world lower than the canvas is shown in its middle"
    world.resource(Camera).zoom = 2.0
    world.get(hero, Position).x = 990
    call(plugin.follow)
    assert middle(world) == (950, 40)
    world.get(hero, Position).x, world.get(one, Follow).left = -50, -20
    call(plugin.follow)
    assert middle(world) == (30, 40)


def test_views_follow_each_their_own(world: World, call: Call) -> None:
    heroes = world.spawn(Position([100, 900], [50, 60]), Velocity(), count=2)
    eyes = world.spawn(Position([20, 60], 30), View(40, 40), Follow(heroes, right=[np.inf, 910]), count=2)
    call(plugin.follow)
    assert [float(world.get(eye, View).x) for eye in eyes] == [100, 890]
    assert [float(world.get(eye, View).y) for eye in eyes] == [50, 60]
    assert world.resource(Camera).x == 0, "the camera is nobody's"
    world.get(eyes[0], View).last_x = 77.0
    call(plugin.follow)
    assert world.get(eyes[0], View).last_x == pytest.approx(77.0)
