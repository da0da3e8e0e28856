"""Who imports whom, read from the syntax tree, and what the rules of the house say about it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.check.problem import Problem
from engine.reload.discover import Found
from engine.reload.manifest import ROOMS

PUBLIC = "engine"
FRAMEWORKS: Mapping[str, str | None] = {"pygame": "systems", "watchdog": None}
"""Libraries that one room only may import, or nobody outside the engine."""


@dataclass(frozen=True)
class Import:
    """One imported thing: the module it comes from, and its name if it is taken out of that module."""

    module: str
    name: str | None
    line: int
    relative: bool = False

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.partition(".")[0]

    @property
    def full(self) -> str:
        """The dotted name of what is imported; the last part may be a module or anything inside one."""
        return f"{self.module}.{self.name}" if self.name else self.module


def imports_of(tree: ast.AST, python_name: str, is_package: bool) -> Iterator[Import]:
    """Yield every import of a file, relative ones made absolute, those inside functions included.

    A relative import that leaves the top package yields a module that begins with a dot.
    """
    package = python_name.split(".") if is_package else python_name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                keep = len(package) - node.level + 1
                base = ".".join(package[:keep]) if keep > 0 else "." * node.level
                module = f"{base}.{module}" if module else base
            for alias in node.names:
                yield Import(module, None if alias.name == "*" else alias.name, node.lineno, node.level > 0)


def import_problems(tree: ast.AST, path: Path, python_name: str, found: Found, public: frozenset[str]) -> list[Problem]:
    """Return what a module's file imports against the rules; `public` are the public names of the engine."""
    problems = []
    for one in imports_of(tree, python_name, path.name == "__init__.py"):
        text = _engine(one, public) or _modules(one, found) or _library(one, found)
        if text:
            problems.append(Problem(str(path), one.line, text))
    return problems


def _engine(one: Import, public: frozenset[str]) -> str | None:
    if one.top != PUBLIC:
        return None
    if one.module == PUBLIC and (one.name is None or one.name in public):
        return None
    return f"imports {one.full}, which is the engine's own business; import public names: `from engine import ...`"


def _modules(one: Import, found: Found) -> str | None:
    if one.module.startswith("."):
        return "a relative import leaves the module's folder; import another module by its full name"
    if one.top != "modules":
        return None
    parts = one.full.split(".")[1:3]
    name = ".".join(parts)
    if len(parts) < 2 or parts[0] not in ROOMS:
        return f"imports {one.full}, which names no module; write `from modules.core.motion import Position`"
    if name == found.name:
        if found.room != "apps" or one.relative:
            return None
        return "imports its own app by name; import relatively, so that a renamed folder still runs"
    if parts[0] == "systems":
        return f"imports {name}: nothing imports an implementation; import the contract it implements"
    if name not in {requirement.name for requirement in found.manifest.all_requirements()}:
        return f'imports {name} without requiring it; add "{name}~=..." to requires in module.toml'
    return None


def _library(one: Import, found: Found) -> str | None:
    if one.top in FRAMEWORKS:
        room = FRAMEWORKS[one.top]
        if room is None:
            return f"imports {one.top}, which is the engine's own business"
        return None if found.room == room else f"imports {one.top}, which only the room {room!r} may import"
    known = one.top in sys.stdlib_module_names or one.top in (PUBLIC, "modules", "numpy", "")
    if found.room == "core" and not known:
        return f"imports {one.top}: a contract imports nothing but the standard library and numpy"
    return None
