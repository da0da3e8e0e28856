"""Which systems read and write which fields, as far as their text shows it plainly."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.check.views import view_parameters
from engine.check.writes import Parameters, Reader, Viewed
from engine.ecs.component import qualified_name, schema_of
from engine.ecs.terms import parse_terms
from engine.schedule import System


@dataclass
class Flow:
    """Names of systems, by qualified name of what they touch and by field of it."""

    readers: dict[str, list[str]] = field(default_factory=dict)
    writers: dict[str, list[str]] = field(default_factory=dict)
    fields_read: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    fields_written: dict[tuple[str, str], list[str]] = field(default_factory=dict)


class _Touched(Reader):
    """Notes the fields that a system's body reads and writes."""

    def __init__(self, parameters: Parameters) -> None:
        super().__init__(parameters)
        self.reads: set[tuple[str, str]] = set()
        self.writes: set[tuple[str, str]] = set()

    def check_field(self, viewed: Viewed, field: str, line: int) -> None:
        self.reads.add((viewed.name, field))

    def write(self, target: ast.expr, value: ast.expr | None, operator: ast.operator | None) -> None:
        inner: ast.expr = target
        while isinstance(inner, ast.Subscript):
            inner = inner.value
        if not isinstance(inner, ast.Attribute):
            return
        viewed = self.value_of(inner.value)
        if isinstance(viewed, Viewed):
            self.writes.add((viewed.name, inner.attr))
            if operator is not None:
                self.reads.add((viewed.name, inner.attr))


def flow_of(systems: Iterable[System]) -> Flow:
    """Return what the systems read and write."""
    flow = Flow()
    for system in systems:
        classes = _classes(system)
        for cls, written in classes.items():
            for kept in (flow.readers, flow.writers)[: 1 + written]:
                kept.setdefault(qualified_name(cls), []).append(system.name)
        touched = _touched(system)
        if touched is None:
            continue
        by_short = {cls.__name__: cls for cls in classes}
        for pairs, fields in ((touched.reads, flow.fields_read), (touched.writes, flow.fields_written)):
            for name in sorted({one for short, part in pairs if short in by_short
                                for one in _stored(by_short[short], part)}):  # fmt: skip
                fields.setdefault(name, []).append(system.name)
    return flow


def _classes(system: System) -> dict[Any, bool]:
    """Return the components, events and resources among a system's parameters, and whether it may write them."""
    found: dict[Any, bool] = {}
    for parameter in system.parameters:
        if parameter.kind == "query":
            terms = parse_terms(parameter.target)
            written = {term.name for term in terms.data if term.mut}
            for cls in terms.classes:
                found[cls] = found.get(cls, False) or qualified_name(cls) in written
        elif parameter.kind in ("events", "send", "resource") and hasattr(parameter.target, "__mark__"):
            written_one = parameter.mutable or parameter.kind == "send"
            found[parameter.target] = found.get(parameter.target, False) or written_one
    return found


def _touched(system: System) -> _Touched | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(system.function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    if not isinstance(tree, ast.FunctionDef):
        return None
    touched = _Touched(view_parameters(system.parameters))
    touched.read(tree.body)
    return touched


def _stored(cls: Any, name: str) -> list[tuple[str, str]]:
    """Return the fields behind a field or vector."""
    schema = schema_of(cls)
    vectors: Mapping[str, tuple[str, ...]] = dict(schema.vectors)
    names = vectors.get(name, (name,) if name in schema.by_name else ())
    return [(schema.name, one) for one in names]
