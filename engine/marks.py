"""Decorators and specifiers that mark declarations; nothing is registered here.

A mark is one attribute, `__mark__`, read later by whoever scans a module. A class without a constructor of its own
also gets one, since instances of components, events and resources are how their values are written.
"""

from __future__ import annotations

import dataclasses
import enum
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, dataclass_transform, overload

from engine.errors import ComponentError, ScheduleError

_C = TypeVar("_C")
_F = TypeVar("_F", bound=Callable[..., Any])


class Missing(enum.Enum):
    """The type of `MISSING`, which stands where no value was given."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


class Phase(enum.Enum):
    """When a system runs: Startup once, PreUpdate to PostUpdate each tick, Render each frame, Shutdown at the end."""

    Startup = "Startup"
    PreUpdate = "PreUpdate"
    Update = "Update"
    PostUpdate = "PostUpdate"
    Render = "Render"
    Shutdown = "Shutdown"

    def __repr__(self) -> str:
        return self.name


Startup: Final = Phase.Startup
PreUpdate: Final = Phase.PreUpdate
Update: Final = Phase.Update
PostUpdate: Final = Phase.PostUpdate
Render: Final = Phase.Render
Shutdown: Final = Phase.Shutdown


# Class marks compare by identity: executing a declaration anew gives a new mark, and that is what tells a cached
# schema that it is out of date.
@dataclass(frozen=True, eq=False)
class ClassMark:
    """What the marks of component, event and resource classes have in common.

    `namespace` is the module's, in which annotations are read once the module itself has been forgotten.
    """

    version: int = 1
    renamed_from: str | None = None
    feature: str | None = None
    dropped: tuple[str, ...] = ()
    namespace: dict[str, Any] = dataclasses.field(default_factory=dict, kw_only=True, repr=False)


class ComponentMark(ClassMark):
    """The mark of a component class."""


class EventMark(ClassMark):
    """The mark of an event class."""


@dataclass(frozen=True, eq=False)
class ResourceMark(ClassMark):
    """The mark of a resource class; a transient one is no part of snapshots and is made anew after a restore."""

    transient: bool = False


@dataclass(frozen=True)
class SystemMark:
    """The mark of a system function."""

    phase: Phase
    when: Callable[..., object] | None = None
    feature: str | None = None


@dataclass(frozen=True)
class HandlerMark:
    """The mark of a function that answers a message."""

    name: str
    feature: str | None = None


@dataclass(frozen=True)
class MigrateMark:
    """The mark of a function that turns the columns of an older schema into those of version `to`."""

    component: type
    to: int


class FieldSpec:
    """What `field` or `array` says about one field; it stays on the class as the field's class attribute."""

    def __init__(
        self,
        default: Any,
        factory: Callable[[], Any] | None,
        renamed_from: str | None,
        hashed: bool,
        of: Any = None,
        length: int | None = None,
    ) -> None:
        self.default, self.factory, self.renamed_from, self.hashed = default, factory, renamed_from, hashed
        self.of, self.length = of, length


class VectorSpec:
    """What `vector` says: a name for several neighbouring fields taken together."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Stack the fields of a component instance or a resource into one array."""
        if instance is None:
            return self
        from engine.ecs.component import stack

        return stack([getattr(instance, name) for name in self.names])

    def __set__(self, instance: Any, value: Any) -> None:
        """Write each part of the value to its field."""
        for name, part in zip(self.names, value, strict=True):
            setattr(instance, name, part)


def field(
    default: Any = MISSING,
    *,
    factory: Callable[[], Any] | None = None,
    renamed_from: str | None = None,
    hashed: bool = True,
) -> Any:
    """Declare a field with more than a plain default; write `default=` by name so that type checkers see it.

    `factory` makes the default of a resource's field. `renamed_from` names the field of the previous version that
    this one continues. `hashed=False` keeps a resource's field out of `World.hash`.
    """
    return FieldSpec(default, factory, renamed_from, hashed)


def array(of: Any, length: int, *, default: Any = MISSING, renamed_from: str | None = None) -> Any:
    """Declare a field of several numbers a row, `weights: f32 = array(f32, 4, default=0)`; its column is (4, n)."""
    return FieldSpec(default, None, renamed_from, True, of, length)


def vector(*names: str, init: Literal[False] = False) -> Any:
    """Name neighbouring fields of one type together: `xy: vec2 = vector("x", "y")` is their (2, n) view."""
    return VectorSpec(names)


def _constructor(cls: type) -> Callable[..., None]:
    """Return a constructor that generates the real one when it is first called; each class gets its own."""

    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        from engine.ecs.component import install_constructor

        install_constructor(type(self))(self, *args, **kwargs)

    __init__.__doc__ = "Take the declared fields, by position or by name; each is one value or a column of values."
    __init__.__module__, __init__.__qualname__ = cls.__module__, f"{cls.__qualname__}.__init__"
    __init__.__generated__ = True  # type: ignore[attr-defined]
    return __init__


def _mark_class(cls: type[_C], mark: ClassMark) -> type[_C]:
    if not isinstance(cls, type):
        raise ComponentError(f"{cls!r} is no class", remedy="put the decorator on a class")
    module = sys.modules.get(cls.__module__)
    mark = dataclasses.replace(mark, namespace=vars(module) if module is not None else {})
    cls.__mark__ = mark  # type: ignore[attr-defined]
    inherited = getattr(cls, "__init__", None)
    generated = inherited is object.__init__ or getattr(inherited, "__generated__", False)
    if generated and not issubclass(cls, enum.Enum):
        cls.__init__ = _constructor(cls)  # type: ignore[method-assign]
    return cls


@overload
def component(cls: type[_C], /) -> type[_C]: ...
@overload
def component(
    *, version: int = 1, renamed_from: str | None = None, feature: str | None = None, dropped: tuple[str, ...] = ()
) -> Callable[[type[_C]], type[_C]]: ...
@dataclass_transform(eq_default=False, field_specifiers=(field, array, vector))
def component(
    cls: Any = None,
    /,
    *,
    version: int = 1,
    renamed_from: str | None = None,
    feature: str | None = None,
    dropped: tuple[str, ...] = (),
) -> Any:
    """Mark a class as a component: named fields of plain data, a column each.

    `version` counts the changes that need a `migrate`; `renamed_from` is the component's former qualified name;
    `dropped` names fields of the previous version that may be lost.
    """
    mark = ComponentMark(version, renamed_from, feature, dropped)
    return _mark_class(cls, mark) if cls is not None else lambda cls: _mark_class(cls, mark)


@overload
def event(cls: type[_C], /) -> type[_C]: ...
@overload
def event(
    *, version: int = 1, renamed_from: str | None = None, feature: str | None = None, dropped: tuple[str, ...] = ()
) -> Callable[[type[_C]], type[_C]]: ...
@dataclass_transform(eq_default=False, field_specifiers=(field, array, vector))
def event(
    cls: Any = None,
    /,
    *,
    version: int = 1,
    renamed_from: str | None = None,
    feature: str | None = None,
    dropped: tuple[str, ...] = (),
) -> Any:
    """Mark a class as an event: facts that each reading system sees once."""
    mark = EventMark(version, renamed_from, feature, dropped)
    return _mark_class(cls, mark) if cls is not None else lambda cls: _mark_class(cls, mark)


@overload
def resource(cls: type[_C], /) -> type[_C]: ...
@overload
def resource(
    *,
    transient: bool = False,
    version: int = 1,
    renamed_from: str | None = None,
    feature: str | None = None,
    dropped: tuple[str, ...] = (),
) -> Callable[[type[_C]], type[_C]]: ...
@dataclass_transform(eq_default=False, field_specifiers=(field, array, vector))
def resource(
    cls: Any = None,
    /,
    *,
    transient: bool = False,
    version: int = 1,
    renamed_from: str | None = None,
    feature: str | None = None,
    dropped: tuple[str, ...] = (),
) -> Any:
    """Mark a class as a resource: one value per world, found by its class.

    A `transient` one may hold anything; it is made on first use by its classmethod `make(world)`, or by calling it.
    """
    mark = ResourceMark(version, renamed_from, feature, dropped, transient)
    return _mark_class(cls, mark) if cls is not None else lambda cls: _mark_class(cls, mark)


def system(
    phase: Phase, *, when: Callable[..., object] | None = None, feature: str | None = None
) -> Callable[[_F], _F]:
    """Mark a function as a system of a phase; it runs only while `when`, bound like a system, says so."""
    if not isinstance(phase, Phase):
        name = getattr(phase, "__qualname__", repr(phase))
        raise ScheduleError(f"system {name} has no phase", remedy="write @system(Update) or another phase")
    return lambda function: _mark_function(function, SystemMark(phase, when, feature))


def handler(name: str, *, feature: str | None = None) -> Callable[[_F], _F]:
    """Mark a function as the handler of the message `name`; its parameters are the message's arguments."""
    return lambda function: _mark_function(function, HandlerMark(name, feature))


def migrate(component: type, *, to: int) -> Callable[[_F], _F]:
    """Mark a function that makes the columns of version `to` from a dict of the older version's columns.

    It returns a dict of columns; a field that it leaves out is taken over where it exists and else has its default.
    """
    return lambda function: _mark_function(function, MigrateMark(component, to))


def _mark_function(function: _F, mark: SystemMark | HandlerMark | MigrateMark) -> _F:
    function.__mark__ = mark  # type: ignore[attr-defined]
    return function
