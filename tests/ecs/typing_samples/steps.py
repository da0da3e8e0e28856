"""What a type checker must see: exact step types, with filters and with one term. Checked without an error."""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from engine import (
    Added,
    Changed,
    Commands,
    Entity,
    Events,
    Maybe,
    Mut,
    Query,
    Send,
    Startup,
    Update,
    With,
    Without,
    World,
    component,
    event,
    f32,
    field,
    resource,
    system,
    text,
    vec2,
    vector,
)

Ids = NDArray[np.uint64]
Entities = np.ndarray[tuple[int, ...], np.dtype[np.uint64]]
Mask = NDArray[np.bool_]


@component
class Position:
    x: f32
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")


@component(version=2)
class Velocity:
    x: f32 = 0.0
    y: f32 = field(default=0.0, renamed_from="vy")


@component
class Boid: ...


@component
class Name:
    name: text = ""


@event
class Hit:
    who: Any
    x: f32 = 0.0


@resource(transient=True)
class Score:
    points: int = 0
    names: list[str] = field(factory=list)


@system(Startup)
def populate(commands: Commands) -> None:
    ids = commands.spawn(Position(x=np.zeros(3)), Velocity(1, 2), Boid(), count=3)
    assert_type(ids, Ids)


@system(Update)
def one_term(a: Query[Position], b: Query[Entity], c: Query[Mut[Position]], d: Query[Maybe[Position]]) -> None:
    for p in a:
        assert_type(p, Position)
    for e in b:
        assert_type(e, Entities)
    for m in c:
        assert_type(m, Position)
        m.xy += 1
    for n in d:
        assert_type(n, Position | None)


@system(Update)
def one_term_and_filters(
    a: Query[Position, With[Boid]],
    b: Query[Mut[Position], With[Boid], Without[Name]],
    c: Query[Entity, With[Boid], Without[Name], Changed[Position]],
) -> None:
    for p in a:
        assert_type(p, Position)
    for m in b:
        assert_type(m, Position)
    for e in c:
        assert_type(e, Entities)


@system(Update)
def several_terms(
    a: Query[Position, Mut[Velocity]],
    b: Query[Entity, Position, Maybe[Velocity], With[Boid]],
    c: Query[Entity, Position, Velocity, Boid, Name, With[Boid], Without[Name]],
    d: Query[Entity, Position, Velocity, Boid, Name, Mut[Position], With[Boid], Without[Name], Changed[Boid]],
    e: Query[Position, Velocity, Boid],
    f: Query[Position, Velocity, Boid, Name],
) -> None:
    for s2 in a:
        assert_type(s2, tuple[Position, Velocity])
    for entity, position, velocity in b:
        assert_type(entity, Entities)
        known: Ids = entity[position.x > 0]
        assert_type(known, Ids)
        assert_type(position, Position)
        assert_type(velocity, Velocity | None)
    for s5 in c:
        assert_type(s5, tuple[Entities, Position, Velocity, Boid, Name])
    for s6 in d:
        assert_type(s6, tuple[Entities, Position, Velocity, Boid, Name, Position])
    for s3 in e:
        assert_type(s3, tuple[Position, Velocity, Boid])
    for s4 in f:
        assert_type(s4, tuple[Position, Velocity, Boid, Name])


@system(Update)
def other_ways(a: Query[Position, With[Boid]], b: Query[Entity, Mut[Velocity], Without[Boid]], ids: Ids) -> None:
    assert_type(a.single(), Position)
    assert_type(b.single(), tuple[Entities, Velocity])
    mask, position = a.at(ids)
    assert_type(mask, Mask)
    assert_type(position, Position)
    assert_type(b.at(ids)[1], tuple[Entities, Velocity])
    assert_type(len(a), int)
    assert_type(a.entities(), Ids)


@system(Update)
def events_and_resources(hits: Events[Hit], new: Events[Added[Boid]], out: Send[Hit], score: Mut[Score]) -> None:
    for hit in hits:
        assert_type(hit, Hit)
    for arrived in new:
        assert_type(arrived.entity, Ids)
    out.send(Hit(who=1))
    out.send(who=1, x=2.0)
    assert_type(score, Score)
    assert_type(score.points, int)


def on_a_world(world: World) -> None:
    assert_type(world.get(1, Position), Position)
    assert_type(world.resource(Score), Score)
    assert_type(world.events(Hit, "me").read(), Hit)
    for step in world.query(Entity, Mut[Position], With[Boid]):
        print(step)
