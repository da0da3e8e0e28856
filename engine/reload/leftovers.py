"""What a failed tick leaves behind: module-level values and transient resources, which no snapshot covers.

They are compared, not restored: a verdict names those that differ.
"""

from __future__ import annotations

import dis
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from engine.ecs.component import qualified_name
from engine.ecs.world import World

MOST_COPIED = 200
"""Items of a container that are compared one by one; of a larger one its length is."""
CONTAINERS = (list, dict, set, deque, bytearray, np.ndarray)

Place = tuple[dict[str, Any], str, str]
Noted = list[tuple[Any, str, Any]]


class Leftovers:
    """The values that systems can reach outside the world, as they were when `note` was called."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._places: dict[FunctionType, tuple[weakref.ref[CodeType], list[Place]]] = {}
        self._noted: list[tuple[Place, Any, Any]] = []
        self._resources: list[tuple[type, Any]] = []

    def note(self, functions: Iterable[Callable[..., Any]]) -> None:
        """Note the values that these functions, or functions they call, name."""
        places: dict[tuple[int, str], Place] = {}
        known, used = self._places, {}
        for function in functions:
            if not isinstance(function, FunctionType):
                continue
            found = known.get(function)
            if found is None or found[0]() is not function.__code__:
                found = weakref.ref(function.__code__), _places(function)
            used[function] = found
            for place in found[1]:
                places[id(place[0]), place[1]] = place
        self._places = used
        self._noted = [(p, value := p[0].get(p[1]), _content(value)) for p in places.values()]
        self._resources = [
            (cls, _content(value)) for cls, value in self.world.transients() if not cls.__module__.startswith("engine.")
        ]

    def changes(self) -> list[str]:
        """Return the names of those that are different now."""
        found = [
            name
            for (space, key, name), value, content in self._noted
            if space.get(key) is not value or not _same(_content(value), content)
        ]
        now = dict(self.world.transients())
        found += [qualified_name(cls) for cls, content in self._resources if not _same(_content(now.get(cls)), content)]
        return sorted(set(found))


def _places(function: FunctionType) -> list[Place]:
    """Return the module-level names that a function rebinds or whose value can change in place."""
    found: dict[tuple[int, str], Place] = {}
    seen: set[CodeType] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        if current.__code__ in seen or len(seen) > MOST_COPIED:
            continue
        seen.add(current.__code__)
        space = current.__globals__
        rebound, named = _names(current.__code__)
        for name in rebound | named:
            value = space.get(name)
            if isinstance(value, FunctionType) and "__qualified__" in value.__globals__:
                waiting.append(value)
            elif name in rebound or isinstance(value, CONTAINERS) or _is_ours(value):
                found[id(space), name] = (space, name, f"{space.get('__qualified__', space.get('__name__'))}.{name}")
    return list(found.values())


def _names(code: CodeType) -> tuple[set[str], set[str]]:
    rebound: set[str] = set()
    named: set[str] = set()
    for one in _all_code(code):
        named.update(one.co_names)
        rebound.update(
            str(i.argval) for i in dis.get_instructions(one) if i.opname in ("STORE_GLOBAL", "DELETE_GLOBAL")
        )
    return rebound, named


def _all_code(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_code(constant)


def _is_ours(value: Any) -> bool:
    return (
        not isinstance(value, type | ModuleType | FunctionType)
        and type(value).__module__.startswith("modules.")
        and hasattr(value, "__dict__")
    )


def _content(value: Any, depth: int = 0) -> Any:
    """Return what a value holds, as something that stays as it is."""
    if isinstance(value, np.ndarray):
        return value.tobytes() if value.nbytes <= 16 * MOST_COPIED else value.shape
    if isinstance(value, CONTAINERS):
        if len(value) > MOST_COPIED:
            return len(value)
        return dict(value) if isinstance(value, dict) else list(value)
    inner = getattr(value, "__dict__", None)
    if depth or not isinstance(inner, dict):
        return None
    return {name: (item, _content(item, 1)) for name, item in inner.items()}


def _same(one: Any, other: Any) -> bool:
    """Compare contents by the identity of what they hold, so that no code of anybody runs."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(a, b) for a, b in zip(one.values(), other.values(), strict=True))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return one is other or (isinstance(one, int | bytes | tuple) and type(one) is type(other) and bool(one == other))
