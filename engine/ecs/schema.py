"""A schema as data: what a component, an event or a resource holds, apart from any class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from engine.ecs.fields import NUMBER_DTYPES, WRITTEN
from engine.errors import SnapshotError

Kind = Literal["component", "event", "resource"]
FIELD_KINDS = frozenset({"number", "text", "handle", "enum", "entity", "value"})


@dataclass(frozen=True)
class Field:
    """One field: its dtype ("text" for interned text), the shape of one row, and the value that fills new rows.

    `kind` is "number", "text", "handle", "enum" or "entity"; a resource's field is a "value", whose `dtype` is the
    text of its annotation. `required` says that a constructor has to be given the field, `of` names an Enum.
    `members` are the numbers of one whose members are stored as numbers, by name.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] = ()
    kind: str = "number"
    default: Any = 0
    required: bool = False
    renamed_from: str | None = None
    hashed: bool = True
    of: str = ""
    members: tuple[tuple[str, int], ...] = ()

    @property
    def size(self) -> int:
        """Return how many numbers one row takes."""
        return self.shape[0] if self.shape else 1

    @property
    def written(self) -> str:
        """Return the type as a class writes it."""
        kind = self.kind if self.kind in ("handle", "entity", "enum") else self.dtype
        if self.kind == "number":
            kind = WRITTEN.get(kind, kind)
        return f"{kind}[{self.shape[0]}]" if self.shape else kind

    @property
    def storage(self) -> tuple[str, str, tuple[int, ...], str]:
        """Return what decides how the field is stored."""
        return self.name, self.dtype, self.shape, self.kind

    def to_json(self) -> dict[str, Any]:
        """Return the field as plain data."""
        return {
            "name": self.name,
            "dtype": self.dtype,
            "shape": list(self.shape),
            "kind": self.kind,
            "default": self.default,
            "required": self.required,
            "renamed_from": self.renamed_from,
            "hashed": self.hashed,
            "of": self.of,
            "members": [list(one) for one in self.members],
        }


@dataclass(frozen=True, eq=False)
class Schema:
    """A name, a version and the fields of a component, an event or a resource. Equal when all of it is equal."""

    name: str
    version: int
    kind: Kind
    fields: tuple[Field, ...]
    vectors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    renamed_from: str | None = None
    dropped: tuple[str, ...] = ()
    transient: bool = False

    @cached_property
    def text(self) -> str:
        """Return the canonical text, by which schemas compare."""
        return json.dumps(self.to_json(), sort_keys=True)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Return the fields by name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def scalars(self) -> dict[str, tuple[str, int, int]]:
        """Return, for fields of one number a row, the dtype's letter of kind and its range (of whole numbers)."""
        found: dict[str, tuple[str, int, int]] = {}
        for field in self.fields:
            if field.kind != "value" and field.dtype != "text" and not field.shape:
                dtype = np.dtype(field.dtype)
                limits = np.iinfo(dtype) if dtype.kind in "iu" else None
                found[field.name] = (dtype.kind, int(limits.min), int(limits.max)) if limits else (dtype.kind, 0, 1)
        return found

    @cached_property
    def storage(self) -> tuple[Any, ...]:
        """Return what decides how rows are stored; schemas that agree in it share columns without a migration."""
        return (self.name, self.kind, tuple(field.storage for field in self.fields))

    @cached_property
    def numbers(self) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
        """Return the members of each field that stores them as numbers."""
        return tuple((field.name, field.members) for field in self.fields if field.members)

    @cached_property
    def canonical(self) -> bytes:
        """Return the bytes that stand for the schema in a hash: stored fields, no defaults."""
        return json.dumps([self.name, self.kind, sorted(field.storage for field in self.fields)]).encode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and (self is other or self.text == other.text)

    def __hash__(self) -> int:
        return hash(self.text)

    def to_json(self) -> dict[str, Any]:
        """Return the schema as plain data."""
        return {
            "name": self.name,
            "version": self.version,
            "kind": self.kind,
            "fields": [field.to_json() for field in self.fields],
            "vectors": [[name, list(parts)] for name, parts in self.vectors],
            "renamed_from": self.renamed_from,
            "dropped": list(self.dropped),
            "transient": self.transient,
        }

    @classmethod
    def from_json(cls, data: Any) -> Schema:
        """Build a schema from plain data that may come from anywhere; raise SnapshotError where it makes no sense."""
        try:
            fields = tuple(_field_from_json(item) for item in data["fields"])
            schema = cls(
                name=_typed(data["name"], str),
                version=_typed(data["version"], int),
                kind=data["kind"],
                fields=fields,
                vectors=tuple(
                    (_typed(name, str), tuple(_typed(p, str) for p in parts)) for name, parts in data["vectors"]
                ),
                renamed_from=None if data["renamed_from"] is None else _typed(data["renamed_from"], str),
                dropped=tuple(_typed(name, str) for name in data["dropped"]),
                transient=_typed(data["transient"], bool),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SnapshotError("a schema in the snapshot makes no sense", why=str(error), cause=error) from error
        if schema.kind not in ("component", "event", "resource") or len(schema.by_name) != len(fields):
            raise SnapshotError(
                "a schema in the snapshot makes no sense", why=f"{schema.name} has kind {schema.kind!r}"
            )
        if schema.kind != "resource" and any(field.kind == "value" for field in fields):
            raise SnapshotError("a schema in the snapshot makes no sense", why=f"{schema.name} has no columns")
        return schema


def _typed(value: Any, wanted: type) -> Any:
    if type(value) is not wanted:
        raise TypeError(f"{value!r:.80} is no {wanted.__name__}")
    return value


def _field_from_json(data: Any) -> Field:
    shape = tuple(_typed(size, int) for size in data["shape"])
    field = Field(
        name=_typed(data["name"], str),
        dtype=_typed(data["dtype"], str),
        shape=shape,
        kind=_typed(data["kind"], str),
        default=data["default"],
        required=_typed(data["required"], bool),
        renamed_from=None if data["renamed_from"] is None else _typed(data["renamed_from"], str),
        hashed=_typed(data["hashed"], bool),
        of=_typed(data["of"], str),
        members=tuple((_typed(name, str), _typed(number, int)) for name, number in data.get("members", ())),
    )
    if field.kind not in FIELD_KINDS or len(shape) > 1 or any(not 0 < size <= 65536 for size in shape):
        raise ValueError(f"field {field.name!r} has kind {field.kind!r} and shape {shape}")
    if field.kind != "value" and field.dtype != "text" and field.dtype not in NUMBER_DTYPES:
        raise ValueError(f"field {field.name!r} has dtype {field.dtype!r:.80}")
    return field
