"""Record what a kernel does with one row: run it with stand-ins, once for each way through its branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.kernels.nodes import INEXACT, Graph, Node, UntraceableError

MOST_WAYS = 64
"""A kernel with more ways through its branches than this runs row by row."""

Place = tuple[int, str]
"""A field: the number of the component's parameter, and the field's name."""


@dataclass(frozen=True)
class Part:
    """A component parameter of a kernel, as the tables at hand store it.

    `dtypes` are those of the fields that hold one number, `fields` are all, with vectors, and whether each is several
    numbers; `mut` says that the kernel writes.
    """

    name: str
    dtypes: tuple[tuple[str, np.dtype[Any]], ...]
    fields: tuple[tuple[str, bool], ...]
    mut: bool


@dataclass
class Program:
    """A recorded kernel: which fields it reads, and the node that each field it writes ends up with."""

    graph: Graph
    reads: dict[Place, Node] = field(default_factory=dict)
    writes: dict[Place, Node] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        """The fields it needs, in a fixed order."""
        return sorted({*self.reads, *self.writes})

    @property
    def needed(self) -> list[Node]:
        """The nodes that the results need, each after what it is made of."""
        wanted: set[int] = set()
        todo = list(self.writes.values())
        while todo:
            node = todo.pop()
            if node.number not in wanted:
                wanted.add(node.number)
                todo += [one for one in node.args if isinstance(one, Node)]
        return [node for node in self.graph.nodes if node.number in wanted]

    @property
    def exact(self) -> bool:
        """Tell whether the result is the same to the last bit however it is computed."""
        return not any(node.op in INEXACT for node in self.needed if not node.uniform)


class Row:
    """Stands for one component of a row while a kernel is recorded."""

    def __init__(self, recorder: Recorder, number: int, part: Part) -> None:
        object.__setattr__(self, "_recorder", recorder)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_part", part)

    def __getattr__(self, name: str) -> Any:
        return self._recorder.read(self._number, self._part, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._recorder.write(self._number, self._part, name, value)


class Recorder:
    """Runs a kernel along one way after another and joins what it did on each."""

    def __init__(self, function: Callable[..., Any], parts: Sequence[Part], scalars: Sequence[type]) -> None:
        self.function, self.parts, self.scalars = function, parts, scalars
        self.graph = Graph(self._decide)
        self.program = Program(self.graph)
        self._way: list[tuple[Node, bool]] = []
        self._given: list[bool] = []
        self._now: dict[Place, Node] = {}

    def record(self) -> Program:
        """Return the recorded kernel; raise UntraceableError where that is not possible."""
        ways: list[tuple[list[tuple[Node, bool]], dict[Place, Node]]] = []
        while True:
            self._way, self._now = [], {}
            self._run()
            ways.append((self._way, self._now))
            if len(ways) > MOST_WAYS:
                raise UntraceableError("it has too many ways through its branches")
            decisions = [decision for _, decision in self._way]
            while decisions and not decisions[-1]:
                decisions.pop()
            if not decisions:
                break
            self._given = [*decisions[:-1], False]
        for place in {place for _, written in ways for place in written}:
            self.program.writes[place] = self._joined(place, ways, 0)
        return self.program

    def _run(self) -> None:
        rows = [Row(self, number, part) for number, part in enumerate(self.parts)]
        scalars = [self.graph.node("scalar", (number,), kind) for number, kind in enumerate(self.scalars)]
        try:
            returned = self.function(*rows, *scalars)
        except UntraceableError:
            raise
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise UntraceableError(f"{type(error).__name__}: {error}") from error
        if returned is not None:
            raise UntraceableError("it returns something")

    def _decide(self, condition: Node) -> bool:
        if condition.kind not in (bool, np.dtype(np.bool_)):
            condition = condition != 0
        for known, decision in self._way:
            if known is condition:
                return decision
        at = len(self._way)
        decision = self._given[at] if at < len(self._given) else True
        self._way.append((condition, decision))
        return decision

    def _joined(self, place: Place, ways: list[tuple[list[tuple[Node, bool]], dict[Place, Node]]], depth: int) -> Node:
        """Return the value of a field over all ways, which part at the same condition."""
        if len(ways) == 1:
            node = ways[0][1].get(place)
            return self._original(place) if node is None else node
        condition = ways[0][0][depth][0]
        yes = [way for way in ways if way[0][depth][1]]
        no = [way for way in ways if not way[0][depth][1]]
        if not yes or not no:
            return self._joined(place, ways, depth + 1)
        return self.graph.select(
            condition, self._joined(place, yes, depth + 1), self._joined(place, no, depth + 1), self._kind(place)
        )

    def _kind(self, place: Place) -> np.dtype[Any]:
        return dict(self.parts[place[0]].dtypes)[place[1]]

    def _original(self, place: Place) -> Node:
        node = self.graph.node("field", place, self._kind(place))
        self.program.reads[place] = node
        return node

    def read(self, number: int, part: Part, name: str) -> Node:
        """Return what a field holds at this point."""
        if name not in dict(part.dtypes):
            raise UntraceableError(f"{part.name}.{name} is no field with one number")
        node = self._now.get((number, name))
        return self._original((number, name)) if node is None else node

    def write(self, number: int, part: Part, name: str, value: Any) -> None:
        """Note a new value of a field."""
        if name not in dict(part.dtypes) or not part.mut:
            raise UntraceableError(f"{part.name}.{name} is not written")
        self._now[number, name] = self.graph.cast(value, self._kind((number, name)))
