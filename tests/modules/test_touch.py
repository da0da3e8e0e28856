"""Fingers on the screen are a gamepad."""

from __future__ import annotations

import pytest
from support import Call

from engine import World
from modules.core.input import Actions, feed
from modules.core.motion import Position
from modules.core.render import Canvas, Circle
from modules.plugins import touch


def test_a_thumb_steers_and_a_finger_presses(world: World, call: Call) -> None:
    actions, canvas = world.resource(Actions), world.resource(Canvas)
    actions.bind("move", "pad:leftx")
    actions.bind("jump", "pad:a")

    def tick(*events: object) -> None:
        call(feed, events=list(events))
        call(touch.play)
        call(touch.show)

    tick()
    assert not world.query(Circle)
    x, y = (share * size for share, size in zip(touch.Touch().buttons["a"], (canvas.width, canvas.height), strict=True))
    tick(["finger", "down", 0, 100.0, 300.0], ["finger", "down", 1, x, y])
    tick(["finger", "move", 0, 100.0 + 600.0, 300.0])
    tick()
    assert actions.value("move") == pytest.approx(1.0)
    assert actions.held("jump")
    knobs = {(round(float(px)), round(float(py))) for pos, _ in world.query(Position, Circle) for px, py in pos.xy.T}
    assert (160, 300) in knobs  # no farther from the ring's middle than it reaches
    tick(["finger", "up", 0, 0.0, 0.0], ["finger", "up", 1, 0.0, 0.0])
    tick()
    assert actions.value("move") == 0.0
    assert actions.let_go("jump")
