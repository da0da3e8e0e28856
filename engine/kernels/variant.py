"""One version of a kernel, over columns of certain dtypes, and what it becomes on the tables of one query."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_not
from typing import Any

import numpy as np

from engine.kernels.assembly import assembly, libcalls
from engine.kernels.evidence import Evidence
from engine.kernels.native import Compiler, Native, is_available
from engine.kernels.nodes import UntraceableError
from engine.kernels.rows import row_class, run_rows
from engine.kernels.trace import Part, Program, Recorder
from engine.kernels.vector import Uniforms, vector_step

LOUD = frozenset({"select", "div", "sqrt", "log"})
"""Operations that numpy may warn of."""


class Variant:
    """A kernel's function as it is now: recorded, or, with the reason in `why`, to be run row by row."""

    def __init__(self, function: Any, parts: tuple[Part, ...], scalars: list[type]) -> None:
        self.function, self.parts, self.scalars = function, parts, scalars
        self.program: Program | None = None
        self.native: Native | None = None
        self.why = ""
        self.code = function.__code__
        self.evidence = Evidence()
        try:
            self.evidence.gather(function)
            program = Recorder(function, parts, scalars).record()
            self.uniforms = Uniforms(program, len(scalars))
            self.step = vector_step(program, self.uniforms)
            self.is_loud = any(node.op in LOUD for node in program.needed)
            self.program = program
        except UntraceableError as error:
            self.evidence, self.why = Evidence(), str(error)

    @property
    def exact(self) -> bool:
        """Tell whether all ways to run it give the same bits."""
        return self.program is None or self.program.exact

    def holds(self) -> bool:
        """Tell whether the function, and what it read from outside, are as they were."""
        return self.function.__code__ is self.code and self.evidence.holds()

    def compile(self, wait: bool, compiler: Compiler) -> None:
        """Have machine code made, once, where the extra is installed."""
        if self.native is None and self.program is not None and is_available():
            code = assembly(self.program, self.uniforms)
            self.native = Native(code, len(self.uniforms.nodes), libcalls(self.program), compiler)
        if wait and self.native is not None:
            self.native.wait()


class Bound:
    """A variant on the steps of one query. `run(*scalars)` goes through all rows; `how` says in which way.

    Where `is_watched`, `holds` tells whether it still is the best there is.
    """

    def __init__(self, variant: Variant, steps: list[Any], places: list[int], *, compiled: bool) -> None:
        self.variant, self.steps = variant, steps
        self.run: Callable[..., None] = _nothing
        native = variant.native if compiled else None
        ready = native is not None and native.run is not None
        self._awaited = None if ready else native
        self.code, self.scalars = variant.code, len(variant.scalars)
        self.is_watched = bool(variant.evidence or self._awaited)
        self.how = "compiled" if ready else "numpy" if variant.program is not None else "row by row"
        found = [[step[at] for at in places] if isinstance(step, tuple) else [step] for step in steps]
        if not found:
            return
        if variant.program is None:
            self._by_row(found)
            return
        if not variant.program.places:
            return  # what is left of it touches no column
        self._columns = [[getattr(views[number], name) for number, name in variant.program.places] for views in found]
        if ready and all(one.strides == (one.itemsize,) for columns in self._columns for one in columns):
            self._by_machine()
        else:
            self.how = "numpy"
            self.run = self._quietly if variant.is_loud else self._by_column

    def serves(self, steps: list[Any]) -> bool:
        """Tell whether these are the steps it was made for."""
        if steps is self.steps:
            return True
        if len(steps) != len(self.steps) or any(map(is_not, steps, self.steps)):
            return False
        self.steps = steps
        return True

    def holds(self) -> bool:
        """Tell whether what the function reads is as it was, and there is no faster way by now."""
        return self.variant.evidence.holds() and (self._awaited is None or self._awaited.run is None)

    def _by_machine(self) -> None:
        assert self.variant.native is not None
        assert self.variant.native.run is not None
        numbers = [len(self._columns)]
        for columns in self._columns:
            numbers += [columns[0].size, *(column.ctypes.data for column in columns)]
        self._list = np.array(numbers, np.int64)
        self.run = self.variant.uniforms.caller(self.variant.native, self._list.ctypes.data)

    def _by_column(self, *scalars: Any) -> None:
        typed = self.variant.uniforms.typed(*scalars)
        for columns in self._columns:
            self.variant.step(*columns, *typed)

    def _quietly(self, *scalars: Any) -> None:
        # Both sides of a branch are computed, also where the condition shuts one of them out.
        with np.errstate(all="ignore"):
            self._by_column(*scalars)

    def _by_row(self, found: list[list[Any]]) -> None:
        parts = self.variant.parts
        classes = [row_class(part.name.rpartition(".")[2], part.fields, part.mut) for part in parts]
        tables: list[tuple[list[Any], int]] = []
        for views in found:
            rows: list[Any] = [cls() for cls in classes]
            for row, view, part in zip(rows, views, parts, strict=True):
                row.columns = [getattr(view, name) for name, _ in part.fields]
            first = next((column for row in rows for column in row.columns), None)
            tables.append((rows, 0 if first is None else len(first) if first.ndim == 1 else first.shape[1]))
        function, kinds = self.variant.function, self.variant.scalars

        def run(*scalars: Any) -> None:
            plain = [kind(value) for kind, value in zip(kinds, scalars, strict=True)]
            for rows, count in tables:
                run_rows(function, rows, count, plain)

        self.run = run


def _nothing(*scalars: Any) -> None:
    """Run on no rows."""
