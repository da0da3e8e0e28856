"""Defaults of functions inside functions, as far as they are plain values: live closures are given those too."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Defaults = tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def nested_defaults(node: ast.AST, prefix: str = "", inside: bool = False) -> Iterator[Defaults]:
    """Yield key, defaults and keyword defaults of nested functions; the key is that of `functions.code_tree`."""
    seen: dict[str, int] = {}
    is_scope = isinstance(node, (*_FUNCTIONS, ast.ClassDef))
    items: Iterable[Any] = [node] if is_scope and not prefix else _scopes(node)
    for item in items:
        number = seen[item.name] = seen.get(item.name, -1) + 1
        key = f"{prefix}{item.name}#{number}"
        if inside and isinstance(item, _FUNCTIONS):
            found = _plain_defaults(item.args)
            if found is not None:
                yield (key, *found)
        yield from nested_defaults(item, key + "/", inside or isinstance(item, _FUNCTIONS))


def _scopes(node: ast.AST) -> Iterator[Any]:
    """Yield the functions and classes directly inside a scope, in source order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            yield child
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _scopes(child)


def _plain_defaults(arguments: ast.arguments) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]] | None:
    names = [arg.arg for arg in arguments.kwonlyargs]
    try:
        given = tuple(ast.literal_eval(item) for item in arguments.defaults)
        words = tuple(
            (name, ast.literal_eval(item))
            for name, item in zip(names, arguments.kw_defaults, strict=True)
            if item is not None
        )
    except ValueError:
        return None
    plain = (int, float, complex, str, bytes, bool, type(None), tuple)
    return (given, words) if all(isinstance(value, plain) for value in (*given, *dict(words).values())) else None
