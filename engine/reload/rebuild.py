"""Values that several statements make together: a list that is filled and then sorted, a number set and then doubled.

If one of these statements is edited, and nothing but them has changed the value, all of them run again in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Container, Iterable, Iterator
from typing import Any

from engine.reload.effects import SORTERS, stands, take_back
from engine.reload.pieces import pieces_read
from engine.reload.state import Effect, FileRecord, State
from engine.reload.trace import CONTAINERS, Ours, Trace
from engine.reload.undo import MISSING, Undo
from engine.reload.values import imprint

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
    """What objects were like when the last of the statements that act on them had run, None if touched since."""

    def __init__(self, ours: Ours) -> None:
        self.ours = ours
        self._imprints: dict[int, Any] = {}

    def note(self, states: Iterable[State], undo: Undo) -> None:
        """Note what the objects are like that statements act on; one that was touched before stays so."""
        for owner in self._acted_on(states):
            before = self._imprints.get(id(owner), MISSING)
            if before is not None:
                undo.push(self._put, id(owner), before)
                self._imprints[id(owner)] = imprint(owner, inside=True)

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
            undo.push(self._put, id(owner), before)
            self._imprints[id(owner)] = None

    def renew(self, owner: Any, undo: Undo) -> None:
        """Note that an object has just been made anew."""
        undo.push(self._put, id(owner), self._imprints.get(id(owner), MISSING))
        self._imprints[id(owner)] = imprint(owner, inside=True)

    def is_untouched(self, owner: int) -> bool:
        """Tell whether an object, given by its identity, is as the statements have left it."""
        return self._imprints.get(owner) is not None

    def among(self, owners: Iterable[int]) -> set[int]:
        """Return those that statements act on."""
        return {owner for owner in owners if owner in self._imprints}

    def _put(self, owner: int, before: Any) -> None:
        if before is MISSING:
            self._imprints.pop(owner, None)
        else:
            self._imprints[owner] = before


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
        if not left.is_untouched(owner) or (wanted is not None and owner not in wanted):
            continue
        chain = [one for record in records for one in record.states if _acts_on(one, owner, left.ours)]
        makers = [s for s in (*old, *chain, *new) if _acts_on(s, owner, left.ours) or owner in acting.get(id(s), ())]
        binder = next((one for record in records for one in record.states if owner in one.sole.values()), None)
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
    return [*found, *state.pieces]


def ordered(states: Iterable[State], ours: Ours) -> set[int]:
    """Return by identity the values that statements have brought into an order, or taken something out of."""
    return {id(owner) for state in states if _orders_by_itself(state) for owner in acted_on(state, ours)}


def _acts_on(state: State, owner: int, ours: Ours) -> bool:
    return any(id(one) == owner for one in acted_on(state, ours))


def _orders_by_itself(state: State) -> bool:
    unit = state.unit
    return not _ORDERING.isdisjoint(unit.calls) or (unit.kind in ("augmented", "del") and bool(unit.stores))


def _sets_places(state: State) -> bool:
    """Tell whether a statement assigns to places, which in a list have something in them by then."""
    return state.unit.kind == "assign" and bool(state.unit.stores)


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
