"""Bind the parameters of systems, conditions and handlers by their annotations."""

from __future__ import annotations

import inspect
import operator
import re
import typing
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Annotated, Any

from engine.ecs.commands import Commands
from engine.ecs.component import qualified_name
from engine.ecs.events import Events, Send
from engine.ecs.query import Query
from engine.ecs.random import Random
from engine.ecs.resources import Resources
from engine.ecs.terms import DataTerm, Terms, parse_terms
from engine.ecs.world import World
from engine.errors import HotloopError, QueryError
from engine.marks import Phase, ResourceMark

_WORD = re.compile(r"[^\W\d]\w*")

READ_ONLY_PHASES = frozenset({Phase.Render})


@dataclass(frozen=True)
class Parameter:
    """One parameter of a marked function and what it is bound to.

    `kind` is query, commands, events, send, random, world, bus, resource or argument; `target` is the class behind
    it (the terms of a query); `mutable` says that a resource may be written.
    """

    name: str
    kind: str
    target: Any = None
    mutable: bool = False
    annotation: Any = None
    default: Any = inspect.Parameter.empty


@dataclass(slots=True)
class Binding:
    """The arguments of one function in one world, as of `version` of its resources.

    Arguments that stay the same object are filled in once. A resource may be replaced, and is then looked up anew.
    """

    arguments: tuple[Any, ...] = ()
    live: list[tuple[int, Any, bool]] = field(default_factory=list)
    commands: Commands | None = None
    queries: list[Query[Any]] = field(default_factory=list)
    resources: Resources | None = None
    version: int = -1

    def fill(self) -> tuple[Any, ...]:
        """Return the arguments for the next call."""
        resources = self.resources
        # Making a resource may replace another.
        while resources is not None and self.version != resources.version:
            version, arguments = resources.version, list(self.arguments)
            for index, cls, mutable in self.live:
                arguments[index] = resources.live(cls) if mutable else resources.read(cls)
            self.arguments, self.version = tuple(arguments), version
        return self.arguments


def where_is(function: Callable[..., Any]) -> str:
    """Return `file:line` of a function."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def evidence_of(function: Callable[..., Any]) -> tuple[object, ...]:
    """Return the objects that a handler's binding was made from: while all are the same, it still holds.

    A patch keeps the function and exchanges its parts, and an annotation written as text means what the names in
    it mean at the time. Code is held weakly: a patch looks through the heap for whoever else may run it.
    """
    if not isinstance(function, FunctionType):
        return (function, object())
    parts: list[object] = [function, weakref.ref(function.__code__), *(function.__defaults__ or ())]
    parts += (function.__kwdefaults__ or {}).values()
    for name, annotation in function.__annotations__.items():
        parts += (name, annotation)
        if isinstance(annotation, str):
            parts += [function.__globals__.get(word) for word in _WORD.findall(annotation)]
    return tuple(parts)


def is_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Tell whether two pieces of evidence hold the very same objects."""
    return len(one) == len(other) and all(map(operator.is_, one, other))


def read_parameters(function: Callable[..., Any], *, arguments_allowed: bool = False) -> tuple[Parameter, ...]:
    """Classify each parameter of a function by its annotation.

    With `arguments_allowed`, as for a handler, what is no engine parameter is an argument of the message;
    else it raises `QueryError`.
    """
    name = qualified_name(function)
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise QueryError(
            f"an annotation of {name} cannot be read",
            where=where_is(function),
            why=f"{type(error).__name__}: {error}",
            remedy="import the name it uses at the top of the file, not under TYPE_CHECKING",
            function=function,
        ) from error
    found = []
    for parameter in inspect.signature(function).parameters.values():
        annotation = hints.get(parameter.name, inspect.Parameter.empty)
        bound = _classify(parameter.name, annotation)
        if bound is None and not arguments_allowed:
            raise QueryError(
                f"parameter {parameter.name!r} of {name} cannot be bound",
                where=where_is(function),
                why="it has no annotation"
                if annotation is inspect.Parameter.empty
                else f"{annotation!r} is no resource",
                remedy="annotate it with Query[...], Commands, Events[E], Send[E], Random, World, Bus, a resource "
                "class, or Mut[...] of one",
                function=function,
            )
        found.append(bound or Parameter(parameter.name, "argument", None, False, annotation, parameter.default))
    return tuple(found)


def _classify(name: str, annotation: Any) -> Parameter | None:
    origin = typing.get_origin(annotation)
    if annotation is Query or origin is Query:
        return Parameter(name, "query", typing.get_args(annotation), annotation=annotation)
    if origin is Events or origin is Send:
        kind = "events" if origin is Events else "send"
        return Parameter(name, kind, typing.get_args(annotation)[0], annotation=annotation)
    for kind, plain in (("commands", Commands), ("random", Random), ("world", World)):
        if annotation is plain:
            return Parameter(name, kind, plain, annotation=annotation)
    if getattr(annotation, "__engine_parameter__", None) == "bus":
        return Parameter(name, "bus", annotation, annotation=annotation)
    mutable = _is_mut(annotation)
    target = typing.get_args(annotation)[0] if mutable else annotation
    if isinstance(target, type) and isinstance(target.__dict__.get("__mark__"), ResourceMark):
        return Parameter(name, "resource", target, mutable, annotation)
    return None


def _is_mut(annotation: Any) -> bool:
    marks = getattr(annotation, "__metadata__", ()) if typing.get_origin(annotation) is Annotated else ()
    return any(isinstance(mark, DataTerm) and mark.word == "Mut" for mark in marks)


def bind(
    parameters: tuple[Parameter, ...], name: str, world: World, bus: Any = None, *, render: bool = False
) -> Binding:
    """Bind the parameters of the function called `name` to a world; `render` for a system of Render.

    Parameters of kind argument are left to the caller. Raises `QueryError` or `ComponentError` for what the
    world cannot serve.
    """
    binding, arguments = Binding(resources=world.resource_store), []
    for index, parameter in enumerate(p for p in parameters if p.kind != "argument"):
        value: Any = None
        match parameter.kind:
            case "query":
                value = world.query(*parameter.target, reader=f"{name}/{parameter.name}")
                binding.queries.append(value)
            case "commands":
                value = binding.commands = binding.commands or Commands(world, system=name)
            case "events":
                value = world.events(parameter.target, reader=name, render=render)
            case "send":
                value = world.sender(parameter.target)
            case "random":
                value = world.random(name)
            case "world":
                value = world
            case "bus":
                value = bus
            case _:
                binding.live.append((index, parameter.target, parameter.mutable))
        arguments.append(value)
    binding.arguments = tuple(arguments)
    return binding


def check_access(parameters: tuple[Parameter, ...], function: Callable[..., Any], phase: Phase) -> None:
    """Refuse what a system may not ask for in its phase, and the same component twice for writing.

    Raises `QueryError` that names the parameters.
    """
    queries = [(parameter, _terms(parameter, function)) for parameter in parameters if parameter.kind == "query"]
    if phase in READ_ONLY_PHASES:
        for parameter in parameters:
            if _writes(parameter, {p.name: terms for p, terms in queries}):
                raise QueryError(
                    f"{qualified_name(function)} may not write the simulation in {phase.name}",
                    where=where_is(function),
                    why=f"parameter {parameter.name!r} could change the world, and pictures must never change the game",
                    remedy="move the change to a system of Update or PostUpdate, or keep it in a transient resource",
                    function=function,
                )
    for index, (parameter, terms) in enumerate(queries):
        for other, others in queries[:index]:
            both = terms.writes & others.writes
            if both and not _disjoint(terms, others):
                raise QueryError(
                    f"{qualified_name(function)} asks twice for Mut of {', '.join(sorted(both))}",
                    where=where_is(function),
                    why=f"parameters {other.name!r} and {parameter.name!r} could write the same rows",
                    remedy="ask once, or part the queries by With[C] in one and Without[C] in the other",
                    function=function,
                )


def _terms(parameter: Parameter, function: Callable[..., Any]) -> Terms:
    try:
        return parse_terms(parameter.target)
    except HotloopError as error:
        raise QueryError(
            f"parameter {parameter.name!r} of {qualified_name(function)} is no query",
            where=where_is(function),
            why=str(error),
            function=function,
        ) from error


def _writes(parameter: Parameter, terms: dict[str, Terms]) -> bool:
    """Tell whether a parameter could change what a snapshot holds."""
    if parameter.kind == "query":
        return bool(terms[parameter.name].writes)
    if parameter.kind == "resource":
        return parameter.mutable and not parameter.target.__dict__["__mark__"].transient
    return parameter.kind in ("commands", "send", "random")


def _disjoint(one: Terms, other: Terms) -> bool:
    """Tell whether one query requires a component that the other shuts out."""
    return bool(one.required & other.without or other.required & one.without)


def binder(world: World) -> Callable[[str, Any, str], Callable[[], object] | None]:
    """Return how a bus fills in the parameters of its handlers from a world; it leaves the others to the message."""

    def provide(parameter: str, annotation: Any, handler: str) -> Callable[[], object] | None:
        bound = _classify(parameter, annotation)
        if bound is None or bound.kind == "bus":
            return None
        binding = bind((bound,), handler, world)
        if bound.kind != "commands":
            return lambda: binding.fill()[0]
        raise QueryError(
            f"handler {handler} may not take Commands",
            why="a message has no phase at whose end they would be applied",
            remedy="take World and call its methods, or send an event that a system answers",
        )

    return provide
