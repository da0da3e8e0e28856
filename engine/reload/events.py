"""What changed under a name, and whether that is a reason to run a statement again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from engine.reload.effects import stands
from engine.reload.likes import likeness
from engine.reload.state import Key, State, class_at
from engine.reload.trace import CONTAINERS, SPECIAL, is_special
from engine.reload.undo import MISSING
from engine.reload.values import imprint

_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__call__", "__set_name__"})
SUBCLASSING = frozenset(
    {"__init_subclass__", "__new__", "__init__", "__call__", "__prepare__", "__bases__", "__class__"}
)
_SHAPE = frozenset({"__bases__", "__class__", "__dict__", "__doc__", "__repr__", "__annotations__"})
"""Attributes of a class that matter to who looks at it, but not to who makes an object."""
_HOLDING = (*CONTAINERS, tuple)
_DERIVED = ("assign", "annotated", "block", "augmented")
_IMPORTS = ("import", "from", "star")


@dataclass
class Event:
    """What happened to a key.

    `value`: another object, or none, is bound now, or, if `kept`, the same one with other content. `code`: a
    function in its place runs other code, `inner` if only functions inside it do. `attributes`: those of a class
    that differ, `data` the ones that are no functions. `subclasses`: one below it came, went or differs. `content`:
    another statement has put something else into it. `priors`: what was bound before. `inside`: the objects in it,
    or itself, that have other content by now.
    """

    value: bool = False
    kept: bool = False
    code: bool = False
    inner: bool = True
    attributes: set[str] = field(default_factory=set)
    data: set[str] = field(default_factory=set)
    subclasses: bool = False
    content: bool = False
    priors: list[Any] = field(default_factory=list)
    inside: list[Any] = field(default_factory=list)

    def add(self, other: Event) -> None:
        """Join another event of the same key."""
        self.inner = (self.inner or not self.code) and (other.inner or not other.code)
        self.value, self.code = self.value or other.value, self.code or other.code
        self.content = self.content or other.content
        self.subclasses = self.subclasses or other.subclasses
        self.attributes |= other.attributes
        self.data |= other.data
        self.priors += other.priors
        self.inside += other.inside


def concerns(event: Event, state: State, key: Key) -> bool:
    """Tell whether a statement has to run again because of an event.

    What it reads by itself and is bound anew is always a reason. Where only called code differs, a value made by the
    call is made again as long as nothing has changed it since: live state is not thrown away for a changed body.
    """
    kind = state.unit.kind
    if event.subclasses and _scans(state, key) and _remake(state):
        return True
    if key in state.handed:
        return kind in _DERIVED and _asks_for(event.attributes, state, event) and _is_data(state) and is_pristine(state)
    ways = state.direct.get(key, ())
    if event.value:
        if ways:
            return key in state.named
        if kind in ("def", "class") or _acted_on(state, event.priors):
            return True
        return kind in _IMPORTS or (kind in _DERIVED and is_pristine(state))
    if kind in _IMPORTS:
        return any(how == "call" for how, _ in ways) and event.code
    if event.content:
        looks = any(how == "use" or (how == "call" and attribute) for how, attribute in ways)
        return looks and is_pristine(state)
    if not ways:
        return _asks_for(event.attributes, state, event) and _reached(event, state)
    return any(_way(event, state, how, attribute) for how, attribute in ways)


def _scans(state: State, key: Key) -> bool:
    """Tell whether a statement, or a function it calls, asks a class for the classes below it."""
    if state.unit.kind not in (*_DERIVED, "expr"):
        return False
    if key in state.direct:
        return any(attribute == "__subclasses__" for _, attribute in state.direct[key])
    return "__subclasses__" in (state.mentions or ())


def _acted_on(state: State, values: list[Any]) -> bool:
    """Tell whether a statement has put something into one of these, which no longer serve."""
    if not state.effects:
        return False
    inside: set[int] = set()
    for value in values:
        collect(value, inside)
    return any(id(effect.owner) in inside for effect in state.effects)


def collect(value: Any, inside: set[int], depth: int = 0) -> None:
    """Add the identities of an object or container and of those in it."""
    inner = getattr(value, "__dict__", None)
    is_object = isinstance(inner, dict) and not isinstance(value, type)
    if depth > 3 or id(value) in inside or not (is_object or isinstance(value, _HOLDING)):
        return
    inside.add(id(value))
    parts = list(inner.values()) if isinstance(inner, dict) and is_object else []
    if isinstance(value, _HOLDING) and len(value) <= 500:
        parts += value.values() if isinstance(value, dict) else value
    for part in parts:
        collect(part, inside, depth + 1)


def holds(value: Any, wanted: set[int]) -> bool:
    """Tell whether a value is, or has in it, one of the objects of these identities."""
    inside: set[int] = set()
    collect(value, inside)
    return not wanted.isdisjoint(inside)


def _reached(event: Event, state: State) -> bool:
    if state.unit.kind in ("def", "class"):
        return not (event.code and event.inner and not event.attributes)
    return state.unit.kind in _DERIVED and is_pristine(state)


def _asks_for(attributes: set[str], state: State, event: Event) -> bool:
    """Tell whether what functions read of a class in passing can be one of the attributes that differ."""
    if event.code or event.value or event.content:
        return True
    return bool(_mentioned(attributes, state)) or any(is_special(name) for name in attributes - _SHAPE)


def _mentioned(attributes: set[str], state: State) -> set[str]:
    """Return those of the attributes of a class that making an object may ask for."""
    return attributes if state.mentions is None else (attributes - _SHAPE) & state.mentions


def _way(event: Event, state: State, how: str, attribute: str) -> bool:
    if attribute == SPECIAL:
        return any(map(is_special, event.attributes - _CONSTRUCTORS)) and _remake(state)
    if attribute and attribute in event.attributes:
        if how == "store" or (attribute in event.data and how != "made"):
            return True
        return how in ("call", "mark", "use", "made") and _remake(state)
    if event.code:
        if how == "mark":
            return not event.inner or _binds_its_own(state)
        if how in ("call", "use"):
            return _remake(state)
    if how == "base":
        return bool(event.data or event.attributes & SUBCLASSING)
    if how == "use" and not attribute:
        return bool(event.data)
    if how == "mark":
        return bool(event.attributes & _CONSTRUCTORS)
    if how == "call" and not attribute:
        return bool(event.attributes & _CONSTRUCTORS or _mentioned(event.data, state)) and _remake(state)
    return False


def _binds_its_own(state: State) -> bool:
    """Tell whether decorators gave back what they were given: what they did to it is done, and no wrapper changes."""
    codes = {id(code) for code in state.tree.values()}
    values = [state.record.space.get(name) for name in state.unit.binds]
    return any(isinstance(value, type) or id(getattr(value, "__code__", None)) in codes for value in values)


def _remake(state: State) -> bool:
    if state.unit.kind == "expr":
        return bool(state.effects) and all(map(stands, state.effects))
    if state.unit.kind in ("def", "class"):
        return True
    return is_pristine(state)


def is_touched(state: State, space: Mapping[str, Any], qualname: str, names: tuple[str, ...]) -> bool:
    """Tell whether attributes of a class in a namespace have values that are not as the statement made them."""
    known = [(name, state.attributes[qualname, name]) for name in names if (qualname, name) in state.attributes]
    cls = class_at(qualname, space)
    return cls is not None and any(imprint(cls.__dict__.get(name, MISSING)) != was for name, was in known)


def _is_data(state: State) -> bool:
    """Tell whether a statement has made plain data only, which nobody minds to be worked out again."""
    bound = [state.record.space.get(name) for name in state.imprints]
    values = [one for one in bound if not isinstance(one, FunctionType | type)] + [e.value for e in state.effects]
    return bool(values) and all(likeness(value) is not None and not hasattr(value, "__dict__") for value in values)


def is_pristine(state: State) -> bool:
    """Tell whether the values a statement bound are as it made them."""
    space = state.record.space
    for name, before in state.imprints.items():
        if before is None or imprint(space.get(name, MISSING)) != before:
            return False
    return (bool(state.imprints) or bool(state.effects)) and all(map(stands, state.effects))
