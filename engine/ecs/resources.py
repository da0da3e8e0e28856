"""Resources: one value per world, found by its class."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.component import construct_default, mark_of, schema_of
from engine.ecs.plain import copy_value
from engine.ecs.schema import Schema
from engine.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    from engine.ecs.world import World

State = dict[str, Any]
Convert = Callable[[State, int], State]


class ResourceInfo:
    """What a world knows of a resource: its schema, its class, the live value once there is one, its read-only view."""

    __slots__ = ("cls", "name", "schema", "value", "view", "view_class")

    def __init__(self, schema: Schema, cls: type | None) -> None:
        self.name, self.schema, self.cls = schema.name, schema, cls
        self.value: Any = None
        self.view: Any = None
        self.view_class: type | None = None

    def put(self, value: Any) -> None:
        """Make a value the live one."""
        self.value, self.view = value, None

    def state(self) -> State:
        """Return the live value's fields, not copied; an Enum member is the field `member`."""
        return {"member": self.value} if isinstance(self.value, enum.Enum) else vars(self.value)


class Resources:
    """The resources of a world by qualified name."""

    __slots__ = ("_by_class", "_world", "infos")

    def __init__(self, world: World) -> None:
        self._world = world
        self.infos: dict[str, ResourceInfo] = {}
        self._by_class: dict[type, ResourceInfo] = {}

    def register(self, cls: Any) -> ResourceInfo:
        """Make a resource class known; a live value of the class stays, with defaults for fields that are new."""
        mark_of(cls, "resource")
        schema = schema_of(cls)
        info = self.infos.get(schema.name)
        if info is None:
            info = self.infos[schema.name] = ResourceInfo(schema, cls)
        info.schema, info.cls, info.view, info.view_class = schema, cls, None, None
        if info.value is not None and not isinstance(info.value, enum.Enum):
            fill_defaults(info.value, schema, cls)
        self.forget_class(info)
        self._by_class[cls] = info
        return info

    def forget_class(self, info: ResourceInfo) -> None:
        """Forget which class stands for a resource."""
        self._by_class = {known: kept for known, kept in self._by_class.items() if kept is not info}

    def convert(self, info: ResourceInfo, new: Schema, convert: Convert) -> None:
        """Give the live value the fields of another schema."""
        if isinstance(info.value, enum.Enum):
            return
        state = vars(info.value)
        given = convert(dict(state), 1)
        fresh: State = {}
        for field in new.fields:
            if field.name in given:
                fresh[field.name] = copy_value(given[field.name], f"{new.name}.{field.name}")
            else:
                fresh[field.name] = construct_default(info.cls or type(info.value), field.name)
        state.clear()
        state.update(fresh)

    def info(self, cls: Any) -> ResourceInfo:
        """Return what is known of a resource class, registering it if it is new."""
        try:
            return self._by_class[cls]
        except (KeyError, TypeError):
            return self.register(cls)

    def live(self, cls: Any) -> Any:
        """Return the live value, made with its defaults on first use."""
        info = self.info(cls)
        if info.value is None:
            info.put(self._make(cls))
        return info.value

    def _make(self, cls: Any) -> Any:
        if issubclass(cls, enum.Enum):
            return next(iter(cls))
        make = getattr(cls, "make", None)
        value = make(self._world) if callable(make) else cls()
        return self._checked(cls, value)

    def _checked(self, cls: Any, value: Any) -> Any:
        schema = schema_of(cls)
        if not isinstance(value, cls):
            raise ComponentError(f"{value!r:.80} is no {schema.name}", remedy=f"give an instance of {cls.__qualname__}")
        if not isinstance(value, enum.Enum) and not schema.transient:
            if not hasattr(value, "__dict__"):
                raise ComponentError(f"{schema.name} has slots", remedy="drop the slots, or mark it transient")
            fill_defaults(value, schema, cls)
            for name, item in vars(value).items():
                copy_value(item, f"{schema.name}.{name}")
        return value

    def put(self, cls: Any, value: Any) -> None:
        """Set a resource: from a class and a value, an instance alone, or a class alone for its defaults."""
        if value is not None:
            self.info(cls).put(self._checked(cls, value))
        elif isinstance(cls, type):
            self.info(cls).put(self._make(cls))
        else:
            self.info(type(cls)).put(self._checked(type(cls), cls))

    def read(self, cls: Any) -> Any:
        """Return a view of the live value that shares its state and refuses writes."""
        info = self.info(cls)
        if info.view is None:
            value = self.live(cls)
            if isinstance(value, enum.Enum) or not hasattr(value, "__dict__"):
                info.view = value
            else:
                info.view_class = _view_class(info.schema, type(value), tuple(vars(value)))
                info.view = object.__new__(info.view_class)
                object.__setattr__(info.view, "__dict__", vars(value))
                object.__setattr__(info.view, "_at_arrays", {})
        return info.view


def fill_defaults(value: Any, schema: Schema, cls: type) -> None:
    """Give a resource the declared fields that it lacks."""
    state = vars(value)
    for field in schema.fields:
        if field.name not in state:
            state[field.name] = construct_default(cls, field.name)


def _view_class(schema: Schema, cls: type, names: tuple[str, ...]) -> type:
    short = cls.__name__

    def refuse(self: Any, name: str, value: Any = None) -> None:
        known = [*schema.by_name, *(vector for vector, _ in schema.vectors)]
        if known and name not in known and name not in vars(self) and not hasattr(cls, name):
            remedy = did_you_mean(name, known) or f"its fields are {', '.join(known)}"
            raise ComponentError(f"{schema.name} has no field {name!r}", remedy=remedy, state="nothing was written")
        raise ComponentError(
            f"{short}.{name} is read-only here", remedy=f"ask for Mut[{short}]", state="nothing was written"
        )

    body: dict[str, Any] = {
        "__slots__": ("_at_arrays",),
        "__setattr__": refuse,
        "__delattr__": refuse,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
    }
    for name in {*schema.by_name, *names}:
        body[name] = property(_reader(name, cls))
    return type(short, (cls,), body)


def _reader(name: str, cls: type) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        try:
            value = self.__dict__[name]
        except KeyError:
            raise AttributeError(f"{cls.__qualname__} has no value for {name!r}") from None
        return value if type(value) is not np.ndarray else _locked(self._at_arrays, name, value)

    return read


def _locked(kept: dict[str, tuple[NDArray[Any], NDArray[Any]]], name: str, value: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view of an array, the same one as long as the array is the same."""
    found = kept.get(name)
    if found is None or found[0] is not value:
        view = value.view()
        view.flags.writeable = False
        found = kept[name] = (value, view)
    return found[1]
