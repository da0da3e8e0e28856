"""The order in which a fresh start would have run the files that are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.reload.analyse import Unit
from engine.reload.state import FileRecord
from engine.reload.undo import Undo


def imports_alike(old: Iterable[Unit], new: Iterable[Unit]) -> bool:
    """Tell whether two versions of a file import the same, in the same order."""
    return list(_imported(old)) == list(_imported(new))


def imports(record: FileRecord, other: FileRecord) -> bool:
    """Tell whether a file imports another, or something from it."""
    return other.name in _imported(state.unit for state in record.states)


def rank_anew(names: Mapping[str, FileRecord], undo: Undo) -> None:
    """Give each file a rank after those of the files it imports; otherwise they stay in their order.

    Files that import each other follow each other as they would begin: the first imports the second while it runs.
    """
    known = sorted(names.values(), key=lambda record: record.begun)
    ranks = sorted(record.rank for record in known)
    for record, rank in zip(_in_order(known, names), ranks, strict=True):
        if record.rank != rank:
            undo.push(setattr, record, "rank", record.rank)
            record.rank = rank


def _in_order(known: Iterable[FileRecord], names: Mapping[str, FileRecord]) -> list[FileRecord]:
    """Return the strongly connected components of the imports one after the other, by Tarjan's algorithm."""
    begun: dict[FileRecord, int] = {}
    lowest: dict[FileRecord, int] = {}
    open_: list[FileRecord] = []
    order: list[FileRecord] = []

    def visit(record: FileRecord) -> None:
        begun[record] = lowest[record] = len(begun)
        open_.append(record)
        for name in _imported(state.unit for state in record.states):
            other = names.get(name)
            if other is not None and other not in begun:
                visit(other)
                lowest[record] = min(lowest[record], lowest[other])
            elif other in open_:
                lowest[record] = min(lowest[record], begun[other])
        if lowest[record] == begun[record]:
            place = open_.index(record)
            order.extend(open_[place:])
            del open_[place:]

    for record in known:
        if record not in begun:
            visit(record)
    return order


def _imported(units: Iterable[Unit]) -> Iterator[str]:
    """Yield the modules that statements import, and what they take from them in case it is a module too."""
    for unit in units:
        for module, item, _ in unit.imports if not unit.is_for_types else ():
            yield module
            if item:
                yield f"{module}.{item}"
