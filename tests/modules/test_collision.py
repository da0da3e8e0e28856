"""Collision: pairs, rays and sliding, each against a plain loop; and what the events say."""

from __future__ import annotations

import math
from time import thread_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Call

from engine import Mut, World
from modules.core.collision import (
    LEDGE,
    SOLID,
    Body,
    Met,
    Parted,
    Shapes,
    Slide,
    Touch,
    Touching,
    Walls,
    contacts,
    overlaps,
    rays_to_shapes,
    rays_to_walls,
)
from modules.core.collision import shapes as collision_shapes
from modules.core.motion import Position, Velocity
from modules.systems import kinematics
from modules.systems.grid_collision import slide, touch

place = st.floats(-300, 300, width=32)
extent = st.one_of(st.just(0.0), st.floats(0.5, 24, width=32))
shape = st.tuples(place, place, extent, extent, st.one_of(st.just(0.0), st.floats(0.5, 90, width=32)))


def shapes(rows: list[tuple[float, ...]]) -> Shapes:
    return Shapes(*np.array(rows, np.float32).reshape(-1, 5).T.copy())


def touches_plainly(a: Any, b: Any) -> bool:
    """Compare two shapes given as (x, y, w, h, radius), in the arithmetic of columns."""
    a, b = np.array(a, np.float32), np.array(b, np.float32)
    out = np.abs(b[:2] - a[:2]) - (a[2:4] + b[2:4]) / 2
    beyond = np.maximum(out, 0)
    return bool((out < 0).all() or (beyond * beyond).sum() < (a[4] + b[4]) ** 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(shape, max_size=25), st.lists(shape, max_size=25), st.sampled_from([0.0, 70.0, 1e5]))
def test_overlaps_are_those_that_a_plain_loop_finds(first: Any, second: Any, spread: float) -> None:
    """The grid repeats, so shapes far apart share cells; they must not become pairs."""
    first = [(row[0] + spread * (n % 3), *row[1:]) for n, row in enumerate(first)]
    pairs = {(n, m) for n, a in enumerate(first) for m, b in enumerate(second) if touches_plainly(a, b)}
    for few in (0, collision_shapes.FEW):  # by the grid, and without
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(collision_shapes, "FEW", few)
            i, j = overlaps(shapes(first), shapes(second))
        found = list(zip(i.tolist(), j.tolist(), strict=True))
        assert len(found) == len(set(found))
        assert set(found) == pairs


def test_a_dense_crowd_with_a_giant_and_lost_rows_is_searched_right() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0, 900, (2, 1500)).astype(np.float32)
    radius = np.where(np.arange(1500) < 3, 120, 6).astype(np.float32)
    x[10], y[11], x[12] = np.nan, np.inf, 1e30
    crowd = Shapes.circles(x, y, radius)
    i, j = overlaps(crowd, crowd)
    with np.errstate(invalid="ignore", over="ignore"):
        near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 < (radius[:, None] + radius) ** 2
    near[12, 12] = False
    assert np.array_equal(np.sort(i * 1500 + j), np.flatnonzero(near))


def test_moving_by_the_depth_parts_a_pair() -> None:
    rng = np.random.default_rng(2)
    n = 4000
    sizes = [rng.uniform(0, 20, n).astype(np.float32) * rng.integers(0, 2, n) for _ in range(6)]
    x, y = rng.uniform(-30, 30, (2, n)).astype(np.float32)
    one = Shapes(np.zeros(n, np.float32), np.zeros(n, np.float32), *sizes[:3])
    other = Shapes(x, y, *sizes[3:])
    same = np.array([touches_plainly(a, b) for a, b in zip(columns(one), columns(other), strict=True)])
    one, other = one[same], other[same]
    nx, ny, depth = contacts(one, other)
    assert np.allclose(np.hypot(nx, ny), 1, atol=1e-5)
    assert (depth >= -1e-4).all()
    for push, apart in ((depth + 0.01, True), (depth - 0.01, False)):
        moved = Shapes(other.x + nx * push, other.y + ny * push, other.w, other.h, other.radius)
        still = [touches_plainly(a, b) for a, b in zip(columns(one), columns(moved), strict=True)]
        assert np.mean(still) == pytest.approx(0 if apart else 1, abs=0.02)


def columns(part: Shapes) -> Any:
    return np.stack((part.x, part.y, part.w, part.h, part.radius), axis=1)


def walls_of(rows: int, columns: int, seed: int, cell: float = 16.0) -> Walls:
    cells = (np.random.default_rng(seed).random((rows, columns)) < 0.15).astype(np.uint8)
    return Walls(cells=cells, cell=cell, x=-40.0, y=8.0)


def test_rays_stop_at_the_first_solid_cell() -> None:
    walls, rng = walls_of(30, 40, 3), np.random.default_rng(1)
    x, y = rng.uniform(-150, 700, (2, 400))
    dx, dy = rng.uniform(-700, 700, (2, 400))
    dx[:20], dy[20:40], dx[40:42], dy[40:42] = 0, 0, 0, 0
    share = rays_to_walls(walls, x, y, dx, dy)
    steps = np.linspace(0, 1, 6001)
    solid = walls.at(x[:, None] + dx[:, None] * steps, y[:, None] + dy[:, None] * steps) == SOLID
    plain = np.where(solid.any(axis=1), steps[solid.argmax(axis=1)], np.inf)
    both = np.isfinite(share) & np.isfinite(plain)
    assert np.allclose(share[both], plain[both], atol=4e-4)
    # Sampling misses corners that are cut by less than a step; the ray does not.
    missed = np.isfinite(share) != np.isfinite(plain)
    assert missed.mean() < 0.02
    assert np.isfinite(share[missed]).all()
    assert np.isinf(rays_to_walls(Walls(), x, y, dx, dy)).all()
    assert np.isinf(rays_to_walls(walls, np.nan, 0.0, 1.0, 1.0)).all()


def test_rays_meet_the_nearest_shape() -> None:
    rng = np.random.default_rng(4)
    boxy, rounded = rng.integers(0, 2, (2, 80))
    sizes = rng.uniform(2, 30, (3, 80)).astype(np.float32) * np.stack((boxy, boxy, rounded))
    targets = Shapes(*rng.uniform(-400, 400, (2, 80)).astype(np.float32), *sizes)
    x, y = rng.uniform(-500, 500, (2, 300))
    dx, dy = rng.uniform(-900, 900, (2, 300))
    share, row = rays_to_shapes(targets, x, y, dx, dy)
    met = row >= 0
    assert np.array_equal(met, np.isfinite(share))
    assert 100 < met.sum() < 300
    end = np.where(met, share, 1.0)
    assert np.abs(outside(targets[row], x + dx * end, y + dy * end)[met & (share > 0)]).max() < 1e-3
    steps = np.linspace(0, 1, 500) * (end - 1e-5)[:, None]
    for k in range(len(targets)):  # no ray passes through anything before it stops
        target = Shapes(*columns(targets)[k : k + 1].T)
        passed = outside(target, x[:, None] + dx[:, None] * steps, y[:, None] + dy[:, None] * steps)
        assert (passed[share > 0] > -1e-3).all()


def outside(shapes: Shapes, x: Any, y: Any) -> Any:
    """Return how far points lie outside of shapes, negative inside."""
    out_x, out_y = np.abs(x - shapes.x) - shapes.w / 2, np.abs(y - shapes.y) - shapes.h / 2
    beyond = np.hypot(np.maximum(out_x, 0), np.maximum(out_y, 0))
    return np.where(beyond > 0, beyond, np.maximum(out_x, out_y)) - shapes.radius


def walk(call: Call, ticks: int = 1) -> None:
    for _ in range(ticks):
        call(kinematics.move)
        call(slide)


def test_nothing_ever_enters_a_wall_and_free_bodies_move_as_without_them(world: World, call: Call) -> None:
    walls = world.resource(Walls)
    walls.cells, walls.cell = walls_of(40, 40, 8).cells, 16.0
    rng = np.random.default_rng(6)
    w, h = rng.uniform(4, 40, (2, 600))
    x, y = rng.uniform(20, 620, (2, 600))
    ids = world.spawn(Position(x=x, y=y), Velocity(), Body(w=w, h=h), Slide(bounce=0.5))
    world.despawn(ids[[inside(walls, *row) for row in zip(x, y, w, h, strict=True)]])
    before = len(world)
    assert before > 100
    for tick in range(40):
        for vel in world.query(Mut[Velocity]):
            if tick % 10 == 0:
                vel.x, vel.y = rng.uniform(-2400, 2400, (2, before))
        walk(call)
        for pos, body, _sides in world.query(Position, Body, Slide):
            rows = zip(pos.x.tolist(), pos.y.tolist(), body.w.tolist(), body.h.tolist(), strict=True)
            assert not [row for row in rows if inside(walls, *row)]
    assert max(np.hypot(vel.x, vel.y).max() for vel in world.query(Velocity)) > 0


def inside(walls: Walls, x: float, y: float, w: float, h: float) -> bool:
    """Say whether a box lies in a solid cell by more than rounding and skin."""
    rows, cols = walls.cells.shape
    left, right = math.floor((x - w / 2 + 0.05) / 16), math.floor((x + w / 2 - 0.05) / 16)
    top, bottom = math.floor((y - h / 2 + 0.05) / 16), math.floor((y + h / 2 - 0.05) / 16)
    part = walls.cells[max(0, top) : max(0, min(rows, bottom + 1)), max(0, left) : max(0, min(cols, right + 1))]
    return bool((part == SOLID).any())


def test_a_body_lands_slides_along_the_floor_and_stops_at_a_wall(world: World, call: Call) -> None:
    walls = world.resource(Walls)
    walls.cells = np.zeros((10, 10), np.uint8)
    walls.cells[8, :] = walls.cells[:, 9] = SOLID
    (hero,) = world.spawn(Position(x=40, y=40), Velocity(x=120, y=0), Body(w=12, h=20), Slide())
    for _ in range(120):
        world.get(hero, Velocity).y += 20
        walk(call)
    pos, sides = world.get(hero, Position), world.get(hero, Slide)
    assert (pos.x, pos.y) == pytest.approx((9 * 16 - 6, 8 * 16 - 10))
    assert sides.floor
    assert not sides.ceiling
    assert world.get(hero, Velocity).x == 0
    world.get(hero, Velocity).x = -3000  # crosses the whole grid in a few ticks, out at the open side
    walk(call, 5)
    assert world.get(hero, Position).x < -60


def test_ledges_stop_only_who_falls_onto_them(world: World, call: Call) -> None:
    walls = world.resource(Walls)
    walls.cells = np.zeros((10, 10), np.uint8)
    walls.cells[5, :] = LEDGE
    up, down, through = world.spawn(
        Position(x=[30, 60, 90], y=[120, 40, 40]),
        Velocity(y=[-600, 600, 600]),
        Body(radius=6),
        Slide(drop=[False, False, True]),
    )
    walk(call, 4)
    assert [world.get(who, Slide).floor for who in (up, down, through)] == [False, True, False]
    walk(call, 4)
    assert world.get(up, Position).y == pytest.approx(40)
    assert world.get(down, Position).y == pytest.approx(5 * 16 - 6)
    assert world.get(through, Position).y == pytest.approx(120)


def read(world: World, event: type, reader: str = "test") -> list[tuple[int, int]]:
    return [
        pair
        for step in world.events(event, reader)
        for pair in zip(step.one.tolist(), step.other.tolist(), strict=True)
    ]


def test_events_tell_who_asked_of_meeting_touching_and_parting(world: World, call: Call) -> None:
    shot, foe, stone = world.spawn(
        Position(x=[0, 8, 100]), Body(radius=5, layers=[1, 2, 4], mask=[2, 0, 2]), Velocity(), count=3
    )
    call(touch)
    assert read(world, Touch) == [(shot, foe)]
    assert read(world, Met) == [(shot, foe)]
    call(touch)
    assert (read(world, Touch), read(world, Met), read(world, Parted)) == ([(shot, foe)], [], [])
    world.get(foe, Position).x = 95
    call(touch)
    assert (read(world, Met), read(world, Parted)) == ([(stone, foe)], [(shot, foe)])
    world.despawn([foe])
    (heir,) = world.spawn(Position(x=95), Body(radius=5, layers=2))  # takes the slot of the one that is gone
    assert heir & 0xFFFFFFFF == foe & 0xFFFFFFFF
    call(touch)
    assert (read(world, Met), read(world, Parted)) == ([(stone, heir)], [(stone, foe)])
    world.despawn([heir])
    read(world, Touch)
    call(touch)
    assert (read(world, Touch), read(world, Parted)) == ([], [(stone, heir)])
    assert world.resource(Touching).one.size == 0


def test_who_is_touched_does_not_hang_on_tables(world: World, call: Call) -> None:
    """The same crowd, in one table and in three, has the same pairs."""
    rng = np.random.default_rng(9)
    x, y = rng.uniform(0, 200, (2, 90)).astype(np.float32)
    ids = world.spawn(Position(x=x, y=y), Body(radius=8, mask=1))
    call(touch)
    whole = sorted(read(world, Touch))
    i, j = np.nonzero(np.hypot(x[:, None] - x, y[:, None] - y) < 16)
    assert whole == sorted((int(ids[a]), int(ids[b])) for a, b in zip(i, j, strict=True) if a != b)
    world.insert(ids[::3], Velocity())
    world.insert(ids[1::3], Slide())
    call(touch)
    assert sorted(read(world, Touch)) == whole
    assert not read(world, Parted)


def test_a_crowd_four_times_as_large_costs_about_four_times_as_much() -> None:
    """Comparing all with all would cost sixteen times as much."""
    rng, costs = np.random.default_rng(0), []
    crowds = [Shapes.circles(*rng.uniform(0, 40 * np.sqrt(n), (2, n)), 8.0) for n in (4_000, 16_000)]
    for _ in range(7):
        for crowd in crowds:
            begin = thread_time()
            overlaps(crowd, crowd)
            costs.append(thread_time() - begin)
    assert min(costs[1::2]) < 9 * min(costs[::2])
