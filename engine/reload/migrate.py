"""Carry live data from one schema to the next, or refuse with what was, what is now, and a migration to paste.

`plan` compares what is declared with what the world holds, `Migration.apply` computes and writes; either may refuse.
Whoever calls them has a snapshot to go back to.
"""

from __future__ import annotations

import enum
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any

from engine.ecs.component import construct_default, field_enum
from engine.ecs.schema import Field, Schema
from engine.ecs.state import Migrate
from engine.ecs.world import World
from engine.errors import HotloopError, MigrationError, describe
from engine.marks import MigrateMark
from engine.reload.carry import (
    LOST,
    Columns,
    Filled,
    fitted,
    is_untouched,
    lost_numbers,
    missing_members,
    new_numbers,
    source_of,
    taken_over,
)
from engine.reload.declared import DeclaredClass, declared_classes, place_of
from engine.reload.stub import stub

Convert = Callable[[Columns, int], Columns]
AS_BEFORE = "world and code are as before"
SLOW = 0.25
"""A migration that takes more seconds than this is named in the verdict."""


@dataclass
class History:
    """What edits of this run have done to the data, so that undoing them loses nothing.

    `filled` are fields whose values nobody but an edit has written. `members` are the members that each Enum field
    had at the last commit.
    """

    filled: Filled = field(default_factory=dict)
    members: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)


@dataclass
class Step:
    """One schema that changes, and how; `filled` are the fields that got their default."""

    old: Schema
    new: Schema
    declared: DeclaredClass
    history: History
    filled: set[str] = field(default_factory=set)
    rows: int = 0

    @property
    def functions(self) -> list[Any]:
        """The migration functions that lead from the old version to the new one, in order."""
        known = self.declared.functions
        return [known[to] for to in sorted(known) if self.old.version < to <= self.new.version]

    @property
    def renumbers(self) -> bool:
        """Tell whether an Enum that is stored as numbers has given a member another one, or has lost one."""
        pairs = [(source_of(one, self.old, self.new), one) for one in self.new.fields if one.members]
        return any(
            source is not None and bool(new_numbers(source, one) or lost_numbers(source, one)) for source, one in pairs
        )

    def convert(self, columns: Columns, rows: int) -> Columns:
        """Return the new columns of one table, of the kept events or of a resource; raise `MigrationError`."""
        if not rows:
            return {}
        self.rows += rows
        given, said = columns, set[str]()
        for function in self.functions:
            result = self._call(function, given)
            if function is self.functions[-1]:
                self._refuse_unknown(function, result, given)
            given = {**given, **result}
            said |= result.keys()
        carried = self._by_name(columns, said)
        for one in self.new.fields:
            if one.name in said:
                carried[one.name] = self._checked(one, given[one.name], rows)
        for one in self.new.fields:
            if one.name not in carried:
                self.filled.add(one.name)
                if one.kind == "value":
                    carried[one.name] = construct_default(self.declared.cls, one.name)
        self.refuse_members(carried)
        return carried

    def _call(self, function: Any, columns: Columns) -> Columns:
        try:
            result = function(dict(columns))
        except (Exception, SystemExit) as error:
            raise self._failure(function, describe(error), error) from error
        if not isinstance(result, dict):
            raise self._failure(function, f"it returned {type(result).__name__}, expected a dict of columns")
        return result

    def _refuse_unknown(self, function: Any, result: Columns, given: Columns) -> None:
        unknown = sorted(str(name) for name in result if name not in self.new.by_name and name not in given)
        if unknown:
            why = f"it returned columns that {self.declared.short} does not declare: {', '.join(unknown)}"
            raise self._failure(function, why)

    def _checked(self, one: Field, values: Any, rows: int) -> Any:
        try:
            return fitted(one, values, rows)
        except (TypeError, ValueError) as error:
            raise self._failure(self.functions[-1], str(error)) from error

    def _failure(self, function: Any, why: str, cause: BaseException | None = None) -> MigrationError:
        """Return the error for a migration function that failed; it names the line that raised, or the function's."""
        code = function.__code__
        path, line = code.co_filename, code.co_firstlineno
        for frame, number in traceback.walk_tb(cause.__traceback__ if cause is not None else None):
            line = number if frame.f_code.co_filename == path else line
        remedy = "mend it and save again" if cause is not None else "return one value per row for each field"
        what = f"{self.new.name} not migrated by {function.__name__}"
        return MigrationError(
            what, where=f"{path}:{line}", why=why, remedy=remedy, state=AS_BEFORE, path=path, line=line, cause=cause
        )

    def _by_name(self, columns: Columns, said: set[str]) -> Columns:
        """Carry over the fields that no migration function has spoken of; refuse what would be lost."""
        carried: Columns = {}
        dropping = [] if self.functions else self._removed(columns)
        problems = [f"{self.declared.short} drops field {name} without a migration" for name in dropping]
        for one in self.new.fields:
            source = source_of(one, self.old, self.new)
            if one.name in said or source is None or source.name not in columns:
                continue
            carried[one.name] = taken_over(source, one, columns[source.name])
            self._refuse_lost(source, one, columns[source.name])
            if carried[one.name] is LOST:
                was, now = source.written, one.written
                problems.append(f"field {one.name} was {was} and now is {now}, which loses values")
        if problems:
            text = stub(self.old, self.new, self.declared.cls)
            to = max(self.new.version, self.old.version + 1)
            paste = f"@migrate({self.declared.short}, to={to})"
            remedy = (
                f"{self._simpler(dropping) if dropping else 'keep its type'}, or write {paste}; to paste:\n{text}\n"
            )
            raise self.refusal(" and ".join(problems), remedy, text)
        return carried

    def _simpler(self, dropping: list[str]) -> str:
        """Say what helps without a migration: naming what goes on under a new name, or what may go."""
        new = [one.name for one in self.new.fields if source_of(one, self.old, self.new) is None]
        goes_on = f'name what {new[0]} was: field(renamed_from="{dropping[0]}")' if new else "keep the field"
        names = ", ".join(f'"{name}"' for name in dropping) + ("," if len(dropping) == 1 else "")
        return f"{goes_on}, or declare dropped=({names})"

    def _removed(self, columns: Columns) -> list[str]:
        """Name the fields that go with their values."""
        sources = {source.name for one in self.new.fields if (source := source_of(one, self.old, self.new)) is not None}
        found = []
        for one in self.old.fields:
            if one.name in sources or one.name in self.new.dropped or one.name not in columns:
                continue
            filled = self.history.filled.get((self.old.name, one.name), LOST)
            if filled is LOST or not is_untouched(columns[one.name], filled):
                found.append(one.name)
        return found

    def _refuse_lost(self, source: Field, one: Field, values: Any) -> None:
        """Refuse if rows hold the number of a member that its Enum no longer has."""
        members = field_enum(self.declared.cls, one.name)
        held = sorted(name for number, name in lost_numbers(source, one).items() if bool((values == number).any()))
        if held and members is not None:
            raise self.refusal(*members_gone(self.declared, one, members, held, self.old.version))

    def refuse_members(self, columns: Columns) -> None:
        for one in self.new.fields:
            if one.kind == "enum" and one.name in columns:
                members = field_enum(self.declared.cls, one.name)
                missing = missing_members(columns[one.name], members)
                if missing and members is not None:
                    raise self.refusal(*members_gone(self.declared, one, members, missing, self.old.version))

    def refusal(self, why: str, remedy: str, text: str | None = None) -> MigrationError:
        path, line = place_of(self.declared.cls)
        return MigrationError(
            f"{self.new.name} not replaced",
            why=why,
            remedy=remedy,
            state=AS_BEFORE,
            schema=self.old,
            stub=text,
            path=path,
            line=line,
        )


def members_gone(
    declared: DeclaredClass, one: Field, members: type[enum.Enum], missing: list[str], version: int
) -> tuple[str, str]:
    """Return why and remedy for rows that hold members which their Enum has no more."""
    names = ", ".join(missing)
    why = f"rows hold {names} in field {one.name}, which {members.__qualname__} no longer has"
    return why, f"keep the member, or write @migrate({declared.short}, to={version + 1}) that gives those rows another"


@dataclass
class Migration:
    """All that an edit changes in a world's schemas; `notes` are for the verdict."""

    steps: list[Step] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    history: History = field(default_factory=History)
    notes: list[str] = field(default_factory=list)

    @property
    def moves(self) -> bool:
        """Tell whether a name comes or goes, so that what is bound to it must be bound anew."""
        return bool(self.dropped) or any(step.old.name != step.new.name for step in self.steps)

    def apply(self, world: World) -> None:
        """Write the new columns; raise `MigrationError` for what cannot be carried over."""
        for step in self.steps:
            begin = perf_counter()
            try:
                world.retype(step.old.name, step.new, step.convert)
            except MigrationError:
                raise
            except HotloopError as error:
                raise step.refusal(str(error), "return what the fields can hold") from error
            seconds = perf_counter() - begin
            if seconds > SLOW:
                self.notes.append(f"migrating {step.rows:,} rows of {step.new.name} took {seconds:.2f} s")
            self._remember(step)
        for name in self.dropped:
            world.drop(name)
            self._forget(name)

    def _remember(self, step: Step) -> None:
        """Keep which fields hold nothing but what an edit filled in, under their present names."""
        known = self.history.filled
        before = {name: known.pop((step.old.name, name)) for name in step.old.by_name if (step.old.name, name) in known}
        for one in step.new.fields:
            source = source_of(one, step.old, step.new)
            if one.name in step.filled:
                value = construct_default(step.declared.cls, one.name) if one.kind == "value" else one.default
                known[step.new.name, one.name] = value
            elif source is not None and source.name in before and not step.functions:
                known[step.new.name, one.name] = before[source.name]

    def _forget(self, name: str) -> None:
        for key in [key for key in self.history.filled if key[0] == name]:
            del self.history.filled[key]


def plan(
    world: World,
    declared: dict[str, DeclaredClass],
    history: History | None = None,
    deleted: Mapping[str, Path] = MappingProxyType({}),
) -> Migration:
    """Compare the declared classes with the world's schemas and decide how data is carried over.

    `deleted` are the paths of files that went, by the Python name of their module. Raises `MigrationError` when live
    data would be lost without a word of the author.
    """
    known = world.schemas()
    past = history or History()
    migration = Migration(history=History(dict(past.filled)))
    origins = _origins(world, known, declared)
    for name, one in declared.items():
        new = one.schema
        old = known.get(origins.get(name, name))
        if old is not None and old is not new and old.kind == new.kind:
            step = Step(old, new, one, past)
            if old.storage != new.storage or step.functions or step.renumbers:
                migration.steps.append(step)
        if one.enums:
            _note_members(world, one, old, past, migration)
        elif new.kind == "resource" and not new.transient:
            _refuse_gone(world, one, past)
    migration.dropped = _gone(world, known, declared, set(origins.values()), deleted)
    return migration


def _note_members(world: World, one: DeclaredClass, old: Schema | None, past: History, migration: Migration) -> None:
    """Remember the members of Enum fields; refuse if one went that rows hold, where no step looks at the rows."""
    name, new = one.schema.name, one.schema
    stays = old is not None and old.name == name and not (migration.steps and migration.steps[-1].declared is one)
    for each in one.enums:
        members = field_enum(one.cls, each.name)
        if members is None:
            continue
        names = migration.history.members[name, each.name] = frozenset(members.__members__)
        if stays and not past.members.get((name, each.name), names) <= names:
            Step(new, new, one, past).refuse_members({each.name: world.columns(name)[each.name]})


def _refuse_gone(world: World, one: DeclaredClass, past: History) -> None:
    """Refuse if a resource is, or has in a field, a member that its Enum no longer has."""
    info = world.resources.get(one.schema.name)
    value = info.value if info is not None else None
    values = {"its present value": value} if isinstance(value, enum.Enum) else getattr(value, "__dict__", {})
    for what, member in values.items():
        if not isinstance(member, enum.Enum) or isinstance(member, enum.Flag):  # a union of flags is no member
            continue
        if member.name not in type(member).__members__:
            why = f"{what} is {member.name}, which {type(member).__qualname__} no longer has"
            step = Step(one.schema, one.schema, one, past)
            raise step.refusal(why, "keep the member until another one is present")


def _origins(world: World, known: dict[str, Schema], declared: dict[str, DeclaredClass]) -> dict[str, str]:
    """Return, by the name of a declared class, the former name whose data it takes over."""
    vanished = {name: old for name, old in known.items() if name not in declared and not name.startswith("engine.")}
    origins: dict[str, str] = {}
    if not vanished:
        return origins
    for follows in (_says_so, partial(_has_moved, world, declared)):
        for name, one in declared.items():
            former = [old.name for old in vanished.values() if old.kind == one.schema.kind and follows(old, one)]
            free = len(former) == 1 and name not in origins and former[0] not in origins.values()
            if free and (name not in known or _is_vacant(world, known[name])):
                origins[name] = former[0]
    return origins


def _says_so(old: Schema, one: DeclaredClass) -> bool:
    """Tell whether a class says that it was renamed, or an edit that said so is taken back."""
    return old.name == one.schema.renamed_from or old.renamed_from == one.schema.name


def _has_moved(world: World, declared: dict[str, DeclaredClass], old: Schema, one: DeclaredClass) -> bool:
    """Tell whether a class is the only one of its name, as one was that another file declared before."""
    known: dict[str, Any] = {**world.components, **world.streams, **world.resources}
    cls = known[old.name].cls
    if cls is None or cls.__qualname__ != one.short:
        return False
    return not any(
        other is not one and (other.short, other.schema.kind) == (one.short, old.kind) for other in declared.values()
    )


def _is_vacant(world: World, schema: Schema) -> bool:
    """Tell whether a known name holds no data that another's could take the place of."""
    if schema.kind == "component":
        return not world.component_rows(schema.name)
    if schema.kind == "event":
        stream = world.streams[schema.name]
        return stream.next == stream.kept
    info = world.resources[schema.name]
    state = info.state()
    if state is None or info.cls is None or isinstance(info.value, enum.Enum):
        return state is None
    try:
        return all(is_untouched(value, construct_default(info.cls, name)) for name, value in state.items())
    except HotloopError:
        return False


def _gone(
    world: World,
    known: dict[str, Schema],
    declared: dict[str, DeclaredClass],
    taken_over: set[str],
    deleted: Mapping[str, Path],
) -> list[str]:
    """Return the names that are declared no more; refuse if rows still hold one."""
    gone = []
    for name, old in known.items():
        now = declared.get(name)
        if (now is not None and now.schema.kind == old.kind) or name in taken_over or name.startswith("engine."):
            continue
        rows = world.component_rows(name) if old.kind == "component" else 0
        if rows:
            path = deleted.get(world.components[name].cls.__module__)
            keep = "keep the class" if path is None else f"restore {path.name}, in which it was declared"
            ways = f'{keep}, rename it with renamed_from="{name}", or remove it from the rows first'
            raise MigrationError(
                f"{name} not removed",
                why=f"{rows} rows hold it",
                remedy=ways if path is None else f"{ways}; F5 starts the game anew, without it",
                state=AS_BEFORE,
                schema=old,
                path=path,
                line=None,
            )
        gone.append(name)
    return gone


def migrate_snapshot(world: World, classes: Iterable[type], migrations: Iterable[tuple[MigrateMark, Any]]) -> Migrate:
    """Return what `World.restore` takes as `migrate`: a snapshot of older schemas goes the way of a reload."""
    declared = declared_classes(world, classes, migrations)

    def answer(changes: list[tuple[Schema, Schema | None]]) -> dict[str, Convert | None]:
        answers: dict[str, Convert | None] = {}
        for old, new in changes:
            if new is not None and new.name in declared:
                answers[old.name] = Step(old, declared[new.name].schema, declared[new.name], History()).convert
        return answers

    return answer
