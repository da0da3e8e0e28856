"""The short ways beside the long ones: packed rows, waiting rows and joined tables leave the same world behind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ecs.parts import Boid, Kinds, Label, Mood, Position, Rank, Tint, Velocity
from hypothesis import example, given, settings
from hypothesis import strategies as st

import engine.ecs.joints
import engine.ecs.storage
from engine import (
    Added,
    Commands,
    Entity,
    Mut,
    PostUpdate,
    Query,
    Random,
    Removed,
    Update,
    With,
    World,
    component,
    f32,
    system,
)
from engine.errors import ComponentError, HotloopError, QueryError
from engine.marks import Phase
from engine.schedule import Declared, Schedule

numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(width=32),
    st.floats(),
    st.booleans(),
    st.sampled_from(
        [np.float32(0.1), np.float64(0.1), np.int16(-3), np.int64(2**60 + 1), np.uint8(200), np.bool_(True)]
    ),
    st.sampled_from([None, "text", (1.0, 2.0, 3.0), [1.0], np.array(2.0), np.array([2.0]), np.array([1.0, 2.0]), 1j]),
)
texts = st.one_of(st.text(max_size=3), st.sampled_from([Mood.ANGRY, Rank.HIGH, Tint.RED, 3, None, ["a"], ["a", "b"]]))
bundles = st.one_of(
    st.builds(lambda x, y: (Position, {"x": x, "y": y}), numbers, numbers),
    st.builds(lambda text, mood, rank: (Label, {"text": text, "mood": mood, "rank": rank}), texts, texts, texts),
    st.builds(
        lambda name, value: (Kinds, {name: value}),
        st.sampled_from(
            ["yes", "byte", "small", "whole", "color", "huge", "fine", "target", "weights", "place", "own"]
        ),
        numbers,
    ),
    st.just((Boid, {})),
)


def attempt(change: Callable[[], Any]) -> str:
    """Make a change, and return what is wrong with it, if anything."""
    try:
        with np.errstate(all="ignore"):
            change()
    except HotloopError as error:
        return f"{type(error).__name__}: {error}"
    return ""


class Unpacked(engine.ecs.storage.Storage):
    """A storage in which every bundle goes the long way."""

    def packer(self, components: tuple[Any, ...]) -> None:
        """Pack nothing."""


@settings(max_examples=200, deadline=None)
@given(st.lists(bundles, min_size=1, max_size=3, unique_by=lambda bundle: bundle[0]))
@example([(Kinds, {"weights": -(2**63) - 1})])
def test_a_packed_row_is_what_columns_would_be(parts: list[tuple[type, dict[str, Any]]]) -> None:
    """From the second of equal spawns on, a bundle is packed if it can be."""
    long = World()
    long.storage = Unpacked()
    worlds = [World(), World(), long]
    short, commands = worlds[0], Commands(worlds[0])
    for _ in range(3):
        told = [
            attempt(lambda by=by: by.spawn(*[cls(**values) for cls, values in parts])) for by in (commands, *worlds[1:])
        ]
        assert told[0] == told[1] == told[2]
        attempt(commands.apply)
    assert short.hash() == worlds[1].hash() == long.hash()


def test_single_changes_are_what_batches_are() -> None:
    """Insert, remove and despawn, one by one at once and through commands, with the watchers told alike."""
    hashes = set()
    for way in range(3):
        world = World()
        told = [world.events(event[Velocity], reader="test") for event in (Added, Removed)]
        ids = world.spawn(Position(np.arange(40.0)), Label(text=list("abcd") * 10))
        commands: Any = world if way == 0 else Commands(world)
        few = 40 if way < 2 else 6  # so many at a time
        for at in range(0, 40, few):
            some = ids[at : at + few]
            for entity in some[some % 3 != 0]:
                commands.insert(entity, Velocity(float(entity % 5)))
                commands.insert(entity, Velocity(float(entity % 7)), Position(-1.0))
            for entity in some[some % 4 == 0]:
                commands.remove(entity, Velocity, Boid)
            for entity in some[some % 5 == 0]:
                commands.despawn(int(entity))
                commands.despawn(entity)
            if way:
                commands.apply()
        rows = {
            (int(entity), float(x), text, None if velocity is None else float(velocity.x))
            for entity in world.entities()
            for x, text in [(world.get(entity, Position).x, world.get(entity, Label).text)]
            for velocity in [world.get(entity, Velocity) if world.has(entity, Velocity) else None]
        }
        seen = tuple(tuple(sorted(int(i) for step in events for i in step.entity)) for events in told)
        hashes.add((frozenset(rows), seen))
    assert len(hashes) == 1


def test_a_row_that_waits_takes_the_place_of_one_that_goes() -> None:
    """The table keeps its size, so that queries keep their very steps and views show the new rows."""
    world = World()
    ids = world.spawn(Position(np.arange(1000.0)), Boid())
    query = world.query(Mut[Position])
    (step,) = query
    commands = Commands(world)
    for round_ in range(3):
        new = commands.spawn(Position(-5.0), Boid())
        some = commands.spawn(Position([-6.0, -7.0]), Boid())
        commands.despawn(ids[10 * round_])
        commands.despawn(ids[[10 * round_ + 1, 10 * round_ + 2]])
        commands.apply()
        assert next(iter(query)) is step
        assert step.x[10 * round_ : 10 * round_ + 3].tolist() == [-5, -6, -7], "in the order they came"
        mask, at = query.at(np.concatenate([new, some]))
        assert mask.all()
        assert at.x.tolist() == [-5, -6, -7]
    commands.despawn(commands.spawn(Position(1.0), Boid()))
    commands.insert(commands.spawn(Position(2.0), Boid()), Velocity(3.0))
    commands.apply()
    assert len(world) == 1001
    assert [velocity.x.tolist() for velocity in world.query(Velocity)] == [[3]]


def test_one_entity_after_another_is_single() -> None:
    world = World()
    only = world.query(Entity, Mut[Position])
    for x in (1.0, 2.0):
        commands = Commands(world)
        new = commands.spawn(Position(x))
        commands.despawn(world.entities())
        commands.apply()
        entity, position = only.single()
        assert (entity, position.x) == (new[0], x)
        position.x += 10
        assert only.single()[1].x == x + 10
        assert world.get(entity, Position).x == x + 10
    world.spawn(Position(3.0))
    with pytest.raises(QueryError, match="2 rows match"):
        only.single()


# Joined tables


@component
class Heat:
    now: f32 = 0.0
    then: f32 = 0.0


@component
class Cold:
    now: f32 = 1.0


MARKS = tuple(component(type(f"M{at}", (), {"__module__": __name__, "__doc__": "A tag."})) for at in range(10))


@system(Update)
def warm(rows: Query[Mut[Heat], With[Cold]]) -> None:
    """Write each row from itself."""
    for heat in rows:
        heat.then = heat.now
        heat.now += 1


@system(Update)
def mix(rows: Query[Mut[Cold], Heat]) -> None:
    """Read one component, write another, in two tables less than the other systems see."""
    for cold, heat in rows:
        cold.now = cold.now * 0.5 + heat.now


@system(PostUpdate)
def turn_over(rows: Query[Entity, Heat, With[Cold]], commands: Commands, random: Random) -> None:
    """Let rows come and go, some of them in the same table."""
    for ids, heat in rows:
        going = ids[random.random(ids.size) < 0.1]
        commands.despawn(going)
        if random.random() < 0.5:
            commands.spawn(Heat(heat.now[:2]), Cold(), MARKS[int(random.integers(10))]())


def scheduled(world: World, *functions: Any) -> Schedule:
    schedule = Schedule(world)
    schedule.commit(schedule.plan([Declared(function, function.__mark__, "test") for function in functions]))
    return schedule


def furnished() -> World:
    world = World(seed=3)
    for at, mark in enumerate(MARKS):
        world.spawn(Heat(np.arange(3.0 + at) + at), Cold(), mark())
    world.spawn(Heat(np.arange(9000.0)), Cold(), Boid())
    world.spawn(Heat(np.arange(5.0)), Boid())
    return world


def test_joined_tables_are_one_step_and_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for small in (0, engine.ecs.joints.SMALL_ROWS):
        monkeypatch.setattr(engine.ecs.storage, "SMALL_ROWS", small)
        world = furnished()
        schedule = scheduled(world, warm, mix, turn_over)
        for _ in range(20):
            schedule.tick()
            world.tick += 1
        ends.append(world.hash())
        queries = [world.query(Heat, Cold), world.query(Heat), world.query(Entity, Heat)]
        schedule.run(Phase.PreUpdate)
        ends.append([len(list(query)) for query in queries])
    assert ends[0] == ends[2]
    assert ends[1] == [11, 12, 12]
    assert ends[3] == [2, 2, 12], "small tables together, the large one and what tells tables apart for itself"


def test_how_tables_are_joined_follows_from_their_rows_alone() -> None:
    """Sums over a step are the same whether a world went its way in one go, was set back, or was loaded."""

    def grouping(world: World) -> list[list[int]]:
        return [step.now.shape[0] for step in world.query(Heat)] + [
            step.now.shape[0] for step in world.query(Mut[Cold])
        ]

    world = furnished()
    schedule = scheduled(world, warm, mix, turn_over)
    seen, shots = [], []
    for _ in range(30):
        shots.append(world.snapshot())
        schedule.run(warm.__mark__.phase)
        seen.append(grouping(world))
        schedule.run(turn_over.__mark__.phase)
    for tick in (20, 3, 11):
        world.restore(shots[tick])
        other = World()
        other.register(Heat, Cold, Boid, *MARKS)
        other.restore(shots[tick])
        for again, its in ((world, schedule), (other, scheduled(other, warm, mix, turn_over))):
            for later in range(tick, 30):
                its.run(warm.__mark__.phase)
                assert grouping(again) == seen[later], (tick, later)
                its.run(turn_over.__mark__.phase)


def test_writes_to_joined_rows_reach_everyone() -> None:
    world = furnished()
    schedule = scheduled(world, warm)
    schedule.tick()
    ids = world.query(Entity, With[MARKS[4]]).entities()
    world.get(ids[1], Heat).now = 77.0
    _, heat = world.query(Mut[Heat]).at(ids[2:4])
    heat.now = [5.0, 6.0]
    query = world.query(Heat)
    joined = max((heat for heat in query if heat.now.size < 9000), key=lambda heat: heat.now.size)
    start = int(np.flatnonzero(joined.now == 77.0)[0]) - 1
    assert joined.now[start + 1 : start + 4].tolist() == [77, 5, 6]
    schedule.tick()
    assert (world.get(ids[1], Heat).now, world.get(ids[1], Heat).then) == (78, 77)
    world.despawn(ids[:3])
    schedule.tick()
    assert len(list(query)) == 2
    for mark in MARKS[:6]:
        world.despawn(world.query(Entity, With[mark]).entities())
    schedule.tick()
    assert len(list(query)) == 6, "too few are left to be joined"
    assert not math.isnan(sum(float(heat.now.sum()) for heat in world.query(Heat)))


def test_a_mistake_in_a_single_row_is_told_as_for_columns() -> None:
    world = World()
    commands = Commands(world)
    for _ in range(3):
        commands.spawn(Label(text="known"), Position(1.0))
    with pytest.raises(ComponentError, match=r"Position\.x: 'far' does not fit"):
        commands.spawn(Label(text="known"), Position("far"))
    commands.clear()
    assert len(world) == 0
    assert world.spawn(Boid()).tolist() == [2 << 32]
