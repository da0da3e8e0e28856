"""Kinematics: moving by columns, the place before the tick, and children that ride and leave with their parents."""

from __future__ import annotations

import numpy as np
import pytest
from support import Call

from engine import Mut, World
from modules.core.motion import Local, Parent, Position, Rotation, Spin, Velocity, teleport
from modules.systems import kinematics
from modules.systems.kinematics import hierarchy


def test_velocity_moves_and_spin_turns_by_the_length_of_a_tick(world: World, call: Call) -> None:
    ids = world.spawn(Position(x=[0, 10], y=5), Velocity(x=[60, -120], y=30), Rotation(1.0), Spin(6.0))
    call(kinematics.move)
    assert world.get(ids[0], Position).xy == pytest.approx([1, 5.5])
    assert world.get(ids[1], Position).xy == pytest.approx([8, 5.5])
    assert world.get(ids[1], Rotation).angle == pytest.approx(1.1)


def test_what_has_no_velocity_stays(world: World, call: Call) -> None:
    ids = world.spawn(Position(x=3, y=4))
    call(kinematics.move)
    assert world.get(ids[0], Position).xy == pytest.approx([3, 4])


def test_the_place_before_the_tick_is_kept(world: World, call: Call) -> None:
    ids = world.spawn(Position(x=1, y=2), Velocity(x=60), Rotation(0.5), Spin(60))
    assert np.isnan(world.get(ids[0], Position).last_x), "a new entity has no past"
    call(kinematics.remember)
    call(kinematics.move)
    row = world.get(ids[0], Position)
    assert (row.last_x, row.last_y, row.x) == pytest.approx((1, 2, 2))
    assert world.get(ids[0], Rotation).last == pytest.approx(0.5)


def test_a_teleported_row_has_no_past(world: World, call: Call) -> None:
    world.spawn(Position(x=[0, 100, 200]), Velocity(x=60), Rotation())
    call(kinematics.remember)
    call(kinematics.move)
    for pos, rotation in world.query(Mut[Position], Mut[Rotation]):
        jumped = pos.x > 150
        pos.x[jumped] -= 200
        teleport(pos, jumped)
        teleport(rotation)
        assert np.isnan(pos.last).tolist() == [[False, False, True], [False, False, True]]
        assert np.isnan(rotation.last).all()


def test_children_ride_in_depth_order_whatever_the_order_of_their_rows(world: World, call: Call) -> None:
    grandchild, child, ship = world.spawn(Position(), count=3)
    world.insert([grandchild], Parent(child), Local(x=2))
    world.insert([child], Parent(ship), Local(x=10, angle=np.pi / 2), Rotation())
    world.insert([ship], Rotation(np.pi / 2), Velocity())
    for pos in world.query(Mut[Position]):
        pos.x = np.where(pos.x == 0, 100, pos.x)
    call(hierarchy.carry)
    assert world.get(ship, Position).xy == pytest.approx([100, 0])
    assert world.get(child, Position).xy == pytest.approx([100, 10], abs=1e-4)
    assert world.get(child, Rotation).angle == pytest.approx(np.pi)
    assert world.get(grandchild, Position).xy == pytest.approx([98, 10], abs=1e-4)


def test_a_thousand_children_on_a_hundred_parents(world: World, call: Call) -> None:
    parents = world.spawn(Position(x=np.arange(100) * 10.0, y=1.0))
    children = world.spawn(Position(), Parent(np.repeat(parents, 10)), Local(y=np.tile(np.arange(10.0), 100)))
    call(hierarchy.carry)
    _, pos = world.query(Position).at(children)
    assert np.allclose(pos.x, np.repeat(np.arange(100) * 10.0, 10))
    assert np.allclose(pos.y, 1 + np.tile(np.arange(10.0), 100))


def test_children_leave_with_their_parent_and_theirs_with_them(world: World, call: Call) -> None:
    ship, other = world.spawn(Position(), count=2)
    (turret,) = world.spawn(Position(), Parent(ship), Local())
    (barrel,) = world.spawn(Position(), Parent(turret), Local())
    (flame,) = world.spawn(Position(), Parent(other))
    world.despawn([ship])
    call(hierarchy.leave)
    assert world.alive([turret, barrel, flame, other]).tolist() == [False, False, True, True]


def test_a_circle_of_parents_harms_nobody(world: World, call: Call) -> None:
    one, two, alone = world.spawn(Position(x=5), count=3)
    world.insert([one], Parent(two), Local(x=1))
    world.insert([two], Parent(one), Local(x=1))
    world.insert([alone], Parent(one), Local(x=1))
    call(hierarchy.carry)
    call(hierarchy.leave)
    assert world.alive([one, two, alone]).all()


def test_a_parent_without_a_place_leaves_its_child_where_it_is(world: World, call: Call) -> None:
    (parent,) = world.spawn(Velocity())
    (child,) = world.spawn(Position(x=7), Parent(parent), Local(x=1))
    call(hierarchy.carry)
    assert world.get(child, Position).x == 7
