"""Carry live data from one schema to the next, or refuse with what was, what is now, and a stub to paste.

Everything is decided and checked before anything is written: `plan` may refuse, `Migration.apply` only swaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.ecs.component import qualified_name, schema_of
from engine.ecs.schema import Field, Schema
from engine.ecs.world import World
from engine.errors import MigrationError
from engine.marks import MigrateMark

Columns = dict[str, Any]
Convert = Callable[[Columns, int], Columns]


@dataclass
class Step:
    """One schema that changes: from `old` to `new`, by `convert`, which takes old columns and a row count."""

    old: Schema
    new: Schema
    convert: Convert


@dataclass
class Migration:
    """All that an edit changes in a world's schemas."""

    steps: list[Step] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def apply(self, world: World) -> None:
        """Write the new columns; raise `MigrationError` for a migration function that fails."""
        for step in self.steps:
            try:
                world.retype(step.old.name, step.new, step.convert)
            except MigrationError:
                raise
            except Exception as error:
                raise MigrationError(
                    f"{step.new.name} not migrated",
                    why=f"{type(error).__name__}: {error}",
                    remedy="mend the migration and save again",
                    state="world and code are as before",
                    cause=error,
                ) from error
        for name in self.dropped:
            world.drop(name)


def plan(world: World, classes: Iterable[type], migrations: Iterable[tuple[MigrateMark, Any]]) -> Migration:
    """Compare the declared classes with the world's schemas and decide how data is carried over.

    Raises `MigrationError` when live data would be lost without a word of the author.
    """
    schemas = {}
    for cls in classes:
        schema = schema_of(cls)
        schemas[schema.name] = schema
    functions: dict[str, dict[int, Any]] = {}
    for mark, function in migrations:
        functions.setdefault(qualified_name(mark.component), {})[mark.to] = function
    migration = Migration()
    known = world.schemas()
    taken_over: set[str] = set()
    for name, new in schemas.items():
        old = known.get(name)
        if old is None and new.renamed_from in known and new.renamed_from not in schemas:
            old = known[new.renamed_from]
            taken_over.add(old.name)
        if old is not None and old != new:
            steps = functions.get(name, {})
            migration.steps.append(Step(old, new, _converter(old, new, steps)))
    migration.dropped = _gone(world, known, schemas, taken_over)
    return migration


def _gone(world: World, known: dict[str, Schema], schemas: dict[str, Schema], taken_over: set[str]) -> list[str]:
    """Return the names that are declared no more; refuse if rows still hold one."""
    gone = []
    for name, old in known.items():
        if name in schemas or name in taken_over or name.startswith("engine."):
            continue
        rows = world.component_rows(name) if old.kind == "component" else 0
        if rows:
            raise MigrationError(
                f"{name} not removed",
                why=f"{rows} rows hold it",
                remedy=f'keep the class, rename it with renamed_from="{name}", or remove it from the rows first',
                state="world and code are as before",
                schema=old,
            )
        gone.append(name)
    return gone


def _converter(old: Schema, new: Schema, functions: dict[int, Any]) -> Convert:
    """Return how columns of `old` become columns of `new`; it raises `MigrationError` where that would lose data."""
    chain = [functions[to] for to in sorted(functions) if old.version < to <= new.version]
    if chain:
        return lambda columns, rows: _by_functions(chain, old, new, columns, rows)
    return lambda columns, rows: _by_name(old, new, columns, rows)


def source_of(new_field: Field, old: Schema, new: Schema) -> Field | None:
    """Return the old field whose values a new field takes over: the one of its name, or the one it was renamed from."""
    by_name = {one.name: one for one in old.fields}
    kept = {one.name for one in new.fields}
    if new_field.name in by_name:
        return by_name[new_field.name]
    if new_field.renamed_from in by_name and new_field.renamed_from not in kept:
        return by_name[new_field.renamed_from]
    return None


def _removed(old: Schema, new: Schema, live: Columns) -> list[str]:
    """Name the fields that go although rows hold values other than the default."""
    sources = {source.name for one in new.fields if (source := source_of(one, old, new)) is not None}
    gone = [one for one in old.fields if one.name not in sources and one.name not in new.dropped]
    return [
        f"{new.name.rpartition('.')[2]} drops field {one.name} without a migration"
        for one in gone
        if not _is_default(one, live.get(one.name))
    ]


def _is_default(one: Field, values: Any) -> bool:
    """Tell whether a column holds nothing but its default, so that dropping it loses nothing."""
    if values is None:
        return True
    try:
        return bool(np.all(np.asarray(values) == one.default)) and one.kind == "number"
    except (TypeError, ValueError):
        return False


def _retyped(old: Schema, new: Schema, live: Columns) -> list[str]:
    """Name the fields whose live values their new type cannot hold exactly."""
    problems = []
    for one in new.fields:
        source = source_of(one, old, new)
        if source is None or (source.dtype, source.shape, source.kind) == (one.dtype, one.shape, one.kind):
            continue
        if source.kind != one.kind or source.shape != one.shape or not _fits(live[source.name], one.dtype):
            problems.append(f"field {one.name} was {source.dtype} and now is {one.dtype}, which loses values")
    return problems


def _fits(values: Any, dtype: Any) -> bool:
    values = np.asarray(values)
    if np.can_cast(values.dtype, dtype, "safe"):
        return True
    with np.errstate(all="ignore"):
        there = values.astype(dtype)
        back = there.astype(values.dtype)
    return bool(np.array_equal(back, values, equal_nan=values.dtype.kind == "f"))


def _by_name(old: Schema, new: Schema, columns: Columns, rows: int) -> Columns:
    """Carry fields over by name; a field with no source is left out, so that the world fills in its default."""
    problems = [*_removed(old, new, columns), *_retyped(old, new, columns)] if rows else []
    if problems:
        raise MigrationError(
            f"{new.name} not replaced",
            why=" and ".join(problems),
            remedy=f"say how the rows change, or keep the field:\n{stub(old, new)}",
            state="world and code are as before",
            schema=old,
        )
    carried = {}
    for one in new.fields:
        source = source_of(one, old, new)
        if source is not None and source.name in columns:
            values = columns[source.name]
            same = source.dtype == one.dtype or one.kind != "number"
            carried[one.name] = values if same else np.asarray(values).astype(one.dtype)
    return carried


def _by_functions(chain: list[Any], old: Schema, new: Schema, columns: Columns, rows: int) -> Columns:
    """Run migration functions one after the other, from version to version, and check what the last returns."""
    for function in chain:
        columns = function(dict(columns))
        if not isinstance(columns, dict):
            raise _wrong_result(function, new, f"it returned {type(columns).__name__}, not a dict of columns")
    names = {one.name for one in new.fields}
    unknown = sorted(set(columns) - names - {one.name for one in old.fields})
    if unknown:
        raise _wrong_result(
            chain[-1], new, f"it returned columns that {new.name} does not declare: {', '.join(unknown)}"
        )
    result = {}
    for one in new.fields:
        if one.name not in columns:
            continue
        values = columns[one.name]
        if one.kind in ("number", "entity"):
            values = _shaped(values, one, rows, chain[-1], new)
        result[one.name] = values
    return result


def _shaped(values: Any, one: Field, rows: int, function: Any, new: Schema) -> Any:
    array = np.asarray(values)
    shape = (*one.shape, rows)
    if array.shape not in (shape, ()):
        raise _wrong_result(function, new, f"column {one.name} has shape {array.shape}, expected {shape}")
    return np.broadcast_to(array, shape).astype(one.dtype)


def _wrong_result(function: Any, new: Schema, why: str) -> MigrationError:
    code = function.__code__
    return MigrationError(
        f"{new.name} not migrated by {function.__name__}",
        where=f"{code.co_filename}:{code.co_firstlineno}",
        why=why,
        remedy="return one array per field, each with one value per row",
        state="world and code are as before",
        path=code.co_filename,
        line=code.co_firstlineno,
    )


def stub(old: Schema, new: Schema) -> str:
    """Return a migration to paste: what was, what is now, and a function that fills every new field."""
    short = new.name.rpartition(".")[2]
    to = max(new.version, old.version + 1)
    lines = [
        f"# was: {_signature(old)}",
        f"# now: {_signature(new)}",
        f"@migrate({short}, to={to})  # and declare @component(version={to})",
        f"def migrate_{short.lower()}(old: dict) -> dict:",
        "    return {",
    ]
    for one in new.fields:
        source = source_of(one, old, new)
        value = f'old["{source.name}"]' if source is not None else f"{one.default!r}"
        lines.append(f'        "{one.name}": {value},')
    return "\n".join([*lines, "    }"])


def _signature(schema: Schema) -> str:
    return ", ".join(f"{one.name}: {one.dtype}" for one in schema.fields) or "no fields"
