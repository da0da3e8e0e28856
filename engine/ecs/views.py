"""Generated views of a component: its columns in one table, for reading or writing, under the class's own methods.

A view is an instance of a subclass of the component's class with a slot for each field and vector. Reading a field is
a slot access and gives the column itself; writing is possible only where the view came through `Mut`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import Any, Literal

from engine.ecs.component import field_enum
from engine.ecs.layout import Block, Layout
from engine.ecs.schema import Schema
from engine.ecs.texts import Interner, TextColumn
from engine.errors import ComponentError, did_you_mean

Puts = list[tuple[Callable[[Any, Any], None], int, int | slice, "type[enum.Enum] | Literal[False] | None"]]


class Views:
    """The view classes of one component in one world, for one schema."""

    __slots__ = ("_known", "cls", "layout", "members", "mut", "read", "rows", "scatter", "schema")

    def __init__(self, cls: type | None, schema: Schema, layout: Layout) -> None:
        self.cls, self.schema, self.layout = cls, schema, layout
        self.members: dict[str, type[enum.Enum] | None] = {
            field.name: field_enum(cls, field.name) for field in schema.fields if field.kind == "enum"
        }
        self.read = self.subclass(_refuse_write(schema))
        self.mut = self.subclass(_write_column(schema, layout))
        self.scatter: type | None = None
        self._known: dict[type, Puts] = {}
        self.rows: dict[bool, type] = {}

    def subclass(self, setter: Callable[[Any, str, Any], None], hidden: tuple[str, ...] = ()) -> type:
        """Return a subclass with a slot for each field and vector, and for hidden attributes besides."""
        base = self.cls if self.cls is not None else object
        name = self.schema.name.rpartition(".")[2]
        names = tuple(self.layout.places)
        body: dict[str, Any] = {
            "__slots__": (*names, *hidden),
            "__setattr__": setter,
            "__repr__": _show(name, names),
            "__module__": base.__module__,
            "__qualname__": getattr(base, "__qualname__", name) if base is not object else name,
            "__doc__": base.__doc__,
        }
        return type(name, (base,), body)

    def make(self, blocks: Sequence[Block], interner: Interner, mut: bool) -> Any:
        """Return a view of the columns in the blocks; read views take blocks that are read-only already."""
        return self.fill(self.mut if mut else self.read, blocks, interner)

    def fill(self, cls: type, blocks: Sequence[Block], interner: Interner) -> Any:
        """Return an instance of one of the view classes, its slots holding the columns in the blocks."""
        view: Any = object.__new__(cls)
        for put, block, rows, members in self._puts(cls):
            column: Any = blocks[block][rows]
            put(view, column if members is None else TextColumn(column, interner, members or None))
        return view

    def _puts(self, cls: type) -> Puts:
        """Return, for each slot: what sets it, block, rows, and for text its Enum, or False for plain text."""
        found = self._known.get(cls)
        if found is None:
            texts = {field.name for field in self.schema.fields if field.dtype == "text"}
            found = self._known[cls] = [
                (
                    cls.__dict__[name].__set__,
                    place.block,
                    slice(place.start, place.stop) if place.several else place.start,
                    (self.members.get(name) or False) if name in texts else None,
                )
                for name, place in self.layout.places.items()
            ]
        return found


def _refuse_write(schema: Schema) -> Callable[[Any, str, Any], None]:
    short = schema.name.rpartition(".")[2]

    def __setattr__(self: Any, name: str, value: Any) -> None:
        refuse_unknown(self, schema, name)
        remedy = f"ask for Mut[{short}]" if schema.kind == "component" else "events are facts; send another"
        raise ComponentError(f"{short}.{name} is read-only here", remedy=remedy, state="nothing was written")

    return __setattr__


def _write_column(schema: Schema, layout: Layout) -> Callable[[Any, str, Any], None]:
    places = layout.places

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if name in places:
            column = getattr(self, name)
            if column is not value:
                column[...] = value
        else:
            refuse_unknown(self, schema, name)
            object.__setattr__(self, name, value)

    return __setattr__


def refuse_unknown(view: Any, schema: Schema, name: str) -> None:
    """Raise for an attribute that is neither declared nor a property of the component's class."""
    known = [field.name for field in schema.fields] + [vector for vector, _ in schema.vectors]
    if name not in known and not isinstance(getattr(type(view), name, None), property):
        remedy = did_you_mean(name, known) or f"its fields are {', '.join(known) or 'none'}"
        raise ComponentError(f"{schema.name} has no field {name!r}", remedy=remedy, state="nothing was written")


def _show(short: str, names: tuple[str, ...]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:
        return f"{short}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__
