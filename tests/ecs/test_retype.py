"""Schemas that change under a living world: retype, drop, register, and restores across versions."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import numpy as np
import pytest
from ecs.parts import Boid, Hit, Kinds, Label, Mood, Position, Score, Velocity

from engine import Added, Entity, Mut, World, component, event, f32, f64, field, i32, resource, text
from engine.ecs.component import Field, Schema, schema_of
from engine.errors import ComponentError, SnapshotError

Columns = dict[str, Any]


def named(cls: type, name: str) -> type:
    """Give a class the qualified name that another one has, as a reload does by patching the class in place."""
    cls.__qualname__ = name
    return cls


def keep(columns: Columns, rows: int) -> Columns:
    return columns


def living() -> tuple[World, Any]:
    world = World()
    ids = world.spawn(Position([1, 2, 3], [4, 5, 6]))
    world.spawn(Position([7, 8], [9, 10]), Label(text=["ann", "bob"]))
    return world, ids


WIDER = dataclasses.replace(
    schema_of(Position),
    version=2,
    vectors=(),
    fields=(
        Field("y", "float32"),
        Field("x", "float64"),
        Field("hp", "int16", default=5),
        Field("name", "text", (), "text", "nobody"),
    ),
)


def test_rows_are_carried_over_table_by_table() -> None:
    world, ids = living()
    seen: list[int] = []

    def convert(columns: Columns, rows: int) -> Columns:
        seen.append(rows)
        assert list(columns) == ["x", "y"]
        return {"x": columns["x"] * 2, "y": columns["y"]}

    world.retype("ecs.parts.Position", WIDER, convert)
    assert sorted(seen) == [2, 3]
    columns = world.columns("ecs.parts.Position")
    assert columns["x"].dtype == np.float64
    assert sorted(columns["x"].tolist()) == [2, 4, 6, 14, 16]
    assert columns["hp"].tolist() == [5] * 5
    assert columns["name"].tolist() == ["nobody"] * 5
    assert world.schemas()["ecs.parts.Position"] == WIDER
    assert world.alive(ids).all()
    assert world.components["ecs.parts.Label"].schema is schema_of(Label)


def test_a_migration_that_fails_changes_nothing() -> None:
    world, _ = living()
    before = world.hash()

    def on_the_second(columns: Columns, rows: int) -> Columns:
        if rows == 2:
            raise ValueError("no")
        return columns

    for convert in (
        on_the_second,
        lambda columns, rows: {"x": np.zeros(rows + 1)},
        lambda columns, rows: {"z": 1},
        lambda columns, rows: {"x": "far"},
        lambda columns, rows: {"hp": np.full(rows, 0.5)},
    ):
        with pytest.raises((ValueError, ComponentError)):
            world.retype("ecs.parts.Position", WIDER, convert)
        assert world.hash() == before
        assert world.schemas()["ecs.parts.Position"] == schema_of(Position)
    with pytest.raises(ComponentError, match=r"did you mean 'ecs\.parts\.Position'"):
        world.retype("ecs.parts.Positon", WIDER, keep)


def test_a_class_patched_in_place_goes_on() -> None:
    @component
    class Ship:
        x: f32 = 1.0
        hp: i32 = 3

    world = World()
    query = world.query(Entity, Mut[Ship])
    ids = world.spawn(Ship(hp=[7, 8]))
    row = world.get(ids[0], Ship)
    old = schema_of(Ship)
    # What an edit of the file does to the live class.
    Ship.__annotations__.clear()
    Ship.__annotations__.update({"x": "f32", "health": "f64", "shield": "f32"})
    Ship.health, Ship.shield = field(default=1.0, renamed_from="hp"), 50.0  # type: ignore[attr-defined]
    del Ship.hp  # type: ignore[misc]
    component(Ship)
    with pytest.raises(ComponentError, match=r"has other fields now: 2 rows hold it .* retype it first"):
        world.register(Ship)
    new = schema_of(Ship)
    assert new != old
    world.retype(old.name, new, lambda columns, n: {"x": columns["x"], "health": columns["hp"]})
    world.register(Ship)
    ((entity, ship),) = query
    assert entity.tolist() == ids.tolist()
    assert (ship.health.tolist(), ship.shield.tolist(), ship.health.dtype) == ([7, 8], [50, 50], np.float64)
    with pytest.raises(AttributeError):
        _ = ship.hp
    assert world.get(ids[1], Ship).health == 8.0  # type: ignore[attr-defined]
    del row
    world.spawn(Ship(health=2))  # type: ignore[call-arg]
    assert len(query) == 3


def test_a_new_default_needs_no_migration() -> None:
    @component
    class Rock:
        size: f32 = 1.0

    world = World()
    world.spawn(Rock(), count=2)
    Rock.size = 9.0
    component(Rock)
    world.register(Rock)
    world.spawn(Rock())
    assert sorted(world.columns(schema_of(Rock).name)["size"].tolist()) == [1, 1, 9]


def test_another_enum_for_a_field_shows_at_once() -> None:
    @component
    class Guard:
        mood: Mood = Mood.CALM

    class Temper(enum.Enum):
        CALM = 10

    world = World()
    world.spawn(Guard())
    query = world.query(Guard)
    assert [guard.mood[0] for guard in query] == [Mood.CALM]
    Guard.__annotations__["mood"] = Temper
    Guard.mood = Temper.CALM  # type: ignore[assignment]
    component(Guard)
    world.register(Guard)
    assert [guard.mood[0] for guard in query] == [Temper.CALM]


def test_without_rows_any_change_is_taken() -> None:
    world = World()
    one = named(component(type("A", (), {"__annotations__": {"x": f32}, "__module__": __name__})), "Same")
    two = named(component(type("A", (), {"__annotations__": {"y": f64}, "__module__": __name__})), "Same")
    ids = world.spawn(one(1))
    world.despawn(ids)
    world.register(two)
    world.spawn(two(2))
    (step,) = world.query(two)
    assert step.y.tolist() == [2]


def test_a_component_may_be_renamed() -> None:
    world, ids = living()
    arrivals = world.events(Added[Position], "r")
    world.spawn(Position(0))
    new = dataclasses.replace(schema_of(Position), name="app.Place", renamed_from="ecs.parts.Position")
    world.retype("ecs.parts.Position", new, keep)
    assert "ecs.parts.Position" not in world.schemas()
    assert world.component_rows("app.Place") == 6
    assert len(arrivals) == 1

    body = {"__annotations__": {"x": f32, "y": f32}, "y": 0.0, "__module__": "app"}
    Place: Any = component(type("Place", (), body))
    world.register(Place)
    assert sorted(x for place in world.query(Place) for x in place.x.tolist()) == [0, 1, 2, 3, 7, 8]
    assert list(world.query(Position)) == []
    world.spawn(Position(5))
    with pytest.raises(ComponentError, match="cannot become"):
        world.retype("ecs.parts.Position", new, keep)
    assert world.has(ids, Place).all()


def test_drop_takes_a_component_from_every_row() -> None:
    world, ids = living()
    world.insert(ids[0], Label(text="cy"), Boid())
    assert world.drop("ecs.parts.Label") == 3
    assert world.component_rows("ecs.parts.Label") == 0
    assert "ecs.parts.Label" not in world.components
    assert len(world) == 5
    assert sorted(x for p in world.query(Position) for x in p.x.tolist()) == [1, 2, 3, 7, 8]
    world.insert(ids[1], Label(text="dee"))
    assert [label.text.tolist() for label in world.query(Label)] == [["dee"]]
    with pytest.raises(ComponentError, match="no component, event or resource"):
        world.drop("ecs.parts.Nothing")


def test_queries_made_before_a_drop_stay_usable() -> None:
    world, ids = living()
    query = world.query(Mut[Position], reader="x")
    world.drop("ecs.parts.Position")
    assert len(query) == 0
    assert list(query) == []
    mask, step = query.at(ids)
    assert not mask.any()
    assert step.x.size == 0


def test_events_are_retyped_and_dropped() -> None:
    world = World()
    world.send(Hit(who=[1, 2]))
    reader = world.events(Hit, "r")
    reader.read()
    world.send(Hit(who=3))
    old = schema_of(Hit)
    new = dataclasses.replace(old, fields=(Field("who", "uint64", (), "entity"), Field("force", "int32", default=4)))
    world.retype(old.name, new, lambda columns, n: {"who": columns["who"]})
    columns = world.columns(old.name)
    assert (columns["who"].tolist(), columns["force"].tolist()) == ([1, 2, 3], [4, 4, 4])
    assert len(reader) == 1, "what a reader has read it has read"
    assert world.drop(old.name) == 3
    assert len(world.events(Hit, "r")) == 0


def test_resources_are_retyped_and_dropped() -> None:
    @resource
    class Options:
        volume: float = 1.0
        name: str = "x"

    world = World()
    options = world.resource(Options)
    options.volume, options.name = 0.5, "y"
    Options.__annotations__.clear()
    Options.__annotations__.update({"loudness": "int", "tags": "list[str]"})
    Options.loudness = 100  # type: ignore[attr-defined]
    Options.tags = field(factory=lambda: ["a"])  # type: ignore[attr-defined]
    resource(Options)
    name = schema_of(Options).name
    assert world.columns(name) == {"volume": 0.5, "name": "y"}
    world.retype(name, schema_of(Options), lambda old, n: {"loudness": int(old["volume"] * 100)})
    world.register(Options)
    assert world.resource(Options) is options
    assert vars(options) == {"loudness": 50, "tags": ["a"]}
    assert world.read_resource(Options).loudness == 50  # type: ignore[attr-defined]
    assert world.drop(name) == 1
    assert world.resource(Options).loudness == 100  # type: ignore[attr-defined]


def test_a_restore_brings_old_schemas_back_once_the_code_is_back() -> None:
    world, ids = living()
    shot, before = world.snapshot(), world.hash()
    world.retype("ecs.parts.Position", WIDER, lambda columns, n: {"x": columns["x"]})
    world.drop("ecs.parts.Label")
    world.spawn(Boid(), count=5)
    assert world.hash() != before
    world.restore(shot)
    assert world.hash() == before
    assert world.schemas()["ecs.parts.Position"] == schema_of(Position)
    world.register(Position, Label)
    assert [label.text.tolist() for label in world.query(Label)] == [["ann", "bob"]]
    assert world.get(ids[1], Position).y == 5.0


def two_versions() -> tuple[type, type]:
    """Return two classes of one name, as two versions of a game have them."""

    @component
    class Unit:
        hp: i32 = 3
        name: text = "x"

    old = named(Unit, "Unit")

    @component(version=2)
    class Next:
        health: f32 = field(default=1.0, renamed_from="hp")
        name: text = "x"
        armour: f32 = 0.5

    return old, named(Next, "Unit")


def test_a_snapshot_of_an_older_version_is_migrated() -> None:
    old_cls, new_cls = two_versions()
    old_world, world = World(), World()
    ids = old_world.spawn(old_cls(hp=[4, 5], name=["ann", "bob"]), Boid())
    old_world.spawn(Kinds(), old_cls())
    old_world.send(Hit(who=3))
    world.register(new_cls, Hit)
    world.spawn(new_cls(name="zzz"))
    before = world.hash()
    shot = old_world.snapshot()
    with pytest.raises(SnapshotError, match=r"Unit in version 1: its class declares other fields now, in version 2"):
        world.restore(shot)
    asked: list[list[tuple[Schema, Schema | None]]] = []

    def refuse(changes: list[tuple[Schema, Schema | None]]) -> dict[str, Any]:
        asked.append(changes)
        return {}

    with pytest.raises(SnapshotError, match="no migration leads to 2"):
        world.restore(shot, migrate=refuse)
    assert world.hash() == before
    name = schema_of(new_cls).name
    assert {old.name: new and new.version for old, new in asked[0]} == {
        name: 2,
        "ecs.parts.Boid": None,
        "ecs.parts.Kinds": None,
    }

    def migrate(changes: list[tuple[Schema, Schema | None]]) -> dict[str, Any]:
        return {name: lambda c, n: {"health": c["hp"] / 2, "name": c["name"]}, "ecs.parts.Kinds": None}

    world.restore(shot, migrate=migrate)
    _, unit = world.query(new_cls).at(ids)
    assert (unit.health.tolist(), unit.name.tolist(), unit.armour.tolist()) == ([2, 2.5], ["ann", "bob"], [0.5, 0.5])
    assert world.has(ids, Boid).all(), "what no class claims is kept until one is registered"
    assert world.component_rows("ecs.parts.Kinds") == 0
    assert len(world) == 3
    assert len(world.events(Hit)) == 1


def test_a_snapshot_follows_a_renamed_class_and_joins_tables() -> None:
    world = World()
    world.spawn(Velocity(1), Boid())
    world.spawn(Velocity(2))
    world.events(Added[Velocity], "a")
    world.spawn(Velocity(3), Boid())
    shot = world.snapshot()

    @component(renamed_from="ecs.parts.Velocity")
    class Speed:
        x: f32 = 0.0
        y: f32 = 0.0

    other = World()
    other.register(Speed)
    other.restore(shot, migrate=lambda changes: {"ecs.parts.Velocity": keep, "ecs.parts.Boid": None})
    (step,) = other.query(Speed)
    assert sorted(step.x.tolist()) == [1, 2, 3]
    assert other.alive(world.entities()).all()
    assert other.storage.tables.keys() >= {(schema_of(Speed).name,)}
    assert len(other.events(Added[Speed], "a")) == 1


def test_resources_and_events_migrate_with_a_snapshot() -> None:
    old, new = World(), World()

    @event
    class Ping:
        n: i32 = 0

    @event(version=2)
    class Pong:
        n: f32 = 0.0
        more: f32 = 2.0

    @resource
    class Level:
        n: int = 1

    @resource(version=2)
    class Stage:
        number: int = 1
        name: str = "start"

    for cls in (Ping, Pong):
        cls.__qualname__ = "Ping"
    for cls in (Level, Stage):
        cls.__qualname__ = "Level"
    old.send(Ping(n=[1, 2]))
    old.resource(Level).n = 6
    old.resource(Score).mood = Mood.ANGRY
    new.register(Pong, Stage, Score)
    names = schema_of(Ping).name, schema_of(Level).name
    new.restore(old.snapshot(), migrate=lambda _: {names[0]: keep, names[1]: lambda s, n: {"number": s["n"]}})
    step = new.events(Pong).read()
    assert (step.n.tolist(), step.more.tolist()) == ([1, 2], [2, 2])
    assert vars(new.resource(Stage)) == {"number": 6, "name": "start"}
    assert new.resource(Score).mood is Mood.ANGRY


def test_two_worlds_hold_one_class_in_two_versions() -> None:
    @component
    class Gear:
        x: f32 = 1.0

    one, other = World(), World()
    one.spawn(Gear())
    other.spawn(Gear(), count=2)
    (before,) = one.query(Gear)
    Gear.__annotations__["extra"] = "f32"
    Gear.extra = 2.0  # type: ignore[attr-defined]
    component(Gear)
    other.retype(schema_of(Gear).name, schema_of(Gear), keep)
    (after,) = other.query(Gear)
    assert after.extra.tolist() == [2, 2]
    assert before.x.tolist() == [1]
    with pytest.raises(ComponentError, match=r"no field 'extra'|read-only"):
        before.extra = 1
    assert one.storage is not other.storage
