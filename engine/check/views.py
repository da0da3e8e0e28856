"""From a system that was loaded to what the syntax tree is checked against: its parameters, with their fields."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.binding import Parameter
from engine.check.writes import Parameters, Step, Viewed, writing_methods
from engine.ecs.component import mark_of, qualified_name, schema_of
from engine.ecs.events import event_schema
from engine.ecs.schema import Schema
from engine.ecs.terms import parse_terms


def view_parameters(parameters: Iterable[Parameter]) -> Parameters:
    """Return the queries, the events and the resources among a system's parameters."""
    queries: dict[str, Step] = {}
    resources: dict[str, Viewed] = {}
    for parameter in parameters:
        if parameter.kind == "query":
            queries[parameter.name] = _step(parameter.target)
        elif parameter.kind == "events":
            queries[parameter.name] = _event(parameter.target)
        elif parameter.kind == "resource" and not _is_transient(parameter.target):
            resources[parameter.name] = _resource(parameter.target, parameter.mutable)
    return Parameters(queries, resources)


def _is_transient(cls: Any) -> bool:
    return bool(getattr(mark_of(cls, "resource"), "transient", False))


def _step(terms: Sequence[Any]) -> Step:
    """Return what iterating a query yields: one view for one data term, a tuple for several."""
    parsed = parse_terms(terms)
    classes = {qualified_name(cls): cls for cls in parsed.classes}
    views = tuple(None if term.maybe or not term.name else _view(classes[term.name], term.mut) for term in parsed.data)
    return views[0] if len(views) == 1 else views


def _view(cls: type, writable: bool) -> Viewed:
    schema = schema_of(cls)
    numbers = {field.name: _is_whole(field.dtype) for field in schema.fields if field.kind == "number"}
    texts = frozenset(field.name for field in schema.fields if field.kind in ("text", "handle"))
    return Viewed(cls.__name__, writable, numbers, texts, _attributes(cls, schema), _writers(cls))


def _event(event: Any) -> Viewed:
    schema, cls, component = event_schema(event)
    name = (
        cls.__name__ if cls is not None else f"{event.__origin__.__name__}[{component.__name__ if component else ''}]"
    )
    return Viewed(name, False, {}, known=_attributes(cls or object, schema), is_event=True)


def _resource(cls: Any, mutable: bool) -> Viewed:
    known = _attributes(cls, schema_of(cls))
    return Viewed(cls.__name__, mutable, {}, known=known, writers=_writers(cls), is_resource=True)


def _is_whole(dtype: str) -> bool:
    return bool(np.issubdtype(np.dtype(dtype), np.integer))


def _attributes(cls: type, schema: Schema) -> frozenset[str]:
    vectors = (name for name, _ in schema.vectors)
    return frozenset((*schema.by_name, *vectors, *dir(cls)))


def _writers(cls: type) -> frozenset[str]:
    """Return the methods of a class that write its fields, read from the file that declares it."""
    try:
        tree = ast.parse(Path(inspect.getfile(cls)).read_bytes())
    except (OSError, TypeError, SyntaxError, ValueError):
        return frozenset()
    found = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    return frozenset().union(*(writing_methods(node) for node in found))
