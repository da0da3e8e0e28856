"""The classes that running code declares as data, each with its schema and its migration functions."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.ecs.component import field_enum, numbers_of, qualified_name, schema_of
from engine.ecs.schema import Field, Schema
from engine.ecs.world import World
from engine.errors import HotloopError
from engine.marks import MigrateMark


@dataclass
class DeclaredClass:
    """A component, event or resource class; `functions` are its migrations by the version they lead to."""

    cls: Any
    schema: Schema
    functions: dict[int, Any] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """The class's name as its file writes it."""
        return str(self.cls.__qualname__)

    def is_known(self, world: World) -> bool:
        """Tell whether a world knows this very class under this very schema."""
        name = self.schema.name
        info: Any = world.components.get(name) or world.streams.get(name) or world.resources.get(name)
        return info is not None and info.cls is self.cls and info.schema is self.schema

    @cached_property
    def enums(self) -> list[Field]:
        """The fields that hold members of an Enum."""
        return [one for one in self.schema.fields if one.kind == "enum"]


def declared_classes(
    world: World,
    classes: Iterable[type],
    migrations: Iterable[tuple[MigrateMark, Any]],
    before: Mapping[type, DeclaredClass] = MappingProxyType({}),
    touched: Collection[str] = (),
) -> dict[str, DeclaredClass]:
    """Return the declared classes by qualified name, with those of files that are imported but not scanned.

    A class is of the version that its mark says, or that its last migration leads to, whichever is later. What was
    found `before` holds for classes whose module has not been `touched` since. Raises `ComponentError` for a
    declaration that makes no sense.
    """
    functions: dict[str, dict[int, Any]] = {}
    for mark, function in migrations:
        functions.setdefault(qualified_name(mark.component), {})[mark.to] = function
    found: dict[str, DeclaredClass] = {}
    for cls in classes:
        one = before.get(cls)
        known = one is not None and cls.__module__ not in touched and not _is_renumbered(cls, one.schema)
        if one is None or not known or one.functions != functions.get(one.schema.name, {}):
            one = _declared(cls, functions)
        found.setdefault(one.schema.name, one)
    for cls in _unscanned(world, found):
        one = _declared(cls, functions)
        found.setdefault(one.schema.name, one)
    return found


def _declared(cls: type, functions: Mapping[str, dict[int, Any]]) -> DeclaredClass:
    try:
        name = schema_of(cls, fresh=_says_later(cls) or _is_renumbered(cls, schema_of(cls))).name
    except HotloopError as error:
        error.__dict__.setdefault("subject", cls)
        raise
    known = functions.get(name, {})
    return DeclaredClass(cls, _with_version(cls, max(known, default=0)), known)


def _says_later(cls: type) -> bool:
    """Tell whether annotations are kept as text, so that names in them may mean something else by now."""
    spaces = (vars(one).get("__annotations__", {}) for one in cls.__mro__)
    return any(isinstance(annotation, str) for space in spaces for annotation in space.values())


def _is_renumbered(cls: type, schema: Schema) -> bool:
    """Tell whether an Enum that is stored as numbers has other ones than the schema says; it may be another file's."""
    enums = [(one.members, field_enum(cls, one.name)) for one in schema.fields if one.members]
    return any(members is not None and numbers_of(members) != known for known, members in enums)


def _unscanned(world: World, found: Collection[str]) -> Iterable[type]:
    """Go through the other classes in use that their module still declares, whether or not it is scanned."""
    known: list[Any] = [*world.components.values(), *world.streams.values(), *world.resources.values()]
    for info in known:
        cls = info.cls
        if cls is None or info.name in found or cls.__dict__["__mark__"].feature is not None:
            continue
        value: Any = sys.modules.get(cls.__module__)
        for part in cls.__qualname__.split("."):
            value = getattr(value, part, None)
        if value is cls:
            yield cls


def _with_version(cls: type, version: int) -> Schema:
    """Return a class's schema, of a later version than its mark says if a migration leads there."""
    schema = schema_of(cls)
    mark, _, enums = cls.__dict__["__schema__"]
    wanted = max(mark.version, version)
    if schema.version != wanted:
        schema = replace(schema, version=wanted)
        cls.__schema__ = (mark, schema, enums)  # type: ignore[attr-defined]
    return schema


def place_of(cls: type) -> tuple[str | None, int | None]:
    """Return file and line of a class's declaration as saved, where they can be found."""
    path = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if path is None:
        return None, None
    try:
        lines = Path(path).read_text("utf-8", "replace").splitlines()
    except OSError:
        return path, None
    pattern = re.compile(rf"\s*class\s+{re.escape(cls.__name__)}\b")
    return path, next((number for number, line in enumerate(lines, 1) if pattern.match(line)), None)


def line_of_field(source: bytes, cls: type, field: str) -> int | None:
    """Return the line at which a class declares a field, by the source of its file; None if it is not found."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
            for one in node.body:
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id == field:
                    return one.lineno
    return None
