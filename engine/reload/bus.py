"""The bus: named calls between modules for cold paths, and the list of what a running game offers.

A handler is a function marked `@handler("core.render.save")`. Its parameters are typed; those that the engine can
bind (a resource, a query, the world) are filled in by the binder, the rest are the message's arguments.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.binding import evidence_of, is_same
from engine.errors import BusError, HotloopError, did_you_mean
from engine.reload.checks import Check, check_of, json_value, type_text

Provider = Callable[[], object]
Binder = Callable[[str, Any, str], Provider | None]
"""Called as binder(parameter name, annotation, handler's qualified name); None leaves it to the caller."""

ENGINE = "engine"


class Mark(Protocol):
    """What the bus reads from a handler's mark."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a message."""

    name: str
    annotation: Any
    type: str
    check: Check
    default: Any = inspect.Parameter.empty

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    def describe(self) -> dict[str, Any]:
        """Return the parameter as JSON-able data; `default` only if there is one."""
        described: dict[str, Any] = {"name": self.name, "type": self.type}
        if not self.required:
            described["default"] = json_value(self.default)
        return described


@dataclass(frozen=True, slots=True)
class Handler:
    """A bound handler: what it is called, the message's parameters, and how the others are filled in."""

    name: str
    function: Callable[..., Any]
    module: str
    parameters: dict[str, Parameter]
    provided: tuple[tuple[str, Provider], ...]
    returns: str
    evidence: tuple[object, ...]

    def describe(self) -> dict[str, Any]:
        """Return the handler as JSON-able data."""
        doc = (inspect.getdoc(self.function) or "").strip().partition("\n")[0]
        parameters = [parameter.describe() for parameter in self.parameters.values()]
        return {"name": self.name, "doc": doc, "parameters": parameters, "returns": self.returns, "module": self.module}


class Bus:
    """Handlers by name, and calls to them. `binder` fills in the parameters that are no arguments of a message."""

    # Systems take the bus as a parameter, and what binds them may not import this file.
    __engine_parameter__ = "bus"

    def __init__(self, binder: Binder | None = None) -> None:
        self.binder = binder
        self._own: dict[str, Handler] = {}
        self._scanned: dict[str, Handler] = {}
        self._all: dict[str, Handler] = {}

    def provide(self, name: str, function: Callable[..., Any]) -> None:
        """Add a handler of the engine's own; it stays through every `replace`."""
        self._own[name] = self._bind(name, function, ENGINE)
        self._all = {**self._scanned, **self._own}

    def replace(
        self,
        handlers: Iterable[tuple[Mark, Callable[..., Any], str]],
        implementations: Mapping[str, str] | None = None,
    ) -> None:
        """Put these handlers, as (mark, function, module's name), in the place of all that were scanned before.

        Two modules may offer one name only if they implement the same contract, of which `implementations` names the
        picked one. Raises `BusError` with the handlers as they were.
        """
        scanned: dict[str, Handler] = {}
        for mark, function, module in handlers:
            try:
                handler = self._bind(mark.name, function, module)
            except HotloopError as error:
                error.__dict__.setdefault("function", function)
                raise
            other = scanned.get(mark.name) or self._own.get(mark.name)
            scanned[mark.name] = handler if other is None else _pick(other, handler, implementations or {})
        self._scanned, self._all = scanned, {**scanned, **self._own}

    def remember(self) -> tuple[Any, ...]:
        """Return what `put_back` needs to make the bus what it is now."""
        return (self._scanned,)

    def put_back(self, remembered: tuple[Any, ...]) -> None:
        """Make the bus what it was, but for what the engine has provided since."""
        (self._scanned,) = remembered
        self._all = {**self._scanned, **self._own}

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def handlers(self) -> list[dict[str, Any]]:
        """List what can be called, by name: name, doc, parameters (name, type, default), returns and module."""
        return [self._all[name].describe() for name in sorted(self._all)]

    def find(self, message: str) -> Handler:
        """Return the handler of a message. Raises `BusError` if there is none."""
        handler = self._all.get(message)
        if handler is None:
            raise self._unknown(message)
        return handler

    def call(self, message: str, /, **arguments: Any) -> Any:
        """Call a handler and return what it returns; what it raises comes through unchanged.

        Raises `BusError` if there is no such handler or the arguments do not fit its parameters.
        """
        handler = self.find(message)
        parameters = handler.parameters
        for name, value in arguments.items():
            parameter = parameters.get(name)
            if parameter is None:
                raise _unknown_argument(handler, name)
            if not parameter.check(value):
                raise _wrong_type(handler, parameter, value)
        for name, parameter in parameters.items():
            if name not in arguments and parameter.required:
                raise _missing(handler, parameter)
        for name, provider in handler.provided:
            arguments[name] = provider()
        return handler.function(**arguments)

    def _unknown(self, message: str) -> BusError:
        hint = did_you_mean(message, self._all) or "`bus.handlers()` lists what there is"
        return BusError(f"nothing handles the message {message!r}", remedy=hint, message=message)

    def _bind(self, name: str, function: Callable[..., Any], module: str) -> Handler:
        known = self._scanned.get(name) or self._own.get(name)
        evidence = evidence_of(function)
        if known is not None and known.module == module and is_same(known.evidence, evidence):
            return known
        where = f"{module}: {getattr(function, '__qualname__', function)}"
        hints = _hints(function, where)
        parameters: dict[str, Parameter] = {}
        provided: list[tuple[str, Provider]] = []
        for parameter in inspect.signature(function).parameters.values():
            annotation = _annotation(parameter, hints, where)
            provider = self._provider(parameter.name, annotation, where)
            if provider is not None:
                provided.append((parameter.name, provider))
            else:
                text, check = type_text(annotation), check_of(annotation)
                parameters[parameter.name] = Parameter(parameter.name, annotation, text, check, parameter.default)
        returns = type_text(hints.get("return", Any))
        return Handler(name, function, module, parameters, tuple(provided), returns, evidence)

    def _provider(self, name: str, annotation: Any, where: str) -> Provider | None:
        if annotation is Bus:
            return lambda: self
        return self.binder(name, annotation, where) if self.binder is not None else None


def _hints(function: Callable[..., Any], where: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise BusError(
            "the types of this handler cannot be read", where=where, why=str(error), remedy="correct the annotations"
        ) from error


def _annotation(parameter: inspect.Parameter, hints: Mapping[str, Any], where: str) -> Any:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        raise BusError(
            f"a handler cannot have the parameter {str(parameter).partition(':')[0]}",
            where=where,
            why="a message's arguments have names and types",
            remedy="name the parameters one by one",
        )
    if parameter.name not in hints:
        raise BusError(
            f"parameter {parameter.name} has no type", where=where, remedy=f"write {parameter.name}: int, or the like"
        )
    return hints[parameter.name]


def _pick(one: Handler, other: Handler, implementations: Mapping[str, str]) -> Handler:
    """Return the handler of the picked implementation if that decides, else refuse two of one name."""
    contracts = [contract for contract in implementations if one.name.startswith(f"{contract}.")]
    if contracts and one.module != other.module:
        picked = implementations[max(contracts, key=len)]
        if picked in (one.module, other.module):
            loser = other if picked == one.module else one
            if loser.module.startswith("systems."):
                return one if loser is other else other
    places = f"{_place(one)} and {_place(other)}"
    raise BusError(
        f"two handlers are called {one.name!r}",
        why=f"{one.module} and {other.module} both have one: {places}",
        remedy="rename one of them",
        handlers=(one, other),
    )


def _place(handler: Handler) -> str:
    code = getattr(handler.function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else str(handler.function)


def _unknown_argument(handler: Handler, name: str) -> BusError:
    known = list(handler.parameters)
    listing = f"its arguments are {', '.join(known)}" if known else "it takes no arguments"
    hint = did_you_mean(name, known)
    return BusError(
        f"{handler.name} has no argument {name!r}",
        remedy=f"{hint} {listing}".strip(),
        message=handler.name,
        argument=name,
    )


def _wrong_type(handler: Handler, parameter: Parameter, value: object) -> BusError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return BusError(
        f"{handler.name}: {parameter.name} is no {parameter.type}",
        why=f"it is {shown} ({type(value).__name__})",
        remedy=f"pass {parameter.name} as {parameter.type}",
        message=handler.name,
        argument=parameter.name,
        value=value,
    )


def _missing(handler: Handler, parameter: Parameter) -> BusError:
    return BusError(
        f"{handler.name} needs the argument {parameter.name!r}",
        remedy=f"pass {parameter.name} as {parameter.type}",
        message=handler.name,
        argument=parameter.name,
    )
