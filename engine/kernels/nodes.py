"""What a kernel computes, as a graph: each node is one operation on the values of a row, with numpy's own dtypes."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

Kind = Any
"""A numpy dtype; or float, int or bool for what depends on scalars alone and adapts to the columns it meets."""

BINARY: dict[str, Any] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.true_divide,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "pow": np.power,
    "arctan2": np.arctan2,
    "hypot": np.hypot,
}
UNARY: dict[str, Any] = {
    "neg": np.negative,
    "abs": np.absolute,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "exp": np.exp,
    "log": np.log,
}
INEXACT = frozenset({"pow", "arctan2", "hypot", "sin", "cos", "tan", "exp", "log"})
"""Operations whose last bits depend on who computes them."""
PLAIN: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "pow": operator.pow,
    "neg": operator.neg,
    "abs": abs,
}
"""Operations on scalars alone: Python's own."""
BITS = frozenset({"and", "or", "xor"})
COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


class UntraceableError(Exception):
    """The function does something that cannot be recorded; it runs row by row instead."""


class Node:
    """One value of a row, or, where `kind` is a Python type, of the call."""

    __slots__ = ("args", "graph", "kind", "number", "op")
    __hash__ = object.__hash__

    def __init__(self, graph: Graph, number: int, op: str, args: tuple[Any, ...], kind: Kind) -> None:
        self.graph, self.number, self.op, self.args, self.kind = graph, number, op, args, kind

    @property
    def uniform(self) -> bool:
        """Tell whether the value is the same for all rows."""
        return isinstance(self.kind, type)

    def __bool__(self) -> bool:
        return self.graph.decide(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = next((name for name, known in (*BINARY.items(), *UNARY.items()) if known is ufunc), None)
        if name is None or method != "__call__" or options:
            raise UntraceableError(f"np.{ufunc.__name__} is not recorded")
        return self.graph.apply(name, *inputs)

    def __getattr__(self, name: str) -> Any:
        raise UntraceableError(f"a number's .{name} is not recorded")

    def __add__(self, other: Any) -> Any:
        return self.graph.apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.graph.apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.graph.apply("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.graph.apply("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.graph.apply("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.graph.apply("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.graph.apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.graph.apply("div", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.graph.apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.graph.apply("pow", other, self)

    def __and__(self, other: Any) -> Any:
        return self.graph.apply("and", self, other)

    def __rand__(self, other: Any) -> Any:
        return self.graph.apply("and", other, self)

    def __or__(self, other: Any) -> Any:
        return self.graph.apply("or", self, other)

    def __ror__(self, other: Any) -> Any:
        return self.graph.apply("or", other, self)

    def __xor__(self, other: Any) -> Any:
        return self.graph.apply("xor", self, other)

    def __rxor__(self, other: Any) -> Any:
        return self.graph.apply("xor", other, self)

    def __lt__(self, other: Any) -> Any:
        return self.graph.apply("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return self.graph.apply("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.graph.apply("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.graph.apply("ge", self, other)

    def __eq__(self, other: Any) -> Any:
        return self.graph.apply("eq", self, other)

    def __ne__(self, other: Any) -> Any:
        return self.graph.apply("ne", self, other)

    def __neg__(self) -> Any:
        return self.graph.apply("neg", self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.graph.apply("abs", self)


class Graph:
    """The nodes of one kernel; equal operations are one node. `decide` answers `if`, as its owner says."""

    def __init__(self, decide: Callable[[Node], bool]) -> None:
        self.decide = decide
        self.nodes: list[Node] = []
        self._known: dict[tuple[Any, ...], Node] = {}

    def node(self, op: str, args: tuple[Any, ...], kind: Kind) -> Node:
        """Return the node of an operation."""
        key = (op, tuple(one.number if isinstance(one, Node) else (type(one), repr(one)) for one in args), kind)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Node(self, len(self.nodes), op, args, kind)
            self.nodes.append(found)
        return found

    def kind_of(self, value: Any) -> Kind:
        """Return the kind of a node or a number; raise UntraceableError for anything else."""
        if isinstance(value, Node):
            return value.kind
        if type(value) in (bool, int, float):
            return type(value)
        if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
            return value.dtype
        raise UntraceableError(f"{type(value).__name__} is no number")

    def apply(self, name: str, *inputs: Any) -> Node:
        """Return the node of an operation on nodes and numbers, typed as numpy types it."""
        kinds = [self.kind_of(one) for one in inputs]
        if all(isinstance(kind, type) for kind in kinds):
            return self._scalar(name, inputs, kinds)
        if name in BITS and any(isinstance(kind, type) for kind in kinds):
            raise UntraceableError("bits of scalars are not recorded")
        ufunc = BINARY.get(name) or UNARY[name]
        try:
            *wanted, result = ufunc.resolve_dtypes((*[_number_kind(kind) for kind in kinds], None))
        except TypeError as error:
            raise UntraceableError(str(error)) from error
        if any(kind.char not in "?bBhHiIlLqQfd" for kind in (*wanted, result)):
            raise UntraceableError(f"{result} is not compiled")
        pairs = zip(inputs, wanted, strict=True)
        return self.node(name, tuple(self.cast(one, kind) for one, kind in pairs), result)

    def _scalar(self, name: str, inputs: tuple[Any, ...], kinds: list[Kind]) -> Node:
        if name not in PLAIN:
            raise UntraceableError(f"{name} of scalars alone is not recorded")
        if name in COMPARISONS:
            kind: type = bool
        else:
            kind = float if name == "div" or float in kinds else int
            if name == "pow" and kind is int:
                raise UntraceableError("powers of whole scalars are not recorded")
        return self.node(name, inputs, kind)

    def cast(self, value: Any, kind: Kind) -> Node:
        """Return a value as a dtype."""
        # A dtype is equal to the Python type it is made of; a scalar of that type still has to be converted.
        if isinstance(value, Node) and not value.uniform and value.kind == kind:
            return value
        given = self.kind_of(value)
        if not isinstance(value, Node):
            if not isinstance(given, type):
                # A numpy scalar of the game: it has a dtype of its own, and never changes.
                return self.node("constant", (given.type(value).astype(kind).item(),), kind)
            return self.node("constant", (_fitting(value, kind),), kind)
        if given is int and kind.kind in "iu" and kind.itemsize < 8:
            raise UntraceableError(f"a whole scalar may not fit into {kind}")
        if not isinstance(given, type) and given.kind == "f" and kind.kind != "f":
            raise UntraceableError(f"{given} to {kind} is not compiled")
        return self.node("cast", (value,), kind)

    def select(self, condition: Node, one: Any, other: Any, kind: Kind) -> Node:
        """Return `one` where the condition holds, else `other`, as a dtype."""
        first, second = self.cast(one, kind), self.cast(other, kind)
        return first if first is second else self.node("select", (condition, first, second), kind)


def _number_kind(kind: Kind) -> Kind:
    """Return a kind as numpy's promotion takes it: a Python bool counts as numpy's."""
    return np.dtype(np.bool_) if kind is bool else kind


def _fitting(value: float, kind: np.dtype[Any]) -> float:
    """Return a Python number that a dtype holds, rounded as numpy does it."""
    try:
        with np.errstate(all="ignore"):
            fitted: float = np.array(value, kind).item()
    except (OverflowError, ValueError) as error:
        raise UntraceableError(f"{value} is out of range of {kind}") from error
    if kind.kind in "iu" and fitted != value:
        raise UntraceableError(f"{value} is no {kind}")
    return fitted
