"""Resources and random streams."""

from __future__ import annotations

import copy
import enum
import threading
from typing import Any

import numpy as np
import pytest
from ecs.parts import Cache, Entry, Mood, Position, Score, Screen

from engine import Random, World, f32, resource, vec2, vector
from engine.errors import ComponentError, HotloopError


@pytest.fixture
def world() -> World:
    return World(seed=3)


def test_a_resource_is_made_on_first_use(world: World) -> None:
    assert not world.has_resource(Score)
    score = world.resource(Score)
    score.points = 3
    assert world.resource(Score) is score
    assert world.has_resource(Score)
    world.set_resource(Score(points=9))
    assert world.resource(Score).points == 9
    world.set_resource(Score)
    assert world.resource(Score).points == 0
    world.remove_resource(Score)
    assert not world.has_resource(Score)


def test_two_worlds_have_two(world: World) -> None:
    world.resource(Score).points = 1
    assert World().resource(Score).points == 0


def test_a_reader_shares_the_state_and_cannot_write(world: World) -> None:
    score, view = world.resource(Score), world.read_resource(Score)
    assert isinstance(view, Score)
    assert world.read_resource(Score) is view
    score.points = 5
    score.board[0, 0] = 7
    assert (view.points, view.board[0, 0]) == (5, 7)
    with pytest.raises(ComponentError, match=r"Score.points is read-only here; ask for Mut\[Score\]"):
        view.points = 6
    with pytest.raises(ComponentError, match="no field 'pionts'; did you mean 'points'"):
        view.pionts = 6  # type: ignore[attr-defined]
    with pytest.raises(ComponentError, match="read-only"):
        view.add(1)
    with pytest.raises(ComponentError, match="read-only"):
        del view.points
    with pytest.raises(ValueError, match="read-only"):
        view.board[0, 0] = 1
    assert view.board is view.board, "the same view as long as the array is the same"
    score.board = np.ones(2)
    assert view.board.tolist() == [1, 1]
    assert score.points == 5


def test_an_enum_is_its_own_resource(world: World) -> None:
    assert world.resource(Screen) is Screen.TITLE
    world.set_resource(Screen, Screen.PLAYING)
    assert world.read_resource(Screen) is Screen.PLAYING
    world.set_resource(Screen.TITLE)
    assert world.resource(Screen) is Screen.TITLE
    with pytest.raises(ComponentError, match=r"is no ecs\.parts\.Screen"):
        world.set_resource(Screen, 3)


def test_transient_resources_hold_anything_and_are_left_alone(world: World) -> None:
    cache = world.resource(Cache)
    shot, before = world.snapshot(), world.hash()
    cache.thing = threading.Lock()
    assert world.hash() == before
    assert world.transients() == [(Cache, cache)]
    world.restore(shot)
    assert world.resource(Cache) is cache
    assert world.read_resource(Cache).thing is cache.thing


def test_a_factory_gets_the_world(world: World) -> None:
    @resource(transient=True)
    class Made:
        world: Any = None

        @classmethod
        def make(cls, world: World) -> Made:
            made = cls()
            made.world = world
            return made

    assert world.resource(Made).world is world


@pytest.mark.parametrize("value", [threading.Lock(), object(), np.array([object()]), [1, {2: print}]])
def test_what_is_no_plain_data_is_refused_by_name(world: World, value: object) -> None:
    score = Score()
    score.table = value  # type: ignore[assignment]
    with pytest.raises(ComponentError, match=r"Score.table: .* cannot be part of a world.*transient=True"):
        world.set_resource(score)
    live = world.resource(Score)
    live.table["k"] = value
    with pytest.raises(ComponentError, match=r"Score.table"):
        world.snapshot()


def test_vectors_of_a_resource(world: World) -> None:
    @resource
    class Pointer:
        x: f32 = 1.0
        y: f32 = 2.0
        xy: vec2 = vector("x", "y")

    pointer = world.resource(Pointer)
    pointer.xy = (3.0, 4.0)
    assert (pointer.x, pointer.xy.tolist()) == (3.0, [3.0, 4.0])
    assert world.read_resource(Pointer).xy.tolist() == [3.0, 4.0]
    with pytest.raises(ComponentError, match="read-only"):
        world.read_resource(Pointer).xy = (0, 0)


def test_a_resource_lacking_a_value_is_told(world: World) -> None:
    @resource
    class Needs:
        n: int

    with pytest.raises(ComponentError, match="needs a value for n"):
        world.resource(Needs)
    world.set_resource(Needs(n=2))
    assert world.resource(Needs).n == 2
    with pytest.raises(ComponentError, match="is no resource"):
        world.resource(Position)


def test_all_plain_data_comes_back(world: World) -> None:
    class Level(enum.IntEnum):
        ONE = 1

    state = {
        "names": ["a", "b"],
        "table": {1: (2, {3, 4}), "k": [None, True, 2.5, b"x"], Mood.CALM: frozenset({1}), (1, 2): np.float32(3)},
        "entries": [Entry("ann", 3)],
        "mood": Mood.ANGRY,
        "best": 1e-300,
        "points": Level.ONE,
    }
    score = Score(**copy.deepcopy(state))  # type: ignore[arg-type]
    world.set_resource(score)
    shot = world.snapshot()
    before = world.hash()
    score.names.append("c")
    score.table.clear()
    score.entries[0].points = 4
    score.board += 1
    assert world.hash() != before
    board = score.board
    world.restore(shot)
    assert world.resource(Score) is score
    assert score.board is board, "arrays are written in place"
    assert {name: getattr(score, name) for name in state} == state
    assert world.hash() == before
    score.entries[0].points = 5
    world.restore(shot)
    assert score.entries == [Entry("ann", 3)], "a snapshot may be restored again and again"


def test_random_streams_follow_seed_and_name() -> None:
    one, same, other = World(seed=1), World(seed=1), World(seed=2)
    a = one.random("app.rocks").random(5).tolist()
    assert isinstance(one.random("app.rocks"), Random)
    assert one.random("app.rocks") is one.random("app.rocks")
    same.random("app.ship").random(3)
    assert same.random("app.rocks").random(5).tolist() == a
    assert other.random("app.rocks").random(5).tolist() != a
    assert one.random("app.ship").random(5).tolist() != a
    assert World(seed=-1).random("x").random() != World(seed=1).random("x").random()


def test_random_streams_are_part_of_the_state(world: World) -> None:
    before = world.hash()
    stream = world.random("a")
    assert world.hash() == before, "a stream that nothing was drawn from says nothing"
    shot = world.snapshot()
    drawn = stream.integers(0, 1000, 7, dtype=np.uint32).tolist()
    assert world.hash() != before
    world.random("b").random()
    world.restore(shot)
    assert world.hash() == before
    assert world.random("a") is stream
    assert stream.integers(0, 1000, 7, dtype=np.uint32).tolist() == drawn
    with pytest.raises(HotloopError, match="no children"):
        stream.spawn(2)
