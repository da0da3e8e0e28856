"""Declaring components: field types, schemas, constructors, and what is refused."""

from __future__ import annotations

import enum
import math
from typing import Any, ClassVar

import pytest
from ecs.parts import Boid, Hit, Kinds, Label, Mood, Position, Score, Screen, Velocity

from engine import World, array, component, event, f32, field, i32, resource, text, vec2, vector
from engine.ecs.component import Schema, qualified_name, schema_of
from engine.errors import ComponentError, ScheduleError
from engine.marks import ComponentMark, Phase, SystemMark, Update, handler, migrate, system


def test_decorators_only_mark() -> None:
    class Plain:
        x: f32 = 1.0

    marked = component(version=3, renamed_from="old.Name", feature="wind", dropped=("y",))(Plain)
    assert marked is Plain
    mark = Plain.__dict__["__mark__"]
    assert isinstance(mark, ComponentMark)
    assert (mark.version, mark.renamed_from, mark.feature, mark.dropped) == (3, "old.Name", "wind", ("y",))


def test_systems_handlers_and_migrations_are_marked() -> None:
    @system(Update, feature="wind")
    def blow() -> None: ...

    @handler("core.window.poll")
    def poll() -> None: ...

    @migrate(Position, to=2)
    def up(old: dict[str, Any]) -> dict[str, Any]:
        return old

    assert blow.__mark__ == SystemMark(Phase.Update, None, "wind")  # type: ignore[attr-defined]
    assert poll.__mark__.name == "core.window.poll"  # type: ignore[attr-defined]
    assert (up.__mark__.component, up.__mark__.to) == (Position, 2)  # type: ignore[attr-defined]
    with pytest.raises(ScheduleError, match=r"@system\(Update\)"):
        system(blow)  # type: ignore[arg-type]


def test_a_schema_names_every_field() -> None:
    schema = schema_of(Kinds)
    assert schema.name == "ecs.parts.Kinds"
    assert [(f.name, f.dtype, f.shape) for f in schema.fields] == [
        ("yes", "bool", ()),
        ("byte", "uint8", ()),
        ("small", "int16", ()),
        ("whole", "int32", ()),
        ("color", "uint32", ()),
        ("huge", "uint64", ()),
        ("fine", "float64", ()),
        ("target", "uint64", ()),
        ("weights", "float32", (4,)),
        ("place", "float32", (3,)),
        ("own", "int8", ()),
    ]
    assert schema.by_name["target"].kind == "entity"
    kinds = [(f.kind, f.dtype, f.default) for f in schema_of(Label).fields]
    assert kinds == [
        ("text", "text", "nobody"),
        ("handle", "text", "rock.png"),
        ("enum", "text", "CALM"),
        ("enum", "int64", 1),
    ]
    assert schema_of(Position).vectors == (("xy", ("x", "y")),)
    assert schema_of(Score).kind == "resource"
    assert schema_of(Hit).by_name["who"].required


@pytest.mark.parametrize("cls", [Position, Velocity, Boid, Label, Kinds, Hit, Score, Screen])
def test_schemas_survive_json_and_compare_by_value(cls: type) -> None:
    schema = schema_of(cls)
    again = Schema.from_json(schema.to_json())
    assert again == schema
    assert hash(again) == hash(schema)
    assert schema_of(cls) is schema
    assert schema_of(cls, fresh=True) == schema


def test_a_schema_is_built_anew_once_the_class_is_marked_anew() -> None:
    @component
    class Live:
        x: f32 = 1.0

    before = schema_of(Live)
    Live.__annotations__["y"] = "f32"
    Live.y = math.nan  # type: ignore[attr-defined]
    assert schema_of(Live) is before
    component(Live)
    after = schema_of(Live)
    assert [f.name for f in after.fields] == ["x", "y"]
    assert after != before
    assert after == schema_of(Live, fresh=True), "a default of nan equals itself"
    assert vars(Live(2.0, 3.0)) == {"x": 2.0, "y": 3.0}  # type: ignore[call-arg]


def test_a_constructor_left_from_an_earlier_declaration_is_made_anew() -> None:
    @component
    class Rock:
        size: f32 = 1.0

    assert Rock().size == 1.0
    made = Rock.__init__
    Rock.size = 5.0
    component(Rock)
    Rock.__init__ = made  # type: ignore[method-assign]
    schema_of(Rock)
    assert Rock().size == 5.0


def test_qualified_names_follow_the_module() -> None:
    assert qualified_name(Position) == "ecs.parts.Position"
    assert qualified_name(test_qualified_names_follow_the_module).endswith(
        "test_components.test_qualified_names_follow_the_module"
    )
    scope: dict[str, Any] = {"__qualified__": "app.rocks", "__name__": "modules.apps.asteroids.rocks"}
    exec("def spawn(): ...", scope)
    assert qualified_name(scope["spawn"]) == "app.rocks.spawn"


def test_constructors_take_positions_names_and_defaults() -> None:
    assert vars(Position(1, 2)) == {"x": 1, "y": 2}
    assert vars(Position(y=2, x=1)) == {"x": 1, "y": 2}
    assert vars(Position(3)) == {"x": 3, "y": 0.0}
    assert Position(3, 4).length == 5.0
    assert Position(3, 4).xy.tolist() == [3, 4]
    fresh, other = Score(), Score()
    fresh.names.append("ann")
    assert other.names == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Position(), "needs a value for x"),
        (lambda: Position(1, 2, 3), "takes 2 values, 3 were given"),
        (lambda: Velocity(speed=1), "no field 'speed'; its fields are x, y"),
        (lambda: Label(tekst=1), "no field 'tekst'; did you mean 'text'?"),
        (lambda: Boid(1), "takes 0 values"),
    ],
)
def test_constructors_say_what_is_wrong(call: Any, message: str) -> None:
    with pytest.raises(ComponentError, match=message.replace("?", r"\?")):
        call()


def test_a_class_may_bring_its_own_constructor_and_class_variables() -> None:
    @resource
    class Own:
        made: ClassVar[int] = 3
        n: int = 0

        def __init__(self) -> None:
            self.n = 7

    assert Own().n == 7
    assert [f.name for f in schema_of(Own).fields] == ["n"]


def declared(**annotations: Any) -> type:
    """Return a component class with these annotations; `name=(annotation, default)` gives a default too."""
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for name, given in annotations.items():
        annotation, *default = given if isinstance(given, tuple) else (given,)
        body["__annotations__"][name] = annotation
        if default:
            body[name] = default[0]
    return component(type("Made", (), body))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"x": float}, "Made.x has no field type: .*write f32 or f64"),
        ({"x": str}, "write text"),
        ({"x": "list[int]"}, "keep it in a resource"),
        ({"x": (f32, "high")}, "default 'high' does not fit"),
        ({"x": (i32, 2**40)}, "does not fit"),
        ({"x": (i32, 1.5)}, "does not fit"),
        ({"a": f32, "ab": (vec2, vector("a", "b"))}, "'b', which is no field"),
        ({"x": f32, "between": f32, "y": f32, "xy": (vec2, vector("x", "y"))}, "declare them in a row"),
        ({"x": f32, "n": i32, "xn": (vec2, vector("x", "n"))}, "neighbours"),
        ({"__x__": f32}, "rename it"),
        ({"name": (text, 3)}, "3 is no text"),
    ],
)
def test_declarations_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        schema_of(declared(**fields))


def test_a_vector_may_skip_fields_of_another_type() -> None:
    made = declared(x=(f32, 1.0), n=(i32, 2), y=(f32, 3.0), xy=(vec2, vector("x", "y")))
    world = World()
    world.spawn(made(), count=3)
    (step,) = world.query(made)
    assert step.xy.tolist() == [[1, 1, 1], [3, 3, 3]]


def test_fields_may_say_more() -> None:
    made = declared(hp=(i32, field(default=5, renamed_from="health")), w=(f32, array(f32, 2, default=[1, 2])))
    schema = schema_of(made)
    assert schema.by_name["hp"].renamed_from == "health"
    assert schema.by_name["w"].default == [1.0, 2.0]


def test_a_class_without_a_decorator_is_named() -> None:
    class Naked:
        x = 1

    world = World()
    for use in (
        lambda: world.spawn(Naked()),
        lambda: world.query(Naked),
        lambda: world.get(1, Naked),
        lambda: world.resource(Naked),
        lambda: world.events(Naked),
        lambda: world.register(Naked),
    ):
        with pytest.raises(Exception, match=r"Naked is no .*lacks the decorator @"):
            use()
    with pytest.raises(ComponentError, match="marked as event"):
        world.spawn(Hit(who=0))


def test_subclasses_are_no_components_of_themselves() -> None:
    class Fast(Velocity):
        pass

    with pytest.raises(ComponentError, match="Fast is no component"):
        World().spawn(Fast())


def test_enum_values_are_kept_by_name_or_number() -> None:
    world = World()
    world.spawn(Label(mood=Mood.ANGRY), count=2)
    (label,) = world.query(Label)
    assert (label.mood == Mood.ANGRY).tolist() == [True, True]
    assert label.mood[0] is Mood.ANGRY
    assert label.rank.tolist() == [1, 1]


def test_defaults_given_by_members_and_lists() -> None:
    class Dir(enum.Enum):
        UP = "up"

    @event
    class Turned:
        where: text = Dir.UP

    assert schema_of(Turned).by_name["where"].default == "Dir.UP"
