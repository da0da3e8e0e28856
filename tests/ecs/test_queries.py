"""Queries: steps, terms, columns that are read or written, random access and single rows."""

from __future__ import annotations

import numpy as np
import pytest
from ecs.parts import Boid, Kinds, Label, Mood, Position, Rank, Velocity

from engine import Changed, Entity, Maybe, Mut, Query, With, Without, World
from engine.ecs.table import PACKED_ROWS
from engine.errors import ComponentError, EntityError, QueryError


@pytest.fixture
def world() -> World:
    world = World()
    world.spawn(Position(x=np.arange(3.0)), Velocity(1, 2))
    world.spawn(Position(x=np.arange(10.0, 12.0)), Boid())
    world.spawn(Position(x=20.0), Velocity(3, 4), Boid())
    world.spawn(Boid())
    return world


def xs(query: Query[Position]) -> list[list[float]]:
    return [position.x.tolist() for position in query]


def test_a_step_per_table_that_has_rows(world: World) -> None:
    assert xs(world.query(Position)) == [[10.0, 11.0], [20.0], [0.0, 1.0, 2.0]]
    assert len(world.query(Position)) == 6
    assert world.query(Position)
    assert not world.query(Label)


def test_tables_come_in_the_order_of_their_names_not_of_their_making() -> None:
    one, other = World(), World()
    for world, order in ((one, (1, 2)), (other, (2, 1))):
        for turn in order:
            world.spawn(Position(turn), *([Boid()] if turn == 1 else [Velocity()]))
    assert xs(one.query(Position)) == xs(other.query(Position)) == [[1.0], [2.0]]


def test_filters(world: World) -> None:
    assert xs(world.query(Position, With[Velocity])) == [[20.0], [0.0, 1.0, 2.0]]
    assert xs(world.query(Position, Without[Velocity])) == [[10.0, 11.0]]
    assert xs(world.query(Position, With[Velocity], With[Boid])) == [[20.0]]
    steps = [(p.x.tolist(), v is None) for p, v in world.query(Position, Maybe[Velocity])]
    assert steps == [([10.0, 11.0], True), ([20.0], False), ([0.0, 1.0, 2.0], False)]


def test_one_data_term_gives_the_value_and_several_a_tuple(world: World) -> None:
    ids = list(world.query(Entity, With[Boid]))
    assert [step.dtype for step in ids] == [np.uint64] * 3
    assert all(isinstance(step, tuple) for step in world.query(Entity, Boid))


def test_reading_is_the_default_and_a_stray_write_raises_there(world: World) -> None:
    for position, velocity in world.query(Position, Mut[Velocity]):
        with pytest.raises(ComponentError, match=r"Position.x is read-only here; ask for Mut\[Position\]"):
            position.x = 1
        with pytest.raises(ValueError, match="read-only"):
            position.x += 1
        with pytest.raises(ValueError, match="read-only"):
            position.xy[0, 0] = 1
        velocity.x += position.x
        velocity.xy *= 2
    assert [v.x.tolist() for v in world.query(Velocity)] == [[46.0], [2.0, 4.0, 6.0]]


def test_assignment_writes_into_the_column(world: World) -> None:
    for position in world.query(Mut[Position], With[Velocity]):
        column = position.x
        position.x = 5
        assert position.x is column
        position.xy = np.ones((2, column.size))
        position.y = position.x * 3
        with pytest.raises(ComponentError, match="no field 'z'; its fields are x, y, xy"):
            position.z = 1
        with pytest.raises(AttributeError):
            _ = position.z
        with pytest.raises(ValueError, match="broadcast"):
            position.x = np.zeros(7)
    assert [p.xy.tolist() for p in world.query(Position, With[Velocity])] == [[[1], [3]], [[1, 1, 1], [3, 3, 3]]]


def test_methods_and_properties_work_on_columns(world: World) -> None:
    for position in world.query(Mut[Position]):
        assert isinstance(position, Position)
        position.shift(1)
        assert np.array_equal(position.length, np.hypot(position.x, position.y))
    with pytest.raises(ValueError, match="read-only"):
        next(iter(world.query(Position))).shift(1)


def test_columns_are_contiguous_and_vectors_their_neighbours() -> None:
    world = World()
    world.spawn(Kinds(), Position(1), count=100)
    (step,) = world.query(Kinds)
    assert step.weights.shape == (4, 100)
    assert step.place.tolist()[2] == [3.0] * 100
    assert step.yes.dtype == np.bool_
    assert step.huge[0] == np.uint64(2**64 - 1)
    (position,) = world.query(Position)
    assert position.xy.flags.c_contiguous
    assert np.shares_memory(position.xy, position.x)


@pytest.mark.parametrize("rows", [1, PACKED_ROWS, PACKED_ROWS + 1, 3 * PACKED_ROWS])
def test_blocks_grow_right_at_every_size(rows: int) -> None:
    world = World()
    query = world.query(Mut[Position])
    first = world.spawn(Position(np.arange(rows)))
    for _ in range(3):
        (step,) = query
        assert step.xy.flags.c_contiguous or rows > PACKED_ROWS - 3
        world.spawn(Position(-1.0))
    (step,) = query
    assert step.x.tolist() == [*range(rows), -1, -1, -1]
    world.despawn(first)
    assert [step.x.tolist() for step in query] == [[-1, -1, -1]]


def test_views_stay_valid_memory_over_structural_changes() -> None:
    world = World()
    ids = world.spawn(Position(np.arange(50.0)))
    (held,) = world.query(Mut[Position])
    before = held.x.copy()
    world.spawn(Position(1), count=100_000)
    assert np.array_equal(held.x, before), "growing leaves an old view alone"
    world.despawn(ids)
    held.x += 1
    assert world.query(Position).entities().size == 100_000


def test_an_iteration_goes_on_over_a_change(world: World) -> None:
    seen = 0
    for entity, position in world.query(Entity, Position):
        world.spawn(Label(), Position(1))
        world.despawn(entity)
        seen += position.x.size
    assert seen == 6
    assert len(world.query(Position)) == 3


def test_changed_is_a_hint_per_table() -> None:
    world = World()
    world.spawn(Position(1), Boid())
    world.spawn(Position(2), Velocity())
    query = world.query(Position, Changed[Position])
    assert len(list(query)) == 2, "new rows have changed"
    assert list(query) == []
    list(world.query(Position))
    assert list(query) == [], "reading is no change"
    list(world.query(Mut[Position], With[Boid]))
    assert xs(query) == [[1.0]]
    world.get(world.query(Entity, With[Velocity]).single(), Position).x = 9
    assert xs(query) == [[9.0]]
    world.spawn(Position(3), Boid())
    assert xs(query) == [[1.0, 3.0]]


def test_a_query_does_not_see_its_own_changes() -> None:
    world = World()
    world.spawn(Position(1))
    query = world.query(Mut[Position], Changed[Position])
    assert len(list(query)) == 1
    assert list(query) == []


def test_at_gathers_rows_and_tells_who_is_gone(world: World) -> None:
    ids = world.query(Position).entities()
    dead = world.spawn(Position(0))
    world.despawn(dead)
    asked = np.concatenate([ids[::-1], dead, world.query(Entity, Without[Position]).entities(), [np.uint64(0)]])
    mask, (entity, position, velocity) = world.query(Entity, Position, Maybe[Velocity]).at(asked)
    assert mask.tolist() == [True] * 6 + [False] * 3
    assert entity.tolist() == ids[::-1].tolist()
    assert position.x.tolist() == [2, 1, 0, 20, 11, 10]
    assert velocity.x.tolist() == [1, 1, 1, 3, 0, 0], "defaults stand in where some have none"
    mask, position = world.query(Position).at([])
    assert mask.size == position.x.size == 0
    mask, (position, velocity) = world.query(Position, Maybe[Velocity]).at(ids[:2])
    assert velocity is None


def test_at_writes_back_what_is_assigned(world: World) -> None:
    ids = world.query(Position).entities()
    _, position = world.query(Mut[Position]).at(ids[[0, 5, 3]])
    position.x += 100
    position.xy = position.xy * 2
    assert xs(world.query(Position)) == [[220.0, 11.0], [20.0], [200.0, 1.0, 204.0]]
    _, read = world.query(Position).at(ids)
    with pytest.raises(ComponentError, match="read-only"):
        read.x = 1
    with pytest.raises(ComponentError, match="no field"):
        position.q = 1
    world.despawn(ids[0])
    with pytest.raises(EntityError, match="rows moved"):
        position.x = 1


def test_at_of_text_and_of_repeated_ids() -> None:
    world = World()
    ids = world.spawn(Label(text=["ann", "bob", "cy"]))
    _, label = world.query(Mut[Label]).at(ids[[2, 0]])
    assert label.text.tolist() == ["cy", "ann"]
    label.text = ["dee", "eve"]
    label.mood = Mood.ANGRY
    (stored,) = world.query(Label)
    assert stored.text.tolist() == ["eve", "bob", "dee"]
    assert stored.mood.tolist() == [Mood.ANGRY, Mood.CALM, Mood.ANGRY]
    _, label = world.query(Mut[Label]).at(ids[[1, 1]])
    label.text = ["first", "last"]
    assert world.get(ids[1], Label).text == "last"


def test_single_gives_row_views() -> None:
    world = World()
    query = world.query(Entity, Mut[Position], Maybe[Velocity])
    with pytest.raises(QueryError, match="0 rows match"):
        query.single()
    ids = world.spawn(Position(1, 2))
    entity, position, velocity = query.single()
    assert int(entity) == int(ids[0])
    position.x += 1
    assert velocity is None
    assert world.query(Position).single().x == 2.0
    with pytest.raises(ComponentError, match="Mut"):
        world.query(Position).single().x = 3
    world.spawn(Position(1))
    with pytest.raises(QueryError, match="2 rows match"):
        query.single()


def test_row_views_read_and_write_plain_values() -> None:
    world = World()
    ids = world.spawn(Kinds(), Label(), Position(1, 2), count=3)
    kinds, label, position = (world.get(ids[1], cls) for cls in (Kinds, Label, Position))
    position.x += 1
    position.xy = position.xy * 2
    assert (position.x, position.y, position.xy.tolist(), position.length) == (4.0, 4.0, [4, 4], np.hypot(4, 4))
    kinds.yes, kinds.whole, kinds.target, kinds.weights = False, -3, int(ids[0]), [1, 2, 3, 4]
    label.text, label.mood, label.rank = "zoe", Mood.ANGRY, Rank.HIGH
    (column,) = world.query(Kinds)
    assert (column.yes.tolist(), column.whole.tolist()) == ([True, False, True], [70_000, -3, 70_000])
    assert column.weights[:, 1].tolist() == [1, 2, 3, 4]
    assert (label.text, label.mood, label.rank) == ("zoe", Mood.ANGRY, 7)
    assert world.get(int(ids[2]), Label).text == "nobody"
    with pytest.raises(ComponentError, match="does not fit"):
        position.x = "far"
    with pytest.raises(ComponentError, match="does not fit"):
        kinds.byte = 300
    with pytest.raises(ComponentError, match="no field"):
        position.zz = 1


def test_row_views_follow_their_entity() -> None:
    world = World()
    ids = world.spawn(Position(np.arange(4.0)))
    row = world.get(ids[3], Position)
    world.despawn(ids[0])
    world.spawn(Position(5), count=1000)
    world.insert(ids[3], Velocity())
    assert row.x == 3.0
    row.x = 33
    assert world.get(ids[3], Position).x == 33.0
    world.despawn(ids[3])
    with pytest.raises(EntityError, match="dead"):
        _ = row.x


def test_get_explains_itself(world: World) -> None:
    lone = world.spawn(Boid())
    with pytest.raises(EntityError, match=r"has no ecs.parts.Position: it has ecs.parts.Boid"):
        world.get(lone, Position)
    with pytest.raises(EntityError, match="entity 0 is nobody"):
        world.get(0, Position)
    with pytest.raises(EntityError, match="3 entities given"):
        world.get(world.query(Entity, With[Velocity], Without[Boid]).entities(), Position)
    world.locked = True
    with pytest.raises(ComponentError, match="Mut"):
        world.get(world.query(Position).entities()[0], Position).x = 1


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ((), "no data term"),
        ((With[Boid],), "no data term"),
        ((Position, With[Boid], Velocity), "comes after a filter"),
        ((Position, Mut[Position]), "occurs twice"),
        ((Mut[Position], Mut[Position]), "occurs twice"),
        ((Entity, Entity), "Entity occurs twice"),
        ((Position, Without[Position]), "both asked for and excluded"),
        ((Mut, Position), "Mut lacks its component"),
        ((Position, With), "With lacks its component"),
        ((Position, With[Boid], With[Velocity], Without[Label], Without[Kinds]), "at most 6 and 3"),
        ((int,), "int is no term"),
        ((Position(1),), "no term of a query"),
    ],
)
def test_queries_that_make_no_sense_are_refused(terms: tuple[object, ...], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        World().query(*terms)


def test_text_columns() -> None:
    world = World()
    world.spawn(Label(text=["ann", "bob", "ann"]))
    (label,) = world.query(Mut[Label])
    names = label.text
    assert (names == "ann").tolist() == [True, False, True]
    assert (names != "ann").tolist() == [False, True, False]
    assert (names == "zzz").tolist() == [False] * 3
    assert (names == ["ann", "x", "ann"]).tolist() == [True, False, True]
    assert (names == names[::-1]).all()
    assert names[1] == "bob"
    assert names[np.array([True, False, True])].tolist() == ["ann", "ann"]
    assert list(names) == ["ann", "bob", "ann"]
    names[0] = "cy"
    names[[1, 2]] = ["dee", "eve"]
    label.image = "ship.png"
    assert names.tolist() == ["cy", "dee", "eve"]
    assert label.image.tolist() == ["ship.png"] * 3
    label.text = Mood.ANGRY
    assert (label.text == Mood.ANGRY).all()
    assert label.text[0] == "Mood.ANGRY"
    assert label.mood.tolist() == [Mood.CALM] * 3
    with pytest.raises(ComponentError, match="is no text"):
        label.text = 3
    (read,) = world.query(Label)
    with pytest.raises(ValueError, match="read-only"):
        read.text[0] = "x"
