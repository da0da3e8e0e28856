"""What later statements put into containers stays out of sight of one that runs again, as in a fresh import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from engine.reload.effects import SORTERS, content_of, in_order, take_back
from engine.reload.state import Effect, FileRecord, State
from engine.reload.trace import CONTAINERS, VALUED, Trace, containers_read
from engine.reload.undo import MISSING, Undo, put_content


class Later:
    """The entries that later statements have in containers which a statement looks at.

    A new definition or call is shown all of them: a number that it makes of how many there are must be its own. In
    those that are made `anew` there are none yet.
    """

    def __init__(
        self,
        state: State,
        trace: Trace,
        records: Iterable[FileRecord],
        earlier: Mapping[State, State],
        anew: Set[int],
        undo: Undo,
    ) -> None:
        looks = earlier.get(state, state).ran or state.unit.kind in VALUED
        sorts = not SORTERS.isdisjoint(trace.names.union(state.unit.calls))
        held = (key for key, value in trace.holders.items() if isinstance(value, CONTAINERS))
        self.undo = undo
        self._effects = (
            list(_later(state, {*held, *containers_read(state)} - anew, records, earlier))
            if looks and not sorts
            else []
        )
        self._rows: list[tuple[Any, Any, Any]] = []

    def hide(self) -> None:
        """Take the entries out."""
        owners = {id(effect.owner): effect.owner for effect in self._effects}
        full = [(owner, content_of(owner)) for owner in owners.values()]
        take_back(self._effects, self.undo)
        self._rows = [(owner, content, content_of(owner)) for owner, content in full]

    def show(self) -> None:
        """Put them back, each at its place, unless the statement has put something else there."""
        for owner, full, hidden in self._rows:
            now = content_of(owner)
            if isinstance(now, dict):
                full, hidden, now = (dict(one.items()) for one in (full, hidden, now))  # hashed as it is by now
                for key, value in full.items():
                    was = hidden.get(key, MISSING)
                    if was is not value and now.get(key, MISSING) is was:
                        now[key] = value
                names = in_order(list(full), list(now), key=lambda name: name)
                put_content(owner, {name: now[name] for name in names})
            elif isinstance(now, set):
                put_content(owner, now | (full - hidden))
            else:
                left = Counter(map(id, hidden))
                lost = [item for item in full if not _takes(left, id(item))]
                put_content(owner, in_order(full, [*now, *lost]))


def _takes(left: Counter[int], key: int) -> bool:
    left[key] -= 1
    return left[key] >= 0


def _later(
    state: State, seen: set[int], records: Iterable[FileRecord], earlier: Mapping[State, State]
) -> Iterator[Effect]:
    own = state.record
    for record in records if seen else ():
        if record is own or record.rank > own.rank:
            for other in record.states[state.index + 1 if record is own else 0 :]:
                made = other if other.ran else earlier.get(other, other)
                for effect in made.effects:
                    if id(effect.owner) in seen and effect.kind in ("list", "set", "dict"):
                        yield effect
