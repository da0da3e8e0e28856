"""What runs: each file's statements with what they made when they were executed."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from engine.reload.analyse import Analysis, Unit
from engine.reload.likes import Likes

Key = tuple[str, str]
"""A module's Python name and a name in it; an empty name stands for the module itself, `*` for all of its names."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that a statement made to a container, a class or an object that is not its own."""

    owner: Any
    kind: str
    key: Any
    value: Any
    before: Any


@dataclass(eq=False)
class State:
    """One statement of a file that runs, and what became of it.

    `pieces` are objects that it has changed in ways that cannot be taken back: those of other packages, and containers
    that it has taken something out of. `mentions` are the names in it and in the functions it calls, None if these may
    look for any attribute.
    """

    unit: Unit
    record: FileRecord
    index: int
    tree: dict[str, CodeType] = field(default_factory=dict)
    made: dict[str, weakref.ref[Any]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    pieces: tuple[Any, ...] = ()
    sole: dict[str, int] = field(default_factory=dict)
    imprints: dict[str, Any] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Any] = field(default_factory=dict)
    bound: tuple[str, ...] = ()
    direct: dict[Key, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    named: frozenset[Key] = frozenset()
    reached: frozenset[Key] = frozenset()
    handed: frozenset[Key] = frozenset()
    mentions: frozenset[str] | None = None
    likes: Likes = field(default_factory=dict)
    ran: bool = False
    stale: tuple[tuple[str, CodeType], ...] = ()

    def inherit(self, before: State) -> None:
        """Take over what an earlier version of the statement has made."""
        self.ran, self.made, self.effects, self.imprints = True, before.made, before.effects, before.imprints
        self.sole, self.attributes, self.pieces = before.sole, before.attributes, before.pieces
        self.bound, self.direct, self.named, self.reached = before.bound, before.direct, before.named, before.reached
        self.mentions, self.likes, self.handed = before.mentions, before.likes, before.handed

    @property
    def names(self) -> tuple[str, ...]:
        """The names the statement binds, as far as known before it runs, and those it has bound."""
        return (*self.unit.binds, *(name for name in self.bound if name not in self.unit.binds))


@dataclass(eq=False)
class FileRecord:
    """A managed file: its source as it runs, its module and its statements.

    Files have `begun` to be imported in one order, and are ranked in the one in which that ended.
    """

    path: Path
    name: str
    is_package: bool
    module: ModuleType
    source: bytes
    digest: str
    analysis: Analysis | None = None
    states: list[State] = field(default_factory=list)
    begun: int = 0
    rank: int = 0
    adopted: bool = False
    gone: bool = False
    graves: dict[str, weakref.ref[Any]] = field(default_factory=dict)
    annotated: dict[str, str] = field(default_factory=dict)

    @property
    def effects(self) -> list[Effect]:
        """What its statements changed outside of it, the latest first."""
        return [effect for state in reversed(self.states) for effect in reversed(state.effects)]

    @property
    def space(self) -> dict[str, Any]:
        """The module's namespace."""
        return self.module.__dict__


def weak(value: Any) -> weakref.ref[Any] | None:
    """Return a weak reference to a function, class or other callable, None for anything else."""
    if isinstance(value, FunctionType | type) or callable(value):
        try:
            return weakref.ref(value)
        except TypeError:
            return None
    return None


def class_at(qualname: str, space: Mapping[str, Any]) -> type | None:
    """Return the class of this qualified name in a namespace, if it is there."""
    name, *parts = qualname.split(".")
    value: Any = space.get(name)
    for part in parts:
        value = value.__dict__.get(part) if isinstance(value, type) else None
    return value if isinstance(value, type) else None
