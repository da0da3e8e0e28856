"""The esper bridge in a schedule: when processors run, and deaths that cross from one world to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import esper
import numpy as np
import pytest

from engine import Commands, Entity, Mut, Query, World, component, f32
from engine.marks import Phase, Startup, Update, system
from engine.schedule import Declared, Schedule
from modules.plugins.esper_bridge import Esper
from modules.plugins.esper_bridge import systems as bridging


@dataclass
class Place:
    x: float = 0.0


@dataclass
class Marked:
    where: tuple[int, ...] = (1, 2)
    names: list[str] = field(default_factory=lambda: ["a"])
    much: float = float("inf")
    window: object = None


@component
class Body:
    x: f32 = 0.0


class Walk(esper.Processor):
    """Walk, and die at the wall."""

    def process(self) -> None:
        for entity, place in esper.get_component(Place):
            place.x += 1
            if place.x >= 10:
                esper.delete_entity(entity)


@system(Startup)
def begin(bridge: Mut[Esper], commands: Commands) -> None:
    bridge.add_processor(Walk())
    entities = commands.spawn(Body(x=np.zeros(3)))
    for index, entity in enumerate(entities.tolist()):
        with bridge.world:
            bridge.link(esper.create_entity(Place(float(index))), entity)


@system(Update)
def follow(bridge: Esper, bodies: Query[Mut[Body]]) -> None:
    entities, places = bridge.pairs(Place)
    there, body = bodies.at(entities)
    body.x = np.array([place.x for place in places])[there]


class Program:
    """A world with the bridge's systems and those above."""

    def __init__(self) -> None:
        self.world = World(seed=1)
        self.schedule = Schedule(self.world)
        plugin, app = "plugins.esper_bridge", "app"
        own = [bridging.follow, bridging.process, bridging.bury, bridging.note, bridging.close]
        declared = [*((function, plugin) for function in own), (begin, app), (follow, app)]
        plan = self.schedule.plan(Declared(function, function.__mark__, owner) for function, owner in declared)
        self.schedule.commit(plan)

    @property
    def bridge(self) -> Esper:
        return self.world.resource(Esper)

    def run(self, ticks: int = 1) -> Program:
        for _ in range(ticks):
            self.schedule.tick()
            self.world.tick += 1
            self.world.end_tick()
        return self

    def places(self) -> list[float]:
        with self.bridge.world:
            return [place.x for _, place in esper.get_component(Place)]

    def bodies(self) -> list[float]:
        return [x for body in self.world.query(Body) for x in body.x.tolist()]


@pytest.fixture
def program() -> Iterator[Program]:
    program = Program()
    yield program
    program.schedule.run(Phase.Shutdown)


def test_processors_run_once_a_tick_before_the_systems_of_the_game(program: Program) -> None:
    assert program.run().bodies() == [1, 2, 3]
    assert program.run(4).bodies() == [5, 6, 7]
    assert program.places() == [5, 6, 7]


def test_a_death_on_the_esper_side_despawns_the_entity_in_the_same_tick(program: Program) -> None:
    program.run(7)
    assert program.bodies() == [7, 8, 9]
    program.run()
    assert program.bodies() == [8, 9]
    program.run(2)
    assert program.bodies() == program.places() == []


def test_a_despawned_entity_takes_its_esper_side_along(program: Program) -> None:
    program.run(2)
    [(ids, _)] = list(program.world.query(Entity, Body))
    program.world.despawn(ids[1:2])
    program.run()
    assert program.bodies() == program.places() == [3, 5]


def test_a_death_that_a_rollback_undid_comes_again(program: Program) -> None:
    program.run(7)
    before = program.world.snapshot()
    program.run()
    program.world.restore(before)
    assert program.bodies() == [7, 8, 9]
    program.run()
    assert program.bodies() == program.places() == [8, 9]


def test_an_entity_that_a_rollback_took_away_takes_its_esper_side_along(program: Program) -> None:
    program.run()
    before = program.world.snapshot()
    entity = int(program.world.spawn(Body())[0])
    with program.bridge.world:
        program.bridge.link(esper.create_entity(Place()), entity)
    program.run()
    assert len(program.places()) == 4
    program.world.restore(before)
    program.run()
    assert len(program.places()) == len(program.bodies()) == 3


def test_esper_goes_back_with_the_world_and_is_part_of_its_hash(program: Program) -> None:
    program.run(3)
    with program.bridge.world:
        [first, *_] = [place for _, place in esper.get_component(Place)]
    digest, before = program.world.hash(), program.world.snapshot()
    with program.bridge.world:
        later = esper.create_entity(Place(-50))
    program.run()
    assert -49 in program.places()
    assert program.world.hash() != digest
    program.world.restore(before)
    program.run(3)
    assert program.places() == program.bodies() == [6, 7, 8]
    with program.bridge.world:
        assert esper.create_entity(Place(0)) == later, "numbers are given out as if nothing had been"
        assert first.x == 6, "objects that others hold stay what they are"


def test_a_program_goes_on_in_a_world_that_never_ran_it(program: Program) -> None:
    program.run(2)
    with program.bridge.world:
        marked = esper.create_entity(Marked(window=object()), Place(3.5))
    program.run()
    other = Program()
    other.world.restore(program.world.snapshot())
    for each in (program, other):
        each.run(3)
    assert other.places() == program.places() == [6, 7, 8, 7.5]
    assert other.world.hash() == program.world.hash()
    with other.bridge.world:
        there = esper.component_for_entity(marked, Marked)
        assert (there.where, there.names, there.much, there.window) == ((1, 2), ["a"], float("inf"), None)
    other.schedule.run(Phase.Shutdown)


def test_two_programs_run_side_by_side(program: Program) -> None:
    other = Program()
    program.run(3)
    other.run(1)
    assert (program.bodies(), other.bodies()) == ([3, 4, 5], [1, 2, 3])
    other.schedule.run(Phase.Shutdown)
    assert other.bridge.world.closed
    assert program.run().bodies() == [4, 5, 6]
