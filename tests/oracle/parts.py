"""A world beside the same world in esper, changed by the same steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import esper
import numpy as np

from engine import Commands, Entity, Maybe, Mut, With, Without, World, component, f32, i32, text
from engine.ecs.snapshot import Snapshot


@component
class A:
    n: f32 = 0.0


@component
class B:
    n: i32 = 0
    m: i32 = 7


@component
class C:
    name: text = ""


@component
class D:
    """A tag."""


KINDS: tuple[type, ...] = (A, B, C, D)
Values = dict[type, Any]
Model = dict[int, Values]


class Twin:
    """Does everything twice, in a `World` and in a world context of esper, and compares.

    esper's entity numbers are its own; `twin` maps our ids to them, for the living and the dead.
    """

    def __init__(self, context: str) -> None:
        esper.switch_world(context)
        esper.clear_database()
        self.world = World()
        self.twin: dict[int, int] = {}
        self.dead: list[int] = []
        self.shots: list[tuple[Snapshot, Model, str]] = []
        self.queries: dict[str, Any] = {}

    # Changes

    def spawn(self, values: Values, count: int, commands: Commands | None) -> None:
        ids = (self.world if commands is None else commands).spawn(*components(values), count=count)
        for n, entity in enumerate(ids.tolist()):
            self.twin[entity] = esper.create_entity(*objects(values, n))
        # A restore takes ids back, and they are handed out again.
        self.dead = [entity for entity in self.dead if entity not in self.twin]

    def despawn(self, ids: list[int], commands: Commands | None) -> None:
        (self.world if commands is None else commands).despawn(ids)
        for entity in ids:
            if entity in self.twin:
                esper.delete_entity(self.twin.pop(entity), immediate=True)
                self.dead.append(entity)

    def insert(self, ids: list[int], values: Values, commands: Commands | None) -> None:
        (self.world if commands is None else commands).insert(ids, *components(values))
        for n, entity in enumerate(ids):
            if entity in self.twin:
                for value in objects(values, n):
                    esper.add_component(self.twin[entity], value)

    def remove(self, ids: list[int], kinds: list[type], commands: Commands | None) -> None:
        (self.world if commands is None else commands).remove(ids, *kinds)
        for entity in ids:
            for kind in kinds:
                if entity in self.twin and esper.has_component(self.twin[entity], kind):
                    esper.remove_component(self.twin[entity], kind)

    def write(self, kind: type, other: type, without: bool) -> None:
        """Change a column of all rows that have, or lack, another component."""
        field = "name" if kind is C else "n"
        terms = (Mut[kind], Without[other] if without else With[other])  # type: ignore[valid-type]
        for step in self.query(*terms) if kind is not other else self.query(Mut[kind]):  # type: ignore[valid-type]
            column = getattr(step, field)
            setattr(step, field, "written" if kind is C else column + 1)
        for entity, value in esper.get_component(kind):
            if kind is other or esper.has_component(entity, other) != without:
                setattr(value, field, "written" if kind is C else getattr(value, field) + 1)

    def write_at(self, ids: list[int]) -> None:
        """Change the rows of some entities, dead ones among them, through random access."""
        ids = sorted(set(ids))
        mask, step = self.query(Mut[B]).at(ids)
        step.n *= 3
        for entity, matches in zip(ids, mask.tolist(), strict=True):
            assert matches == (entity in self.twin and esper.has_component(self.twin[entity], B))
            if matches:
                esper.component_for_entity(self.twin[entity], B).n *= 3

    def write_one(self, entity: int) -> None:
        """Change one entity through a row view."""
        if self.world.has(entity, A):
            self.world.get(entity, A).n -= 2
            esper.component_for_entity(self.twin[entity], A).n -= 2

    # State

    def snapshot(self, reuse: bool) -> None:
        into = self.shots.pop(0)[0] if reuse and len(self.shots) > 2 else None
        self.shots.append((self.world.snapshot(into=into), self.model(), self.world.hash()))
        assert self.world.hash() == self.shots[-1][2]

    def restore(self, which: int) -> None:
        shot, model, digest = self.shots[which % len(self.shots)]
        self.world.restore(shot)
        assert self.world.hash() == digest
        esper.clear_database()
        self.dead += [entity for entity in self.twin if entity not in model]
        self.twin = {}
        for entity, values in model.items():
            self.twin[entity] = esper.create_entity(*objects(values, 0))
        self.dead = [entity for entity in self.dead if entity not in model]

    # Comparison

    def query(self, *terms: Any) -> Any:
        """Return a query that is kept for the whole run, as a system's is."""
        return self.queries.setdefault(str(terms), self.world.query(*terms))

    def model(self) -> Model:
        """Return what esper holds, by our ids."""
        return {ours: seen(esper.components_for_entity(theirs)) for ours, theirs in self.twin.items()}

    def compare(self, kinds: list[type], without: list[type]) -> None:
        """Compare what a query gives with what esper gives for the same components."""
        names = [kind.__name__ for kind in without]
        terms = (Entity, *kinds, *(Without[kind] for kind in without))  # type: ignore[valid-type]
        ours: Model = {}
        query = self.query(*terms)
        for entities, *steps in (step if isinstance(step, tuple) else (step,) for step in query):
            for n, entity in enumerate(entities.tolist()):
                assert entity not in ours
                ours[entity] = {kind: row(kind, step, n) for kind, step in zip(kinds, steps, strict=True)}
        back = {theirs: ours for ours, theirs in self.twin.items()}
        found = esper.get_components(*kinds) if kinds else [(entity, ()) for entity in back]
        theirs = {
            back[entity]: seen(values)
            for entity, values in found
            if not any(esper.has_component(entity, kind) for kind in without)
        }
        assert ours == theirs, names
        assert len(query) == len(theirs)

    def compare_all(self) -> None:
        """Compare everything: who is alive, and every value."""
        model = self.model()
        ids = np.array([*model, *self.dead, 0], np.uint64)
        assert self.world.alive(ids).tolist() == [True] * len(model) + [False] * (len(self.dead) + 1)
        assert sorted(self.world.entities().tolist()) == sorted(model)
        assert len(self.world) == len(model)
        for kind in KINDS:
            self.compare([kind], [])
        for entities, *steps in self.query(Entity, Maybe[A], Maybe[B], Maybe[C], Maybe[D]):
            for n, entity in enumerate(entities.tolist()):
                found = {k: row(k, s, n) for k, s in zip(KINDS, steps, strict=True) if s is not None}
                assert found == model[entity]


def components(values: Values) -> list[Any]:
    """Return values as component instances for a world: columns, or single values."""
    return [kind(*given) for kind, given in values.items()]


def objects(values: Values, n: int) -> list[Any]:
    """Return the components of row n as single objects for esper."""
    return [kind(*(v[n] if isinstance(v, list) else v for v in given)) for kind, given in values.items()]


def seen(values: Any) -> Values:
    """Return components as plain values by class."""
    return {type(value): tuple(vars(value).values()) for value in values}


def row(kind: type, step: Any, n: int) -> tuple[Any, ...]:
    """Return one row of a step as plain values."""
    fields: dict[type, tuple[str, ...]] = {A: ("n",), B: ("n", "m"), C: ("name",), D: ()}
    return tuple(getattr(step, field)[n] for field in fields[kind])


Choose = Callable[[int], int]


def some_values(choose: Choose, count: int, empty: bool) -> Values:
    """Return random components, each with one value for all or a column of `count`."""
    values: Values = {}
    for at, kind in enumerate(KINDS):
        if choose(2) or (not empty and at == 3 and not values):
            width = {A: 1, B: 2, C: 1, D: 0}[kind]
            given = []
            for _ in range(width):
                numbers = [choose(50) for _ in range(count)] if choose(2) and count else choose(50)
                words = [f"w{n % 7}" for n in numbers] if isinstance(numbers, list) else f"w{numbers % 7}"
                given.append(words if kind is C else numbers)
            values[kind] = tuple(given)
    return values
