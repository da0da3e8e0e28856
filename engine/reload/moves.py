"""Values that move from one file to another within a batch: they stay as they are.

A statement has moved if its text is gone from one file and is found in another, and if somebody who imported
something from the one file now imports it from the other, and if most names of one of the two were those of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.reload.analyse import Analysis, Unit
from engine.reload.likes import Likes
from engine.reload.state import FileRecord, State
from engine.reload.values import same

_IMPORTS = ("import", "from")
_VALUED = ("assign", "annotated")


@dataclass(frozen=True)
class Lost:
    """What a statement that is gone had bound, made and read; `names` are those its file defined."""

    module: str
    names: frozenset[str]
    bound: dict[str, Any]
    imprints: dict[str, Any]
    read: dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where a class was defined that is gone there, with the values of the names which its body read."""

    cls: type
    qualname: str
    unit: Unit
    read: dict[str, Any]
    likes: Likes

    def reads_alike(self, path: tuple[str, ...], record: FileRecord) -> bool:
        """Tell whether what a path of the body begins with is the same in another file."""
        return same(self.read.get(path[0]), record.space.get(path[0]))


class Moves:
    """The values that one batch takes from their files, and the files that others are led to instead."""

    def __init__(self) -> None:
        self._lost: defaultdict[str, list[Lost]] = defaultdict(list)
        self._led: set[tuple[str, str]] = set()
        self._new: dict[str, Sequence[Unit]] = {}
        self._gone: dict[str, Sequence[Unit]] = {}
        self._origins: dict[int, Origin] = {}

    def learn(self, record: FileRecord, analysis: Analysis) -> None:
        """Note where a file, of which the new version is given, now finds what it found elsewhere before."""
        was, now = _sources(record.name, [s.unit for s in record.states]), _sources(record.name, analysis.units)
        self._led.update(_turns(was, now))

    def come(self, name: str, analysis: Analysis) -> None:
        """Note a file that is new."""
        self._new[name] = analysis.units

    def go(self, record: FileRecord) -> None:
        """Note a file that is gone, with where others may find now what it found elsewhere."""
        self._gone[record.name] = [state.unit for state in record.states]

    def lose(self, state: State, others: list[State]) -> None:
        """Keep in mind what a statement that is gone had bound."""
        unit, space = state.unit, state.record.space
        for value in [space.get(name) for name in unit.binds] if unit.classes else ():
            if isinstance(value, type):
                self.leave(value, state)
        if unit.kind in _VALUED and not state.tree and _binds_alone(state, others):
            bound = {name: space[name] for name in unit.binds if name in space}
            read = {path[0]: space.get(path[0]) for path, _ in unit.reads}
            self._lost[unit.digest].append(Lost(state.record.name, _names(others), bound, state.imprints, read))

    def leave(self, cls: type, state: State) -> None:
        """Keep in mind a class that a statement has defined and does not define any more."""
        roots = {path[0] for body in state.unit.classes for row in body.statements for path in row[2]}
        read = {name: state.record.space.get(name) for name in roots}
        self._origins[id(cls)] = Origin(cls, cls.__qualname__, state.unit, read, state.likes)

    def origin(self, value: Any) -> Origin | None:
        """Return where a class was defined before, if it is gone there."""
        return self._origins.get(id(value))

    def may_have(self, state: State) -> bool:
        """Tell whether the text of a statement is that of one that is gone."""
        return state.unit.digest in self._lost

    def found(self, state: State) -> Lost | None:
        """Return what a statement brings along, if it reads here what it read there."""
        space, here = state.record.space, state.record.name
        lost = [one for one in self._lost.get(state.unit.digest, ()) if self._leads(one.module, here)]
        names = _names(state.record.states)
        lost = [one for one in lost if 2 * len(names & one.names) > min(len(names), len(one.names))]
        if len(lost) != 1 or not _binds_alone(state, state.record.states):
            return None
        del self._lost[state.unit.digest]
        if any(not same(space.get(name), value) for name, value in lost[0].read.items()):
            return None
        return lost[0]

    def _leads(self, old: str, new: str) -> bool:
        """Tell whether somebody was led from a module to another, or from a package to one with the same file."""
        self._follow()
        while (old, new) not in self._led:
            (old, _, last), (new, _, name) = old.rpartition("."), new.rpartition(".")
            if last != name or not old:
                return False
        return True

    def goes_on(self, new: str) -> bool:
        """Tell whether a new file is one that was there at another place."""
        return any(self._leads(old, new) for old in self._gone)

    def _follow(self) -> None:
        """Add where files lead that have moved themselves, and what new ones only pass on."""
        todo = list(self._led)
        while todo:
            old, new = todo.pop()
            further = set()
            if new in self._new:
                further = {(old, module) for unit in self._new[new] for module in _taken_from(unit)}
                if old in self._gone:
                    further |= _turns(_sources(old, self._gone[old]), _sources(new, self._new[new]))
            further -= self._led
            self._led |= further
            todo += further


def _turns(was: dict[str, set[str]], now: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Return from which modules to which others a file has turned for the names it has from elsewhere."""
    names = was.keys() & now.keys()
    return {(old, new) for name in names for old in was[name] - now[name] for new in now[name] - was[name]}


def _taken_from(unit: Unit) -> Iterable[str]:
    return [module for module, item, _ in unit.imports if item]


def _binds_alone(state: State, others: Iterable[State]) -> bool:
    names = set(state.unit.binds)
    return not any(names.intersection(other.names) for other in others if other is not state)


def _names(states: Iterable[State]) -> frozenset[str]:
    """Return the names that the statements define themselves."""
    return frozenset(name for s in states if s.unit.kind not in (*_IMPORTS, "star") for name in s.unit.binds)


def _sources(own: str, units: Iterable[Unit]) -> dict[str, set[str]]:
    """Return for each name a file has from elsewhere, or defines, the modules it has it from; "" names modules."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for unit in units:
        found[""].update(unit.lazy)
        if unit.kind in _IMPORTS:
            for module, item, _ in unit.imports:
                found[item].add(module)
                if item:
                    found[""].add(f"{module}.{item}")  # it may be a module as well
        else:
            for name in unit.binds:
                found[name].add(own)
    return found
