"""Examine modules: resolve, load every file, scan, bind, and check imports and writes. It executes their code."""

from __future__ import annotations

import ast
import inspect
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import engine
from engine.binding import read_parameters
from engine.check.imports import import_problems
from engine.check.problem import Problem
from engine.check.views import view_parameters
from engine.check.writes import write_problems
from engine.ecs.component import schema_of
from engine.ecs.world import World
from engine.errors import HotloopError, ScheduleError
from engine.reload.bus import Bus
from engine.reload.declared import line_of_field
from engine.reload.discover import Found, Modules, discover
from engine.reload.loader import Code
from engine.reload.members import belongs
from engine.reload.modules import Declarations, ModuleSet, explain_failure, files_of, is_inside
from engine.reload.resolve import Resolution, headless_choice, resolve
from engine.schedule import Declared, Schedule


class Examination:
    """One examination: of a game with the modules of its own, or without a game of all built-in modules.

    `on_file` is called with each file before it is loaded.
    """

    def __init__(self, folder: Path | None, on_file: Callable[[Path], None]) -> None:
        self.folder, self.on_file = folder, on_file
        self.problems: set[Problem] = set()
        self.code = Code.shared()

    def run(self) -> list[Problem]:
        """Return what is wrong, by file and line."""
        try:
            found = discover(self.folder)
            resolution = self.resolve(found)
        except HotloopError as error:
            self.report(error)
            return sorted(self.problems)
        own = [one for one in resolution.order if one.origin == ("game" if self.folder else "built-in")]
        modules = ModuleSet(self.code, found.game, self.folder, {}, found=found, resolution=resolution)
        self.code.install()
        try:
            if self.load(resolution, found.game):
                self.marks(modules.scan(), own)
        finally:
            self.code.release()
        for one in own:
            self.imports(one)
        return sorted(self.problems)

    def resolve(self, found: Modules) -> Resolution:
        """Resolve everything of the folder's own, required or not, with all its features, and the headless twins."""
        origin = "game" if self.folder else "built-in"
        roots = [_with_features(one) for one in found.values() if one.origin == origin]
        resolution = resolve(found, roots)
        twins = headless_choice(found)
        return resolve(found, [*roots, *(twins[c] for c in sorted(twins) if c in resolution)])

    def load(self, resolution: Resolution, app: str | None) -> bool:
        """Execute every file; report the first failure and say whether there was none."""
        for found in resolution.order:
            self.code.add_root(found.folder, found.python_name, "app" if found.name == app else found.name)
            for name, path in files_of(found):
                self.on_file(path)
                try:
                    self.code.load(name)
                except (Exception, SystemExit) as error:
                    self.failed(error, path)
                    return False
        return True

    def failed(self, error: BaseException, loading: Path) -> None:
        """Report a file that cannot be executed, at the innermost line that belongs to its module."""
        text, path, line = explain_failure(error)
        if path is None:
            home = str(loading.parent)
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(home)]
            path, line = (frames[-1].filename, frames[-1].lineno) if frames else (str(loading), None)
        self.problems.add(Problem(path, line or 0, text))

    def report(self, error: HotloopError, default: str = "") -> None:
        """Turn an error in the house form into a problem."""
        where = re.fullmatch(r"(.+?)(?::(\d+))?", error.where or default or str(self.folder or "modules"), re.DOTALL)
        assert where is not None
        text = str(HotloopError(error.what, why=error.why, remedy=error.remedy))
        self.problems.add(Problem(where[1], int(where[2] or 0), text))

    def marks(self, declarations: Declarations, own: Iterable[Found]) -> None:
        """Check the schemas, bind every system and handler, and read what systems write."""
        names = {one.name for one in own}
        systems = [one for one in declarations.systems if one.module in names]
        for cls in declarations.classes:
            if any(is_inside(cls.__module__, f"modules.{name}") for name in names):
                try:
                    schema_of(cls)
                except HotloopError as error:
                    self.report(error, _place(cls, getattr(error, "field", None)))
        schedule = Schedule(World(), Bus())
        for one in systems:
            if self.attempt(partial(schedule.plan, [one]), _place(one.function)):
                self.writes(one)
        self.attempt(partial(_check_names, systems), "")
        for _, function, module in declarations.handlers:
            if module in names:
                self.attempt(partial(read_parameters, function, arguments_allowed=True), _place(function))

    def attempt(self, action: Callable[[], object], place: str) -> bool:
        """Do something that may be refused; report the refusal and return False then."""
        try:
            action()
        except HotloopError as error:
            self.report(error, place)
            return False
        return True

    def writes(self, declared: Declared) -> None:
        """Check what the body of a system writes."""
        code = declared.function.__code__
        tree = ast.parse(Path(code.co_filename).read_bytes())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and code.co_firstlineno in _first_lines(node):
                parameters = view_parameters(read_parameters(declared.function))
                for line, text in write_problems(node, parameters):
                    self.problems.add(Problem(code.co_filename, line, f"{declared.function.__name__} {text}"))

    def imports(self, found: Found) -> None:
        """Check the imports of a module's files; those that cannot be parsed were reported when loaded."""
        public = frozenset(engine.__all__)
        for path, name, tree in _trees(found):
            self.problems.update(import_problems(tree, path, name, found, public))


def _with_features(found: Found) -> str:
    features = ",".join(sorted(found.manifest.features))
    return f"{found.name}[{features}]" if features else found.name


def _check_names(systems: Iterable[Declared]) -> None:
    """Refuse two systems of one name."""
    seen: set[str] = set()
    for one in systems:
        if one.name in seen:
            raise ScheduleError(f"two systems are called {one.name}", where=_place(one.function), remedy="rename one")
        seen.add(one.name)


def _first_lines(node: ast.FunctionDef) -> set[int]:
    """Return the lines at which a function may be said to begin: its own, or its first decorator's."""
    return {node.lineno, *(decorator.lineno for decorator in node.decorator_list[:1])}


def _place(value: Any, field: str | None = None) -> str:
    """Return `file:line` of a function, a class or a field of it."""
    code = getattr(value, "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    try:
        path, line = inspect.getsourcefile(value), inspect.getsourcelines(value)[1]
        if path is not None and field is not None:
            line = line_of_field(Path(path).read_bytes(), value, field) or line
        return f"{path}:{line}"
    except (OSError, TypeError):
        return str(value.__module__)


def _trees(found: Found) -> Iterator[tuple[Path, str, ast.Module]]:
    for path in sorted(found.folder.rglob("*.py")):
        if not path.is_file() or not belongs(path.relative_to(found.folder).parts):
            continue
        parts = path.relative_to(found.folder).with_suffix("").parts
        name = ".".join([found.python_name, *(part for part in parts if part != "__init__")])
        try:
            yield path, name, ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
