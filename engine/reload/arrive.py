"""Files of a batch: changed, new, deleted, or at another place under the same name."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from engine.errors import ReloadError
from engine.reload.analyse import Analysis, analyse
from engine.reload.effects import take_back
from engine.reload.events import Event
from engine.reload.failures import UNTOUCHED, show_source, syntax_failure
from engine.reload.files import digest_of
from engine.reload.members import is_private
from engine.reload.moves import Moves
from engine.reload.patch import Change, Patch
from engine.reload.spread import Spread, is_current
from engine.reload.state import FileRecord, State
from engine.reload.undo import Undo, set_fields

if TYPE_CHECKING:
    from engine.reload.loader import Code

_IMPORTS = ("import", "from", "star")
_DEFINED = ("def", "class")


class Arrivals:
    """The files of one batch on their way in."""

    def __init__(self, code: Code, undo: Undo, spread: Spread, patch: Patch) -> None:
        self.code, self.undo, self.spread, self.patch = code, undo, spread, patch
        self.restored: set[FileRecord] = set()
        self.moved: dict[str, list[Any]] = {}
        self.created: list[str] = []
        self.moves = Moves()
        self._defined: Counter[str] = Counter()  # by new files
        self.names: set[str] = set()
        self._deleted: list[FileRecord] = []

    def take(self, changes: Iterable[Change]) -> list[tuple[FileRecord, Analysis]]:
        """Let the records follow the files; return those whose statements are to be planned."""
        arriving: list[tuple[Change, str, Analysis]] = []
        leaving: list[Change] = []
        for change in changes:
            if change.kind == "deleted" or change.source is None:
                self.code.hidden.add(change.path)
                leaving.append(change)
                continue
            name = self.code.python_name_of(change.path)
            if name is not None:
                arriving.append((change, name, self._analysis(change, name)))
        plans: list[tuple[FileRecord, Analysis]] = []
        for change, name, analysis in arriving:
            assert change.source is not None
            self.names.add(name)
            self.patch.files.append(change.path)
            self.code.sources[change.path] = (change.source, analysis)
            record = self.code.names.get(name) or self.code.tombs.get(name) or self._namespace(name, change)
            if record is None:
                self.created.append(name)
                self.moves.come(name, analysis)
                self._defined.update(one for unit in analysis.units if unit.kind in _DEFINED for one in unit.binds)
                self.spread.event((name, ""), Event(value=True))
            else:
                self._renew(record, change, analysis)
                self.moves.learn(record, analysis)
                plans.append((record, analysis))
        for change in sorted(leaving, key=_depth, reverse=True):
            self._delete(change.path)
        return plans

    def _analysis(self, change: Change, name: str) -> Analysis:
        assert change.source is not None
        is_package = change.path.name == "__init__.py"
        analysis = change.analysis
        if analysis is None or (analysis.name, analysis.is_package) != (name, is_package):
            analysis = analyse(change.source, str(change.path), name, is_package)
        if analysis.error is not None:
            raise syntax_failure(analysis)
        return analysis

    def _namespace(self, name: str, change: Change) -> FileRecord | None:
        """Return a record without statements for a namespace package that now gets a file of its own."""
        module = sys.modules.get(name)
        if change.path.name != "__init__.py" or module is None or getattr(module, "__file__", None) is not None:
            return None
        record = self.code.new_record(module, change.path.parent, b"")
        self.undo.push(self.code.forget_file, record)
        return record

    # ---------------------------------------------------------------- known files
    def _renew(self, record: FileRecord, change: Change, analysis: Analysis) -> None:
        """Let a record stand for the file's new content, at its new place."""
        code, undo = self.code, self.undo
        assert change.source is not None
        code.grasp(record)
        undo.push(self._return, record, dict(vars(record)), record.gone)
        undo.push(show_source, change.path, None)
        if record.gone:
            undo.push(code.tombs.__setitem__, record.name, record)
            code.tombs.pop(record.name, None)
            record.gone = False
            self.restored.add(record)
            undo.module_entry(record.name, record.module)
            self.spread.event((record.name, ""), Event(value=True))
        undo.push(code.forget_file, record)
        code.forget_file(record)
        if record.path != change.path:
            self._relocate(record, change.path)
        record.path, record.source, record.digest = change.path, change.source, digest_of(change.source)
        record.analysis = analysis
        code.enter(record)
        show_source(record.path, record.source)

    def _return(self, record: FileRecord, fields: dict[str, Any], gone: bool) -> None:
        set_fields(record, fields)
        if not gone and record.path.suffix:
            self.code.enter(record)
            show_source(record.path, record.source)

    def _relocate(self, record: FileRecord, path: Path) -> None:
        """Turn a module into a package or back, in its own namespace."""
        space = record.space
        self.undo.namespace(space)
        record.is_package = path.name == "__init__.py"
        space["__file__"] = str(path)
        space["__spec__"] = self.code.find_spec(record.name)
        space["__package__"] = record.name if record.is_package else record.name.rpartition(".")[0]
        if record.is_package:
            space["__path__"] = [str(path.parent)]
        else:
            space.pop("__path__", None)

    # ---------------------------------------------------------------- deleted files
    def _delete(self, path: Path) -> None:
        record = self.code.files.get(path)
        if record is None or record.path != path:
            return
        code, undo = self.code, self.undo
        self.names.add(record.name)
        self.patch.files.append(path)
        code.grasp(record)
        self.moves.go(record)
        self._deleted.append(record)
        for state in reversed(record.states):
            take_back(state.effects, undo)
            self.moves.lose(state, record.states)
            for name in state.names:
                cls = record.space.get(name)
                event = Event(value=True, priors=[cls] if isinstance(cls, type) else [])
                self.spread.event((record.name, name), event)
                self.bury(record, name)
        undo.push(self._rise, record)
        if record.is_package and any(name.startswith(f"{record.name}.") for name in code.names):
            self._hollow(record)
            return
        record.gone = True
        code.tombs[record.name] = record
        code.forget(record)
        undo.module_entry(record.name, None)
        self.spread.event((record.name, ""), Event(value=True))

    def _hollow(self, record: FileRecord) -> None:
        """Turn a package whose `__init__.py` is deleted into a namespace package, if it has other files."""
        space = record.space
        self.undo.namespace(space)
        for state in record.states:
            for name in state.names:
                if not isinstance(space.get(name), ModuleType):
                    space.pop(name, None)
        space.pop("__file__", None)
        self.code.forget(record)

    def _rise(self, record: FileRecord) -> None:
        record.gone = False
        self.code.tombs.pop(record.name, None)
        self.code.enter(record)
        for state in record.states:
            self.code.readers.link(state)

    def bury(self, record: FileRecord, name: str, other: str = "") -> None:
        """Keep what a removed name was bound to in mind: it may come back, or have moved to another file.

        There it may have an `other` name.
        """
        value = record.space.get(name)
        if isinstance(value, FunctionType | type) and value.__module__ == record.name:
            self.moved.setdefault(other or name, []).append(value)

    def has_moved(self, state: State) -> bool:
        """Tell whether what a new file defines is what another file has lost: no other new file defines the same."""
        names = state.unit.binds if state.unit.kind in _DEFINED else ()
        is_value = self.moves.may_have(state)
        return is_value or any(name in self.moved and self._defined[name] == 1 for name in names)

    def refuse_missing(self) -> None:
        """Raise `ReloadError` if a deleted file is one that others import, saying which."""
        for record in self._deleted:
            if not record.gone:
                continue
            needing = {f"{s.record.path}:{s.unit.line}" for s in self._importers(record.name)}
            if needing:
                raise ReloadError(
                    f"{record.name} cannot go",
                    where=str(record.path),
                    why=f"it is imported in {', '.join(sorted(needing))}",
                    remedy="edit those too, or restore the file",
                    state=UNTOUCHED,
                    path=record.path,
                    line=None,
                    source_line="",
                    cause=None,
                )

    def _importers(self, name: str) -> list[State]:
        readers = self.code.readers.of((name, ""))
        found = [s for s in readers if s.unit.kind in _IMPORTS and is_current(s) and not s.record.gone]
        for record in self.code.files.values():
            found += [state for state in record.states if name in state.unit.lazy]
        return found

    # ---------------------------------------------------------------- new files
    def load_created(self) -> list[str]:
        """Load new files of module folders, and those that were loaded at another place before.

        Others of plain folders are loaded when somebody imports them.
        """
        loaded = []
        for name in self.created:
            path = next((path for path in self.code.sources if self.code.python_name_of(path) == name), None)
            root = self.code.root_of(path) if path is not None else None
            if root is None or path is None or name in self.code.names:
                continue
            is_own = root.qualified is not None and root.prefix in self.code.names
            is_own = is_own and not is_private(path.relative_to(root.folder).parts)
            if is_own or self.moves.goes_on(name):
                importlib.import_module(name)
                loaded.append(name)
        return loaded


def _depth(change: Change) -> tuple[int, bool]:
    """Order files from packages to what is in them."""
    return len(change.path.parts), change.path.name != "__init__.py"
