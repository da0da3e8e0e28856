"""Which of the saved files that wait for a fix belong together, so that the others need not wait with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from engine.reload.loader import Change, Code
from engine.reload.ties import Edit, Outline, tied_to


class Together:
    """The sets in which files were saved: one that is saved again brings its set with it, and is part of its own."""

    def __init__(self) -> None:
        self.sets: list[set[Path]] = []

    def saved(self, paths: Iterable[Path], wanted: Collection[Path]) -> None:
        """Note that files were saved at once; forget sets of which no file is `wanted` any more."""
        new = set(paths)
        for known in self.sets:
            if not known.isdisjoint(new):
                new |= known
        self.sets = [known for known in self.sets if known.isdisjoint(new) and not known.isdisjoint(wanted)]
        if new:
            self.sets.append(new)

    def with_ties(self, paths: Iterable[Path], changes: Mapping[Path, Change | None], code: Code) -> set[Path]:
        """Return those of the changed files that some of them have to do with, at once or by way of others."""
        edits = {str(path): _edit(path, change, code) for path, change in changes.items()}
        found: set[Path] = set()
        wider = {path for path in paths if path in changes}
        while wider != found:
            found = wider
            tied = {Path(path) for path in tied_to(map(str, found), edits, near=False)}
            wider = tied.union(*(known for known in self.sets if not known.isdisjoint(tied))) & changes.keys()
        return found


def _edit(path: Path, change: Change | None, code: Code) -> Edit:
    record = code.files.get(path)
    before, now = (record.source if record is not None else None), (change.source if change is not None else None)
    return Edit(Outline.of(before), Outline.of(now))
