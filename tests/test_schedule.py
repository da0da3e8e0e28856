"""The schedule: order, binding, faults, conditions, and what a plan may refuse."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    PostUpdate,
    PreUpdate,
    Query,
    Random,
    Render,
    Send,
    Startup,
    Time,
    Update,
    With,
    Without,
    World,
    component,
    event,
    f32,
    resource,
    system,
)
from engine.errors import QueryError, ScheduleError
from engine.marks import Phase
from engine.schedule import Declared, Schedule, SystemFault


@component
class Place:
    x: f32 = 0.0


@component
class Heavy:
    mass: f32 = 1.0


@component
class Light:
    mass: f32 = 1.0


@event
class Bump:
    at: f32


@resource
class Tally:
    names: list[str]
    on: bool = True

    @classmethod
    def make(cls, world: World) -> Tally:
        return cls(names=[])


def scheduled(world: World, *functions: Any) -> Schedule:
    schedule = Schedule(world)
    schedule.commit(schedule.plan(Declared(one, one.__mark__, "plugins.test") for one in functions))
    return schedule


def test_systems_run_by_phase_then_in_the_order_declared() -> None:
    made = []
    for name, phase in (("last", PostUpdate), ("one", Update), ("two", Update), ("first", PreUpdate)):
        space: dict[str, Any] = {"Mut": Mut, "Tally": Tally}
        exec(f"def {name}(tally: Mut[Tally]): tally.names.append({name!r})", space)
        made.append(system(phase)(space[name]))
    world = World()
    schedule = scheduled(world, *made)
    schedule.tick()
    assert world.resource(Tally).names == ["first", "one", "two", "last"]


def test_everything_the_design_names_is_bound() -> None:
    seen: dict[str, Any] = {}

    @system(Startup)
    def fill(commands: Commands) -> None:
        commands.spawn(Place(x=np.arange(3)), Heavy())

    @system(Update)
    def tell(places: Query[Entity, Mut[Place]], send: Send[Bump], random: Random, time: Time) -> None:
        for ids, place in places:
            place.x += time.dt
            send.send(at=place.x)
            seen["ids"] = ids
        seen["drawn"] = random.random()

    @system(PostUpdate)
    def hear(bumps: Events[Bump], tally: Tally, world: World) -> None:
        seen["bumps"] = sum(len(step.at) for step in bumps)
        seen["world"], seen["tally"] = world, tally

    world = World(seed=3)
    schedule = scheduled(world, fill, tell, hear)
    schedule.tick()
    assert len(seen["ids"]) == 3
    assert seen["bumps"] == 3
    assert seen["world"] is world
    with pytest.raises(Exception, match="read-only"):
        seen["tally"].on = False
    (place,) = world.query(Place)
    assert np.allclose(place.x, np.arange(3) + 1 / 60)


def test_startup_runs_once_and_a_new_one_when_it_comes() -> None:
    @system(Startup)
    def one(tally: Mut[Tally]) -> None:
        tally.names.append("one")

    @system(Startup)
    def two(tally: Mut[Tally]) -> None:
        tally.names.append("two")

    world = World()
    schedule = scheduled(world, one)
    schedule.tick()
    schedule.tick()
    schedule.commit(schedule.plan(Declared(f, f.__mark__, "m") for f in (one, two)))
    schedule.tick()
    assert world.resource(Tally).names == ["one", "two"]


def test_a_condition_decides_whether_a_system_runs() -> None:
    def is_on(tally: Tally) -> bool:
        return tally.on

    @system(Update, when=is_on)
    def work(tally: Mut[Tally]) -> None:
        tally.names.append("worked")

    world = World()
    schedule = scheduled(world, work)
    schedule.tick()
    world.resource(Tally).on = False
    schedule.tick()
    assert world.resource(Tally).names == ["worked"]
    assert schedule.systems[next(iter(schedule.systems))].calls == 1


def test_commands_are_applied_at_the_end_of_the_phase() -> None:
    counts = []

    @system(Update)
    def make(commands: Commands) -> None:
        ids = commands.spawn(Place(), count=2)
        assert len(ids) == 2

    @system(Update)
    def count(places: Query[Place]) -> None:
        counts.append(len(places))

    @system(PostUpdate)
    def count_later(places: Query[Place]) -> None:
        counts.append(len(places))

    schedule = scheduled(World(), make, count, count_later)
    schedule.tick()
    assert counts == [0, 2]


def test_a_fault_tells_the_system_and_the_line() -> None:
    @system(Update)
    def fail() -> None:
        raise ValueError("so it goes")

    schedule = scheduled(World(), fail)
    with pytest.raises(SystemFault, match="so it goes") as caught:
        schedule.tick()
    file, line = caught.value.place
    assert file == __file__
    assert line == fail.__code__.co_firstlineno + 2


@pytest.mark.parametrize("error", ["SystemExit(3)", "KeyboardInterrupt", "GeneratorExit", "RecursionError"])
def test_whatever_code_raises_is_a_fault(error: str) -> None:
    space: dict[str, Any] = {}
    source = f"def fail():\n    raise {error}\n"
    import linecache

    linecache.cache["<fail>"] = (len(source), None, source.splitlines(True), "<fail>")
    exec(compile(source, "<fail>", "exec"), space)
    schedule = scheduled(World(), system(Update)(space["fail"]))
    with pytest.raises(SystemFault):
        schedule.tick()
    assert schedule.running is None
    assert not schedule.world.locked


def test_structural_calls_inside_a_system_are_refused() -> None:
    @system(Update)
    def meddle(world: World) -> None:
        world.spawn(Place())

    with pytest.raises(SystemFault, match=r"commands\.spawn"):
        scheduled(World(), meddle).tick()


REFUSED = {
    "a write in Render": (Render, "q: Query[Mut[Place]]", "may not write"),
    "commands in Render": (Render, "c: Commands", "may not write"),
    "chance in Render": (Render, "r: Random", "may not write"),
    "a lasting resource written in Render": (Render, "t: Mut[Tally]", "may not write"),
    "two writers": (Update, "a: Query[Mut[Place]], b: Query[Mut[Place], With[Heavy]]", "asks twice"),
    "one query naming it twice": (Update, "a: Query[Mut[Place], Place]", "twice"),
    "no annotation": (Update, "a", "no annotation"),
    "something else": (Update, "a: int", "no resource"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_refuses(name: str) -> None:
    phase, parameters, words = REFUSED[name]
    space = dict(globals())
    exec(textwrap.dedent(f"def wrong({parameters}): pass"), space)
    with pytest.raises(QueryError, match=words):
        scheduled(World(), system(phase)(space["wrong"]))


def test_queries_that_cannot_meet_may_both_write() -> None:
    @system(Update)
    def part(a: Query[Mut[Place], With[Heavy]], b: Query[Mut[Place], Without[Heavy]]) -> None: ...

    scheduled(World(), part).tick()


def test_two_systems_of_one_name_are_refused() -> None:
    @system(Update)
    def same() -> None: ...

    with pytest.raises(ScheduleError, match="two systems"):
        scheduled(World(), same, same)


def test_a_fault_in_render_leaves_the_others_running() -> None:
    drawn = []

    @system(Render)
    def bad() -> None:
        raise ValueError

    @system(Render)
    def good() -> None:
        drawn.append(1)

    faults: list[SystemFault] = []
    schedule = scheduled(World(), bad, good)
    schedule.run(Phase.Render, on_fault=faults.append)
    assert drawn == [1]
    assert faults[0].system.name.endswith("bad")


def test_explain_names_each_system_with_what_it_touches() -> None:
    @system(Update)
    def move(places: Query[Mut[Place], With[Light]], time: Time) -> None: ...

    text = scheduled(World(), move).explain()
    assert text.startswith("Update")
    assert "move(" in text
    assert "Mut[" in text
    assert "test_schedule.py:" in text
