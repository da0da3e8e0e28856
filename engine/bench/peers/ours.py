"""Hotloop through its public API: systems in a schedule, queries, commands."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    PostUpdate,
    Query,
    Send,
    Time,
    Update,
    With,
    Without,
    World,
    array,
    component,
    event,
    f32,
    system,
    vec2,
    vec3,
    vector,
)
from engine.bench.cases import INVERSIONS, TABLES, TURNOVER
from engine.bench.peers.bare import scalar
from engine.bench.work import DT, Rows, Work
from engine.clock import set_rate
from engine.ecs.component import schema_of
from engine.marks import component as mark
from engine.schedule import Declared, Schedule

MINUS = scalar(-1)


@component
class Position:
    """Where."""

    x: f32 = 0.0
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")


@component
class Velocity:
    """How fast."""

    dx: f32 = 0.0
    dy: f32 = 0.0
    xy: vec2 = vector("dx", "dy")


@component
class Transform:
    """Sixteen numbers."""

    m: f32 = array(f32, 16)


@component
class Position3:
    """Where in space."""

    x: f32
    y: f32
    z: f32
    xyz: vec3 = vector("x", "y", "z")


@component
class Rotation3:
    """Turned how."""

    rx: f32
    ry: f32
    rz: f32


@component
class Velocity3:
    """How fast in space."""

    dx: f32
    dy: f32
    dz: f32
    xyz: vec3 = vector("dx", "dy", "dz")


@component
class A:
    """One number."""

    a: f32 = 1.0


@component
class B:
    """One number."""

    b: f32 = 1.0


@component
class C:
    """One number."""

    c: f32 = 1.0


@component
class D:
    """One number."""

    d: f32 = 1.0


@component
class E:
    """One number."""

    e: f32 = 1.0


@component
class Data:
    """One number that many tables share."""

    data: f32 = 1.0


@component
class Matrix:
    """A 4 x 4 matrix."""

    m: f32 = array(f32, 16)


@component
class Ten:
    """Ten columns."""

    block: f32 = array(f32, 10)


@event
class Hit:
    """Somebody was hit."""

    x: f32
    y: f32


@system(Update)
def move(rows: Query[Mut[Position], Velocity], time: Time) -> None:
    """Position += velocity * dt."""
    for pos, vel in rows:
        pos.xy += vel.xy * time.dt


@system(Update)
def move3(rows: Query[Mut[Position3], Velocity3]) -> None:
    """Position += velocity."""
    for pos, vel in rows:
        pos.xyz += vel.xyz


@system(Update)
def negate_a(rows: Query[Mut[A]]) -> None:
    """Negate A."""
    for row in rows:
        row.a *= MINUS


@system(Update)
def negate_b(rows: Query[Mut[B]]) -> None:
    """Negate B."""
    for row in rows:
        row.b *= MINUS


@system(Update)
def negate_c(rows: Query[Mut[C]]) -> None:
    """Negate C."""
    for row in rows:
        row.c *= MINUS


@system(Update)
def negate_d(rows: Query[Mut[D]]) -> None:
    """Negate D."""
    for row in rows:
        row.d *= MINUS


@system(Update)
def negate_e(rows: Query[Mut[E]]) -> None:
    """Negate E."""
    for row in rows:
        row.e *= MINUS


@system(Update)
def negate_data(rows: Query[Mut[Data]]) -> None:
    """Negate what all tables have."""
    for row in rows:
        row.data *= MINUS


@system(Update)
def heavy(rows: Query[Mut[Matrix], Mut[Position3]]) -> None:
    """Invert all matrices at once, again and again."""
    for held, pos in rows:
        matrices = np.ascontiguousarray(held.m.T).reshape(-1, 4, 4)
        for _ in range(INVERSIONS):
            matrices = np.linalg.inv(matrices)
        held.m = matrices.reshape(-1, 16).T
        pos.xyz = np.einsum("nij,jn->in", matrices[:, :3, :3], pos.xyz) + matrices[:, :3, 3].T


@system(Update)
def swap_ab(rows: Query[Mut[A], Mut[B]]) -> None:
    """Swap A and B."""
    for one, other in rows:
        kept = one.a.copy()
        one.a, other.b = other.b, kept


@system(Update)
def swap_cd(rows: Query[Mut[C], Mut[D]]) -> None:
    """Swap C and D."""
    for one, other in rows:
        kept = one.c.copy()
        one.c, other.d = other.d, kept


@system(Update)
def swap_ce(rows: Query[Mut[C], Mut[E]]) -> None:
    """Swap C and E."""
    for one, other in rows:
        kept = one.c.copy()
        one.c, other.e = other.e, kept


@system(Update)
def beget(rows: Query[A], commands: Commands) -> None:
    """Spawn one for each."""
    for row in rows:
        commands.spawn(B(row.a))


@system(PostUpdate)
def reap(rows: Query[Entity, With[B]], commands: Commands) -> None:
    """Despawn those."""
    for entity in rows:
        commands.despawn(entity)


@system(Update)
def add(rows: Query[Entity, With[A], Without[B]], commands: Commands) -> None:
    """Give everyone a B."""
    for entity in rows:
        commands.insert(entity, B(1.0))


@system(PostUpdate)
def take(rows: Query[Entity, With[A], With[B]], commands: Commands) -> None:
    """Take it again."""
    for entity in rows:
        commands.remove(entity, B)


@system(Update)
def shout(hits: Send[Hit], rows: Query[Position]) -> None:
    """Send an event for every row."""
    for pos in rows:
        hits.send(x=pos.x, y=pos.y)


@system(PostUpdate)
def listen(hits: Events[Hit], rows: Query[Mut[Data]]) -> None:
    """Read them all."""
    total = sum(hit.x.size for hit in hits)
    for row in rows:
        row.data += total


class Peer:
    """The engine itself."""

    package = "hotloop"
    most = 10_000_000
    # The systems that go through rows.
    move: Any = staticmethod(move)
    move3: Any = staticmethod(move3)
    negate_data: Any = staticmethod(negate_data)
    negate_five: tuple[Any, ...] = (negate_a, negate_b, negate_c, negate_d, negate_e)
    swap_three: tuple[Any, ...] = (swap_ab, swap_cd, swap_ce)

    def __init__(self) -> None:
        self.world = World()

    # What the cases share

    def new(self) -> None:
        """Begin with an empty world."""
        self.world = World()
        set_rate(self.world.resource(Time), 1 / DT)

    def run(self, *systems: Any) -> Callable[[], None]:
        """Return what runs systems in a schedule."""
        schedule = Schedule(self.world)
        schedule.commit(schedule.plan(Declared(one, one.__mark__, "apps.bench") for one in systems))
        return schedule.tick

    def numbers(self, *classes: type) -> Rows:
        """Return the fields of some components, a row an entity."""
        found: list[Any] = []
        names = [[field.name for field in schema_of(cls).fields] for cls in classes]
        for step in self.world.query(*classes):
            parts = step if isinstance(step, tuple) else (step,)
            columns = [getattr(part, name) for part, fields in zip(parts, names, strict=True) for name in fields]
            found += np.concatenate([np.atleast_2d(column) for column in columns]).T.tolist()
        return found

    def movers(self, size: int) -> Any:
        """Spawn the entities of the movement cases."""
        return self.world.spawn(*moving(size), count=size)

    # Cases

    def movement(self, size: int) -> Work:
        """Move rows."""
        self.new()
        self.movers(size)
        return Work(self.run(self.move), lambda: self.numbers(Position, Velocity))

    memory = movement

    def bystanders(self, size: int) -> Work:
        """Move a thousand rows beside others, in ten tables that the query does not match."""
        self.new()
        self.movers(1_000)
        if size:
            for kinds in ((A,), (B,), (C,), (D,), (E,), (A, B), (A, C), (A, D), (A, E), (B, C)):
                self.world.spawn(*[kind() for kind in kinds], count=size // 10)
        return Work(self.run(self.move), lambda: self.numbers(Position, Velocity))

    def simple_insert(self, size: int) -> Work:
        """Fill an empty world."""
        number = np.arange(size)
        value = (number % 10).astype(np.float32)
        transform = Transform(np.broadcast_to(value, (16, size)))
        place, rotation = Position3(number % 7, number % 5, value), Rotation3(value, value, value)
        velocity = Velocity3(number % 3, number % 2, np.ones(size))

        def fill() -> None:
            self.world = World()
            self.world.spawn(transform, place, rotation, velocity)

        return Work(fill, lambda: self.numbers(Transform, Position3, Rotation3, Velocity3))

    def simple_iter(self, size: int) -> Work:
        """Move rows in space."""
        self.new()
        self.simple_insert(size).step()
        return Work(self.run(self.move3), lambda: self.numbers(Position3))

    def packed_5(self, size: int) -> Work:
        """Negate five components in five systems."""
        self.new()
        value = np.arange(size) % 10
        self.world.spawn(A(value), B(value), C(value), D(value), E(value))
        return Work(self.run(*self.negate_five), lambda: self.numbers(A, B, C, D, E))

    def frag_iter(self, size: int) -> Work:
        """Negate a component that many tables share."""
        self.new()
        for number in range(TABLES):
            kind: Any = type(f"K{number}", (), {"__annotations__": {"k": f32}, "k": 1.0, "__module__": __name__})
            self.world.spawn(mark(kind)(), Data(np.arange(size) % 10), count=size)
        return Work(self.run(self.negate_data), lambda: self.numbers(Data))

    def heavy_compute(self, size: int) -> Work:
        """Invert matrices."""
        self.new()
        number = np.arange(size)
        cyclic = np.eye(4, dtype=np.float32)[[1, 2, 0, 3]].reshape(16, 1)
        self.world.spawn(
            Matrix(np.repeat(cyclic, size, axis=1)), Position3(number % 7, number % 5, np.ones(size)), count=size
        )
        return Work(self.run(heavy), lambda: self.numbers(Position3))

    def schedule(self, size: int) -> Work:
        """Swap components in three systems."""
        self.new()
        value = np.arange(size) % 10
        for kinds in ((A, B), (A, B, C), (A, B, C, D), (A, B, C, E)):
            self.world.spawn(*[kind(value + at) for at, kind in enumerate(kinds)], count=size)
        return Work(self.run(*self.swap_three), lambda: self.numbers(A, B))

    def entity_cycle(self, size: int) -> Work:
        """Spawn one entity for each, and despawn them."""
        self.new()
        self.world.spawn(A(np.arange(size)))
        return Work(self.run(beget, reap), lambda: self.numbers(A))

    def add_remove(self, size: int) -> Work:
        """Add a component to all, remove it from all."""
        self.new()
        self.world.spawn(A(np.arange(size)))
        return Work(self.run(add, take), lambda: self.numbers(A))

    # One call for all

    def batch_spawn(self, size: int) -> Work:
        """Spawn all."""
        place, velocity = moving(size)

        @system(Update)
        def spawn_all(commands: Commands) -> None:
            commands.spawn(place, velocity)

        return self._all(0, spawn_all, Position, Velocity)

    def batch_despawn(self, size: int) -> Work:
        """Despawn all."""

        @system(Update)
        def despawn_all(rows: Query[Entity], commands: Commands) -> None:
            for ids in rows:
                commands.despawn(ids)

        work = self._all(size, despawn_all)
        work.state = lambda: [[float(len(self.world))]]
        return work

    def batch_insert(self, size: int) -> Work:
        """Give all a component."""

        @system(Update)
        def insert_all(rows: Query[Entity], commands: Commands) -> None:
            for ids in rows:
                commands.insert(ids, A(1.0))

        return self._all(size, insert_all, Position, A)

    def batch_remove(self, size: int) -> Work:
        """Take a component from all."""

        @system(Update)
        def remove_all(rows: Query[Entity], commands: Commands) -> None:
            for ids in rows:
                commands.remove(ids, Velocity)

        return self._all(size, remove_all, Position)

    def _all(self, size: int, one: Any, *shown: type) -> Work:
        """Make the world anew before each step, with so many entities, and run a system once."""
        self.new()
        clear = self.world.query(Entity)

        def fill() -> None:
            self.world.despawn(clear.entities())
            self.movers(size)

        return Work(self.run(one), lambda: self.numbers(*shown), before=fill)

    # One call for one entity

    def single_spawn(self, size: int) -> Work:
        """Spawn, a call for each."""

        @system(Update)
        def spawn_each(commands: Commands) -> None:
            for _ in range(size):
                commands.spawn(Position(1.0, 2.0), Velocity(3.0, 4.0))

        self.new()
        clear = self.world.query(Entity)
        return Work(
            self.run(spawn_each),
            lambda: self.numbers(Position, Velocity),
            before=lambda: self.world.despawn(clear.entities()),
        )

    def single_despawn(self, size: int) -> Work:
        """Despawn, a call for each."""
        ids: list[Any] = []

        @system(Update)
        def despawn_each(commands: Commands) -> None:
            for entity in ids[1:]:
                commands.despawn(entity)

        return self._each(size + 1, ids, despawn_each, Position)

    def single_insert(self, size: int) -> Work:
        """Add a component, a call for each."""
        ids: list[Any] = []

        @system(Update)
        def insert_each(commands: Commands) -> None:
            for entity in ids:
                commands.insert(entity, A(1.0))

        return self._each(size, ids, insert_each, Position, A)

    def single_remove(self, size: int) -> Work:
        """Remove a component, a call for each."""
        ids: list[Any] = []

        @system(Update)
        def remove_each(commands: Commands) -> None:
            for entity in ids:
                commands.remove(entity, Velocity)

        return self._each(size, ids, remove_each, Position)

    def _each(self, size: int, ids: list[Any], one: Any, *shown: type) -> Work:
        self.new()
        clear = self.world.query(Entity)

        def fill() -> None:
            self.world.despawn(clear.entities())
            ids[:] = self.movers(size).tolist()

        return Work(self.run(one), lambda: self.numbers(*shown), before=fill)

    def single_access(self, size: int) -> Work:
        """Add to one field of each entity."""
        self.new()
        ids, world = self.movers(size).tolist(), self.world

        def step() -> None:
            get = world.get
            for entity in ids:
                get(entity, Position).x += 1

        return Work(step, lambda: self.numbers(Position))

    # Frames

    def random_access(self, size: int) -> Work:
        """Gather entities picked at random, and scatter them back."""
        self.new()
        picked = np.array(random.Random(1).sample(self.movers(size * 10).tolist(), size), np.uint64)

        @system(Update)
        def poke(rows: Query[Mut[Position]]) -> None:
            _, pos = rows.at(picked)
            pos.x += 1

        return Work(self.run(poke), lambda: [[float(sum(pos.x.sum() for pos in self.world.query(Position)))]])

    def churn(self, size: int) -> Work:
        """Move all, replace the oldest two of a hundred."""
        return self._replacing(size, max(1, int(size * TURNOVER)))

    def replace_one(self, size: int) -> Work:
        """Move all, replace the oldest."""
        return self._replacing(size, 1)

    def _replacing(self, size: int, replaced: int) -> Work:
        self.new()
        ring = self.movers(size)
        fresh = moving(replaced) if replaced > 1 else (Position(0.0, 0.0), Velocity(0.0, 0.0))
        at = 0

        @system(Update)
        def replace(commands: Commands) -> None:
            nonlocal at
            oldest = ring[at : at + replaced]
            commands.despawn(oldest.copy())
            oldest[:] = commands.spawn(*fresh)
            at = (at + replaced) % size

        return Work(self.run(self.move, replace), lambda: self.numbers(Position, Velocity))

    def events(self, size: int) -> Work:
        """Send and read events."""
        self.new()
        self.movers(size)
        self.world.spawn(Data(0.0))
        tick = self.run(shout, listen)

        def step() -> None:
            tick()
            self.world.end_tick()

        return Work(step, lambda: self.numbers(Data))

    def empty_systems(self, size: int) -> Work:
        """Run systems that have nothing to do."""
        self.new()
        self.movers(10)
        systems = []
        for number in range(size):

            @system(Update)
            def idle(rows: Query[Mut[A]]) -> None:
                for row in rows:
                    row.a += 1

            idle.__qualname__ = f"idle_{number}"
            systems.append(idle)
        return Work(self.run(*systems), lambda: [[0.0]])

    # Snapshots

    def _ten(self, size: int) -> None:
        self.new()
        self.world.spawn(Ten(np.arange(size * 10, dtype=np.float32).reshape(10, size)))

    def snapshot(self, size: int) -> Work:
        """Copy the world into an older snapshot."""
        self._ten(size)
        shot = self.world.snapshot()
        return Work(lambda: self.world.snapshot(into=shot), lambda: [[float(len(self.world))]])

    def restore(self, size: int) -> Work:
        """Copy a snapshot back."""
        self._ten(size)
        shot = self.world.snapshot()
        return Work(lambda: self.world.restore(shot), lambda: [[float(len(self.world))]])

    def hash(self, size: int) -> Work:
        """Digest the world."""
        self._ten(size)
        return Work(self.world.hash, lambda: [[float(len(self.world))]])


def moving(size: int) -> tuple[Position, Velocity]:
    """Return the components of the movement cases."""
    number = np.arange(size)
    return Position(number % 7, number % 5), Velocity(number % 3, number % 2)
