"""Events: each reader sees each once, and how long they are kept."""

from __future__ import annotations

import numpy as np
import pytest
from ecs.parts import Boid, Hit, Position

from engine import Events, Send, World
from engine.errors import ComponentError


@pytest.fixture
def world() -> World:
    return World()


def test_each_reader_sees_each_event_once(world: World) -> None:
    world.send(Hit(who=1, x=2.0, by="ann"))
    world.send(Hit, who=np.array([2, 3], np.uint64), by=["bob", "cy"])
    one, other = world.events(Hit, "one"), world.events(Hit, "other")
    assert len(one) == 3
    assert one
    (step,) = one
    assert (step.who.tolist(), step.x.tolist(), step.by.tolist()) == ([1, 2, 3], [2, 0, 0], ["ann", "bob", "cy"])
    assert list(one) == []
    assert not one
    world.send(Hit(who=4))
    assert one.read().who.tolist() == [4]
    assert other.read().who.tolist() == [1, 2, 3, 4]
    assert other.read().who.size == 0
    assert isinstance(step, Hit)
    assert isinstance(one, Events)


def test_a_reader_of_the_same_name_goes_on_where_it_was(world: World) -> None:
    world.send(Hit(who=1))
    world.events(Hit, "system").read()
    assert len(world.events(Hit, "system")) == 0


def test_events_are_facts(world: World) -> None:
    world.send(Hit(who=1))
    step = world.events(Hit, "a").read()
    with pytest.raises(ComponentError, match="events are facts"):
        step.x = 1
    with pytest.raises(ValueError, match="read-only"):
        step.x += 1


def test_events_live_until_the_end_of_the_next_tick(world: World) -> None:
    world.send(Hit(who=1))
    world.end_tick()
    assert len(world.events(Hit, "late")) == 1
    world.send(Hit(who=2))
    world.end_tick()
    assert world.events(Hit, "late").read().who.tolist() == [2]
    world.end_tick()
    assert len(world.events(Hit, "later")) == 0


def test_events_wait_for_the_picture_where_one_reads_them(world: World) -> None:
    picture = world.events(Hit, "draw", render=True)
    for who in range(1, 6):
        world.send(Hit(who=who))
        world.end_tick()
    assert len(world.events(Hit, "simulation")) == 1, "what is kept for the picture is no part of the simulation"
    assert picture.read().who.tolist() == [1, 2, 3, 4, 5]
    world.end_frame()
    assert len(world.events(Hit, "fresh", render=True)) == 1
    world.end_tick()
    world.end_frame()
    assert len(world.events(Hit, "fresh", render=True)) == 0


def test_events_kept_for_the_picture_are_not_hashed() -> None:
    worlds = [World(), World()]
    worlds[0].events(Hit, "draw", render=True)
    for world in worlds:
        for who in range(5):
            world.send(Hit(who=who))
            world.end_tick()
    assert worlds[0].hash() == worlds[1].hash()
    worlds[0].send(Hit(who=9))
    assert worlds[0].hash() != worlds[1].hash()


def test_old_columns_stay_what_they_were(world: World) -> None:
    world.send(Hit, who=np.arange(100, dtype=np.uint64))
    step = world.events(Hit, "a").read()
    for _ in range(3):
        world.end_tick()
        world.send(Hit, who=np.zeros(1000, np.uint64))
    assert step.who.tolist() == list(range(100))


def test_many_events_a_tick_do_not_pile_up(world: World) -> None:
    for _ in range(50):
        world.send(Hit, who=np.zeros(1000, np.uint64))
        world.end_tick()
    stream = world.streams["ecs.parts.Hit"]
    assert sum(block.shape[1] for block in stream.blocks) < 10_000 * len(stream.blocks)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "needs a value for who"),
        ({"who": 1, "xx": 2}, "no field 'xx'; did you mean 'x'"),
        ({"who": np.zeros(2, np.uint64), "x": np.zeros(3)}, "has 3 rows, another field 2"),
        ({"who": 1, "x": "far"}, "does not fit"),
        ({"who": -1}, "out of range"),
    ],
)
def test_wrong_events_are_refused(world: World, columns: dict[str, object], message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        world.send(Hit, **columns)
    assert len(world.events(Hit)) == 0


def test_a_sender_wants_its_own_type(world: World) -> None:
    sender = world.sender(Hit)
    assert isinstance(sender, Send)
    sender.send(who=3)
    sender.send(Hit(who=[4, 5]))
    with pytest.raises(ComponentError, match=r"is no ecs\.parts\.Hit"):
        sender.send(Position(1))  # type: ignore[arg-type]
    with pytest.raises(ComponentError, match="marked as component"):
        world.send(Boid())
    assert world.events(Hit).read().who.tolist() == [3, 4, 5]
