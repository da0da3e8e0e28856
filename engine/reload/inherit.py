"""Methods that move to a base or to subclasses: a bound method that was taken before runs what took its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from engine.reload.functions import Functions, redirect
from engine.reload.instances import with_subclasses
from engine.reload.trace import attribute_of
from engine.reload.undo import Undo

Removed = tuple[type, str, FunctionType]
"""A class, the name of an attribute that it has no more, and the method that this was."""


class Choice:
    """Calls the method that the class of an object has by now, the one it had before if there is none."""

    def __init__(self, methods: Mapping[type, FunctionType], before: FunctionType) -> None:
        self.methods, self.before = methods, before

    def __call__(self, owner: Any, /, *arguments: Any, **words: Any) -> Any:
        found = (self.methods[cls] for cls in type(owner).__mro__ if cls in self.methods)
        return next(found, self.before)(owner, *arguments, **words)


def follow_methods(removed: Iterable[Removed], undo: Undo, functions: Functions) -> None:
    """Let methods which classes do not define any more call those that they inherit, or their subclasses have now."""
    for cls, name, function in removed:
        target: Any = attribute_of(cls, name)
        if target is None:
            below = {sub: sub.__dict__.get(name) for sub in with_subclasses(cls)}
            methods = {sub: one for sub, one in below.items() if isinstance(one, FunctionType)}
            target = Choice(methods, _copy(function)) if methods else None
        if isinstance(target, FunctionType | Choice) and target is not function:
            undo.push(functions.add, function)
            redirect(function, target, undo)


def _copy(function: FunctionType) -> FunctionType:
    made = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made
