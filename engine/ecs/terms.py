"""The terms of a query: what a step gives, and which tables it goes through."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import numpy as np

from engine.ecs.component import mark_of, qualified_name
from engine.errors import ComponentError, QueryError

_C = TypeVar("_C")

MAX_DATA, MAX_FILTERS = 6, 3


@dataclass(frozen=True)
class DataTerm:
    """The word by which a term is told from the type that it stands for, and what it says."""

    word: str
    doc: str = field(default="", compare=False)


class Filter(Generic[_C]):
    """What a type checker sees of the terms that give no data."""


# Not NDArray, whose shape is Any: with an Any in it pyright could not tell the overloads of a step apart.
Entity: TypeAlias = Annotated[
    np.ndarray[tuple[int, ...], np.dtype[np.uint64]], DataTerm("Entity", "The ids of the entities.")
]
Mut: TypeAlias = Annotated[_C, DataTerm("Mut", "A component, or a resource, that is written.")]
Maybe: TypeAlias = Annotated[_C | None, DataTerm("Maybe", "A component where the table has it, else None.")]
With: TypeAlias = Annotated[Filter[_C], DataTerm("With", "Only entities that have the component.")]
Without: TypeAlias = Annotated[Filter[_C], DataTerm("Without", "Only entities that do not have the component.")]
Changed: TypeAlias = Annotated[
    Filter[_C],
    DataTerm(
        "Changed",
        "Only tables in which the component may have changed since this query last looked: a hint, not a promise.",
    ),
]


@dataclass(frozen=True)
class Data:
    """One data term: a component by name (empty for the entity ids), writable or not, and whether it may be absent."""

    name: str
    mut: bool = False
    maybe: bool = False
    cls: type | None = None


@dataclass(frozen=True)
class Terms:
    """The terms of one query, by qualified names; `classes` are the component classes that occur."""

    data: tuple[Data, ...]
    required: frozenset[str]
    without: frozenset[str]
    changed: tuple[str, ...]
    classes: tuple[type, ...]

    @property
    def writes(self) -> frozenset[str]:
        """Return the names of the components that are written."""
        return frozenset(term.name for term in self.data if term.mut)

    @property
    def reads(self) -> frozenset[str]:
        """Return the names of the components that are given without being written."""
        return frozenset(term.name for term in self.data if term.name and not term.mut)

    def match(self, key: Sequence[str] | frozenset[str]) -> bool:
        """Tell whether a table with these components takes part."""
        names = set(key)
        return self.required <= names and not (self.without & names)


def parse_terms(terms: Sequence[Any]) -> Terms:
    """Read the terms of a query; raise QueryError where they make no sense together."""
    data: list[Data] = []
    classes: list[type] = []
    required: set[str] = set()
    without: set[str] = set()
    changed: list[str] = []
    filters = 0
    for term in terms:
        word = _word(term)
        if word in ("With", "Without", "Changed"):
            filters += 1
            name = _component(typing.get_args(term.__origin__)[0], classes)
            (without if word == "Without" else required).add(name)
            if word == "Changed":
                changed.append(name)
            continue
        if filters:
            raise QueryError(f"{_shown(term)} comes after a filter", remedy="write data terms first, then filters")
        item = _data(term, classes)
        if any(item.name == other.name for other in data):
            what = f"{item.name or 'Entity'} occurs twice in one query"
            raise QueryError(what, remedy="name it once, as Mut where it is written")
        data.append(item)
        if item.name and not item.maybe:
            required.add(item.name)
    if not data:
        raise QueryError("a query has no data term", remedy="name a component or Entity before the filters")
    if len(data) > MAX_DATA or filters > MAX_FILTERS:
        what = f"a query has {len(data)} data terms and {filters} filters"
        raise QueryError(what, why=f"at most {MAX_DATA} and {MAX_FILTERS} are possible", remedy="split the system")
    clash = sorted(required & without)
    if clash:
        raise QueryError(f"{clash[0]} is both asked for and excluded", remedy="drop one of the terms")
    return Terms(tuple(data), frozenset(required), frozenset(without), tuple(changed), tuple(classes))


def _word(term: Any) -> str:
    if typing.get_origin(term) is not Annotated:
        return ""
    word = next((item.word for item in term.__metadata__ if isinstance(item, DataTerm)), "")
    if word != "Entity" and term.__parameters__:
        raise QueryError(f"{word} lacks its component", remedy=f"write {word}[Position]")
    return word


def _data(term: Any, classes: list[type]) -> Data:
    word = _word(term)
    if word == "Entity":
        return Data("")
    if word == "Mut":
        return Data(_component(term.__origin__, classes), mut=True, cls=term.__origin__)
    if word == "Maybe":
        inner = [item for item in typing.get_args(term.__origin__) if item is not type(None)]
        return Data(_component(inner[0], classes), maybe=True, cls=inner[0])
    return Data(_component(term, classes), cls=term)


def _component(cls: Any, classes: list[type]) -> str:
    try:
        mark_of(cls, "component")
    except ComponentError as error:
        raise QueryError(f"{_shown(cls)} is no term of a query", why=str(error), cause=error) from error
    classes.append(cls)
    return qualified_name(cls)


def _shown(term: Any) -> str:
    return term.__qualname__ if isinstance(term, type) else str(term)
