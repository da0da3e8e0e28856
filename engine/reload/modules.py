"""The modules of one app: which there are, in which order, and what their namespaces declare."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import engine
from engine.errors import HotloopError, ResolveError
from engine.marks import ComponentMark, EventMark, HandlerMark, MigrateMark, ResourceMark, SystemMark
from engine.reload.analyse import Analysis
from engine.reload.imports import check_imports
from engine.reload.loader import Code
from engine.reload.registries import run_exit_functions
from engine.reload.resolve import Found, Resolution, discover, resolve
from engine.schedule import Declared

_UNMARKED = frozenset({ModuleType, str, int, float, bool, type(None), tuple, list, dict, set, frozenset})
"""Types of values that cannot carry a mark."""

LEFT_OUT = frozenset({"tests", "scripts", "__pycache__"})
"""Folders of a module that are not part of it when it runs."""


@dataclass
class Declarations:
    """What a scan found, in load order: by kind of mark, with the module that declares it."""

    systems: list[Declared] = field(default_factory=list)
    handlers: list[tuple[HandlerMark, Any, str]] = field(default_factory=list)
    classes: list[type] = field(default_factory=list)
    migrations: list[tuple[MigrateMark, Any]] = field(default_factory=list)

    def add(self, other: Declarations) -> None:
        """Append what another scan found."""
        self.systems += other.systems
        self.handlers += other.handlers
        self.classes += other.classes
        self.migrations += other.migrations


@dataclass(slots=True)
class Scanned:
    """What a module declares, for as long as its names, marks and code are the same objects."""

    features: set[str]
    values: list[Any]
    spaces: list[Any]
    functions: list[FunctionType]
    marks: list[Any]
    codes: list[CodeType]
    declarations: Declarations

    @classmethod
    def of(cls, module: ModuleType, owner: str, features: set[str]) -> Scanned:
        """Scan a module."""
        declarations = Declarations()
        _scan_module(module, owner, features, declarations)
        values = list(vars(module).values())
        maybe: list[Any] = [getattr(value, "__dict__", None) for value in values if type(value) not in _UNMARKED]
        spaces = [space for space in maybe if space is not None]
        functions = [value for value in values if type(value) is FunctionType]
        marks = [space.get("__mark__") for space in spaces]
        codes = [function.__code__ for function in functions]
        return cls(set(features), values, spaces, functions, marks, codes, declarations)

    def holds(self, module: ModuleType, features: set[str]) -> bool:
        """Tell whether the module still declares the same."""
        space = vars(module)
        if len(space) != len(self.values) or not all(map(operator.is_, space.values(), self.values)):
            return False
        for space, mark in zip(self.spaces, self.marks, strict=True):
            if space.get("__mark__") is not mark:
                return False
        for function, code in zip(self.functions, self.codes, strict=True):
            if function.__code__ is not code:
                return False
        return features == self.features


@dataclass
class ModuleSet:
    """The modules one app has found, resolved and loaded.

    `app` is the name of the game's own module, None while it does not load; `roots` are modules wanted besides, if
    there are any of that name. `choose` maps a contract to the implementation asked for. Code is
    shared with every other app of the process, `loaded` holds what this one uses of it.
    """

    code: Code
    app: str | None
    folder: Path | None
    choose: dict[str, str]
    roots: tuple[str, ...] = ()
    found: dict[str, Found] = field(default_factory=dict)
    resolution: Resolution | None = None
    loaded: dict[str, Found] = field(default_factory=dict)
    _files: dict[str, list[str]] = field(default_factory=dict)
    _scanned: dict[str, Scanned] = field(default_factory=dict)

    def discover(self) -> dict[str, Found]:
        """Find the modules there are, by reading their manifests anew. Raises `ManifestError` or `ResolveError`."""
        return discover(self.folder)

    def resolve(self) -> Resolution:
        """Read every manifest anew and resolve them; nothing runs. Raises `ManifestError` or `ResolveError`."""
        found = self.discover()
        wanted = [*([self.app] if self.app else []), *(root for root in self.roots if root in found)]
        self.resolution = resolve(found, wanted, self.choose)
        self.found = found
        return self.resolution

    @property
    def order(self) -> list[Found]:
        """The modules in load order."""
        assert self.resolution is not None, "resolve() comes first"
        return self.resolution.order

    def load(self) -> None:
        """Load what the resolution names and is not loaded yet; if one fails, none of them stays."""
        new = [found for found in self.order if found.name not in self.loaded]
        begun: list[Found] = []
        try:
            for found in new:
                self._load_one(found, begun)
        except BaseException:
            self._forget(begun)
            raise
        self.loaded.update((found.name, found) for found in begun)

    def _load_one(self, found: Found, begun: list[Found]) -> None:
        python_name = found.python_name
        for root in self.code.roots:
            if root.prefix == python_name and root.folder != found.folder and self.code.uses[python_name]:
                raise ResolveError(
                    f"{found.name} cannot be loaded from {found.folder}",
                    why=f"a running game has loaded the module of that name from {root.folder}",
                    remedy="rename one of them, or end that game first",
                    state="nothing was loaded",
                )
        self.code.uses[python_name] += 1
        begun.append(found)
        self.code.add_root(found.folder, python_name, "app" if found.name == self.app else found.name)
        for name, _ in files_of(found):
            self.code.load(name)
            record = self.code.names.get(name)
            if record is not None and record.analysis is not None:
                self.check(found, record.analysis)

    def check(self, found: Found, analysis: Analysis) -> None:
        """Raise `ResolveError` if a file of a module imports what the module may not."""
        assert self.resolution is not None, "resolve() comes first"
        imports = [(name, item, unit.line) for unit in analysis.units for name, item, _ in unit.imports]
        errors = check_imports(found, self.resolution, imports, engine.__all__, Path(analysis.path))
        if errors:
            raise errors[0]

    def _forget(self, founds: Iterable[Found]) -> None:
        """Give modules back; their code goes with the last app that uses it."""
        self._scanned.clear()
        for found in founds:
            python_name = found.python_name
            self.code.uses[python_name] -= 1
            if self.code.uses[python_name] <= 0:
                del self.code.uses[python_name]
                names = [name for name in self.code.loaded_names() if is_inside(name, python_name)]
                records = [self.code.names[name] for name in names if name in self.code.names]
                run_exit_functions(effect.owner for record in records for effect in record.effects)
                self.code.unload(names)
                self.code.remove_root(found.folder)

    def unload(self, names: Iterable[str]) -> None:
        """Give the named modules back; their code goes unless another app uses it."""
        self._forget([self.loaded.pop(name) for name in list(names) if name in self.loaded])

    def module_of(self, path: Path) -> Found | None:
        """Return the loaded module whose folder holds a path, the innermost if several do."""
        name = str(path)
        holders = [found for found in self.loaded.values() if name.startswith(str(found.folder) + os.sep)]
        return max(holders, key=lambda found: len(found.folder.parts), default=None)

    def _loaded_files(self, found: Found) -> list[str]:
        """Return the Python names of a module's files that run and are scanned, in the order of `files_of`."""
        package = found.python_name
        loaded = [record for record in self.code.files.values() if is_inside(record.name, package)]
        named = [
            (record.name, record.path)
            for record in loaded
            if record.path.is_relative_to(found.folder)
            and belongs(record.path, found.folder)
            and not is_private(record.path, found.folder)
        ]
        return [name for name, path in sorted(named, key=lambda pair: (pair[0] != package, pair[1].as_posix()))]

    def name_of(self, path: Path) -> str:
        """Return how a person calls a file: by its module, or by folder and file in the game itself."""
        found = self.module_of(path)
        if found is None:
            return path.name
        inner = path.relative_to(found.folder)
        if inner.name in ("__init__.py", "module.toml") or found.origin != "game":
            return found.name
        return f"{found.folder.name}/{inner.as_posix()}"

    def scan(self, *, look_again: bool = True) -> Declarations:
        """Collect the marks of every loaded module, in load order, then file in path order, then by line.

        What runs counts, not what is on disk: a file whose deletion was refused is still there. Without `look_again`
        the files are those of the last scan.
        """
        if look_again:
            self._files.clear()
            self._scanned.clear()
        declarations = Declarations()
        assert self.resolution is not None, "resolve() comes first"
        for found in self.order:
            features = self.resolution.features.get(found.name, set())
            if found.name not in self._files:
                self._files[found.name] = self._loaded_files(found)
            for name in self._files[found.name]:
                module = self.code.module(name)
                if module is None:
                    continue
                scanned = self._scanned.get(name)
                if scanned is None or not scanned.holds(module, features):
                    scanned = self._scanned[name] = Scanned.of(module, found.name, features)
                declarations.add(scanned.declarations)
        return declarations


def is_inside(name: str, package: str) -> bool:
    """Tell whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(package + ".")


def is_private(path: Path, folder: Path) -> bool:
    """Tell whether a file is one that is imported but not scanned: its name, or a folder's, begins with one `_`."""
    parts = path.relative_to(folder).with_suffix("").parts
    return any(part.startswith("_") and not part.startswith("__") for part in parts)


def belongs(path: Path, folder: Path) -> bool:
    """Tell whether a Python file below a module's folder is part of the module."""
    relative = path.relative_to(folder)
    inner = relative.parts[:-1]
    if relative.name == "conftest.py" or not relative.stem.isidentifier():
        return False
    return not any(part in LEFT_OUT or part == "modules" or not part.isidentifier() for part in inner)


def files_of(found: Found) -> list[tuple[str, Path]]:
    """Return the Python name and path of each file that is loaded with a module, the package first, in path order."""
    python_name = f"modules.{found.name}"
    named = []
    for path in sorted(found.folder.rglob("*.py")):
        if not path.is_file() or not belongs(path, found.folder) or is_private(path, found.folder):
            continue
        parts = list(path.relative_to(found.folder).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        named.append((".".join([python_name, *parts]), path))
    return sorted(named, key=lambda pair: (pair[0] != python_name, pair[1].as_posix()))


def _scan_module(module: ModuleType, owner: str, features: set[str], into: Declarations) -> None:
    marked = list(_marked(module))
    marked.sort(key=lambda pair: _line(pair[0]))
    for value, mark in marked:
        feature = getattr(mark, "feature", None)
        if feature is not None and feature not in features:
            continue
        match mark:
            case SystemMark():
                into.systems.append(Declared(value, mark, owner))
            case HandlerMark():
                into.handlers.append((mark, value, owner))
            case MigrateMark():
                into.migrations.append((mark, value))
            case ComponentMark() | EventMark() | ResourceMark():
                into.classes.append(value)


def _marked(module: ModuleType) -> Iterator[tuple[Any, Any]]:
    """Yield each value of a namespace that carries a mark and is the module's own, once."""
    seen: set[int] = set()
    for value in list(vars(module).values()):
        own = getattr(value, "__dict__", None)
        if own is None or "__mark__" not in own or id(value) in seen or value.__module__ != module.__name__:
            continue
        seen.add(id(value))
        yield value, own["__mark__"]


def _line(value: Any) -> int:
    code = getattr(value, "__code__", None)
    return code.co_firstlineno if code is not None else 0


def explain_failure(error: BaseException) -> tuple[str, str | None, int | None]:
    """Return the message, file and line of an error that kept code from loading."""
    path = getattr(error, "path", None)
    line = getattr(error, "line", None)
    text = str(error) if isinstance(error, HotloopError) else f"{type(error).__name__}: {error}"
    return text, None if path is None else str(path), line
