"""Who imports whom, read from the syntax tree, and what the rules of the house say about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.check.problem import Problem
from engine.reload.discover import Found
from engine.reload.imports import import_fault


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
        text = import_fault(found, one.module, one.name or "", public, relative=one.relative)
        if text:
            problems.append(Problem(str(path), one.line, text))
    return problems
