"""The log that leads back: every change of live code is noted before it is made."""

from __future__ import annotations

import logging
import operator
import sys
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

log = logging.getLogger("hotloop.reload")

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "<missing>"})()
"""Stands for a name that is not bound."""

Namespace = dict[str, Any]


class Undo:
    """Notes how to restore what is about to change; `rewind` restores all of it, the latest first."""

    def __init__(self) -> None:
        self._steps: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self._spaces: dict[int, Namespace] = {}

    def __len__(self) -> int:
        return len(self._steps)

    def push(self, step: Callable[..., Any], *arguments: Any) -> None:
        """Note a call that restores something."""
        self._steps.append((step, arguments))

    def push_last(self, step: Callable[..., Any], *arguments: Any) -> None:
        """Note a call to make when everything else has been restored."""
        self._steps.insert(0, (step, arguments))

    def rewind(self) -> None:
        """Restore everything; a step that fails is logged and does not keep the others from being taken."""
        while self._steps:
            step, arguments = self._steps.pop()
            try:
                step(*arguments)
            except Exception:
                log.exception("a step back failed")
        self._spaces.clear()

    def clear(self) -> None:
        """Forget everything: there is no way back any more."""
        self._steps.clear()
        self._spaces.clear()

    def touched(self) -> set[str]:
        """Return the Python names of the modules in which something may be other than noted.

        A namespace that was noted and is as it was does not count; a function or class that a step leads back does.
        """
        found = set()
        for step, arguments in self._steps:
            if step is restore_dict:
                space, before = arguments
                if not is_as_noted(space, before):
                    found.add(space.get("__name__"))
                continue
            for one in arguments:
                if isinstance(one, FunctionType | type):
                    found.add(one.__module__)
                elif isinstance(one, ModuleType):
                    found.add(one.__name__)
                elif type(one) is dict:
                    found.add(one.get("__name__"))
        return {name for name in found if isinstance(name, str)}

    # ---------------------------------------------------------------- what is noted often
    def namespace(self, space: Namespace) -> None:
        """Note all bindings of a namespace, once."""
        if id(space) not in self._spaces:
            self._spaces[id(space)] = space
            self.push(restore_dict, space, dict(space))

    def bind(self, space: Namespace, name: str, value: Any) -> None:
        """Bind a name, or unbind it for `MISSING`."""
        self.push(put, space, name, space.get(name, MISSING))
        put(space, name, value)

    def attribute(self, cls: type, name: str, value: Any) -> None:
        """Set an attribute of a class, or delete it for `MISSING`, past what its metaclass says to that."""
        self.push(set_on_class, cls, name, cls.__dict__.get(name, MISSING))
        set_on_class(cls, name, value)

    def member(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of any other object."""
        self.push(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    def cell(self, cell: Any, value: Any) -> None:
        """Put a value into a closure's cell."""
        try:
            old = cell.cell_contents
        except ValueError:
            self.push(_empty_cell, cell)
        else:
            self.push(setattr, cell, "cell_contents", old)
        cell.cell_contents = value

    def function(self, function: FunctionType) -> None:
        """Note everything of a function that a patch may change."""
        self.push(_restore_function, function, function_state(function))

    def module_entry(self, name: str, module: ModuleType | None) -> None:
        """Put a module into `sys.modules` and onto its package, or take it away for None."""
        old = sys.modules.get(name)
        self.push(set_module, name, old)
        set_module(name, module)


def put(space: Namespace, name: str, value: Any) -> None:
    """Bind a name, or unbind it for `MISSING`."""
    if value is MISSING:
        space.pop(name, None)
    else:
        space[name] = value


def set_fields(target: Any, fields: dict[str, Any]) -> None:
    """Give an object its earlier attributes back."""
    target.__dict__.clear()
    target.__dict__.update(fields)


def restore_dict(target: dict[Any, Any], content: dict[Any, Any]) -> None:
    """Give a dict its earlier content and order back."""
    if is_as_noted(target, content):
        return
    target.clear()
    target.update(content)


def put_content(target: Any, content: Any) -> None:
    """Give a dict, list, deque or set other content, whatever its class makes of single entries."""
    if isinstance(target, dict):
        kind = dict_kind(target)
        kind.clear(target)
        for key, value in content.items():
            kind.__setitem__(target, key, value)
    elif isinstance(target, deque):
        deque.clear(target)
        deque.extend(target, content)
    elif isinstance(target, list):
        list.__setitem__(target, slice(None), content)
    else:
        set.clear(target)
        set.update(target, content)


def dict_kind(one: dict[Any, Any]) -> Any:
    """Return the class whose methods know the entries of a dict and their order."""
    return OrderedDict if isinstance(one, OrderedDict) else dict


def is_as_noted(target: dict[Any, Any], content: dict[Any, Any]) -> bool:
    """Tell whether a dict holds the very same objects in the same order."""
    return (
        len(target) == len(content)
        and all(map(operator.is_, target, content))
        and all(map(operator.is_, target.values(), content.values()))
    )


def set_on_class(cls: type, name: str, value: Any) -> None:
    """Set or delete an attribute in a class's own namespace."""
    if value is not MISSING:
        type.__setattr__(cls, name, value)
    elif name in cls.__dict__:
        type.__delattr__(cls, name)


def function_state(function: FunctionType) -> tuple[Any, ...]:
    """Return what `_restore_function` needs."""
    annotations = function.__annotations__
    return (
        function.__code__,
        function.__defaults__,
        function.__kwdefaults__,
        function.__doc__,
        function.__name__,
        function.__qualname__,
        function.__module__,
        dict(function.__dict__),
        (annotations, dict(annotations)),
        getattr(function, "__type_params__", ()),
    )


def _restore_function(function: FunctionType, state: tuple[Any, ...]) -> None:
    if function.__code__ is not state[0]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            function.__code__ = state[0]
    function.__defaults__, function.__kwdefaults__ = state[1:3]
    function.__doc__, function.__name__, function.__qualname__ = state[3:6]
    function.__module__ = state[6]
    restore_dict(function.__dict__, state[7])
    annotations, content = state[8]
    restore_dict(annotations, content)
    function.__annotations__ = annotations
    if state[9] or getattr(function, "__type_params__", ()):
        function.__type_params__ = state[9]  # type: ignore[attr-defined]


def _empty_cell(cell: Any) -> None:
    del cell.cell_contents


def set_module(name: str, module: ModuleType | None) -> None:
    """Put a module into `sys.modules` and onto its package, or take it away for None."""
    parent, _, child = name.rpartition(".")
    package = sys.modules.get(parent) if parent else None
    old = sys.modules.get(name)
    if module is None:
        sys.modules.pop(name, None)
        if package is not None and old is not None and package.__dict__.get(child) is old:
            del package.__dict__[child]
    else:
        sys.modules[name] = module
        if package is not None:
            package.__dict__[child] = module
