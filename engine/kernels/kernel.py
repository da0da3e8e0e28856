"""`@kernel`: a function of one row that is called with a query and runs for all its rows."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from engine.ecs.component import qualified_name
from engine.ecs.query import Query
from engine.ecs.schema import Field
from engine.ecs.storage import Storage
from engine.ecs.terms import Data, parse_terms
from engine.errors import HotloopError, KernelError
from engine.kernels.native import Compiler
from engine.kernels.trace import Part
from engine.kernels.variant import Bound, Variant

SCALARS = (float, int, bool)
VARIANTS_KEPT = 4
"""How many versions of a kernel are kept, so that an edit that is taken back finds its machine code again."""


def kernel(function: Callable[..., None]) -> Kernel:
    """Mark a function as a kernel: written for one row, called with a query, run for all its rows.

    Its parameters are components, `Mut[C]` where it writes their fields, then scalars annotated float, int or bool.
    """
    return Kernel(function)


class Kernel:
    """A function of one row that runs for whole tables: `drift(rows, time.dt)` in a system that has the query `rows`.

    The query must have the kernel's components among its data terms, as `Mut` where the kernel writes. Operations keep
    the dtypes of the columns, scalars adapt to them, as everywhere in numpy. How the rows are gone through makes no
    difference to kernels that only use + - * / comparisons, branches, `abs`, `min`, `max` and `np.sqrt`; other
    functions may differ in the last bits, so such a kernel is compiled only if `World.kernel_mode` says so.
    """

    def __init__(self, function: Callable[..., None]) -> None:
        self.function = function
        self._variants: list[Variant] = []
        self._signature: Signature | None = None
        update_wrapper(self, function)

    def __call__(self, rows: Query[*tuple[Any, ...]], *scalars: float) -> None:
        """Run for all rows of a query. Raises KernelError where the query or the scalars do not fit."""
        steps = rows.steps()
        bound: Bound | None = rows.kernels.get(self)
        if (
            bound is None
            or (bound.steps is not steps and not bound.serves(steps))
            or bound.code is not self.function.__code__
            or (bound.is_watched and not bound.holds())
        ):
            bound = rows.kernels[self] = self._bind(rows, steps)
        if len(scalars) != bound.scalars:
            what = f"kernel {qualified_name(self.function)} takes {bound.scalars} scalars, {len(scalars)} were given"
            raise KernelError(what, remedy="give one for each parameter after the components", kernel=self)
        bound.run(*scalars)

    def how(self, rows: Query[*tuple[Any, ...]]) -> str:
        """Tell how it runs on a query: "compiled", "numpy", or "row by row" and why."""
        bound = self._bind(rows, rows.steps())
        return f"{bound.how}: {bound.variant.why}" if bound.variant.why else bound.how

    def wait(self) -> None:
        """Wait for machine code that is being made; for tests and benchmarks, a game goes on meanwhile."""
        for variant in self._variants:
            if variant.native is not None:
                variant.native.wait()

    def _bind(self, rows: Query[*tuple[Any, ...]], steps: list[Any]) -> Bound:
        if self._signature is None or not self._signature.holds(self.function):
            self._signature = Signature(self.function)
        signature, storage = self._signature, rows.storage
        places = [_place(self, one, rows.terms.data) for one in signature.data]
        parts = tuple(_part(storage, one) for one in signature.data)
        alike = (one for one in self._variants if (one.parts, one.scalars) == (parts, signature.scalars))
        variant = next((one for one in alike if one.holds()), None)
        if variant is None:
            variant = Variant(self.function, parts, signature.scalars)
            self._variants = [variant, *self._variants[: VARIANTS_KEPT - 1]]
        compiled = variant.exact or storage.kernel_mode == "compiled"
        if compiled:
            # Where the bits depend on it, machine code is waited for: when it comes must not decide what happens.
            if storage.kernel_compiler is None:
                storage.kernel_compiler = Compiler()
            variant.compile(not variant.exact, storage.kernel_compiler)
        return Bound(variant, steps, places, compiled=compiled)


class Signature:
    """The parameters of a kernel: components by their terms, then scalars by their types."""

    def __init__(self, function: Any) -> None:
        self.data: list[Data] = []
        self.scalars: list[type] = []
        self._annotations = dict(function.__annotations__)
        try:
            hints = typing.get_type_hints(function, include_extras=True)
        except Exception as error:
            raise _wrong(function, "has an annotation that cannot be read", f"{error!r}") from error
        for name in inspect.signature(function).parameters:
            self._add(function, name, hints.get(name))
        if not self.data:
            raise _wrong(function, "has no component", "there are no rows to go through")

    def _add(self, function: Any, name: str, hint: Any) -> None:
        if hint in SCALARS:
            self.scalars.append(hint)
            return
        try:
            found = parse_terms((hint,)).data[0]
        except HotloopError as error:
            raise _wrong(
                function, f"has a parameter {name!r} that is no component and no scalar", str(error)
            ) from error
        if self.scalars or found.maybe or not found.name:
            raise _wrong(function, f"has {name!r} out of place", "components come first, scalars after them")
        self.data.append(found)

    def holds(self, function: Any) -> bool:
        """Tell whether the function still has these annotations."""
        same: bool = function.__annotations__ == self._annotations
        return same


def _wrong(function: Any, what: str, why: str) -> KernelError:
    code = function.__code__
    return KernelError(
        f"kernel {qualified_name(function)} {what}",
        where=f"{code.co_filename}:{code.co_firstlineno}",
        why=why,
        remedy="annotate components as C or Mut[C], then scalars as float, int or bool",
        kernel=function,
    )


def _place(kernel: Kernel, wanted: Data, given: tuple[Data, ...]) -> int:
    """Return which data term of a query is a kernel's parameter."""
    name = qualified_name(kernel.function)
    short = wanted.name.rpartition(".")[2]
    for at, one in enumerate(given):
        if one.name == wanted.name and not one.maybe:
            if wanted.mut and not one.mut:
                what, why = f"kernel {name} writes {short}", f"the query only reads {short}"
                raise KernelError(what, why=why, remedy=f"ask for Mut[{short}]", state="nothing ran", kernel=kernel)
            return at
    what, why = f"kernel {name} needs {short}", f"the query has no data term {short}"
    raise KernelError(what, why=why, remedy=f"add {short} to the query", state="nothing ran", kernel=kernel)


def _part(storage: Storage, wanted: Data) -> Part:
    """Return how a component is stored now."""
    info = storage.info(wanted.cls)
    dtypes = tuple((one.name, np.dtype(one.dtype)) for one in info.schema.fields if _is_plain(one))
    fields = tuple((name, place.several) for name, place in info.layout.places.items())
    return Part(info.name, dtypes, fields, wanted.mut)


def _is_plain(field: Field) -> bool:
    return field.kind in ("number", "entity") and not field.shape
