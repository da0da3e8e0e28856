"""Rigid bodies: they fall, rest, bounce and push as they should, and hang on nothing but their columns."""

from __future__ import annotations

import numpy as np
import pytest
from support import Call

from engine import World
from modules.core.collision import SOLID, Body, Walls
from modules.core.motion import Position, Rotation
from modules.plugins.physics import Bump, Physics, Rigid, simulate
from modules.plugins.physics.space import Space


@pytest.fixture
def floor(world: World) -> Walls:
    """A floor whose top is at y = 400, with a wall at its left end."""
    walls = world.resource(Walls)
    walls.cell, walls.cells = 20.0, np.zeros((22, 40), np.uint8)
    walls.cells[20:, :] = walls.cells[:, 0] = SOLID
    return walls


def run(call: Call, ticks: int) -> None:
    for _ in range(ticks):
        call(simulate)


def heap(world: World, count: int = 40) -> np.ndarray:
    """Spawn crates and balls that will fall onto each other."""
    rng = np.random.default_rng(1)
    ball = rng.random(count) < 0.5
    size = rng.uniform(8, 24, count)
    return world.spawn(
        Position(x=rng.uniform(100, 220, count), y=rng.uniform(-300, 380, count)),
        Rotation(rng.uniform(0, 3, count)),
        Body(w=np.where(ball, 0, size), h=np.where(ball, 0, size), radius=np.where(ball, size / 2, 0)),
        Rigid(mass=rng.uniform(1, 5, count), bounce=0.4),
    )


def test_a_tower_stands_and_a_ball_bounces(world: World, call: Call, floor: Walls) -> None:
    tower = world.spawn(Position(x=200, y=[388.0, 363, 338, 313]), Rotation(), Body(w=24, h=24), Rigid())
    (ball,) = world.spawn(Position(x=500, y=200), Rotation(), Body(radius=10), Rigid(bounce=[1.0]))
    lowest = 0.0
    for tick in range(180):
        run(call, 1)
        lowest = max(lowest, float(world.get(ball, Position).y))
        if tick == 110:
            assert world.get(ball, Position).y < 330  # on its way, after a bounce
    _, (pos, rot) = world.query(Position, Rotation).at(tower)
    assert pos.x == pytest.approx([200] * 4, abs=1.5)
    assert pos.y == pytest.approx([388, 364, 340, 316], abs=1.5)
    assert np.abs(rot.angle).max() < 0.05
    assert 385 < lowest < 396
    told = [event for event in world.events(Bump) if event.one.size]
    assert told
    assert {int(other) for event in told for other in event.other if other != 0} <= {int(one) for one in tower}


def test_a_restored_world_goes_on_bit_by_bit(call: Call, world: World, floor: Walls) -> None:
    heap(world)
    run(call, 60)
    middle = world.snapshot()
    run(call, 60)
    end = world.hash()
    for renewed in (False, True):
        world.restore(middle)
        if renewed:
            world.remove_resource(Space)  # as in a process that was started since
        run(call, 60)
        assert world.hash() == end
    ((pos, _, _),) = world.query(Position, Rotation, Rigid)
    assert pos.y.max() < 398
    assert pos.y.min() > 100


def test_who_is_pushed_moves_and_who_has_no_mass_does_not(world: World, call: Call, floor: Walls) -> None:
    world.resource(Physics).gravity_y = 0.0
    hammer, crate, plate = world.spawn(
        Position(x=[300, 340, 420], y=300),
        Rotation(),
        Body(w=20, h=[20, 20, 200]),
        Rigid(mass=[2, 1, 0], bounce=1.0, vx=[300, 0, 0]),
    )
    run(call, 8)
    assert world.get(crate, Rigid).vx > 250
    assert world.get(hammer, Rigid).vx < 200
    run(call, 40)
    assert world.get(crate, Position).x < 400  # came back from the plate
    assert world.get(plate, Position).xy.tolist() == [420, 300]
    world.get(plate, Rigid).vy = 60
    run(call, 30)
    assert world.get(plate, Position).y == pytest.approx(330, abs=0.5)


def test_bodies_come_go_and_change_and_walls_too(world: World, call: Call, floor: Walls) -> None:
    ids = heap(world, 30)
    run(call, 30)
    world.despawn(ids[::2])
    extra = world.spawn(Position(x=150, y=-50), Rotation(), Body(radius=5), Rigid(), count=1)
    world.get(int(ids[1]), Body).w = 60.0
    run(call, 5)
    space = world.resource(Space)
    assert len(space.bodies) == 16
    assert set(space.ids.tolist()) == {*ids[1::2].tolist(), *extra.tolist()}
    floor.cells[20:, 3:12] = 0
    run(call, 120)
    ((pos, _),) = world.query(Position, Rigid)
    assert (pos.y > 500).sum() > 10  # through the hole
    world.get(int(extra[0]), Position).x = np.nan
    run(call, 2)
    assert np.isnan(world.get(int(extra[0]), Position).x)
    assert np.isfinite(pos.y[pos.x == pos.x]).all()
