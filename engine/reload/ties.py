"""Which saved files have to do with each other, as far as their text and their places tell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.reload.files import is_code
from engine.reload.manifest import FILE_NAME

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.MULTILINE
)
_DECLARED = re.compile(rb"^(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))", re.MULTILINE)
_WORD = re.compile(rb"\w+")

Words = frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Outline:
    """The words in the import statements of a file, wherever in it they are, and what it declares at its top level."""

    imports: Words = frozenset()
    declares: Words = frozenset()

    @classmethod
    def of(cls, source: bytes | None) -> Outline:
        """Return the outline of code, an empty one of what is none."""
        if source is None:
            return NOTHING
        parts = (part for match in _IMPORT.finditer(source) for part in match.groups() if part)
        declared = (name for names in _DECLARED.findall(source) for name in names if name)
        return cls(frozenset(w for part in parts for w in _WORD.findall(part)), frozenset(declared))


NOTHING = Outline()


@dataclass(frozen=True, slots=True)
class Edit:
    """The outline of a file before and now; of what is not whole, nothing is known as of now."""

    before: Outline
    now: Outline

    @property
    def imports(self) -> Words:
        """The words that it imports or imported."""
        return self.before.imports | self.now.imports


def tied_to(waiting: Iterable[str], edits: Mapping[str, Edit], *, near: bool = True) -> set[str]:
    """Return the paths that have to do with those `waiting`, at once or by way of others; they themselves included.

    Files of a burst are tied by being `near` each other as well: more of them may be on the way.
    """
    found = {path for path in waiting if path in edits}
    rest = [path for path in edits if path not in found]
    looking = list(found)
    while looking and rest:
        path = looking.pop()
        tied = [other for other in rest if _are_tied(path, edits[path], other, edits[other], near)]
        found.update(tied)
        looking += tied
        rest = [other for other in rest if other not in found]
    return found


def _are_tied(one: str, mine: Edit, other: str, theirs: Edit, near: bool) -> bool:
    """Tell whether two files have to do with each other.

    So do those of which one imports the other, or a name that it declares; and those of which one lacks what the other
    has gained, which may have moved there. A manifest has to do with other manifests and with code whose imports have
    changed. If places count: those of one folder, or of folders one in the other, and a manifest and any code.
    """
    if not (is_code(one) and is_code(other)):
        return False
    manifests = [os.path.basename(path) == FILE_NAME for path in (one, other)]
    if any(manifests):
        return near or all(manifests) or any(edit.before.imports != edit.now.imports for edit in (mine, theirs))
    here, there = os.path.dirname(one) + os.sep, os.path.dirname(other) + os.sep
    if near and (here.startswith(there) or there.startswith(here)):
        return True
    if not (theirs.imports.isdisjoint(_names(one, mine)) and mine.imports.isdisjoint(_names(other, theirs))):
        return True
    return _may_have_moved(mine, theirs) or _may_have_moved(theirs, mine)


def _may_have_moved(source: Edit, target: Edit) -> bool:
    lost = source.before.declares - source.now.declares
    return not lost.isdisjoint(target.now.declares - target.before.declares)


def _names(path: str, edit: Edit) -> Words:
    """Return the words by which a file, or what it declares, is imported."""
    folder, name = os.path.split(path)
    called = os.path.basename(folder) if name == "__init__.py" else name.removesuffix(".py")
    return edit.before.declares | edit.now.declares | {os.fsencode(called)}
