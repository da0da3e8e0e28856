"""What a recorded kernel rests on: code and values from outside that it read. While they are the same it holds."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.kernels.nodes import UntraceableError

CONSTANTS = (bool, int, float, np.generic)
LIBRARIES = (types.BuiltinFunctionType, np.ufunc, type)


class Evidence:
    """What a function calls and reads from outside: code, values of its modules, and of the scopes around it."""

    def __init__(self) -> None:
        self._codes: list[tuple[types.FunctionType, types.CodeType]] = []
        self._values: list[tuple[dict[str, Any], str, Any]] = []
        self._cells: list[tuple[Any, Any]] = []

    def __bool__(self) -> bool:
        return bool(self._codes or self._values or self._cells)

    def holds(self) -> bool:
        """Tell whether everything is as it was."""
        for function, code in self._codes:
            if function.__code__ is not code:
                return False
        for space, name, value in self._values:
            if space.get(name) is not value:
                return False
        return all(cell.cell_contents is value for cell, value in self._cells)

    def gather(self, function: types.FunctionType) -> None:
        """Add what a function rests on, apart from its own code.

        Raises UntraceableError where it reads something that may change without being assigned anew.
        """
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._judge(value, function.__name__)
        for cell in function.__closure__ or ():
            self._cells.append((cell, cell.cell_contents))
            self._judge(cell.cell_contents, function.__name__)
        for names in outside_names(function.__code__):
            self._follow(function.__globals__, names)

    def _follow(self, space: dict[str, Any], names: list[str]) -> None:
        """Note the value of a dotted name, module by module."""
        for name in names:
            if name not in space:
                return  # a builtin, or an error when it is called
            value = space[name]
            self._values.append((space, name, value))
            if not isinstance(value, types.ModuleType):
                self._judge(value, name)
                return
            space = vars(value)

    def _judge(self, value: Any, name: str) -> None:
        if isinstance(value, types.FunctionType):
            if all(known is not value for known, _ in self._codes):
                self._codes.append((value, value.__code__))
                self.gather(value)
        elif not isinstance(value, (*CONSTANTS, *LIBRARIES)) and value is not None:
            raise UntraceableError(f"{name} reads a {type(value).__name__}, which may change")


def outside_names(code: types.CodeType) -> Iterator[list[str]]:
    """Yield the dotted names that code reads from its module: `["np", "sqrt"]`, `["SPEED"]`."""
    found: list[str] = []
    for one in dis.get_instructions(code):
        if one.opname in ("LOAD_ATTR", "LOAD_METHOD") and found:
            found.append(one.argval)
            continue
        if found:
            yield found
        found = [one.argval] if one.opname in ("LOAD_GLOBAL", "LOAD_NAME") else []
    if found:
        yield found
