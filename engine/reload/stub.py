"""A migration to paste: it runs as it is, and says what it would lose."""

from __future__ import annotations

import math
from typing import Any

from engine.ecs.component import construct_default
from engine.ecs.fields import NUMBER_DTYPES
from engine.ecs.schema import Field, Schema
from engine.errors import HotloopError
from engine.reload.carry import source_of


def stub(old: Schema, new: Schema, cls: type) -> str:
    """Return the source of a migration: what was, what is now, and a function that fills every new field.

    It may stand anywhere below the class, which gets the version that the function leads to.
    """
    to = max(new.version, old.version + 1)
    name = cls.__qualname__
    sources = {one.name: source_of(one, old, new) for one in new.fields}
    used = {source.name for source in sources.values() if source is not None}
    lines = [
        "from engine import migrate",
        "",
        "",
        f"# was: {_signature(old)}",
        f"# now: {_signature(new)}",
        f"@migrate({name}, to={to})",
        f"def migrate_{name.replace('.', '_').lower()}_to_{to}(old: dict) -> dict:",
        *(f'    # lost unless it is used: old["{one.name}"]' for one in old.fields if one.name not in used),
        "    return {",
        *(f'        "{one.name}": {_value(one, sources[one.name], cls)},' for one in new.fields),
        "    }",
    ]
    return "\n".join(lines)


def _signature(schema: Schema) -> str:
    return ", ".join(f"{one.name}: {one.written}" for one in schema.fields) or "no fields"


def _value(one: Field, source: Field | None, cls: type) -> str:
    """Return the expression for a field: the old values in its type where that is possible, else its default."""
    if source is None:
        return _default(one, cls)
    old = f'old["{source.name}"]'
    if (source.dtype, source.shape, source.kind) == (one.dtype, one.shape, one.kind):
        return old
    if one.kind == "value":
        plain = one.dtype in ("int", "float", "bool") and source.dtype in ("int", "float", "bool")
        return f"{one.dtype}({old})" if plain or one.dtype == "str" else _default(one, cls)
    if source.dtype == one.dtype == "text":
        return old
    if one.kind in ("text", "handle") and source.dtype in NUMBER_DTYPES and not source.shape:
        return f"[str(value) for value in {old}.tolist()]"
    if one.dtype in NUMBER_DTYPES and source.dtype in NUMBER_DTYPES and source.shape == one.shape:
        return f'{old}.astype("{one.dtype}")'
    return _default(one, cls)


def _default(one: Field, cls: type) -> str:
    if one.kind == "value":
        try:
            return _literal(construct_default(cls, one.name))
        except HotloopError:
            return "None"
    return _literal(one.default)


def _literal(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return repr(value)
