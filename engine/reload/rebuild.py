"""Values that several statements make together: a list that is filled and then sorted, a number set and then doubled.

If one of these statements is edited, and nothing but them has changed the value, all of them run again in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Container, Iterable, Iterator
from typing import Any

from engine.reload.effects import SORTERS, content_of, stands, take_back
from engine.reload.keep import is_flat
from engine.reload.pieces import pieces_read
from engine.reload.state import Effect, FileRecord, State
from engine.reload.trace import CONTAINERS, Ours, Trace
from engine.reload.undo import MISSING, Undo
from engine.reload.values import imprint

_FEW = 200
"""Objects that are kept in mind before any is forgotten."""
_MOST_ITEMS = 10_000
"""Items of a container whose content is kept in mind."""
_SETTING = ("dict", "object", "module", "class")
_ORDERING = SORTERS | {
    "appendleft",
    "clear",
    "discard",
    "extendleft",
    "heappop",
    "insert",
    "move_to_end",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "reverse",
    "rotate",
    "shuffle",
    "subtract",
}
"""Names of what makes of a value something else, depending on what is in it by then."""


class Left:
    """What objects were like when the last of the statements that act on them had run, None if touched since.

    Of containers whose items are mere values or functions, the content is kept too.
    """

    def __init__(self, ours: Ours) -> None:
        self.ours = ours
        self._imprints: dict[int, Any] = {}
        self._contents: dict[int, Any] = {}
        self._live: dict[int, Any] = {}
        self._most = _FEW

    def begin(self, records: Iterable[FileRecord]) -> None:
        """Begin another batch, and forget now and then what no statement of these files acts on any more."""
        self._live.clear()
        if len(self._imprints) > self._most:
            alive = {id(owner) for owner in self._acted_on(state for record in records for state in record.states)}
            for known in (self._imprints, self._contents):
                for owner in known.keys() - alive:
                    del known[owner]
            self._most = max(_FEW, 2 * len(self._imprints))

    def note(self, states: Iterable[State], undo: Undo) -> None:
        """Note what the objects are like that statements act on; one that was touched before stays so."""
        for owner in self._acted_on(states):
            before = self._imprints.get(id(owner), MISSING)
            if before is not None:
                self._set(owner, imprint(owner, inside=True), _flat_content(owner), undo)
            else:
                self._set(owner, None, None, undo)  # what of it is the program's cannot be told any more

    def changes(self, owner: int) -> tuple[Any, Any] | None:
        """Return what the statements had made of a container and what it was then, None if that cannot be told."""
        before, live = self._contents.get(owner), self._live.get(owner)
        return None if before is None or live is None else (before, live)

    def keep(self, owner: Any, made: Any, undo: Undo) -> None:
        """Note that a container consists of what statements have made and what the program has changed in it."""
        self._set(owner, None, made, undo)

    def is_known(self, owner: int) -> bool:
        """Tell whether an object can be made anew: it is untouched, or what the program has done to it is known."""
        return self.is_untouched(owner) or self.changes(owner) is not None

    def look(self, states: Iterable[State], undo: Undo) -> None:
        """Note which of the objects that statements act on somebody else has touched, before anything is taken back."""
        for owner in self._acted_on(states):
            self.look_at(owner, undo)

    def _acted_on(self, states: Iterable[State]) -> Iterable[Any]:
        return {id(owner): owner for state in states for owner in acted_on(state, self.ours)}.values()

    def look_at(self, owner: Any, undo: Undo) -> None:
        """Note whether somebody else has touched an object."""
        before = self._imprints.get(id(owner))
        if before is not None and imprint(owner, inside=True) != before:
            self._set(owner, None, self._contents.get(id(owner)), undo)
        is_touched = self._imprints.get(id(owner), MISSING) is None
        if is_touched and self._contents.get(id(owner)) is not None and (live := _flat_content(owner)) is not None:
            self._live.setdefault(id(owner), live)

    def renew(self, owner: Any, undo: Undo) -> None:
        """Note that an object has just been made anew."""
        self._set(owner, imprint(owner, inside=True), _flat_content(owner), undo)

    def is_untouched(self, owner: int) -> bool:
        """Tell whether an object, given by its identity, is as the statements have left it."""
        return self._imprints.get(owner) is not None

    def among(self, owners: Iterable[int]) -> set[int]:
        """Return those that statements act on."""
        return {owner for owner in owners if owner in self._imprints}

    def _set(self, owner: Any, like: Any, content: Any, undo: Undo) -> None:
        undo.push(self._put, id(owner), self._imprints.get(id(owner), MISSING), self._contents.get(id(owner)))
        self._put(id(owner), like, content)

    def _put(self, owner: int, like: Any, content: Any) -> None:
        if like is MISSING:
            self._imprints.pop(owner, None)
        else:
            self._imprints[owner] = like
        if content is None:
            self._contents.pop(owner, None)
        else:
            self._contents[owner] = content


def _flat_content(owner: Any) -> Any:
    """Return a copy of a container's content, None for other objects and for what could have changed inside."""
    if not isinstance(owner, CONTAINERS) or len(owner) > _MOST_ITEMS:
        return None
    content = content_of(owner)
    return content if is_flat(content) else None


def together(
    old: Iterable[State],
    new: Iterable[State],
    records: Iterable[FileRecord],
    left: Left,
    wanted: Container[int] | None = None,
) -> Iterator[tuple[int, list[State]]]:
    """Yield each value to be made anew because of statements that go or change, and new ones, and all that make it.

    If some are `wanted`, others are not looked at.
    """
    old, new, records = list(old), list(new), list(records)
    owners = {id(owner) for state in old for owner in acted_on(state, left.ours)}
    owners |= left.among(owner for state in old for owner in state.sole.values())
    acting = {id(state): left.among(_reach(state, left.ours)) for state in new}
    for owner in owners.union(*acting.values()):
        if not left.is_known(owner) or (wanted is not None and owner not in wanted):
            continue
        chain = [one for record in records for one in record.states if _acts_on(one, owner, left.ours)]
        makers = [s for s in (*old, *chain, *new) if _acts_on(s, owner, left.ours) or owner in acting.get(id(s), ())]
        binder = next((one for record in records for one in record.states if owner in one.sole.values()), None)
        is_edited = any(owner in state.sole.values() for state in old)
        if not left.is_untouched(owner) and (is_edited or any(map(_sorts, makers))):
            continue
        if binder is not None and any(_orders(state, owner) for state in makers):
            yield owner, [binder, *chain]


def unwind(went: Collection[State], states: Iterable[State], undo: Undo) -> list[State]:
    """Take back, latest first, what was set on top of what statements had set that go or change.

    `states` are all statements in their former order. Returns those that have to set theirs anew; what somebody else
    has set meanwhile stays.
    """
    wanted = {(id(one.owner), one.key) for state in went for one in state.effects if one.kind in _SETTING}
    rows: dict[tuple[int, Any], list[tuple[State, Effect]]] = {}
    for state in states if wanted else ():
        for effect in state.effects:
            if effect.kind in _SETTING and (id(effect.owner), effect.key) in wanted:
                rows.setdefault((id(effect.owner), effect.key), []).append((state, effect))
    others: list[State] = []
    for row in rows.values():
        first = next((index for index, (state, _) in enumerate(row) if state in went), len(row))
        if len(row) - first < 2 or not stands(row[-1][1]):
            continue
        for state, effect in reversed(row[first:]):
            take_back([effect], undo)
            if state not in went:
                others.append(state)
    return others


def _reach(state: State, ours: Ours) -> Iterable[int]:
    trace = Trace(ours)
    trace.unit(state.unit, state.record.module)
    return [*trace.holders, *map(id, pieces_read(state.unit, state.record.space))]


def acted_on(state: State, ours: Ours) -> list[Any]:
    """Return the containers and objects that a statement has changed, or only brought into another order."""
    owners = {id(effect.owner): effect.owner for effect in state.effects}
    if _orders_by_itself(state) or _sets_places(state):
        kinds = CONTAINERS if _orders_by_itself(state) else (list, deque)
        read = (state.record.space.get(path[0]) for path, _ in state.unit.reads)
        owners.update((id(one), one) for one in read if isinstance(one, kinds))
    found = [one for one in owners.values() if isinstance(one, CONTAINERS) or ours.is_instance(one)]
    return list({id(one): one for one in (*found, *state.pieces)}.values())


def ordered(states: Iterable[State], ours: Ours) -> set[int]:
    """Return by identity the values that statements have brought into an order, or taken something out of."""
    ordering = (state for state in states if _orders_by_itself(state) or _sorts(state))
    return {id(owner) for state in ordering for owner in acted_on(state, ours)}


def _acts_on(state: State, owner: int, ours: Ours) -> bool:
    return any(id(one) == owner for one in acted_on(state, ours))


def _orders_by_itself(state: State) -> bool:
    unit = state.unit
    takes_out = unit.kind == "augmented" or (unit.kind == "del" and bool(unit.stores))
    return takes_out or not _ORDERING.isdisjoint(unit.calls)


def _sets_places(state: State) -> bool:
    """Tell whether a statement assigns to places, which in a list have something in them by then."""
    return state.unit.kind == "assign" and bool(state.unit.stores)


def _sorts(state: State) -> bool:
    """Tell whether a statement, or a function it calls, puts items where they belong: those of the program too."""
    return not SORTERS.isdisjoint(state.unit.calls) or not SORTERS.isdisjoint(state.mentions or ())


def _orders(state: State, owner: int) -> bool:
    """Tell whether what a statement makes of a value depends on what is in it by then."""
    if _orders_by_itself(state) or not _ORDERING.isdisjoint(state.mentions or ()):
        return True
    if any(id(one) == owner for one in state.pieces):
        return True
    effects = [one for one in state.effects if id(one.owner) == owner]
    return (_sets_places(state) and all(one.kind in ("list", "item") for one in effects)) or any(
        one.before is not MISSING for one in effects
    )
