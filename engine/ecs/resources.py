"""Resources: one value per world, found by its class."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.component import construct_default, mark_of, schema_of
from engine.ecs.fields import NUMBER_DTYPES
from engine.ecs.filed import resolve_state
from engine.ecs.plain import copy_value
from engine.ecs.schema import Schema
from engine.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    from engine.ecs.world import World

State = dict[str, Any]

PLAIN_TYPES = frozenset({"int", "float", "bool", "str", "text", *NUMBER_DTYPES})


class ResourceInfo:
    """What a world knows of a resource: its schema, its class, the live value once there is one, its read-only view."""

    __slots__ = ("cls", "name", "pending", "schema", "store", "value", "view", "view_class")

    def __init__(self, schema: Schema, cls: type | None, store: Resources) -> None:
        self.name, self.schema, self.cls, self.store = schema.name, schema, cls, store
        self.value: Any = None
        self.pending: State | None = None
        self.view: Any = None
        self.view_class: type | None = None

    def put(self, value: Any) -> None:
        """Make a value the live one, or None to have none."""
        self.value, self.view, self.pending = value, None, None
        self.store.version += 1

    def state(self) -> State | None:
        """Return the value's fields, not copied, or None without a value; an Enum member is the field `member`."""
        if self.value is None:
            return self.pending
        return {"member": self.value} if isinstance(self.value, enum.Enum) else vars(self.value)

    def restore(self, state: State) -> None:
        """Make the value what a state says, keeping the live object, and its arrays where they fit.

        Without a class the state waits for one.
        """
        if self.cls is None:
            self.put(None)
            self.pending = {name: copy_value(item, self.name) for name, item in state.items()}
        elif issubclass(self.cls, enum.Enum):
            self.put(state.get("member"))
        else:
            if self.value is None:
                self.put(object.__new__(self.cls))
            live = vars(self.value)
            for name in [name for name in live if name not in state]:
                del live[name]
            for name, item in state.items():
                live[name] = copy_value(item, f"{self.name}.{name}", live.get(name))


class Resources:
    """The resources of a world by qualified name.

    `version` counts the times a class came to stand for another object.
    """

    __slots__ = ("_world", "by_class", "infos", "version")

    def __init__(self, world: World) -> None:
        self._world = world
        self.infos: dict[str, ResourceInfo] = {}
        self.by_class: dict[type, ResourceInfo] = {}
        self.version = 0

    def register(self, cls: Any) -> ResourceInfo:
        """Make a resource class known; a live value of the class stays, with defaults for fields that are new."""
        mark_of(cls, "resource")
        schema = schema_of(cls)
        info = self.infos.get(schema.name)
        if info is None:
            info = self.infos[schema.name] = ResourceInfo(schema, cls, self)
        elif info.cls is not None and info.cls is cls and info.schema == schema and self.by_class.get(cls) is info:
            return info
        pending = info.pending
        if pending is not None and info.schema.storage != schema.storage:
            why = f"its value has the fields of version {info.schema.version}"
            raise ComponentError(f"{schema.name} has other fields now", why=why, remedy="retype it first")
        info.schema, info.cls, info.view, info.view_class = schema, cls, None, None
        self.forget_class(info)
        self.by_class[cls] = info
        info.value = adopted(info.value, cls)
        if pending is not None:
            info.restore(resolve_state(self._world, schema.name, pending))
        if info.value is not None and not isinstance(info.value, enum.Enum):
            fill_defaults(info.value, schema, cls)
        return info

    def forget_class(self, info: ResourceInfo) -> None:
        """Forget which class stands for a resource."""
        self.by_class = {known: kept for known, kept in self.by_class.items() if kept is not info}
        self.version += 1

    def filled(self, info: ResourceInfo, schema: Schema, given: State) -> State:
        """Return a state of a schema from given fields, with defaults for the rest."""
        fresh: State = {}
        for field in schema.fields:
            if field.name in given:
                fresh[field.name] = copy_value(given[field.name], f"{schema.name}.{field.name}")
            elif info.cls is not None or info.value is not None:
                fresh[field.name] = construct_default(info.cls or type(info.value), field.name)
            else:
                fresh[field.name] = field.default
        return fresh

    def info(self, cls: Any) -> ResourceInfo:
        """Return what is known of a resource class, registering it if it is new."""
        try:
            return self.by_class[cls]
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


def adopted(value: Any, cls: Any) -> Any:
    """Return a live value as one of its class, which may have been declared anew under another name."""
    if value is None or isinstance(value, cls):
        return value
    if isinstance(value, enum.Enum):
        return cls.__members__.get(value.name)
    try:
        value.__class__ = cls
    except TypeError:
        fresh = object.__new__(cls)
        vars(fresh).update(vars(value))
        return fresh
    return value


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

    # What is declared as one number or text needs no look at each reading: the view shares the value's own dict.
    plain = {field.name for field in schema.fields if field.dtype in PLAIN_TYPES}
    body: dict[str, Any] = {
        "__slots__": ("_at_arrays",),
        "__setattr__": refuse,
        "__delattr__": refuse,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
    }
    for name in {*schema.by_name, *names} - plain:
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
