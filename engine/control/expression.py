"""Expressions over a world: `Rock.size == 2 and Position.x > 480`, `count(Rock) > 0`, `Game.score >= 100`.

An expression is text from outside. It is parsed, never compiled: each kind of node that is allowed has its own few
lines here, all others are refused. Numbers are those of numpy, so that none grows without bound.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.control.names import Rows, field_named, resource_value, schema_named
from engine.ecs.world import World
from engine.errors import HotloopError, QueryError

LONGEST = 1_000
MOST_NODES = 200
MOST_NESTED = 20

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: lambda left, right: np.power(np.asarray(left, np.float64), right),
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: np.isin(left, right),
    ast.NotIn: lambda left, right: ~np.isin(left, right),
}
_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "abs": (1, np.abs),
    "sqrt": (1, np.sqrt),
    "sin": (1, np.sin),
    "cos": (1, np.cos),
    "floor": (1, np.floor),
    "round": (1, np.rint),
    "isnan": (1, np.isnan),
    "isfinite": (1, np.isfinite),
    "hypot": (2, np.hypot),
    "least": (2, np.minimum),
    "most": (2, np.maximum),
}
_REDUCTIONS: dict[str, Callable[[NDArray[Any]], Any]] = {
    "count": lambda found: int(np.count_nonzero(found)) if found.dtype == np.bool_ else int(found.shape[-1]),
    "sum": np.sum,
    "mean": lambda found: np.mean(found) if found.size else np.nan,
    "std": lambda found: np.std(found) if found.size else np.nan,
    "min": lambda found: np.min(found) if found.size else np.nan,
    "max": lambda found: np.max(found) if found.size else np.nan,
    "any": np.any,
    "all": np.all,
}
WORDS = (
    "write comparisons of fields like `Rock.size == 2 and Position.x > 480`, of resources like `Game.score >= 100`, "
    f"or of {', '.join(_REDUCTIONS)} over all rows, like `count(Rock) > 0`; functions are {', '.join(_FUNCTIONS)}; "
    "`tick` and `entity` are known"
)


class ExpressionError(QueryError):
    """A text is no expression, or asks for what is not there."""


class Expression:
    """An expression, parsed and checked; each evaluation looks at the world as it is then."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise self._wrong(f"it has {len(text)} characters, {LONGEST} are allowed")
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise self._wrong(str(getattr(error, "msg", None) or error)) from error
        if sum(1 for _ in ast.walk(self.tree)) > MOST_NODES or _depth(self.tree) > MOST_NESTED:
            raise self._wrong("it is too long or nested too deeply")
        self._check(self.tree)

    def _wrong(self, why: str) -> ExpressionError:
        return ExpressionError(f"{self.text[:80]!r} is no expression", why=why, remedy=WORDS)

    # ------------------------------------------------------------------ what is allowed

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Constant(value=bool() | int() | float() | str()):
                return
            case ast.Name():
                return
            case ast.Attribute():
                if _dotted(node) is None:
                    raise self._wrong("a dot may only follow a name")
                return
            case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                inner: list[ast.expr] = list(parts)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                inner = [left, right]
                if isinstance(op, ast.Pow) and not isinstance(right, ast.Constant):
                    raise self._wrong("an exponent has to be a number")
            case ast.UnaryOp(operand=operand, op=ast.USub() | ast.UAdd() | ast.Not()):
                inner = [operand]
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARE for op in ops):
                inner = [left, *others]
            case ast.Subscript(value=value, slice=ast.Constant(value=int())):
                inner = [value]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                self._check_call(name, arguments)
                inner = list(arguments)
            case _:
                raise self._wrong(f"{ast.unparse(node)[:60]!r} is not allowed")
        for part in inner:
            self._check(part)

    def _check_call(self, name: str, arguments: list[ast.expr]) -> None:
        if name not in _FUNCTIONS and name not in _REDUCTIONS:
            raise self._wrong(f"there is no function {name!r}")
        wanted = _FUNCTIONS[name][0] if name in _FUNCTIONS else 1
        if len(arguments) != wanted or any(isinstance(one, ast.Starred) for one in arguments):
            raise self._wrong(f"{name} takes {wanted} argument{'s' * (wanted > 1)}")

    # ------------------------------------------------------------------ what it is about

    def components(self, world: World) -> list[str]:
        """Return the components whose rows the expression is about, those inside `count(...)` and the like left out."""
        return list(dict.fromkeys(name for name, _ in self._subjects(self.tree, world)))

    def inner_components(self, world: World) -> list[str]:
        """Return the components inside `count(...)` and the like."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        inner = [part for call in calls if ast.unparse(call.func) in _REDUCTIONS for part in call.args]
        return list(dict.fromkeys(name for part in inner for name, _ in self._subjects(part, world)))

    def _subjects(self, node: ast.expr, world: World) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _REDUCTIONS:
            return
        if isinstance(node, ast.Attribute | ast.Name):
            kind, schema, field = self._find(node, world)
            if kind == "component":
                yield schema.name, field
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and child is node.func):
                yield from self._subjects(child, world)

    def _find(self, node: ast.Attribute | ast.Name, world: World) -> tuple[str, Any, str]:
        """Return (kind, schema, field) of a name, the field empty for a component as a whole."""
        name = _dotted(node)
        assert name is not None
        if name in ("tick", "entity"):
            return name, None, ""
        owner, dot, field = name.rpartition(".")
        try:
            schema = schema_named(world, owner if dot else name, "component", "resource")
        except QueryError as error:
            if not dot or name not in world.components:
                raise error from None
            schema, field = schema_named(world, name, "component"), ""
        if dot and field:
            field_named(schema, field)
        elif schema.kind == "resource":
            field = field_named(schema, "member").name
        else:
            field = ""
        return schema.kind, schema, field

    # ------------------------------------------------------------------ values

    def of_rows(self, rows: Rows) -> NDArray[Any]:
        """Return a value for every row. Raises `ExpressionError`."""
        found = self._evaluate(rows.world, rows, inside=True)
        if np.ndim(found) > 1:
            raise self._wrong("it has several numbers a row; pick one like `Polygon.xs[0]`")
        return np.broadcast_to(np.asarray(found), (len(rows),))

    def of_world(self, world: World) -> tuple[Any, Rows | None]:
        """Return one value, or a value for every row together with the rows. Raises `ExpressionError`."""
        components = self.components(world)
        if not components and not self._names_entity:
            return self._evaluate(world, None, inside=False), None
        rows = Rows(world, components)
        return self.of_rows(rows), rows

    def over(self, rows: Rows) -> Any:
        """Return the value of an aggregate like `mean(Velocity.x)` over these rows."""
        return self._evaluate(rows.world, rows, inside=False)

    def holds(self, world: World) -> tuple[bool, list[int]]:
        """Tell whether it is true, of all rows if it is about rows; return entities for which it is not."""
        found, rows = self.of_world(world)
        if rows is None:
            return bool(np.all(found)), []
        bad = ~np.asarray(found, np.bool_)
        return not bad.any(), [int(one) for one in rows.ids[bad]]

    @cached_property
    def _names_entity(self) -> bool:
        return any(isinstance(node, ast.Name) and node.id == "entity" for node in ast.walk(self.tree))

    def _evaluate(self, world: World, rows: Rows | None, *, inside: bool) -> Any:
        try:
            with np.errstate(all="ignore"):
                return self._value(self.tree, world, rows, inside)
        except HotloopError:
            raise
        except (TypeError, ValueError, ArithmeticError, IndexError) as error:
            raise self._wrong(str(error)[:200]) from error

    def _value(self, node: ast.expr, world: World, rows: Rows | None, inside: bool) -> Any:
        def value(part: ast.expr) -> Any:
            return self._value(part, world, rows, inside)

        match node:
            case ast.Constant(value=constant):
                return _constant(constant)
            case ast.Name() | ast.Attribute():
                return self._named(node, world, rows)
            case ast.BoolOp(op=op, values=parts):
                combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
                found = value(parts[0])
                for part in parts[1:]:
                    found = combine(found, value(part))
                return found
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return np.logical_not(value(operand))
            case ast.UnaryOp(op=op, operand=operand):
                return -_number(value(operand)) if isinstance(op, ast.USub) else _number(value(operand))
            case ast.BinOp(left=left, op=op, right=right):
                return _BINARY[type(op)](_number(value(left)), _number(value(right)))
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compare(value(left), ops, [value(other) for other in others])
            case ast.Subscript(value=inner, slice=ast.Constant(value=int(at))):
                return value(inner)[at]
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return np.array([value(part) for part in parts])
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
                return _FUNCTIONS[name][1](*(_number(value(argument)) for argument in arguments))
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                return self._reduce(name, argument, world, rows)
        raise self._wrong("it cannot be worked out")

    def _reduce(self, name: str, argument: ast.expr, world: World, rows: Rows | None) -> Any:
        components = list(dict.fromkeys(one for one, _ in self._subjects(argument, world)))
        if rows is None or not set(components) <= set(rows.components):
            rows = Rows(world, components)
        found = self._value(argument, world, rows, True)
        return _REDUCTIONS[name](np.broadcast_to(found, (len(rows),)) if np.ndim(found) == 0 else np.asarray(found))

    def _compare(self, left: Any, ops: list[ast.cmpop], others: list[Any]) -> Any:
        found: Any = True
        for op, right in zip(ops, others, strict=True):
            is_text = [np.asarray(side).dtype.kind == "U" for side in (left, right)]
            if is_text[0] != is_text[1] and np.size(left) and np.size(right):
                raise self._wrong("text is compared with a number")
            found, left = np.logical_and(found, _COMPARE[type(op)](left, right)), right
        return found

    def _named(self, node: ast.Attribute | ast.Name, world: World, rows: Rows | None) -> Any:
        kind, schema, field = self._find(node, world)
        if kind == "tick":
            return np.int64(world.tick)
        if kind == "resource":
            found = resource_value(world, schema, field)
            if isinstance(found, list | dict | tuple):
                return np.int64(len(found))
            return _constant(found) if isinstance(found, bool | int | float | str) else np.asarray(found)
        if rows is None:
            raise self._wrong("a field outside of count(...), max(...) and the like")
        if kind == "entity":
            return rows.ids.astype(np.int64)
        return rows.column(schema.name, field) if field else np.ones(len(rows), np.bool_)


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _depth(node: ast.AST) -> int:
    return 1 + max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)


def _constant(value: Any) -> Any:
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.int64(value)
    return np.float64(value) if isinstance(value, float) else np.str_(value)


def _number(value: Any) -> Any:
    """Return a value that may be reckoned with; text may not."""
    if np.asarray(value).dtype.kind not in "biuf":
        raise ValueError("text is no number")
    return value
