"""The code of the process: which folders are managed, how their modules are loaded, and what runs."""

from __future__ import annotations

import gc
import importlib
import sys
import typing
import weakref
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from engine.reload.analyse import Analysis, analyse
from engine.reload.batch import Batch
from engine.reload.effects import take_back
from engine.reload.execute import Run
from engine.reload.failures import failure, is_from_outside, show_source, syntax_failure
from engine.reload.files import digest_of
from engine.reload.functions import Functions
from engine.reload.members import belongs
from engine.reload.patch import Change, Patch
from engine.reload.readers import Readers
from engine.reload.rebuild import Left
from engine.reload.state import FileRecord, State
from engine.reload.trace import Ours
from engine.reload.undo import Undo, set_module

__all__ = ["Change", "Code", "FileRecord", "Patch"]


@dataclass(frozen=True)
class Root:
    """A managed folder: `prefix` is the Python name of the folder itself, empty for a folder of plain modules."""

    folder: Path
    prefix: str
    qualified: str | None

    def name_of(self, path: Path) -> str | None:
        """Return the Python name of a file in the folder."""
        if path.suffix != ".py" or not path.is_relative_to(self.folder):
            return None
        parts = list(path.relative_to(self.folder).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        if not all(part.isidentifier() for part in parts):
            return None
        return ".".join([self.prefix, *parts] if self.prefix else parts) or None

    def owns(self, path: Path) -> bool:
        """Tell whether a file in the folder is part of the module: others have modules, tests and scripts in it."""
        return self.qualified is None or belongs(path.relative_to(self.folder).parts)

    def place_of(self, name: str) -> Path | None:
        """Return the path a module of this name has in the folder, without suffix."""
        if not self.prefix:
            return self.folder.joinpath(*name.split("."))
        if name == self.prefix:
            return self.folder
        if name.startswith(self.prefix + "."):
            return self.folder.joinpath(*name[len(self.prefix) + 1 :].split("."))
        return None

    def qualified_name(self, name: str) -> str | None:
        """Return the name by which what a module declares is known."""
        if self.qualified is None:
            return None
        return self.qualified + name[len(self.prefix) :]


class Code:
    """All code that can be patched: a finder on `sys.meta_path` for its folders, and a record of every file.

    `files` maps the path of each loaded file to its record, whose `digest` is that of the content that runs.
    `uses` counts, by Python name of a module, the apps that have loaded it.
    """

    def __init__(self) -> None:
        self.files: dict[Path, FileRecord] = {}
        self.roots: list[Root] = []
        self.functions = Functions()
        self.readers = Readers()
        self.shapes: weakref.WeakKeyDictionary[type, frozenset[str]] = weakref.WeakKeyDictionary()
        self.slots: weakref.WeakKeyDictionary[type, dict[str, Any]] = weakref.WeakKeyDictionary()
        self.modules: dict[str, ModuleType] = {}
        self.names: dict[str, FileRecord] = {}
        self.file_names: set[str] = set()
        self.ours = Ours(self.modules, self.file_names)
        self.left = Left(self.ours)
        self.sources: dict[Path, tuple[bytes, Analysis | None]] = {}
        self.hidden: set[Path] = set()
        self.tombs: dict[str, FileRecord] = {}
        self.undo: Undo | None = None
        self.batch: Batch | None = None
        self.uses: Counter[str] = Counter()
        self._users = 0
        self._rank = 0
        self._depth = 0
        self._grasped: set[str] = set()

    # ---------------------------------------------------------------- the import system
    @classmethod
    def shared(cls) -> Code:
        """Return the one that is installed in this process, a new one if there is none."""
        for finder in sys.meta_path:
            if isinstance(finder, cls):
                return finder
        return cls()

    def install(self) -> None:
        """Serve imports from now on, until `release` has been called as often."""
        self._users += 1
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def release(self) -> None:
        """End one use; after the last, imports are no longer served."""
        self._users = max(self._users - 1, 0)
        if not self._users:
            self.uninstall()

    def uninstall(self) -> None:
        """Serve no more imports, whoever uses this."""
        self._users = 0
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def add_root(self, folder: Path | str, python_prefix: str = "", qualified: str | None = None) -> None:
        """Manage a folder as the Python package of this name, or, with "", as one of plain modules.

        Modules are given `__qualified__`: `qualified` and their path inside the folder.
        """
        root = Root(Path(folder).absolute(), python_prefix, qualified)
        self.roots = [one for one in self.roots if (one.folder, one.prefix) != (root.folder, root.prefix)]
        self.roots.append(root)
        self.roots.sort(key=lambda one: len(one.prefix), reverse=True)

    def remove_root(self, folder: Path | str) -> None:
        """Manage a folder no longer; what is loaded from it stays."""
        gone = Path(folder).absolute()
        self.roots = [root for root in self.roots if root.folder != gone]

    def root_of(self, path: Path) -> Root | None:
        """Return the root a file belongs to, the innermost if several hold it."""
        holding = [root for root in self.roots if root.name_of(path) is not None]
        return max(holding, key=lambda root: len(root.folder.parts), default=None)

    def python_name_of(self, path: Path) -> str | None:
        """Return the Python name of a file that runs, or would as part of a root; None for any other file."""
        record = self.files.get(path)
        if record is not None:
            return record.name
        root = self.root_of(path)
        name = root.name_of(path) if root is not None else None
        return name if root is not None and (root.owns(path) or name in self.tombs) else None

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Find a module in the roots, for the import system."""
        for root in self.roots:
            place = root.place_of(name)
            if place is None:
                continue
            for file, is_package in ((place / "__init__.py", True), (place.with_name(place.name + ".py"), False)):
                if file not in self.hidden and (file in self.sources or file.is_file()):
                    return _spec(name, file, is_package, self)
            if place.is_dir() and any(place.rglob("*.py")):
                spec = ModuleSpec(name, None, is_package=True)
                spec.submodule_search_locations = [str(place)]
                return spec
        if any(root.prefix.startswith(name + ".") for root in self.roots):
            found = PathFinder.find_spec(name, path)
            if found is not None:
                return found
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = []
            return spec
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave making the module to the import system, unless there is one under this name whose file was deleted."""
        record = self.tombs.get(spec.name)
        return None if record is None else record.module

    def exec_module(self, module: ModuleType) -> None:
        """Execute a module's file, for the import system."""
        spec = module.__spec__
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin)
        source, analysis = self.sources.get(path) or (path.read_bytes(), None)
        record = self.names.get(module.__name__)
        if record is not None and record.module is module and self.undo is None:  # `importlib.reload`
            self.apply([Change(path, "changed", source, analysis)])
            return
        self._execute(module, path, source, analysis)

    def get_source(self, name: str) -> str | None:
        """Return the source that runs, for tools."""
        record = self.names.get(name)
        return None if record is None else record.source.decode("utf-8", "replace")

    # ---------------------------------------------------------------- loading
    def load(self, python_name: str) -> ModuleType:
        """Import a module; raise `ReloadError` naming file and line if its code fails."""
        with self._young():
            try:
                module = importlib.import_module(python_name)
            except BaseException as error:
                if is_from_outside(error, self.file_names):
                    raise
                raise failure(error, self.file_names, None, None) from error
        if python_name not in self.modules and module.__file__ and self.root_of(Path(module.__file__)) is not None:
            self.adopt(module)  # somebody imported it before its folder became a root
        return module

    def module(self, python_name: str) -> ModuleType | None:
        """Return a loaded module."""
        module = sys.modules.get(python_name)
        return module if module is not None and self.modules.get(python_name) is module else None

    def loaded_names(self) -> list[str]:
        """Return the Python names of all loaded modules, in load order."""
        return [record.name for record in sorted(self.files.values(), key=lambda one: one.rank)]

    def runs(self, path: Path, digest: str | None) -> bool:
        """Tell whether a file's content of this digest is what runs."""
        record = self.files.get(path)
        return record is not None and record.digest == digest

    def unload(self, names: Iterable[str]) -> None:
        """Forget modules, and take back what they registered with modules that stay.

        A module of the same package that nobody manages, since it was imported by other means, goes along if it holds
        something of theirs: the next game would adopt it, and meet in it classes that are nobody else's any more.
        """
        names = list(names)
        self.functions.sweep()  # of what was unloaded earlier, since its last objects may have gone only now
        undo = Undo()
        for name in names:
            record = self.names.get(name)
            if record is not None:
                for state in reversed(record.states):
                    take_back(state.effects, undo)
                self.forget(record)
            undo.module_entry(name, None)
        gone = set(names)
        while stale := [name for name in self._unmanaged(gone) if _holds(sys.modules[name], gone)]:
            gone.update(stale)
            for name in stale:
                undo.module_entry(name, None)
        undo.clear()
        _forget_annotations()

    def _unmanaged(self, among: Iterable[str]) -> list[str]:
        """Return the names of imported modules in the packages of others that no record stands for."""
        packages = {name.partition(".")[0] for name in among}
        found = [name for name in sys.modules if name.partition(".")[0] in packages]
        return [name for name in found if name not in self.names and "." in name]

    def adopt(self, module: ModuleType) -> FileRecord:
        """Manage a module that the ordinary import system has loaded, as it is now."""
        known = self.names.get(module.__name__)
        if known is not None:
            return known
        assert module.__file__ is not None
        path = Path(module.__file__).absolute()
        source = path.read_bytes()
        record = self.new_record(module, path, source)
        record.adopted = True
        self._grasped.clear()
        self.enter(record)
        return record

    def grasp(self, record: FileRecord) -> None:
        """Work out the statements of an adopted module, and which live functions each of them made."""
        if record.analysis is None:
            record.analysis = analyse(record.source, str(record.path), record.name, record.is_package)
        if record.states or record.analysis.error is not None:
            return
        from engine.reload.adopt import take_over

        take_over(record, self.ours, self.functions, self.shapes)
        for state in record.states:
            self.readers.link(state)

    def grasp_readers(self, name: str) -> None:
        """Work out the statements of adopted modules that may read something of a module: those that mention it."""
        if name in self._grasped:
            return
        self._grasped.add(name)
        word = name.rpartition(".")[2].encode()
        for record in list(self.files.values()):
            if record.adopted and not record.states and word in record.source:
                self.grasp(record)

    def readers_unit(self, function: FunctionType) -> list[State]:
        """Return the statements of the file a function was made by."""
        record = self.names.get(function.__module__)
        return [] if record is None else record.states

    def enter(self, record: FileRecord) -> None:
        """Add a record to what is managed."""
        self.files[record.path] = record
        self.names[record.name] = record
        self.modules[record.name] = record.module
        self.file_names.add(str(record.path))

    def forget(self, record: FileRecord) -> None:
        """Take a record and its statements out of what is managed."""
        for state in record.states:
            self.readers.unlink(state)
        self.forget_file(record)

    def forget_file(self, record: FileRecord) -> None:
        """Take a record out of what is found by path and name."""
        if self.files.get(record.path) is record:
            del self.files[record.path]
        if self.names.get(record.name) is record:
            del self.names[record.name]
            del self.modules[record.name]

    def new_record(self, module: ModuleType, path: Path, source: bytes) -> FileRecord:
        """Return a record for a module, not entered yet."""
        self._rank += 1
        is_package = path.name == "__init__.py"
        return FileRecord(
            path, module.__name__, is_package, module, source, digest_of(source), begun=self._rank, rank=self._rank
        )

    def _execute(self, module: ModuleType, path: Path, source: bytes, analysis: Analysis | None) -> None:
        name = module.__name__
        if analysis is None:
            analysis = analyse(source, str(path), name, path.name == "__init__.py")
        if analysis.error is not None:
            raise syntax_failure(analysis)
        record = self.new_record(module, path, source)
        record.analysis = analysis
        undo = self.undo or Undo()
        root = self.root_of(path)
        qualified = root.qualified_name(name) if root is not None else None
        if qualified is not None:
            module.__dict__["__qualified__"] = qualified
        before = self.names.get(name)
        self.enter(record)
        undo.push(self._replace, record, before)
        if self.undo is not None:
            undo.push(set_module, name, None)
        show_source(path, source)
        try:
            with self._young():
                self._run(record, analysis, undo)
        except BaseException:
            if self.undo is None:
                undo.rewind()
            raise
        record.rank = self._next_rank()

    def _run(self, record: FileRecord, analysis: Analysis, undo: Undo) -> None:
        record.states = [State(unit, record, index) for index, unit in enumerate(analysis.units)]
        looked: set[int] = set()
        for state in record.states:
            run = Run(state, self.ours, undo)
            for owner in self.left.among(run.trace.holders) - looked:
                self.left.look_at(run.trace.holders[owner], undo)
                looked.add(owner)
            run.execute()
            state.effects = tuple(run.holdings.changes()) if run.holdings is not None else ()
            if self.batch is not None:
                self.batch.take_over(run)
            run.note_reads()
            run.remember()
            for name in state.unit.binds:
                self.note_shape(record.space.get(name), record.name)
            self.readers.link(state)
        self.left.note(record.states, undo)

    def note_shape(self, value: Any, module: str) -> None:
        """Note which attributes a class was given by its declaration."""
        if isinstance(value, type) and value.__module__ == module and value not in self.shapes:
            self.shapes[value] = frozenset(value.__dict__)
            for inner in list(value.__dict__.values()):
                self.note_shape(inner, module)

    def _replace(self, record: FileRecord, before: FileRecord | None) -> None:
        self.forget(record)
        show_source(record.path, None)
        if before is not None:
            self.enter(before)
            show_source(before.path, before.source)

    def _next_rank(self) -> int:
        self._rank += 1
        return self._rank

    @contextmanager
    def _young(self) -> Iterator[None]:
        """Keep what is made meanwhile in the youngest generation, and record its functions at the end."""
        self._depth += 1
        enabled = gc.isenabled()
        if self._depth == 1:
            gc.disable()
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                try:
                    self.functions.add_young(self.ours.is_file)
                finally:
                    if enabled:
                        gc.enable()

    # ---------------------------------------------------------------- changing
    def apply(self, changes: Iterable[Change]) -> Patch:
        """Bring what runs up to the changed files, all of them or none.

        Functions, classes and enums keep their identity; changed values reach whatever was derived from them. Raises
        `ReloadError` when the code does not compile or raises, and then nothing has changed.
        """
        batch = Batch(self, list(changes))
        try:
            with self._young():
                return batch.apply()
        except BaseException:
            batch.undo.rewind()
            raise


def _spec(name: str, file: Path, is_package: bool, loader: Code) -> ModuleSpec:
    spec = ModuleSpec(name, loader, origin=str(file), is_package=is_package)  # type: ignore[arg-type]
    spec.has_location = True
    if is_package:
        spec.submodule_search_locations = [str(file.parent)]
    return spec


def _holds(module: ModuleType, names: Container[str]) -> bool:
    """Tell whether a module's names stand for modules of these names, or for classes or functions of theirs."""
    values = [value for value in vars(module).values() if isinstance(value, (ModuleType, type, FunctionType))]
    return any((one.__name__ if isinstance(one, ModuleType) else one.__module__) in names for one in values)


def _forget_annotations() -> None:
    """Empty the caches of `typing`, which would keep the classes in `Query[...]` and with them all of their modules."""
    for empty in getattr(typing, "_cleanups", ()):
        empty()
