"""One row of a bundle as bytes, by a function generated for the component classes: the short way of a single entity.

It takes what the common case consists of: single numbers, truths and texts. Everything else, and every mistake, goes
the long way through `columns_of`, which knows what to say. Which way a bundle goes follows from its values alone.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.ecs.schema import Field
from engine.ecs.table import ComponentInfo, Table
from engine.ecs.texts import Interner
from engine.ecs.values import Columns

_CODES = {
    "bool": "?",
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
    "text": "I",
}
# What rounds once on its way into a float column, as numpy does it; longer whole numbers would round twice.
_SMALL = (np.bool_, np.int8, np.int16, np.int32, np.uint8, np.uint16, np.uint32)
_FLOATS = frozenset({float, int, bool, np.float16, np.float32, np.float64, *_SMALL})
_LEAST, _MOST = -(2**63), 2**64 - 1
_WHOLE = frozenset({int, bool, np.int64, np.uint64, *_SMALL[1:]})


class Packer:
    """Turns bundles of certain component classes, given in a certain order, into bytes and back into columns.

    `pack(components)` returns the bytes of a row, or None for what has to go the long way; `unpack(bytes)` the
    row's numbers, in the order of `Table.row_cells`. `table` is filled in by the storage.
    """

    __slots__ = ("_dtype", "_fields", "key", "names", "pack", "parts", "table", "unpack")

    def __init__(self, infos: Sequence[ComponentInfo], classes: Sequence[type], texts: Callable[[], Interner]) -> None:
        self.names = tuple(info.name for info in infos)
        self.key = tuple(sorted(self.names))
        self.table: Table | None = None
        # Component and field of each value, in the order in which their numbers lie in a row.
        self._fields = [
            (info.name, field)
            for info in sorted(infos, key=lambda info: info.name)
            for field in sorted(
                info.schema.fields, key=lambda f: (info.layout.writes[f.name][0], info.layout.writes[f.name][1])
            )
        ]
        # Which numbers of a row are whose.
        self.parts: dict[str, slice] = {}
        start = 0
        for info in sorted(infos, key=lambda info: info.name):
            size = sum(field.size for field in info.schema.fields)
            self.parts[info.name] = slice(start, start + size)
            start += size
        formats = [f"{field.size}{_CODES[field.dtype]}" for _, field in self._fields]
        layout = struct.Struct("=" + "".join(formats))
        self.unpack: Callable[[bytes], tuple[Any, ...]] = layout.unpack
        # A tag has no bytes, of which numpy could not tell how many rows they are.
        self._dtype = np.dtype(
            [
                (str(at), "u4" if field.dtype == "text" else field.dtype, field.shape)
                for at, (_, field) in enumerate(self._fields)
            ]
        )
        self.pack: Callable[[tuple[Any, ...]], bytes | None] = _generate(self, infos, classes, layout.pack, texts)

    def columns(self, rows: list[bytes]) -> dict[str, Columns]:
        """Return packed rows as columns by component and field."""
        bundle: dict[str, Columns] = {name: {} for name in self.names}
        if self._fields:
            packed = np.frombuffer(b"".join(rows), self._dtype)
            for at, (name, field) in enumerate(self._fields):
                bundle[name][field.name] = packed[str(at)].T
        return bundle


def packable(infos: Sequence[ComponentInfo]) -> bool:
    """Tell whether all fields have a packed form, and no component comes twice."""
    names = {info.name for info in infos}
    return len(names) == len(infos) and all(field.dtype in _CODES for info in infos for field in info.schema.fields)


def _generate(
    packer: Packer,
    infos: Sequence[ComponentInfo],
    classes: Sequence[type],
    pack: Callable[..., bytes],
    texts: Callable[[], Interner],
) -> Callable[[tuple[Any, ...]], bytes | None]:
    """Write the function `pack`: one attribute access and one comparison for each value of the expected class."""
    scope: dict[str, Any] = {"packed": pack, "floats": _FLOATS, "whole": _WHOLE, "texts": texts, "spread": _spread}
    scope.update((f"t{at}", cls) for at, cls in enumerate(classes))
    given = [f"c{at}" for at in range(len(classes))]
    # Another number of components than expected cannot be unpacked, which is an exception as well.
    lines = ["def pack(given):", " try:", f"  {', '.join(given) + ',' if given else '()'} = given"]
    lines += [f"  if c{at}.__class__ is not t{at}: return None" for at in range(len(classes))]
    order = {info.name: at for at, info in enumerate(infos)}
    floats: list[str] = []
    values: list[str] = []
    for at, (name, field) in enumerate(packer._fields):
        lines.append(f"  v{at} = c{order[name]}.{field.name}")
        values.append(_value(at, field, infos[order[name]], scope, lines, floats))
    if floats:
        expected = " is ".join(f"{name}.__class__" for name in floats)
        every = ", ".join(f"{name}.__class__" for name in floats)
        lines.append(f"  if not ({expected} is float) and not floats.issuperset(({every},)): return None")
    lines += [f"  return packed({', '.join(values)})", " except Exception: return None"]
    exec(compile("\n".join(lines), "<packer>", "exec", dont_inherit=True), scope)
    made: Callable[[tuple[Any, ...]], bytes | None] = scope["pack"]
    return made


def _value(
    at: int, field: Field, info: ComponentInfo, scope: dict[str, Any], lines: list[str], floats: list[str]
) -> str:
    """Add the check of one value, and return the expression that packs it."""
    name = f"v{at}"
    kind = "text" if field.dtype == "text" else np.dtype(field.dtype).kind
    member = info.views.members.get(field.name)
    if field.shape:
        scope[f"k{at}"] = {"b": frozenset({bool}), "f": _FLOATS}.get(kind, _WHOLE)
        return f"*spread({name}, {field.size}, k{at})"
    if kind == "text" and member is not None:
        scope[f"e{at}"] = member
        lines.append(f"  if {name}.__class__ is not e{at}: return None")
        return f"texts().code({name}._name_)"
    if kind == "text":
        lines.append(f"  if {name}.__class__ is not str: return None")
        return f"texts().code({name})"
    if kind == "b":
        lines.append(f"  if {name}.__class__ is not bool: return None")
    elif kind == "f":
        floats.append(name)
    else:
        scope[f"e{at}"] = member or int
        lines.append(f"  if {name}.__class__ is not e{at} and {name}.__class__ not in whole: return None")
    return name


def _spread(value: Any, size: int, kinds: frozenset[type]) -> tuple[Any, ...]:
    """Return the numbers of a field that has several, one number standing for all; raise for anything else."""
    found = (value,) * size if value.__class__ in kinds else value
    if found.__class__ not in (tuple, list) or len(found) != size or not kinds.issuperset(map(type, found)):
        raise TypeError
    if any(one.__class__ is int and not _LEAST <= one <= _MOST for one in found):
        raise TypeError  # no number to numpy, whatever the column could hold
    return tuple(found)
