"""Tweens bring fields to their goals on a curve; alarms ring when they are due."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from support import Call

from engine import World
from modules.core.motion import Position
from modules.core.render import Sprite
from modules.plugins.tween import EASES, Alarm, Pace, Rang, Tween, Tweened, eased
from modules.plugins.tween.alarms import ring
from modules.plugins.tween.tweens import advance

TICK = 1 / 60


@pytest.mark.parametrize("ease", EASES)
def test_every_curve_leads_from_start_to_goal_without_a_jump(ease: str) -> None:
    t = np.linspace(0, 1, 2001)
    way = eased(ease, t)
    assert way[[0, -1]] == pytest.approx([0, 1], abs=1e-3)
    assert np.abs(np.diff(way)).max() < (0.05 if "circ" in ease else 0.01)
    assert way.min() > -1.5
    assert way.max() < 1.5
    assert np.allclose(eased(ease, [-3, 7]), way[[0, -1]], atol=1e-6)
    if ease.startswith("in_out"):
        assert np.allclose(way, 1 - way[::-1], atol=1e-6)


def test_a_field_goes_to_its_goal_and_the_end_is_told(world: World, call: Call) -> None:
    ids = world.spawn(Position(x=[10, 20, 30], y=5), Sprite("a.png", tint=0x00000000, layer=0))
    world.spawn(Tween(target=ids, field="Position.x", goal=[110, 120, 130], seconds=0.5, ease="linear", name="slide"))
    world.spawn(Tween(target=ids[0], field="Sprite.tint", goal=0xFF8040FF, seconds=1.0, ease="linear"))
    world.spawn(Tween(target=ids[1], field="core.render.Sprite.layer", goal=9, seconds=0.5, start=1, delay=0.25))
    for _ in range(15):
        call(advance)
    _, (pos, sprite) = world.query(Position, Sprite).at(ids)
    assert pos.x == pytest.approx([60, 70, 80], abs=0.01)
    assert sprite.layer.tolist() == [0, 0, 0]
    for _ in range(15):
        call(advance)
    _, (pos, sprite) = world.query(Position, Sprite).at(ids)
    assert pos.x == pytest.approx([110, 120, 130])
    assert [sprite.tint[0] >> shift & 0xFF for shift in (24, 16, 8, 0)] == pytest.approx([128, 64, 32, 128], abs=1)
    assert sprite.layer.tolist() == [0, 5, 0]
    told = [(int(t), str(f), str(n)) for e in world.events(Tweened) for t, f, n in zip(e.target, e.field, e.name)]  # noqa: B905
    assert sorted(told) == [(int(one), "Position.x", "slide") for one in ids]
    for _ in range(31):
        call(advance)
    assert len(world.query(Tween)) == 0
    assert world.get(ids[0], Sprite).tint == 0xFF8040FF
    assert world.get(ids[1], Sprite).layer == 9


def test_back_and_for_ever_and_the_pace(world: World, call: Call) -> None:
    (swing, once) = world.spawn(Position(), count=2)
    world.spawn(Tween(target=swing, field="Position.y", goal=8, seconds=1, back=True, times=0, ease="linear"))
    world.spawn(Tween(target=once, field="Position.y", goal=8, seconds=1, back=True, ease="linear"))
    heights = []
    for _ in range(150):
        call(advance)
        heights.append(float(world.get(swing, Position).y))
    assert heights[29] == pytest.approx(8, abs=1e-3)
    assert heights[59] == pytest.approx(0, abs=1e-3)
    assert heights[89] == pytest.approx(8, abs=1e-3)
    assert (len(world.query(Tween)), world.get(once, Position).y) == (1, 0)
    world.resource(Pace).speed = 0
    call(advance)
    assert world.get(swing, Position).y == pytest.approx(heights[-1])
    world.despawn([swing])
    world.resource(Pace).speed = 1
    call(advance)
    assert len(world.query(Tween)) == 0


def test_a_field_that_is_not_there_is_named_once(world: World, call: Call, caplog: pytest.LogCaptureFixture) -> None:
    (one,) = world.spawn(Position())
    for name in ("Position.z", "Position.z", "Nothing", "Position.xy"):
        world.spawn(Tween(target=one, field=name, goal=1))
        with caplog.at_level(logging.WARNING):
            call(advance)
        assert len(world.query(Tween)) == 0
    assert [record.args[0] for record in caplog.records if record.args] == ["Position.z", "Nothing", "Position.xy"]


def test_alarms_ring_once_or_again_and_again(world: World, call: Call) -> None:
    once, often, last = world.spawn(
        Position(),
        Alarm(left=[0.05, 0.1, 0.05], every=[0, 0.1, 0], name=["once", "often", "last"], ends=[False, False, True]),
    )
    rung: list[tuple[int, str]] = []
    for _ in range(30):
        call(ring)
        for step in world.events(Rang):
            rung += zip(step.entity.tolist(), step.name.tolist(), strict=True)
    assert rung[:3] == [(once, "once"), (last, "last"), (often, "often")]
    assert 4 <= rung.count((often, "often")) <= 5
    assert world.alive([once, often, last]).tolist() == [True, True, False]
    assert world.query(Alarm).entities().tolist() == [often]
