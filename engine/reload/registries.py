"""What the standard library lets code register with, seen as mappings: so it is taken back as an entry of a dict is."""

from __future__ import annotations

import abc
import atexit
import functools
import logging
import weakref
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from types import CellType, FunctionType
from typing import Any, cast

from engine.reload.functions import find_running

log = logging.getLogger("hotloop.reload")

_get_dump: Any = getattr(abc, "_get_dump", None)  # only where classes of this kind are written in C
_reset_registry: Any = getattr(abc, "_reset_registry", None)
_reset_caches: Any = getattr(abc, "_reset_caches", None)


class Registry(MutableMapping[Any, Any]):
    """Something to register with."""

    def content(self) -> dict[Any, Any]:
        """Return the entries as they are now."""
        raise NotImplementedError

    def __getitem__(self, key: Any) -> Any:
        return self.content()[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.content())

    def __len__(self) -> int:
        return len(self.content())


class Dispatch(Registry):
    """The functions of a `functools.singledispatch`, by type."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def content(self) -> dict[Any, Any]:
        return dict(self.function.registry)

    def __setitem__(self, key: Any, value: Any) -> None:
        table_of(self.function)[key] = value
        self.function._clear_cache()

    def __delitem__(self, key: Any) -> None:
        del table_of(self.function)[key]
        self.function._clear_cache()


def forget_choices() -> None:
    """Let every `functools.singledispatch` choose anew for classes that have other bases by now."""
    one: Any = functools.singledispatch(lambda _: None)
    for function in find_running([one.__code__]):
        registry = registry_of(function)
        if isinstance(registry, Dispatch):
            registry.function._clear_cache()


WEAK = (weakref.WeakSet, weakref.WeakKeyDictionary, weakref.WeakValueDictionary)


class Weakly(Registry):
    """A set or dict that does not keep what is in it alive; the elements of a set are keys and values both."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def content(self) -> dict[Any, Any]:
        return {one: one for one in self.held} if isinstance(self.held, weakref.WeakSet) else dict(self.held)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(self.held, weakref.WeakSet):
            self.held.add(value)
        else:
            self.held[key] = value

    def __delitem__(self, key: Any) -> None:
        if isinstance(self.held, weakref.WeakSet):
            self.held.discard(key)
        else:
            del self.held[key]


def table_of(function: Any) -> dict[Any, Any]:
    """Return the table behind a `functools.singledispatch`, which it shows as a read-only view only."""
    code = function.dispatch.__code__
    cell: CellType = function.dispatch.__closure__[code.co_freevars.index("registry")]
    return cast("dict[Any, Any]", cell.cell_contents)


class Subclasses(Registry):
    """The classes registered with an abstract one, by themselves."""

    def __init__(self, cls: abc.ABCMeta) -> None:
        self.cls = cls

    def content(self) -> dict[Any, Any]:
        found = [ref() for ref in _get_dump(self.cls)[0]]
        return {one: one for one in found if one is not None}

    def __setitem__(self, key: Any, value: Any) -> None:
        abc.ABCMeta.register(self.cls, key)

    def __delitem__(self, key: Any) -> None:
        others = [one for one in self.content() if one is not key]
        _reset_registry(self.cls)
        _reset_caches(self.cls)
        for one in others:
            abc.ABCMeta.register(self.cls, one)


class LogHandlers(Registry):
    """The handlers of all loggers, by the logger's name and the handler."""

    def content(self) -> dict[Any, Any]:
        known = logging.root.manager.loggerDict
        loggers = [logging.root, *(one for one in list(known.values()) if isinstance(one, logging.Logger))]
        return {(logger.name, id(handler)): handler for logger in loggers for handler in logger.handlers}

    def __setitem__(self, key: Any, value: Any) -> None:
        _logger(key[0]).addHandler(value)

    def __delitem__(self, key: Any) -> None:
        _logger(key[0]).removeHandler(self[key])


def _logger(name: str) -> logging.Logger:
    return logging.root if name == logging.root.name else logging.getLogger(name)


class ExitFunctions(Registry):
    """The functions that code has asked to be run at exit while this was listening."""

    def __init__(self) -> None:
        self.heard: dict[int, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {}
        self.given_back: dict[int, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {}

    def content(self) -> dict[Any, Any]:
        return {key: function for key, (function, _, _) in self.heard.items()}

    def __setitem__(self, key: Any, value: Any) -> None:
        _, arguments, words = self.heard.get(key) or self.given_back.get(key) or (value, (), {})
        if key in self.heard:
            atexit.unregister(self.heard[key][0])
        self.heard[key] = (value, arguments, words)
        atexit.register(value, *arguments, **words)

    def __delitem__(self, key: Any) -> None:
        self.given_back[key] = self.heard.pop(key)
        atexit.unregister(self.given_back[key][0])

    def run(self) -> None:
        """Run the functions now, the last first, and take them back; what one raises is logged."""
        for key in reversed(list(self.heard)):
            function, arguments, words = self.heard[key]
            del self[key]
            try:
                function(*arguments, **words)
            except Exception:
                log.exception("a function registered to run at exit failed")

    @contextmanager
    def listening(self, space: dict[str, Any]) -> Iterator[None]:
        """Hear of each function that is registered, also by a name in `space` for `atexit.register`."""
        register: Any = atexit.register

        def heard(function: Callable[..., Any], /, *arguments: Any, **words: Any) -> Any:
            self.heard[id(function)] = (function, arguments, words)
            return register(function, *arguments, **words)

        space.update(dict.fromkeys([name for name, value in space.items() if value is register], heard))
        atexit.register = heard
        try:
            yield
        finally:
            atexit.register = register
            for name in [name for name, value in space.items() if value is heard]:
                space[name] = register


def run_exit_functions(owners: Iterable[Any]) -> None:
    """Run what was registered to run at exit among the owners of effects: for the code that did so, this is the end."""
    for owner in owners:
        if isinstance(owner, ExitFunctions):
            owner.run()


def registry_of(value: Any) -> Registry | None:
    """Return what a value lets others register with, if it is one of those."""
    if isinstance(value, functools.singledispatchmethod):
        value = value.dispatcher
    if isinstance(value, FunctionType) and hasattr(value, "registry") and hasattr(value, "_clear_cache"):
        return Dispatch(value)
    if isinstance(value, abc.ABCMeta) and _get_dump is not None:
        return Subclasses(value)
    return None
