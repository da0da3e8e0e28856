"""What a statement finds out by looking instead of by name: annotations kept as text, namespaces, modules by text."""

from __future__ import annotations

import inspect
import marshal
import re
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from engine.reload.analyse import Unit

if TYPE_CHECKING:
    from engine.reload.trace import Trace

ASKING = frozenset({"getattr", "vars", "dir", "getmembers", "__dict__"})
"""Names of what looks into a module or object without naming what it looks for."""
_HINTS = frozenset({"get_type_hints", "get_annotations"})
_IMPORTING = frozenset({"import_module", "__import__", "resolve_name"})
_FEW = 100
_NAME = re.compile(r"[^\W\d]\w*")


def reflect(trace: Trace, unit: Unit, module: ModuleType) -> None:
    """Add to a trace what a statement, and the functions it calls, may read in these ways."""
    code = marshal.loads(unit.code)
    names = trace.names.union(names_in(code))
    if names.isdisjoint(ASKING | _HINTS | _IMPORTING):
        return
    values = [(trace.resolve(path, module.__dict__), how) for path, how in unit.reads]
    if not names.isdisjoint(ASKING):
        for value, how in values:
            if how in ("hold", "use") and isinstance(value, ModuleType) and trace.ours.is_module(value):
                trace.reached[value.__name__, "*"] = None
    if not names.isdisjoint(_HINTS):
        hints = [(module.__name__, name) for name in unit.hints]
        for key in (*hints, *(key for value, how in values if how == "use" for key in _hinted(trace, value))):
            trace.read(key)
    if not names.isdisjoint(_IMPORTING):
        texts = [text for value, _ in values for text in _texts(value)]
        for key in dict.fromkeys(_named(trace, [*texts, *texts_in(code)], names)):
            trace.read(key)


def _hinted(trace: Trace, value: Any) -> Iterator[tuple[str, str]]:
    """Yield what the annotations of a function or class name, where they are kept as text."""
    owners = value.__mro__ if isinstance(value, type) else (value,) if isinstance(value, FunctionType) else ()
    for owner in owners:
        said = inspect.get_annotations(owner) if trace.ours.space(owner.__module__) is not None else {}
        for text in said.values():
            yield from ((owner.__module__, name) for name in (_NAME.findall(text) if isinstance(text, str) else ()))


def _named(trace: Trace, texts: Iterable[str], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what is asked of the modules that texts such as `en`, `lang.en` and `lang.en:TITLE` stand for."""
    for text in texts:
        head, _, item = text.partition(":")
        for name in trace.ours.modules():
            inside = head.startswith(name + ".")
            if name == head or name.endswith("." + head) or inside:
                rest = head[len(name) + 1 :] if inside else item
                space = trace.ours.space(name) or {}
                yield name, ""
                yield from ((name, one) for one in (*names, rest.partition(".")[0]) if one in space)


def _texts(value: Any) -> Iterator[str]:
    """Yield a text, or those in a container of a few."""
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    for part in parts if isinstance(value, dict | list | tuple | set) and len(value) <= _FEW else (value,):
        if isinstance(part, str):
            yield part


def texts_in(code: Any) -> Iterator[str]:
    """Yield the texts among the constants of code and of the code inside it."""
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif hasattr(constant, "co_consts"):
            yield from texts_in(constant)


def names_in(code: Any) -> Iterator[str]:
    """Yield the names of globals and attributes that code and the code inside it mention."""
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_consts"):
            yield from names_in(constant)
