"""Pair the statements of a file's old and new version."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from engine.reload.analyse import ClassBody, Unit
from engine.reload.state import State


def pair_units(old: Sequence[State], new: Sequence[Unit]) -> list[State | None]:
    """Return for each new statement the old one it continues, if any.

    Equal text pairs first, then equal text but for the bodies of functions, then the same kind binding the same
    names, then any kind sharing a name, then statements without names in order.
    """
    paired: list[State | None] = [None] * len(new)
    free = list(old)

    def match(key_of: Callable[[Unit], object]) -> None:
        rows: defaultdict[object, deque[State]] = defaultdict(deque)
        for state in free:
            rows[key_of(state.unit)].append(state)
        for index, unit in enumerate(new):
            key = key_of(unit)
            if paired[index] is None and key is not None and rows[key]:
                paired[index] = rows[key].popleft()
        taken = {id(state) for state in paired if state is not None}
        free[:] = [state for state in free if id(state) not in taken]

    match(lambda unit: unit.digest)
    match(lambda unit: unit.skeleton)
    match(lambda unit: (unit.kind, unit.binds) if unit.binds else None)
    match(lambda unit: unit.binds or None)
    match(lambda unit: unit.binds[0] if unit.binds and unit.kind not in ("from", "import") else None)
    match(lambda unit: (unit.kind, unit.calls, unit.stores) if not unit.binds else None)
    return paired


def former_names(old: Iterable[Unit], new: Sequence[Unit]) -> dict[str, str]:
    """Return by the name of a new definition the qualified name it had, where that name only leads to it now.

    That is so after `Old = New`, at the top or in the body of a class.
    """
    was, now = ({name for unit in units for name in _defined(unit)} for units in (old, new))
    found = {}
    for unit in new:
        pairs = [
            (f"{body.qualname}.{names[0]}", reads[0])
            for body in unit.classes
            for names, _, reads, called in body.statements
            if len(names) == len(reads) == 1 and not called
        ]
        if unit.kind in ("assign", "annotated") and len(unit.reads) == 1 and not unit.calls:
            pairs += [(name, unit.reads[0][0]) for name in unit.binds]
        found.update({path[0]: name for name, path in pairs if name in was - now and path[0] in now - was})
    return found


def _defined(unit: Unit) -> Iterator[str]:
    """Yield the qualified names of the classes and functions that a statement defines."""
    yield from (body.qualname for body in unit.classes)
    yield from (name for name, *_ in unit.functions)


def renamed(unit: Unit, old: str, new: str) -> Unit:
    """Return a statement whose class of one qualified name has another."""
    bodies = (
        replace(body, qualname=new + body.qualname[len(old) :]) if f"{body.qualname}.".startswith(f"{old}.") else body
        for body in unit.classes
    )
    return unit if old == new else replace(unit, classes=tuple(bodies))


def unchanged_names(
    old: Unit | None,
    new: Unit,
    dirt: Callable[[tuple[str, ...]], str],
    is_touched: Callable[[str, tuple[str, ...]], bool],
) -> dict[str, set[str]]:
    """Return for each class body the names whose statements have the same text and read nothing that changed.

    Where only code that they call has changed, they keep a value that is not as it was made.
    """
    if old is None:
        return {}
    before: defaultdict[str, set[str]] = defaultdict(set)
    said: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for body in old.classes:
        before[body.qualname].update(digest for _, digest, _, _ in body.statements)
        said[body.qualname] += [(names, digest) for names, digest, _, _ in body.statements]
    varying = _varying([*old.classes, *new.classes])
    found: dict[str, set[str]] = {}
    for body in new.classes:
        same: set[str] = set()
        other = set(varying[body.qualname])
        known, digests = before[body.qualname], {digest for _, digest, _, _ in body.statements}
        other.update(name for names, digest in said[body.qualname] if digest not in digests for name in names)
        for names, digest, reads, _ in body.statements:
            is_known = bool(digest) and digest in known
            found_dirt = {"value" if path[0] in other else dirt(path) for path in reads} if is_known else {"value"}
            clean = "value" not in found_dirt and ("code" not in found_dirt or is_touched(body.qualname, names))
            (same if clean else other).update(names)
        found[body.qualname] = found.get(body.qualname, set()) | same - other
    return found


def _varying(bodies: Sequence[ClassBody]) -> dict[str, set[str]]:
    """Return for each class that a statement has several bodies for the names that are not set alike in all of them."""
    said: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for body in bodies:
        for names, digest, _, _ in body.statements:
            for name in names:
                said[body.qualname][name].add(digest)
    several = Counter(body.qualname for body in bodies)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for qualname, rows in said.items():
        if several[qualname] > 2:
            found[qualname] = {name for name, digests in rows.items() if len(digests) > 1}
    return found


def new_firsts(old: Unit | None, new: Unit) -> dict[str, dict[str, bytes]]:
    """Return for each class the attributes that its `__init__` sets now and did not set before."""
    if old is None:
        return {}
    before = {body.qualname: {name for name, _ in body.firsts} for body in old.classes}
    return {
        body.qualname: {name: code for name, code in body.firsts if name not in before[body.qualname]}
        for body in new.classes
        if body.qualname in before
    }


def lost_firsts(old: Unit | None, new: Unit) -> dict[str, set[str]]:
    """Return for each class the attributes that its `__init__` set before and does not set now."""
    if old is None:
        return {}
    after = {body.qualname: {name for name, _ in body.firsts} for body in new.classes}
    return {
        body.qualname: {name for name, _ in body.firsts} - after[body.qualname]
        for body in old.classes
        if body.qualname in after
    }
