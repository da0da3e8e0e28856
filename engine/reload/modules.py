"""The modules of one app: which there are, in which order, and what their namespaces declare."""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import engine
from engine.errors import HotloopError, ResolveError
from engine.marks import ComponentMark, EventMark, HandlerMark, MigrateMark, ResourceMark, SystemMark
from engine.reload.analyse import Analysis
from engine.reload.imports import check_imports
from engine.reload.loader import Code
from engine.reload.members import belongs, is_private
from engine.reload.places import engine_folder
from engine.reload.registries import run_exit_functions
from engine.reload.resolve import Found, Resolution, discover, resolve
from engine.schedule import Declared


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
    """What one file's module declares, as long as no edit touches it."""

    module: ModuleType
    features: frozenset[str]
    declarations: Declarations


Question = tuple[str | None, Path | None, tuple[str, ...], dict[str, str]]
"""What a resolution depends on beside the manifests: the app, its folder, further roots, and what was chosen."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A resolution made ahead: the modules found and what they come to, or why they cannot be resolved."""

    question: Question
    answer: tuple[dict[str, Found], Resolution] | HotloopError


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
    prepared: Prepared | None = None
    _files: dict[str, list[str]] | None = None
    _scanned: dict[str, Scanned] = field(default_factory=dict)

    def discover(self) -> dict[str, Found]:
        """Find the modules there are, by reading their manifests anew. Raises `ManifestError` or `ResolveError`."""
        return discover(self.folder)

    def resolve(self) -> Resolution:
        """Read every manifest anew and resolve them; nothing runs. Raises `ManifestError` or `ResolveError`.

        What was `prepared` for the same question is taken instead, once.
        """
        ready, self.prepared = self.prepared, None
        if ready is None or ready.question != self._question:
            ready = self.prepare()
        if isinstance(ready.answer, HotloopError):
            raise ready.answer
        self.found, self.resolution = ready.answer
        self._files = None
        return self.resolution

    def prepare(self) -> Prepared:
        """Do the work of `resolve` ahead, in whichever thread."""
        question = self._question
        app, folder, roots, choose = question
        try:
            found = discover(folder)
            wanted = [*([app] if app else []), *(root for root in roots if root in found)]
            return Prepared(question, (found, resolve(found, wanted, choose)))
        except HotloopError as error:
            return Prepared(question, error)

    @property
    def _question(self) -> Question:
        return self.app, self.folder, self.roots, dict(self.choose)

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
        imports = [(name, item, unit.line) for unit in analysis.units for name, item, _ in unit.imports]
        errors = check_imports(found, self.found, imports, engine.__all__, Path(analysis.path))
        if errors:
            raise errors[0]

    def check_what_runs(self, found: Found, but: Container[Path]) -> None:
        """Raise `ResolveError` if a file that runs imports what its module no longer may, leaving some out."""
        for name in self._loaded_files()[found.name]:
            record = self.code.names[name]
            if record.analysis is not None and record.path not in but:
                self.check(found, record.analysis)

    def _forget(self, founds: Iterable[Found]) -> None:
        """Give modules back; their code goes with the last app that uses it."""
        self._scanned.clear()
        self._files = None
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
        """Return the loaded module whose folder holds a path, the innermost if several do, as its manifest is now."""
        return _innermost(path, (self.found.get(found.name, found) for found in self.loaded.values()))

    def _loaded_files(self) -> dict[str, list[str]]:
        """Return, by module, the Python names of its files that run and are scanned, in the order of `files_of`."""
        owners = {found.python_name: found for found in self.order}
        named: dict[str, list[tuple[bool, str, str]]] = {found.name: [] for found in self.order}
        for record in self.code.files.values():
            package = record.name
            while package and package not in owners:
                package = package.rpartition(".")[0]
            inner = _inside(record.path, owners[package].folder) if package else None
            if inner is not None and belongs(inner) and not is_private(inner):
                named[owners[package].name].append((record.name != package, record.path.as_posix(), record.name))
        return {name: [python_name for _, _, python_name in sorted(rows)] for name, rows in named.items()}

    def name_of(self, path: Path) -> str:
        """Return how a person calls a file: by its module, or by folder and file in the game itself or the engine."""
        found = _innermost(path, self.found.values())
        if found is None:
            home = engine_folder()
            return path.relative_to(home.parent).as_posix() if path.is_relative_to(home) else path.name
        inner = path.relative_to(found.folder)
        if inner.name in ("__init__.py", "module.toml") or found.origin != "game":
            return found.name
        return f"{found.folder.name}/{inner.as_posix()}"

    def scan(self, touched: Collection[str] | None = None) -> Declarations:
        """Collect the marks of every loaded module, in load order, then file in path order, then by line.

        What runs counts, not what is on disk: a file whose deletion was refused is still there. With `touched`, the
        Python names of the modules that an edit has changed, only those are looked at; the files are those of the
        last scan then, unless a file came or went.
        """
        assert self.resolution is not None, "resolve() comes first"
        if touched is None:
            self._scanned.clear()
        if touched is None or self._files is None:
            self._files = self._loaded_files()
        declarations = Declarations()
        for found in self.order:
            features = frozenset(self.resolution.features.get(found.name, ()))
            for name in self._files[found.name]:
                module = self.code.module(name)
                if module is None:
                    continue
                known = self._scanned.get(name)
                if known is None or known.module is not module or known.features != features or name in (touched or ()):
                    known = self._scanned[name] = Scanned(module, features, _scan(module, found.name, features))
                declarations.add(known.declarations)
        return declarations

    def forget_files(self) -> None:
        """Let the next scan look anew for the files there are, as after one has come or gone."""
        self._files = None


def is_inside(name: str, package: str) -> bool:
    """Tell whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(package + ".")


def _innermost(path: Path, modules: Iterable[Found]) -> Found | None:
    """Return the module whose folder holds a path, the innermost if several do."""
    folders = {str(found.folder): found for found in modules}
    place, above = os.path.dirname(path), ""
    while place != above and place not in folders:
        place, above = os.path.dirname(place), place
    return folders.get(place)


def _inside(path: Path, folder: Path) -> tuple[str, ...] | None:
    """Return the parts of a path below a folder, None if it does not lie there."""
    whole, start = str(path), str(folder) + os.sep
    return tuple(whole[len(start) :].split(os.sep)) if whole.startswith(start) else None


def files_of(found: Found) -> list[tuple[str, Path]]:
    """Return the Python name and path of each file that is loaded with a module, the package first, in path order."""
    python_name = f"modules.{found.name}"
    named = []
    for path in sorted(found.folder.rglob("*.py")):
        inner = path.relative_to(found.folder).parts
        if not path.is_file() or not belongs(inner) or is_private(inner):
            continue
        parts = [*inner[:-1], path.stem]
        if parts[-1] == "__init__":
            parts.pop()
        named.append((".".join([python_name, *parts]), path))
    return sorted(named, key=lambda pair: (pair[0] != python_name, pair[1].as_posix()))


def _scan(module: ModuleType, owner: str, features: Collection[str]) -> Declarations:
    """Collect the marks of one module."""
    into = Declarations()
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
    return into


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
