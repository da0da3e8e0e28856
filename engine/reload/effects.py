"""What a statement changed in containers and objects that are not its own, so that it can be taken back.

A decorator that appends to a list, a call that subscribes a handler, `TABLE["x"] = f`: what the old version of a
statement put there goes before the new version runs, and an entry that comes back keeps its place.
"""

from __future__ import annotations

import sys
import weakref
from collections import Counter, deque
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

from engine.reload.registries import ExitFunctions, LogHandlers, Registry, Weakly
from engine.reload.state import Effect, State
from engine.reload.trace import CONTAINERS
from engine.reload.undo import MISSING, Undo, put_content, restore_dict, set_on_class


class Holdings:
    """The contents of containers, objects, classes, modules and registries at one moment."""

    def __init__(self, holders: Iterable[Any], globals_: Iterable[tuple[ModuleType, str]]) -> None:
        self._globals = [(module, name, module.__dict__.get(name, MISSING)) for module, name in globals_]
        self._exits = ExitFunctions()
        holders = [*holders, LogHandlers(), self._exits]
        self._taken = [(holder, _kind(holder), content_of(holder)) for holder in holders]
        self._known = {id(holder) for holder, _, _ in self._taken}

    def listening(self, space: dict[str, Any]) -> AbstractContextManager[None]:
        """Hear of what cannot be seen afterwards, while code runs in a namespace."""
        return self._exits.listening(space)

    def changes(self) -> list[Effect]:
        """Return what was added or replaced since."""
        found: list[Effect] = []
        for holder, kind, before in self._taken:
            if kind in ("list", "set"):
                self._added(holder, kind, before, found)
            else:
                now = content_of(holder)
                for key, value in now.items():
                    if before.get(key, MISSING) is not value:
                        self._put(holder, kind, key, value, before.get(key, MISSING), found)
                found += [Effect(holder, kind, key, MISSING, was) for key, was in before.items() if key not in now]
        for module, name, was in self._globals:
            value = module.__dict__.get(name, MISSING)
            if value is not was and value is not MISSING:
                found.append(Effect(module, "module", name, value, was))
        return found

    def thinned(self) -> Iterator[Any]:
        """Yield the lists and sets that something was taken out of, and lists whose items stand in another order."""
        for holder, kind, before in self._taken:
            if kind in ("list", "set") and before:
                was, now = list(map(id, before)), list(map(id, holder))
                left = Counter(now)
                left.subtract(was)
                if min(left.values()) < 0 or (kind == "list" and len(now) == len(was) and now != was):
                    yield holder

    def _added(self, holder: Any, kind: str, before: Any, found: list[Effect]) -> None:
        left = Counter(map(id, before))
        if kind == "list" and len(before) == len(holder) and Counter(map(id, holder)) != left:
            for index, (item, was) in enumerate(zip(list(holder), before, strict=True)):
                if item is not was:
                    self._put(holder, "item", index, item, was, found)
            return
        for index, item in enumerate(list(holder)):
            if left[id(item)]:
                left[id(item)] -= 1
            else:
                self._put(holder, kind, index, item, MISSING, found)

    def _put(self, holder: Any, kind: str, key: Any, value: Any, before: Any, found: list[Effect]) -> None:
        if kind == "weak":
            found.append(Effect(holder, kind, *map(_weakly, (key, value, before))))
            return
        found.append(Effect(holder, kind, key, value, before))
        if (
            isinstance(value, CONTAINERS)
            and id(value) not in self._known
            and len(value) <= 500
            and not _is_space(value)
        ):
            self._known.add(id(value))
            inner = _kind(value)
            pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
            for name, item in pairs:
                self._put(value, inner, name, item, MISSING, found)

    def note(self, undo: Undo) -> None:
        """Note how to restore the holders that differ by now."""
        for holder, kind, before in self._taken:
            now = content_of(holder)
            if len(now) != len(before) or any(a is not b for a, b in zip(_flat(now), _flat(before), strict=False)):
                undo.push(restore_content, holder, kind, before)


def _is_space(value: Any) -> bool:
    """Tell whether a container is a module's namespace, such as the built-in one that `exec` leaves in a dict."""
    name = value.get("__name__") if isinstance(value, dict) else None
    return isinstance(name, str) and getattr(sys.modules.get(name), "__dict__", None) is value


def _flat(content: Any) -> Iterable[Any]:
    if isinstance(content, dict):
        return [part for pair in content.items() for part in pair]
    return list(content)


def _kind(holder: Any) -> str:
    if isinstance(holder, list | deque):
        return "list"
    if isinstance(holder, set):
        return "set"
    if isinstance(holder, Weakly):
        return "weak"
    if isinstance(holder, dict | Registry):
        return "dict"
    if isinstance(holder, type):
        return "class"
    return "module" if isinstance(holder, ModuleType) else "object"


def content_of(holder: Any) -> Any:
    """Return a copy of what a holder holds: items, entries or attributes."""
    if isinstance(holder, list | deque):
        return list(holder)
    if isinstance(holder, set):
        return set(holder)
    if isinstance(holder, Registry):
        return holder.content()
    return dict(holder) if isinstance(holder, dict) else dict(holder.__dict__)


def restore_content(holder: Any, kind: str, content: Any) -> None:
    """Let a holder hold what it did."""
    if kind in ("list", "set"):
        put_content(holder, content)
    elif kind == "class":
        for name in set(holder.__dict__) | set(content):
            if holder.__dict__.get(name, MISSING) is not content.get(name, MISSING):
                set_on_class(holder, name, content.get(name, MISSING))
    else:
        restore_dict(holder if kind in ("dict", "weak") else holder.__dict__, content)


def _weakly(value: Any) -> Any:
    """Return a weak reference, or the value itself if there is none to it."""
    try:
        return weakref.ref(value)
    except TypeError:
        return value


def _strongly(value: Any) -> Any:
    """Return what was given to `_weakly`, None if it is gone."""
    return value() if type(value) is weakref.ref else value


# -------------------------------------------------------------------- taking back
Removed = dict[int, tuple[Any, str, list[Any]]]


def take_back(effects: Iterable[Effect], undo: Undo) -> Removed:
    """Undo what a statement did, as far as it still stands; return the order each holder had before."""
    orders: Removed = {}
    for effect in reversed(list(effects)):
        owner = effect.owner
        if id(owner) not in orders:
            content = content_of(owner)
            kind = "list" if effect.kind == "item" else effect.kind
            orders[id(owner)] = (owner, effect.kind, list(content))
            undo.push(restore_content, owner, kind, content)
        _TAKERS[effect.kind](effect)
    return orders


def values_at(effects: Iterable[Effect]) -> dict[tuple[int, Any], tuple[Effect, Any]]:
    """Return the present values of the attributes of modules and classes that a statement has set."""
    return {
        (id(effect.owner), effect.key): (effect, effect.owner.__dict__.get(effect.key, MISSING))
        for effect in effects
        if effect.kind in ("module", "class")
    }


def stands(effect: Effect) -> bool:
    """Tell whether what a statement has put under a key or name is there still."""
    if effect.kind in ("list", "item", "set"):
        return True
    return bool(content_of(effect.owner).get(effect.key, MISSING) is effect.value)


def _take_item(effect: Effect) -> None:
    owner, index = effect.owner, effect.key
    if index < len(owner) and owner[index] is effect.value:
        del owner[index]
        return
    for place, item in enumerate(owner):
        if item is effect.value:
            del owner[place]
            return


def _take_replacement(effect: Effect) -> None:
    if effect.key < len(effect.owner) and effect.owner[effect.key] is effect.value:
        effect.owner[effect.key] = effect.before


def _take_element(effect: Effect) -> None:
    effect.owner.discard(effect.value)


def _take_entry(effect: Effect) -> None:
    space = effect.owner if effect.kind == "dict" else effect.owner.__dict__
    if space.get(effect.key, MISSING) is not effect.value or not _is_spent(effect):
        return
    if effect.before is MISSING:
        del space[effect.key]
    else:
        space[effect.key] = effect.before


def _take_attribute(effect: Effect) -> None:
    if effect.owner.__dict__.get(effect.key, MISSING) is effect.value and _is_spent(effect):
        set_on_class(effect.owner, effect.key, effect.before)


def _take_weak(effect: Effect) -> None:
    owner, key, before = effect.owner, _strongly(effect.key), _strongly(effect.before)
    if key is None or owner.get(key) is not _strongly(effect.value):
        return
    if before is MISSING or before is None:
        del owner[key]
    else:
        owner[key] = before


def _is_spent(effect: Effect) -> bool:
    """Tell whether nothing of others is in a container that the statement made for its entry."""
    return effect.before is not MISSING or not isinstance(effect.value, CONTAINERS) or not effect.value


_TAKERS: dict[str, Callable[[Effect], None]] = {
    "list": _take_item,
    "item": _take_replacement,
    "set": _take_element,
    "dict": _take_entry,
    "object": _take_entry,
    "module": _take_entry,
    "class": _take_attribute,
    "weak": _take_weak,
}


SORTERS = frozenset(
    {
        "sort",
        "insort",
        "insort_left",
        "insort_right",
        "bisect",
        "bisect_left",
        "bisect_right",
        "heappush",
        "heapify",
    }
)
"""Functions that put the items of a list where they belong."""


def keep_places(
    orders: Removed, before: Iterable[Effect], after: Iterable[Effect], live: Callable[[Any], Any], mentioned: set[str]
) -> None:
    """Put entries that came back where they were; in a list that the code sorts, it has put them where they belong.

    If a statement puts several, as it did `before`, they stand in the order it has put them `after`.
    """
    for owner, kind, order in orders.values():
        mine = [[one for one in effects if one.owner is owner and one.before is MISSING] for effects in (before, after)]
        if kind == "list" and not mentioned & SORTERS:
            now = [live(item) for item in owner]
            was, puts = ([live(one.value) for one in effects] for effects in mine)
            result = _in_slots(order, now, was, puts, id) or in_order(order, now)
            if any(a is not b for a, b in zip(result, owner, strict=True)):
                owner.clear()
                owner.extend(result)
        elif kind in ("dict", "object"):
            space = owner if kind == "dict" else owner.__dict__
            was, puts = ([one.key for one in effects] for effects in mine)
            names = _in_slots(order, list(space), was, puts) or in_order(order, list(space), _itself)
            if names != list(space):
                content = {name: space[name] for name in names}
                space.clear()
                space.update(content)


def _itself(item: Any) -> Any:
    return item


def _in_slots(
    order: list[Any], now: list[Any], was: list[Any], puts: list[Any], key: Callable[[Any], Any] = _itself
) -> list[Any] | None:
    """Return items with those that a statement `puts` on the places that its former ones had, more after the last.

    None if it puts no two, something is there twice, or the program has brought them into another order.
    """
    places = {key(item): place for place, item in enumerate(order)}
    known, mine = {key(item) for item in now}, {key(item) for item in puts}
    slots = [places.get(key(item), -1) for item in was]
    is_plain = len(places) == len(order) and len(known) == len(now) and len(mine) == len(puts) and mine <= known
    if len(puts) < 2 or not slots or not is_plain or slots != sorted(set(slots)) or slots[0] < 0:
        return None
    others, taken = known - mine, set(slots)
    fresh = [item for item in now if key(item) not in mine and key(item) not in places]
    free, result = deque(puts), []
    for place, item in enumerate(order):
        if place in taken:
            result += [free.popleft()] if free else []
            result += free if place == slots[-1] else ()
        elif key(item) in others:
            result.append(item)
    return [*result, *fresh] if len(result) + len(fresh) == len(now) else None


def in_order(order: list[Any], now: list[Any], key: Callable[[Any], Any] = id) -> list[Any]:
    """Return items as they were ordered before; new ones fill the places of those that are gone, then follow."""
    places: dict[Any, deque[int]] = {}
    for place, item in enumerate(order):
        places.setdefault(key(item), deque()).append(place)
    rows: list[tuple[int, Any]] = []
    fresh: list[Any] = []
    for item in now:
        free = places.get(key(item))
        if free:
            rows.append((free.popleft(), item))
        else:
            fresh.append(item)
    left = sorted(place for free in places.values() for place in free)
    rows += [(left[index] if index < len(left) else len(order) + index, item) for index, item in enumerate(fresh)]
    return [item for _, item in sorted(rows, key=lambda row: row[0])]


def reorder(statements: Iterable[State], new: Collection[State] | None, undo: Undo, made_anew: Container[int]) -> None:
    """Let what statements put into lists and dicts stand there in the order of the statements, on the same places.

    If only `new` ones have come between the others, what else stands in another order was put so by the program.
    """
    owners = {id(effect.owner) for state in new or () for effect in state.effects}
    if new is not None and not owners:
        return
    rows: dict[int, tuple[Any, str, list[Any], list[Any]]] = {}
    for state in statements:
        if not SORTERS.intersection(state.unit.calls):
            for effect in state.effects:
                if (
                    effect.kind in ("list", "dict")
                    and effect.before is MISSING
                    and (new is None or id(effect.owner) in owners)
                    and isinstance(effect.owner, list | deque | dict)
                ):
                    put = effect.value if effect.kind == "list" else effect.key
                    _, _, wanted, old = rows.setdefault(id(effect.owner), (effect.owner, effect.kind, [], []))
                    wanted.append(put)
                    if new is not None and state not in new:
                        old.append(put)
    for owner, kind, wanted, old in rows.values():
        if id(owner) in made_anew:
            continue
        key: Callable[[Any], Any] = id if kind == "list" else (lambda name: name)
        now, known = list(owner), {key(item) for item in wanted}
        places = [place for place, item in enumerate(now) if key(item) in known]
        kept = {key(item) for item in old}
        moved = [key(item) for item in now if key(item) in kept] != [key(item) for item in old]
        if moved or len(known) != len(wanted) or len(places) != len(wanted):
            continue  # it holds something twice, lacks it by now, or has an order of its own
        for place, item in zip(places, wanted, strict=True):
            now[place] = item
        if any(a is not b for a, b in zip(now, owner, strict=True)):
            content: Any = now
            if kind == "dict":
                values = dict(owner.items())
                content = {name: values[name] for name in now}
            undo.push(restore_content, owner, kind, content_of(owner))
            restore_content(owner, kind, content)


def with_live(effect: Effect, live: Callable[[Any], Any]) -> Effect:
    """Return an effect as it stands after new objects gave way to live ones, and let the holder follow."""
    if effect.kind == "weak":
        return _weak_with_live(effect, live)
    value, key = live(effect.value), effect.key
    if type(value) is weakref.ref and (target := value()) is not None and live(target) is not target:
        value = weakref.ref(live(target))
    owner = live(effect.owner)
    if value is effect.value and owner is effect.owner and (effect.kind != "dict" or live(key) is key):
        return effect
    if value is MISSING:
        return Effect(owner, effect.kind, key, value, effect.before)
    if effect.kind in ("list", "item"):
        for place, item in enumerate(owner):
            if item is effect.value:
                owner[place] = value
    elif effect.kind == "set":
        owner.discard(effect.value)
        owner.add(value)
    elif effect.kind == "dict":
        if live(key) is not key:
            owner.pop(key, None)
            key = live(key)
        owner[key] = value
    elif effect.kind == "class":
        set_on_class(owner, key, value)
    else:
        owner.__dict__[key] = value
    return Effect(owner, effect.kind, key, value, effect.before)


def _weak_with_live(effect: Effect, live: Callable[[Any], Any]) -> Effect:
    owner, key, value = effect.owner, _strongly(effect.key), _strongly(effect.value)
    if (live(key) is key and live(value) is value) or owner.get(key) is not value:
        return effect
    del owner[key]
    owner[live(key)] = live(value)
    return Effect(owner, effect.kind, _weakly(live(key)), _weakly(live(value)), effect.before)
