"""Checks of values against type annotations, made once per annotation: what a message's arguments must be."""

from __future__ import annotations

import collections.abc
import enum
import inspect
import json
import numbers
import os
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np

Check = Callable[[object], bool]


def check_of(annotation: Any) -> Check:
    """Return a test of values for an annotation.

    Known are builtins, `None`, unions, `Literal`, `Annotated`, paths, enums, and lists, sets, tuples and dicts with
    types of their own. An `int` counts as a `float`, a number of numpy as its Python kin, a bool as neither. Anything
    that is no class (a type variable, a protocol with no runtime check) admits every value.
    """
    annotation = _without_alias(annotation)
    if annotation is Any or annotation is object:
        return _anything
    if annotation is None or annotation is type(None):
        return lambda value: value is None
    if isinstance(annotation, type) and annotation in _PLAIN and not typing.get_args(annotation):
        return _PLAIN[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _any_of([check_of(argument) for argument in arguments])
    if origin is typing.Annotated:
        return check_of(arguments[0])
    if origin is typing.Literal:
        return lambda value: any(type(value) is type(known) and value == known for known in arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is not None:
        return _generic(origin, arguments)
    return _instance(annotation)


def _without_alias(annotation: Any) -> Any:
    """Return what a name made by a `type` statement stands for, its type arguments filled in."""
    origin = typing.get_origin(annotation) or annotation
    while hasattr(origin, "__value__") and hasattr(origin, "__type_params__"):
        value, arguments = origin.__value__, typing.get_args(annotation)
        annotation = value[arguments] if arguments and getattr(value, "__parameters__", ()) else value
        origin = typing.get_origin(annotation) or annotation
    return annotation


def _anything(value: object) -> bool:
    return True


def _is_float(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))


def _is_int(value: object) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))


_PLAIN: Mapping[type, Check] = types.MappingProxyType(
    {
        int: _is_int,
        float: _is_float,
        bool: lambda value: isinstance(value, (bool, np.bool_)),
        complex: lambda value: isinstance(value, numbers.Complex) and not isinstance(value, (bool, np.bool_)),
        Path: lambda value: isinstance(value, PurePath),
        PurePath: lambda value: isinstance(value, PurePath),
        os.PathLike: lambda value: isinstance(value, os.PathLike),
    }
)


def _any_of(checks: list[Check]) -> Check:
    return lambda value: any(check(value) for check in checks)


def _tuple(arguments: tuple[Any, ...]) -> Check:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = check_of(arguments[0])
        return lambda value: isinstance(value, tuple) and all(map(each, value))
    checks = [check_of(argument) for argument in arguments]
    return lambda value: (
        isinstance(value, tuple)
        and len(value) == len(checks)
        and all(check(item) for check, item in zip(checks, value, strict=True))
    )


def _generic(origin: Any, arguments: tuple[Any, ...]) -> Check:
    """Check a container's class, and its items where looking at them does not use them up."""
    outer = _instance(origin)
    if not isinstance(origin, type) or not arguments:
        return outer
    if issubclass(origin, Mapping) and len(arguments) == 2:
        key, item = check_of(arguments[0]), check_of(arguments[1])
        return lambda value: (
            outer(value) and isinstance(value, Mapping) and all(key(k) and item(v) for k, v in value.items())
        )
    holds_items = issubclass(origin, (Sequence, collections.abc.Set)) or origin in (
        Iterable,
        collections.abc.Collection,
    )
    if holds_items and len(arguments) == 1:
        each = check_of(arguments[0])
        return lambda value: (
            outer(value)
            and not isinstance(value, np.ndarray)
            and (not isinstance(value, (Sequence, collections.abc.Set)) or all(map(each, value)))
        )
    return outer


def _instance(annotation: Any) -> Check:
    if not isinstance(annotation, type):
        return _anything
    try:
        isinstance(None, annotation)
    except TypeError:
        return _anything
    return lambda value: isinstance(value, annotation)


def type_text(annotation: Any) -> str:
    """Return an annotation as a reader would write it: `list[str] | None`."""
    annotation = _without_alias(annotation)
    if annotation is Any:
        return "Any"
    if annotation is None or annotation is type(None):
        return "None"
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_text(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(type_text(argument) for argument in arguments)
    if origin is np.ndarray:
        return "array"
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None and arguments:
        inner = ", ".join("..." if argument is Ellipsis else type_text(argument) for argument in arguments)
        return f"{type_text(origin)}[{inner}]"
    if isinstance(annotation, type):
        return annotation.__name__
    return inspect.formatannotation(annotation)


def json_value(value: object) -> Any:
    """Return a value as JSON can hold it, at worst as its `repr`."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, PurePath):
        return str(value)
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return repr(value)
